"""Keys and tokens that show by their shape: vendors' prefixes, PEM blocks, JWTs, passwords in URLs.

The shapes of the vendors that detect-secrets knows come from its plugins. Only their compiled
patterns are read, matched where a vendor's prefix stands: its scanning goes by whole files, its
settings are global, its results have no offsets (for GitHub only the prefix), and searching with
some of the patterns takes quadratic time on hostile text.
"""

from __future__ import annotations

import functools
import importlib
import re
from typing import TYPE_CHECKING

from memassist.ingest.secrets.spans import SecretSpan
from memassist.ingest.secrets.values import is_placeholder, is_placeholder_password

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONG_WORD = re.compile(r"\S{20,}+")
_MAX_TOKEN_CHARACTERS = 1100

_LIBRARY: dict[str, tuple[str, str, str]] = {
    # name: (module, class, how its tokens begin)
    "aws": ("aws", "AWSKeyDetector", r"A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA"),
    "azure": ("azure_storage_key", "AzureStorageKeyDetector", r"AccountKey="),
    "discord": ("discord", "DiscordBotTokenDetector", r"[MNO][\w-]{23,25}\.[\w-]{6}\."),
    "github": ("github_token", "GitHubTokenDetector", r"gh[pousr]_"),
    "gitlab": ("gitlab_token", "GitLabTokenDetector", r"gl[a-z]{2,6}-|GR1348941"),
    "mailchimp": ("mailchimp", "MailchimpDetector", r"[0-9a-z]{32}-us\d"),
    "pypi": ("pypi_token", "PypiTokenDetector", r"pypi-Ag"),
    "sendgrid": ("sendgrid", "SendGridDetector", r"SG\."),
    "slack": ("slack", "SlackDetector", r"xox[abposr]-|https://hooks\.slack\.com/services/T"),
    "square": ("square_oauth", "SquareOAuthDetector", r"sq0csp-"),
    "stripe": ("stripe", "StripeDetector", r"[rs]k_live_"),
    "telegram": ("telegram_token", "TelegramBotTokenDetector", r"\d{8,10}:[\w-]{35}"),
    "twilio": ("twilio", "TwilioKeyDetector", r"(?:AC|SK)[a-z0-9]{32}"),
}
_HINT = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    + "|".join(f"(?P<{name}>{begin})" for name, (_, _, begin) in _LIBRARY.items())
    + ")"
)
_TAIL = re.compile(r"[A-Za-z0-9_-]*+")

