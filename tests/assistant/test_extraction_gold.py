"""How many of the gold set's memories the rules make, and how many they make besides.

`extraction_gold/` holds statements labelled before any rule was run on them, half of them real
sentences, and sentences of which nothing may be remembered. Rules are changed by what the
development half shows; the held-out half is only counted.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memassist.assistant.evaluation.cases import case_of
from memassist.assistant.evaluation.extraction import evaluate
from memassist.assistant.extract.rules import builtin_extractors

if TYPE_CHECKING:
    from types import ModuleType

THRESHOLD = 0.5
"""The default of `inbox.threshold`."""
PRECISION = 0.95


@pytest.fixture(scope="module")
def gold() -> ModuleType:
    """Return the module that looks the set's real sentences up."""
    path = Path(__file__).parent / "extraction_gold" / "resolve.py"
    spec = importlib.util.spec_from_file_location("resolve", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not module.has_data():
        pytest.skip("the public data that half of the set stands in is not beside the repository")
    return module


def test_the_set_is_large_and_mostly_real(gold: ModuleType) -> None:
    lines = [line for half in ("development", "held_out") for line in gold.cases(half)]
    stated = [line for line in lines if line["expect"]]
    real = [line for line in stated if not line["id"].startswith("i")]
    silent = [line for line in lines if not line["expect"] and not line["id"].startswith("n")]
    assert sum(len(line["expect"]) for line in stated) >= 200
    assert len(real) >= len(stated) / 2
    assert len(silent) >= 300


@pytest.mark.parametrize(("half", "recall"), [("development", 0.80), ("held_out", 0.60)])
def test_the_rules_find_much_and_invent_little(half: str, recall: float, gold: ModuleType) -> None:
    cases = [case_of(line, line["id"]) for line in gold.cases(half)]
    report = evaluate(cases, builtin_extractors(), THRESHOLD)
    assert report.all_types.recall is not None
    assert report.all_types.precision is not None
    assert report.all_types.recall >= recall, report.all_types
    assert report.all_types.precision >= PRECISION, report.all_types
