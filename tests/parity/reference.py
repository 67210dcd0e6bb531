"""Runs inside the parity environment, where sentence-transformers and PyTorch are.

usage: reference.py MODEL_DIRECTORY TEXTS.json VECTORS.npy

Writes sentence-transformers' own vectors of the texts, and puts our back end over it through the
embedder contract.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sentence_transformers import SentenceTransformer

from memassist.ingest.embedding.sentence_transformers_backend import SentenceTransformersEmbedder
from memassist.plugins.testing.embedder import EmbedderContract

if TYPE_CHECKING:
    from memassist.plugins.protocols import Embedder


class _Contract(EmbedderContract):
    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def make_embedder(self) -> Embedder:
        return self._embedder


def main() -> None:
    model_directory, texts_path, vectors_path = sys.argv[1:]
    texts = json.loads(Path(texts_path).read_text())
    model = SentenceTransformer(model_directory, device="cpu", local_files_only=True)
    vectors = np.asarray(model.encode(texts, normalize_embeddings=True, show_progress_bar=False))
    np.save(vectors_path, vectors.astype(np.float32))

    embedder = SentenceTransformersEmbedder(model_directory)
    contract = _Contract(embedder)
    checks = [name for name in dir(contract) if name.startswith("test_")]
    for name in checks:
        getattr(contract, name)()
    assert np.allclose(embedder.embed(texts), vectors, atol=1e-5)
    print(f"{embedder.model_id}: {len(checks)} checks of the contract hold")  # noqa: T201 - a script


main()
