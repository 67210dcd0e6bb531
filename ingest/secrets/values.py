"""Whether a word that stands where a secret could stand is one.

People write about passwords far more often than they write one down, and code names variables
after them. So a plain word counts only where nothing else can be meant; a mixture of letters,
digits and signs counts anywhere.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACEHOLDER = re.compile(
    r"x{4,}|\*{3,}|•{2,}|\.{3}|…|#{3,}|_{4,}|\?{3,}|example|placeholder|redacted|dummy|change_?me"
    r"|replace[_-]?(?:me|this|with)|insert[_-]|your[_-]|[_-](?:here|goes)\b|<[^>]*>|0{8}"
    r"|abcdefgh|hidden\]",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"[<{(]|\[[A-Za-z]|\$[{(]|\$\$?[A-Za-z_]+$|%[({A-Za-z]|@\{|&[a-z]+;|https?:|www\.|/[a-z]|\.{1,2}/",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"[A-Za-z_][\w.]*[\[(]"
    r"|(?:os|self|this|process|config|settings|request|req|res|user|args|env|params|data|form|body"
    r"|ctx|context|options|opts|credentials|secrets?|vars?|local|input|event|props|state|values?"
    r"|z|t|sa|db|models?|Schema|String)\.\w"
    r"|[A-Za-z_]*(?:password|passwd|passwort|pwd|secret|token|api_?key|user)[A-Za-z_]*\d?$"
    r"|[A-Z]+(?:_[A-Z]+)+$|[a-z]+(?:_[a-z]+)+$|--",
    re.IGNORECASE,
)
_NAMED_KEY = re.compile(
    r"(?:[a-z\d_](?:Key|Token|Secret)|[_.-](?:key|token|secret))(?:s|Types?)?(?![a-z])"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+$")
_QUANTITY = re.compile(
    r"\d+(?:st|nd|rd|th|x|k|mb|gb|bit|bits|char|chars|characters|min|mins|h|d|s|ms|%|\+)?$"
    r"|\d+(?:[-\u2013/.:,]\d+)*[+%]?$|v?\d+(?:\.\d+)+$|\d+-\w+$|[a-z]\d?$",
    re.IGNORECASE,
)
_TECHNIQUE = re.compile(
    r"(?:1password|2fa|mfa|oauth-?2?|auth0|sha-?\d+|md5|bcrypt|scrypt|argon2\w*|pbkdf2\S*|base64"
    r"|utf-?8|aes-?\d*\S*|rsa-?\d*|wpa-?\d?\S*|keepass\w*|bitwarden|lastpass|rfc-?\d+|iso-?\d+\S*"
    r"|web3|fido2?|ed25519|ssh-?\w*|pkcs\S*|tls\S*|x\.?509|varchar\S*|u2f|\w+\.(?:com|org|net|io))$",
    re.IGNORECASE,
)
_INSIDE_SIGN = re.compile(
    r"\w[!@#$%^&*+=?~|\\§€£]+\w|[!@#$%^&*~§][\w!@#$%^&*]{3,}|\w{3,}[$%^&*#@]+$"
)
_SENTENCE_END = re.compile(r"[\"'`*_)\]]{0,3}(?:[.!;,](?:\s|$)|\s{0,3}(?:$|\n)|\s?\))")
_ADJECTIVE = re.compile(
    r".*(?:ed|ing|able|ible|ive|ful|ly|less|ous|est|ble|ent|ant|ory|ary|ment|tion|sion|ity|rect"
    r"|lich|bar|ig|iert)$",
    re.IGNORECASE,
)

_NO_SECRET = frozenset(
    """
    a about above abgelaufen access
    account accepted actual admin after again algorithm all alone also
    always an and another any anyone apparently are around array as ask at auth authentication
    back bad basic because been before behind being below best better between blank blocked bool
    boolean both broken but button by bytes can case caution change changes char characters check
    choose clear click clue code common company complete complex confirm confirmation correct
    create credentials current dangerous day days default delete dependent details did different
    digits disabled do does done e each easy either elements email empty encryption enough enter
    entry error even ever every everyone everything expired facebook fail failed failure false
    field file fine first five for
    forgot forgotten form four free from function generate generator
    get give gmail go gone good
    google great guess hacked half hard has hash hash256 hashed have help
    here hidden hide hint hints hold how i id if ignore important in incorrect info input insecure
    inside instead int integer invalid is it item its just keep key keychain kept key-based later
    leaked least length less letters like link list locked log login logins long longer lost make
    manager managers many match maximum maybe me medium method minimum missing mode model money more
    most much must my n/a na name names necessary need needed needs never new next nice no nobody
    none normal not nothing notice now null number numbers object obvious of off ok okay old on once
    one only open option optional or other our out outdated over own page paper part pass passwd
    passphrase password passwords passwort pattern per phone phrase pick pin please plus policy
    policies pretty private prompt properly protected protection public question quite random
    ready real really recovery remember reminder removed request required requirements reset resets
    right rule rules safe safety same save saved secret secrets secure security see seems send set
    setting settings several shared short show shown sign signin simple since six so some someone
    something soon special still storage store stored str strength string strong stronger stuff
    submit such support sure system temporary text that the their them then there these they
    thing things this three tip tips to today together token tokens tomorrow too tool tools tricky
    true try twice two type unclear under undefined unique unknown unless unsafe until up update
    updated upper us use used user username users using usual usually valid value var variable
    varies very via view void wait was way we weak website well were what when where which while who
    why wifi will with without word words work works world would wrong yes yesterday yet you your
    yours zero erforderlich falsch vergessen geheim ist lautet nicht oder und richtig sicher
    requerida olvidada obligatoria es incorrecta segura obligatoire
    oublié requis mot de la el le un una
    """.split()  # noqa: SIM905  (a page of quotes would hide the words)
)
_PROSE = frozenset(
    """
    a an the is are was were be been must should shall can could will would may might please enter
    your you my our their has have had at least and or of in to that this which it not with for
    from by on as if when use using
    """.split()  # noqa: SIM905  (the same)
)
_SAMPLE_LOGINS = frozenset({"password", "pass", "passwd", "pwd", "pw", "secret", "token"})


def is_placeholder(value: str) -> bool:
    """Whether the value stands for a secret: `sk-xxxx`, `<your-key>`, `AKIA...EXAMPLE`."""
    return _PLACEHOLDER.search(value) is not None


def is_placeholder_password(value: str) -> bool:
    """Whether a password in a fixed place, as in `user:password@host`, is only an example."""
    return (
        value.lower() in _SAMPLE_LOGINS
        or is_placeholder(value)
        or value.startswith(("$", "{", "<", "%", "["))
    )


def is_prose(value: str) -> bool:
    """Whether words in quotes are a sentence rather than a passphrase."""
    words = value.split()
    return len(words) > 1 and (
        len(words) > 10 or any(word.lower().strip(".,:;!?") in _PROSE for word in words)
    )


def is_mixed(value: str) -> bool:
    """Whether the value mixes characters as passwords do and words, numbers and code do not."""
    if (
        len(value) < 4
        or is_placeholder(value)
        or _TEMPLATE.match(value)
        or _CODE.match(value)
        or _EMAIL.match(value)
        or _QUANTITY.match(value)
        or _TECHNIQUE.match(value)
    ):
        return False
    has_letter = any(character.isalpha() for character in value)
    has_digit = any(character.isdigit() for character in value)
    if has_letter and has_digit:
        return True
    return _INSIDE_SIGN.search(value) is not None or value.count("-") >= 3


def is_number_secret(value: str, following: str) -> bool:
    """Whether digits are a secret: four or more of them, and no unit comes after.

    The keys of many routers are twenty digits.
    """
    return (
        value.isdigit()
        and 4 <= len(value) <= 24
        and not re.match(r"\s?(?:[a-z]{2,}|%|\$|€)", following)
    )


def is_plain_secret(value: str, following: str) -> bool:
    """Whether one plain word can only be the secret: nothing follows it in its sentence."""
    return (
        len(value) >= 4
        and value.isalpha()
        and not is_placeholder(value)
        and value.lower() not in _NO_SECRET
        and not _CODE.match(value)
        and not _ADJECTIVE.match(value)
        and _SENTENCE_END.match(following) is not None
    )


def is_literal_secret(value: str) -> bool:
    """Whether quoted text after `password =` is one: not empty, no template, no sentence."""
    return (
        3 <= len(value.strip()) <= 128
        and value.lower().strip() not in _NO_SECRET
        and not is_placeholder(value)
        and not _TEMPLATE.match(value)
        and not is_prose(value)
        and not value.rstrip().endswith((":", "="))
        and not re.search(r"(?:[{<%$]|\$\{)\w+[}>%]|[{}]", value)
        and not re.fullmatch(
            r"[A-Za-z_ -]*(?:password|passwd|secret)[A-Za-z_ -]*", value, re.IGNORECASE
        )
    )


def is_key(value: str) -> bool:
    """Whether a value after `api key:` is random enough to be one.

    Shannon entropy, by detect-secrets, of at least 3 bits a character (its own limit for hex), and
    a stretch of eight characters with both letters and digits: names like `gpt-4-turbo-2024-04-09`
    have none.
    """
    if len(value) < 12 or is_placeholder(value) or _TEMPLATE.match(value) or _CODE.match(value):
        return False
    if len(value) < 100 and _NAMED_KEY.search(value):
        return False
    stretches = re.split(r"[_.:/-]", value)
    has_random = any(
        len(stretch) >= 8
        and any(character.isdigit() for character in stretch)
        and any(character.isalpha() for character in stretch)
        for stretch in stretches
    )
    is_product_key = re.fullmatch(r"[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){2,7}", value) is not None
    if not (has_random or (is_product_key and any(c.isdigit() for c in value))):
        return False
    return _entropy()(value) >= 3.0


@functools.cache
def _entropy() -> Callable[[str], float]:
    from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

    plugin = Base64HighEntropyString()
    return lambda value: plugin.calculate_shannon_entropy(value[:1000])
