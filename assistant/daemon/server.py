"""The daemon itself: answers on its socket, works off jobs, watches folders, locks and leaves.

Threads: one accepts, one serves each connection, one works off jobs, one watches; `run` itself
looks after the clock and the process that captures the screen. Only the working and the watching
thread touch the store.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections import deque
from datetime import UTC, datetime
from importlib.metadata import version
from multiprocessing.connection import Listener
from typing import TYPE_CHECKING

from memassist.assistant.capture.control import read_private
from memassist.assistant.capture.pictures import PRUNE_SECONDS, prune_pictures
from memassist.assistant.capture.supervise import CaptureChild
from memassist.assistant.daemon.command import own_command
from memassist.assistant.daemon.model_host import ModelHost
from memassist.assistant.daemon.pace import JobPace
from memassist.assistant.daemon.protocol import (
    Message,
    is_own,
    pack_vectors,
    receive,
    send,
    socket_path,
)
from memassist.assistant.errors import AssistantError
from memassist.assistant.reflect.nightly import local_now, queue_nightly
from memassist.assistant.stopping import call_when_told_to_stop
from memassist.assistant.wiring import Wiring
from memassist.assistant.work import work
from memassist.ingest.capture.sensors import MachineSensors, since_boot
from memassist.ingest.embedding.errors import EmbeddingError
from memassist.plugins.heap import give_back_at_times
from memassist.store import home as homes
from memassist.store import keys
from memassist.store.errors import LockedError, StoreError
from memassist.store.watches import list_watches

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from memassist.assistant.watch.events import FolderWatcher
    from memassist.ingest.capture.sensors import Sensors

log = logging.getLogger("memassist.daemon")

JOB_PAUSE_SECONDS = 2.0
"""Between looks at the queue while there is nothing to do."""
LONGEST_PAUSE_SECONDS = 60.0
"""Between looks at the queue while each of them fails."""
ROUND_SECONDS = 60.0
"""Of work, before the settings are read again and the night's reflection is thought of."""
MODEL_AWAY_SECONDS = 300.0
"""Before a language model that could not be reached is asked by a job again."""
CLOCK_SECONDS = 1.0
WATCH_SECONDS = 0.5
"""Between looks at what the watched folders' events say."""
HOUR_SECONDS = 3_600.0
REST_LOOK_SECONDS = 0.1
"""Between looks, while it rests, at whether it shall end."""
_QUIET_OPERATIONS = ("status",)
"""Looking at the daemon is no use of it."""


