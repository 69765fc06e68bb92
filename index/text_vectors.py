"""The vectors of texts while an index is made: each text is embedded once, and found by its hash.

In: texts, a model, and the vectors of the index as it was, which stay where they lie. Out: the
vectors of any texts in any order, on disk. In memory is a row number a text.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from index.embedders.cache import text_key
from index.embedders.embedder import Embedder, Progress, Vectors, no_progress
from index.faiss_index import VectorFile, VectorStore

_TEXTS_OF_A_BLOCK: Final = 1_024
"""Texts whose vectors are in memory together: 1.5 MB with 384 numbers."""

Item = TypeVar("Item")


class TextVectors:
    """The vectors of texts."""

    def __init__(self, embedder: Embedder, folder: Path | None = None) -> None:
        """Take a model, and the folder of the disk that vectors are to lie on (see `VectorFile`).

        Raises:
            StoreError: Nothing can be written there.
        """
        self._embedder = embedder
        self._folder = folder
        self._new = VectorFile(embedder.dimension, folder)
        self._stores: list[VectorStore] = [self._new]
        self._places: dict[bytes, tuple[int, int]] = {}  # Which store, and which row of it.

    def reuse(self, texts: Iterable[str], vectors: VectorStore) -> None:
        """Take over the vectors of an index, one a text, in the same order."""
        number = len(self._stores)
        self._stores.append(vectors)
        for row, text in enumerate(texts):
            self._places[text_key(text)] = number, row

    def embed(self, texts: Iterable[str], progress: Progress = no_progress) -> None:
        """Embed the texts that have no vector yet.

        Args:
            texts: The texts.
            progress: Called with how many of the new ones are embedded, and how many there are.

        Raises:
            ModelError, StoreError: They cannot be embedded, or kept.
        """
        new = {key: text for text in texts if (key := text_key(text)) not in self._places}
        done = 0
        for keys in _blocks(new):

            def embedded(texts: int, _of: int, done: int = done) -> None:
                progress(done + texts, len(new))

            vectors = self._embedder.embed_passages([new[key] for key in keys], embedded)
            rows = self._new.append(vectors)
            self._places.update((key, (0, int(row))) for key, row in zip(keys, rows, strict=True))
            done += len(keys)

    def of(self, texts: Iterable[str]) -> VectorFile:
        """Return the vectors of texts that have one, in their order, as a file.

        Raises:
            StoreError: It cannot be written.
        """
        file = VectorFile(self._embedder.dimension, self._folder)
        for block in _blocks(texts):
            file.append(self._rows(block))
        return file

    def _rows(self, texts: Sequence[str]) -> Vectors:
        stores, rows = np.array([self._places[text_key(text)] for text in texts], np.int64).T
        vectors = np.empty((len(texts), self._embedder.dimension), np.float32)
        for number in np.unique(stores):
            vectors[stores == number] = self._stores[number].rows(rows[stores == number])
        return vectors


def _blocks(items: Iterable[Item]) -> Iterator[list[Item]]:
    each = iter(items)
    while block := list(islice(each, _TEXTS_OF_A_BLOCK)):
        yield block
