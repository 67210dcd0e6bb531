"""How often `ask` answers what it can, and stays silent where it can't, on questions of our own.

`answer_set/corpus.txt` is a year of one person's notes and chats; two thirds of the questions in
`answer_set/questions.txt` were looked at while the weights were set, the others only counted.
An answerable question counts as an error where it is abstained from or the expected words stand
neither in the answer nor in its citations; an unanswerable one where it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

SET = Path(__file__).parent / "answer_set"
OWNER = "Nora"
LARGEST_SHARE = 0.20


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the set."""

    part: str
    text: str
    expected: str | None
    """None where the corpus does not tell."""


def corpus() -> Iterator[Record]:
    """Yield the lines of the corpus, a minute apart."""
    for line in (SET / "corpus.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            day, _, name = line[2:].partition(" | ")
            began, number = datetime.fromisoformat(f"{day}+00:00"), 0
        elif line:
            author, _, text = line.partition(": ")
            yield Record(
                text=text,
                place=f"{day} {number}",
                author=author,
                is_owner=author == OWNER,
                conversation=f"{name} {day}",
                title=name,
                sequence=number,
                occurred_at=began + timedelta(minutes=number),
            )
            number += 1


def questions() -> list[Asked]:
    """Return the set's questions."""
    asked = []
    for line in (SET / "questions.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            part, text, expected = (piece.strip() for piece in line.split("|"))
            asked.append(Asked(part, text, None if expected == "-" else expected))
    return asked


def is_error(memory: Memory, asked: Asked) -> bool:
    """Ask, and compare with what the set says; every citation must be a slice of its item."""
    answer = memory.ask(asked.text)
    for citation in answer.citations:
        assert citation.quote in memory.item(citation.item_id).text
    if asked.expected is None:
        return not answer.abstained
    said = "\n".join([answer.answer, *(citation.quote for citation in answer.citations)])
    return answer.abstained or asked.expected.casefold() not in said.casefold()


@pytest.fixture(scope="module", params=["minilm", "none"])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Memory]:
    """Yield a home with the corpus, searched with the embedding model or by words alone."""
    home = tmp_path_factory.mktemp("answers") / "home"
    Memory.create(home, routes=[]).close()
    settings = f'me = ["{OWNER}"]\n[embedding]\nmodel = "{request.param}"\n'
    (home / "config.toml").write_text(settings, encoding="utf-8")
    with Memory.open(home) as memory:
        memory.add_items(corpus(), source="answer set")
        memory.work()
        yield memory


def test_both_error_rates_stay_within_a_fifth(
    filled: Memory, capsys: pytest.CaptureFixture[str]
) -> None:
    errors: dict[tuple[str, bool], list[bool]] = {}
    for asked in questions():
        outcome = is_error(filled, asked)
        errors.setdefault((asked.part, asked.expected is not None), []).append(outcome)
    is_lexical = filled.wiring.embedder() is None
    with capsys.disabled():
        print(f"\nask, {'by words alone' if is_lexical else 'with the embedding model'}:")  # noqa: T201 - the issue asks for the figures
        for (part, answerable), found in sorted(errors.items()):
            kind = "answerable  " if answerable else "unanswerable"
            share = f"{sum(found)} of {len(found)} wrong ({sum(found) / len(found):.0%})"
            print(f"  {kind} {part:8} {share}")  # noqa: T201 - as above
    for answerable in (True, False):
        found = [one for (_, kind), part in errors.items() if kind == answerable for one in part]
        assert len(found) >= 60
        # Words alone know fewer ways of saying a thing, so more is left unanswered.
        largest = 0.30 if is_lexical and answerable else LARGEST_SHARE
        assert sum(found) / len(found) <= largest
