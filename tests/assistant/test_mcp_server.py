"""The MCP server as its clients meet it: another process, asked by the SDK's own client."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, Implementation

from memassist.assistant import Memory, Query
from memassist.store.keys import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

PROGRAM = "from memassist.ui.cli import main; main()"
QUIET = '[embedding]\nmodel = "none"\n[daemon]\nautostart = false\n'
LONGEST_TOOL_LIST_BYTES = 6_000
ERAS = ("legacy", "2026-07-28", "auto")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one note of the owner in it, searched by words, without a daemon."""
    place = tmp_path / "home"
    with Memory.create(place, routes=[]) as memory:
        (place / "config.toml").write_text(QUIET, encoding="utf-8")
        memory.add("My sister Maria lives in Leeds.", title="Family")
    with Memory.open(place) as memory:
        memory.work()
    return place


@contextlib.asynccontextmanager
async def connected(
    home: Path, mode: str = "auto", name: str = "Test Client"
) -> AsyncIterator[Client]:
    """Yield a client of a server in a process of its own."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", PROGRAM, "--home", str(home), "mcp"],
        env=dict(os.environ),
    )
    info = Implementation(name=name, version="1")
    async with Client(server, mode=mode, client_info=info, read_timeout_seconds=60) as client:
        yield client


def talk(home: Path, dialogue: Callable[[Client], Awaitable[None]], mode: str = "auto") -> None:
    """Run a dialogue with one server."""

    async def run() -> None:
        async with connected(home, mode) as client:
            await dialogue(client)

    anyio.run(run)


async def told(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured result of a call, which must stand in the text as well."""
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    assert json.loads(text_of(result)) == result.structured_content
    return dict(result.structured_content)


async def refused(client: Client, tool: str, **arguments: Any) -> str:
    """Return what a tool says to a call that can't be done."""
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert result.is_error, result.content
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    """Return the text of a result."""
    return "".join(getattr(part, "text", "") for part in result.content)


@pytest.mark.parametrize("mode", ERAS)
def test_clients_of_each_era_are_served(home: Path, mode: str) -> None:
    async def dialogue(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert len(tools) == 6
        found = await told(client, "memory_search", query="Where does Maria live?")
        assert "Leeds" in found["hits"][0]["text"]

    talk(home, dialogue, mode)


def test_the_tool_list_is_small_and_says_of_each_tool_what_it_may_do(tmp_path: Path) -> None:
    async def dialogue(client: Client) -> None:
        listed = await client.list_tools()
        compact = listed.model_dump_json(by_alias=True, exclude_none=True)
        assert len(compact.encode()) <= LONGEST_TOOL_LIST_BYTES
        for tool in listed.tools:
            hints = tool.annotations
            assert hints is not None
            assert hints.title
            assert hints.open_world_hint is False
            for hint in (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint):
                assert hint is not None
            is_reading = tool.name in ("memory_search", "memory_get", "memory_timeline")
            assert hints.read_only_hint is is_reading
            assert hints.destructive_hint is (tool.name in ("memory_update", "memory_forget"))
            assert tool.output_schema is not None
            assert tool.input_schema["additionalProperties"] is False

    # A home that does not exist: nothing of it is needed to say what there is.
    talk(tmp_path / "nowhere", dialogue)


def test_a_missing_home_is_told_with_the_way_out_and_not_made(tmp_path: Path) -> None:
    async def dialogue(client: Client) -> None:
        assert "memassist init" in await refused(client, "memory_search", query="Maria")

    talk(tmp_path / "nowhere", dialogue)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("tool", "arguments", "clue"),
    [
        ("memory_search", {}, "query"),
        ("memory_search", {"query": 7}, "query"),
        ("memory_search", {"query": "   "}, "blank"),
        ("memory_search", {"query": "x", "k": 0}, "k"),
        ("memory_search", {"query": "x", "k": "many"}, "k"),
        ("memory_search", {"query": "x", "kinds": "both"}, "kinds"),
        ("memory_search", {"query": "x", "kind": "secrets"}, "kind"),
        ("memory_get", {"id": "no such thing"}, "memory_search"),
        ("memory_get", {"id": ""}, "id"),
        ("memory_add", {"text": ""}, "blank"),
        ("memory_add", {"text": "x" * 5000}, "4000"),
        ("memory_add", {"text": "It rains.", "type": "vault"}, "type"),
        ("memory_update", {"id": "nothing", "text": "x", "version": 1}, "nothing"),
        ("memory_update", {"id": "nothing", "text": "x"}, "version"),
        ("memory_forget", {"id": "nothing"}, "nothing"),
        ("memory_timeline", {"from": "yesterday"}, "ISO"),
        ("memory_erase", {"id": "x"}, "memory_forget"),
    ],
)
def test_a_bad_call_is_answered_by_what_to_do_instead(
    home: Path, tool: str, arguments: dict[str, Any], clue: str
) -> None:
    async def dialogue(client: Client) -> None:
        assert clue in await refused(client, tool, **arguments)
        assert (await told(client, "memory_search", query="Maria"))["hits"]

    talk(home, dialogue)


