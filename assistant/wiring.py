"""The composition root: one open home with everything that works on it, each made when needed."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from memassist.assistant import config as settings
from memassist.ingest.embedding.errors import EmbeddingError
from memassist.store import home as homes
from memassist.store import keys
from memassist.store.errors import LockedError, WrongKeyError
from memassist.store.jobs import MODEL_JOBS, has_due
from memassist.store.vault import vault_key
from memassist.store.vocabulary import passage_count, sample_of_texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memassist.assistant.daemon.client import RemoteEmbedder
    from memassist.assistant.model import Model
    from memassist.plugins.loader import Loaded
    from memassist.plugins.protocols import Embedder, Extractor, Reader
    from memassist.store.database import Database
    from memassist.store.resident import Resident


SENTENCE_TRANSFORMERS = "sentence-transformers:"
MODEL_NAMES = {"minilm": "all-MiniLM-L6-v2"}
"""Short names of embedding models."""
ENGLISH_MODEL = "all-MiniLM-L6-v2"
MULTILINGUAL_COMMAND = (
    "memassist model pull sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2 --from hub"
)
SAMPLED_ITEMS = 200
SAMPLED_CHARACTERS = 400
"""Looked at once in a process, to tell the language of what is stored: some 10 ms."""


class Wiring:
    """An open home and its parts. Heavy parts are loaded on first use and kept."""

    def __init__(self, home: Path, database: Database, *, is_daemon: bool = False) -> None:
        """Read the home's settings; opens nothing else. The daemon never asks a daemon."""
        self._is_daemon = is_daemon
        self.home = home
        self.database = database
        self.config = settings.load(home)
        self.embedder_reason = ""
        """Why there is no embedder, and the way out; empty while it has not been looked for."""
        self._language_note: tuple[str, ...] | None = None
        self._embedder: Embedder | None = None
        self._looked_for_embedder = False
        self._finding = threading.Lock()
        self._warming: threading.Thread | None = None
        self._warmed = threading.Event()
        self._remote: RemoteEmbedder | None = None
        self._revive: Callable[[Path], bool] | None = None
        """Starts the daemon; None where it is not to be started from here."""

    @classmethod
    def open(cls, home: Path, given: keys.Route | None = None) -> Wiring:
        """Open a home; raises as `store.home.open_home` and `config.load` do.

        A home that needs a person is opened with the key that its daemon holds, if it holds one.
        """
        try:
            return cls(home, homes.open_home(home, given))
        except WrongKeyError:
            raise
        except LockedError:
            from memassist.assistant.daemon.client import key_of

            data_key = None if given is not None else key_of(home)
            if data_key is None:
                raise
            return cls(home, homes.open_with_key(home, data_key))

    @property
    def vault_key(self) -> bytes | None:
        """The key that seals secrets; None where they are dropped."""
        if self.config.text("secrets") == "drop":
            return None
        return vault_key(self.database.key)

    @cached_property
    def resident(self) -> Resident:
        """Vectors and outlines, once they are searched more than once."""
        from memassist.store.resident import Resident

        return Resident()

    @cached_property
    def plugins(self) -> Loaded:
        """What the built-in and the enabled plugins offer, and which of them failed."""
        from memassist.assistant.extract.builtin import BuiltinExtractors
        from memassist.ingest.builtin import BuiltinReaders
        from memassist.plugins.loader import load

        builtins = {"readers": BuiltinReaders(), "rules": BuiltinExtractors()}
        return load(builtins, self.config.names("plugins"))

    def reload_config(self) -> None:
        """Read the settings again; raises `ConfigError`, and then keeps those it had."""
        self.config = settings.load(self.home)

    def readers(self) -> tuple[Reader, ...]:
        """Return all readers of file formats."""
        return tuple(self.plugins.readers.values())

    def extractors(self) -> tuple[Extractor, ...]:
        """Return all extractors that need no model."""
        return tuple(self.plugins.extractors.values())

    def embedder(self) -> Embedder | None:
        """Return the embedding model, or None; `embedder_reason` then says why.

        Where the home's daemon has the model loaded, that one answers.
        """
        local = self.local_embedder()
        if local is None or self._is_daemon or self._remote is not None:
            return self._remote or local
        from memassist.assistant.daemon.client import remote_embedder

        self._remote = remote_embedder(self.home, local, self._revive)
        return self._remote or local

    def local_embedder(self) -> Embedder | None:
        """Return this process's own embedding model, not loaded before it is used."""
        with self._finding:  # who comes while it is looked for must not be told that there is none
            if not self._looked_for_embedder:
                self._find_embedder()
                self._looked_for_embedder = True
        return self._embedder

    def model_notes(self, model_id: str, dimensions: int) -> tuple[str, ...]:
        """Return what to know of the embedding model where it does not suit what is stored."""
        from memassist.store.vectors import find_model

        connection = self.database.read()
        if find_model(connection, model_id, dimensions) is None:
            if not passage_count(connection):
                return ()
            name = model_id.partition("@")[0]
            note = f"Searched by words only: nothing has a vector of {name} yet."
            return (f"{note} They are made in the background; memassist jobs run does it now.",)
        if not model_id.startswith(ENGLISH_MODEL):
            return ()
        if self._language_note is None:
            from memassist.assistant.recall.language import MOSTLY, foreign_share

            texts = sample_of_texts(connection, SAMPLED_ITEMS, SAMPLED_CHARACTERS)
            share = foreign_share(texts)
            self._language_note = ()
            if share is not None and share > MOSTLY:
                note = (
                    f"About {round(100 * share)}% of what is stored is not in English, which is all"
                    f" that {ENGLISH_MODEL} knows: words are found, meaning hardly. A model of many"
                    f" languages: {MULTILINGUAL_COMMAND}"
                )
                self._language_note = (note,)
        return self._language_note

    def model(self) -> Model | None:
        """Return the language model that the settings name, not loaded or connected to yet.

        None where they name none. A file goes before a server, as it stays on this machine; the
        home's daemon has it loaded once for all.
        """
        if self._is_daemon:
            return self.local_model()
        from memassist.assistant.daemon.hosted_model import model_of

        return model_of(self.home, self.config, self._revive)

    def local_model(self) -> Model | None:
        """Return the language model as this process would run it itself, not loaded yet."""
        from memassist.assistant.model.choose import model_of

        return model_of(self.config)

    def banner(self) -> str:
        """Return what every screen has to say while texts may leave this machine; mostly empty."""
        from memassist.assistant.model.choose import banner

        return banner(self.config)

    def has_due_jobs(self, *, with_model: bool = False) -> bool:
        """Whether the job loop has something to do now; `with_model` as for `work`."""
        from memassist.assistant.work import possible_jobs

        kinds = possible_jobs(self)
        if with_model:
            from memassist.assistant.extract.model_job import queue_unasked

            queue_unasked(self.database)
            kinds = (*kinds, *MODEL_JOBS)
        return has_due(self.database, kinds)

    def learns_in_background(self) -> bool:
        """Whether the daemon is to work off what waits for a language model, and there is one."""
        return self.config.flag("model.background") and self.local_model() is not None

    def warm_up(self, *, start_daemon: bool = False) -> None:
        """Get the embedding model ready in the background; `is_warm` tells when it is there.

        With `start_daemon` the home's daemon is started for it, unless the settings forbid it,
        now and whenever it has gone.
        """
        if start_daemon and self.config.flag("daemon.autostart"):
            from memassist.assistant.daemon.process import start_quietly

            self._revive = start_quietly
        # No daemon thread: one that is inside the model's library when Python ends aborts the
        # whole process. Ending waits for it instead, well under a second.
        self.resident.expect_more()
        self._warming = threading.Thread(target=self._warm, name="warm-up")
        self._warming.start()

    def is_warming(self) -> bool:
        """Whether the embedding model is being loaded just now."""
        return self._warming is not None and self._warming.is_alive()

    def is_warm(self) -> bool:
        """Whether the embedding model is loaded, or there is none to wait for."""
        return self._warmed.is_set()

    def close(self) -> None:
        """Close the store."""
        if "resident" in self.__dict__:
            self.resident.clear()
        self.database.close()

    def _warm(self) -> None:
        try:
            if self._revive is not None and self.local_embedder() is not None:
                self._revive(self.home)
            embedder = self.embedder()
            if embedder is not None:
                embedder.embed(["warm"])
        except EmbeddingError:
            pass  # search meets the same error, and says it to whoever asks
        finally:
            self._warmed.set()

    def _find_embedder(self) -> None:
        name = self.config.text("embedding.model")
        if name == "none":
            self.embedder_reason = "Search goes by words only: embedding.model is none."
            return
        if name.startswith(SENTENCE_TRANSFORMERS):
            from memassist.ingest.embedding.sentence_transformers_backend import (
                SentenceTransformersEmbedder,
            )

            self._embedder = SentenceTransformersEmbedder(name.removeprefix(SENTENCE_TRANSFORMERS))
            return
        if "/" in name and name in self.plugins.embedders:
            self._embedder = self.plugins.embedders[name]
            return
        from memassist.ingest.embedding.locate import NoEmbedder, find_embedder

        found = find_embedder(MODEL_NAMES.get(name, name))
        if isinstance(found, NoEmbedder):
            reason = f"{found.reason[:1].upper()}{found.reason[1:]}"
            self.embedder_reason = f"{reason}. {found.advice}"
        else:
            self._embedder = found.embedder
