"""The problems tab: what is mended is read again, what is of no interest is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.ui.app.background import Failed
from memassist.ui.app.panes.base import StoreChanged
from memassist.ui.app.panes.problems import ProblemsPane

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path
    from types import SimpleNamespace
    from typing import Any

    Driven = Callable[..., AbstractAsyncContextManager[Any]]

pytestmark = pytest.mark.anyio


async def test_a_problem_is_read_again_once_it_is_mended(
    filled: SimpleNamespace, driven: Driven, tmp_path: Path
) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"text": broken}\n')
    with Memory.open(filled.home) as memory:
        memory.import_path(lines)
    async with driven() as run:
        await run.press("f6")
        assert len(run.last(ProblemsPane.Loaded).problems) == 2
        await run.press("r")
        assert run.last(StoreChanged).said == "0 of 1 problem mended."
        lines.write_text('{"text": "The otter is back."}\n')
        await run.press("R")
        assert run.last(StoreChanged).said == "1 of 1 problem mended, 1 item taken in."
        assert [one.source for one in run.last(ProblemsPane.Loaded).problems] == ["chat.zip"]
        assert not run.all(Failed)


async def test_a_problem_out_of_reach_says_so_and_is_cleared(driven: Driven) -> None:
    async with driven() as run:
        await run.press("f6", "r")
        assert run.last(StoreChanged).said.startswith("Out of reach")
        await run.press("c")
        assert run.last(StoreChanged).said.startswith("1 problem cleared")
        assert not run.last(ProblemsPane.Loaded).problems