class Daemon:
    """One home's daemon. `run` returns when it was told to stop or has been idle for long."""

    def __init__(self, home: Path, sensors: Sensors | None = None) -> None:
        """Open the home if a route needs no person; else wait for `unlock`.

        `sensors` tell what the machine has to spare for jobs.
        """
        self._home = home
        self._wiring: Wiring | None = None
        self._guard = threading.RLock()
        self._stop = threading.Event()
        self._pause = threading.Event()
        self._working = threading.Lock()
        """Held while jobs run, so that the store is not closed under them."""
        self._started = time.time()
        self._last_asked = since_boot()
        self._last_error = ""
        self._last_error_at = 0.0
        self._jobs_done = 0
        self._jobs_ended: deque[tuple[float, int]] = deque()
        """When and how many, of the last hour."""
        self._job_began = 0.0
        self._round_began = 0.0
        self._pace = JobPace(sensors or MachineSensors(home))
        self._watcher: FolderWatcher | None = None
        self._capture = CaptureChild(home)
        self._pruned_at: float | None = None
        """When old pictures were last let go of, also those of a capture that ended long ago."""
        self._models = ModelHost()
        self._model_back_at = 0.0
        """From when on jobs may ask the language model again, which could not be reached."""
        self._needs_person = "passphrase" in keys.slot_kinds(home)
        with contextlib.suppress(LockedError):
            self._open(keys.unlock(home).data_key)
            self._needs_person = False

    def run(self, idle_seconds: float, lock_seconds: float) -> None:
        """Serve until stopped, or until `idle_seconds` without a request or a job (0: forever).

        `lock_seconds` without a request lock a home that only a passphrase opens (0: never); while
        it holds such a key it does not leave, as that would lock the home before its time.
        """
        path = socket_path(self._home)
        path.unlink(missing_ok=True)  # only the holder of the lock file gets here
        before = os.umask(0o177)
        try:
            listener = Listener(str(path), family="AF_UNIX", backlog=64)
        finally:
            os.umask(before)
        if threading.current_thread() is threading.main_thread():
            call_when_told_to_stop(self._stop.set)
        for target in (lambda: self._accept(listener), self._work):
            threading.Thread(target=target, daemon=True).start()
        watching = threading.Thread(target=self._watch, daemon=True)
        watching.start()
        log.info("serving %s", self._home)
        try:
            while not self._stop.wait(CLOCK_SECONDS):
                if not (self._home / keys.KEYSLOTS_NAME).exists():
                    log.info("the home is gone, leaving")
                    break
                self._capture.step(is_open=self._wiring is not None)
                self._models.step()
                give_back_at_times()
                quiet = since_boot() - self._last_asked
                if lock_seconds and quiet > lock_seconds:
                    self._lock()
                if idle_seconds and quiet > idle_seconds and self._may_leave():
                    log.info("idle, leaving")
                    break
        finally:
            self._stop.set()
            listener.close()
            path.unlink(missing_ok=True)
            self._capture.close()
            watching.join()
            with self._working, self._guard:
                if self._wiring is not None:
                    self._wiring.close()
                    self._wiring = None
            log.info("stopped")

    def _accept(self, listener: Listener) -> None:
        while not self._stop.is_set():
            try:
                connection = listener.accept()
            except OSError:
                # Closed at the end of `run`; or who called hung up, or files ran out.
                self._stop.wait(REST_LOOK_SECONDS)
                continue
            if not is_own(connection):
                log.warning("refused a connection of another user")
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            while True:
                try:
                    message = receive(connection)
                except (OSError, EOFError, ValueError):
                    return
                if message.get("operation") not in _QUIET_OPERATIONS:
                    self._last_asked = since_boot()
                if message.get("operation") == "generate":
                    # It answers in many messages, or is broken off, and ends the connection.
                    with contextlib.suppress(OSError):
                        self._models.serve(connection, self._wiring, message)
                    self._last_asked = since_boot()
                    return
                try:
                    reply = self._answer(message)
                except (AssistantError, StoreError, EmbeddingError) as error:
                    reply = {"error": str(error)}
                except (KeyError, TypeError, ValueError):
                    reply = {"error": "The request is malformed."}
                try:
                    send(connection, reply)
                except OSError:
                    return

    def _answer(self, message: Message) -> Message:
        operation = message.get("operation")
        if operation == "status":
            return self._status()
        if operation == "key":
            wiring = self._wiring
            key = wiring.database.key if wiring is not None else None
            return {"key": key.hex() if key else None}
        if operation == "unlock":
            self._open(bytes.fromhex(str(message["key"])))
            return {"locked": False}
        if operation == "lock":
            self._lock()
            return {"locked": self._wiring is None}
        if operation == "model":
            wiring = self._wiring
            embedder = None if wiring is None else wiring.local_embedder()
            return {"model_id": embedder and embedder.model_id}
        if operation == "embed":
            return self._embed([str(text) for text in message["texts"]])
        if operation == "stop":
            self._stop.set()
            return {"stopping": True}
        return {"error": f"There is no operation {operation}."}

    def _status(self) -> Message:
        return {
            "pid": os.getpid(),
            "version": version("memassist"),
            "home": str(self._home),
            "locked": self._wiring is None,
            "working": self._working.locked(),
            "uptime_seconds": round(time.time() - self._started),
            "jobs_done": self._jobs_done,
            "jobs_last_hour": self._jobs_of_last_hour(),
            "pace": self._pace.state(),
            "last_error": self._last_error,
            "last_error_at": round(self._last_error_at),
            "watching": [] if self._watcher is None else self._watcher.state(),
            "looks_into": "" if self._watcher is None else self._watcher.looks_into(),
            "watch_trouble": "" if self._watcher is None else self._watcher.trouble(),
            "capturing": self._capture.is_capturing(),
            "capture_trouble": self._capture.trouble(),
            "model_loaded": self._models.is_loaded(),
            "threads": threading.active_count(),
        }

    def _jobs_of_last_hour(self) -> int:
        since = since_boot() - HOUR_SECONDS
        return sum(done for at, done in list(self._jobs_ended) if at >= since)

    def _note_error(self, error: Exception) -> None:
        """Keep its kind only: an error's text may quote what it is about."""
        self._last_error, self._last_error_at = type(error).__name__, time.time()

    def _embed(self, texts: list[str]) -> Message:
        wiring = self._wiring
        embedder = None if wiring is None else wiring.local_embedder()
        if embedder is None:
            raise AssistantError("The daemon has no embedding model at hand.")
        return pack_vectors(embedder.embed(texts))

    def _open(self, data_key: bytes | None) -> None:
        with self._guard:
            if self._wiring is None:
                self._wiring = Wiring(
                    self._home, homes.open_with_key(self._home, data_key), is_daemon=True
                )

    def _lock(self) -> None:
        """Drop the key of a home that a person must unlock; the others open by themselves."""
        if not self._needs_person or self._wiring is None:
            return
        self._pause.set()  # the worker ends after the job in hand
        try:
            with self._working, self._guard:
                if self._wiring is not None:
                    self._wiring.close()
                    self._wiring = None
                    log.info("locked")
        finally:
            self._pause.clear()

    def _may_leave(self) -> bool:
        with self._guard:
            if self._wiring is None:
                return True
            is_watching = self._watcher is not None and self._watcher.has_folders()
            is_busy = self._working.locked() or self._capture.is_on() or self._models.is_writing()
            return not (self._needs_person or is_watching or is_busy)

    def _should_pause(self) -> bool:
        return self._stop.is_set() or self._pause.is_set()

    def _should_end_work(self) -> bool:
        """Asked between jobs: rests where the machine has little to spare, and may end the work."""
        now = time.monotonic()
        end = now + self._pace.rest_seconds(now - self._job_began)
        while not self._should_pause() and (left := end - time.monotonic()) > 0:
            self._stop.wait(min(left, REST_LOOK_SECONDS))
        self._job_began = time.monotonic()
        is_round_over = time.monotonic() - self._round_began > ROUND_SECONDS
        return is_round_over or self._should_pause() or self._pace.why_not() is not None

    def _work(self) -> None:
        pause = JOB_PAUSE_SECONDS
        while not self._stop.wait(pause):
            with self._working:
                is_well = self._work_once()
            pause = JOB_PAUSE_SECONDS if is_well else min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _work_once(self) -> bool:
        """Do what is due; False where that failed as a whole. Its jobs fail by themselves."""
        wiring = self._wiring
        if wiring is None or self._should_pause() or self._pace.why_not() is not None:
            return True
        self._job_began = self._round_began = time.monotonic()
        try:
            wiring.reload_config()  # a name the person gave since is to be spoken of
            self._prune_pictures(wiring)
            is_private = self._is_private()
            with_model = (
                wiring.learns_in_background()
                and self._job_began >= self._model_back_at
                and not is_private
            )
            if not (is_private or wiring.has_due_jobs()):
                queue_nightly(wiring.database, local_now(wiring.config))
            if wiring.has_due_jobs(with_model=with_model):
                before = self._jobs_done
                report = work(
                    wiring,
                    lambda report: self._count(before + report.done),
                    lambda: self._should_end_work() or (with_model and self._is_private()),
                    with_model=with_model,
                )
                if report.is_model_away:
                    self._model_back_at = time.monotonic() + MODEL_AWAY_SECONDS
        except Exception as error:  # noqa: BLE001 - plugins load here, and the loop outlives them
            self._note_error(error)
            log.warning("job loop: %s", type(error).__name__)
            return False
        return True

    def _prune_pictures(self, wiring: Wiring) -> None:
        now = since_boot()
        if self._pruned_at is None or now - self._pruned_at > PRUNE_SECONDS:
            self._pruned_at = now
            prune_pictures(wiring, wiring.config)

    def _is_private(self) -> bool:
        return read_private(self._home).is_in_force(datetime.now(UTC))

    def _count(self, done: int) -> None:
        """Note how many jobs are done by now."""
        now = since_boot()
        if done > self._jobs_done:
            self._jobs_ended.append((now, done - self._jobs_done))
            self._jobs_done = done
        while self._jobs_ended and self._jobs_ended[0][0] < now - HOUR_SECONDS:
            self._jobs_ended.popleft()

    def _watch(self) -> None:
        """Look after the watched folders, for as long as the home is open."""
        from memassist.assistant.watch.events import QUIET_SECONDS, FolderWatcher

        command = [*own_command(), "--home", str(self._home), "watch", "scan", "--json"]
        command += ["--no-wait", "--settled", str(QUIET_SECONDS)]
        # A look in progress has the key, too, and ends when the home is locked.
        watcher = FolderWatcher(
            command, lambda: self._stop.is_set() or self._wiring is None, self._home.resolve()
        )
        self._watcher = watcher
        while not self._stop.wait(WATCH_SECONDS):
            try:
                with self._guard:  # so that the store is not closed meanwhile
                    wiring = self._wiring
                    watched = [] if wiring is None else list_watches(wiring.database.read())
                if self._pace.why_not() is None and not self._is_private():
                    watcher.step(watched)
            except (StoreError, OSError, RuntimeError) as error:
                # The last is what Python says where the system has no thread left to give.
                self._note_error(error)
                # Its words may name a file; the system's own word for it does not.
                log.warning(
                    "watching: %s %s", type(error).__name__, getattr(error, "strerror", None) or ""
                )
                self._stop.wait(LONGEST_PAUSE_SECONDS)
        watcher.close()
