"""The settings files of other programs: our entry goes in and out, nothing else changes."""

from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from memassist.assistant import Memory
from memassist.assistant.errors import ConfigError
from memassist.assistant.mcp import clients
from memassist.ui.cli import cli, serve

JSON_CLIENTS: tuple[clients.ClientName, ...] = ("claude-code", "claude-desktop", "cursor", "vscode")
OTHERS = {"theme": "dark", "mcpServers": {"other": {"command": "x", "env": {"TOKEN": "s3cret"}}}}


@pytest.fixture(autouse=True)
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a person without settings, and no program of Claude Code."""
    place = tmp_path / "person"
    place.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / ".config"))
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return place


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home."""
    place = tmp_path / "a home"
    Memory.create(place, routes=[]).close()
    return place


def run(home: Path, *words: str) -> Result:
    """Run a command that succeeds."""
    done = CliRunner().invoke(cli, ["--home", str(home), "mcp", *words])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def table_of(client: clients.ClientName, content: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a client's settings where servers stand."""
    names = {"vscode": "servers", "codex": "mcp_servers"}
    return dict(content[names.get(client, "mcpServers")])


def test_the_command_line_knows_all_clients() -> None:
    assert serve.CLIENT_NAMES == clients.CLIENTS


@pytest.mark.parametrize("client", clients.CLIENTS)
def test_our_entry_goes_in_once_and_out_again(home: Path, client: clients.ClientName) -> None:
    path = clients.settings_path(client)
    done = run(home, "install", client)
    assert "memassist" in done.output
    text = path.read_text(encoding="utf-8")
    content = tomllib.loads(text) if client == "codex" else json.loads(text)
    entry = table_of(client, content)["memassist"]
    assert Path(entry["command"]).is_absolute()
    assert os.access(entry["command"], os.X_OK)
    assert entry["args"][-3:] == ["--home", str(home), "mcp"]
    assert (entry.get("type") == "stdio") is (client in ("vscode", "claude-code"))
    assert "no change" in run(home, "install", client).output
    assert path.read_text(encoding="utf-8") == text
    run(home, "uninstall", client)
    assert "memassist" not in path.read_text(encoding="utf-8")
    assert "no change" in run(home, "uninstall", client).output


@pytest.mark.parametrize("client", clients.CLIENTS)
def test_print_shows_the_change_and_makes_none(home: Path, client: clients.ClientName) -> None:
    done = run(home, "install", client, "--print")
    assert "+" in done.output
    assert str(home) in done.output
    assert not clients.settings_path(client).exists()


def test_nothing_is_taken_out_of_what_is_not_there(home: Path) -> None:
    assert "no change" in run(home, "uninstall", "cursor").output
    assert not clients.settings_path("cursor").exists()


@pytest.mark.parametrize("indent", [2, 4, "\t"])
def test_other_entries_their_order_and_look_are_kept(home: Path, indent: int | str) -> None:
    path = clients.settings_path("cursor")
    path.parent.mkdir()
    before = json.dumps(OTHERS | {"name": "Zoë"}, indent=indent, ensure_ascii=False) + "\n"
    path.write_text(before, encoding="utf-8")
    path.chmod(0o640)
    done = run(home, "install", "cursor")
    # Other tools' tokens are not for the screen.
    assert "s3cret" not in done.output
    after = json.loads(path.read_text(encoding="utf-8"))
    assert after["mcpServers"]["other"] == OTHERS["mcpServers"]["other"]  # type: ignore[index]  # a dict, above
    assert list(after) == ["theme", "mcpServers", "name"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    copies = list(path.parent.glob("mcp.json.before-memassist-*"))
    assert [copy.read_text(encoding="utf-8") for copy in copies] == [before]
    assert stat.S_IMODE(copies[0].stat().st_mode) == 0o600
    run(home, "uninstall", "cursor")
    assert path.read_text(encoding="utf-8") == before


def test_comments_and_order_of_toml_are_kept(home: Path) -> None:
    path = clients.settings_path("codex")
    path.parent.mkdir()
    before = (
        '# mine\nmodel = "x"  # the big one\n\n[mcp_servers.other]\ncommand = "y"\n'
        "args = [\n  'a', # first\n]\n\n[profiles.work]\nname = 'w'\n"
    )
    path.write_text(before, encoding="utf-8")
    run(home, "install", "codex")
    after = path.read_text(encoding="utf-8")
    for line in before.splitlines():
        assert line in after
    assert set(tomllib.loads(after)["mcp_servers"]) == {"other", "memassist"}
    assert tomllib.loads(after)["profiles"] == {"work": {"name": "w"}}
    run(home, "uninstall", "codex")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == tomllib.loads(before)
    assert "# the big one" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    ["", "mcp_servers = {}\n", 'mcp_servers = {other = {command = "x"}}\n', "[mcp_servers]\n"],
)
def test_codex_tables_of_any_look_take_the_entry(home: Path, text: str) -> None:
    path = clients.settings_path("codex")
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    run(home, "install", "codex")
    found = tomllib.loads(path.read_text(encoding="utf-8"))["mcp_servers"]
    assert "memassist" in found
    assert ("other" in found) is ("other" in text)


@pytest.mark.parametrize(
    ("client", "content"),
    [
        ("vscode", b'{\n  // my servers\n  "servers": {}\n}\n'),
        ("vscode", b'{"servers": {},}'),
        ("cursor", b"[]"),
        ("cursor", b'{"mcpServers": []}'),
        ("cursor", b"{" * 100_000),
        ("claude-desktop", b"\xff\xfe{\x00}\x00"),
        ("codex", b"model = = 1"),
        ("codex", b"mcp_servers = 3"),
    ],
)
def test_what_cannot_be_read_with_certainty_is_left_alone(
    client: clients.ClientName, content: bytes
) -> None:
    path = clients.settings_path(client)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        clients.plan(client, ["/bin/memassist", "mcp"])
    assert caught.value.advice
    assert path.read_bytes() == content
    assert len(list(path.parent.iterdir())) == 1


def test_a_link_to_the_settings_stays_a_link(home: Path, person: Path) -> None:
    real = person / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    real.write_text("{}", encoding="utf-8")
    path = clients.settings_path("cursor")
    path.parent.mkdir()
    path.symlink_to(real)
    run(home, "install", "cursor")
    assert path.is_symlink()
    assert "memassist" in real.read_text(encoding="utf-8")


def test_a_file_that_changed_meanwhile_is_not_overwritten() -> None:
    path = clients.settings_path("cursor")
    path.parent.mkdir()
    path.write_text("{}", encoding="utf-8")
    change = clients.plan("cursor", ["/bin/memassist", "mcp"])
    path.write_text('{"theme": "dark"}', encoding="utf-8")
    with pytest.raises(ConfigError):
        clients.apply(change)
    assert path.read_text(encoding="utf-8") == '{"theme": "dark"}'


def test_no_entry_is_made_for_a_home_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["--home", str(tmp_path / "no"), "mcp", "install", "cursor"])
    assert done.exit_code != 0
    assert not clients.settings_path("cursor").exists()


@pytest.mark.skipif(os.name == "nt", reason="a program of a shell")
@pytest.mark.parametrize("works", [True, False])
def test_claude_codes_own_program_is_asked_where_there_is_one(
    home: Path, tmp_path: Path, works: bool
) -> None:
    program = tmp_path / "bin" / "claude"
    program.parent.mkdir()
    asked = tmp_path / "asked"
    program.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(asked)!r}, 'a').write('|'.join(sys.argv[1:]) + '\\n')\n"
        f"sys.exit({0 if works else 1})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    run(home, "install", "claude-code")
    lines = asked.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "mcp|remove|--scope|user|memassist"
    assert lines[1].startswith("mcp|add|--scope|user|memassist|--|/")
    assert lines[1].endswith(f"--home|{home}|mcp")
    # Where it fails, the file is written after all.
    assert clients.settings_path("claude-code").exists() is not works
