"""Strings in arrays: found by their hash or their beginning, and mapped from a file, not read.

A string costs its letters and some 16 bytes on the disk; in memory is what a look-up touches.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
"""Arrays by the names of their files, without `.npy`."""

_BEHIND_ALL: Final = b"\xff"
"""Behind every text in UTF-8 that begins with the same letters."""


SMALL: Final = 1 << 16
"""Bytes up to which a file is read, not mapped: a process may have so many files open at once."""


def mapped(path: Path) -> NDArray[Any]:
    """Map an array. The caller checks the file before: here it is trusted, but for pickles.

    Raises:
        OSError: It is not there, or cannot be read.
        ValueError: It is an array of pickles.
    """
    is_large = path.stat().st_size > SMALL
    # A plain view: numbers are taken from a `memmap` itself several times slower.
    return np.asarray(np.load(path, mmap_mode="r" if is_large else None, allow_pickle=False))


def encoded(text: str) -> bytes:
    """Return a text in UTF-8; half of a surrogate pair, which a file's name may hold, as it is."""
    return text.encode("utf-8", "surrogatepass")


class HashBuckets:
    """Where strings are that are kept elsewhere, by their checksums."""

    def __init__(
        self,
        starts: NDArray[np.uint32],
        sums: NDArray[np.uint32],
        places: NDArray[np.uint32],
    ) -> None:
        """Take where each bucket begins, and what is in them: checksums, and places."""
        self._starts = starts
        self._sums = sums
        self._places = places
        self._mask = len(starts) - 2

    @classmethod
    def of(cls, strings: Iterable[str], places: NDArray[Any] | None = None) -> Self:
        """Put strings into as many buckets as there are strings, or up to twice as many.

        Args:
            strings: The strings; one may come twice.
            places: Where each is; None for its place among them.
        """
        sums = np.fromiter((crc32(encoded(text)) for text in strings), np.uint32)
        count = 1 << max(0, len(sums) - 1).bit_length()
        buckets = sums & np.uint32(count - 1)
        starts = np.concatenate([[0], np.cumsum(np.bincount(buckets, minlength=count))])
        in_order = np.argsort(buckets, kind="stable")
        found = in_order if places is None else places[in_order]
        return cls(starts.astype(np.uint32), sums[in_order], found.astype(np.uint32))

    @classmethod
    def of_arrays(cls, arrays: Arrays, name: str) -> Self:
        """Return the buckets that `arrays` gave."""
        return cls(*(arrays[f"{name}.{part}"] for part in ("buckets", "sums", "places")))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays they are made of, by names that begin with this one."""
        return {
            f"{name}.buckets": self._starts,
            f"{name}.sums": self._sums,
            f"{name}.places": self._places,
        }

    def place(self, text: str, text_at: Callable[[int], str]) -> int | None:
        """Return the place of a string, if what is kept elsewhere has it; None if not."""
        return next((place for place in self.places(text) if text_at(place) == text), None)

    def places(self, text: str) -> list[int]:
        """Return the places of the strings that may be this one: all that are, hardly another."""
        return self.places_of(encoded(text))

    def places_of(self, data: bytes) -> list[int]:
        """Return the same for a string in UTF-8."""
        found = crc32(data)
        bucket = found & self._mask
        within = range(self._starts.item(bucket), self._starts.item(bucket + 1))
        return [self._places.item(each) for each in within if self._sums.item(each) == found]


class StringTable:
    """Different strings in the order of their code points; a string's place is its number."""

    def __init__(
        self, utf8: NDArray[np.uint8], ends: NDArray[np.int64], buckets: HashBuckets
    ) -> None:
        """Take the strings one behind the other, where each ends, and where to look for one."""
        self._utf8 = utf8
        self._ends = ends
        self._buckets = buckets

    @classmethod
    def of(cls, strings: Iterable[str]) -> Self:
        """Make a table of strings; what comes twice is kept once."""
        in_order = sorted(set(strings))
        data = [encoded(text) for text in in_order]
        return cls(
            np.frombuffer(b"".join(data), np.uint8),
            np.fromiter(accumulate(map(len, data)), np.int64),
            HashBuckets.of(in_order),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays, name: str) -> Self:
        """Return the table that `arrays` gave."""
        buckets = HashBuckets.of_arrays(arrays, name)
        return cls(arrays[f"{name}.utf8"], arrays[f"{name}.ends"], buckets)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays it is made of, by names that begin with this one."""
        own: dict[str, NDArray[Any]] = {f"{name}.utf8": self._utf8, f"{name}.ends": self._ends}
        return own | self._buckets.arrays(name)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> str:
        """Return the string at a place, from 0."""
        return self._data(place).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def place(self, text: str) -> int | None:
        """Return the place of a string; None if it is not there."""
        data = encoded(text)
        for place in self._buckets.places_of(data):
            if self._data(place) == data:
                return place
        return None

    def __contains__(self, text: str) -> bool:
        return self.place(text) is not None

    def beginning_with(self, beginning: str, among: range | None = None) -> range:
        """Return the places of the strings that begin with this one; it may be one of them.

        Args:
            beginning: The string.
            among: The places that come into question, all strings with a shorter beginning of it.
        """
        data, every = encoded(beginning), range(len(self))
        low, high = (among.start, among.stop) if among is not None else (0, len(self))
        first = bisect_left(every, data, low, high, key=self._data)
        return range(first, bisect_left(every, data + _BEHIND_ALL, first, high, key=self._data))

    def _data(self, place: int) -> bytes:
        start = self._ends.item(place - 1) if place else 0
        return self._utf8[start : self._ends.item(place)].tobytes()
