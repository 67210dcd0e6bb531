"""Benchmarks as corpora: what somebody wrote, as import lines, and the questions about it.

Read are the files as LoCoMo and LongMemEval publish them, and one plain form for both:
`[{"id", "items": [import lines], "questions": [{"id", "query", "answer", "category", "evidence":
[refs], "asked_at"?}]}]`, packed by gzip or not. The form is told by the first entry.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from memassist.assistant.errors import EvaluationError
from memassist.assistant.evaluation.cases import OWNER_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LOCOMO_CATEGORIES = {
    1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", 5: "adversarial",
}  # fmt: skip
UNANSWERABLE = ("adversarial", "abstain")
"""Parts of the names of categories whose questions can't be answered from the corpus."""
SECONDS_APART = 30
"""Between two turns of a session that has one time for all."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a benchmark."""

    id: str
    text: str
    category: str
    answer: str | None
    """None where abstaining is right."""
    evidence: tuple[str, ...]
    """Refs of the lines that tell it."""
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is taken into one home, and what is asked of it."""

    id: str
    lines: tuple[Mapping[str, object], ...]
    """In the JSON lines format of `memassist import`."""
    questions: tuple[Question, ...]


def read_corpora(path: Path) -> list[Corpus]:
    """Return the corpora of a benchmark's file in its order. Raises `EvaluationError`."""
    try:
        raw = path.read_bytes()
        content = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except OSError as error:
        raise EvaluationError(f"{path} can't be read: {error.strerror or error}.") from error
    except (ValueError, EOFError) as error:
        raise EvaluationError(f"{path.name} is no JSON.") from error
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        raise EvaluationError(f"{path.name} is no list of corpora.")
    read = next((read for key, read in _FORMS.items() if key in content[0]), None)
    if read is None:
        raise EvaluationError(f"{path.name} is of none of the known forms.")
    corpora = []
    for number, entry in enumerate(content, 1):
        try:
            corpora.append(read(entry))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            said = (
                f"lacks {error}" if isinstance(error, KeyError) else f"is not as expected: {error}"
            )
            raise EvaluationError(f"{path.name}: entry {number} {said}.") from error
    return corpora


def _plain(entry: dict[str, Any]) -> Corpus:
    lines = []
    for item in entry["items"]:
        line = dict(item)
        if str(line.get("author", "")).casefold() in OWNER_WORDS:
            del line["author"]  # without one, a line by the role of a person is the owner's
        lines.append(line)
    questions = (
        _question(
            str(one["id"]), one["query"], str(one.get("category", "all")), one.get("answer"),
            one.get("evidence", ()), one.get("asked_at"),
        )
        for one in entry["questions"]
    )  # fmt: skip
    return Corpus(str(entry["id"]), tuple(_told(lines)), tuple(questions))


def _locomo(entry: dict[str, Any]) -> Corpus:
    """Read a sample of locomo10.json."""
    talk, lines = entry["conversation"], []
    for key in talk:
        found = re.fullmatch(r"session_(\d+)", key)
        if found is None:
            continue
        # Such as "1:56 pm on 8 May, 2023".
        began = datetime.strptime(talk[f"{key}_date_time"], "%I:%M %p on %d %B, %Y")  # noqa: DTZ007 - the data has no zone; UTC is set below
        for number, turn in enumerate(talk[key]):
            caption = turn.get("blip_caption")
            shared = f" [shares a picture: {caption}]" if caption else ""
            at = began.replace(tzinfo=UTC) + timedelta(seconds=SECONDS_APART * number)
            lines.append(
                {
                    "ref": turn["dia_id"],
                    "conversation": f"{entry['sample_id']}/{key}",
                    "author": turn["speaker"],
                    "text": turn["text"] + shared,
                    "occurred_at": at.isoformat(),
                }
            )
    questions = (
        _question(
            f"{entry['sample_id']}/q{number}", one["question"], LOCOMO_CATEGORIES[one["category"]],
            one.get("answer"), one.get("evidence", ()), None,
        )
        for number, one in enumerate(entry["qa"])
    )  # fmt: skip
    return Corpus(str(entry["sample_id"]), tuple(_told(lines)), tuple(questions))


def _longmemeval(entry: dict[str, Any]) -> Corpus:
    """Read a question of longmemeval_s.json with its history."""
    lines, evidence = [], []
    sessions = zip(
        entry["haystack_session_ids"], entry["haystack_dates"], entry["haystack_sessions"],
        strict=True,
    )  # fmt: skip
    for name, date, turns in sessions:
        began = _longmemeval_time(date)
        for number, turn in enumerate(turns):
            ref = f"{name}#{number}"
            if turn.get("has_answer"):
                evidence.append(ref)
            lines.append(
                {
                    "ref": ref,
                    "conversation": name,
                    "role": turn["role"],
                    "text": turn["content"],
                    "occurred_at": (began + timedelta(seconds=SECONDS_APART * number)).isoformat(),
                }
            )
    name = str(entry["question_id"])
    category = entry["question_type"] + ("/abstain" if name.endswith("_abs") else "")
    asked_at = _longmemeval_time(entry["question_date"]).isoformat()
    question = _question(name, entry["question"], category, entry.get("answer"), evidence, asked_at)
    return Corpus(name, tuple(_told(lines)), (question,))


def _longmemeval_time(told: str) -> datetime:
    """Return the time of `2023/05/30 (Tue) 23:40`."""
    day, _, clock = told.split()
    return datetime.strptime(f"{day} {clock}", "%Y/%m/%d %H:%M").replace(tzinfo=UTC)


_FORMS = {"items": _plain, "haystack_sessions": _longmemeval, "conversation": _locomo}


def _told(lines: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    return (line for line in lines if str(line["text"]).strip())


def _question(
    name: str,
    text: str,
    category: str,
    answer: object,
    evidence: Sequence[str],
    asked_at: str | None,
) -> Question:
    has_answer = answer is not None and not any(part in category for part in UNANSWERABLE)
    return Question(
        name,
        text,
        category,
        str(answer) if has_answer else None,
        tuple(map(str, evidence)),
        None if asked_at is None else datetime.fromisoformat(asked_at),
    )
