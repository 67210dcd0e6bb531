"""The gold set of extraction as cases: its real sentences are looked up where they stand.

Lines with a `turn` name a sentence of the public data by turn, place and hash, since that data is
not copied here; lines with a `text` are our own. All were labelled before any extractor was run on
them. `held_out.jsonl` is only counted: no rule may be changed by what it shows.

    python tests/assistant/extraction_gold/resolve.py development > cases.jsonl
    memassist eval extraction cases.jsonl
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "shared" / "data"
"""Beside the repository, where it is present."""


def cases(half: str) -> list[dict[str, Any]]:
    """Return the lines of `development` or `held_out` in the format that the command reads."""
    lines = (HERE / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_resolved(json.loads(line)) for line in lines]


def has_data() -> bool:
    """Whether the real sentences can be looked up."""
    return (DATA / "locomo" / "dev.json").exists()


def _resolved(line: dict[str, Any]) -> dict[str, Any]:
    if "turn" not in line:
        return line
    turn, names = _turns(line["source"])[line["turn"]]
    text = turn["text"][line["start"] : line["stop"]]
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest.startswith(line["sha256"]), f"{line['id']}: the data says something else"
    author = None if turn["author"] == "user" else turn["author"]
    return {
        "id": line["id"],
        "text": text,
        "at": turn["occurred_at"],
        "author": author,
        "me": names,
        "expect": line["expect"],
    }


@cache
def _turns(source: str) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Return the turns by name, each with the owner's names: who speaks first is the owner."""
    found = {}
    if source == "locomo":
        for conversation in json.loads((DATA / "locomo" / "dev.json").read_text("utf-8")):
            owner = conversation["items"][0]["author"]
            for turn in conversation["items"]:
                found[f"{conversation['id']}|{turn['ref']}"] = (turn, [owner])
        return found
    with gzip.open(DATA / "longmemeval" / "dev.json.gz", "rt", encoding="utf-8") as file:
        for history in json.load(file):
            found |= {turn["ref"]: (turn, []) for turn in history["items"]}
    return found


if __name__ == "__main__":
    for one in cases(sys.argv[1]):
        print(json.dumps(one, ensure_ascii=False))  # noqa: T201 - what it is for
