"""Search goes on while vectors are damaged, half there, of another length or being made anew."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from memassist.assistant import Memory, Query
from memassist.assistant.work import work
from memassist.plugins.types import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

BIRDS = ("heron", "owl", "wren", "kite", "swan", "crane", "finch", "lark")
ITEMS = 320


class Spread:
    """A small model: vectors by the words of a text; it counts what it was given."""

    def __init__(self, model_id: str, dimensions: int) -> None:
        self.model_id = model_id
        self.dimensions = dimensions
        self.count = 0

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return one unit vector for each text."""
        self.count += len(texts)
        rows = np.full((len(texts), self.dimensions), 0.01, np.float32)
        for number, text in enumerate(texts):
            for word in text.casefold().split():
                digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
                rows[number, int.from_bytes(digest, "little") % self.dimensions] += 1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    """Yield a home of some hundred notes on birds."""
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        memory.add_items(
            [
                Record(
                    text=f"The {BIRDS[number % 8]} was seen at place {number}.",
                    place="",
                    ref=f"r{number}",
                )
                for number in range(ITEMS)
            ],
            source="test",
        )
        yield memory


def _use(memory: Memory, monkeypatch: pytest.MonkeyPatch, model: Spread) -> Spread:
    monkeypatch.setattr(memory.wiring, "embedder", lambda: model)
    return model


def _refs(memory: Memory, text: str) -> set[str | None]:
    """Search three times: by the table, and by the vectors held in memory."""
    query = Query(text, k=5, kind="evidence", collapse=False)
    model = memory.wiring.embedder()
    with Memory.open(memory.wiring.home) as another:
        another.wiring.embedder = lambda: model  # type: ignore[method-assign]  # as in `_use`
        found = [[hit.ref for hit in another.search(query).hits] for _ in range(3)]
    assert found[0] == found[1] == found[2]
    return set(found[0])


def _vectors(memory: Memory, model_id: str) -> int:
    row = memory.wiring.database.read().execute(
        "SELECT count(*) FROM vector JOIN embedding_model AS model ON model.id = model_id"
        " WHERE model.name = ?",
        (model_id,),
    )
    return int(row.fetchone()[0])


def _wrong(memory: Memory) -> set[str]:
    return {check.name for check in memory.maintenance.doctor() if not check.ok}


DAMAGE = {
    "of another length": "UPDATE vector SET numbers = x'01' WHERE passage_id % 3 = 1",
    "without signs": "UPDATE vector SET bits = x'' WHERE passage_id % 3 = 1",
    "infinite": "UPDATE vector SET scale = 9e999 WHERE passage_id % 3 = 1",
    "gone in part": "DELETE FROM vector WHERE passage_id % 3 = 1",
    "gone": "DELETE FROM vector",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_search_goes_on_over_vectors_that_are_damaged_and_a_rebuild_mends_them(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _use(memory, monkeypatch, Spread("one@1", 64))
    work(memory.wiring)
    before = _refs(memory, "owl place 41")
    assert "r41" in before
    with memory.wiring.database.write() as connection:
        connection.execute(DAMAGE[name])
    assert "r41" in _refs(memory, "owl place 41")
    assert "r42" in _refs(memory, "wren place 42")
    wrong = _wrong(memory)
    assert wrong & {"every vector of a passage can be compared", "every passage has a vector"}
    memory.maintenance.rebuild()
    assert "r41" in _refs(memory, "owl place 41")
    work(memory.wiring)
    assert _wrong(memory) == set()
    assert _refs(memory, "owl place 41") == before


def test_words_and_vectors_that_disagree_are_seen_and_mended_while_search_goes_on(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, Spread("one@1", 64))
    work(memory.wiring)
    with memory.wiring.database.write() as connection:
        connection.execute("INSERT INTO passage_index (passage_index) VALUES ('delete-all')")
    assert _refs(memory, "owl place 41")
    assert "every passage is in the index" in _wrong(memory)
    memory.maintenance.rebuild()
    work(memory.wiring)
    assert _wrong(memory) == set()
    assert "r41" in _refs(memory, "owl place 41")


def test_a_model_of_the_same_name_and_another_length_is_embedded_anew(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(memory, monkeypatch, Spread("one@1", 64))
    work(memory.wiring)
    assert "r41" in _refs(memory, "owl place 41")
    model = _use(memory, monkeypatch, Spread("one@1", 32))
    assert "r41" in _refs(memory, "owl place 41")
    assert "nothing has a vector of one yet" in " ".join(memory.search(Query("owl")).notes)
    assert "every passage has a vector" in _wrong(memory)
    assert work(memory.wiring).embedded == ITEMS
    assert model.count >= ITEMS
    assert _vectors(memory, "one@1") == ITEMS
    assert _wrong(memory) == set()
    assert "r41" in _refs(memory, "owl place 41")


def test_a_model_that_makes_no_numbers_fails_its_job_and_not_the_search(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _use(memory, monkeypatch, Spread("one@1", 64))
    broken = np.full((1, 64), np.nan, np.float32)
    with monkeypatch.context() as patch:
        patch.setattr(model, "embed", lambda texts: np.repeat(broken, len(texts), axis=0))
        assert work(memory.wiring).failed
        assert _vectors(memory, "one@1") == 0
        assert "r41" in _refs(memory, "owl place 41")
    assert "every passage has a vector" not in _wrong(memory)  # it waits in the queue


CHILD = """
import sys, time
from pathlib import Path
from tests_model import Spread
from memassist.assistant import Memory
from memassist.assistant.work import work

class Slow(Spread):
    def embed(self, texts):
        time.sleep(0.3)
        return super().embed(texts)

with Memory.open(Path(sys.argv[1])) as memory:
    memory.wiring.embedder = lambda: Slow("two@1", 32)
    work(memory.wiring)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_embedding_anew_goes_on_where_it_was_killed_and_search_goes_on_meanwhile(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _use(memory, monkeypatch, Spread("one@1", 64))
    work(memory.wiring)
    shutil.copy(__file__, tmp_path / "tests_model.py")
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(memory.wiring.home)], cwd=tmp_path)
    try:
        while _vectors(memory, "two@1") == 0:
            assert child.poll() is None, "it ended before it embedded anything"
            time.sleep(0.02)
        assert "r41" in _refs(memory, "owl place 41")
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    done = _vectors(memory, "two@1")
    assert 0 < done < ITEMS
    model = _use(memory, monkeypatch, Spread("two@1", 32))
    assert "r41" in _refs(memory, "owl place 41")
    model.count = 0
    work(memory.wiring)
    assert model.count == ITEMS - done
    assert _vectors(memory, "two@1") == _vectors(memory, "one@1") == ITEMS
    assert _wrong(memory) == set()
    _use(memory, monkeypatch, Spread("one@1", 64))
    assert "r41" in _refs(memory, "owl place 41")
