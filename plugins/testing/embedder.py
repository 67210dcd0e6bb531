"""The contract of an `Embedder`: subclass it in your tests and give `make_embedder`.

    class TestMine(EmbedderContract):
        def make_embedder(self) -> Embedder:
            return MyEmbedder()

Each check asks for an embedder anew; hand out the same one if yours is slow to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from memassist.plugins.protocols import Embedder

_VARIED = (
    "The heat pump was installed in March.",
    "",
    "   \n\t ",
    "Ça coûte 3 €, naïve Übergröße",
    "東京に行きました。",
    "👩‍🚀 launched 🚀🚀",
    "zero\x00byte and \u2028 line separator",
    "short",
    "a much longer text about the same old kitchen table. " * 60,
    "x" * 5000,
)


class EmbedderContract:
    """Every embedder passes every check."""

    tolerance = 1e-3
    """Largest difference of a vector's elements between two ways of asking for it."""

    def make_embedder(self) -> Embedder:
        """Return the embedder to check."""
        raise NotImplementedError

    def test_names_its_vectors(self) -> None:
        """The id is not empty, stays the same, and the width is positive."""
        embedder = self.make_embedder()
        assert embedder.model_id.strip()
        assert embedder.model_id == self.make_embedder().model_id
        assert embedder.dimensions > 0

    def test_gives_one_unit_vector_for_each_text(self) -> None:
        """Shape, type and length are right for texts of any kind, blank ones too."""
        vectors = self._embed(*_VARIED)
        assert vectors.dtype == np.float32
        lengths = np.linalg.norm(vectors, axis=1)
        assert np.allclose(lengths, 1, atol=1e-4), lengths

    def test_takes_no_text_at_all(self) -> None:
        """No texts are no vectors, of the right width."""
        self._embed()

    def test_takes_lone_surrogates(self) -> None:
        """Text that can't be encoded is embedded all the same."""
        self._embed("\ud83d", "before \udc00 after", "\udfff\ud800")

    def test_gives_the_same_vector_again(self) -> None:
        """Asking twice gives the same."""
        self._assert_near(self._embed(*_VARIED), self._embed(*_VARIED))

    def test_a_vector_does_not_depend_on_the_batch(self) -> None:
        """A text alone has the vector it has among others."""
        alone = np.concatenate([self._embed(text) for text in _VARIED])
        self._assert_near(alone, self._embed(*_VARIED))

    def test_keeps_the_order_of_texts(self) -> None:
        """Vectors come in the order of the texts, whatever their lengths."""
        self._assert_near(self._embed(*_VARIED[::-1])[::-1], self._embed(*_VARIED))

    def test_like_meanings_are_nearer_than_unlike_ones(self) -> None:
        """The vectors mean something."""
        question, near, far = self._embed(
            "Where does my sister live?",
            "My sister lives in Leeds.",
            "The printer is out of toner.",
        )
        assert question @ near > question @ far

    def _embed(self, *texts: str) -> npt.NDArray[np.float32]:
        embedder = self.make_embedder()
        vectors = embedder.embed(list(texts))
        assert vectors.shape == (len(texts), embedder.dimensions)
        assert np.isfinite(vectors).all()
        return vectors

    def _assert_near(self, first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> None:
        difference = np.abs(first - second).max(axis=1)
        assert (difference <= self.tolerance).all(), difference
