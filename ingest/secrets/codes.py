"""Short numbers that open something: one-time codes, PINs, card check numbers, door codes, and
the word lists that restore a wallet (BIP 39).

A short number is a secret by its announcement alone, so each announcement is spelt out; "area
code", "error code" and "promo code" are not among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.secrets.spans import SecretSpan

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(r"(?:\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d{4,8})(?!\w)(?![.,:/-]\d)")
_BEFORE_CHARACTERS = 80
"""How much of what precedes a number can announce it."""
_UNIT = re.compile(
    r"[\"'`*]{0,2}\s(?:lines?|characters?|chars?|bytes?|digits?|words?|files?|of|times)\b",
    re.IGNORECASE,
)
_IS = (
    r"(?:\s(?:number|code|is|was|will\sbe|for\s[^\n.!?:]{1,40}?\sis|ist|lautet|es|est|è|é|to)){0,3}"
)
_SEPARATOR = r"(?:\s?[:=#-]|\s?->)?[\s\"'`*(]{1,4}"

_ANNOUNCED = re.compile(
    rf"""(?<![a-z])(?i:
        (?:one[- ]?time|verification|security|confirmation|authentication|authorization|auth
          |log-?in|sign[- ]?in|access|2fa|mfa|two[- ]factor|2[- ]step|sms|otp|door|front\sdoor|gate
          |alarm|entry|safe|lock|lockbox|garage|unlock|backup|recovery|keypad|building|voicemail)
          [ -](?:pass)?(?:codes?|password)
      | (?:google|apple|microsoft|amazon|paypal|facebook|instagram|whatsapp|telegram|signal|discord
          |steam|uber|airbnb|linkedin|twitter|tiktok|github|revolut)\scode
      | (?:enter|use|type)\s(?:the\s|this\s)?code | (?:^|(?<=\n))[ \t>*]{{0,8}}code(?=\s?[:=])
      | otp(?:\scode)? | one-time\spassword | passcode
      | (?:your|my|our|the)\s(?:(?-i:[A-Z])\w+\s)?code(?=\s?(?:is|:|=))
      | (?:bestätigungs|sicherheits|verifizierungs|einmal|zugangs|aktivierungs|anmelde|tür)-?code
      | (?:dein|ihr|der)\scode | (?-i:m?TAN)
      | c[óo]digo\sde\s(?:verificaci[óo]n|seguridad|acceso|confirmaci[óo]n) | (?:tu|su)\sc[óo]digo
      | code\sde\s(?:v[ée]rification|s[ée]curit[ée]|confirmation) | votre\scode
      | codice\sdi\s(?:verifica|sicurezza) | c[óo]digo\sde\sverifica[çc][ãa]o
      | 验证码 | 驗證碼 | 認証コード | 인증번호
    )(?:{_IS}{_SEPARATOR}|[:\uff1a]\s?|是\s?)(?:(?-i:[A-Z])-)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_IS_YOURS = re.compile(
    r"""[\s*"'`]{1,3}(?:is|ist|es|est)\s(?:your|the|my|a|dein|ihr|tu|su|votre)\s
    (?:(?!of\s)[\w'-]+\s){0,4}?
    (?:(?:pass|[a-zäö]+-?)?code|otp|one-time|pin|password|c[óo]digo)(?![a-z])""",
    re.VERBOSE | re.IGNORECASE,
)
_STARTS_ALONE = re.compile(r"(?:^|[^\w.,:/-]|\b[A-Z]-)$")
_USE = re.compile(
    r"""(?<![a-z])(?:use|enter|type|input|reply\swith)\s(?:(?:the|this|your)\s)?
    (?:(?:code|otp|pin)\s)?$""",
    re.VERBOSE | re.IGNORECASE,
)
_TO_SIGN_IN = re.compile(
    r"""\s(?:(?:to|for)\s(?:verify|confirm|sign|log|complete|authenticate|access|reset|unlock|finish)
    |as\syour\s(?:[\w-]+\s){0,2}(?:code|otp|pin|password))""",
    re.VERBOSE | re.IGNORECASE,
)
_PIN = re.compile(
    r"""(?<![a-z])(?:(?-i:PINs?)|pin|geheimzahl|puk2?)(?:[ -](?:code|number|nummer))?(?![a-z-])
    (?:\s(?:for|of|to|für|de)\s[^\n.!?:=]{1,40}?)?
    (?:\s(?:is|was|ist|lautet|es|est|now|set\sto|to)){0,2}(?P<link>\s?[:=#]|)[\s"'`*]{1,3}
    (?P<value>\d{4,8}|\d\d[ ]\d\d)(?!\w)(?![.,:/-]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_CVV = re.compile(
    r"""(?<![a-z])(?:cvv2?|cvc2?|csc|security\scode|card\sverification\s(?:code|value|number)
      |prüf(?:ziffer|nummer)|kartenprüfnummer|c[óo]digo\sde\sseguridad|cryptogramme(?:\svisuel)?)
    (?:\s(?:number|code|is|ist|es|est|on\sthe\sback\sis)){0,2}[\s:=#"'`*(-]{1,5}
    (?P<value>\d{3,4})(?![\w-])(?![.,/]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_COMBINATION = re.compile(
    r"""(?<![a-z])(?:safe|lock|locker|padlock|vault|suitcase|bike\slock)(?:'s)?\s(?:combination|combo)
    (?:\s(?:is|for\s[^\n.:]{1,30}?\sis)){0,1}\s?[:=]?\s{1,2}
    (?P<value>\d{1,2}(?:[ -]\d{1,2}){2,3}|\d{3,6})(?![\w-])""",
    re.VERBOSE | re.IGNORECASE,
)
_ONE_TIME_LINK = re.compile(r"(?:recovery|backup)\scodes?\s?(?:is|are|:)[\s:]{1,3}", re.IGNORECASE)
_BACKUP_CODE = re.compile(
    r"[\s,;]{0,3}(?:\d{1,2}[.)]\s)?(?P<value>[A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,8}){1,4})(?!\w)"
)
_SEED = re.compile(
    r"(?:seed|recovery|mnemonic|backup|secret|wallet)\s?(?:phrase|words|seed|mnemonic)|mnemonic",
    re.IGNORECASE,
)
_SEED_WORDS = re.compile(
    r"(?:(?:\d{1,2}[.):]\s{0,2})?[a-z]{3,8}(?:[ ]?,[ ]?|\s{1,2})){11,23}"
    r"(?:\d{1,2}[.):]\s{0,2})?[a-z]{3,8}(?![A-Za-z])"
)
_NOT_IN_BIP39 = frozenset(
    """
    the and for are was not but your from has had his her its our which were been would should
    could has did does who get got getting too yes
    """.split()  # noqa: SIM905  (a list of quotes would hide the words)
)
_HAS_NUMBER = re.compile(r"\d\d ?\d")
_CODE_ROOTS = (
    "code",
    "otp",
    "one-time",
    "one time",
    "código",
    "codigo",
    "codice",
    "コード",
    "验证码",
    "驗證碼",
    "인증번호",
)
_CVV_ROOTS = (
    "cvv",
    "cvc",
    "csc",
    "security code",
    "prüf",
    "de seguridad",
    "cryptogramme",
    "card verif",
)
_SEED_ROOTS = (
    "phrase",
    "mnemonic",
    "wallet seed",
    "seed words",
    "recovery words",
    "backup words",
    "secret words",
)


def find_codes(text: str) -> Iterator[SecretSpan]:
    """Yield announced codes, PINs and seed phrases, kind by kind."""
    lowered = text.lower()
    if _HAS_NUMBER.search(text):
        yield from _find_numbers(text, lowered)
    if "recovery code" in lowered or "backup code" in lowered:
        yield from _backup_codes(text)
    if "comb" in lowered:
        yield from _numbers(text, _COMBINATION)
    if any(root in lowered for root in _SEED_ROOTS):
        yield from _seed_phrases(text)


def _find_numbers(text: str, lowered: str) -> Iterator[SecretSpan]:
    for number in _NUMBER.finditer(text):
        if _is_announced(text, *number.span()) and not _UNIT.match(text, number.end()):
            yield SecretSpan(*number.span(), "code")
    if any(root in lowered for root in _CVV_ROOTS):
        yield from _numbers(text, _CVV)
    if "pin" in lowered or "geheimzahl" in lowered or "puk" in lowered:
        for match in _PIN.finditer(text):
            if _is_pin(match):
                yield SecretSpan(*match.span("value"), "code")


def _is_announced(text: str, start: int, stop: int) -> bool:
    """Whether the words around a number say that it is a code.

    Numbers are looked for first, and the words only around them: numbers are the rarer thing.
    """
    before = text[max(start - _BEFORE_CHARACTERS, 0) : start]
    lowered = before.lower()
    has_root = "TAN" in before or any(root in lowered for root in _CODE_ROOTS)
    if has_root and _ANNOUNCED.search(before):
        return True
    if _IS_YOURS.match(text, stop) and _STARTS_ALONE.search(before):
        return True
    return _TO_SIGN_IN.match(text, stop) is not None and _USE.search(before) is not None


def _numbers(text: str, pattern: re.Pattern[str]) -> Iterator[SecretSpan]:
    for match in pattern.finditer(text):
        if not _UNIT.match(text, match.end("value")):
            yield SecretSpan(*match.span("value"), "code")


def _is_pin(match: re.Match[str]) -> bool:
    """Tell a PIN from a contact of a chip, a place on a map and an Indian postal code."""
    before = match.string[max(match.start() - 12, 0) : match.start()].lower()
    name = match.group()[:3]
    is_said = bool(match["link"]) or re.search(
        r"\s(?:is|was|ist|lautet|es|est|to)\s", match.group()
    )
    if re.search(r"(?:gpio|area|postal|drop a|dropped|chip)\s?$", before):
        return False
    if "code" in match.group().lower() and len(match["value"]) == 6:
        return False
    return bool(
        is_said or name in ("PIN", "PUK") or re.search(r"(?:my|our|card|bank|phone|sim)\s$", before)
    )


def _backup_codes(text: str) -> Iterator[SecretSpan]:
    for announcement in _ONE_TIME_LINK.finditer(text):
        position = announcement.end()
        while (code := _BACKUP_CODE.match(text, position)) and any(
            character.isdigit() for character in code["value"]
        ):
            yield SecretSpan(*code.span("value"), "code")
            position = code.end()


def _seed_phrases(text: str) -> Iterator[SecretSpan]:
    """Yield twelve to twenty-four short words in a row soon after what announces them.

    The list of BIP 39 holds few of the words that tie a sentence together; a run without any of
    those is no sentence.
    """
    for announcement in _SEED.finditer(text):
        near = announcement.end() + 80
        for colon in re.finditer(
            r"[:\n\"'`]|\bis\b|\bare\b|\s[-\u2013\u2014](?=\s)", text[announcement.end() : near]
        ):
            start = announcement.end() + colon.end()
            start += len(text[start : start + 6]) - len(text[start : start + 6].lstrip("\n \"'`:*"))
            words = _SEED_WORDS.match(text, start)
            if words and not _NOT_IN_BIP39 & set(re.findall(r"[a-z]+", words.group())):
                yield SecretSpan(*words.span(), "key")
                break
