"""Benchmarks from their files to scores: without a model, with the scripted one, and broken off."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from memassist.assistant.errors import EvaluationError, ModelError
from memassist.assistant.evaluation import scoring
from memassist.assistant.evaluation.benchmark import LEDGER, Ledger, run
from memassist.assistant.evaluation.questions import read_corpora
from memassist.assistant.evaluation.summary import summary_of
from memassist.assistant.model.server import ServerModel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.assistant.conftest import ScriptedServer

SETTINGS: dict[str, Any] = {"embedding.model": "none"}
TURNS = (
    ("a1", "Ann", "My sister Maria lives in Leeds."),
    ("a2", "Bo", "I bought a red kayak in Whitby yesterday."),
    ("a3", "Ann", "The boiler was mended by Greenfold."),
)
PLAIN = [
    {
        "id": f"c{number}",
        "items": [
            {
                "ref": ref,
                "conversation": "c",
                "author": author,
                "text": text,
                "occurred_at": "2025-06-05T09:00:00Z",
            }
            for ref, author, text in TURNS
        ],
        "questions": [
            {"id": "q1", "query": "Where does Maria live?", "answer": "Leeds",
             "category": "single-hop", "evidence": ["a1"]},
            {"id": "q2", "query": "Who mended the boiler?", "answer": "Greenfold",
             "category": "single-hop", "evidence": ["a3"]},
            {"id": "q3", "query": "What did Zoe cook in Peru?", "answer": None,
             "category": "adversarial", "evidence": ["a2"]},
        ],
    }
    for number in (1, 2)
]  # fmt: skip


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.json"
    path.write_text(json.dumps(PLAIN), encoding="utf-8")
    return path


def test_questions_are_scored_without_a_model(plain: Path, tmp_path: Path) -> None:
    corpora = read_corpora(plain)
    folder = tmp_path / "work"
    summary = summary_of(run(corpora, folder, SETTINGS), corpora)
    rows = {row.category: row for row in summary.rows}
    assert rows["answerable"].questions == 4
    assert rows["answerable"].holds == rows["answerable"].cited == 1.0
    assert 0 < rows["answerable"].f1 < 1
    assert rows["adversarial"].abstained == rows["adversarial"].exact == 1.0
    assert (summary.items, summary.requests) == (6, 0)
    assert summary.memories >= 2
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []


def test_a_model_answers_is_judged_and_counted(
    plain: Path, tmp_path: Path, model_server: ScriptedServer
) -> None:
    def script(request: dict[str, Any]) -> Any:
        schema = json.dumps(request["response_format"])
        usage = {"prompt_tokens": 100, "completion_tokens": 7}
        if '"memories"' in schema:
            return model_server.reply({"memories": []}, usage=usage)
        if '"right"' in schema:
            return model_server.reply({"right": "Leeds" in str(request["messages"])}, usage=usage)
        shown = re.search(r'"n": (\d+),[^\n]*Maria lives', request["messages"][-1]["content"])
        number = int(shown[1]) if shown else 0
        quote = {"n": number, "quote": "Maria lives in Leeds"}
        answer = {"abstained": False, "answer": f"Leeds [{number}].", "citations": [quote]}
        return model_server.reply(answer, usage=usage)

    model_server.script = script
    corpora = read_corpora(plain)[:1]
    model = ServerModel(model_server.url, "scripted")
    ledger = run(corpora, tmp_path / "work", SETTINGS, model=model, judge=model)
    first = ledger.answered["c1", "q1"]
    assert (first.exact, first.f1, first.judged, first.model) == (1.0, 1.0, 1.0, "scripted")
    summary = summary_of(ledger, corpora)
    assert summary.requests == 3
    assert summary.prompt_tokens == 100 * summary.requests
    assert summary.written_tokens == 7 * summary.requests


def test_a_model_that_is_gone_ends_the_run_and_the_next_one_goes_on(
    plain: Path, tmp_path: Path, model_server: ScriptedServer
) -> None:
    corpora = read_corpora(plain)[:1]
    folder = tmp_path / "work"
    gone = ServerModel("http://127.0.0.1:9/v1", "gone")
    with pytest.raises(ModelError):
        run(corpora, folder, SETTINGS, model=gone)
    assert not Ledger.read(folder).answered
    model_server.says({"memories": []})
    ledger = run(corpora, folder, SETTINGS, model=ServerModel(model_server.url, "scripted"))
    assert len(ledger.answered) == 3


def test_a_killed_run_goes_on_where_it_was(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    command = [sys.executable, "-c", "from memassist.ui.cli import main; main()"]
    arguments = ["eval", "locomo", str(plain), "--words-only", "--work", str(folder), "--json"]
    killed = subprocess.Popen(
        [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(600):
        if (folder / LEDGER).exists() and len((folder / LEDGER).read_bytes().splitlines()) >= 2:
            break
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    with (folder / LEDGER).open("ab") as file:
        file.write(b'{"corpus": "c1", "quest')
    before = Ledger.read(folder)
    assert before.learned
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(row["questions"] for row in found["rows"][:2]) == 6
    assert found["items"] == 6
    after = Ledger.read(folder)
    assert {key: after.answered[key] for key in before.answered} == before.answered


def test_the_published_forms_are_read(tmp_path: Path) -> None:
    locomo = [
        {
            "sample_id": "conv-1",
            "conversation": {
                "speaker_a": "Ann",
                "session_1_date_time": "1:56 pm on 8 May, 2023",
                "session_1": [
                    {"speaker": "Ann", "dia_id": "D1:1", "text": "Look!", "blip_caption": "a kite"},
                    {"speaker": "Bo", "dia_id": "D1:2", "text": "Nice."},
                ],
            },
            "qa": [
                {
                    "question": "What is it?",
                    "answer": "a kite",
                    "evidence": ["D1:1"],
                    "category": 4,
                },
                {
                    "question": "Whose car?",
                    "adversarial_answer": "x",
                    "evidence": [],
                    "category": 5,
                },
            ],
        }
    ]
    path = tmp_path / "locomo10.json"
    path.write_text(json.dumps(locomo), encoding="utf-8")
    (corpus,) = read_corpora(path)
    assert corpus.lines[0]["text"] == "Look! [shares a picture: a kite]"
    assert corpus.lines[1]["occurred_at"] == "2023-05-08T13:56:30+00:00"
    assert [(one.category, one.answer) for one in corpus.questions] == [
        ("single-hop", "a kite"),
        ("adversarial", None),
    ]
    longmemeval = [
        {
            "question_id": f"e47{suffix}",
            "question_type": "single-session-user",
            "question": "How long?",
            "answer": 45,
            "question_date": "2023/05/30 (Tue) 23:40",
            "haystack_dates": ["2023/05/20 (Sat) 02:21"],
            "haystack_session_ids": ["s1"],
            "haystack_sessions": [
                [
                    {"role": "user", "content": "It took 45 minutes.", "has_answer": True},
                    {"role": "assistant", "content": "I see."},
                ]
            ],
        }
        for suffix in ("", "_abs")
    ]
    packed = tmp_path / "longmemeval_s.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(longmemeval).encode()))
    asked, unanswerable = (corpus.questions[0] for corpus in read_corpora(packed))
    assert (asked.answer, asked.evidence) == ("45", ("s1#0",))
    assert asked.asked_at is not None
    assert asked.asked_at.isoformat() == "2023-05-30T23:40:00+00:00"
    assert (unanswerable.category, unanswerable.answer) == ("single-session-user/abstain", None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("{}", "no list of corpora"),
        ('[{"x": 1}]', "none of the known forms"),
        ('[{"items": [{"ref": "a"}], "questions": []}]', "entry 1 lacks"),
        ('[{"id": "a", "items": [{"text": "x"}], "questions": [{"id": 1}]}]', "lacks 'query'"),
    ],
)
def test_a_file_of_another_form_is_named(content: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError, match=said):
        read_corpora(path)


def test_words_are_compared_as_squad_does() -> None:
    assert scoring.exact("The Red kayak!", "a red Kayak")
    assert not scoring.exact("red kayak", "kayak red")
    assert scoring.f1("She bought a red kayak", "red kayak") == pytest.approx(2 * 0.5 / 1.5)
    assert scoring.f1("blue", "red") == 0.0
    assert scoring.holds(["It was May.", "She bought a red kayak."], "the red kayak")
    assert not scoring.holds(["a kayak, red"], "red kayak")
    assert not scoring.holds(["anything"], "the")
