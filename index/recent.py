"""Questions asked of late, not embedded again: many people ask the same.

In: an embedder. Out: an `Embedder` that keeps the vectors of its last questions in memory.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from index.embed import Embedder, Progress, Vectors, no_progress

KEPT: Final = 2_000
"""Questions kept: 3 MB of vectors with 384 numbers."""


class Recent:
    """An `Embedder` that remembers questions as long as it lives."""

    def __init__(self, embedder: Embedder) -> None:
        """Take an embedder."""
        self.name = embedder.name
        self.weights_sha256 = embedder.weights_sha256
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._query = lru_cache(KEPT)(lambda text: embedder.embed_queries([text]))

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, d), unit rows."""
        return np.vstack([np.empty((0, self.dimension), np.float32), *map(self._query, texts)])

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, d), unit rows."""
        return self._embedder.embed_passages(texts, progress)
