"""Vectors on disk, searched by inner product: unit rows, float32 (n, d).

`VectorFile` is what an index that is being made writes to, `FaissIndex` what a saved one is read
from. Neither holds the vectors in memory: the file is mapped, and the system keeps as much of it
at hand as there is room for. The saved file is that of a flat faiss index: all vectors are compared
exactly. From `CODED_FROM` vectors on, `Codes` of one bit a number find those that are compared, as
many as it takes to miss few (`MIN_RECALL`). This is the only file that imports faiss.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, NamedTuple, Protocol, Self
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from index.embedders.embedder import Vectors
from ingest.errors import StoreError

_ROWS_OF_A_BLOCK: Final = 4_096
"""Rows that are copied together: 6 MB with 384 numbers."""

CODED_FROM: Final = 50_000
"""Vectors from which codes are made: fewer are compared in 7 ms of one core."""

MIN_RECALL: Final = 0.98
"""Share of the `DEPTH` nearest vectors that must be found through codes."""

DEPTH: Final = 200
"""How many are asked for: `candidates_per_leg` of index/ranking_weights.py."""

_MARGINS: Final = (5, 10, 20, 40)
"""How many times as many vectors as are asked for may be compared exactly."""

_TRIED: Final = 100
"""Vectors of the index that are searched for, to measure what codes find."""

_ROWS_OF_A_MEAN: Final = 50_000
"""Vectors that codes are centred on the mean of."""


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


class Codes(NamedTuple):
    """Codes of vectors, one bit a number, that tell which of them are worth comparing.

    RaBitQ (Gao & Long 2024, arXiv:2405.12497), 56 bytes for 384 numbers: ten times as fast to
    search as the vectors (eval/LOG.md, 2026-11-30, "searching fewer bytes").

    Attributes:
        file: A faiss.IndexRaBitQFastScan, as faiss writes it.
        margin: How many times as many vectors as are asked for are compared exactly.
        recall: Share of the `DEPTH` nearest that are found so, 0 to 1, measured on `_TRIED`.
    """

    file: bytes
    margin: int
    recall: float

    @classmethod
    def of(cls, vectors: VectorStore) -> "Codes | None":
        """Make the codes of vectors; None for few, and where they would miss too many."""
        import faiss

        if len(vectors) < CODED_FROM:
            return None
        codes = faiss.IndexRaBitQFastScan(vectors.dimension, faiss.METRIC_INNER_PRODUCT)
        codes.train(vectors.rows(_spread(len(vectors), _ROWS_OF_A_MEAN)))
        for block in _blocks(vectors):
            codes.add(block)
        queries = vectors.rows(_spread(len(vectors), _TRIED))
        nearest = vectors.search(queries, DEPTH)[1]
        for margin in _MARGINS:
            proposed = codes.search(queries, min(margin * DEPTH, len(vectors)))[1]
            found = [np.isin(*rows).mean() for rows in zip(nearest, proposed, strict=True)]
            if (recall := float(np.mean(found))) >= MIN_RECALL:
                return cls(bytes(faiss.serialize_index(codes)), margin, recall)
        return None


def _spread(count: int, wanted: int) -> NDArray[np.int64]:
    """Return so many of the rows, or all, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))


def _blocks(vectors: VectorStore) -> Iterator[Vectors]:
    for start in range(0, len(vectors), _ROWS_OF_A_BLOCK):
        yield vectors.rows(np.arange(start, min(start + _ROWS_OF_A_BLOCK, len(vectors))))


class FaissIndex:
    """A `VectorStore` over a faiss.IndexFlatIP in a file, with codes or without."""

    def __init__(self, index: Any, codes: Any = None, margin: int = 1) -> None:  # noqa: ANN401
        """Wrap faiss indexes, which bring no types; use `read`."""
        self._index = index
        self._codes = codes
        self._margin = margin

    @classmethod
    def read(cls, path: Path, codes: Path | None = None, margin: int = 1) -> Self:
        """Map what `faiss_file` made. The caller checks the files before: faiss trusts them.

        Args:
            path: The vectors.
            codes: The file of their `Codes`; None for none.
            margin: Their margin.

        Raises:
            FileNotFoundError: A file is not there.
            OSError: It cannot be read.
        """
        import faiss

        vectors = _read(path, faiss.IO_FLAG_MMAP_IFC)
        return cls(vectors, codes and _read(codes, faiss.IO_FLAG_READ_ONLY), margin)

    @property
    def dimension(self) -> int:
        """Numbers in a vector, d."""
        return int(self._index.d)

    @property
    def code_bytes(self) -> int:
        """Bytes of all codes; 0 if there are none."""
        return len(self) * int(self._codes.code_size) if self._codes else 0

    def compared(self, k: int) -> int:
        """Return how many vectors are compared exactly to find the k nearest."""
        return min(len(self), self._margin * k) if self._codes else len(self)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def search(self, query: Vectors, k: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the cosines (q, k) and rows (q, k) nearest to each query, best first.

        The cosines are exact; with codes, a few of the nearest rows may be missing.
        """
        import faiss

        k = max(1, min(k, len(self)))
        if self._codes is None:
            cosines, rows = self._index.search(query, k)
        else:
            refined = faiss.IndexRefine(self._codes, self._index)
            refined.k_factor = min(self._margin, len(self) / k)
            cosines, rows = refined.search(query, k)
        return cosines, rows

    def rows(self, rows: NDArray[np.int64]) -> Vectors:
        """Read vectors back: float32 (len(rows), d)."""
        vectors: Vectors = self._index.reconstruct_batch(rows)
        return vectors


def _read(path: Path, flags: int) -> Any:  # noqa: ANN401  (faiss brings no types)
    import faiss

    path.stat()
    try:
        return faiss.read_index(str(path), flags)
    except RuntimeError as error:
        path.stat()  # Deleted in between?
        raise OSError(str(error)) from error


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
    for block in _blocks(vectors):
        yield block.tobytes()
