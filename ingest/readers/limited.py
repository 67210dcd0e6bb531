"""Parse a document in another process, with bounds on its time and memory.

Parsers of PDF, Office, mail and web pages are large, and the documents are other people's. Here a
parser that hangs, eats memory or crashes costs its own file and nothing else: the file becomes a
problem, the process is thrown away, and the next file gets a new one. A process serves many files,
as starting one takes longer than reading most documents. It gets no key and no address of the
store in its environment, can write no file, and what it says is checked (wire.py).

Limits of memory and computing time are the system's own (`setrlimit`); Windows has none of them,
there only the time without an answer is bounded.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.ingest.readers.opening import Elsewhere, note_opened
from memassist.ingest.readers.sources import uri_of
from memassist.ingest.readers.wire import WireError, decode
from memassist.plugins.errors import UnreadableFileError
from memassist.plugins.types import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from memassist.plugins.types import Origin, ReadOptions, ReadOutcome, SourceFile

MAX_LINE_BYTES = 128 << 20
"""Of one outcome: a text of the longest kind, escaped, with its marks."""

IDLE_SECONDS = 20.0
"""A process that has nothing to do for so long is let go: it holds some 60 MB."""

FILES_PER_PROCESS = 500
"""Then a new one: what parsers leak does not add up."""

_WORKER = "memassist.ingest.readers.limited_worker"
_WAITING_LINES = 8
_PASSED_ON = frozenset(
    {"PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
    | {"LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "TEMP", "TMP", "__PYVENV_LAUNCHER__"}
)
_MAX_DIGITS = 15
_SPLIT_IT = "open it in its own program and save it again, or split it"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost."""

    memory_bytes: int = 1_500_000_000
    """Of address space, the interpreter and the parser's code among it."""
    computing_seconds: int = 90
    """Of processor time."""
    silent_seconds: float = 180.0
    """Without an outcome, by the clock: for parsers that wait and don't compute."""
    is_for_each: bool = False
    """The computing is counted anew with each outcome: of archives of any number of documents."""


@dataclass(frozen=True, slots=True)
class Parser:
    """A function that reads one format, and what its records are."""

    target: str
    """`module:function`; the function takes a `SourceFile` and `ReadOptions`, yields outcomes and
    may raise `UnreadableFileError`."""
    origin: Origin = "file"
    limits: Limits = Limits()


def read_limited(parser: Parser, file: SourceFile, options: ReadOptions) -> Iterator[ReadOutcome]:
    """Yield what the parser says of a file. Any thread may call it, several at once too.

    Raises `UnreadableFileError` where the parser does. What goes wrong is the last outcome.
    """
    worker, line = _started(parser, file, options)
    uri = uri_of(file)
    is_whole = False
    place = Elsewhere()
    note_opened(place)
    try:
        while True:
            if line is None:
                yield _broken_down(worker, parser, file)
                return
            tag, _, body = line.partition(b" ")
            if tag == b"outcome":
                yield decode(body, parser.origin, uri)
            elif tag == b"at":
                if not body.isdigit() or len(body) > _MAX_DIGITS:
                    raise WireError("a place that is none")
                place.position = int(body)
            elif tag == b"unreadable":
                is_whole = True
                reason, advice = (str(part) for part in json.loads(body))
                raise UnreadableFileError(reason, advice)
            elif tag == b"done":
                is_whole = True
                return
            elif tag == b"memory":
                yield _needs_memory(parser, file)
                return
            elif tag == b"failed":
                yield Problem(file.name, f"its parser failed: {_shown(body)}", _SPLIT_IT)
                return
            else:
                raise WireError("a line of no known kind")
            line = worker.next_line(parser.limits.silent_seconds)
    except WireError:
        yield Problem(file.name, "its parser answered with nonsense", _SPLIT_IT)
    finally:
        place.closed = True
        # Whatever broke off in the middle, or was not read to its end, is not used again.
        if is_whole:
            _POOL.give_back(worker)
        else:
            worker.stop()


def _started(
    parser: Parser, file: SourceFile, options: ReadOptions
) -> tuple[_Worker, bytes | None]:
    """Return a worker that took the job, and its first line.

    A process that was let go or killed between two files has seen nothing of this one.
    """
    job = {
        "target": parser.target,
        "path": os.fspath(file.path.absolute()),
        "name": file.name,
        "size_bytes": file.size_bytes,
        "head": file.head.hex(),
        "entry": file.entry,
        "computing_seconds": parser.limits.computing_seconds,
        "is_for_each": parser.limits.is_for_each,
        "options": {"timezone": options.timezone, "max": options.max_text_characters},
    }
    for _ in range(2):
        worker = _POOL.take(parser.limits.memory_bytes)
        if worker.send(job) and worker.next_line(parser.limits.silent_seconds) == b"started":
            return worker, worker.next_line(parser.limits.silent_seconds)
        worker.stop()
    raise UnreadableFileError(
        "no process to read it in could be started", "close other programs and try again"
    )


