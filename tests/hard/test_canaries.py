"""No byte of what was taken in can be read in any file that a default home leaves on the disk."""

from __future__ import annotations

import json
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw, ImageFont

from memassist.assistant import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hard.conftest import Cli

ON_THE_PICTURE = ("BRAMBLEWICK", "THORNQUIST", "OAKHAMPTON")
MARK = "zqcanary"
CANARIES = (*(f"{MARK}{number:02}x" for number in range(17)), *ON_THE_PICTURE)


def chatgpt_export(path: Path) -> None:
    """Write an export with canaries in titles, messages of both sides, and a side branch."""

    def node(
        name: str, parent: str | None, children: list[str], role: str = "", text: str = ""
    ) -> dict[str, object]:
        message = {
            "id": name,
            "author": {"role": role},
            "create_time": 1_700_000_000.0,
            "content": {"content_type": "text", "parts": [text]},
        }
        return {
            "id": name,
            "message": message if role else None,
            "parent": parent,
            "children": children,
        }

    conversations = [
        {
            "id": f"conversation-{number}",
            "title": f"Title with {MARK}{number:02}x in it",
            "create_time": 1_700_000_000.0,
            "current_node": "c",
            "mapping": {
                "a": node("a", None, ["b", "d"]),
                "b": node("b", "a", ["c"], "user", f"My word is {MARK}{number + 2:02}x, you see."),
                "c": node("c", "b", [], "assistant", f"I see {MARK}{number + 4:02}x."),
                "d": node("d", "a", [], "user", f"Or is it {MARK}{number + 6:02}x?"),
            },
        }
        for number in range(2)
    ]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("conversations.json", json.dumps(conversations))


def picture(path: Path) -> None:
    """Draw words as a screen shows them."""
    image = Image.new("RGB", (1000, 400), "white")
    draw = ImageDraw.Draw(image)
    for line, word in enumerate(ON_THE_PICTURE):
        draw.text((40, 40 + 110 * line), word, fill="black", font=ImageFont.load_default(size=64))
    image.save(path)


def sources(folder: Path) -> None:
    """Make a folder of everything that is taken in."""
    folder.mkdir()
    chatgpt_export(folder / "export.zip")
    lines = [
        {"text": f"I live in {MARK}08x now.", "author": f"Ann {MARK}09x", "role": "user"},
        {"text": "Remember that it works.", "ref": f"{MARK}10x", "conversation": f"{MARK}11x"},
    ]
    content = "\n".join(json.dumps(line) for line in lines) + '\n{"text": broken zqcanary12x\n'
    (folder / "chat.jsonl").write_text(content)
    notes = folder / f"{MARK}13x"
    notes.mkdir()
    (notes / f"{MARK}14x.md").write_text(
        f"---\ntitle: {MARK}15x\ntags: [a, {MARK}16x]\n---\n# Heading\n\nA note.\n"
    )
    picture(folder / "screen.png")


def readable(folder: Path) -> list[str]:
    """Return (file, what can be read in it), in any case of letters and encoding."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for word in (*CANARIES, MARK):
            for form in (word, word.upper(), word.lower()):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                    if form.encode(encoding) in content:
                        found.append(f"{path.name}: {form} in {encoding}")
            if word.lower() in path.name.lower():
                found.append(f"the name {path.name}")
        if b"SQLite format 3" in content:
            found.append(f"{path.name}: SQLite's own mark")
    return found


@pytest.mark.slow
def test_no_canary_is_in_any_file_of_a_default_home(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    sources(tmp_path / "sources")
    # The search itself can find: it sees each of them where they come from.
    assert readable(tmp_path / "sources")

    ended = cli.run("import", tmp_path / "sources", "--json")
    assert ended.code == 0, ended.err
    assert ended.json()["problems"] == 1
    stored = json.dumps(
        [
            cli.rows(f"SELECT * FROM {table}")  # noqa: S608 - names from here
            for table in ("item", "problem", "source", "memory", "evidence")
        ],
        default=str,
    )
    # All but the broken line's, whose problem names its place and not what it says.
    assert [word for word in CANARIES if word not in stored] == [f"{MARK}12x"]
    assert cli.run("search", "--json", f"{MARK}08x").json()["hits"]
    assert cli.run("memories", "list").code == 0
    assert cli.run("backup", tmp_path / "backup").code == 0
    assert readable(cli.home) == []
    assert readable(tmp_path / "backup") == []
    assert readable(temporary) == []

    with Memory.open(cli.home) as memory:
        memory.add(f"Typed while it is open: {CANARIES[0]}, and I like {CANARIES[1]}.")
        names = {path.name for path in cli.home.iterdir()}
        assert {"memory.db-wal", "memory.db-shm"} <= names
        assert readable(cli.home) == []


@pytest.mark.slow
def test_no_canary_is_left_by_a_process_that_was_killed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    lines = [
        {"text": f"{number} {word} again", "ref": f"{word}-{number}", "conversation": word}
        for number in range(400)
        for word in CANARIES
    ]
    (tmp_path / "chat.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    log = cli.home / "memory.db-wal"
    process = cli.start("import", tmp_path / "chat.jsonl")
    deadline = time.monotonic() + 60
    # A log of that size may hold no whole transaction yet.
    while time.monotonic() < deadline and not (
        log.exists()
        and log.stat().st_size > 200_000
        and cli.rows("SELECT count(*) > 0 FROM item") == [(1,)]
    ):
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert log.stat().st_size > 200_000
    assert readable(cli.home) == []
    assert readable(temporary) == []
    assert cli.rows("SELECT count(*) > 0 FROM item") == [(1,)]
    assert cli.failing_checks() == []
