"""The parts of `Memory`: small groups of calls on one kind of thing."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from memassist.assistant.core import read_core
from memassist.assistant.retention import retention
from memassist.store import (
    backup,
    doctor,
    inbox,
    inbox_days,
    jobs,
    memories,
    slots,
    times,
    uses,
    vault,
)
from memassist.store import home as homes
from memassist.store.as_of import memories_as_of
from memassist.store.errors import LockedError, StoreError
from memassist.store.stats import SourceSize, Stats, read_stats, source_sizes
from memassist.store.today import Activity, activity_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from memassist.assistant.core import CoreMemory
    from memassist.assistant.extract.consolidate import Outcome
    from memassist.assistant.results import Citation
    from memassist.assistant.wiring import Wiring
    from memassist.plugins.types import FieldValue, MemoryType
    from memassist.store.backup import BackupReport
    from memassist.store.doctor import Check
    from memassist.store.inbox import InboxEntry, InboxState
    from memassist.store.jobs import Job, Queue
    from memassist.store.memories import Memory as StoredMemory
    from memassist.store.memories import MemoryState, Revision
    from memassist.store.vault import VaultEntry


class Memories:
    """Typed memories. Every change is a revision that `undo` takes back."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def list(
        self, type_: MemoryType | None = None, *, with_archived: bool = False, limit: int = -1
    ) -> list[StoredMemory]:
        """Return memories, pinned ones first, then the newest; -1 is all."""
        return memories.list_memories(
            self._wiring.database.read(), type_, with_archived=with_archived, limit=limit
        )

    def as_of(
        self,
        *,
        held_at: datetime | None = None,
        recorded_at: datetime | None = None,
        type_: MemoryType | None = None,
    ) -> Sequence[StoredMemory]:
        """Return what holds at one moment, as it was recorded at another; None is the present."""
        return memories_as_of(
            self._wiring.database.read(),
            held_at=None if held_at is None else times.to_ms(held_at),
            recorded_at=None if recorded_at is None else times.to_ms(recorded_at),
            type_=type_,
        )

    def get(self, memory_id: str) -> StoredMemory:
        """Return one by its id or a unique ending of it. Raises `NotFoundError`."""
        return memories.get(self._wiring.database.read(), memory_id)

    def edit(
        self,
        memory_id: str,
        *,
        text: str | None = None,
        fields: dict[str, FieldValue] | None = None,
        tags: tuple[str, ...] | None = None,
        is_pinned: bool | None = None,
        is_archived: bool | None = None,
        expected_version: int | None = None,
    ) -> StoredMemory:
        """Change what is given and leave the rest. Raises `NotFoundError`, `ConflictError`."""
        with self._wiring.database.write(durable=True) as connection:
            current = memories.get(connection, memory_id)
            state = current.state
            changed = replace(
                state,
                text=state.text if text is None else text,
                fields=state.fields if fields is None else state.fields | fields,
                tags=state.tags if tags is None else tags,
                is_pinned=state.is_pinned if is_pinned is None else is_pinned,
                is_archived=state.is_archived if is_archived is None else is_archived,
                is_touched=True,
            )
            return memories.edit(
                connection, current.id, changed, "user", expected_version=expected_version
            )

    def core(self) -> CoreMemory:
        """Return core memory, the most important first, with its budget."""
        budget = int(self._wiring.config.number("core.budget_tokens"))
        return read_core(self._wiring.database.read(), budget)

    def consolidate(self, *, allowed: int | None = None, is_rehearsal: bool = False) -> Outcome:
        """Let memories that say the same become one; see `assistant.extract.consolidate`.

        By rules alone. `allowed` is how many may go into others at once; None is the usual budget.
        """
        from memassist.assistant.extract.consolidate import consolidate

        return consolidate(
            self._wiring.database, None, None, allowed=allowed, is_rehearsal=is_rehearsal
        )

    def note_uses(self, memory_ids: Iterable[str], citations: Iterable[Citation] = ()) -> None:
        """Count that memories were shown on purpose, and those that citations rest on.

        What is of use is kept at hand. A store that is busy or full loses a count and no more.
        """
        connection = self._wiring.database.read()
        shown = set(memory_ids)
        for one in citations:
            shown.update(uses.resting_on(connection, one.item_id, one.quote))
        if shown:
            with contextlib.suppress(StoreError), self._wiring.database.write() as writing:
                uses.note_uses(writing, shown)

    def retention(self, memory_id: str) -> float:
        """Return how likely a memory is still wanted, 0 to 1. Raises `NotFoundError`."""
        found = self.get(memory_id)
        presence = uses.presence(self._wiring.database.read(), found.id)
        return retention(found.state, presence, times.now_ms())

    def over_time(self, memory_id: str) -> Sequence[StoredMemory]:
        """Return what was believed about the same thing, one after the other, the earliest first.

        A fact that no other can follow comes alone. Raises `NotFoundError`.
        """
        return slots.over_time(self._wiring.database.read(), memory_id)

    def history(self, memory_id: str) -> Sequence[Revision]:
        """Return all changes to one memory, newest first, also of one that is gone."""
        return memories.revisions(self._wiring.database.read(), memory_id)


