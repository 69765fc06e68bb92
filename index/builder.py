"""The contents of an index: documents cut into chunks, texts embedded, words counted.

In: documents, and the index as it was. Out: `IndexContents`. What has not changed is not cut or
embedded again, and documents can be embedded some at a time, before all of them are known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Self

import numpy as np

from index.bm25 import BM25Index
from index.calibration import Calibration, calibrate
from index.embedders.embedder import Embedder, Progress, Vectors, no_progress
from index.faiss_index import FaissIndex
from index.retriever import Retriever
from index.storage.store import Generation, IndexConfig, IndexContents
from ingest.chunker import Chunk, Chunking, in_context, split
from ingest.document import Block, Document
from ingest.errors import CorpusError

_CutBy = tuple[str, str, str, str, tuple[Block, ...]]
"""What decides how a document is cut: id, title, language, hash of its text, blocks."""


@dataclass(slots=True)
class Builder:
    """Builds the contents of one index.

    Attributes:
        embedder: The model.
        config: What the index is made with.
        old: The index as it was.
        vectors: The vectors of the texts that were embedded.
        chunks: The chunks of the documents that were cut.
    """

    embedder: Embedder
    config: IndexConfig
    old: Generation | None
    vectors: dict[str, Vectors] = field(default_factory=dict)
    chunks: dict[_CutBy, list[Chunk]] = field(default_factory=dict)

    @classmethod
    def after(
        cls,
        old: Generation | None,
        embedder: Embedder,
        config: IndexConfig,
        versions: dict[str, str],
        *,
        anew: bool = False,
    ) -> Self:
        """Return a builder that goes on from an index.

        Args:
            old: The index as it was.
            embedder: The model.
            config: What the new index is made with.
            versions: Versions of the packages that make it.
            anew: Whether documents that have not changed are to be cut again.
        """
        builder = cls(embedder, config, old)
        if old is None:
            return builder
        if (old.config.weights_sha256, old.config.embedder) == (
            config.weights_sha256,
            config.embedder,
        ):
            builder.vectors = _vectors_of(old)
        if not anew and (old.config, old.versions) == (config, versions):
            builder.chunks = _chunks_of(old)
        return builder

    def embed(self, documents: Iterable[Document], progress: Progress = no_progress) -> None:
        """Embed documents ahead: `build` then need not."""
        texts = [_texts(document, self._cut(document)) for document in documents]
        each = dict.fromkeys(chain.from_iterable(chain.from_iterable(texts)))
        new = [text for text in each if text not in self.vectors]
        embedded = self.embedder.embed_passages(new, progress)
        self.vectors.update(zip(new, embedded, strict=True))

    def build(self, documents: Sequence[Document], progress: Progress) -> IndexContents:
        """Return the contents of an index of these documents.

        Raises:
            CorpusError: They hold no text.
        """
        chunks = [chunk for document in documents for chunk in self._cut(document)]
        if not chunks:
            raise CorpusError("the documents hold no text, expected a sentence at least")
        self.embed(documents, progress)
        texts = [_texts(document, self._cut(document)) for document in documents]
        in_chunks = list(chain.from_iterable(of_chunks for of_chunks, _ in texts))
        in_sentences = list(chain.from_iterable(of_sentences for _, of_sentences in texts))
        languages = [chunk.language for chunk in chunks]
        contents = IndexContents(
            documents=tuple(documents),
            chunks=tuple(chunks),
            chunk_vectors=self._vectors(in_chunks),
            sentence_vectors=self._vectors(in_sentences),
            lexical=BM25Index.build(list(zip(in_chunks, languages, strict=True))),
            calibration=Calibration({}),
        )
        return replace(contents, calibration=self._calibration(contents))

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts as one array, which then holds what `vectors` shows of it."""
        rows = np.vstack([self.vectors[text] for text in texts])
        self.vectors.update(zip(texts, rows, strict=True))
        return rows

    def _cut(self, document: Document) -> list[Chunk]:
        """Cut a document into chunks, unless it was cut before."""
        key = _cut_by(document)
        if key not in self.chunks:
            chunking = Chunking(max_tokens=self.config.max_tokens)
            self.chunks[key] = split(document, self.embedder.count_tokens, chunking)
        return self.chunks[key]

    def _calibration(self, contents: IndexContents) -> Calibration:
        """Return the scores that off-topic questions reach in the index."""
        draft = Generation(
            name="",
            config=self.config,
            versions={},
            documents=contents.documents,
            chunks=contents.chunks,
            chunk_vectors=FaissIndex.build(contents.chunk_vectors),
            sentence_vectors=FaissIndex.build(contents.sentence_vectors),
            lexical=contents.lexical,
            calibration=contents.calibration,
        )
        retriever = Retriever(draft, self.embedder)
        return calibrate(lambda question: retriever.search(question, 1)[0].score)


def _cut_by(document: Document) -> _CutBy:
    return document.id, document.title, document.language, document.sha256, document.blocks


def _chunks_of(old: Generation) -> dict[_CutBy, list[Chunk]]:
    """Return the chunks of each document of an index."""
    chunks: dict[str, list[Chunk]] = {document.id: [] for document in old.documents}
    for chunk in old.chunks:
        chunks[chunk.document_id].append(chunk)
    return {_cut_by(document): chunks[document.id] for document in old.documents}


def _vectors_of(old: Generation) -> dict[str, Vectors]:
    """Return the vector of each text of an index."""
    by_id = {document.id: document for document in old.documents}
    texts = [_texts(by_id[chunk.document_id], [chunk]) for chunk in old.chunks]
    vectors: dict[str, Vectors] = {}
    for place, store in enumerate((old.chunk_vectors, old.sentence_vectors)):
        rows = store.rows(np.arange(len(store)))
        vectors.update(zip(chain.from_iterable(each[place] for each in texts), rows, strict=True))
    return vectors


def _texts(document: Document, chunks: Sequence[Chunk]) -> tuple[list[str], list[str]]:
    """Return the texts that are embedded: each chunk in its context, each sentence by itself."""
    text = document.text
    return (
        [in_context(document, chunk) for chunk in chunks],
        [text[start:end] for chunk in chunks for start, end in chunk.sentences],
    )
