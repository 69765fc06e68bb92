"""Documents by their ids, and some of many, without any being read that is not asked for."""

from collections import Counter
from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView
from operator import eq
from typing import Any, Generic, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from index.chunk_columns import LANGUAGES
from index.string_table import HashBuckets
from ingest.document import Document, Language

Value = TypeVar("Value")


class ById(Mapping[str, Value], Generic[Value]):
    """What belongs to documents, by their ids, in the order of the documents."""

    def __init__(
        self, documents: Sequence[Document], ids: HashBuckets, values: Sequence[Value]
    ) -> None:
        """Take the documents, where to look for an id, and what belongs to each."""
        self._documents = documents
        self._ids = ids
        self._values = values

    def __getitem__(self, name: str) -> Value:
        place = self._ids.place(name, lambda each: self._documents[each].id)
        if place is None:
            raise KeyError(name)
        return self._values[place]

    def __len__(self) -> int:
        return len(self._documents)

    def __iter__(self) -> Iterator[str]:
        return (document.id for document in self._documents)

    def values(self) -> ValuesView[Value]:
        """Return what belongs to each, without a look at the documents."""
        return _Values(self, self._values)

    def items(self) -> ItemsView[str, Value]:
        """Return what belongs to each, with its id; each document is read once."""
        return _Items(self, self._documents, self._values)


class _Values(ValuesView[Value]):
    def __init__(self, mapping: Mapping[str, Value], values: Sequence[Value]) -> None:
        super().__init__(mapping)
        self._values = values

    def __iter__(self) -> Iterator[Value]:
        return iter(self._values)


class _Items(ItemsView[str, Value]):
    def __init__(
        self,
        mapping: Mapping[str, Value],
        documents: Sequence[Document],
        values: Sequence[Value],
    ) -> None:
        super().__init__(mapping)
        self._documents = documents
        self._values = values

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        if self._values is self._documents:
            return ((cast("Document", each).id, each) for each in self._values)
        return ((each.id, value) for each, value in zip(self._documents, self._values, strict=True))


class Times(Sequence[str]):
    """Times as a column of an index has them: ISO 8601, ASCII; empty if unknown."""

    def __init__(self, column: NDArray[np.bytes_]) -> None:
        """Take the column."""
        self._column = column

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Times": ...

    def __getitem__(self, place: int | slice) -> "str | Times":
        if isinstance(place, slice):
            return Times(self._column[place])
        return bytes(self._column[place]).decode("ascii")

    def __len__(self) -> int:
        return len(self._column)


class DocumentsAt(Sequence[Document]):
    """Some documents of an index. Equal to any sequence of equal documents."""

    def __init__(
        self, documents: Sequence[Document], languages: NDArray[np.uint8], places: NDArray[Any]
    ) -> None:
        """Take all documents, the place in `LANGUAGES` of each one's, and which are meant."""
        self._documents = documents
        self._languages = languages
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Document: ...

    @overload
    def __getitem__(self, place: slice) -> "DocumentsAt": ...

    def __getitem__(self, place: int | slice) -> "Document | DocumentsAt":
        if isinstance(place, slice):
            return DocumentsAt(self._documents, self._languages, self._places[place])
        return self._documents[int(self._places[place])]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __or__(self, others: "DocumentsAt") -> "DocumentsAt":
        """Return these, and those of others that are not among them, of the same index."""
        more = others._places[~np.isin(others._places, self._places)]
        places = np.concatenate([self._places, more])
        return DocumentsAt(self._documents, self._languages, places)

    def languages(self) -> Counter[Language]:
        """Count the documents in each language, that of the first one first."""
        numbers, first, counts = np.unique(
            self._languages[self._places], return_index=True, return_counts=True
        )
        in_order = np.argsort(first)
        return Counter({LANGUAGES[numbers[each]]: int(counts[each]) for each in in_order})
