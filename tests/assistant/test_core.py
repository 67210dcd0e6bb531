"""Core memory: its budget, what a full one does with more, and that prompts hold it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.assistant.config import set_value
from memassist.assistant.core import estimated_tokens
from memassist.plugins.types import Record
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.assistant.conftest import ScriptedServer

HOME = "I live in Leeds."
DIET = "I'm vegetarian."


@pytest.fixture
def memory(asking_home: Path) -> Iterator[Memory]:
    with Memory.open(asking_home) as memory:
        yield memory


def say(memory: Memory, *texts: str, **values: Any) -> None:
    """Take in what Ann says, and learn from it by rules."""
    records = [
        Record(text=text, place=text, author="Ann", is_owner=True, conversation=text, **values)
        for text in texts
    ]
    memory.add_items(records, source="test")
    memory.work()


def budget(memory: Memory, tokens: int) -> None:
    set_value(memory.wiring.home, "core.budget_tokens", (str(tokens),))
    memory.wiring.reload_config()


def test_each_line_tells_what_it_rests_on(memory: Memory) -> None:
    say(memory, HOME, DIET)
    core = memory.memories.core()
    assert sorted(line.statement.text for line in core.lines) == [
        "Ann is vegetarian.",
        "Ann lives in Leeds.",
    ]
    for line in core.lines:
        (span,) = line.statement.evidence
        assert memory.item(span.item_id).text[span.start : span.stop] == span.quote
    assert core.tokens == sum(line.tokens for line in core.lines)
    assert core.meter == f"{core.tokens} of 1,500 tokens (2%)"
    assert core.notice == ""


def test_a_fact_that_is_over_is_no_longer_core(memory: Memory) -> None:
    say(memory, HOME)
    say(memory, "I live in York.")
    assert [line.statement.text for line in memory.memories.core().lines] == ["Ann lives in York."]


def test_what_a_machine_proposes_for_a_full_core_waits_in_the_inbox(memory: Memory) -> None:
    budget(memory, 20)
    say(memory, HOME)
    say(memory, DIET)
    assert [one.state.text for one in memory.memories.list("core")] == ["Ann lives in Leeds."]
    (entry,) = memory.inbox.list()
    assert entry.candidate.text == "Ann is vegetarian."
    assert entry.reason == "Core memory is full (20 tokens, core.budget_tokens)."


def test_a_full_core_still_learns_what_replaces_a_line(memory: Memory) -> None:
    budget(memory, 20)
    say(memory, HOME)
    say(memory, "I live in York.")
    assert memory.inbox.list() == []
    assert [line.statement.text for line in memory.memories.core().lines] == ["Ann lives in York."]


def test_a_person_is_told_what_does_not_fit_and_nothing_is_lost(memory: Memory) -> None:
    budget(memory, 20)
    say(memory, HOME)
    say(memory, DIET)
    memory.inbox.approve(memory.inbox.list()[0].id)
    core = memory.memories.core()
    # What a person approved comes first, so the rule's own line gives way.
    assert [(line.statement.text, line.is_in_prompts) for line in core.lines] == [
        ("Ann is vegetarian.", True),
        ("Ann lives in Leeds.", False),
    ]
    assert "the 1 line of least importance stays out of prompts" in core.notice
    assert len(memory.memories.list("core")) == 2


def test_pinned_lines_come_first_and_archived_ones_go(memory: Memory) -> None:
    say(memory, HOME, DIET)
    last = memory.memories.core().lines[-1].statement
    memory.memories.edit(last.memory_id, is_pinned=True)
    assert memory.memories.core().lines[0].statement.memory_id == last.memory_id
    memory.memories.edit(last.memory_id, is_archived=True)
    assert last.text not in [line.statement.text for line in memory.memories.core().lines]


def test_rewriting_a_line_is_undone(memory: Memory) -> None:
    say(memory, HOME)
    (line,) = memory.memories.core().lines
    memory.memories.edit(line.statement.memory_id, text="Ann lives in Leeds, in Headingley.")
    memory.undo()
    assert memory.memories.core().lines == (line,)


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("日本語", 3), ("é", 1), ("aé", 2)]
)
def test_tokens_are_estimated_rather_too_high(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def entries_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    lines = request["messages"][-1]["content"].splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_prompts_hold_core_memory_fenced_and_answers_cite_what_it_rests_on(
    memory: Memory, model_server: ScriptedServer
) -> None:
    say(memory, HOME, "Restaurants in Leeds open at noon.")

    def script(request: dict[str, Any]) -> Any:
        if "memories" in json.dumps(request.get("response_format")):
            return model_server.reply({"memories": []})
        known = next(one for one in entries_of(request) if one.get("text") == "Ann lives in Leeds.")
        quoted = {"n": known["n"], "quote": "Ann lives in Leeds"}
        return model_server.reply(
            {"answer": "You live in Leeds.", "citations": [quoted], "abstained": False}
        )

    model_server.script = script
    answer = memory.ask("When do restaurants open?")
    assert (answer.answer, answer.model) == ("You live in Leeds.", "scripted")
    assert [one.quote for one in answer.citations] == ["I live in Leeds"]
    system, user = model_server.requests[-1]["messages"]
    assert "Leeds" not in system["content"]
    (known,) = [one for one in entries_of(model_server.requests[-1]) if "by" not in one]
    assert known["about"] == "persona"
    assert user["content"].rindex('"about"') < user["content"].index("-----END")


def test_lines_beyond_the_budget_are_in_no_prompt(
    memory: Memory, model_server: ScriptedServer
) -> None:
    say(memory, HOME, DIET)
    budget(memory, 1)
    model_server.says({"answer": "", "citations": [], "abstained": True})
    memory.ask("Where do I live?")
    assert all("by" in one for one in entries_of(model_server.requests[-1]))


def test_the_command_says_until_when_a_line_held(memory: Memory) -> None:
    say(memory, HOME, occurred_at=datetime(2026, 2, 1, tzinfo=UTC))
    say(memory, "I moved to York.", occurred_at=datetime(2026, 4, 10, tzinfo=UTC))
    words = ["--home", str(memory.wiring.home), "memories"]

    def run(*more: str) -> list[str]:
        done = CliRunner().invoke(cli, [*words, *more], catch_exceptions=False)
        return [line.strip() for line in done.stdout.splitlines() if "evidence" not in line]

    said = dict(zip(run()[1::2], run()[::2], strict=True))  # without `list` it lists, too
    assert said["Ann lives in Leeds."].endswith("core, until 2026-04-10")
    assert said["Ann moved to York."].endswith("core")
    assert run("--as-of", "2026-03-01")[1::2] == ["Ann lives in Leeds."]
    assert run("--believed-on", "2026-03-01") == []


def test_the_command_prints_the_meter(memory: Memory) -> None:
    say(memory, HOME)
    home = memory.wiring.home

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False).stdout

    shown = run("memories", "list", "--type", "core")
    assert shown.startswith("core memory: 13 of 1,500 tokens (1%)\n")
    assert "evidence: “I live in Leeds”" in shown
    found = json.loads(run("memories", "list", "--type", "core", "--json"))
    assert found["core"] == {"tokens": 13, "budget_tokens": 1500, "left_out": []}
    assert "core" not in json.loads(run("memories", "list", "--json"))
