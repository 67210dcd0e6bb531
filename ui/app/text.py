"""Values as words: dates, sizes and highlighted text, for every screen the same."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from memassist.assistant.results import Hit
    from memassist.store.items import Item

AROUND_CHARACTERS = 20_000
"""Text shown on either side of a span: a book would take seconds to wrap."""
_WORD = re.compile(r"\w+")
_CONTROL = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\n\t"} | {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if code != 0x85
}
"""What a terminal would obey, and marks that turn the direction of writing."""
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_TELLING = re.compile(
    r"\d[\d.,:/-]*(?:st|nd|rd|th)?(?:\s*(?:%|€|euros?\b|dollars?\b|pounds?\b))?"
    rf"|\b(?:{_MONTHS}|{_DAYS})\b"
    # A capital within a sentence: mostly a name. The first word of one is none for that.
    r"|(?<=[a-zß-ÿ,;] )[A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+)*"
)
"""What an answer mostly is: a date, a sum or a name."""
_SHORT_WORDS = frozenset(
    """
    the and for are was were has had did does what when where which who whom why how with that
    this from about you your
    """.split()  # noqa: SIM905 - a list would be a column of 30 lines
)


def safe(text: str) -> str:
    """Return text of the same length that no terminal takes for commands.

    What was taken in may hold escape sequences, written by anybody.
    """
    return text.translate(_CONTROL)


def one_line(text: str, length: int) -> str:
    """Return text without line breaks, cut to `length` characters."""
    flat = safe(" ".join(text[: length * 4].split()))
    return flat if len(flat) <= length else f"{flat[: length - 1].rstrip()}…"


def day_of(moment: datetime | None) -> str:
    """Return a date as `12 May 2026`, `no date` for None."""
    return "no date" if moment is None else f"{moment.day} {moment:%b %Y}"


def moment_of(moment: datetime | None) -> str:
    """Return a date and time as `12 May 2026 14:03`."""
    return "no date" if moment is None else f"{day_of(moment)} {moment:%H:%M}"


def day_of_ms(milliseconds: int | None) -> str:
    """Return milliseconds since 1970 as a date of this machine's zone."""
    if milliseconds is None:
        return "no date"
    try:
        return day_of(datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone())
    except (ValueError, OverflowError, OSError):  # a year beyond 9999
        return "no date"


def size_of(size_bytes: int) -> str:
    """Return bytes as `1.2 MB`."""
    size = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def duration_of(seconds: int) -> str:
    """Return seconds as `about 3 min`."""
    return f"about {short_duration_of(seconds)[1:]}"


def short_duration_of(seconds: int) -> str:
    """Return seconds as `~3 min`."""
    if seconds < 60:
        return f"~{seconds} s"
    return f"~{round(seconds / 60)} min" if seconds < 5400 else f"~{round(seconds / 3600)} h"


