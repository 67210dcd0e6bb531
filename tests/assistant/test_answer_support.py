"""What cited words bear out: sound answers stay, those with one thing swapped are found out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from memassist.assistant.answer.support import Ground, missing, whole_sentences

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "answer_checks" / "swapped.jsonl").read_text().splitlines()
]
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


def test_nine_of_ten_swapped_answers_are_found_out_and_nine_of_ten_sound_ones_stay() -> None:
    sound = [one["answer"] for one in CASES if not wrong(one, one["answer"])]
    refused = [one["swapped"] for one in CASES if wrong(one, one["swapped"])]
    lost = {one["answer"] for one in CASES} - set(sound)
    passed = {one["swapped"] for one in CASES} - set(refused)
    assert len(CASES) >= 40
    assert {one["kind"] for one in CASES} == {"name", "number", "date", "negation"}
    assert len(sound) >= 0.9 * len(CASES), lost
    assert len(refused) >= 0.9 * len(CASES), passed
