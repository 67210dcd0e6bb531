"""Payment card numbers, by the Luhn check (ISO/IEC 7812-1, annex B) and the issuer's prefix.

One number in ten passes Luhn by chance, so the prefix, the length and the grouping must fit too.
Timestamps, ISBNs, phone and order numbers fail one of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.secrets.spans import SecretSpan

if TYPE_CHECKING:
    from collections.abc import Iterator

_GATE = re.compile(r"\d[\d\s.\u2013-]{12}")
_GAP = r"[ \t\u00a0\u2009\u202f\r\n.\u2013-]{1,3}"
_NUMBER = re.compile(
    rf"""(?<![\w+])(?<!\d[./-])(?:
      (?P<joined>\d{{13,19}})
    | (?P<fours>\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}})(?P<tail>[ -]\d{{1,3}})?(?!\d)
    | (?P<odd>\d{{4}}{_GAP}\d{{6}}{_GAP}\d{{4,5}})
    | (?P<spelt>(?<!\d[ -])\d(?:[ -]\d){{12,18}}(?![ -]\d))
    )(?!\w)(?![.-]\d)""",
    re.VERBOSE,
)
_AFTER = re.compile(
    r"\W{1,3}(?:exp\w*\W{1,3})?\d\d ?/ ?\d\d(?:\d\d)?[ ,;/|]{1,3}(\d{3,4})(?![\w/.-])"
)
_CONTEXT = re.compile(
    r"card|visa|master|amex|maestro|credit|debit|karte|tarjeta|carte|cartão|\bcc\b", re.IGNORECASE
)

_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (2200, 2204, frozenset({16})),  # Mir
    (2221, 2720, frozenset({16})),  # Mastercard
    (3000, 3059, frozenset({14})),  # Diners Club
    (3095, 3095, frozenset({14})),
    (3400, 3499, frozenset({15})),  # American Express
    (3528, 3589, frozenset({16, 17, 18, 19})),  # JCB
    (3600, 3699, frozenset({14, 16, 19})),  # Diners Club
    (3700, 3799, frozenset({15})),  # American Express
    (3800, 3999, frozenset({14, 16, 19})),  # Diners Club
    (4000, 4999, frozenset({13, 16, 19})),  # Visa
    (5000, 5099, frozenset({16, 18, 19})),  # Maestro, Elo, RuPay
    (5100, 5599, frozenset({16})),  # Mastercard
    (5600, 5899, frozenset({16, 18, 19})),  # Maestro
    (6011, 6011, frozenset({16, 19})),  # Discover
    (6040, 6049, frozenset({16})),
    (6200, 6299, frozenset({16, 17, 18, 19})),  # UnionPay
    (6304, 6304, frozenset({16, 18, 19})),  # Maestro
    (6390, 6390, frozenset({16, 18, 19})),
    (6440, 6599, frozenset({16, 19})),  # Discover, RuPay
    (6759, 6763, frozenset({16, 18, 19})),  # Maestro
    (8100, 8299, frozenset({16, 19})),  # UnionPay, RuPay
)


def find_cards(text: str) -> Iterator[SecretSpan]:
    """Yield card numbers in text order, and the check digits that follow an expiry date."""
    if not _GATE.search(text):
        return
    previous_stop = -9
    position = 0
    while match := _NUMBER.search(text, position):
        position = match.start() + 1
        stop = _card_stop(text, match)
        if stop is None:
            continue
        start = match.start()
        # Rows of four-digit figures make chance hits: beside another figure, ask for more.
        crowded = _is_figure(text[stop : stop + 6].lstrip(" ")) or _is_figure(
            text[max(start - 6, 0) : start].rstrip(" ")[::-1]
        )
        if (
            crowded
            and match["fours"]
            and start - previous_stop > 2
            and not _has_neighbour(text, stop)
            and not _has_context(text, start)
        ):
            continue
        yield SecretSpan(start, stop, "card")
        previous_stop = position = stop
        if after := _AFTER.match(text, stop):
            yield SecretSpan(after.start(1), after.end(1), "code")


def _card_stop(text: str, match: re.Match[str]) -> int | None:
    """Return where the card number ends, or None where it is none."""
    if match["fours"]:
        for stop in (match.end(), match.end("fours")):
            if _is_card(_digits(text[match.start() : stop])):
                return stop
        return None
    digits = _digits(match.group())
    if not _is_card(digits):
        return None
    # Thirteen digits are mostly article numbers and phones, a number in a path mostly an id.
    in_path = text[match.start() - 1 : match.start()] in {"/", "="} if match.start() else False
    if (len(digits) == 13 or in_path) and not _has_context(text, match.start()):
        return None
    return match.end()


def _has_context(text: str, start: int) -> bool:
    return _CONTEXT.search(text, max(start - 40, 0), start) is not None


def _has_neighbour(text: str, stop: int) -> bool:
    following = _NUMBER.match(text, stop + 1)
    return following is not None and _card_stop(text, following) is not None


def _is_figure(neighbour: str) -> bool:
    return len(neighbour) >= 4 and neighbour[:4].isdigit() and not neighbour[4:5].isdigit()


def _digits(number: str) -> list[int]:
    return [int(character) for character in number if character.isdigit()]


def _is_card(digits: list[int]) -> bool:
    prefix = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3]
    if not any(low <= prefix <= high and len(digits) in n for low, high, n in _ISSUERS):
        return False
    doubled = (digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1