# Vendors the library lacks, or of whose newer forms it knows nothing.
_OTHER = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      sk-(?:ant|or|proj|svcacct|admin|lf|live|test)-[\w-]{16,}+   # Anthropic, OpenRouter, OpenAI
    | sk-[A-Za-z0-9]{20,}+                                        # OpenAI until 2024, DeepSeek
    | [rs]k_(?:live|test)_[A-Za-z0-9]{16,}+ | whsec_[\w+/=-]{20,}+  # Stripe
    | hf_[A-Za-z0-9]{30,}+ | r8_[A-Za-z0-9]{30,}+ | gsk_[A-Za-z0-9]{40,}+
    | (?:xai|pplx|tvly|fc)-[\w-]{30,}+
    | AIza[\w-]{35,}+ | GOCSPX-[\w-]{20,}+ | ya29\.[\w-]{20,}+    # Google
    | github_pat_\w{22,}+ | npm_[A-Za-z0-9]{36,}+
    | xapp-\d-[\w-]{20,}+ | xox[a-z](?:\.xox[a-z])?-[\w-]{20,}+   # Slack
    | dop_v1_[a-f0-9]{64} | shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32} | dapi[a-f0-9]{32}
    | lin_api_[A-Za-z0-9]{32,}+ | ntn_[A-Za-z0-9]{40,}+ | secret_[A-Za-z0-9]{43}
    | sbp_[a-f0-9]{40} | hv[sb]\.[\w-]{20,}+ | figd_[\w-]{20,}+ | PMAK-[\w-]{50,}+
    | AGE-SECRET-KEY-1[A-Z0-9]{50,}+ | ATATT3[\w=-]{50,}+ | sntry[su]_[\w+/=-]{40,}+
    | [xyz]prv[1-9A-HJ-NP-Za-km-z]{100,}+                         # BIP32
    | pat[A-Za-z0-9]{14}\.[a-f0-9]{64}                            # Airtable
    )(?![A-Za-z0-9])[\w=-]*+""",
    re.VERBOSE,
)
_JWT = re.compile(
    r"(?<![\w-])ey[IJ][\w-]{8,}+\.(?:ey[IJ][\w-]{4,}+(?:\.[\w-]*+)?|[\w-]*+(?:\.[\w-]++){3})"
)
_URL_PASSWORD = re.compile(r"://[^\s/@:\"'<>]{0,100}:(?P<password>[^\s/\"'<>]{1,200})@(?=[\w.\[-])")
_SIGNATURE = re.compile(
    r"(?i:[?&;](?:sig|x-amz-signature|x-goog-signature|access_token|auth_token|api_?key|token|code"
    r"|otp|secret|password|pwd)=)(?P<value>[\w.%~+/=-]{16,600})"
)
_BEARER = re.compile(
    r"(?i:\bbearer\s{1,3}(?P<bearer>[\w.~+/-]{20,4000}=*)"
    r"|\bauthorization[\"']?\s?[:=]\s?[\"']?(?:basic|token|digest|key|apikey)\s"
    r"(?P<basic>[\w.~+/=-]{8,4000}))"
)
_CURL_USER = re.compile(
    r"\bcurl\b[^\n]{0,300}?\s(?:-u|--user)[\s=][\"']?[^\s:\"']{1,80}:(?P<password>[^\s\"']{4,200})"
)
_WIFI_CODE = re.compile(r"\bWIFI:[^\n]{0,200}?\bP:(?P<password>[^;\n]{4,63});")

_LINE_END = r"(?:[\s>|\"',+]|\\[nrt])"
_PEM = re.compile(
    rf"""-----BEGIN[ ](?:[A-Z0-9]+[ ]){{0,3}}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
    (?P<body>(?:
        {_LINE_END}++
      | (?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\n\\]{{0,200}}+
      | =?[A-Za-z0-9+/]{{16,}}+={{0,2}}
      | =?[A-Za-z0-9+/]{{2,15}}+={{0,2}}(?={_LINE_END}{{0,8}}-----END)
      | =[A-Za-z0-9+/]{{4}}
    )*+)
    (?P<end>-----END[ ](?:[A-Z0-9]+[ ]){{0,3}}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----)?""",
    re.VERBOSE,
)
_PUTTY = re.compile(r"Private-Lines:\s?\d{1,3}\s{1,2}(?P<body>(?:[A-Za-z0-9+/=]{8,}+\s{0,2})+)")
_HAS_KEY_LINE = re.compile(r"[A-Za-z0-9+/]{16}")


def find_tokens(text: str) -> Iterator[SecretSpan]:
    """Yield what is a key by its shape alone. Examples and placeholders are left out."""
    if "PRIVATE KEY" in text or "Private-Lines" in text:
        yield from _find_private_keys(text)
    if "://" in text:
        for match in _URL_PASSWORD.finditer(text):
            if not is_placeholder_password(match["password"]):
                yield SecretSpan(*match.span("password"), "password")
    if "WIFI:" in text:
        for match in _WIFI_CODE.finditer(text):
            yield SecretSpan(*match.span("password"), "password")
    if "curl" in text:
        for match in _CURL_USER.finditer(text):
            if not is_placeholder_password(match["password"]):
                yield SecretSpan(*match.span("password"), "password")
    lowered = text.lower()
    if "bearer" in lowered or "authorization" in lowered:
        for match in _BEARER.finditer(text):
            name = "bearer" if match["bearer"] else "basic"
            if _is_random(match[name]):
                yield SecretSpan(*match.span(name), "token")
    for word in _LONG_WORD.finditer(text):
        yield from _find_in_word(text, *word.span())


def _find_private_keys(text: str) -> Iterator[SecretSpan]:
    for match in _PEM.finditer(text):
        # A header alone, or one over "...", is talk about keys.
        if _HAS_KEY_LINE.search(match["body"]):
            yield SecretSpan(*match.span(), "key")
    for match in _PUTTY.finditer(text):
        if _HAS_KEY_LINE.search(match["body"]):
            start, stop = match.span("body")
            yield SecretSpan(start, start + len(text[start:stop].rstrip()), "key")


def _find_in_word(text: str, start: int, stop: int) -> Iterator[SecretSpan]:
    for match in _OTHER.finditer(text, start, stop):
        if _is_random(match.group()):
            yield SecretSpan(*match.span(), "key")
    for hint in _HINT.finditer(text, start, stop):
        name = hint.lastgroup or ""
        limit = min(stop, hint.start() + _MAX_TOKEN_CHARACTERS)
        for pattern in _library_patterns(name):
            token = pattern.match(text, hint.start(), limit)
            if token and _is_random(token.group()):
                tail = _TAIL.match(text, token.end())
                yield SecretSpan(token.start(), tail.end() if tail else token.end(), "key")
                break
    if text.find("ey", start, stop) >= 0:
        for match in _JWT.finditer(text, start, stop):
            yield SecretSpan(*match.span(), "token")
    if text.find("=", start, stop) >= 0:
        for match in _SIGNATURE.finditer(text, start, stop):
            if _is_random(match["value"]):
                yield SecretSpan(*match.span("value"), "token")


@functools.cache
def _library_patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """Return one vendor's patterns; imports detect-secrets, 0.2 s, when first needed."""
    module, plugin, _ = _LIBRARY[name]
    patterns = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), plugin).denylist
    # The others of AWS look for a variable's name, which `passwords` does for all vendors.
    return tuple(patterns)[:1] if name == "aws" else tuple(patterns)


def _is_random(token: str) -> bool:
    if is_placeholder(token) or len(set(token)) < 8:
        return False
    has_digit = any(character.isdigit() for character in token)
    return has_digit or (token.lower() != token and token.upper() != token and len(token) > 30)
