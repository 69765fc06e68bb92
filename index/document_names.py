"""What documents are called: their ids, file names and titles, found in a text that holds them.

Letters are composed (NFC) and case-folded, white space is one space.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from index.string_table import Arrays, StringTable
from ingest.document import Document

_MIN_WORDS_OF_TITLE: Final = 3
"""A shorter title may be the topic of an ordinary question, unless it is in quotation marks."""

_EDGE = re.compile(r"(?<!\w)(?=.)|(?<=.)(?!\w)", re.DOTALL)
"""A place where a word may begin or has ended, and any beside a character that is of no word."""


class DocumentName(NamedTuple):
    """A name that a text holds.

    Attributes:
        name: The name.
        places: The places of the documents that are called so, ascending.
        is_telling: Whether it is known for a name without quotation marks: it looks like that of a
            file (letters with a digit or one of `._/`), or is a title of three words and more.
    """

    name: str
    places: NDArray[np.int32]
    is_telling: bool


class DocumentNames:
    """The names of the documents of an index."""

    def __init__(
        self,
        names: StringTable,
        ends: NDArray[np.int64],
        places: NDArray[np.int32],
        telling: NDArray[np.bool_],
    ) -> None:
        """Take the names, where the documents of each end, the documents, and which are telling."""
        self._names = names
        self._ends = ends
        self._places = places
        self._telling = telling

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Self:
        """Return the names of documents."""
        found: dict[str, list[int]] = {}
        told = set()
        for place, document in enumerate(documents):
            for name, is_telling in _names(document.id, document.title).items():
                found.setdefault(name, []).append(place)
                told |= {name} if is_telling else set()
        names = StringTable.of(found)
        places = [found[name] for name in names]
        return cls(
            names,
            np.cumsum([*map(len, places)], dtype=np.int64),
            np.array([place for each in places for place in each], np.int32),
            np.array([name in told for name in names], np.bool_),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """Return the names that `arrays` gave."""
        own = (arrays[f"names.{name}"] for name in ("counted", "documents", "telling"))
        return cls(StringTable.of_arrays(arrays, "names"), *own)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays they are made of, by the names of their files."""
        return {
            **self._names.arrays("names"),
            "names.counted": self._ends,
            "names.documents": self._places,
            "names.telling": self._telling,
        }

    def within(self, text: str) -> Iterator[DocumentName]:
        """Yield the names that a text holds, case-folded, with no letter or digit right beside."""
        edges = [match.start() for match in _EDGE.finditer(text)]
        seen = set()
        for number, start in enumerate(edges):
            among = range(len(self._names))
            for end in edges[number + 1 :]:
                beginning = text[start:end]
                among = self._names.beginning_with(beginning, among)
                if not among:
                    break
                if self._names[among[0]] == beginning and among[0] not in seen:
                    seen.add(among[0])
                    yield self._at(among[0])

    def _at(self, place: int) -> DocumentName:
        start = self._ends.item(place - 1) if place else 0
        places = self._places[start : self._ends.item(place)]
        return DocumentName(self._names[place], places, bool(self._telling[place]))


def _names(document_id: str, title: str) -> dict[str, bool]:
    """Return what a document is called, and whether it is known for a name without quotes."""
    files = dict.fromkeys(map(_folded, (document_id, document_id.rpartition("/")[2])))
    names = {_folded(title): len(title.split()) >= _MIN_WORDS_OF_TITLE}
    names |= {
        name: bool(re.search(r"[\d_./]", name) and re.search(r"[^\W\d_]", name)) for name in files
    }
    return {name: is_telling for name, is_telling in names.items() if name}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()
