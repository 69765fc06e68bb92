"""What more passages need than one machine has: `python -m eval.sizing`, for docs/scale.md.

In: a number of passages, made as eval/scale.py makes them. Out: eval/results/sizing.json: of so
many passages, and of a quarter of them, the bytes of each part of the index, the memory of a
process that has it open, and what a question takes, on this machine and with Milvus in a file. The
difference tells what grows with the passages. Vectors are of chance, since no size and no time
depends on what they say; so it takes minutes, not the hours of embedding.

`sizing()` is the Markdown of docs/scale.md: all its figures are worked out here, from this file and
eval/results/scale.json.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import numpy as np

from eval.baselines import RESULTS
from eval.scale import SCALE, make_passages
from index.embedders.embedder import Progress, Vectors, no_progress
from index.indexer import Indexer
from index.milvus_client import ROWS_OF_A_PAGE
from index.retriever import Retriever
from ingest.document import Document, text_sha256
from ingest.language import detect

SIZING: Final = "sizing"
"""Name of the file of results."""

PASSAGES: Final = 40_000

_RECORDS: Final = ("documents", "chunks", "sources", "respelt")

_PARTS: Final = {
    "texts": [f"{name}.{end}" for name in _RECORDS for end in ("jsonl", "ends.npy", "crc32.npy")],
    "vectors": ["chunks.faiss", "sentences.faiss"],
    "lexical": ["lexical"],
}
"""The files of a generation, by what they hold; the others are tables, and what is checked."""

_QUESTIONS: Final = 12
"""Questions that are asked; the first one is not counted, since it opens files."""

_NUMBER: Final = 4
"""Bytes of a number of a vector."""

_GRAPH: Final = 2 * 16 * 4
"""Bytes of the edges of a vector in Milvus's graph: 2 M of them, M = 16, 4 bytes each (hnswlib)."""

_WEIGHT: Final = 8
"""Bytes of a term's weight in Milvus: its number and a float."""

_CODE_NUMBERS: Final = 8
"""Bytes of a code beside its bits, one a number: two floats (faiss.IndexRaBitQ)."""

_OPEN: Final = 8 + 1
"""Bytes of an open index's own for a passage: its row among those of a language, and of which."""

_ASKED: Final = 4 + 4 + 8 + 4
"""Bytes for a passage while a question is asked: its score, that below 0, its place, room to sort.

The rest of an index is mapped: the system takes those pages back.
"""

_FULL: Final = 0.7
"""Share of a machine's memory that data may take: the rest is for what works on it."""

_MACHINES: Final = (64, 256)
"""Gigabytes of memory of the machines that are counted in."""

_TARGETS: Final = {"10 million": 10**7, "100 million": 10**8, "1,000 million": 10**9}


class ChanceEmbedder:
    """Vectors of chance, of the length of the model that ships."""

    name = "embedded"
    weights_sha256 = "0" * 64
    dimension = 384
    max_tokens = 512

    def __init__(self) -> None:
        self._chance = np.random.default_rng(7)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of length 1."""
        vectors = self._chance.standard_normal((len(texts), self.dimension), np.float32)
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Return vectors of length 1."""
        return self.embed_queries(texts)

    def count_tokens(self, text: str) -> int:
        """Count words, and the two that a model adds."""
        return len(text.split()) + 2


