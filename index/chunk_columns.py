"""What searching needs of all chunks, a number each: so that none of them is read for it.

Of each chunk: its document, its language, the others that it holds a sentence in, and the row of
its first sentence. It is worked out when documents are indexed, and mapped from the disk after.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, get_args

import numpy as np
from numpy.typing import NDArray

from index.string_table import Arrays
from ingest.chunker import Chunk
from ingest.document import Document, Language

Rows = NDArray[np.int64]
"""Rows of chunks or sentences in the index."""

LANGUAGES: Final[tuple[Language, ...]] = tuple(sorted(get_args(Language)))
"""The languages in the order in which the columns number them."""


@dataclass(frozen=True, slots=True, eq=False)
class ChunkColumns:
    """Columns of numbers, a row a chunk.

    Attributes:
        documents: int32 (chunks,), the place of its document; ascending, as chunks are in the
            order of their documents.
        languages: uint8 (chunks,), the place of its language in `LANGUAGES`.
        others: uint8 (chunks,), a bit for each of `LANGUAGES` that it holds a sentence in too.
        first_sentences: int64 (chunks + 1,), the row of its first sentence; one more at the end
            closes the last.
    """

    documents: NDArray[np.int32]
    languages: NDArray[np.uint8]
    others: NDArray[np.uint8]
    first_sentences: Rows

    @classmethod
    def of(cls, documents: Iterable[Document], chunks: Sequence[Chunk]) -> Self:
        """Return the columns of the chunks of some documents."""
        places = {document.id: place for place, document in enumerate(documents)}
        rows = [
            (
                places[chunk.document_id],
                LANGUAGES.index(chunk.language),
                sum(1 << LANGUAGES.index(language) for language in chunk.other_languages),
                len(chunk.sentences),
            )
            for chunk in chunks
        ]
        of_documents, languages, others, counts = np.array(rows, np.int64).reshape(-1, 4).T
        return cls(
            of_documents.astype(np.int32),
            languages.astype(np.uint8),
            others.astype(np.uint8),
            np.concatenate([[0], np.cumsum(counts)]),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """Return the columns that `arrays` gave."""
        return cls(*(arrays[f"chunks.{name}"] for name in cls.__dataclass_fields__))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the columns by the names of their files."""
        return {f"chunks.{name}": getattr(self, name) for name in self.__dataclass_fields__}

    def __len__(self) -> int:
        return len(self.languages)

    def of_document(self, place: int) -> range:
        """Return the rows of the chunks of a document."""
        # Numbers of the column's own kind: for others it would be copied.
        ends = np.array([place, place + 1], self.documents.dtype)
        return range(*np.searchsorted(self.documents, ends).tolist())

    def sentence_rows(self, rows: Rows) -> Rows:
        """Return the rows of the sentences of some chunks, chunk by chunk."""
        first, counts = self.first_sentences[rows], self.sentence_counts(rows)
        before = np.cumsum(counts) - counts
        within: Rows = np.repeat(first - before, counts) + np.arange(counts.sum())
        return within

    def sentence_counts(self, rows: Rows) -> Rows:
        """Return how many sentences some chunks have."""
        counts: Rows = self.first_sentences[rows + 1] - self.first_sentences[rows]
        return counts
