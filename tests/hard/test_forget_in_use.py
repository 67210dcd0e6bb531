"""Forgetting is complete while other processes have the home open, and importing can't undo it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from memassist.assistant import Memory, Query

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hard.conftest import Cli

SAID = "My sister Maria lives in Leeds."


def test_an_idle_process_that_has_read_everything_does_not_hold_it_up(
    cli: Cli, tmp_path: Path
) -> None:
    lines = [SAID, *(f"Line {number} about Leeds." for number in range(300))]
    path = tmp_path / "chat.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in lines))
    assert cli.run("import", path).code == 0
    with Memory.open(cli.home) as memory:
        found = memory.search(Query("sister Maria", k=3), lexical=True)
        item_id = found.hits[0].item_id or ""
        for read in (
            lambda: memory.ask("Where does my sister Maria live?"),
            lambda: memory.timeline(limit=5),
            lambda: memory.memories.list(limit=1),
            lambda: memory.history(limit=1),
            lambda: memory.problems.list(),
            lambda: memory.inbox.list(limit=1),
            lambda: memory.maintenance.stats(),
            lambda: memory.maintenance.doctor(),
            lambda: memory.maintenance.jobs(),
        ):
            assert read() is not None
        ended = cli.run("forget", item_id, "--yes", "--json")
        assert ended.code == 0, ended.err
        assert ended.json()["is_complete"]
        # The process that was open all the time sees it gone too.
        texts = [hit.text for hit in memory.search(Query("Maria", k=50), lexical=True).hits]
        assert not any("Maria" in text for text in texts)
    again = cli.run("import", path, "--json").json()
    assert (again["forgotten"], again["existing"], again["stored"]) == (1, 300, 0)
    assert "Maria" not in cli.run("memories", "list", "--json").out
    assert cli.run("doctor").code == 0
