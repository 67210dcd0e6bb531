"""`memassist entities` and links, as a person types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from memassist.assistant import Memory
from memassist.plugins.types import Record
from memassist.ui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

SAID = (
    ("My sister Helen is 34. I live in Leeds.", "2024-05-01"),
    ("My sister works as a nurse.", "2024-05-02"),
    ("I went to the Louvre with Helen yesterday.", "2024-08-03"),
    ("I moved to Bristol.", "2024-09-03"),
    ("I visited Maria in Dresden on 3 October.", "2024-10-04"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home") / "home"
    with Memory.create(path, routes=[]) as memory:
        memory.add_names(["Ann"])
        memory.add_items(
            [
                Record(
                    text=text,
                    place="",
                    author="Ann",
                    is_owner=True,
                    occurred_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
                )
                for text, day in SAID
            ],
            source="talk",
        )
        memory.work()
    return path


def run(home: Path, *words: str) -> str:
    result = CliRunner().invoke(cli, ["--home", str(home), *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def run_json(home: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(home, *words, "--json"))
    return found


def names(home: Path) -> dict[str, list[str]]:
    return {one["name"]: one["aliases"] for one in run_json(home, "entities", "list")["entities"]}


def memory_id(home: Path, part: str) -> str:
    found = run_json(home, "memories", "list")["memories"]
    return next(str(one["id"]) for one in found if part in one["text"])


def test_what_rules_learned_names_people_and_places(home: Path) -> None:
    assert names(home)["Helen"] == ["Ann's sister"]
    places = run_json(home, "entities", "list", "--kind", "place")["entities"]
    assert {one["name"] for one in places} >= {"Leeds", "Bristol", "Louvre", "Dresden"}
    assert "Helen  person, 4 memories" in run(home, "entities", "list", "--limit", "1")


def test_the_page_of_my_sister_is_hers_with_evidence(home: Path) -> None:
    page = run(home, "entities", "show", "my sister")
    assert page.startswith(f"{page[:8]}  Helen  person")
    assert "Ann's sister works as a nurse." in page
    assert "evidence: “My sister works as a nurse”" in page
    assert "2024-08-02: Ann went to the Louvre with Helen" in page
    assert "Louvre (place), 1" in page
    content = run_json(home, "entities", "show", "Helen")
    assert content["entity"]["aliases"] == ["Ann's sister"]
    assert content["events"][0]["evidence"][0]["quote"].startswith("I went to the Louvre")


def test_merge_alias_and_split_are_undone_by_undo(home: Path) -> None:
    before = names(home)
    run(home, "entities", "merge", "Helen", "Maria")
    assert "Maria" not in names(home)
    assert "also: Ann's sister, Maria, Nell" in run(home, "entities", "alias", "Helen", "Nell")
    run(home, "entities", "split", "Helen", "Maria")
    louvre = memory_id(home, "Louvre")
    other = run_json(home, "entities", "split", "Helen", "Helen Marsh", "--memory", louvre)
    assert (other["name"], other["memories"]) == ("Helen Marsh", 1)
    for _ in range(4):
        run(home, "undo")
    assert names(home) == before


def test_memories_show_tells_links_and_what_is_said_of_them(home: Path) -> None:
    bristol, leeds = memory_id(home, "moved to Bristol"), memory_id(home, "lives in Leeds")
    assert f"contradicts: Ann lives in Leeds.  [{leeds[-8:]}]" in run(
        home, "memories", "show", bristol
    )
    assert "contradicted by: Ann moved to Bristol." in run(home, "memories", "show", leeds)
    run(home, "memories", "unlink", bristol, "contradicts", leeds)
    links = run_json(home, "memories", "show", bristol)["links"]
    assert [(one["relation"], one["to_text"]) for one in links] == [("about", "Bristol (place)")]
    run(home, "memories", "link", bristol, "follows", leeds)
    assert "followed by: Ann moved to Bristol." in run(home, "memories", "show", leeds)
    run(home, "undo")
    run(home, "undo")
    assert "contradicts: Ann lives" in run(home, "memories", "show", bristol)


def test_a_page_says_what_is_counted_and_what_only_has_the_name(home: Path) -> None:
    run(home, "add", "--as", "semantic", "The blue vase came from Helen.")
    assert "Helen  person, 4 memories" in run(home, "entities", "list", "--limit", "1")
    page = run(home, "entities", "show", "Helen")
    assert "Helen  person, 4 memories" in page
    assert "named in the text of 1 more" in page
    run(home, "undo")


def test_nobody_of_that_name_is_an_error_with_the_way_out(home: Path) -> None:
    from memassist.store.errors import NotFoundError

    with pytest.raises(NotFoundError):
        run(home, "entities", "show", "Nobody")
