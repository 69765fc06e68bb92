"""An index on disk: generations side by side, and one pointer to the current one.

A save writes a new folder, syncs it and then moves one pointer file. So a crash at any moment
leaves the old index or the new one, and a reader never sees a mix. Every file is checked against
its hash before it is used. No file is a pickle: they are JSON lines, faiss's own format, and
bm25s's arrays and JSON.

    CURRENT            name of the current generation's folder, and the hash of its manifest
    lock               held by the one process that writes
    000007/            a generation:
      manifest.json    what it was made with; size and hash of every document and file
      documents.jsonl  sources.jsonl  chunks.jsonl  respelt.jsonl
      chunks.faiss  sentences.faiss  lexical/…
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from index.analysis.analyzer import ANALYZER
from index.bm25 import BM25Index
from index.calibration import Calibration
from index.faiss_index import FaissIndex, VectorStore, faiss_file
from index.searched_text import Respelt
from index.storage import atomic_file
from index.storage.atomic_file import Checksum
from ingest.chunker import Chunk
from ingest.document import Block, Document
from ingest.errors import StoreBusy, StoreDamaged, StoreError, StoreMissing, StoreStale
from ingest.source_file import FileStat, Given, Skipped, SourceFile

FORMAT: Final = 2
"""Version of the files; raised by one whenever an older generation can no longer be read right."""


_TABLES: Final = {"documents.jsonl", "sources.jsonl", "chunks.jsonl", "respelt.jsonl"}
"""The files that are read whole; the others are mapped."""


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """What an index was made with; it can be searched only with the same.

    Attributes:
        embedder: Name of the embedding model.
        weights_sha256: Hex digest of its weights.
        dimension: Length of its vectors.
        max_tokens: Most tokens of a chunk, in the model's own count.
        analyser: Version of the analyzer that made the terms of the BM25 index.
        format: Version of the files, `FORMAT`.
    """

    embedder: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    analyser: str = ANALYZER
    format: int = FORMAT

    def check(self, expected: "IndexConfig") -> None:
        """Compare with what the program would make now.

        Raises:
            StoreStale: A field differs; the message names it and both values.
        """
        values = asdict(expected)
        for name, value in asdict(self).items():
            if value != values[name]:
                raise StoreStale(
                    f"the index was made with another {name}: it has {value!r}, expected"
                    f" {values[name]!r}",
                    hint="run `dalel index` again, or ask with what it was made with",
                )


@dataclass(frozen=True, slots=True)
class IndexContents:
    """The contents of a generation, as they are written.

    Attributes:
        documents: The documents, in the order they were given.
        chunks: Their chunks, document by document.
        chunk_vectors: One row a chunk.
        sentence_vectors: One row a sentence, chunk by chunk.
        lexical: The BM25 index of the chunks.
        calibration: The scores that off-topic questions reach.
        added: When each document was indexed with its present text, by id: ISO 8601, UTC.
        files: The files that the documents are from; none where they were given as documents.
        respelt: What is searched of the chunks that are not searched as they are written.
    """

    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    chunk_vectors: VectorStore
    sentence_vectors: VectorStore
    lexical: BM25Index
    calibration: Calibration
    added: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    respelt: tuple[Respelt, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation as read back, ready to be searched; fields as in `IndexContents`.

    Attributes:
        name: Name of its folder.
        config: What it was made with.
        versions: Versions of Python and of the packages that wrote it, by name.
    """

    name: str
    config: IndexConfig
    versions: dict[str, str]
    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    chunk_vectors: VectorStore
    sentence_vectors: VectorStore
    calibration: Calibration
    lexical: BM25Index
    added: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    respelt: tuple[Respelt, ...] = ()