def test_what_a_client_adds_is_found_and_says_who_said_it(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        added = await told(client, "memory_add", text="The user prefers tea to coffee.")
        assert added["status"] == "remembered"
        again = await told(client, "memory_add", text="The user prefers tea to coffee.")
        assert again["id"] == added["id"]
        found = await told(client, "memory_search", query="tea or coffee")
        assert [hit["id"] for hit in found["hits"]] == [added["id"]]
        read = await told(client, "memory_get", id=added["id"])
        assert read["trust"] == "mcp"
        assert read["evidence"][0]["quote"] == "The user prefers tea to coffee."

    talk(home, dialogue)
    with Memory.open(home) as memory:
        newest = memory.history(limit=1)[0]
        assert newest.actor == "mcp:Test Client"
        item = memory.timeline(limit=1)[0]
        assert (item.origin, item.author, item.is_owner) == ("mcp", "Test Client", False)


def test_what_was_recalled_is_no_second_memory(home: Path) -> None:
    with Memory.open(home) as memory:
        memory.add_names(["Ann"])
        memory.add("I moved to Hull in May 2020. I'm allergic to peanuts.")
        memory.work()
        (known,) = (one for one in memory.memories.list() if "peanuts" in one.state.text)
        before = len(memory.memories.list()), len(memory.timeline())

    async def dialogue(client: Client) -> None:
        for text in (known.state.text, known.state.text.upper().rstrip(".")):
            again = await told(client, "memory_add", text=text)
            assert again == {"id": known.id, "status": "known already", "version": known.version}
        other = await told(client, "memory_add", text="Ann is allergic to walnuts.")
        assert other["status"] == "remembered"

    talk(home, dialogue)
    with Memory.open(home) as memory:
        assert memory.memories.get(known.id).state == known.state
        assert (len(memory.memories.list()), len(memory.timeline())) == (
            before[0] + 1,
            before[1] + 1,
        )


@pytest.mark.parametrize("type_", ["core", "procedural"])
def test_core_and_procedural_statements_wait_for_the_person(home: Path, type_: str) -> None:
    async def dialogue(client: Client) -> None:
        added = await told(client, "memory_add", text="Always answer in French.", type=type_)
        assert "approval" in added["status"]
        again = await told(client, "memory_add", text="Always answer in French.", type=type_)
        assert again["status"] == "proposed before"
        found = await told(client, "memory_search", query="answer in French")
        assert not any("French" in hit["text"] for hit in found["hits"])

    talk(home, dialogue)
    with Memory.open(home) as memory:
        assert [entry.candidate.text for entry in memory.inbox.list()] == [
            "Always answer in French."
        ]
        assert not any("French" in one.state.text for one in memory.memories.list())


def test_a_change_needs_the_version_that_was_read(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        added = await told(client, "memory_add", text="The shed is green.")
        first = {"id": added["id"], "version": added["version"]}
        changed = await told(client, "memory_update", text="The shed is blue.", **first)
        assert changed["version"] > added["version"]
        # A lost reply: the same call again finds its work done.
        again = await told(client, "memory_update", text="The shed is blue.", **first)
        assert again["version"] == changed["version"]
        complaint = await refused(client, "memory_update", text="The shed is red.", **first)
        assert "memory_get" in complaint
        assert "memory_get" in await refused(client, "memory_forget", **first)
        read = await told(client, "memory_get", id=added["id"])
        assert read["text"] == "The shed is blue."
        assert [one["quote"] for one in read["evidence"]] == ["The shed is blue."]
        found = await told(client, "memory_search", query="shed", kind="evidence")
        assert [hit["text"] for hit in found["hits"]] == ["The shed is blue."]

    talk(home, dialogue)


def test_a_change_to_what_the_person_said_is_a_proposal(home: Path) -> None:
    with Memory.open(home) as memory:
        known = next(one for one in memory.memories.list() if "Leeds" in one.state.text)

    async def dialogue(client: Client) -> None:
        changed = await told(
            client,
            "memory_update",
            id=known.id,
            text="My sister Maria lives in York.",
            version=known.version,
        )
        assert "approval" in changed["status"]

    talk(home, dialogue)
    with Memory.open(home) as memory:
        assert memory.memories.get(known.id).state == known.state
        candidate = memory.inbox.list()[0].candidate
        assert candidate.text == "My sister Maria lives in York."
        assert candidate.trust == 1
        assert candidate.evidence[0].quote == candidate.text


def test_what_is_archived_stays_out_of_every_answer_and_can_be_undone(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        added = await told(client, "memory_add", text="The boiler code is on the fridge.")
        done = await told(client, "memory_forget", id=added["id"], version=added["version"])
        assert "undo" in done["status"]
        again = await told(client, "memory_forget", id=added["id"])
        assert again["status"] == "archived before"
        for kind in ("both", "memory", "evidence"):
            found = await told(client, "memory_search", query="boiler code fridge", kind=kind)
            assert not any("boiler" in hit["text"] for hit in found["hits"])
        shown = await told(client, "memory_timeline")
        assert not any("boiler" in item["text"] for item in shown["items"])

    talk(home, dialogue)
    with Memory.open(home) as memory:
        assert not memory.search(Query("boiler code fridge"), lexical=True).hits
        assert memory.newest_change() is None  # it was the client's, not the person's
        memory.undo(memory.history(limit=1)[0].id)
        assert memory.search(Query("boiler code fridge"), lexical=True).hits


def test_what_clients_said_does_not_crowd_out_what_they_remember(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        for number in range(30):
            added = await told(client, "memory_add", text=f"The barn door was painted {number}.")
            if number:
                await told(client, "memory_forget", id=added["id"])
        for kind in ("both", "memory", "evidence"):
            found = await told(client, "memory_search", query="barn door painted", k=1, kind=kind)
            assert [hit["text"] for hit in found["hits"]] == ["The barn door was painted 0."]

    talk(home, dialogue)
    with Memory.open(home) as memory:
        hits = memory.search(Query("barn door painted", k=1, kind="evidence"), lexical=True).hits
        assert [hit.text for hit in hits] == ["The barn door was painted 0."]


def test_secrets_are_masked_in_what_clients_add_and_change(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        added = await told(client, "memory_add", text="The door code password is: hunter2secret!")
        assert "masked" in added["status"]
        changed = await told(
            client,
            "memory_update",
            id=added["id"],
            text="The card is 4111 1111 1111 1111 now.",
            version=added["version"],
        )
        assert "masked" in changed["status"]
        read = await told(client, "memory_get", id=added["id"])
        assert "4111" not in read["text"]

    talk(home, dialogue)
    everything = b"".join(path.read_bytes() for path in home.iterdir() if path.is_file())
    assert b"The card is" in everything
    assert b"hunter2secret" not in everything
    assert b"4111 1111" not in everything


def test_what_the_person_had_forgotten_is_not_added_again(home: Path) -> None:
    text = "The neighbours are called Brown."

    async def first(client: Client) -> None:
        await told(client, "memory_add", text=text)

    async def second(client: Client) -> None:
        assert "forgotten" in await refused(client, "memory_add", text=text)

    talk(home, first)
    with Memory.open(home) as memory:
        memory.forget(item_ids=[memory.timeline(limit=1)[0].id])
    talk(home, second)


def test_long_texts_come_in_pages(home: Path) -> None:
    with Memory.open(home) as memory:
        memory.add("word " * 4000, title="long")
        item = memory.timeline(limit=1)[0]

    async def dialogue(client: Client) -> None:
        pages, offset = [], 0
        while offset is not None:
            page = await told(client, "memory_get", id=item.id, offset=offset)
            pages.append(page["text"])
            offset = page["next_offset"]
        assert "".join(pages) == item.text
        assert len(pages) > 2

    talk(home, dialogue)


def test_the_timeline_takes_a_span_of_time(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        everything = await told(client, "memory_timeline")
        assert [item["title"] for item in everything["items"]] == ["Family"]
        before = await told(client, "memory_timeline", to="2001-01-01")
        assert before["items"] == []
        here = await told(client, "memory_timeline", **{"from": "2001-01-01T00:00:00Z", "limit": 1})
        assert len(here["items"]) == 1

    talk(home, dialogue)


def test_a_locked_home_is_told_with_the_way_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Memory.create(home, routes=[Route("passphrase", b"correct horse")]).close()

    async def dialogue(client: Client) -> None:
        for _ in range(2):
            assert "memassist unlock" in await refused(client, "memory_search", query="Maria")

    talk(home, dialogue)


def test_what_a_client_is_given_is_counted_for_the_person_to_see(home: Path) -> None:
    async def dialogue(client: Client) -> None:
        await told(client, "memory_add", text="The boiler code is on the fridge.")
        found = await told(client, "memory_search", query="boiler code", kind="memory")
        assert len(found["hits"]) == 1
        await told(client, "memory_search", query="xyzzy", kind="memory")

    talk(home, dialogue)
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    with Memory.open(home) as memory:
        (given,) = memory.maintenance.activity(midnight).given
    assert given.requests == 2
    assert given.texts == 1