def parse_day(text: str) -> date | None:
    """Return the last day of what was typed: a day, a month or a year."""
    parts = text.strip().split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return date(numbers[0], 12, 31)
        if len(numbers) == 2:
            year, month = numbers
            following = date(year + month // 12, month % 12 + 1, 1) if month <= 12 else None
            return None if following is None else following - timedelta(days=1)
        return date(*numbers) if len(numbers) == 3 else None
    except (ValueError, OverflowError):
        return None


def count_of(number: int, noun: str) -> str:
    """Return `1 item`, `2,000 items`."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def short_path(path: Path) -> str:
    """Return a path with `~` for the person's home directory."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def telling_words(query: str) -> list[str]:
    """Return the words of a query that are worth marking in a text."""
    return [
        word
        for word in _WORD.findall(query.casefold()[:500])
        if len(word) > 2 and word not in _SHORT_WORDS
    ]


def marked(text: str, words: Iterable[str], style: str = "bold $text-accent") -> Content:
    """Return text with the words, and other forms of them, in a style."""
    stems = tuple({word if len(word) < 5 else word[: max(4, len(word) - 3)] for word in words})
    content = Content(safe(text))
    if not stems:
        return content
    for match in _WORD.finditer(text):
        if match[0].casefold().startswith(stems):
            content = content.stylize(style, match.start(), match.end())
    return content


def quoted(answer: str) -> Content:
    """Return quoted sentences, one a line, with the dates, sums and names in them marked."""
    lines = []
    for line in answer.splitlines():
        content = Content(f"▏ {safe(line)}")
        for match in _TELLING.finditer(line):
            content = content.stylize("bold $text-accent", match.start() + 2, match.end() + 2)
        lines.append(content)
    return Content("\n").join(lines)


def excerpt(text: str, start: int, stop: int) -> tuple[str, int, int]:
    """Return the text around a span, and the span's place in it.

    Line breaks other than `\\n` become `\\n` or a blank of the same length, as widgets count lines
    by them.
    """
    first = max(0, start - AROUND_CHARACTERS)
    last = min(len(text), stop + AROUND_CHARACTERS)
    cut = text[first:last].replace("\r\n", " \n").replace("\r", "\n")
    cut = re.sub("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", cut)
    cut = safe(cut)
    before = f"… {first:,} characters before …\n" if first else ""
    after = f"\n… {len(text) - last:,} characters after …" if last < len(text) else ""
    return before + cut + after, start - first + len(before), stop - first + len(before)


def conversation(
    items: Sequence[Item], item_id: str, start: int, stop: int
) -> tuple[str, int, int]:
    """Return messages under each other, and where a span of one of them stands in that."""
    parts: list[str] = []
    length = first = last = 0
    for item in items:
        head = f"{speaker_of(item)} · {moment_of(item.occurred_at)}\n"
        text, begin, end = excerpt(item.text, *((start, stop) if item.id == item_id else (0, 0)))
        if item.id == item_id:
            first, last = length + len(head) + begin, length + len(head) + end
        parts.append(f"{head}{text}")
        length += len(parts[-1]) + 2
    return "\n\n".join(parts), first, last


def place_in(text: str, quote: str) -> tuple[int, int]:
    """Return where a quote stands in a text; the beginning where it does not."""
    start = text.find(quote)
    if start < 0:
        return 0, 0
    return start, start + len(quote)


def origin_of(item: Item) -> str:
    """Return who or what an item is from, in a few words."""
    parts = [item.author or ("you" if item.is_owner and item.kind == "message" else "")]
    if item.title and item.title != parts[0]:
        parts.append(item.title)
    return one_line(" · ".join(part for part in parts if part) or source_name(item.source), 100)


def speaker_of(item: Item) -> str:
    """Return who said an item, in a few words."""
    return one_line(item.author or ("you" if item.is_owner else item.role), 40)


def source_name(source: str | None) -> str:
    """Return the name of a source without its kind."""
    return (source or "").partition(":")[2]


def hit_prompt(hit: Hit, words: list[str], length: int = 160) -> Content:
    """Return a hit as a list shows it: what it is, then its words."""
    body = marked(one_line(_from_first(hit.text, words), length), words)
    if hit.kind == "memory":
        label = Content.styled(f"{hit.memory_type} memory", "$text-secondary")
    else:
        origin = " · ".join(part for part in (hit.author, hit.title, hit.place) if part)
        origin = origin or source_name(hit.source)
        label = Content.styled(
            f"{day_of(hit.occurred_at)}  {one_line(origin, 60)}", "$foreground-muted"
        )
    return Content("\n").join([label, body])


def _from_first(text: str, words: list[str]) -> str:
    """Return the text from shortly before the first word that was looked for."""
    folded = text.casefold()
    places = [place for word in words if (place := folded.find(word)) >= 0]
    first = min(places, default=0)
    if first < 80:
        return text
    start = text.find(" ", first - 60)
    return f"…{text[start:]}"
