"""How the memory is: what it holds, what came in today, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from memassist.assistant import Memory
    from memassist.assistant.capture.control import CaptureState, Wish
    from memassist.assistant.surroundings import Place
    from memassist.store.jobs import Queue
    from memassist.store.stats import SourceSize, Stats
    from memassist.store.today import Activity


@dataclass(frozen=True, slots=True)
class Report:
    """What the Status tab and `memassist status` show."""

    home: Path
    stats: Stats
    today: Activity
    sources: tuple[SourceSize, ...]
    """What each source brought, the largest first."""
    places: tuple[Place, ...]
    synced_by: str | None
    """The program that copies the home to other machines."""
    is_encrypted: bool
    model: str
    """The embedding model, or why there is none."""
    daemon: str
    language_model: str
    """Which one writes answers, or that none does."""
    capture: str
    """What the screen capture does."""
    queues: tuple[Queue, ...]
    """The jobs that wait, are at work or are dead, by kind."""
    rates: tuple[str, ...]
    """What the last hour brought, in words."""
    errors: tuple[str, ...]
    """The last error of the daemon, of capture and of each kind of job, in words."""
    core: str
    """How full core memory is."""


def gather(memory: Memory, now: datetime) -> Report:
    """Look at everything. Takes as long as counting and looking at files takes."""
    from memassist.assistant.capture.control import read_state, read_wish
    from memassist.assistant.daemon import process
    from memassist.assistant.surroundings import places, synced_by

    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    wiring = memory.wiring
    embedder = wiring.local_embedder()
    model = wiring.embedder_reason or "none"
    if embedder is not None:
        state = ", loading" if wiring.is_warming() else ""
        model = f"{embedder.model_id.partition('@')[0]}{state}"
    answer = process.status(wiring.home)
    answering = wiring.model()
    capture = read_state(wiring.home)
    # Switched on, and no daemon to begin it: after a start of the machine, without a unit.
    is_waiting = answer is None and wiring.config.flag("capture.enabled")
    queues = memory.maintenance.queues()
    return Report(
        queues=queues,
        rates=_rates(memory.maintenance.activity(now - timedelta(hours=1)), answer, capture, now),
        errors=_errors(queues, answer, capture),
        language_model="none; answers are quoted" if answering is None else answering.name,
        capture=_capture(capture, read_wish(wiring.home), now, is_waiting=is_waiting),
        core=memory.memories.core().meter,
        home=wiring.home,
        stats=memory.maintenance.stats(),
        today=memory.maintenance.activity(midnight),
        sources=tuple(memory.maintenance.sources()),
        places=places(wiring.home),
        synced_by=synced_by(wiring.home),
        is_encrypted=wiring.database.key is not None,
        model=model,
        daemon=_daemon(answer),
    )


def _capture(state: CaptureState, wish: Wish, now: datetime, *, is_waiting: bool) -> str:
    private = ""
    if wish.is_in_force(now):
        until = wish.paused_until
        private = "private until " + (
            "you resume" if until is None else f"{until.astimezone():%H:%M}"
        )
    if not state.is_running:
        off = "switched on, but not running: memassist daemon start" if is_waiting else "off"
        return off + (f", {private}" if private else "")
    return f"{private or state.doing}, {state.stored:,} stored since it began"


def _rates(
    hour: Activity, daemon: Mapping[str, object] | None, capture: CaptureState, now: datetime
) -> tuple[str, ...]:
    from memassist.ui.cli.common import counted

    rates = [f"{counted(one.items, 'item')} from {one.name}" for one in hour.taken_in]
    jobs = daemon and daemon.get("jobs_last_hour")
    if jobs:
        rates.append(f"{jobs:,} jobs done")
    if capture.is_running and capture.started_at:
        seconds = max((now - datetime.fromisoformat(capture.started_at)).total_seconds(), 1.0)
        rates.append(
            f"capture since it began: {capture.lines * 3600 / seconds:,.0f} lines an hour,"
            f" {capture.cpu_seconds / seconds:.1%} of a core for reading"
        )
    return tuple(rates)


def _daemon(answer: Mapping[str, object] | None) -> str:
    if answer is None:
        return "not running; the app works without it"
    words = ["running", "locked" if answer.get("locked") else "unlocked"]
    if pace := answer.get("pace") or ("at work" if answer.get("working") else ""):
        words.append(str(pace))
    if answer.get("looks_into"):
        words.append(f"looks into {answer['looks_into']}")
    return ", ".join(words)


def _errors(
    queues: tuple[Queue, ...], daemon: Mapping[str, object] | None, capture: CaptureState
) -> tuple[str, ...]:
    errors = [f"{one.kind} job: {one.last_error}" for one in queues if one.last_error]
    if daemon and daemon.get("last_error"):
        at = daemon.get("last_error_at")
        when = (
            f" at {datetime.fromtimestamp(at).astimezone():%H:%M}"
            if isinstance(at, (int, float)) and at
            else ""
        )
        errors.append(f"daemon: {daemon['last_error']}{when}")
    errors += [
        f"{what}: {daemon[f'{what}_trouble']}"
        for what in ("watch", "capture")
        if daemon and daemon.get(f"{what}_trouble")
    ]
    if capture.last_error:
        errors.append(f"capture: {capture.last_error}")
    return tuple(errors)
