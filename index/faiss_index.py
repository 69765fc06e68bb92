"""Vectors on disk, searched exactly by inner product: unit rows, float32 (n, d).

`VectorFile` is what an index that is being made writes to, `FaissIndex` what a saved one is read
from. Neither holds the vectors in memory: the file is mapped, and the system keeps as much of it
at hand as there is room for. The saved file is that of a flat faiss index, since that is exact and
takes under 10 ms up to 100,000 vectors, where approximate indexes lose recall. This is the only
file that imports faiss.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, Protocol, Self
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from index.embedders.embedder import Vectors
from ingest.errors import StoreError

_ROWS_OF_A_BLOCK: Final = 4_096
"""Rows that are copied together: 6 MB with 384 numbers."""


class VectorStore(Protocol):
    """Vectors that can be searched and read back by row."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector, d."""
        ...

    def __len__(self) -> int:
        """Count the rows."""
        ...

    def search(self, query: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the cosines (q, k) and rows (q, k) nearest to each query, best first."""
        ...

    def rows(self, rows: NDArray[np.int64]) -> Vectors:
        """Read vectors back: float32 (len(rows), d)."""
        ...


class VectorFile:
    """A `VectorStore` that grows, in a file that has no name and is gone with it."""

    def __init__(self, dimension: int, folder: Path | None = None) -> None:
        """Make the file.

        Args:
            dimension: Numbers in a vector, d.
            folder: A folder on the disk it is to lie on; None for that of temporary files.

        Raises:
            StoreError: It cannot be made.
        """
        self.dimension = dimension
        self._folder = folder
        self._count = 0
        self._mapped: Vectors | None = None
        try:
            self._file = TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        except OSError as error:
            raise self._error(error) from error
        finalize(self, self._file.close)

    def append(self, vectors: Vectors) -> NDArray[np.int64]:
        """Write vectors, float32 (n, d), behind the others; return their rows.

        Raises:
            StoreError: They cannot be written.
        """
        data = np.ascontiguousarray(vectors, np.float32)
        try:
            self._file.seek(self._count * self.dimension * data.itemsize)
            rest = memoryview(data.tobytes())
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise self._error(error) from error
        self._count += len(data)
        self._mapped = None
        return np.arange(self._count - len(data), self._count)

    def _error(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write the vectors in {str(self._folder or 'the temporary folder')!r}:"
            f" {error.strerror or error}",
            hint="what was indexed before is untouched; free space, or name another --home",
        )

    def __len__(self) -> int:
        return self._count

    def search(self, query: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the cosines (q, k) and rows (q, k) nearest to each query, best first."""
        import faiss

        k = max(1, min(k, len(self)))
        cosines, rows = faiss.knn(query, self._map(), k, metric=faiss.METRIC_INNER_PRODUCT)
        return cosines, rows

    def rows(self, rows: NDArray[np.int64]) -> Vectors:
        """Read vectors back: float32 (len(rows), d)."""
        vectors: Vectors = np.array(self._map()[rows])
        return vectors

    def _map(self) -> Vectors:
        shape = (self._count, self.dimension)
        if not self._count:  # Nothing cannot be mapped.
            return np.empty(shape, np.float32)
        if self._mapped is None:
            self._mapped = np.memmap(self._file, np.float32, "r", shape=shape)
        return self._mapped


class FaissIndex:
    """A `VectorStore` over a faiss.IndexFlatIP in a file."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401  (faiss brings no types)
        """Wrap a faiss index; use `read`."""
        self._index = index

    @classmethod
    def read(cls, path: Path) -> Self:
        """Map what `faiss_file` made. The caller checks the file before: faiss trusts it.

        Raises:
            FileNotFoundError: It is not there.
            OSError: It cannot be read.
        """
        import faiss

        path.stat()
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            path.stat()  # Deleted in between?
            raise OSError(str(error)) from error

    @property
    def dimension(self) -> int:
        """Numbers in a vector, d."""
        return int(self._index.d)

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


def faiss_file(vectors: VectorStore) -> Iterator[bytes]:
    """Yield the file of a faiss.IndexFlatIP of these vectors, block by block.

    faiss itself writes an index that it holds in memory only. Of its file all but two numbers are
    the same however many vectors it holds: where they are counted, and the length of the rows.
    """
    import faiss

    empty = bytes(faiss.serialize_index(faiss.IndexFlatIP(vectors.dimension)))
    count_at, numbers_at = struct.calcsize("<4si"), len(empty) - struct.calcsize("<Q")
    count, numbers = (
        struct.pack("<Q", n) for n in (len(vectors), len(vectors) * vectors.dimension)
    )
    yield empty[:count_at] + count + empty[count_at + len(count) : numbers_at] + numbers
    for start in range(0, len(vectors), _ROWS_OF_A_BLOCK):
        yield vectors.rows(np.arange(start, min(start + _ROWS_OF_A_BLOCK, len(vectors)))).tobytes()
