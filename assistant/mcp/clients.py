"""The settings files of MCP clients: our entry put in or taken out, everything else left alone.

`plan` says what would change and `apply` does it, with a copy of the file as it was. A file that
can't be read with certainty, such as JSON with comments, is not touched: the error tells what to
put in by hand.
"""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from memassist.assistant.errors import ConfigError
from memassist.store.files import write_private_file

if TYPE_CHECKING:
    from collections.abc import Sequence

ClientName: TypeAlias = Literal["claude-code", "claude-desktop", "cursor", "vscode", "codex"]
CLIENTS: tuple[ClientName, ...] = ("claude-code", "claude-desktop", "cursor", "vscode", "codex")

ENTRY = "memassist"
_TABLES: dict[ClientName, str] = {"vscode": "servers", "codex": "mcp_servers"}
_DEFAULT_TABLE = "mcpServers"
_NAMES_ITS_KIND = frozenset({"vscode", "claude-code"})
"""Clients whose entries say that they are spoken to over standard input and output."""
_COMMAND_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one client's settings file."""

    client: ClientName
    path: Path
    before: str | None
    """None where there is no file yet."""
    after: str
    entry: dict[str, object] | None
    """Ours, None where it is taken out."""

    @property
    def is_needed(self) -> bool:
        """Whether anything changes."""
        return self.after != (self.before or "")

    def diff(self) -> str:
        """Return the lines that change. Others are left out: they may hold other tools' tokens."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(),
            self.after.splitlines(),
            str(self.path),
            str(self.path),
            lineterm="",
            n=0,
        )
        return "\n".join(lines)


def settings_path(client: ClientName) -> Path:
    """Return where a client keeps its settings for all of a person's projects."""
    home = Path.home()
    if client == "claude-code":
        return Path(os.environ.get("CLAUDE_CONFIG_DIR") or home) / ".claude.json"
    if client == "codex":
        return Path(os.environ.get("CODEX_HOME") or home / ".codex") / "config.toml"
    if client == "cursor":
        return home / ".cursor" / "mcp.json"
    if sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    elif os.name == "nt":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    if client == "claude-desktop":
        return base / "Claude" / "claude_desktop_config.json"
    return base / "Code" / "User" / "mcp.json"


def plan(client: ClientName, command: Sequence[str] | None) -> Change:
    """Return what putting `command` in changes, or with None taking our entry out.

    Raises `ConfigError` for a file that can't be read or has another shape.
    """
    path = settings_path(client)
    entry: dict[str, object] | None = None
    if command is not None:
        entry = {"type": "stdio"} if client in _NAMES_ITS_KIND else {}
        entry |= {"command": command[0], "args": list(command[1:])}
    before = _read(path)
    if before is None and entry is None:
        return Change(client, path, None, "", None)
    edit = _edited_toml if path.suffix == ".toml" else _edited_json
    return Change(client, path, before, edit(path, before or "", _table_of(client), entry), entry)


def apply(change: Change) -> Path | None:
    """Make a change and return the copy of the file as it was, None where there was none.

    Claude Code writes its own file while it runs, so that its own command is asked to, if there
    is one. Raises `ConfigError`, `NoAccessError`, `StoreFullError`.
    """
    if not change.is_needed:
        return None
    target = change.path.resolve()  # a link into a folder of dotfiles stays one
    target.parent.mkdir(parents=True, exist_ok=True)
    copy = None
    mode = 0o600
    if change.before is not None:
        mode = stat.S_IMODE(target.stat().st_mode)
        now = datetime.now().astimezone()
        copy = target.with_name(f"{target.name}.before-memassist-{now:%Y%m%d-%H%M%S}")
        write_private_file(copy, target.read_bytes())
    if change.client == "claude-code" and _told_claude(change):
        return copy
    if _read(change.path) != change.before:
        raise ConfigError(f"{change.path} was changed just now.", "Run it again.")
    write_private_file(target, change.after.encode())
    with contextlib.suppress(OSError):  # readable by its owner, which is enough
        target.chmod(mode)
    return copy


def _table_of(client: ClientName) -> str:
    return _TABLES.get(client, _DEFAULT_TABLE)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{path} is not UTF-8.", "Save it as UTF-8 and run this again."
        ) from error


def _edited_json(path: Path, before: str, table: str, entry: dict[str, object] | None) -> str:
    try:
        content = json.loads(before) if before.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path} is not plain JSON, perhaps for its comments, and was left alone.",
            _by_hand(table, entry),
        ) from error
    servers = content.get(table, {}) if isinstance(content, dict) else None
    if not isinstance(servers, dict):
        raise ConfigError(f"{path} has another shape and was left alone.", _by_hand(table, entry))
    if servers.get(ENTRY) == entry:
        return before
    if entry is None:
        del servers[ENTRY]
    else:
        servers[ENTRY] = entry
        content[table] = servers
    indent = re.search(r"^([ \t]+)\S", before, re.MULTILINE)
    after = json.dumps(content, ensure_ascii=False, indent=indent[1] if indent else 2)
    return after + ("\n" if before.endswith("\n") or not before else "")


def _edited_toml(path: Path, before: str, table: str, entry: dict[str, object] | None) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        expected: dict[str, Any] = tomllib.loads(before)
        document: Any = tomlkit.parse(before)
    except (tomllib.TOMLDecodeError, TOMLKitError) as error:
        raise ConfigError(
            f"{path} is not valid TOML and was left alone.", _by_hand(table, entry)
        ) from error
    servers = expected.setdefault(table, {})
    if not isinstance(servers, dict):
        raise ConfigError(f"{path} has another shape and was left alone.", _by_hand(table, entry))
    if servers.get(ENTRY) == entry:
        return before
    if entry is None:
        del servers[ENTRY]
        del document[table][ENTRY]
    else:
        servers[ENTRY] = entry
        if table not in document:
            document[table] = tomlkit.table(is_super_table=True)
        document[table][ENTRY] = entry
    after = tomlkit.dumps(document)
    if _without_empty(tomllib.loads(after)) != _without_empty(expected):
        # Tables can be written in ways that an edit would tear.
        raise ConfigError(f"{path} was left alone, to be sure.", _by_hand(table, entry))
    return after


def _without_empty(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value != {}}


def _by_hand(table: str, entry: dict[str, object] | None) -> str:
    if entry is None:
        return f"Take {ENTRY} out of {table} by hand."
    return f'Put this into {table} by hand: "{ENTRY}": {json.dumps(entry, ensure_ascii=False)}'


def _told_claude(change: Change) -> bool:
    """Whether Claude Code's own command made the change."""
    program = shutil.which("claude")
    if program is None:
        return False
    # It refuses to add what is there, so an older entry goes first.
    wanted = [["remove", "--scope", "user", ENTRY]]
    if change.entry is not None:
        arguments = change.entry["args"]
        assert isinstance(arguments, list)
        words = ["add", "--scope", "user", ENTRY, "--", str(change.entry["command"]), *arguments]
        wanted.append(words)
    done = None
    for words in wanted:
        try:
            done = subprocess.run(
                [program, "mcp", *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_COMMAND_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done is not None and done.returncode == 0
