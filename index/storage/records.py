"""Records on disk, read when they are asked for: JSON lines, and where each ends.

    documents.jsonl        the records, one a line; in UTF-8, so that a text takes its letters
    documents.ends.npy     int64 (n,), where each line ends
    documents.crc32.npy    uint32 (n,), the checksum of each line, held against it when it is read

What was read last is kept, up to some megabytes, since one question reads the same records often.
"""

import json
import mmap
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from operator import eq
from pathlib import Path
from threading import Lock
from typing import Any, Final, Generic, TypeVar, overload
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.string_table import SMALL, encoded, mapped
from ingest.errors import StoreDamaged

KEPT_BYTES: Final = 8 << 20
"""Bytes of the lines whose records are kept: in memory they take some times as much."""

Record = TypeVar("Record")


class RecordLines:
    """The lines of records that are being written, and then where each ends.

    Attributes:
        name: What their files are called, without endings.
    """

    def __init__(self, name: str, records: Iterable[Any]) -> None:
        """Take dataclasses; the lines can be taken once."""
        self.name = name
        self._records = records
        self._lengths = array("q")
        self._sums = array("I")

    def __iter__(self) -> Iterator[bytes]:
        for record in self._records:
            columns = {column.name: getattr(record, column.name) for column in fields(record)}
            line = encoded(f"{json.dumps(columns, default=asdict, ensure_ascii=False)}\n")
            self._lengths.append(len(line))
            self._sums.append(crc32(line))
            yield line

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is to be written beside the lines, after them."""
        return {
            f"{self.name}.ends": np.cumsum(self._lengths, dtype=np.int64),
            f"{self.name}.crc32": np.array(self._sums, np.uint32),
        }


class Records(Sequence[Record], Generic[Record]):
    """Records that lie on the disk. Equal to any sequence of equal records."""

    def __init__(self, folder: Path, name: str, decode: Callable[[dict[str, Any]], Record]) -> None:
        """Map their files, which stay readable when they are deleted; no record is read.

        Args:
            folder: The folder of the files.
            name: What they are called, without endings.
            decode: Makes a record of what JSON has of it.

        Raises:
            OSError: A file is not there, or cannot be read.
        """
        self._path = folder / f"{name}.jsonl"
        self._ends = mapped(folder / f"{name}.ends.npy")
        self._sums = mapped(folder / f"{name}.crc32.npy")
        self._decode = decode
        with self._path.open("rb") as file:
            is_small = self._path.stat().st_size <= SMALL
            self._data: mmap.mmap | bytes = (
                file.read() if is_small else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            )
        self._kept: OrderedDict[int, tuple[Record, int]] = OrderedDict()
        self._room = KEPT_BYTES
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Record, ...]: ...

    def __getitem__(self, place: int | slice) -> Record | tuple[Record, ...]:
        """Return a record, or some.

        Raises:
            StoreDamaged: Its line is not what was written.
        """
        if isinstance(place, slice):
            return tuple(self[each] for each in range(*place.indices(len(self))))
        row = range(len(self))[place]
        with self._lock:
            if row in self._kept:
                self._kept.move_to_end(row)
                return self._kept[row][0]
        line = self._line(row)
        record = self._decode(json.loads(line))
        self._keep(row, record, len(line))
        return record

    def __iter__(self) -> Iterator[Record]:
        """Yield all records; none of them is kept."""
        return (self._decode(json.loads(self._line(row))) for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def _line(self, row: int) -> bytes:
        start = self._ends.item(row - 1) if row else 0
        line = self._data[start : self._ends.item(row)]
        if crc32(line) != self._sums.item(row):
            raise StoreDamaged(
                f"{str(self._path)!r} is damaged: line {row + 1} is not what was written",
                hint="run `dalel index --reread` again",
            )
        return line

    def _keep(self, row: int, record: Record, size: int) -> None:
        with self._lock:
            if row in self._kept or size > KEPT_BYTES:
                return
            self._kept[row] = record, size
            self._room -= size
            while self._room < 0:
                _, (_, freed) = self._kept.popitem(last=False)
                self._room += freed
