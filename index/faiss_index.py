"""The FAISS index: unit vectors, float32 (n, d), searched exactly by inner product.

It is a flat index, since that is exact and takes under 10 ms up to 100,000 vectors, where
approximate indexes lose recall. This is the only file that imports faiss.
"""

from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from index.embedders.embedder import Vectors


class VectorStore(Protocol):
    """Vectors that can be searched and read back by row."""

    def __len__(self) -> int:
        """Count the rows."""
        ...

    def search(self, query: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the cosines (q, k) and rows (q, k) nearest to each query, best first."""
        ...

    def rows(self, rows: NDArray[np.int64]) -> Vectors:
        """Read vectors back: float32 (len(rows), d)."""
        ...


class FaissIndex:
    """A `VectorStore` over faiss.IndexFlatIP."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401  (faiss brings no types)
        """Wrap a faiss index; use `build` or `from_bytes`."""
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors) -> Self:
        """Index vectors: float32 (n, d), unit rows."""
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote. The caller checks the bytes before: faiss trusts them."""
        import faiss

        return cls(faiss.deserialize_index(np.frombuffer(data, dtype=np.uint8)))

    def to_bytes(self) -> bytes:
        """Serialise the index in faiss's own format."""
        import faiss

        return bytes(faiss.serialize_index(self._index))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the cosines (q, k) and rows (q, k) nearest to each query, best first."""
        scores, rows = self._index.search(query, max(1, min(k, len(self))))
        return scores, rows

    def rows(self, rows: NDArray[np.int64]) -> Vectors:
        """Read vectors back: float32 (len(rows), d)."""
        vectors: Vectors = self._index.reconstruct_batch(rows)
        return vectors
