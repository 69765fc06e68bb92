"""One generation of an index: what it holds, what it was made with, and its folder on disk.

In: documents, chunks and their vectors. Out: the same, read back only if every file is unchanged.
No pickle anywhere: JSON lines, faiss's own format, and bm25s's arrays and JSON.

    manifest.json    what it was made with; size and hash of every document and file
    documents.jsonl  chunks.jsonl  chunks.faiss  sentences.faiss  lexical/…
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from index import durable
from index.analysis.terms import ANALYSER
from index.background import Background
from index.embed import Vectors
from index.lexical import Lexical
from index.vectors import FlatVectors, VectorStore
from ingest.chunk import Chunk
from ingest.document import Document
from ingest.errors import StoreDamaged, StoreStale

FORMAT: Final = 2
"""Raised by one whenever a generation written before could not be read right any more."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an index was made with; two indexes that differ in a field do not mix.

    Attributes:
        embedder: Name of the embedding model.
        weights_sha256: Its weights.
        dimension: Its vectors' length.
        max_tokens: The longest chunk.
        analyser: What made the lexical leg's terms.
        format: Layout of the files.
    """

    embedder: str
    weights_sha256: str
    dimension: int
    max_tokens: int
    analyser: str = ANALYSER
    format: int = FORMAT

    def check(self, expected: "Made") -> None:
        """Compare with what the program would make now.

        Raises:
            StoreStale: A field differs; the message names it and both values.
        """
        ours, theirs = asdict(self), asdict(expected)
        for name, value in ours.items():
            if value != theirs[name]:
                raise StoreStale(
                    f"the index was made with another {name}: it has {value!r}, expected"
                    f" {theirs[name]!r}",
                    hint="run `dalel index` again, or ask with what it was made with",
                )


@dataclass(frozen=True, slots=True)
class Contents:
    """What a generation holds.

    Attributes:
        documents: The documents, in the order they were given.
        chunks: Their chunks, document by document.
        chunk_vectors: One row a chunk.
        sentence_vectors: One row a sentence, chunk by chunk.
        lexical: The words of the chunks.
        background: How near off-topic questions come.
        added: When each document was put in as it is, by id: ISO 8601, UTC.
    """

    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    chunk_vectors: Vectors
    sentence_vectors: Vectors
    lexical: Lexical
    background: Background
    added: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation as read back, ready to be searched."""

    name: str
    made: Made
    versions: dict[str, str]
    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    chunk_vectors: VectorStore
    sentence_vectors: VectorStore
    background: Background
    lexical: Lexical
    added: Mapping[str, str] = field(default_factory=dict)


def write(folder: Path, contents: Contents, made: Made, versions: dict[str, str]) -> str:
    """Write a generation into an empty folder; return the hash of its manifest.

    Raises:
        OSError: The disk refuses.
    """
    blobs = {
        "documents.jsonl": _jsonl(contents.documents),
        "chunks.jsonl": _jsonl(contents.chunks),
        "chunks.faiss": FlatVectors.build(contents.chunk_vectors).to_bytes(),
        "sentences.faiss": FlatVectors.build(contents.sentence_vectors).to_bytes(),
    }
    for name, data in blobs.items():
        durable.write(folder / name, data)
    contents.lexical.save(folder / "lexical")
    for path in sorted((folder / "lexical").iterdir()):
        blobs[path.relative_to(folder).as_posix()] = path.read_bytes()
        durable.write(path, path.read_bytes())
    manifest = {
        "made": asdict(made),
        "versions": versions,
        "background": asdict(contents.background),
        "added": dict(contents.added),
        "documents": {document.id: document.sha256 for document in contents.documents},
        "files": {
            name: {"bytes": len(data), "sha256": durable.sha256(data)}
            for name, data in blobs.items()
        },
    }
    # ASCII: an id may hold what UTF-8 cannot, such as half of a surrogate pair.
    data = json.dumps(manifest, indent=1).encode()
    durable.write(folder / "manifest.json", data)
    durable.sync_folder(folder / "lexical")
    durable.sync_folder(folder)
    return durable.sha256(data)


def read_manifest(folder: Path, digest: str) -> dict[str, Any]:
    """Read a generation's manifest.

    Raises:
        StoreDamaged: It is not the one that was written.
        StoreStale: The generation has another format.
    """
    manifest: dict[str, Any] = json.loads(durable.read(folder / "manifest.json", digest))
    found = manifest["made"].get("format")
    if found != FORMAT:
        raise StoreStale(
            f"the index has format {found!r}, expected {FORMAT!r}", hint="run `dalel index` again"
        )
    return manifest


def read(folder: Path, digest: str) -> Generation:
    """Read a whole generation, every file checked first.

    Raises:
        StoreDamaged: A file is not the one that was written.
        StoreStale: The generation has another format.
    """
    manifest = read_manifest(folder, digest)
    data = {
        name: durable.read(folder / name, facts["sha256"])
        for name, facts in manifest["files"].items()
    }
    return Generation(
        name=folder.name,
        made=Made(**manifest["made"]),
        versions=manifest["versions"],
        documents=tuple(_document(row) for row in _rows(data["documents.jsonl"])),
        chunks=tuple(_chunk(row) for row in _rows(data["chunks.jsonl"])),
        chunk_vectors=FlatVectors.from_bytes(data["chunks.faiss"]),
        sentence_vectors=FlatVectors.from_bytes(data["sentences.faiss"]),
        background=Background(**manifest["background"]),
        lexical=_lexical(folder / "lexical"),
        added=manifest.get("added", {}),  # Of format 2, the first generations had none.
    )


def _lexical(folder: Path) -> Lexical:
    try:
        return Lexical.load(folder)
    except FileNotFoundError:  # A writer took it away since it was checked.
        raise StoreDamaged(f"{str(folder)!r} is missing", hint="run `dalel index` again") from None


def _jsonl(records: Iterable[Document | Chunk]) -> bytes:
    lines = (
        json.dumps({each.name: getattr(record, each.name) for each in fields(record)})
        for record in records
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _rows(data: bytes) -> Iterable[dict[str, Any]]:
    return map(json.loads, data.splitlines())


def _document(row: dict[str, Any]) -> Document:
    return Document(**row | {"pages": tuple((start, end) for start, end in row["pages"])})


def _chunk(row: dict[str, Any]) -> Chunk:
    return Chunk(**row | {"sentences": tuple((start, end) for start, end in row["sentences"])})
