"""Passwords and keys that their context announces: `wifi password: ...`, `API_KEY=...`.

A search finds the announcing word, a pattern the link after it (a colon, "is", a space); the value
is judged on its own by `values`, the harder the looser the link. So the patterns stay short, and a
rejected value is looked at again for an announcement within it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.ingest.secrets.spans import SecretSpan
from memassist.ingest.secrets.values import (
    is_key,
    is_literal_secret,
    is_mixed,
    is_number_secret,
    is_plain_secret,
    is_prose,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINK = re.compile(
    r"""
    \d{0,2} (?P<close>[\]"'`)*_]{0,4})
    (?P<about>\s\([^()\n]{1,40}\)
      |\s(?:for|to|of|at|on|from|I|we|für|zum|zu|para|de|del|pour|du)\s[^\n:=.!?]{1,40}?)?
    (?:
        \s{0,3}(?P<strong>:=|=>|={1,3}|[:\uff1a])[*_`]{0,3}
      | \s(?P<verb>(?:is|was|are|ist|lautet|war|es|est|è|é)
          (?:\s(?:now|still|just|set\sto|currently|jetzt|ahora|maintenant))?\s?:?)(?=\s)
      | \s?(?P<dash>->|\u2192|\u2013|\u2014|-|\|)(?=\s)
      | \s(?P<to>to|as|auf)(?=\s)
      | (?P<has>['\u2019]s)(?=\s)
      | (?P<tag>>)
      | (?(about)(?!)|(?P<plain>(?=\s)))
    )
    (?P<gap>\s{0,4})
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PASSWORD_WORDS = {
    # Each begins with its root, which a plain search finds first: that is what makes it fast.
    root: re.compile(rf"(?:{pattern})(?![a-z])")
    for root, pattern in {
        "pass": r"pass(?:word|wort|phrase|wd|code)s?|pass(?:[ ](?:phrase|code))?|passe",
        "pw": r"pwd?",
        "psswd": "psswd",
        "kennwort": "kennwort",
        "contrase": r"contrase(?:ñ|n)a",
        "senha": "senha",
        "psk": "psk",
        "mdp": "mdp",
        "wachtwoord": "wachtwoord",
        "wpa": r"wpa[23]?[ -]key",
        "network key": "network key",
        "wifi key": "wifi key",
        "wi-fi key": "wi-fi key",
    }.items()
}
_FOREIGN_WORDS = {
    word: re.compile(rf"{word}(?![a-z])")
    for word in ("hasło", "lösenord", "пароль", "密码", "密碼", "パスワード", "비밀번호")
} | {"wlan-schlüssel": re.compile(r"wlan-schlüssel")}
_ANYWHERE = ("password", "passwort", "passphrase", "passwd", "kennwort")
"""Words that may end a longer one: `dbPassword`, `Netzwerkkennwort`."""
_SHORT = ("pw", "pwd", "psk", "mdp", "pass")
"""Words of which a sentence, or code, makes other use: they need a clearer link."""

_KEY_WORDS = {
    root: re.compile(rf"{root}(?![a-z])")
    for root in ("key", "token", "secret", "sessionid", "credential")
}
_KEY_COMPOUND = re.compile(
    r"(?<![a-z])(?:api|access|secret|private|auth|account|encryption|signing|client|consumer|master"
    r"|licen[sc]e|product|service|app|shared|deploy|webhook|storage|recovery|bot|subscription|jwt"
    r"|preshared|refresh|bearer|session|id|csrf|oauth|reset|totp|2fa)[ _-]?(?:access[ _-]?)?$"
)
_QUOTED = re.compile(
    r"\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|`([^`\n]{1,200})`|“([^”\n]{1,200})”"
    r"|«\s?([^»\n]{1,200}?)\s?»|„([^“”\n]{1,200})[“”]"
)
_MAX_WORD_CHARACTERS = 512
_WORD = re.compile(r"\S{1,513}")
# No link within it: a row of `token=token=` would be read anew from each of its places.
_KEY_VALUE = re.compile(r"[A-Za-z0-9+/_.~-]{12,2000}={0,2}")
_CUT = re.compile(r"</|[&;,]\w{1,30}[=:]|[\"'`]?[,;)}\]](?=[\s\"'{}]|$)|[\"'`](?:\s|$)|\\n|\|\s")
_PASSPHRASE = re.compile(r"[a-z]{3,12}(?:[ ][a-z]{3,12}){2,9}(?=[.!]?\s{0,2}(?:\n|$))")
# As Google shows them: four groups of four letters.
_APP_PASSWORD = re.compile(r"[a-z]{4}(?:[ ][a-z]{4}){3}(?=[.!]?\s{0,2}(?:\n|$))")
_FLAG = re.compile(r"--(?:password|passwd|pass|pw)\s[\"']?([^\s\"'-][^\s\"']{3,128})")
_LOGIN = re.compile(
    r"(?<![a-z])(?:credentials?|creds|logins?|zugangsdaten)(?:\s(?:is|are|for\s[^\n:]{1,30}))?\s?[:=]"
    r"\s{0,2}[^\s/:]{1,60}\s?[/:]\s?(?P<value>\S{4,100})",
    re.IGNORECASE,
)
_MAIL_AND_PASSWORD = re.compile(
    r"(?<![a-z])(?:logins?|accounts?)\s[^\s/:@]{1,60}@[^\s/:@]{1,60}\s?/\s?(?P<value>\S{4,100})",
    re.IGNORECASE,
)
_USER_AND_PASSWORD = re.compile(
    r"(?<![a-z])(?:user(?:name)?|login)[ :=]\s?[^\s,;]{1,60}[,;]?\s(?:pass|pwd?)[ :=]\s?"
    r"(?P<value>\S{4,100})",
    re.IGNORECASE,
)
_WIFI_KEY = re.compile(
    r"(?<![a-z])(?:wi-?fi|wlan)(?![a-z])[^\n.]{0,60}?\bkey(?:\sis)?[ :=]\s?(?P<value>\S{4,100})",
    re.IGNORECASE,
)
_NAMED_BEHIND = re.compile(
    r"(?<!\S)(?P<value>\S{6,128})\s\((?:(?:the|my|our|his|her|its|new|old)\s)?(?:[\w-]{1,20}\s){0,2}"
    r"(?:password|passwort|passphrase)\)",
    re.IGNORECASE,
)
_WHOLE = (
    (("cred", "login", "zugangsdaten"), _LOGIN),
    (("login", "account"), _MAIL_AND_PASSWORD),
    (("user", "login"), _USER_AND_PASSWORD),
    (("wifi", "wi-fi", "wlan"), _WIFI_KEY),
    (("password)", "passwort)", "passphrase)"), _NAMED_BEHIND),
)
"""Patterns that hold announcement and value in one, each with what a text must hold to have it."""
_TRAILING = ".,;:!?)]}>\"'`*_|…”»"


def find_passwords(text: str) -> Iterator[SecretSpan]:
    """Yield announced passwords and keys, kind by kind."""
    lowered = _lowered(text)
    words = _PASSWORD_WORDS if text.isascii() else _PASSWORD_WORDS | _FOREIGN_WORDS
    for root, pattern in words.items():
        if root in lowered:
            for word in pattern.finditer(lowered):
                if _stands_alone(lowered, word) and (link := _LINK.match(text, word.end())):
                    yield from _password_after(text, word.group(), link)
    for root, pattern in _KEY_WORDS.items():
        if root in lowered:
            for word in pattern.finditer(lowered):
                if _names_a_key(text, lowered, word) and (link := _LINK.match(text, word.end())):
                    yield from _key_after(text, word.group(), link)
    if "--pass" in lowered or "--pw" in lowered:
        for match in _FLAG.finditer(text):
            if is_mixed(match[1]):
                yield SecretSpan(*match.span(1), "password")
    for roots, pattern in _WHOLE:
        if any(root in lowered for root in roots):
            for match in pattern.finditer(text):
                start = match.start("value")
                value = match["value"].rstrip(_TRAILING)
                if is_mixed(value):
                    yield SecretSpan(start, start + len(value), "password")


def _lowered(text: str) -> str:
    """Return the text in lower case and of the same length, so that offsets hold.

    `İ` becomes two characters in lower case; such a text is lowered letter by letter.
    """
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _stands_alone(lowered: str, word: re.Match[str]) -> bool:
    start = word.start()
    before = lowered[start - 1] if start else " "
    if word.group() == "passe":
        return lowered.endswith(("mot de ", "palavra-"), 0, start)
    # 1Password is a product.
    return not before.isdigit() and (
        not before.isalpha() or not before.isascii() or word.group().startswith(_ANYWHERE)
    )


def _names_a_key(text: str, lowered: str, word: re.Match[str]) -> bool:
    """Whether it is `api key`, `GITHUB_TOKEN`, `clientSecret` or a bare `token`: not `turkey`."""
    start = word.start()
    before = lowered[start - 1] if start else " "
    if before in "_-" or (before.isalnum() and text[start].isupper()):
        return start > 1 and (before.isalnum() or lowered[start - 2].isalnum())
    if before.isalnum():
        return _KEY_COMPOUND.search(lowered, max(start - 30, 0), start) is not None
    return word.group() != "key" or (
        _KEY_COMPOUND.search(lowered, max(start - 30, 0), start) is not None
    )


def _password_after(text: str, word: str, link: re.Match[str]) -> Iterator[SecretSpan]:
    kind = _kind_of(link)
    start = link.end()
    # "Pass x=1 to it", and a Python `pass` above another line.
    if kind in {"plain", "to"} and (word == "pass" or "\n" in link["gap"]):
        return
    if quoted := _QUOTED.match(text, start):
        group = quoted.lastindex or 1
        if is_literal_secret(quoted[group]) and (kind != "plain" or is_mixed(quoted[group])):
            yield SecretSpan(*quoted.span(group), "password")
        return
    found = _WORD.match(text, start)
    if found is None or len(found.group()) > _MAX_WORD_CHARACTERS:
        return
    value = found.group()
    if cut := _CUT.search(value):
        value = value[: cut.start()]
    value = value.rstrip(_TRAILING)
    following = text[start + len(value) : start + len(value) + 12]
    if not value or following.startswith(("(", "[", "](")):
        return
    span = SecretSpan(start, start + len(value), "password")
    if kind == "tag" and not following.startswith("</"):
        return
    if is_mixed(value):
        if kind != "plain" or (len(value) >= 6 and value[0].isalpha()):
            yield span
        return
    is_strong = kind in {"strong", "tag"} or (kind == "verb" and word not in _SHORT)
    if is_strong and "\n" not in link["gap"] and not link["about"]:
        if "phrase" in word and (words := _PASSPHRASE.match(text, start)):
            if not is_prose(words.group()):
                yield SecretSpan(*words.span(), "password")
        elif (words := _APP_PASSWORD.match(text, start)) and not is_prose(words.group()):
            yield SecretSpan(*words.span(), "password")
        elif is_number_secret(value, following) or (
            word != "pass" and is_plain_secret(value, following)
        ):
            yield span


def _key_after(text: str, word: str, link: re.Match[str]) -> Iterator[SecretSpan]:
    start = link.end()
    if (quoted := _QUOTED.match(text, start)) and not any(map(str.isspace, quoted.group())):
        start, stop = quoted.span(quoted.lastindex or 1)
        value = text[start:stop]
    elif match := _KEY_VALUE.match(text, start + (text[start : start + 1] in {'"', "'", "`"})):
        start = match.start()
        value = match.group().rstrip(".:")
    else:
        return
    if _kind_of(link) not in {"strong", "verb", "tag"} and len(value) < 20:
        return
    stop = start + len(value)
    if text[stop : stop + 1] not in {"(", "["} and is_key(value):
        yield SecretSpan(start, stop, "token" if word == "token" else "key")


def _kind_of(link: re.Match[str]) -> str:
    for kind in ("strong", "verb", "dash", "to", "has", "tag"):
        if link[kind]:
            return kind
    return "plain"
