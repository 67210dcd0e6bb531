"""Several processes on one home: nobody is locked out, nothing is lost, nothing comes twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from memassist.assistant import Memory
from memassist.store import memories
from memassist.store.memories import MemoryState

if TYPE_CHECKING:
    from tests.hard.conftest import Cli

SECONDS = 20.0


@pytest.mark.slow
def test_an_importer_an_embedder_and_two_editors_at_once(
    cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    with Memory.open(cli.home) as memory, memory.wiring.database.write() as connection:
        for _ in range(3):
            memories.add(connection, MemoryState("semantic", "counted to 0"), "user")
    roles = ("importer", "embedder", "editor", "editor")
    started = [cli.worker(role, SECONDS, f"p{number}") for number, role in enumerate(roles)]
    ended = [process.communicate(timeout=200) for process in started]
    assert [process.returncode for process in started] == [0] * 4, ended
    results = [json.loads(out) for out, _ in ended]
    with capsys.disabled():
        for role, result in zip(roles, results, strict=True):
            shown = {name: result[name] for name in result if name not in ("ledger", "counted")}
            print(f"\n  {role:9} {shown}", end="")  # noqa: T201 - the rates are the result
    assert [result["busy"] for result in results] == [0] * 4
    # How fast depends on the disk and on who else is at work; that they did meet does not.
    assert all(result["commits"] > SECONDS for result in results)

    ledger = results[0]["ledger"]
    stored = [row[0] for row in cli.rows("SELECT text FROM item ORDER BY id")]
    assert stored == ledger
    for uid, text in cli.rows("SELECT uid, text FROM memory"):
        assert int(text.split()[-1]) == sum(
            result.get("counted", {}).get(uid, 0) for result in results[2:]
        )
    edits = results[2]["commits"] + results[3]["commits"]
    assert cli.rows("SELECT count(*) FROM revision WHERE action = 'edit'") == [(edits,)]
    assert cli.failing_checks() == []