# --- measuring ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Make passages, index them, open them in processes of their own; write what that took."""
    parser = argparse.ArgumentParser(prog="python -m eval.sizing", description=__doc__)
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--out", type=Path, default=RESULTS / f"{SIZING}.json")
    parser.add_argument("--open", nargs=2, metavar=("HOME", "STORE"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.open:
        sys.stdout.write(json.dumps(_opened(Path(asked.open[0]), asked.open[1])))
        return 0
    result: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}"
    }
    for name, passages in (("quarter", asked.passages // 4), ("whole", asked.passages)):
        with TemporaryDirectory() as folder:
            result[name] = _measured(Path(folder), passages)
    text = json.dumps(result, indent=1) + "\n"
    asked.out.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _measured(folder: Path, passages: int) -> dict[str, Any]:
    home, file = folder / "home", folder / "milvus.db"
    contents = Indexer(home, load=lambda _: ChanceEmbedder()).put(made_documents(passages))
    generation = next(path for path in (home / "index").iterdir() if path.name.isdecimal())
    opened = {store: _in_a_process(home, store) for store in ("faiss", f"milvus:{file}")}
    lexical = contents.lexical
    return {
        "passages": len(contents.chunks),
        "sentences": len(contents.sentence_vectors),
        "terms": sum(len(lexical.saturation(row, 1.0)) for row in range(len(contents.chunks))),
        "bytes": _bytes_by_part(generation),
        "faiss": opened["faiss"],
        "milvus": {**opened[f"milvus:{file}"], "bytes": _size(file)},
    }


def _bytes_by_part(generation: Path) -> dict[str, int]:
    sizes = {
        part: sum(_size(generation / name) for name in names) for part, names in _PARTS.items()
    }
    return sizes | {"tables": _size(generation) - sum(sizes.values())}


def made_documents(passages: int) -> list[Document]:
    """Return so many documents of one passage each, as eval/scale.py makes them."""
    return [
        Document(
            id=f"{place}",
            title="",
            language=detect(text),
            text=text,
            source=f"{place}.txt",
            sha256=text_sha256(text),
        )
        for place, text in enumerate(make_passages(passages))
    ]


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def _in_a_process(home: Path, store: str) -> dict[str, float]:
    """Return what `_opened` returns in a process of its own."""
    command = [sys.executable, "-m", "eval.sizing", "--open", str(home), store]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _opened(home: Path, store: str) -> dict[str, float]:
    """Open an index, load it into its store if that is not done, and ask it questions."""
    indexer = Indexer(home, load=lambda _: ChanceEmbedder(), store=store)
    before, loaded = _memory() if store == "faiss" else 0, 0.0
    if store != "faiss":
        started = time.process_time()
        indexer.open_or_put(list)
        loaded = time.process_time() - started
    opened = []
    for _ in range(2):  # The first time, what is needed once is imported.
        started = time.process_time()
        retriever = indexer.open()
        opened.append(time.process_time() - started)
    seconds = [*_seconds_of(retriever)]
    return {
        "load_seconds": round(loaded, 1),
        "open_ms": round(1000 * opened[-1], 1),
        "memory_bytes": _memory() - before,
        "search_ms": round(1000 * median(seconds[1:]), 1),
    }


def _seconds_of(retriever: Retriever) -> Iterator[float]:
    """Yield the processor time of finding each question's candidates: of sentences indexed."""
    documents = retriever.generation.documents
    for place in range(0, len(documents), max(1, len(documents) // _QUESTIONS)):
        query = retriever.analyse(documents[place].text[:100])
        started = time.process_time()
        retriever.search(query, 10)
        yield time.process_time() - started


def _memory() -> int:
    """Return the bytes of memory that are this process's own: no mapped files."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(r"^RssAnon:\s*(\d+) kB$", status, re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


# --- sizing ---------------------------------------------------------------------------------------


class PerPassage(NamedTuple):
    """What one passage takes, in bytes but for the times.

    Attributes:
        rows: How many rows it is in Milvus: its own, and one a sentence.
        vectors: Its vector and those of its sentences.
        texts: Its text, where it is, what its sentences are.
        lexical: Its terms, and what each adds to a score.
        tables: What searching needs of it without reading it.
        codes: The codes of its vectors, which a large index has (index/faiss_index.py).
        disk: All of it.
        open: Memory of a process that has the index open and is asked.
        indexing: Most memory while it is indexed again.
        milvus: Memory of Milvus: vectors, their graph, weights of terms.
        embedding: Seconds of one core to embed it.
        scan: Seconds of one core to compare it with a question on this machine.
        loading: Seconds of one core, here, to load it into Milvus.
    """

    rows: float
    vectors: float
    texts: float
    lexical: float
    tables: float
    codes: float
    disk: float
    open: float
    indexing: float
    milvus: float
    embedding: float
    scan: float
    loading: float


def per_passage(scale: Mapping[str, Any], sizing: Mapping[str, Any]) -> PerPassage:
    """Return what one passage takes, from both measurements."""
    whole, quarter = sizing["whole"], sizing["quarter"]
    n, more = whole["passages"], whole["passages"] - quarter["passages"]
    rows, numbers = 1 + whole["sentences"] / n, ChanceEmbedder.dimension * _NUMBER
    milliseconds = whole["faiss"]["search_ms"] - quarter["faiss"]["search_ms"]
    codes = rows * (ChanceEmbedder.dimension // 8 + _CODE_NUMBERS)
    return PerPassage(
        rows=rows,
        vectors=whole["bytes"]["vectors"] / n,
        texts=whole["bytes"]["texts"] / n,
        lexical=whole["bytes"]["lexical"] / n,
        tables=whole["bytes"]["tables"] / n,
        codes=codes,
        disk=sum(whole["bytes"].values()) / n + codes,
        open=_OPEN + _ASKED + codes,
        indexing=2**20 * scale["second"]["memory_mb"] / scale["passages"],
        milvus=rows * (numbers + _GRAPH) + _WEIGHT * whole["terms"] / n,
        embedding=scale["first"]["processor_seconds"] / scale["passages"],
        scan=milliseconds / 1000 / more,
        loading=whole["milvus"]["load_seconds"] / n,
    )


def sizing() -> str:
    """Return the tables of docs/scale.md as Markdown."""
    scale, measured = (
        json.loads((RESULTS / f"{name}.json").read_text("utf-8")) for name in (SCALE, SIZING)
    )
    one = per_passage(scale, measured)
    parts = [
        _of_one(one, scale, measured),
        _of_many(one),
        _limits(one),
        _opening(measured),
        _in_a_file(measured),
    ]
    return "\n\n".join(parts) + "\n"


def _of_one(one: PerPassage, scale: Mapping[str, Any], measured: Mapping[str, Any]) -> str:
    whole, m = measured["whole"], scale["passages"]
    n = whole["passages"]
    numbers = f"{ChanceEmbedder.dimension} · {_NUMBER} + {_GRAPH}"
    rows = {
        "vectors on the disk": (one.vectors, f"both files of vectors / {n:,}"),
        "texts on the disk": (one.texts, f"documents, chunks and files / {n:,}"),
        "terms on the disk": (one.lexical, f"the folder `lexical` / {n:,}"),
        "tables on the disk": (one.tables, f"all others / {n:,}"),
        "codes, on the disk and in memory": (
            one.codes,
            f"{one.rows:.2f} vectors · ({ChanceEmbedder.dimension} / 8 + {_CODE_NUMBERS})",
        ),
        "the index on the disk": (one.disk, f"all of these / {n:,}"),
        "memory of an open index": (
            one.open,
            f"its codes, {_OPEN} to tell its language, {_ASKED} while a question is asked",
        ),
        "memory while indexing again": (
            one.indexing,
            f"{scale['second']['memory_mb']} MB / {m:,}",
        ),
        "memory of Milvus": (
            one.milvus,
            f"{one.rows:.2f} vectors · ({numbers}) + {whole['terms'] / n:.0f} terms · {_WEIGHT}",
        ),
    }
    lines = [f"| {name} | {size:,.0f} B | {why} |" for name, (size, why) in rows.items()]
    return "\n".join(["| of one passage | takes | that is |", "|---|---|---|", *lines])


def _of_many(one: PerPassage) -> str:
    head = "| passages | " + " | ".join(_TARGETS) + " |"
    rows: dict[str, list[str]] = {
        "index on the disk": [_bytes(n * one.disk) for n in _TARGETS.values()],
        "memory of an open index": [_bytes(n * one.open) for n in _TARGETS.values()],
        "memory while indexing again": [_bytes(n * one.indexing) for n in _TARGETS.values()],
        "memory of Milvus": [_bytes(n * one.milvus) for n in _TARGETS.values()],
    }
    for memory in _MACHINES:
        rows[f"… machines of {memory} GB for that"] = [
            f"{ceil(n * one.milvus / (_FULL * memory * 1e9)):,}" for n in _TARGETS.values()
        ]
    rows["to embed, on one core"] = [_days(n * one.embedding) for n in _TARGETS.values()]
    rows["to load into Milvus, on one core here"] = [
        _days(n * one.loading) for n in _TARGETS.values()
    ]
    rows["… requests to list what is there, at each change"] = [
        f"{ceil(n * one.rows / ROWS_OF_A_PAGE):,}" for n in _TARGETS.values()
    ]
    rows["one question by comparing all, on one core"] = [
        f"{n * one.scan:,.0f} s" for n in _TARGETS.values()
    ]
    lines = [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join([head, "|---|---|---|---|", *lines])


def _limits(one: PerPassage) -> str:
    """Say how many passages each thing is enough for, the tightest first."""
    limits = {"a question takes one core a second, comparing all": 1 / one.scan}
    for memory in _MACHINES:
        room = _FULL * memory * 1e9
        limits[f"indexing fills {memory} GB"] = room / one.indexing
        limits[f"an open index fills {memory} GB"] = room / one.open
    limits["the index fills a disk of 4 TB"] = _FULL * 4e12 / one.disk
    rows = sorted(limits.items(), key=lambda limit: limit[1])
    lines = [f"| {name} | {_millions(count)} |" for name, count in rows]
    return "\n".join(["| what is reached | at passages |", "|---|---|", *lines])


def _opening(measured: Mapping[str, Any]) -> str:
    """Say what opening takes: hardly more with more passages."""
    said = [
        f"with {run['passages']:,} passages {run['faiss']['open_ms']:,.0f} ms of one core, and"
        f" {run['faiss']['memory_bytes'] / 1e6:,.0f} MB of memory once it has been asked"
        for run in (measured["quarter"], measured["whole"])
    ]
    return f"Opening an index takes {'; '.join(said)}."


def _in_a_file(measured: Mapping[str, Any]) -> str:
    """Say what milvus-lite takes: it is for trying, not for many passages."""
    whole = measured["whole"]
    n, lite, faiss = whole["passages"], whole["milvus"], whole["faiss"]
    return (
        f"A Milvus in a file is for trying: with {n:,} passages a question takes"
        f" {lite['search_ms']:,.0f} ms of one core ({faiss['search_ms']:,.0f} ms with faiss),"
        f" loading {lite['load_seconds']:,.0f} s, the file {lite['bytes'] / 1e6:,.0f} MB."
    )


def _bytes(count: float) -> str:
    if count < 1e10:
        return f"{count / 1e9:,.1f} GB"
    return f"{count / 1e12:,.1f} TB" if count >= 1e12 else f"{count / 1e9:,.0f} GB"


def _days(seconds: float) -> str:
    return f"{seconds / 86_400:,.0f} days" if seconds >= 172_800 else f"{seconds / 3600:,.0f} hours"


def _millions(count: float) -> str:
    return f"{count / 1e6:,.1f} million"


if __name__ == "__main__":
    sys.exit(main())
