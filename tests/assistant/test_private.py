"""Private in all: no folder is looked into, no program is served, the screen is not captured."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import anyio
import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from memassist.assistant import Memory
from memassist.assistant.capture import control
from memassist.assistant.daemon import process
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

PROGRAM = "from memassist.ui.cli import main; main()"
QUIET = '[embedding]\nmodel = "none"\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one note in it, searched by words."""
    place = tmp_path / "home"
    with Memory.create(place, routes=[]) as memory:
        (place / "config.toml").write_text(QUIET, encoding="utf-8")
        memory.add("My sister Maria lives in Leeds.")
    return place


def run(home: Path, *words: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(cli, ["--home", str(home), *words])


def test_a_span_ends_by_itself_and_a_pause_of_capture_outlives_it(home: Path) -> None:
    control.write_wish(home, control.Wish(is_paused=True))
    said = json.loads(run(home, "private", "30m", "--json").output)
    assert said["private"] is True
    wish = control.read_private(home)
    assert wish.paused_until is not None
    assert wish.is_in_force(datetime.now(UTC) + timedelta(minutes=29))
    assert not wish.is_in_force(datetime.now(UTC) + timedelta(minutes=31))
    assert control.read_wish(home) == wish
    assert "Still private in all until" in run(home, "capture", "resume").output
    control.write_wish(home, control.Wish(is_paused=True))
    assert "No longer private" in run(home, "private", "--end").output
    assert control.read_wish(home) == control.Wish(is_paused=True)


@pytest.mark.parametrize("words", [("soon",), ("0m",), ("1h", "--end")])
def test_a_time_that_is_none_is_refused(home: Path, words: tuple[str, ...]) -> None:
    assert run(home, "private", *words).exit_code == 2
    assert not control.read_private(home).is_paused


def test_a_file_that_cannot_be_read_means_private(home: Path) -> None:
    (home / control.PRIVATE_NAME).write_text("{", encoding="utf-8")
    assert control.read_private(home).is_paused


def test_programs_get_and_leave_nothing(home: Path) -> None:
    control.write_private(home, control.Wish(is_paused=True))
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", PROGRAM, "--home", str(home), "mcp"],
        env=dict(os.environ),
    )

    async def talk() -> None:
        async with Client(server, read_timeout_seconds=60) as client:
            for tool, arguments in (
                ("memory_search", {"query": "Maria"}),
                ("memory_add", {"text": "Maria moved to York."}),
            ):
                result = await client.call_tool(tool, arguments)
                (part,) = result.content
                assert isinstance(part, TextContent)
                assert "The user is private until you end it" in part.text
                assert "Leeds" not in part.text
            control.write_private(home, control.Wish())
            result = await client.call_tool("memory_search", {"query": "Maria"})
            assert "Leeds" in str(result.content)
            assert "York" not in str(result.content)

    anyio.run(talk)


def test_watched_folders_wait(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "note.md").write_text("Written while private.", encoding="utf-8")
    with Memory.open(home) as memory:
        memory.watches.add(folder)
        control.write_private(home, control.Wish(is_paused=True))
        assert process.start(home)
        try:
            time.sleep(3)
            assert len(memory.timeline()) == 1
            control.write_private(home, control.Wish())
            end = time.monotonic() + 60
            while len(memory.timeline()) < 2:
                assert time.monotonic() < end
                time.sleep(0.1)
        finally:
            process.stop(home)
