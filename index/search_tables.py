"""What searching needs of all documents: worked out when they are indexed, then mapped.

So an index opens as fast with a million passages as with a few, and no text is read but those that
a question finds.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.spelling import count_words
from index.analysis.vocabulary import Vocabulary
from index.chunk_columns import LANGUAGES, ChunkColumns
from index.document_names import DocumentNames
from index.faiss_index import VectorStore
from index.language_means import LanguageMeans
from index.searched_text import Respelt, spelt_texts
from index.string_table import Arrays, HashBuckets, encoded
from ingest.chunker import Chunk, in_context
from ingest.document import Document

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class SearchTables:
    """The tables of one index.

    Attributes:
        columns: A few numbers of each chunk.
        means: What the vectors of each language have in common.
        vocabulary: The words of the documents.
        names: What documents are called.
        ids: Where to look for the id of a document.
        languages: uint8 (documents,), the place of each one's language in `LANGUAGES`.
        respelt: int64 (respelt chunks,), the rows of the chunks that are not searched as they are
            written, ascending.
        document_hashes: uint64 (documents,), a hash of each one's id.
        chunk_hashes: uint64 (chunks,), a hash of all that is searched of each: its document, its
            place and sentences there, its languages, the texts that are embedded.
    """

    columns: ChunkColumns
    means: LanguageMeans
    vocabulary: Vocabulary
    names: DocumentNames
    ids: HashBuckets
    languages: NDArray[np.uint8]
    respelt: NDArray[np.int64]
    document_hashes: Hashes
    chunk_hashes: Hashes

    @classmethod
    def of(
        cls,
        documents: Sequence[Document],
        chunks: Sequence[Chunk],
        respelt: Sequence[Respelt],
        chunk_vectors: VectorStore,
        sentence_vectors: VectorStore,
    ) -> Self:
        """Work out the tables of an index."""
        columns = ChunkColumns.of(documents, chunks)
        return cls(
            columns,
            LanguageMeans.of(columns, chunk_vectors, sentence_vectors),
            Vocabulary.of(count_words(spelt_texts(documents, chunks, respelt))),
            DocumentNames.of(documents),
            HashBuckets.of(document.id for document in documents),
            np.array([LANGUAGES.index(document.language) for document in documents], np.uint8),
            np.array([one.row for one in respelt], np.int64),
            np.fromiter((hash_of(document.id) for document in documents), np.uint64),
            np.fromiter(_hashes(documents, chunks, respelt), np.uint64),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """Return the tables that `arrays` gave."""
        return cls(
            ChunkColumns.of_arrays(arrays),
            LanguageMeans.of_arrays(arrays),
            Vocabulary.of_arrays(arrays),
            DocumentNames.of_arrays(arrays),
            HashBuckets.of_arrays(arrays, "documents"),
            arrays["documents.languages"],
            arrays["respelt.rows"],
            arrays["documents.hashes"],
            arrays["chunks.hashes"],
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays they are made of, by the names of their files."""
        return {
            **self.columns.arrays(),
            **self.means.arrays(),
            **self.vocabulary.arrays(),
            **self.names.arrays(),
            **self.ids.arrays("documents"),
            "documents.languages": self.languages,
            "respelt.rows": self.respelt,
            "documents.hashes": self.document_hashes,
            "chunks.hashes": self.chunk_hashes,
        }


def hash_of(text: str) -> int:
    """Return a hash of a text, of 64 bits, that is the same everywhere."""
    return int.from_bytes(hashlib.blake2b(encoded(text), digest_size=8).digest())


def _hashes(
    documents: Sequence[Document], chunks: Sequence[Chunk], respelt: Sequence[Respelt]
) -> Iterator[int]:
    by_id = {document.id: document for document in documents}
    by_row = {one.row: (one.passage, *one.sentences) for one in respelt}
    for row, chunk in enumerate(chunks):
        text = in_context(by_id[chunk.document_id], chunk)
        place = (chunk.document_id, chunk.start, chunk.end, chunk.sentences)
        searched = (chunk.language, chunk.other_languages, text, by_row.get(row, ()))
        yield hash_of(repr((place, searched)))
