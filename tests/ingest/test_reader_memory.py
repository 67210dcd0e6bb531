"""Reading a huge export takes no more memory than reading a small one."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

EXPORT_BYTES = 1_000_000_000
MESSAGES_IN_CONVERSATION = 24
MAX_GROWTH_MEBIBYTES = 300

MEASURE = """
import resource, sys
from pathlib import Path
from memassist.ingest.files import walk
from memassist.ingest.readers import builtin_readers, recognise
from memassist.plugins.types import ReadOptions, Record
def peak_mebibytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
baseline = peak_mebibytes()
(file,) = walk(Path(sys.argv[1]))
reader = recognise(file, builtin_readers())
records = sum(isinstance(outcome, Record) for outcome in reader.read(file, ReadOptions()))
print(reader.name, records, peak_mebibytes() - baseline)
"""


def write_export(path: Path, size_bytes: int) -> int:
    """Write an export of at least that size and return its number of messages."""
    source = random.Random(7)
    words = [f"{source.getrandbits(32):x}"[: source.randint(2, 8)] for _ in range(5000)]
    templates = [template(source, words) for _ in range(40)]
    written = count = 0
    with path.open("w", encoding="ascii") as stream:
        written += stream.write("[")
        while written < size_bytes:
            text = templates[count % len(templates)].replace("@@", f"{count:x}")
            written += stream.write("," + text if count else text)
            count += 1
        stream.write("]")
    return count * MESSAGES_IN_CONVERSATION


def template(source: random.Random, words: list[str]) -> str:
    ids = [f"@@-{position}" for position in range(MESSAGES_IN_CONVERSATION)]
    mapping = {
        node_id: {
            "id": node_id,
            "message": {
                "id": node_id,
                "author": {"role": "assistant" if position % 2 else "user"},
                "create_time": 1.7e9 + position,
                "content": {
                    "content_type": "text",
                    "parts": [" ".join(source.choices(words, k=300))],
                },
                "metadata": {"model_slug": "gpt-4o", "citations": []},
            },
            "parent": ids[position - 1] if position else None,
            "children": ids[position + 1 : position + 2],
        }
        for position, node_id in enumerate(ids)
    }
    return json.dumps({"conversation_id": "@@", "mapping": mapping, "current_node": ids[-1]})


@pytest.mark.slow
def test_an_export_of_one_gigabyte_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    messages = write_export(path, EXPORT_BYTES)
    try:
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
        )
    finally:
        path.unlink()
    reader, records, growth = done.stdout.split()
    assert (reader, int(records)) == ("chatgpt", messages)
    assert float(growth) <= MAX_GROWTH_MEBIBYTES


def write_telegram(path: Path, size_bytes: int) -> int:
    """Write an account of one enormous chat and return its number of messages."""
    count = written = 0
    with path.open("w", encoding="ascii") as stream:
        stream.write('{"personal_information": {"user_id": 7}, "chats": {"list": [')
        stream.write('{"name": "Bo", "type": "personal_chat", "id": 5, "messages": [')
        while written < size_bytes:
            message = {
                "id": count,
                "type": "message",
                "date_unixtime": str(1_700_000_000 + count),
                "from": "Bo",
                "from_id": "user8",
                "text": f"{count} " + "words of a chat " * 40,
            }
            written += stream.write((", " if count else "") + json.dumps(message))
            count += 1
        stream.write("]}]}}")
    return count


@pytest.mark.slow
def test_one_enormous_chat_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    messages = write_telegram(path, EXPORT_BYTES // 5)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    )
    reader, records, growth = done.stdout.split()
    assert (reader, int(records)) == ("telegram", messages)
    assert float(growth) <= MAX_GROWTH_MEBIBYTES / 4
