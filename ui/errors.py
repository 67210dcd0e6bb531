"""One table: what each public error means to a person, the way out, and the exit code.

Exit codes: 0 done, also where some items became problems or a search found nothing; 1 our fault;
2 wrong usage; 3 nothing readable in the input; 4 locked or no key; 5 store damaged, too new, or of
an affected library. `tests/ui/test_errors.py` proves that every public error has a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from memassist.assistant import errors as assistant
from memassist.ingest import errors as ingest
from memassist.ingest.capture import errors as capture
from memassist.ingest.embedding import errors as embedding
from memassist.plugins import errors as plugins
from memassist.store import errors as store

DONE, OUR_FAULT, WRONG_USAGE, NOTHING_READABLE, LOCKED, DAMAGED = range(6)
INTERRUPTED = 130
"""As shells count a program that Ctrl-C ended."""


@dataclass(frozen=True, slots=True)
class Row:
    """What to say and how to end."""

    exit_code: int
    advice: str = ""
    """Used where the error carries none of its own."""


TABLE: dict[type[Exception], Row] = {
    store.HomeMissingError: Row(WRONG_USAGE, "Make one with: memassist init"),
    store.HomeExistsError: Row(WRONG_USAGE, "Name an empty or new directory."),
    store.WrongKeyError: Row(LOCKED, "Use the key file or passphrase this home was made with."),
    store.LockedError: Row(
        LOCKED, "Give the passphrase with --passphrase-fd N, or run it in a terminal."
    ),
    store.KeyRouteError: Row(WRONG_USAGE),
    store.DamagedError: Row(DAMAGED, "Restore a backup with: memassist restore BACKUP --to HOME"),
    store.NewerStoreError: Row(DAMAGED, "Install a newer memassist; nothing was changed."),
    store.AffectedLibraryError: Row(DAMAGED, "Install sqlcipher3 0.6.4 or newer."),
    store.StoreBusyError: Row(OUR_FAULT, "Try again when the other process is done."),
    store.StoreFullError: Row(OUR_FAULT, "Free some room and run it again."),
    store.NotFoundError: Row(WRONG_USAGE),
    store.ConflictError: Row(WRONG_USAGE, "Look at it again, then repeat the change."),
    store.CannotUndoError: Row(WRONG_USAGE),
    store.EntityError: Row(WRONG_USAGE),
    store.StoreError: Row(OUR_FAULT),
    ingest.NoSuchPathError: Row(NOTHING_READABLE, "Check the path."),
    capture.NoDesktopError: Row(WRONG_USAGE),
    capture.DesktopLostError: Row(OUR_FAULT, "Start it again in a desktop session."),
    capture.CaptureError: Row(OUR_FAULT),
    ingest.IngestError: Row(OUR_FAULT),
    embedding.ModelCacheError: Row(OUR_FAULT),
    embedding.ModelDamagedError: Row(OUR_FAULT, "Fetch it anew with: memassist model pull"),
    embedding.ModelDownloadError: Row(OUR_FAULT),
    embedding.BackendMissingError: Row(OUR_FAULT),
    embedding.EmbeddingError: Row(OUR_FAULT),
    plugins.UnreadableFileError: Row(NOTHING_READABLE),
    plugins.PluginError: Row(OUR_FAULT),
    assistant.NothingReadableError: Row(NOTHING_READABLE),
    assistant.EvaluationError: Row(NOTHING_READABLE, "docs/evaluation.md describes the formats."),
    assistant.ConfigError: Row(WRONG_USAGE),
    assistant.QueryError: Row(WRONG_USAGE),
    assistant.WatchError: Row(WRONG_USAGE),
    assistant.ModelError: Row(OUR_FAULT, "See which one is set: memassist model status"),
    assistant.AssistantError: Row(OUR_FAULT),
}
"""The nearest class in an error's line of descent counts."""


LISTINGS = {
    "memory": "memassist memories list",
    "entity": "memassist entities list",
    "item": "memassist search or memassist timeline",
    "inbox entry": "memassist inbox list --all",
    "revision": "memassist memories history",
    "vault entry": "memassist vault list",
    "problem": "memassist problems",
    "watched folder": "memassist watch list",
}
"""What a `NotFoundError` may be about, and the command that lists those there are."""


def row_of(error: Exception) -> Row | None:
    """Return the row of an error, None for one that is no public error of ours."""
    for kind in type(error).__mro__:
        if kind in TABLE:
            return TABLE[kind]
    return None


def advice_of(error: Exception, row: Row) -> str:
    """Return the error's own way out, or its row's."""
    if isinstance(error, store.NotFoundError):
        return next(
            (f"See them with: {LISTINGS[one]}" for one in LISTINGS if one in error.what), ""
        )
    own = getattr(error, "advice", "")
    return own if isinstance(own, str) and own else row.advice
