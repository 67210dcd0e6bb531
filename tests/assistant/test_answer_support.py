"""What cited words bear out: sound answers stay, those with one thing swapped are found out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from memassist.assistant.answer.support import Ground, missing, whole_sentences


def cases(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / "answer_checks" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


CASES = cases("swapped.jsonl")
UNSEEN = cases("unseen.jsonl")
"""Written once the check was done, by somebody who had not written it, and not tuned to since."""
ASKED_AT = datetime(2025, 7, 20, 12, tzinfo=UTC)


def ground(case: dict[str, Any]) -> Ground:
    """Return what a case's quote gives, as an answer's citation would."""
    text, quote = case["text"], case["quote"]
    start = text.index(quote)
    return Ground(
        whole_sentences(text, start, start + len(quote)),
        f"{text} {case['author']}",
        datetime.fromisoformat(case["written"]).replace(hour=9, tzinfo=UTC),
    )


def wrong(case: dict[str, Any], said: str) -> tuple[str, ...]:
    return missing(said, [ground(case)], case["question"], ASKED_AT)


@pytest.mark.parametrize(("judged", "least"), [(CASES, 40), (UNSEEN, 30)], ids=["own", "unseen"])
def test_nine_of_ten_swapped_answers_are_found_out_and_nine_of_ten_sound_ones_stay(
    judged: list[dict[str, Any]], least: int
) -> None:
    sound = [one["answer"] for one in judged if not wrong(one, one["answer"])]
    refused = [one["swapped"] for one in judged if wrong(one, one["swapped"])]
    lost = {one["answer"] for one in judged} - set(sound)
    passed = {one["swapped"] for one in judged} - set(refused)
    assert len(judged) >= least
    assert {one["kind"] for one in judged} == {"name", "number", "date", "negation"}
    assert len(sound) >= 0.9 * len(judged), lost
    assert len(refused) >= 0.9 * len(judged), passed
