"""The process that documents are parsed in: `python -m memassist.ingest.readers.limited_worker`.

Reads one job a line from standard input and writes its outcomes a line each to standard output.
It bounds itself before it reads anything (see limited.py); what parsers print goes nowhere.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

from memassist.ingest.readers.opening import noting_position
from memassist.ingest.readers.wire import encode
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import ReadOptions, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from memassist.plugins.types import ReadOutcome

    Parse = Callable[[SourceFile, ReadOptions], Iterator[ReadOutcome]]

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]  # None stands for the module that is not there

_TOLD_EVERY_SECONDS = 0.2
_OUT_OF_MEMORY = 71
"""Exit code: after a MemoryError nothing in the process can be relied on."""


def main() -> None:
    """Serve jobs until standard input ends."""
    _bound(int(sys.argv[1]))
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "wb")
    # A parser that prints must not be taken for one that answers.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    for line in sys.stdin.buffer:
        _say(answers, b"started")
        _serve(json.loads(line), answers)


def _bound(memory_bytes: int) -> None:
    if resource is None:
        return
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 128),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            amount = min(amount, hard)
        try:
            resource.setrlimit(kind, (amount, amount))
        except (OSError, ValueError):  # macOS refuses a limit on address space
            continue


def _allow_seconds(seconds: int) -> None:
    """Let the process compute for so long from now on; then the system ends it."""
    if resource is None:
        return
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _allow_file_bytes(amount: int | None) -> None:
    if resource is None:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if amount is None else amount, hard))


def _serve(job: dict[str, object], answers: BinaryIO) -> None:
    _allow_seconds(cast("int", job["computing_seconds"]))
    options = cast("dict[str, object]", job["options"])
    path = Path(cast("str", job["path"]))
    entry = cast("str | None", job["entry"])
    file = SourceFile(
        path,
        cast("str", job["name"]),
        cast("int", job["size_bytes"]),
        bytes.fromhex(cast("str", job["head"])),
        entry,
    )
    read_options = ReadOptions(
        timezone=cast("str | None", options["timezone"]),
        max_text_characters=cast("int", options["max"]),
    )
    module, _, function = cast("str", job["target"]).partition(":")
    try:
        # What is imported may still be cached as bytecode; from then on no file is written.
        _allow_file_bytes(None)
        parse: Parse = getattr(importlib.import_module(module), function)
        _allow_file_bytes(0)
        with noting_position() as position:
            told_at = time.monotonic()
            for outcome in parse(file, read_options):
                _say(answers, b"outcome " + encode(outcome))
                if job["is_for_each"]:
                    _allow_seconds(cast("int", job["computing_seconds"]))
                if time.monotonic() - told_at >= _TOLD_EVERY_SECONDS:
                    told_at = time.monotonic()
                    _say(answers, b"at %d" % position())
    except UnreadableFileError as error:
        _say(answers, b"unreadable " + json.dumps([error.reason, error.advice]).encode("ascii"))
    except MemoryError:
        _say(answers, b"memory")
        os._exit(_OUT_OF_MEMORY)
    # Parsers are other people's code, and documents make them raise anything.
    except Exception as error:  # noqa: BLE001
        _say(answers, b"failed " + type(error).__name__.encode("ascii", "replace"))
    else:
        _say(answers, b"done")


def _say(answers: BinaryIO, line: bytes) -> None:
    answers.write(line + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
