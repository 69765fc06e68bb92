"""One generation of an index: its files, and what they hold.

Records lie in JSON lines, numbers in arrays; both are mapped, so that opening a generation reads
little of it, however large it is. No file is a pickle.

    manifest.json          what it was made with; size and hash of every file
    documents.* chunks.* sources.* respelt.*
                           records (index/storage/records.py), and columns of numbers beside them
    means.* names.* words.*
                           what searching needs of all of them (index/search_tables.py)
    chunks.faiss sentences.faiss lexical/…
    *.codes.faiss          codes of many vectors (index/faiss_index.py); how much is found through
                           them stands in the manifest
    checked.json           which files were checked, and when (index/storage/checked_files.py)
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import ANALYZER
from index.bm25 import BM25Index
from index.calibration import Calibration
from index.documents_by_id import ById, Times
from index.faiss_index import Codes, FaissIndex, VectorStore, faiss_file
from index.search_tables import SearchTables
from index.searched_text import Respelt
from index.storage import atomic_file
from index.storage.atomic_file import Checksum
from index.storage.checked_files import check_files
from index.storage.records import RecordLines, Records
from index.string_table import Arrays, HashBuckets, mapped
from ingest.chunker import Chunk
from ingest.document import Block, Document
from ingest.errors import StoreDamaged, StoreError, StoreStale
from ingest.source_file import FileStat, Given, Skipped, SourceFile

FORMAT: Final = 3
"""Version of the files; raised by one whenever an older generation can no longer be read right, or
what is counted in it (index/search_tables.py) is counted otherwise."""


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
        worked_out: What searching needs of all of them; None to work it out when it is needed.
    """

    documents: Sequence[Document]
    chunks: Sequence[Chunk]
    chunk_vectors: VectorStore
    sentence_vectors: VectorStore
    lexical: BM25Index
    calibration: Calibration
    added: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[SourceFile] = ()
    respelt: Sequence[Respelt] = ()
    worked_out: SearchTables | None = None

    @property
    def tables(self) -> SearchTables:
        """What searching needs of all of them."""
        return self.worked_out or SearchTables.of(
            self.documents,
            self.chunks,
            self.respelt,
            self.chunk_vectors,
            self.sentence_vectors,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedIndex:
    """What an index was made of, read back: enough to make it anew. Fields as in `IndexContents`.

    Attributes:
        name: Name of its folder.
        config: What it was made with.
        versions: Versions of Python and of the packages that wrote it, by name.
    """

    name: str
    config: IndexConfig
    versions: dict[str, str]
    documents: Sequence[Document]
    chunks: Sequence[Chunk]
    chunk_vectors: VectorStore
    sentence_vectors: VectorStore
    added: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[SourceFile] = ()
    respelt: Sequence[Respelt] = ()

    def in_memory(self) -> Self:
        """Return it with all records read: to index again, each is asked for several times."""
        documents = tuple(self.documents)
        return replace(
            self,
            documents=documents,
            chunks=tuple(self.chunks),
            added=dict(self.added.items()),
            files=tuple(self.files),
            respelt=tuple(self.respelt),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation(SavedIndex):
    """A generation as read back, ready to be searched; records are read when they are asked for.

    Attributes:
        calibration: The scores that off-topic questions reach.
        lexical: The BM25 index of the chunks.
        tables: What searching needs of all documents.
        givers: Where to look for the files that gave a document, by its id.
    """

    calibration: Calibration
    lexical: BM25Index
    tables: SearchTables
    givers: HashBuckets


# --- writing --------------------------------------------------------------------------------------


def write_generation(
    folder: Path, contents: IndexContents, config: IndexConfig, versions: dict[str, str]
) -> tuple[str, dict[str, str]]:
    """Write a generation into an empty folder.

    Returns:
        The hash of its manifest, and that of each file.

    Raises:
        OSError: A file cannot be written.
    """
    files: dict[str, Checksum] = {}

    def write(name: str, blocks: Iterable[bytes]) -> None:
        files[name] = atomic_file.write_blocks(folder / name, blocks)

    arrays = contents.tables.arrays()
    arrays["documents.added"] = _times(contents)
    arrays |= _givers(contents.files).arrays("sources")
    for name, records in (
        ("documents", contents.documents),
        ("chunks", contents.chunks),
        ("sources", contents.files),
        ("respelt", contents.respelt),
    ):
        lines = RecordLines(name, records)
        write(f"{name}.jsonl", lines)
        arrays |= lines.arrays()
    for name, array in sorted(arrays.items()):
        write(f"{name}.npy", [_npy(array)])
    codes = {
        "chunks": _write_vectors("chunks", contents.chunk_vectors, write),
        "sentences": _write_vectors("sentences", contents.sentence_vectors, write),
    }
    contents.lexical.save(folder / "lexical")
    for path in sorted((folder / "lexical").iterdir()):
        files[path.relative_to(folder).as_posix()] = atomic_file.sync(path)
    manifest = {
        "made": asdict(config),
        "versions": versions,
        "background": asdict(contents.calibration),
        "codes": {name: told for name, told in codes.items() if told},
        "files": {name: checksum._asdict() for name, checksum in files.items()},
    }
    data = json.dumps(manifest, indent=1).encode()
    checksum = atomic_file.write(folder / "manifest.json", data)
    atomic_file.sync_folder(folder / "lexical")
    atomic_file.sync_folder(folder)
    return checksum.sha256, {name: file.sha256 for name, file in files.items()}


def _write_vectors(
    name: str, vectors: VectorStore, write: Callable[[str, Iterable[bytes]], None]
) -> dict[str, float]:
    """Write vectors, and codes of many; return what the manifest tells of the codes."""
    write(f"{name}.faiss", faiss_file(vectors))
    codes = Codes.of(vectors)
    if codes is None:
        return {}
    write(f"{name}.codes.faiss", [codes.file])
    return {"margin": codes.margin, "recall": round(codes.recall, 4)}


def _times(contents: IndexContents) -> NDArray[np.bytes_]:
    """Return when each document was indexed, empty if unknown."""
    return np.array([contents.added.get(one.id, "") for one in contents.documents], np.bytes_)


def _givers(files: Sequence[SourceFile]) -> HashBuckets:
    """Return where to look for the files that gave a document, by its id."""
    gave = [
        (name, place)
        for place, file in enumerate(files)
        for name in dict.fromkeys(given.id for given in file.documents)
    ]
    places = np.array([place for _, place in gave], np.int64)
    return HashBuckets.of((name for name, _ in gave), places)


def _npy(array: NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


# --- reading --------------------------------------------------------------------------------------


def read_manifest(folder: Path, digest: str, version: int | None = None) -> dict[str, Any]:
    """Read a generation's manifest.

    Args:
        folder: The generation.
        digest: The hash of the manifest.
        version: The version of the files that is wanted; None for `FORMAT`.

    Raises:
        StoreDamaged: It is missing or was changed.
        StoreStale: The generation has another format.
    """
    manifest: dict[str, Any] = json.loads(atomic_file.read(folder / "manifest.json", digest))
    found = manifest["made"].get("format")
    if found != (version or FORMAT):
        raise StoreStale(
            f"the index has format {found!r}, expected {FORMAT!r}", hint="run `dalel index` again"
        )
    return manifest


def read_generation(folder: Path, digest: str, *, check_all: bool = False) -> Generation:
    """Map a whole generation, every file checked first that has not been since it was written.

    Args:
        folder: The generation.
        digest: The hash of its manifest.
        check_all: Whether files are checked again that were and have not changed since.

    Raises:
        StoreDamaged: A file is missing or was changed.
        StoreStale: The generation has another format.
    """
    manifest = read_manifest(folder, digest)
    digests = {name: file["sha256"] for name, file in manifest["files"].items()}
    check_files(folder, digests, anew=check_all)
    with mapping(folder):
        arrays: Arrays = {
            name.removesuffix(".npy"): mapped(folder / name)
            for name in digests
            if name.endswith(".npy") and "/" not in name
        }
        tables = SearchTables.of_arrays(arrays)
        documents = Records(folder, "documents", document_of)
        return Generation(
            name=folder.name,
            config=IndexConfig(**manifest["made"]),
            versions=manifest["versions"],
            documents=documents,
            chunks=Records(folder, "chunks", chunk_of),
            chunk_vectors=_vectors(folder, "chunks", manifest["codes"]),
            sentence_vectors=_vectors(folder, "sentences", manifest["codes"]),
            added=ById(documents, tables.ids, Times(arrays["documents.added"])),
            files=Records(folder, "sources", source_file_of),
            respelt=Records(folder, "respelt", respelt_of),
            calibration=Calibration(**manifest["background"]),
            lexical=BM25Index.load(folder / "lexical"),
            tables=tables,
            givers=HashBuckets.of_arrays(arrays, "sources"),
        )


def _vectors(folder: Path, name: str, codes: Mapping[str, Mapping[str, int]]) -> FaissIndex:
    path = folder / f"{name}.faiss"
    if name not in codes:
        return FaissIndex.read(path)
    return FaissIndex.read(path, folder / f"{name}.codes.faiss", codes[name]["margin"])


@contextmanager
def mapping(folder: Path) -> Iterator[None]:
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


# --- records ------------------------------------------------------------------------------------


def document_of(row: dict[str, Any]) -> Document:
    """Return the document of a record."""
    tuples = {
        "pages": tuple((start, end) for start, end in row["pages"]),
        # Indexes that were written before 0.9 have none.
        "blocks": tuple(Block(*block) for block in row.get("blocks", ())),
        "other_sources": tuple(row.get("other_sources", ())),
    }
    return Document(**row | tuples)


def source_file_of(row: dict[str, Any]) -> SourceFile:
    """Return the file of a record."""
    tuples = {
        "stat": row["stat"] and FileStat(*row["stat"]),
        "documents": tuple(Given(*given) for given in row["documents"]),
        "skipped": tuple(Skipped(**skip) for skip in row["skipped"]),
    }
    return SourceFile(**row | tuples)


def respelt_of(row: dict[str, Any]) -> Respelt:
    """Return what is searched of a chunk, of a record."""
    return Respelt(**row | {"sentences": tuple(row["sentences"])})


def chunk_of(row: dict[str, Any]) -> Chunk:
    """Return the chunk of a record."""
    tuples = {
        "sentences": tuple((start, end) for start, end in row["sentences"]),
        # Indexes that were written before 0.12 have none.
        "other_languages": tuple(row.get("other_languages", ())),
    }
    return Chunk(**row | tuples)