def _broken_down(worker: _Worker, parser: Parser, file: SourceFile) -> Problem:
    limits = parser.limits
    code = worker.stop()
    if worker.was_silent:
        return Problem(file.name, f"no end after {limits.silent_seconds:,.0f} seconds", _SPLIT_IT)
    if code == -getattr(signal, "SIGXCPU", 0):
        return Problem(
            file.name, f"it takes over {limits.computing_seconds:,} seconds of computing", _SPLIT_IT
        )
    if code == -getattr(signal, "SIGKILL", 9):
        return _needs_memory(parser, file)
    return Problem(file.name, "its parser crashed", _SPLIT_IT)


def _needs_memory(parser: Parser, file: SourceFile) -> Problem:
    megabytes = parser.limits.memory_bytes // 1_000_000
    return Problem(file.name, f"it needs over {megabytes:,} MB of memory", _SPLIT_IT)


def _shown(body: bytes) -> str:
    return body[:100].decode("ascii", "replace")


class _Worker:
    """One process and the thread that listens to it."""

    def __init__(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self.files = 0
        self.was_silent = False
        """It was stopped because it said nothing for too long."""
        self._process = subprocess.Popen(
            # -P: `-m` would else look for modules in the current folder first, and that may be
            # the folder of downloads that is being imported.
            [sys.executable, "-P", "-m", _WORKER, str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: text for name, text in os.environ.items() if name in _PASSED_ON},
        )
        self._lines: queue.Queue[bytes | None] = queue.Queue(_WAITING_LINES)
        self._is_stopped = threading.Event()
        threading.Thread(target=self._listen, name="document parser", daemon=True).start()

    def send(self, job: dict[str, object]) -> bool:
        """Hand over a job; False where the process is gone."""
        self.files += 1
        stream = self._process.stdin
        assert stream is not None  # it was opened as a pipe
        try:
            stream.write(json.dumps(job).encode("ascii") + b"\n")
            stream.flush()
        except OSError:
            return False
        return True

    def next_line(self, seconds: float) -> bytes | None:
        """Return what it says next; None where it ended or stays silent."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            self.was_silent = True
            return None

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def stop(self) -> int:
        """End the process, however busy it is, and return its code: minus a signal's number."""
        self._is_stopped.set()
        process = self._process
        if self.was_silent or process.poll() is None:
            # What ended by itself has a code of its own, a moment after its last word.
            try:
                if not self.was_silent and process.stdin is not None:
                    process.stdin.close()
                process.wait(timeout=0.0 if self.was_silent else 0.2)
            except (subprocess.TimeoutExpired, OSError):
                process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
        return code

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None  # it was opened as a pipe
        while True:
            try:
                line = stream.readline(MAX_LINE_BYTES)
            except (OSError, ValueError):  # closed by `stop`
                line = b""
            self._put(line.removesuffix(b"\n") if line.endswith(b"\n") else None)
            if not line.endswith(b"\n"):
                return

    def _put(self, line: bytes | None) -> None:
        while not self._is_stopped.is_set():
            try:
                self._lines.put(line, timeout=0.5)
            except queue.Full:
                continue
            return


class _Pool:
    """The processes that wait for a file; one at most stays, as imports read one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: _Worker | None = None
        self._timer: threading.Timer | None = None

    def take(self, memory_bytes: int) -> _Worker:
        """Return a process with that limit, the waiting one if it fits."""
        worker = self._take_idle()
        if worker is not None:
            if worker.is_alive() and worker.memory_bytes == memory_bytes:
                return worker
            worker.stop()
        return _Worker(memory_bytes)

    def give_back(self, worker: _Worker) -> None:
        """Keep a process for the next file, for a while."""
        with self._lock:
            is_kept = self._idle is None and worker.files < FILES_PER_PROCESS
            if is_kept:
                self._idle = worker
                self._timer = threading.Timer(IDLE_SECONDS, self.let_go)
                self._timer.daemon = True
                self._timer.start()
        if not is_kept:
            worker.stop()

    def let_go(self) -> None:
        """Stop the process that waits."""
        worker = self._take_idle()
        if worker is not None:
            worker.stop()

    def _take_idle(self) -> _Worker | None:
        with self._lock:
            worker, self._idle = self._idle, None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            return worker


_POOL = _Pool()
atexit.register(_POOL.let_go)
