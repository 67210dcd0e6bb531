"""Chats that go on in a watched folder: what is new is added, and nothing comes twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOMENT = "2026-05-01T10:00:0{}.000Z"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Yield an open home, searched by words."""
    home = tmp_path / "home"
    Memory.create(home, routes=[]).close()
    settings = '[embedding]\nmodel = "none"\n[daemon]\nautostart = false\n'
    (home / "config.toml").write_text(settings, encoding="utf-8")
    with Memory.open(home) as opened:
        yield opened


def claude_code(number: int, kind: str, text: str) -> dict[str, Any]:
    return {
        "type": kind,
        "sessionId": "s1",
        "uuid": f"u{number}",
        "timestamp": MOMENT.format(number),
        "message": {"role": kind, "content": text},
    }


def codex(number: int, kind: str, text: str) -> dict[str, Any]:
    content = [{"type": "input_text" if kind == "user" else "output_text", "text": text}]
    payload = {"type": "message", "role": kind, "content": content}
    return {"timestamp": MOMENT.format(number), "type": "response_item", "payload": payload}


def gemini(number: int, kind: str, text: str) -> dict[str, Any]:
    kind = "user" if kind == "user" else "gemini"
    return {"id": f"m{number}", "type": kind, "timestamp": MOMENT.format(number), "content": text}


CODEX_FIRST = {"type": "session_meta", "payload": {"id": "s1", "cwd": "/kestrel"}}
GEMINI_FIRST = {"sessionId": "s1", "projectHash": "ab", "startTime": MOMENT.format(0)}


@pytest.mark.parametrize(
    ("place", "first", "make"),
    [
        (".claude/projects/-kestrel/s1.jsonl", None, claude_code),
        (".codex/sessions/2026/05/01/rollout-s1.jsonl", CODEX_FIRST, codex),
        (".gemini/tmp/ab/chats/session-s1.jsonl", GEMINI_FIRST, gemini),
    ],
)
def test_a_session_that_goes_on_adds_only_its_new_turns(
    memory: Memory, tmp_path: Path, place: str, first: dict[str, Any] | None, make: Any
) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    root = tmp_path / "/".join(place.split("/")[:2])
    memory.watches.add(root)
    turns = [
        make(1, "user", "Which port does the kestrel server use?"),
        make(2, "assistant", "Port 4711."),
        make(3, "user", "Change it to 4712, please."),
    ]
    start = [first] if first else []

    def look(count: int) -> tuple[int, int, int]:
        lines = [json.dumps(line) + "\n" for line in [*start, *turns[:count]]]
        path.write_text("".join(lines), "utf-8")
        taken_in = memory.watches.scan(root).taken_in
        return taken_in.stored, taken_in.existing, len(taken_in.problems)

    assert look(2) == (2, 0, 0)
    assert look(3) == (1, 2, 0)
    told = [(item.text, item.is_owner) for item in memory.timeline()]
    assert sorted(told) == [
        ("Change it to 4712, please.", True),
        ("Port 4711.", False),
        ("Which port does the kestrel server use?", True),
    ]
    assert len({item.conversation for item in memory.timeline()}) == 1


def chatgpt(*texts: str) -> dict[str, Any]:
    nodes: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None}}
    parent = "root"
    for number, text in enumerate(texts):
        role = "assistant" if number % 2 else "user"
        nodes[f"n{number}"] = {
            "id": f"n{number}",
            "parent": parent,
            "message": {
                "id": f"n{number}",
                "author": {"role": role},
                "create_time": 1_700_000_000.0 + number,
                "content": {"content_type": "text", "parts": [text]},
            },
        }
        parent = f"n{number}"
    for name, node in nodes.items():
        node["children"] = [one for one, other in nodes.items() if other["parent"] == name]
    about = {"id": "c1", "title": "Heat pump", "create_time": 1_700_000_000.0}
    return {**about, "current_node": parent, "mapping": nodes}


def claude(*texts: str) -> dict[str, Any]:
    turns = [
        {
            "uuid": f"t{number}",
            "sender": "assistant" if number % 2 else "human",
            "content": [{"type": "text", "text": text}],
            "created_at": MOMENT.format(number),
        }
        for number, text in enumerate(texts)
    ]
    return {"uuid": "c1", "name": "Heat pump", "chat_messages": turns}


@pytest.mark.parametrize("make", [chatgpt, claude])
def test_the_next_export_adds_only_what_was_said_since(
    memory: Memory, tmp_path: Path, make: Any
) -> None:
    downloads = tmp_path / "exports"
    downloads.mkdir()
    memory.watches.add(downloads)
    texts = ("How loud is a heat pump?", "About 50 dB.", "And at night?", "35 dB.")
    for name, count, expected in (("may", 2, (2, 0)), ("june", 4, (2, 2))):
        (downloads / name).mkdir()
        path = downloads / name / "conversations.json"
        path.write_text(json.dumps([make(*texts[:count])]), "utf-8")
        taken_in = memory.watches.scan(downloads).taken_in
        assert (taken_in.stored, taken_in.existing) == expected
    assert sorted(item.text for item in memory.timeline()) == sorted(texts)
