"""What embedding and fetching a model may raise.

EmbeddingError
├── ModelCacheError      the model cache can't be used (rights, space, another user's)
├── ModelDamagedError    a model file is not what its checksum says, or does not run
├── ModelDownloadError   a model could not be fetched
└── BackendMissingError  the package behind an embedder is not installed
"""

from __future__ import annotations


class EmbeddingError(Exception):
    """Base of what embedding raises."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """Why, in words for the person."""
        self.advice = advice
        """The way out; empty where there is none."""


class ModelCacheError(EmbeddingError):
    """The model cache can't be read or written."""


class ModelDamagedError(EmbeddingError):
    """A model's files are not the ones expected."""


class ModelDownloadError(EmbeddingError):
    """A model could not be fetched; nothing was put in its place."""


class BackendMissingError(EmbeddingError):
    """An optional package is needed and absent."""
