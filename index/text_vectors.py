"""The vectors of texts while an index is made: each text is embedded once, and found by its hash.

In: texts, a model, and the vectors of the index as it was, which stay where they lie. Out: the
vectors of any texts in any order, on disk. In memory is a row number a text. Many texts are
embedded by workers, if there are any (index/embedders/workers.py); their vectors are kept here, and
only here, in the order of the texts.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from index.embedders.cache import text_key
from index.embedders.embedder import Embedder, Progress, Vectors, no_progress
from index.embedders.workers import Workers
from index.faiss_index import VectorFile, VectorStore

_TEXTS_OF_A_BLOCK: Final = 1_024
"""Texts whose vectors are in memory together: 1.5 MB with 384 numbers."""

_TEXTS_OF_A_UNIT: Final = 32
"""Texts that a worker embeds together, in less than a second: so much is lost with it."""

_FEW_TEXTS: Final = 256
"""Texts that are embedded here before workers start: these take as long to start."""

Item = TypeVar("Item")


class TextVectors:
    """The vectors of texts."""

    def __init__(
        self, embedder: Embedder, folder: Path | None = None, workers: Workers | None = None
    ) -> None:
        """Take a model, and what its vectors are made by and lie on.

        Args:
            embedder: The model.
            folder: The folder of the disk that vectors are to lie on (see `VectorFile`).
            workers: What embeds many texts with the same model; None for the model itself.

        Raises:
            StoreError: Nothing can be written there.
        """
        self._embedder = embedder
        self._folder = folder
        self._workers = workers
        self._few = _FEW_TEXTS if workers else sys.maxsize  # So many more are embedded here.
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
        new = self._new_texts(texts)
        first = dict(islice(new, self._few))
        if self._workers is None or len(first) < self._few:
            self._few -= len(first)
            self._embed_here(first, progress)
        else:
            self._few = 0
            self._embed_by(self._workers, chain(first.items(), new), progress)

    def _new_texts(self, texts: Iterable[str]) -> Iterator[tuple[bytes, str]]:
        """Yield the texts that have no vector yet, each once, by their keys."""
        seen = set()
        for text in texts:
            key = text_key(text)
            if key not in self._places and key not in seen:
                seen.add(key)
                yield key, text

    def _embed_here(self, new: dict[bytes, str], progress: Progress) -> None:
        done = 0
        for keys in _blocks(new):

            def embedded(texts: int, _of: int, done: int = done) -> None:
                progress(done + texts, len(new))

            self._keep(keys, self._embedder.embed_passages([new[key] for key in keys], embedded))
            done += len(keys)

    def _embed_by(
        self, workers: Workers, new: Iterable[tuple[bytes, str]], progress: Progress
    ) -> None:
        """Embed texts by workers, who begin while the last texts are still being cut."""
        units: deque[tuple[list[bytes], Callable[[], Vectors]]] = deque()
        try:
            for unit in _blocks(new, _TEXTS_OF_A_UNIT):
                keys = [key for key, _ in unit]
                units.append((keys, workers.submit([text for _, text in unit])))
            done, total = 0, sum(len(keys) for keys, _ in units)
            while units:
                keys, vectors = units.popleft()
                self._keep(keys, vectors())
                done += len(keys)
                progress(done, total)
        except BaseException:
            workers.close()
            raise

    def stop_workers(self) -> None:
        """End the workers, if there are any: they take memory. Further texts start them anew."""
        if self._workers:
            self._workers.close()

    def _keep(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        rows = self._new.append(vectors)
        self._places.update((key, (0, int(row))) for key, row in zip(keys, rows, strict=True))

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


def _blocks(items: Iterable[Item], size: int | None = None) -> Iterator[list[Item]]:
    each = iter(items)
    while block := list(islice(each, size or _TEXTS_OF_A_BLOCK)):
        yield block
