"""What searching needs of all documents: worked out when they are indexed, then mapped.

So an index opens as fast with a million passages as with a few, and no text is read but those that
a question finds.
"""

from collections.abc import Sequence
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
from index.string_table import Arrays, HashBuckets
from ingest.chunker import Chunk
from ingest.document import Document


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
    """

    columns: ChunkColumns
    means: LanguageMeans
    vocabulary: Vocabulary
    names: DocumentNames
    ids: HashBuckets
    languages: NDArray[np.uint8]
    respelt: NDArray[np.int64]

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
        }
