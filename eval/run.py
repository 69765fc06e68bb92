"""A whole set asked: every question once, in order, its record kept as soon as it is there.

In: examples, an index, a folder. Out: a summary; and the folder, filled. What was done before an
interruption is not done again.
"""

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit

from chat.author import Author
from chat.confidence import model
from chat.config import Settings
from eval.ask import ask, askable
from eval.example import EvalSet, Example
from eval.folder import RunFolder
from eval.report import report
from eval.summary import Summary, summarise
from eval.vectors import Remembered
from index.embed import Embedder, Progress
from index.library import PACKAGES, Library
from index.model import load_embedder
from index.retrieve import IndexRetriever
from ingest.document import Document
from ingest.read import read_shipped

_ANSWERING: Final = ("ingest", "index", "prompts", "chat", "eval")
"""Packages whose code decides what a run measures."""


def run(
    examples: Sequence[Example],
    retriever: IndexRetriever,
    folder: RunFolder,
    config: dict[str, Any],
    progress: Progress,
    author: Author | None = None,
) -> Summary:
    """Ask every question that is not done yet, and write what came of all.

    Raises:
        EvalError: The folder holds another run, or cannot be written.
    """
    done = {record["id"]: record for record in folder.begin(config)}
    left = [each for each in examples if askable(each, retriever)]
    for number, example in enumerate(left, start=1):
        if example.id not in done:
            done[example.id] = ask(example, retriever, config["threshold"], author)
            folder.append(done[example.id])
        progress(number, len(left))
    records = [done[example.id] for example in left]
    summary: Summary = {
        "set": config["set"]["name"],
        "date": datetime.now(UTC).date().isoformat(),
        "skipped": len(examples) - len(left),
        **summarise(records),
        "config": config,
    }
    folder.finish(records, summary, report(summary, records))
    return summary


def configuration(
    found: EvalSet,
    examples: Sequence[Example],
    retriever: IndexRetriever,
    threshold: float | None = None,
    author: Author | None = None,
) -> dict[str, Any]:
    """Return what makes two runs the same, and when this one started."""
    made, documents = retriever.generation.made, retriever.generation.documents
    hashes = sorted(f"{document.id} {document.sha256}" for document in documents)
    asked = "\n".join(f"{each.id} {each.withheld} {each.question}" for each in examples)
    return {
        "set": {"name": found.name, "sha256": found.sha256},
        "questions": {"n": len(examples), "sha256": _sha256(asked)},
        "documents": {"n": len(documents), "sha256": _sha256("\n".join(hashes))},
        "embedder": made.embedder,
        "weights_sha256": made.weights_sha256,
        "chunks": {"n": len(retriever.generation.chunks), "max_tokens": made.max_tokens},
        "reranker": retriever.reranker.name if retriever.reranker else None,
        "threshold": model().threshold if threshold is None else threshold,
        "llm": _author_data(author),
        "code_sha256": _code_sha256(),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _author_data(author: Author | None) -> dict[str, Any] | None:
    """Return which model writes; of its address only the place, for it may hold a password."""
    if author is None:
        return None
    place = urlsplit(author.writer.base_url or "")
    return {
        "name": author.writer.name,
        "server": f"{place.hostname or ''}:{place.port or ''}".strip(":"),
        "deadline_seconds": author.writer.deadline_seconds,
        "unsupported": author.unsupported,
    }


def open_index(
    documents: Sequence[Document] | None, settings: Settings, progress: Progress
) -> IndexRetriever:
    """Open what a set is asked of: its own documents, or what is indexed.

    A set's own documents are indexed anew each time, by the code as it is; only their vectors are
    remembered. On an empty home, the two documents that ship are indexed first.
    """

    def load(name: str) -> Embedder:
        embedder = load_embedder(name, settings.home / "models")
        return Remembered(embedder, settings.home / "vectors")

    if documents is None:
        library = Library(
            settings.home, model=settings.model, load=load, reranker=settings.reranker
        )
        return library.open_or_put(lambda: read_shipped().documents, progress)
    with TemporaryDirectory(prefix="dalel-eval-") as home:
        library = Library(Path(home), model=settings.model, load=load, reranker=settings.reranker)
        library.put(documents, progress)
        return library.open()


def folder_for(home: Path, config: dict[str, Any]) -> RunFolder:
    """Return the folder of an unfinished run of the same, else a new one, below home/runs."""
    runs = home / "runs"
    stem = Path(config["set"]["name"]).stem or "set"
    for path in sorted(runs.glob("*"), reverse=True):
        if RunFolder(path).is_of(config):
            return RunFolder(path)
    name = f"{stem}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return RunFolder(next(runs / each for each in names if not (runs / each).exists()))


def _code_sha256() -> str:
    found = hashlib.sha256()
    for package in _ANSWERING:
        for path in sorted(Path(str(files(package))).rglob("*")):
            inside = path.parts[-3:]
            if path.suffix in (".py", ".toml", ".tsv", ".txt", ".jinja", ".json") and not {
                "corpus",
                "results",
            } & set(inside):
                found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