class Store:
    """The index below one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is read or made yet."""
        self.folder = folder
        self._pointer = folder / "CURRENT"
        self._lock = FileLock(folder / "lock", timeout=0)

    @property
    def exists(self) -> bool:
        """Whether anything has been saved here."""
        try:
            return self._pointer.exists() or self._has_lost_pointer()
        except OSError:  # Something is there that may not be looked at: `load` says why.
            return True

    def _has_lost_pointer(self) -> bool:
        """Return whether a pointer that is not there has been: the first save makes number 1.

        A copy without it must not pass for an empty folder, where others' documents would go.

        Raises:
            OSError: The folder cannot be looked into.
        """
        return self.folder.exists() and any(int(name) > 1 for name in _generations(self.folder))

    def load(self) -> Generation:
        """Read the current generation, every file checked first.

        Raises:
            StoreMissing: Nothing has been indexed here.
            StoreDamaged: A file is missing or was changed.
            StoreStale: The generation has another format.
        """
        current = self._current()
        while True:
            try:
                return read_generation(*current)
            except StoreDamaged:
                # Not damaged but deleted, if two saves have finished since its name was read.
                before, current = current, self._current()
                if current == before:
                    raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only process that writes, from reading the old generation to saving the new.

        Raises:
            StoreBusy: Another process is writing.
            StoreError: The folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise StoreBusy(
                f"another process is writing the index in {str(self.folder)!r}",
                hint="wait until it has ended",
            ) from None
        except OSError as error:
            raise self._write_error(error) from error
        try:
            yield
        finally:
            self._lock.release()

    def save(self, contents: IndexContents, config: IndexConfig, versions: dict[str, str]) -> None:
        """Write a new generation and make it the current one.

        Raises:
            StoreBusy: Another process is writing.
            StoreError: It cannot be written; the previous generation is untouched.
        """
        with self.writing():
            before = self.current
            if not self.exists:  # What a first save left that was killed.
                for name in self._names():
                    shutil.rmtree(self.folder / name, ignore_errors=True)
            folder = self.folder / f"{max([0, *map(int, self._names())]) + 1:06d}"
            try:
                folder.mkdir()
                digest = write_generation(folder, contents, config, versions)
                pointer = f"{folder.name} {digest}\n".encode()
                atomic_file.write(self.folder / "CURRENT.new", pointer)
                atomic_file.sync_folder(self.folder)
                os.replace(self.folder / "CURRENT.new", self._pointer)
            except BaseException as error:
                # Interrupted just after the pointer moved, the new folder is the current one.
                if self.current != folder.name:
                    shutil.rmtree(folder, ignore_errors=True)
                if isinstance(error, OSError):
                    raise self._write_error(error) from error
                raise
            # The previous generation stays for readers that are just opening it.
            for name in self._names() - {before, folder.name}:
                shutil.rmtree(self.folder / name, ignore_errors=True)
            try:
                atomic_file.sync_folder(self.folder)
            except OSError as error:
                raise self._write_error(error) from error

    def _write_error(self, error: OSError) -> StoreError:
        return StoreError(
            f"cannot write the index in {str(self.folder)!r}: {error.strerror or error}",
            hint="what was indexed before is untouched; free space, or name another --home",
        )

    def _names(self) -> set[str]:
        try:
            return _generations(self.folder)
        except OSError as error:
            raise self._write_error(error) from error

    @property
    def current(self) -> str:
        """Name of the current generation; empty if there is none, or the pointer is unreadable."""
        try:
            return self._current()[0].name
        except StoreError:
            return ""

    def _current(self) -> tuple[Path, str]:
        """Return the current generation's folder and the hash of its manifest."""
        try:
            pointer = self._pointer.read_bytes()
        except FileNotFoundError:
            with suppress(OSError):
                if self._has_lost_pointer():
                    raise StoreDamaged(
                        f"{str(self._pointer)!r} is missing", hint="run `dalel index` again"
                    ) from None
            raise StoreMissing(
                f"nothing has been indexed in {str(self.folder)!r}", hint="run `dalel index`"
            ) from None
        except OSError as error:
            raise StoreError(
                f"cannot read {str(self._pointer)!r}: {error.strerror}",
                hint="check the file's permissions",
            ) from error
        name, _, digest = pointer.decode("ascii", "replace").strip().partition(" ")
        if not (name.isascii() and name.isdecimal()):
            raise StoreDamaged(
                f"{str(self._pointer)!r} names no generation", hint="run `dalel index` again"
            )
        return self.folder / name, digest


def _generations(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name.isdecimal()}


# --- the files of one generation ------------------------------------------------------------------


def write_generation(
    folder: Path, contents: IndexContents, config: IndexConfig, versions: dict[str, str]
) -> str:
    """Write a generation into an empty folder; return the hash of its manifest.

    Raises:
        OSError: A file cannot be written.
    """
    files: dict[str, Checksum] = {}

    def write(name: str, blocks: Iterable[bytes]) -> None:
        files[name] = atomic_file.write_blocks(folder / name, blocks)

    write("documents.jsonl", _jsonl(contents.documents))
    write("sources.jsonl", _jsonl(contents.files))
    write("chunks.jsonl", _jsonl(contents.chunks))
    write("respelt.jsonl", _jsonl(contents.respelt))
    write("chunks.faiss", faiss_file(contents.chunk_vectors))
    write("sentences.faiss", faiss_file(contents.sentence_vectors))
    contents.lexical.save(folder / "lexical")
    for path in sorted((folder / "lexical").iterdir()):
        files[path.relative_to(folder).as_posix()] = atomic_file.sync(path)
    manifest = {
        "made": asdict(config),
        "versions": versions,
        "background": asdict(contents.calibration),
        "added": dict(contents.added),
        "documents": {document.id: document.sha256 for document in contents.documents},
        "files": {name: checksum._asdict() for name, checksum in files.items()},
    }
    # ASCII: an id may hold what UTF-8 cannot, such as half of a surrogate pair.
    data = json.dumps(manifest, indent=1).encode()
    checksum = atomic_file.write(folder / "manifest.json", data)
    atomic_file.sync_folder(folder / "lexical")
    atomic_file.sync_folder(folder)
    return checksum.sha256


