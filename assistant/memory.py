"""`Memory`: the one public door, for scripts as for the command line and every other front end.

    >>> from memassist.assistant import Memory
    >>> with Memory.open(home) as memory:
    ...     memory.add("My sister Maria lives in Leeds.")
    ...     answer = memory.ask("Where does Maria live?")

Results are frozen values of `assistant.results` and of the store. Any thread may call; a call
that writes has committed, durably, when it returns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from memassist.assistant import typed
from memassist.assistant import work as job_loop
from memassist.assistant.entities import Entities, Links
from memassist.assistant.errors import QueryError
from memassist.assistant.parts import Inbox, Maintenance, Memories, Vault
from memassist.assistant.problems import Problems
from memassist.assistant.reflect.part import Reflection
from memassist.assistant.watch.watches import Watches
from memassist.assistant.wiring import Wiring
from memassist.ingest.embedding.errors import EmbeddingError
from memassist.store import evidence, items, memories, times
from memassist.store import home as homes
from memassist.store.errors import NotFoundError
from memassist.store.forget import Forgotten, finish_pending, forget_items, forget_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from memassist.assistant.model import Cancel
    from memassist.assistant.recall import Query
    from memassist.assistant.results import Answer, Found, Hit
    from memassist.assistant.work import WorkReport
    from memassist.ingest.pipeline import ImportReport, ImportSettings
    from memassist.plugins.protocols import Embedder
    from memassist.plugins.types import Box, MemoryType, Record
    from memassist.store.items import Item
    from memassist.store.keys import Route
    from memassist.store.memories import Memory as StoredMemory
    from memassist.store.memories import Revision
    from memassist.store.pictures import Picture

REPLACED_HITS = 200
"""So many further hits are looked through where some are of no use."""


class Memory:
    """An open home. Use it as a context manager, or `close` it."""

    def __init__(self, wiring: Wiring) -> None:
        """Take what `open` and `create` made."""
        self.wiring = wiring
        self.memories = Memories(wiring)
        """The typed memories: list, show, edit, history."""
        self.entities = Entities(wiring)
        """People, places and projects: list, page, merge, split."""
        self.links = Links(wiring)
        """How memories hang together."""
        self.inbox = Inbox(wiring)
        """What waits for a person's decision."""
        self.vault = Vault(wiring)
        """Sealed secrets."""
        self.reflection = Reflection(wiring)
        """Summaries of days and weeks, and what is coming up."""
        self.maintenance = Maintenance(wiring)
        """Backup, doctor, rebuild, stats, jobs."""
        self.watches = Watches(wiring, self._import_settings)
        """Folders that are watched: add, list, remove, scan."""
        self.problems = Problems(wiring, self)
        """What could not be taken in: list, retry, clear."""

    @classmethod
    def open(cls, home: Path | None = None, *, route: Route | None = None) -> Memory:
        """Open a home that `create` made; None is the default one.

        `route` gives a passphrase, recovery code or key file; None uses the home's own.
        Raises `HomeMissingError`, `LockedError`, `WrongKeyError`, `DamagedError`,
        `NewerStoreError`, `ConfigError`.
        """
        memory = cls(Wiring.open(home or homes.default_home(), route))
        finish_pending(memory.wiring.database)
        return memory

    @classmethod
    def create(cls, home: Path | None = None, *, routes: Sequence[Route]) -> Memory:
        """Make a home that these routes open, and open it; no routes make it unencrypted.

        Raises `HomeExistsError`.
        """
        place = home or homes.default_home()
        return cls(Wiring(place, homes.create(place, routes)))

    def __enter__(self) -> Memory:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the store; a second call does nothing."""
        self.wiring.close()

    def add_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Keep names and addresses that mean the owner; returns those that were new.

        Memories speak of the owner by the first name of the setting `me`. What was learned before
        stays as it is. Raises `ConfigError`.
        """
        from memassist.assistant import config

        known = config.load(self.wiring.home).names("me")
        seen = {name.casefold() for name in known}
        new: list[str] = []
        for name in (name.strip() for name in names):
            if name and name.casefold() not in seen:
                seen.add(name.casefold())
                new.append(name)
        if new:
            config.set_value(self.wiring.home, "me", (*known, *new))
        self.wiring.reload_config()
        return tuple(new)

    def add(self, text: str, *, title: str | None = None) -> ImportReport:
        """Remember what the person typed, now, as the owner's own words. Raises `QueryError`."""
        return self.add_items([typed.record_of(text, title)], source="typed")

    def keep(self, text: str, type_: MemoryType, *, title: str | None = None) -> StoredMemory:
        """Make a memory of what the person typed as it stands, resting on it as an item.

        The same again gives the memory that is there. Raises `QueryError` for text that is blank,
        too long for one memory or was forgotten before.
        """
        return typed.keep(self, text, type_, title)

    def add_items(self, records: Iterable[Record], *, source: str) -> ImportReport:
        """Take in records from a script, by the same steps as any import."""
        from memassist.ingest.pipeline import ImportReport, take_in

        outcomes = (("script@1", record) for record in records)
        return take_in(
            self.wiring.database,
            "added",
            source,
            outcomes,
            self._import_settings(),
            ImportReport(),
        )

    def import_path(
        self,
        path: Path,
        *,
        format_name: str | None = None,
        is_mine: bool = False,
        me: Sequence[str] = (),
        timezone: str | None = None,
        is_wanted: Callable[[str], bool] | None = None,
        on_progress: Callable[[ImportReport], None] = lambda report: None,
    ) -> ImportReport:
        """Take in a file or folder; vectors and memories follow by `work`.

        `format_name` names a reader instead of recognising the format; `is_wanted` chooses files
        of a folder by their names in it. Raises `NoSuchPathError` and, for an unknown format or
        time zone, `QueryError`.
        """
        from memassist.ingest.pipeline import import_path
        from memassist.ingest.readers.times import zone_of
        from memassist.plugins.errors import UnreadableFileError

        settings = self._import_settings(is_mine=is_mine, me=me, timezone=timezone)
        try:  # once, and not for every file
            zone_of(settings.options.timezone)
        except UnreadableFileError as error:
            said = (f"{one[:1].upper()}{one[1:]}." for one in (error.reason, error.advice))
            raise QueryError(*said) from error
        readers = self.wiring.readers()
        if format_name is not None:
            names = sorted(reader.name for reader in readers)
            readers = tuple(reader for reader in readers if reader.name == format_name)
            if not readers:
                raise QueryError(
                    f"There is no format {format_name}.", f"Known: {', '.join(names)}."
                )
        return import_path(
            self.wiring.database,
            path,
            readers,
            settings,
            format_name=format_name,
            is_wanted=is_wanted,
            on_progress=on_progress,
        )

    def work(
        self,
        on_progress: Callable[[WorkReport], None] = lambda report: None,
        *,
        with_model: bool = False,
    ) -> WorkReport:
        """Run the queued jobs: memories by rules, vectors; `with_model` those of the model too."""
        return job_loop.work(self.wiring, on_progress, with_model=with_model)

    def search(self, query: Query, *, lexical: bool = False) -> Found:
        """Return hits, the best first; an empty query finds nothing.

        `lexical` searches by words alone and loads no model.
        """
        embedder = None if lexical else self.wiring.embedder()
        try:
            found = self._standing(query, embedder)
        except EmbeddingError as error:
            note = f"Searched by words only: {error}. {error.advice}".rstrip()
            found = self._standing(query, None)
            return replace(found, notes=(*found.notes, note))
        if embedder is None and not lexical:
            return replace(found, notes=(*found.notes, self.wiring.embedder_reason))
        notes = (
            ()
            if embedder is None
            else self.wiring.model_notes(embedder.model_id, embedder.dimensions)
        )
        return replace(found, notes=(*found.notes, *notes)) if notes else found

    def in_use(self, sources: Mapping[str, str | None]) -> set[str]:
        """Return the items of a mapping from item id to source name that still count.

        What an MCP client said counts as long as a memory in use rests on it: archiving or
        changing the memory takes the words behind it out of use too.
        """
        of_clients = [one for one, source in sources.items() if items.is_of_client(source)]
        if not of_clients:
            return set(sources)
        bearing = evidence.bearing(self.wiring.database.read(), of_clients)
        return set(sources) - set(of_clients) | bearing

    def ask(
        self,
        question: str,
        *,
        asked_at: datetime | None = None,
        earlier: Sequence[str] = (),
        on_text: Callable[[str], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Answer:
        """Answer from what is stored, citing it, or abstain. Raises `QueryError` if it is blank.

        `earlier` are the questions asked before, oldest first: "and when was that?" leans on them.
        `on_text` gets what a language model writes while it writes it; only the answer returned is
        checked. Once `cancel` says so, a `ModelError` ends it.
        """
        from memassist.assistant.answer import answer

        if not question.strip():
            raise QueryError("There is no question.")
        return answer(self, question, asked_at, earlier=earlier, on_text=on_text, cancel=cancel)

    def keep_exchange(self, conversation: str, number: int, question: str, answer: Answer) -> bool:
        """Keep a question of a conversation with the app, counted from 0, and its answer.

        False where the setting `app.keep_conversation` says not to.
        """
        from memassist.assistant.conversation import keep_exchange

        self.memories.note_uses((), () if answer.abstained else answer.citations)
        settings = self._import_settings()
        return keep_exchange(self.wiring, settings, conversation, number, question, answer)

    def timeline(
        self, start: datetime | None = None, stop: datetime | None = None, limit: int = 100
    ) -> list[Item]:
        """Return what happened in an interval, newest first."""
        return items.timeline(
            self.wiring.database.read(),
            None if start is None else times.to_ms(start),
            None if stop is None else times.to_ms(stop),
            limit,
        )

    def item(self, item_id: str) -> Item:
        """Return one item. Raises `NotFoundError`."""
        return items.get_item(self.wiring.database.read(), item_id)

    def versions(self, item_id: str) -> list[Item]:
        """Return all versions of what an item is one of, such as a file, the oldest first."""
        return items.versions_of(self.wiring.database.read(), item_id)

    def around(self, item_id: str, radius: int = 5) -> list[Item]:
        """Return an item with what stands around it in its conversation, in reading order.

        Raises `NotFoundError`.
        """
        from memassist.store.conversations import items_around

        return items_around(self.wiring.database.read(), item_id, radius)

    def picture(self, item_id: str) -> tuple[Picture, tuple[Box, ...]] | None:
        """Return the kept picture of a captured item and where its lines stand; None without."""
        from memassist.assistant.capture.pictures import picture_of
        from memassist.store.screens import boxes_of

        found = picture_of(self.wiring, item_id)
        return None if found is None else (found, boxes_of(self.wiring.database.read(), item_id))

    def history(self, target: str | None = None, limit: int = 50) -> list[Revision]:
        """Return changes to one memory, or all, newest first."""
        return memories.revisions(self.wiring.database.read(), target, limit)

    def newest_change(self) -> Revision | None:
        """Return the person's newest change that still holds: what `undo` takes back."""
        return memories.last_holding(self.wiring.database.read(), None, "user")

    def undo(self, revision: str | None = None) -> Revision:
        """Take back one change, or the person's newest; what rules and programs did stays.

        Raises `NotFoundError` and `CannotUndoError`.
        """
        with self.wiring.database.write(durable=True) as connection:
            if revision is None:
                newest = memories.last_holding(connection, None, "user")
                if newest is None:
                    raise NotFoundError("change of yours that could be undone")
                revision = newest.id
            return memories.undo(connection, revision, "user")

    def forget(self, *, item_ids: Sequence[str] = (), memory_id: str | None = None) -> Forgotten:
        """Erase items with all that rests on them, or one memory. It can't be undone."""
        if memory_id is not None:
            return forget_memory(self.wiring.database, memory_id)
        return forget_items(self.wiring.database, item_ids)

    def _standing(self, query: Query, embedder: Embedder | None) -> Found:
        """Search, and leave out items that no longer count; their places go to the next ones."""
        from memassist.assistant.recall import search

        connection = self.wiring.database.read()
        found = search(connection, query, embedder, self.wiring.resident)
        kept = self._counting(found)
        if len(kept) == len(found.hits):
            return found
        further = replace(query, k=query.k + REPLACED_HITS)
        longer = search(connection, further, embedder, self.wiring.resident)
        return replace(longer, hits=tuple(self._counting(longer)[: query.k]))

    def _counting(self, found: Found) -> list[Hit]:
        sources = {
            hit.item_id: hit.source
            for hit in found.hits
            if hit.kind == "evidence" and hit.item_id is not None
        }
        in_use = self.in_use(sources)
        return [hit for hit in found.hits if hit.kind == "memory" or hit.item_id in in_use]

    def _import_settings(
        self, *, is_mine: bool = False, me: Sequence[str] = (), timezone: str | None = None
    ) -> ImportSettings:
        from memassist.ingest.pipeline import ImportSettings
        from memassist.plugins.types import ReadOptions

        config = self.wiring.config
        options = ReadOptions(
            timezone=timezone or config.text("timezone") or None,
            me=(*config.names("me"), *me),
        )
        return ImportSettings(options, is_mine, self.wiring.vault_key)
