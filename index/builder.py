"""The contents of an index: documents cut into chunks, texts embedded, words counted.

In: documents, and the index as it was. Out: `IndexContents`. What has not changed is not cut or
embedded again, and documents can be embedded some at a time, before all of them are known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Final, Self

from index.bm25 import BM25Index
from index.calibration import Calibration, calibrate
from index.embedders.embedder import Embedder, Progress, no_progress
from index.embedders.workers import Workers
from index.retriever import Retriever
from index.search_tables import SearchTables
from index.searched_text import (
    Respelt,
    respelt_passages,
    searched_passages,
    searched_sentences,
)
from index.storage.generation import Generation, IndexConfig, IndexContents, SavedIndex
from index.string_table import HashBuckets
from index.text_vectors import TextVectors
from ingest.chunker import Chunk, Chunking, split
from ingest.document import Block, Document, Language
from ingest.errors import CorpusError

_CutBy = tuple[str, str, str, str, tuple[Block, ...]]
"""What decides how a document is cut: id, title, language, hash of its text, blocks."""

_Kind = Callable[[Sequence[Document], Sequence[Chunk], Sequence[Respelt]], Iterator[str]]
"""Yields the texts of one kind that are embedded of documents."""

_KINDS: Final[tuple[_Kind, ...]] = (searched_passages, searched_sentences)


@dataclass(slots=True)
class Builder:
    """Builds the contents of one index.

    Attributes:
        embedder: The model.
        config: What the index is made with.
        old: The index as it was.
        vectors: The vectors of the texts that were embedded, and of those of the old index.
        chunks: The chunks of the documents that were cut.
        respelt: What is searched of them, if not what is written; rows count within a document.
        rows: Row of the first chunk, in the old index, of each document that need not be cut again.
    """

    embedder: Embedder
    config: IndexConfig
    old: SavedIndex | None
    vectors: TextVectors
    chunks: dict[_CutBy, list[Chunk]] = field(default_factory=dict)
    respelt: dict[_CutBy, tuple[Respelt, ...]] = field(default_factory=dict)
    rows: dict[_CutBy, int] = field(default_factory=dict)

    @classmethod
    def after(
        cls,
        old: SavedIndex | None,
        embedder: Embedder,
        config: IndexConfig,
        versions: dict[str, str],
        *,
        folder: Path | None = None,
        workers: Workers | None = None,
        anew: bool = False,
    ) -> Self:
        """Return a builder that goes on from an index.

        Args:
            old: The index as it was.
            embedder: The model.
            config: What the new index is made with.
            versions: Versions of the packages that make it.
            folder: A folder of the disk that its vectors are to lie on meanwhile.
            workers: What embeds many texts; None for the model itself.
            anew: Whether documents that have not changed are to be cut again.

        Raises:
            StoreError: Nothing can be written into the folder.
        """
        builder = cls(embedder, config, old, TextVectors(embedder, folder, workers))
        if old is None:
            return builder
        if (old.config.weights_sha256, old.config.embedder) == (
            config.weights_sha256,
            config.embedder,
        ):
            made_of = (old.documents, old.chunks, old.respelt)
            builder.vectors.reuse(searched_passages(*made_of), old.chunk_vectors)
            builder.vectors.reuse(searched_sentences(*made_of), old.sentence_vectors)
        if not anew and (old.config, old.versions) == (config, versions):
            builder.chunks, builder.respelt = _chunks_of(old), _respelt_of(old)
            builder.rows = _rows_of(old)
        return builder

    def embed(self, documents: Iterable[Document], progress: Progress = no_progress) -> None:
        """Embed documents ahead: `build` then need not.

        Raises:
            ModelError, StoreError: They cannot be embedded, or their vectors not be kept.
        """
        new = (document for document in documents if _cut_by(document) not in self.rows)
        texts = (self._texts(kind, document) for document in new for kind in _KINDS)
        self.vectors.embed(chain.from_iterable(texts), progress)

    def build(self, documents: Sequence[Document], progress: Progress) -> IndexContents:
        """Return the contents of an index of these documents.

        Raises:
            CorpusError: They hold no text.
            ModelError, StoreError: As `embed` raises them.
        """
        chunks = [chunk for document in documents for chunk in self._cut(document)]
        if not chunks:
            raise CorpusError("the documents hold no text, expected a sentence at least")
        self.embed(documents, progress)
        self.vectors.stop_workers()
        contents = IndexContents(
            documents=tuple(documents),
            chunks=tuple(chunks),
            chunk_vectors=self.vectors.of(self._each_text(searched_passages, documents)),
            sentence_vectors=self.vectors.of(self._each_text(searched_sentences, documents)),
            lexical=BM25Index.build(
                self._lexical_texts(documents),
                self.old.lexical if isinstance(self.old, Generation) else None,
            ),
            calibration=Calibration({}),
            respelt=tuple(self._respelt_rows(documents)),
        )
        tables = contents.tables
        calibration = self._calibration(contents, tables)
        return replace(contents, calibration=calibration, worked_out=tables)

    def _each_text(self, kind: _Kind, documents: Sequence[Document]) -> Iterator[str]:
        """Yield what is embedded of documents: the texts of a kind."""
        return chain.from_iterable(self._texts(kind, document) for document in documents)

    def _lexical_texts(self, documents: Sequence[Document]) -> Iterator[tuple[str, Language] | int]:
        """Yield each chunk in its context, with its language, or its row in the old index."""
        for document in documents:
            chunks, row = self._cut(document), self.rows.get(_cut_by(document))
            if row is not None:
                yield from range(row, row + len(chunks))
            else:
                languages = (chunk.language for chunk in chunks)
                yield from zip(self._texts(searched_passages, document), languages, strict=True)

    def _cut(self, document: Document) -> list[Chunk]:
        """Cut a document into chunks, unless it was cut before."""
        key = _cut_by(document)
        if key not in self.chunks:
            chunking = Chunking(max_tokens=self.config.max_tokens)
            self.chunks[key] = split(document, self.embedder.count_tokens, chunking)
        return self.chunks[key]

    def _texts(self, kind: _Kind, document: Document) -> Iterator[str]:
        """Yield what is embedded of a document: the texts of a kind."""
        return kind([document], self._cut(document), self._respelt_in(document))

    def _respelt_in(self, document: Document) -> tuple[Respelt, ...]:
        key = _cut_by(document)
        if key not in self.respelt:
            self.respelt[key] = respelt_passages([document], self._cut(document))
        return self.respelt[key]

    def _respelt_rows(self, documents: Sequence[Document]) -> Iterator[Respelt]:
        """Yield what is searched of chunks, their rows counted through all documents."""
        first = 0
        for document in documents:
            for one in self._respelt_in(document):
                yield replace(one, row=first + one.row)
            first += len(self._cut(document))

    def _calibration(self, contents: IndexContents, tables: SearchTables) -> Calibration:
        """Return the scores that off-topic questions reach in the index."""
        draft = Generation(
            name="",
            config=self.config,
            versions={},
            documents=contents.documents,
            chunks=contents.chunks,
            chunk_vectors=contents.chunk_vectors,
            sentence_vectors=contents.sentence_vectors,
            lexical=contents.lexical,
            calibration=contents.calibration,
            respelt=contents.respelt,
            tables=tables,
            givers=HashBuckets.of(()),
        )
        retriever = Retriever(draft, self.embedder)
        return calibrate(lambda question: retriever.search(question, 1)[0].score)


def _cut_by(document: Document) -> _CutBy:
    return document.id, document.title, document.language, document.sha256, document.blocks


def _chunks_of(old: SavedIndex) -> dict[_CutBy, list[Chunk]]:
    """Return the chunks of each document of an index."""
    chunks: dict[str, list[Chunk]] = {document.id: [] for document in old.documents}
    for chunk in old.chunks:
        chunks[chunk.document_id].append(chunk)
    return {_cut_by(document): chunks[document.id] for document in old.documents}


def _rows_of(old: SavedIndex) -> dict[_CutBy, int]:
    """Return the row of each document's first chunk in an index."""
    first = _first_rows(old)
    return {_cut_by(document): first.get(document.id, 0) for document in old.documents}


def _first_rows(old: SavedIndex) -> dict[str, int]:
    first: dict[str, int] = {}
    for row, chunk in enumerate(old.chunks):
        first.setdefault(chunk.document_id, row)
    return first


def _respelt_of(old: SavedIndex) -> dict[_CutBy, tuple[Respelt, ...]]:
    """Return what is searched of each document's chunks in an index, rows within the document."""
    first = _first_rows(old)
    respelt: dict[str, list[Respelt]] = {document.id: [] for document in old.documents}
    for one in old.respelt:
        name = old.chunks[one.row].document_id
        respelt[name].append(replace(one, row=one.row - first[name]))
    return {_cut_by(document): tuple(respelt[document.id]) for document in old.documents}
