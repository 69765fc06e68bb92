"""Generations of format 2, which Dalel 0.14 and before wrote: read whole, to be made anew.

They cannot be searched any more. What they hold is indexed again by itself, and the vectors of
texts that are cut as they were are taken over (`Indexer.open_or_put`).
"""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from index.faiss_index import FaissIndex
from index.storage import atomic_file
from index.storage.generation import (
    IndexConfig,
    SavedIndex,
    chunk_of,
    document_of,
    mapping,
    read_manifest,
    respelt_of,
    source_file_of,
)

EARLIER_FORMAT: Final = 2
"""The version of the files that is read here."""

_VECTORS: Final = ("chunks.faiss", "sentences.faiss")


def read_earlier(folder: Path, digest: str) -> SavedIndex:
    """Read a whole generation, every file checked first.

    Raises:
        StoreDamaged: A file is missing or was changed.
        StoreStale: The generation has another format.
    """
    manifest = read_manifest(folder, digest, EARLIER_FORMAT)
    digests = {name: file["sha256"] for name, file in manifest["files"].items()}

    def rows(name: str) -> Iterator[dict[str, Any]]:
        # Indexes before 0.10 do not remember their files, those before 0.12 respell nothing.
        data = atomic_file.read(folder / name, digests[name]) if name in digests else b""
        return map(json.loads, BytesIO(data))

    for name in _VECTORS:
        atomic_file.check(folder / name, digests[name])
    with mapping(folder):
        chunk_vectors, sentence_vectors = (FaissIndex.read(folder / name) for name in _VECTORS)
    return SavedIndex(
        name=folder.name,
        config=IndexConfig(**manifest["made"]),
        versions=manifest["versions"],
        documents=tuple(map(document_of, rows("documents.jsonl"))),
        chunks=tuple(map(chunk_of, rows("chunks.jsonl"))),
        chunk_vectors=chunk_vectors,
        sentence_vectors=sentence_vectors,
        added=manifest.get("added", {}),  # The first generations of format 2 had none.
        files=tuple(map(source_file_of, rows("sources.jsonl"))),
        respelt=tuple(map(respelt_of, rows("respelt.jsonl"))),
    )
