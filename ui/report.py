"""How the memory is: what it holds, what came in today, and what runs beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from memassist.assistant import Memory
    from memassist.assistant.surroundings import Place
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
    core: str
    """How full core memory is."""


def gather(memory: Memory, now: datetime) -> Report:
    """Look at everything. Takes as long as counting and looking at files takes."""
    from memassist.assistant.capture.control import read_state
    from memassist.assistant.daemon import process
    from memassist.assistant.surroundings import places, synced_by

    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    wiring = memory.wiring
    embedder = wiring.local_embedder()
    model = wiring.embedder_reason or "none"
    if embedder is not None:
        state = "loaded" if wiring.is_warm() else "loading"
        model = f"{embedder.model_id.partition('@')[0]}, {state}"
    answer = process.status(wiring.home)
    daemon = "not running; the app works without it"
    if answer is not None:
        daemon = f"running, {'locked' if answer.get('locked') else 'unlocked'}"
    answering = wiring.model()
    capture = read_state(wiring.home)
    return Report(
        language_model="none; answers are quoted" if answering is None else answering.name,
        capture=f"{capture.doing}, {capture.stored:,} stored since it began"
        if capture.is_running
        else "off",
        core=memory.memories.core().meter,
        home=wiring.home,
        stats=memory.maintenance.stats(),
        today=memory.maintenance.activity(midnight),
        sources=tuple(memory.maintenance.sources()),
        places=places(wiring.home),
        synced_by=synced_by(wiring.home),
        is_encrypted=wiring.database.key is not None,
        model=model,
        daemon=daemon,
    )
