"""Runs a sentence encoder in ONNX Runtime.

A text's vector depends on the text alone: not on the texts beside it, their order, the batch's
shape or the number of threads, up to float rounding in the last digits. The contract suite
(`memassist.plugins.testing.embedder`) checks it.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from memassist.ingest.embedding.errors import EmbeddingError, ModelDamagedError
from memassist.ingest.embedding.graph import IDS_INPUT, MASK_INPUT
from memassist.ingest.embedding.text import well_formed
from memassist.plugins.heap import give_back, keep_heaps_small
from memassist.plugins.telemetry import refuse_telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

    from memassist.ingest.embedding.cache import ModelFiles

_MAX_THREADS = 4
"""Above it a model this small gains little and the machine is no longer the person's."""

_MAX_CHARACTERS = 20_000
"""Read of one text; 256 tokens of any language are far fewer. Keeps a 5 MB text cheap."""

_CHUNK_TEXTS = 1024
"""Texts tokenised at once: bounds memory, and sorting by length works within it."""

_BATCH_TOKENS = 1024
"""In one run: 4096 is no faster and takes 90 MB more."""
_BATCH_TEXTS = 64


def default_threads() -> int:
    """Return how many threads embedding uses unless told: the usable cores, at most 4."""
    if hasattr(os, "sched_getaffinity"):
        return min(_MAX_THREADS, len(os.sched_getaffinity(0)))
    return min(_MAX_THREADS, os.cpu_count() or 1)


class OnnxEmbedder:
    """An `Embedder` over a model directory of the cache.

    Nothing is read before the first `embed`, `count_tokens` or `prepare`. All three may be called
    from any thread; they raise `EmbeddingError`.
    """

    def __init__(
        self,
        model_id: str,
        dimensions: int,
        load: Callable[[], ModelFiles],
        *,
        threads: int | None = None,
    ) -> None:
        """`load` is called once, at the first use; `threads` None means `default_threads()`."""
        self.model_id = model_id
        self.dimensions = dimensions
        self.threads = default_threads() if threads is None else max(1, threads)
        self._load = load
        self._lock = threading.RLock()
        self._files: ModelFiles | None = None
        self._session: InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None

    def prepare(self) -> None:
        """Load the model now; builds it first where that is still to be done (about 1 s)."""
        self._ready()

    def is_loaded(self) -> bool:
        """Whether it takes up memory."""
        return self._session is not None

    def release(self) -> None:
        """Let go of the memory it takes; the next use loads it again."""
        with self._lock:
            self._session = self._tokenizer = self._files = None
        give_back()

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return `float32[len(texts), dimensions]`, each row of unit length, in the texts' order.

        What goes beyond the model's length (256 tokens for MiniLM) has no influence.
        """
        import numpy as np

        vectors = np.empty((len(texts), self.dimensions), np.float32)
        if not texts:
            return vectors
        session, tokenizer = self._ready()
        for start in range(0, len(texts), _CHUNK_TEXTS):
            chunk = [well_formed(t[:_MAX_CHARACTERS]) for t in texts[start : start + _CHUNK_TEXTS]]
            encodings = tokenizer.encode_batch_fast(chunk)
            batches = [*_batches(encodings)]
            for number, rows in enumerate(batches, 1):
                is_last = number == len(batches) and start + len(chunk) == len(texts)
                vectors[[start + row for row in rows]] = self._run(
                    session, [encodings[row] for row in rows], gives_back=is_last and len(texts) > 1
                )
        return vectors

    def count_tokens(self, text: str) -> int:
        """Return the text's length in tokens, the special ones included, before any cutting."""
        encoding = self._open_tokenizer().encode(well_formed(text))
        # What the model can't take is cut off in pieces, each with special tokens of its own.
        special = sum(encoding.special_tokens_mask)
        return len(encoding.ids) + sum(len(rest.ids) - special for rest in encoding.overflowing)

    def _read(self) -> ModelFiles:
        with self._lock:
            if self._files is None:
                keep_heaps_small()
                self._files = self._load()
            return self._files

    def _ready(self) -> tuple[InferenceSession, Tokenizer]:
        with self._lock:
            tokenizer, files = self._open_tokenizer(), self._read()
            if self._session is None:
                self._session = open_session(files.graph, self.threads)
                # The session has its own copy of the weights.
                self._files = type(files)(files.description, b"", files.tokenizer)
            return self._session, tokenizer

    def _open_tokenizer(self) -> Tokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _open_tokenizer(self._read())
            return self._tokenizer

    def _run(
        self, session: InferenceSession, encodings: Sequence[Encoding], *, gives_back: bool
    ) -> npt.NDArray[np.float32]:
        import numpy as np
        import onnxruntime

        # Tokenizers without special tokens give none for blank text; one stands in.
        length = max(1, *(len(encoding.ids) for encoding in encodings))
        ids = np.zeros((len(encodings), length), np.int64)
        mask = np.zeros((len(encodings), length), np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : max(1, len(encoding.ids))] = 1
        feed = {IDS_INPUT: ids, MASK_INPUT: mask}
        for argument in session.get_inputs():
            # Exported models may ask for token types too, all of the first kind.
            feed.setdefault(argument.name, np.zeros_like(ids))
        options = onnxruntime.RunOptions()
        if gives_back:
            # What the largest batch needed, some 25 MB, would stay with the process else.
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            output = session.run(None, feed, options)[0]
        except Exception as error:  # ONNX Runtime's exceptions have no common class of their own
            raise EmbeddingError(f"the embedding model failed: {error}") from error
        vectors = _pool(np.asarray(output, np.float32), mask, self._pooling())
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if vectors.shape[1] != self.dimensions or not (np.isfinite(lengths) & (lengths > 0)).all():
            raise ModelDamagedError(
                "the embedding model gives no usable vectors", "Run `memassist model pull` again."
            )
        return np.asarray(vectors / lengths, np.float32)

    def _pooling(self) -> str:
        return self._read().description.pooling