def read_manifest(folder: Path, digest: str) -> dict[str, Any]:
    """Read a generation's manifest.

    Raises:
        StoreDamaged: It is missing or was changed.
        StoreStale: The generation has another format.
    """
    manifest: dict[str, Any] = json.loads(atomic_file.read(folder / "manifest.json", digest))
    version = manifest["made"].get("format")
    if version != FORMAT:
        raise StoreStale(
            f"the index has format {version!r}, expected {FORMAT!r}", hint="run `dalel index` again"
        )
    return manifest


def read_generation(folder: Path, digest: str) -> Generation:
    """Read a whole generation, every file checked first.

    Raises:
        StoreDamaged: A file is missing or was changed.
        StoreStale: The generation has another format.
    """
    manifest = read_manifest(folder, digest)
    checksums = {name: file["sha256"] for name, file in manifest["files"].items()}
    for name in checksums.keys() - _TABLES:
        atomic_file.check(folder / name, checksums[name])

    def rows(name: str) -> Iterator[dict[str, Any]]:
        # Indexes before 0.10 do not remember their files, those before 0.12 respell nothing.
        data = atomic_file.read(folder / name, checksums[name]) if name in checksums else b""
        return map(json.loads, BytesIO(data))

    documents = tuple(map(_document_of, rows("documents.jsonl")))
    chunks = tuple(map(_chunk_of, rows("chunks.jsonl")))
    files = tuple(map(_source_file_of, rows("sources.jsonl")))
    respelt = tuple(map(_respelt_of, rows("respelt.jsonl")))
    with _mapping(folder):
        return Generation(
            name=folder.name,
            config=IndexConfig(**manifest["made"]),
            versions=manifest["versions"],
            documents=documents,
            chunks=chunks,
            chunk_vectors=FaissIndex.read(folder / "chunks.faiss"),
            sentence_vectors=FaissIndex.read(folder / "sentences.faiss"),
            calibration=Calibration(**manifest["background"]),
            lexical=BM25Index.load(folder / "lexical"),
            added=manifest.get("added", {}),  # The first generations of format 2 had none.
            files=files,
            respelt=respelt,
        )


@contextmanager
def _mapping(folder: Path) -> Iterator[None]:
    """Say why checked files cannot be mapped.

    Raises:
        StoreDamaged: One is missing: another process has deleted it since it was checked.
        StoreError: One cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise StoreDamaged(f"{str(folder)!r} is missing", hint="run `dalel index` again") from None
    except OSError as error:
        raise StoreError(
            f"cannot read {str(folder)!r}: {error.strerror or error}", hint="check the disk"
        ) from error


def _jsonl(records: Iterable[Document | Chunk | SourceFile | Respelt]) -> Iterator[bytes]:
    for record in records:
        columns = {column.name: getattr(record, column.name) for column in fields(record)}
        yield f"{json.dumps(columns, default=asdict)}\n".encode()


def _document_of(row: dict[str, Any]) -> Document:
    tuples = {
        "pages": tuple((start, end) for start, end in row["pages"]),
        # Indexes that were written before 0.9 have none.
        "blocks": tuple(Block(*block) for block in row.get("blocks", ())),
        "other_sources": tuple(row.get("other_sources", ())),
    }
    return Document(**row | tuples)


def _source_file_of(row: dict[str, Any]) -> SourceFile:
    tuples = {
        "stat": row["stat"] and FileStat(*row["stat"]),
        "documents": tuple(Given(*given) for given in row["documents"]),
        "skipped": tuple(Skipped(**skip) for skip in row["skipped"]),
    }
    return SourceFile(**row | tuples)


def _respelt_of(row: dict[str, Any]) -> Respelt:
    return Respelt(**row | {"sentences": tuple(row["sentences"])})


def _chunk_of(row: dict[str, Any]) -> Chunk:
    tuples = {
        "sentences": tuple((start, end) for start, end in row["sentences"]),
        # Indexes that were written before 0.12 have none.
        "other_languages": tuple(row.get("other_languages", ())),
    }
    return Chunk(**row | tuples)