class Inbox:
    """Candidates that wait for a person."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def list(self, state: InboxState = "pending", limit: int = -1) -> list[InboxEntry]:
        """Return entries, the most useful first; -1 is all."""
        return inbox.list_entries(self._wiring.database.read(), state, limit)

    def today(self) -> Sequence[InboxEntry]:
        """Return the entries of this day in the machine's zone: ten at most, most useful first.

        What nobody was shown for two weeks expires first.
        """
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        with self._wiring.database.write() as connection:
            inbox_days.expire(connection)
            return inbox_days.of_day(connection, times.to_ms(midnight))

    def put_back(self, entry_id: str) -> InboxEntry:
        """Let an expired entry wait again. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            return inbox_days.put_back(connection, entry_id)

    def get(self, entry_id: str) -> InboxEntry:
        """Return one entry. Raises `NotFoundError`."""
        return inbox.get(self._wiring.database.read(), entry_id)

    def approve(self, entry_id: str) -> StoredMemory:
        """Make it a memory. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            return inbox.approve(connection, entry_id, "user")

    def merge(self, entry_id: str, memory_id: str) -> StoredMemory:
        """Let a memory rest on its evidence too; what that says stays. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            return inbox.merge(connection, entry_id, memory_id, "user")

    def reject(self, entry_id: str) -> None:
        """Decide against it. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            inbox.reject(connection, entry_id, "user")

    def edit(self, entry_id: str, *, text: str) -> InboxEntry:
        """Change what it says; its evidence stays. Raises `NotFoundError`."""
        with self._wiring.database.write(durable=True) as connection:
            entry = inbox.get(connection, entry_id)
            changed: MemoryState = replace(entry.candidate, text=text)
            return inbox.edit(connection, entry.id, changed, "user")


class Vault:
    """Sealed secrets."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def list(self) -> list[VaultEntry]:
        """Return what may be shown of every secret, newest first."""
        return vault.entries(self._wiring.database.read())

    def reveal(self, entry_id: str) -> str:
        """Open one seal for a person who asked. Raises `NotFoundError` and `LockedError`."""
        key = vault.vault_key(self._wiring.database.key)
        if key is None:
            raise LockedError("An unencrypted home has no vault.")
        return vault.reveal(self._wiring.database.read(), key, entry_id)


class Maintenance:
    """Keeping a home well."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def stats(self) -> Stats:
        """Count everything."""
        return read_stats(self._wiring.database)

    def sources(self) -> Sequence[SourceSize]:
        """Return what each source brought, the largest first."""
        return source_sizes(self._wiring.database.read())

    def queues(self) -> tuple[Queue, ...]:
        """Count the jobs of each kind that wait, are at work or are dead."""
        return jobs.queues(self._wiring.database.read())

    def activity(self, since: datetime) -> Activity:
        """Count what was taken in and what changed since an aware moment, and through whom."""
        return activity_since(self._wiring.database.read(), since)

    def doctor(self) -> list[Check]:
        """Prove that what is derived agrees with what was taken in."""
        from memassist.store.vectors import find_model

        checks = doctor.check(self._wiring.database)
        embedder = self._wiring.embedder()
        if embedder is None:
            advice = self._wiring.embedder_reason
            return [*checks, doctor.Check("an embedding model is at hand", True, "no", advice)]
        connection = self._wiring.database.read()
        model = find_model(connection, embedder.model_id, embedder.dimensions)
        missing = doctor.missing_vectors(connection, model)
        waiting = any(job.kind == "embed" for job in jobs.list_jobs(connection))
        detail = f"{missing} without" + (", waiting in the queue" if waiting and missing else "")
        advice = "Run memassist jobs run." if waiting else doctor.REBUILD
        ok = missing == 0 or waiting
        return [*checks, doctor.Check("every passage has a vector", ok, detail, advice)]

    def rebuild(self) -> int:
        """Remake passages and indexes and queue the vectors; returns the number of passages."""
        from memassist.ingest.split import split

        return doctor.rebuild(self._wiring.database, split)

    def jobs(self) -> list[Job]:
        """Return all jobs, oldest first."""
        return jobs.list_jobs(self._wiring.database.read())

    def retry_jobs(self) -> int:
        """Queue the dead jobs again and return how many."""
        with self._wiring.database.write() as connection:
            return jobs.retry_dead(connection)

    def old_copies(self) -> int:
        """Return how many copies from before upgrades the home holds, with what was forgotten."""
        return len(homes.copies_before_migrations(self._wiring.home))

    def drop_old_copies(self) -> int:
        """Delete the copies from before upgrades, for good, and return how many."""
        return homes.drop_copies_before_migrations(self._wiring.home)

    def back_up(self, target: Path) -> BackupReport:
        """Write a verified copy of the home into a new directory. Raises `HomeExistsError`."""
        return backup.back_up(self._wiring.home, self._wiring.database, target)
