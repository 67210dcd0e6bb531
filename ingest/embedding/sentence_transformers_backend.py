"""An embedder over sentence-transformers, for any model it can load.

Needs the extra `memassist[sentence-transformers]` and with it PyTorch, seconds of loading and about
a gigabyte of memory; nothing of it is imported before the first use.
"""

from __future__ import annotations

import hashlib
import importlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from memassist.ingest.embedding.errors import BackendMissingError, EmbeddingError
from memassist.ingest.embedding.text import well_formed
from memassist.plugins.telemetry import refuse_telemetry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

_WEIGHT_PATTERNS = ("*.safetensors", "*.bin")


class _Encoder(Protocol):
    """What is used of `sentence_transformers.SentenceTransformer`."""

    def encode(
        self,
        sentences: list[str],
        *,
        normalize_embeddings: bool,
        convert_to_numpy: bool,
        show_progress_bar: bool,
    ) -> npt.NDArray[np.float32]: ...


class SentenceTransformersEmbedder:
    """An `Embedder` for the model directory or hub name it is given.

    A hub name is looked for among the models already on this machine; it is fetched only with
    `allow_download`. Code that comes with a model is never run. May be called from any thread.
    Raises `BackendMissingError` without the extra, `EmbeddingError` where the model can't be
    loaded.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        revision: str | None = None,
        device: str = "cpu",
        allow_download: bool = False,
    ) -> None:
        """`revision` is the hub's commit or tag; None is its main branch or the directory."""
        self._model = model
        self._revision = revision
        self._device = device
        self._allow_download = allow_download
        self._lock = threading.Lock()
        self._encoder: _Encoder | None = None
        self._identity: tuple[str, int] | None = None

    @property
    def model_id(self) -> str:
        """Name, revision (a sum of the weights for a directory) and dimensions; loads the model."""
        return self._identified()[0]

    @property
    def dimensions(self) -> int:
        """Width of the vectors; loads the model."""
        return self._identified()[1]

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return `float32[len(texts), dimensions]`, each row of unit length, in order."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return self._encode([well_formed(text) for text in texts])

    def _encode(self, texts: list[str]) -> npt.NDArray[np.float32]:
        import numpy as np

        vectors = self._loaded().encode(
            texts, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)

    def _identified(self) -> tuple[str, int]:
        if self._identity is None:
            dimensions = self._encode(["width"]).shape[1]
            name = Path(self._model).name
            self._identity = f"{name}@{self._fingerprint()}/{dimensions}/torch", dimensions
        return self._identity

    def _fingerprint(self) -> str:
        directory = Path(self._model)
        if not directory.is_dir():
            return self._revision or "main"
        digest = hashlib.sha256()
        for pattern in _WEIGHT_PATTERNS:
            for path in sorted(directory.rglob(pattern)):
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:8]

    def _loaded(self) -> _Encoder:
        with self._lock:
            if self._encoder is None:
                self._encoder = self._load()
            return self._encoder

    def _load(self) -> _Encoder:
        refuse_telemetry()
        try:
            package = importlib.import_module("sentence_transformers")
        except ImportError as error:
            raise BackendMissingError(
                "the package sentence-transformers is not installed",
                "Install it with `pip install 'memassist[sentence-transformers]'`.",
            ) from error
        # Its bar on stderr would spoil a full-screen terminal.
        importlib.import_module("transformers.utils.logging").disable_progress_bar()
        try:
            encoder = package.SentenceTransformer(
                str(self._model),
                revision=self._revision,
                device=self._device,
                local_files_only=not self._allow_download,
                trust_remote_code=False,
            )
        except Exception as error:  # whatever the model's libraries raise
            raise EmbeddingError(
                f"sentence-transformers can't load {self._model}: {error}",
                "" if self._allow_download else "Fetch the model first, or allow the download.",
            ) from error
        return cast("_Encoder", encoder)
