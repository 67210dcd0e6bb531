"""Killed at any moment, over and over: every line is there once, and all that rests on it."""

from __future__ import annotations

import json
import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hard.conftest import Cli

LINES = 5_000
KILLS = 28
LONGEST_LIFE_SECONDS = 1.8
"""A process comes up in a third of it, and learning all takes six times as much."""


def write_lines(path: Path) -> list[str]:
    """Write distinct lines, half of which a rule makes a memory of, and return their texts."""
    texts = []
    with path.open("w", encoding="utf-8") as file:
        for number in range(LINES):
            text = (
                f"Line {number} is about apples.",
                f"I went to Oslo on {1 + number % 28} March {1950 + number % 70}, show {number}.",
                f"Remember that locker {number} holds the spare key.",
                f"ok {number}",
            )[number % 4]
            texts.append(text)
            line = {
                "ref": f"r{number}",
                "conversation": f"c{number // 50}",
                "role": "user",
                "text": text,
                "occurred_at": f"2024-01-{1 + number % 28:02}T10:00:00Z",
            }
            file.write(json.dumps(line) + "\n")
    return sorted(texts)


def remembered(cli: Cli) -> list[tuple[object, ...]]:
    """Return what is remembered and how many pieces of evidence it has."""
    return cli.rows(
        "SELECT memory.type, memory.text, count(*) FROM memory"
        " JOIN evidence ON memory_id = memory.id GROUP BY memory.id ORDER BY 1, 2"
    )


@pytest.mark.slow
def test_killed_again_and_again_while_it_takes_in_and_learns(
    cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "lines.jsonl"
    texts = write_lines(source)
    undisturbed = type(cli)(tmp_path / "undisturbed", tmp_path)
    undisturbed.run("init", "--key-file", tmp_path / "keys" / "key")
    undisturbed.run("config", "set", "embedding.model", "none")
    began = time.monotonic()
    assert undisturbed.run("import", source, "--no-wait", "--json").json()["stored"] == LINES
    import_seconds = time.monotonic() - began
    undisturbed.run("jobs", "run")

    chance = random.Random(20260721)
    kills = {"import": 0, "jobs": 0, "rebuild": 0}
    lives = 0
    while sum(kills.values()) < KILLS:
        lives += 1
        assert lives < 10 * KILLS, kills
        words: tuple[str | Path, ...] = ("import", source, "--no-wait")
        longest = import_seconds * (0.6 + kills["import"] / 8)  # a busy machine must get there too
        if cli.rows("SELECT count(*) FROM item") == [(LINES,)]:
            # All is taken in: kill the learning, and when that is done too, let it start again.
            waits = cli.rows("SELECT count(*) FROM job") != [(0,)]
            words = ("jobs", "run") if waits else ("rebuild",)
            longest = LONGEST_LIFE_SECONDS
        process = cli.start(*words)
        try:
            process.communicate(timeout=chance.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills[str(words[0])] += 1
        else:
            assert process.returncode == 0
    with capsys.disabled():
        print(f"\n  kills: {kills} in {lives} lives", end="")  # noqa: T201 - the result

    ended = cli.run("import", source, "--json")
    assert ended.code == 0, ended.err
    stats = cli.run("stats", "--json").json()
    assert (stats["items"], stats["passages"], stats["vectors"]) == (LINES,) * 3
    assert stats["jobs"] == {"queued": 0, "leased": 0, "dead": 0}
    assert sorted(row[0] for row in cli.rows("SELECT text FROM item")) == texts
    assert remembered(cli) == remembered(undisturbed) != []
    checks = cli.run("doctor", "--json")
    assert checks.json()["ok"], checks.out
    assert checks.code == 0
