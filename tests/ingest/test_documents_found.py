"""An ordinary folder of documents: each is found by a sentence in it, with the place it is at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from memassist.assistant import Memory, Query

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


def stands_at(place: str | None, shown: str | None) -> bool:
    """Whether a place that is shown, which may be a range of lines, is or holds the place."""
    if place is None or shown is None or place == shown:
        return place == shown
    before, number = re.fullmatch(r"(.*?)(\d+)", place).groups()  # type: ignore[union-attr]  # it ends in a number
    match = re.fullmatch(re.escape(before) + r"(\d+)\N{EN DASH}(\d+)", shown)
    return match is not None and int(match[1]) <= int(number) <= int(match[2])


def test_every_document_of_a_folder_is_found_and_cited_where_it_says_so(
    tmp_path: Path, make: ModuleType
) -> None:
    folder = tmp_path / "Documents"
    folder.mkdir()
    planted = make.folder_of_documents(folder)
    assert len(planted) >= 30
    assert len({one.reader for one in planted}) >= 12
    with Memory.create(tmp_path / "home", routes=[]) as memory:
        report = memory.import_path(folder)
        assert [(one.place, one.reason) for one in report.problems] == []
        assert report.files == len(list(folder.iterdir()))
        lost = []
        for one in planted:
            found = memory.search(Query(one.sentence, k=3, kind="evidence"), lexical=True)
            best = found.hits[0] if found.hits else None
            is_there = best is not None and one.sentence.split()[1] in best.text
            if best is None or not is_there or not stands_at(one.place, best.place):
                lost.append((one.path.name, one.place, best and (best.place, best.text[:80])))
        assert lost == []
        again = memory.import_path(folder)
        assert (again.stored, again.new_versions, again.existing) == (0, 0, report.accounted)
        answer = memory.ask("What does the aardvark drawer hold?")
    assert not answer.abstained
    assert answer.citations[0].place == "page 1"
    assert answer.citations[0].uri == (folder / "report 1.pdf").as_uri()
