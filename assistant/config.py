"""The person's settings: `config.toml` in the home, with every key known and checked.

An unknown key is refused with the nearest known one, so that a typing error never passes for a
setting. `SETTINGS` is the list that the documentation test reads.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from memassist.assistant.errors import ConfigError
from memassist.store.backup import CONFIG_NAME
from memassist.store.files import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

Value: TypeAlias = str | bool | float | list[str]


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of the settings file."""

    default: Value
    meaning: str


SETTINGS: dict[str, Setting] = {
    "me": Setting([], "names and addresses that mean you in chats and files"),
    "timezone": Setting("", "IANA zone for times that carry none; empty is this machine's"),
    "secrets": Setting("vault", "what becomes of a masked secret: vault (sealed) or drop"),
    "inbox.threshold": Setting(0.5, "candidates less sure than this wait in the inbox"),
    "core.budget_tokens": Setting(
        1500.0, "room of core memory in prompts; what a machine proposes beyond waits in the inbox"
    ),
    "forgetting.below": Setting(
        0.5, "unused memories less likely wanted than this, 0 to 1, are archived at night; 0 none"
    ),
    "embedding.model": Setting("minilm", "minilm, none, or sentence-transformers:NAME"),
    "daemon.autostart": Setting(True, "let the app and the MCP server start the daemon"),
    "daemon.idle_minutes": Setting(
        15.0, "the daemon leaves after so long with nothing to do; 0 never"
    ),
    "daemon.lock_minutes": Setting(60.0, "it drops a passphrase home's key after so long; 0 never"),
    "capture.enabled": Setting(False, "capture the screen whenever the daemon runs"),
    "capture.exclude": Setting(
        [], "windows never captured: app:NAME, title:WORDS with * for any text, or words of either"
    ),
    "capture.allow": Setting([], "patterns of the shipped list of exclusions that do not count"),
    "capture.windows": Setting(
        "visible", "which windows are read: all visible ones, on all monitors, or front alone"
    ),
    "capture.accessibility": Setting(
        True, "ask applications for their text before pixels are read, where they tell it (AT-SPI)"
    ),
    "capture.untitled": Setting("skip", "windows without title or application: skip or capture"),
    "capture.away_minutes": Setting(5.0, "without a key or movement for so long nothing is read"),
    "capture.cpu_percent": Setting(5.0, "of one core, on average, for reading the screen"),
    "capture.pictures": Setting(False, "keep pictures of the windows too, secrets painted over"),
    "capture.picture_days": Setting(30.0, "pictures go after so long; their text stays"),
    "capture.picture_megabytes": Setting(2000.0, "above it the oldest pictures go"),
    "app.keep_conversation": Setting(
        True, "keep what you ask in the app and what it answers; only your words are learned from"
    ),
    "theme": Setting("dark", "colours of the app: dark or light"),
    "plugins": Setting([], "names of installed plugins to load"),
    "model.path": Setting("", "GGUF file that llama.cpp runs in this process; before model.url"),
    "model.context_tokens": Setting(8192.0, "context of that file's model: memory for its length"),
    "model.url": Setting("", "OpenAI-compatible server, such as http://127.0.0.1:11434/v1"),
    "model.name": Setting("", "name of the model on that server"),
    "model.allow_remote": Setting(False, "let model.url leave this machine"),
    "model.timeout_seconds": Setting(120.0, "how long one answer of the model may take"),
    "model.background": Setting(
        False, "let the daemon learn with the model while the machine has time to spare"
    ),
}
_CHOICES = {
    "secrets": ("vault", "drop"),
    "capture.windows": ("visible", "front"),
    "capture.untitled": ("skip", "capture"),
    "theme": ("dark", "light"),
}


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one home, defaults filled in."""

    values: dict[str, Value]

    def text(self, name: str) -> str:
        """Return a setting that is text."""
        return str(self.values[name])

    def number(self, name: str) -> float:
        """Return a setting that is a number."""
        value = self.values[name]
        assert isinstance(value, (int, float))
        return float(value)

    def flag(self, name: str) -> bool:
        """Return a setting that is true or false."""
        return self.values[name] is True

    def names(self, name: str) -> tuple[str, ...]:
        """Return a setting that is a list."""
        value = self.values[name]
        assert isinstance(value, list)
        return tuple(value)


def load(home: Path) -> Config:
    """Read a home's settings. Raises `ConfigError`."""
    path = home / CONFIG_NAME
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", "Mend or empty the file."
        ) from error
    values: dict[str, Value] = {name: setting.default for name, setting in SETTINGS.items()}
    for name, value in _flat(content).items():
        values[name] = _checked(name, value)
    return Config(values)


def set_value(home: Path, name: str, words: tuple[str, ...]) -> Value:
    """Change one setting from the words a person typed and return its value.

    Comments and order of the file are kept. Raises `ConfigError`.
    """
    import tomlkit

    value = _parsed(name, words)
    path = home / CONFIG_NAME
    load(home)
    document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
    table, _, key = name.rpartition(".")
    place = document if not table else document.setdefault(table, tomlkit.table())
    place[key] = value
    write_private_file(path, tomlkit.dumps(document).encode())
    return value


def _flat(content: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _known(name: str) -> Setting:
    setting = SETTINGS.get(name)
    if setting is None:
        near = difflib.get_close_matches(name, SETTINGS, 1)
        advice = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(SETTINGS)}."
        raise ConfigError(f"There is no setting {name}.", advice)
    return setting


def _checked(name: str, value: object) -> Value:
    default = _known(name).default
    if isinstance(default, list) and isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if isinstance(default, float) and isinstance(value, (int, float)):
        return float(value)
    if isinstance(default, str) and isinstance(value, str):
        if value not in _CHOICES.get(name, (value,)):
            raise ConfigError(f"{name} can't be {value!r}.", f"One of {', '.join(_CHOICES[name])}.")
        return value
    kind = {list: "a list of texts", bool: "true or false", float: "a number", str: "a text"}
    raise ConfigError(f"{name} must be {kind[type(default)]}.")


def _parsed(name: str, words: tuple[str, ...]) -> Value:
    default = _known(name).default
    if isinstance(default, list):
        return [*words]
    text = " ".join(words)
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise ConfigError(f"{name} must be true or false.")
        return text == "true"
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError as error:
            raise ConfigError(f"{name} must be a number.") from error
    if name == "timezone" and text:
        _check_zone(text)
    return _checked(name, text)


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    # ZoneInfo raises KeyError for unknown names, ValueError and OSError for odd ones.
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"No time zone is called {name!r}.", "Use an IANA name such as Europe/Berlin."
        ) from error
