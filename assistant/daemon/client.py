"""Asking the daemon: its key, its embedding model, its state."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from memassist.assistant.daemon.protocol import (
    EMBED_SECONDS,
    DaemonUnreachableError,
    Message,
    ask,
    connect,
    unpack_vectors,
)
from memassist.assistant.errors import AssistantError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from memassist.plugins.protocols import Embedder


def request(home: Path, operation: str, **values: object) -> Message:
    """Ask once. Raises `DaemonUnreachableError`, and `AssistantError` where it says no."""
    with connect(home) as connection:
        return ask(connection, {"operation": operation, **values})


def key_of(home: Path) -> bytes | None:
    """Return the data key that the daemon holds unlocked, None where it holds none."""
    try:
        text = request(home, "key").get("key")
    except DaemonUnreachableError:
        return None
    return bytes.fromhex(text) if isinstance(text, str) else None


class RemoteEmbedder:
    """The daemon's embedding model; falls back to one of its own if the daemon goes."""

    def __init__(
        self,
        home: Path,
        model_id: str,
        dimensions: int,
        fallback: Embedder,
        revive: Callable[[Path], bool] | None = None,
    ) -> None:
        """Take what the daemon said of its model. `fallback` is not loaded before it is needed.

        `revive` starts the daemon again after it has left, as it does when idle.
        """
        self._home = home
        self._model_id = model_id
        self._dimensions = dimensions
        self._fallback = fallback
        self._revive = revive
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    @property
    def model_id(self) -> str:
        """Name of the vector set."""
        return self._model_id

    @property
    def dimensions(self) -> int:
        """Numbers in one vector."""
        return self._dimensions

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return `float32[len(texts), dimensions]`, each row of unit length."""
        with self._lock:
            vectors = self._ask(texts)
            if vectors is None and self._revive is not None and self._revive(self._home):
                vectors = self._ask(texts)
        if vectors is None:
            return self._fallback.embed(texts)
        _release(self._fallback)
        return vectors

    def _ask(self, texts: Sequence[str]) -> npt.NDArray[np.float32] | None:
        """Return the daemon's vectors, None where it is gone or has no model just now."""
        try:
            if self._connection is None:
                self._connection = connect(self._home)
            message = {"operation": "embed", "texts": list(texts)}
            reply = ask(self._connection, message, EMBED_SECONDS)
        except DaemonUnreachableError:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            return None
        except AssistantError:  # it is locked, or its model fails: then see what ours does
            return None
        return unpack_vectors(reply)


def _release(embedder: Embedder) -> None:
    """Let a model that this process loaded go, as the daemon has one: it is enough for all."""
    from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder

    if isinstance(embedder, OnnxEmbedder) and embedder.is_loaded():
        embedder.release()


def remote_embedder(
    home: Path, fallback: Embedder, revive: Callable[[Path], bool] | None = None
) -> RemoteEmbedder | None:
    """Return the daemon's model if it has the same one ready as `fallback`, else None."""
    try:
        reply = request(home, "model")
    except DaemonUnreachableError:
        return None
    if reply.get("model_id") != fallback.model_id:
        return None
    return RemoteEmbedder(home, fallback.model_id, fallback.dimensions, fallback, revive)