def _batches(encodings: Sequence[Encoding]) -> Iterator[list[int]]:
    """Yield row numbers of texts of like length, longest first, few enough to run at once."""
    order = sorted(range(len(encodings)), key=lambda row: len(encodings[row].ids), reverse=True)
    while order:
        longest = len(encodings[order[0]].ids)
        size = max(1, min(_BATCH_TEXTS, _BATCH_TOKENS // max(1, longest)))
        yield order[:size]
        order = order[size:]


def _pool(
    output: npt.NDArray[np.float32], mask: npt.NDArray[np.int64], pooling: str
) -> npt.NDArray[np.float32]:
    import numpy as np

    if output.ndim == 2:
        return output
    if pooling == "cls":
        return output[:, 0]
    weight = mask[:, :, None].astype(output.dtype)
    return np.asarray((output * weight).sum(axis=1) / weight.sum(axis=1), np.float32)


def _open_tokenizer(files: ModelFiles) -> Tokenizer:
    # Its own thread pool would not keep to our number of threads, and it writes a warning to the
    # terminal when the process forks later.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(files.tokenizer)
    except Exception as error:  # tokenizers raises plain Exception
        raise ModelDamagedError(f"the tokenizer can't be read: {error}") from error
    tokenizer.enable_truncation(files.description.max_tokens)
    tokenizer.no_padding()
    return tokenizer


def open_session(graph: bytes, threads: int) -> InferenceSession:
    """Load a graph into ONNX Runtime. Raises `ModelDamagedError` where that can't be done."""
    refuse_telemetry()
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # where another library imported it before
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Plans memory for shapes that come again; here nearly every batch has another one.
    options.enable_mem_pattern = False
    # Errors only: anything on stderr spoils a full-screen terminal.
    options.log_severity_level = 3
    # Waiting threads sleep: a background job must not keep the cores hot.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's exceptions have no common class of their own
        raise ModelDamagedError(
            f"ONNX Runtime can't load the embedding model: {error}",
            "Run `memassist model pull` again.",
        ) from error
    # It keeps the graph's bytes, 22 MB, for starting anew with other providers; there are none.
    session._model_bytes = None
    return session
