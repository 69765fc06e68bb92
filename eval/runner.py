"""A set asked for real: every question once, in order, its record kept as soon as it is there.

A record is plain data for a line of JSON: all that a report and a comparison need. What was done
before an interruption is not done again.
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
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

from chat.answer import Answer
from chat.confidence import confidence_model
from chat.llm import LLM
from chat.pipeline import answer
from chat.question import understand
from chat.settings import Settings
from eval.dataset import EvalSet, Example
from eval.metrics.case import Case, Ranking, Record
from eval.metrics.citations import supports
from eval.metrics.correctness import covers, gold_places, gold_rows, is_right
from eval.metrics.faithfulness import attribution_judge
from eval.metrics.registry import failures, measure
from eval.report.html import report
from eval.report.passages import passages_in_context
from eval.run_store import RunFolder
from eval.summary import Summary, summarise
from index.candidates import ON_THIS_MACHINE
from index.embedders.cache import PassageCache
from index.embedders.embedder import Embedder, Progress, load_embedder
from index.indexer import PACKAGES, Indexer
from index.retriever import Legs, Retriever
from ingest.document import Document
from ingest.errors import QuestionError
from ingest.loader import read_shipped

DEPTH: Final = 100
"""Passages or documents ranked for a TREC run."""

_MEASURED_PACKAGES: Final = ("ingest", "index", "prompts", "chat", "eval")
"""Packages whose code decides what a run measures."""

_SOURCE_SUFFIXES: Final = (".py", ".toml", ".tsv", ".txt", ".jinja", ".json")
_DATA_FOLDERS: Final = frozenset({"corpus", "results"})


# --- a whole set ------------------------------------------------------------------------------


def run(
    examples: Sequence[Example],
    retriever: Retriever,
    folder: RunFolder,
    config: dict[str, Any],
    progress: Progress,
    llm: LLM | None = None,
    language: str = "en",
) -> Summary:
    """Ask every question that is not done yet, and write what came of all.

    Args:
        examples: The questions.
        retriever: What is asked.
        folder: Where the run goes.
        config: What makes two runs the same, of `configuration`.
        progress: Told how many are done.
        llm: What writes; None to quote.
        language: The language of the report.

    Raises:
        EvalError: The folder holds another run, or cannot be written.
    """
    done = {record["id"]: record for record in folder.begin(config)}
    to_ask = [example for example in examples if askable(example, retriever)]
    for number, example in enumerate(to_ask, start=1):
        if example.id not in done:
            done[example.id] = ask(example, retriever, config["threshold"], llm)
            folder.append(done[example.id])
        progress(number, len(to_ask))
    records = [done[example.id] for example in to_ask]
    summary: Summary = {
        "set": config["set"]["name"],
        "date": datetime.now(UTC).date().isoformat(),
        "skipped": len(examples) - len(to_ask),
        **summarise(records),
        "config": config,
    }
    folder.finish(records, summary, report(summary, records, language))
    return summary


def configuration(
    eval_set: EvalSet,
    examples: Sequence[Example],
    retriever: Retriever,
    threshold: float | None = None,
    llm: LLM | None = None,
) -> dict[str, Any]:
    """Return what makes two runs the same, and when this one started."""
    index = retriever.generation
    hashes = sorted(f"{document.id} {document.sha256}" for document in index.documents)
    questions = "\n".join(f"{e.id} {e.withheld} {e.question}" for e in examples)
    return {
        "set": {"name": eval_set.name, "sha256": eval_set.sha256},
        "questions": {"n": len(examples), "sha256": _sha256(questions)},
        **({"given": True} if any(example.given for example in examples) else {}),
        "documents": {"n": len(index.documents), "sha256": _sha256("\n".join(hashes))},
        "embedder": index.config.embedder,
        "weights_sha256": index.config.weights_sha256,
        "chunks": {"n": len(index.chunks), "max_tokens": index.config.max_tokens},
        "reranker": retriever.reranker.name if retriever.reranker else None,
        **({} if retriever.store == ON_THIS_MACHINE else {"store": retriever.store}),
        "threshold": confidence_model().threshold if threshold is None else threshold,
        "llm": _llm_data(llm),
        "code_sha256": _code_sha256(),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _llm_data(llm: LLM | None) -> dict[str, Any] | None:
    """Return which model writes; of its address only the place, for it may hold a password."""
    if llm is None:
        return None
    place = urlsplit(llm.spec.base_url or "")
    return {
        "name": llm.spec.name,
        "server": f"{place.hostname or ''}:{place.port or ''}".strip(":"),
        "deadline_seconds": llm.spec.deadline_seconds,
        "unsupported": llm.unsupported,
    }


def open_index(
    documents: Sequence[Document] | None, settings: Settings, progress: Progress
) -> Retriever:
    """Open what a set is asked of: its own documents, or what is indexed.

    A set's own documents are indexed anew each time, by the code as it is, and searched on this
    machine; only their vectors are remembered. On an empty home, the two documents that ship are
    indexed first.
    """

    def load(name: str) -> Embedder:
        embedder = load_embedder(name, settings.home / "models")
        return PassageCache(embedder, settings.home / "vectors")

    if documents is None:
        library = Indexer(
            settings.home,
            model=settings.model,
            load=load,
            reranker=settings.reranker,
            store=settings.store,
        )
        return library.open_or_put(lambda: read_shipped().documents, progress)
    with TemporaryDirectory(prefix="dalel-eval-") as home:
        library = Indexer(Path(home), model=settings.model, load=load, reranker=settings.reranker)
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
    return RunFolder(next(runs / unused for unused in names if not (runs / unused).exists()))


def _code_sha256() -> str:
    """Return a hash of all sources and data that decide what a run measures."""
    digest = hashlib.sha256()
    for package in _MEASURED_PACKAGES:
        for path in sorted(Path(str(files(package))).rglob("*")):
            if path.suffix in _SOURCE_SUFFIXES and not _DATA_FOLDERS & set(path.parts[-3:]):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- one question -----------------------------------------------------------------------------


def ask(
    example: Example,
    retriever: Retriever,
    threshold: float | None = None,
    llm: LLM | None = None,
) -> Record:
    """Ask a question, measure the answer, and say what went wrong."""
    is_limited = example.given or example.withheld
    visible = retriever.seeing(visible_rows(example, retriever)) if is_limited else retriever
    started = perf_counter()
    try:
        answered = answer(example.question, visible, llm, threshold=threshold)
    except QuestionError as error:
        return _example_data(example, retriever) | _not_asked(error.line())
    milliseconds = 1000 * (perf_counter() - started)
    # Where the passage is given, nothing is to be found.
    ranked = [] if example.given else rank(example, visible)
    judged = not example.withheld and not example.given
    relevant = relevant_to(example, retriever) if judged else {}
    case = Case(
        example=example,
        answer=answered,
        ranking=Ranking(_names(ranked), relevant, _names(rank(example, visible, 10, "dense"))),
        documents=retriever.documents,
        judge=attribution_judge(answered, visible) if answered.mode == "llm" else supports,
        retriever=visible,
        threshold=threshold,
        has_llm=llm is not None,
    )
    figures = measure(case)
    return _example_data(example, retriever) | {
        "answer": answered.data() | {"id": example.id, "passages": []},
        "milliseconds": round(milliseconds, 3),
        "ranked": [[name, round(score, 6)] for name, score in ranked],
        "relevant": relevant,
        "metrics": {name: round(value, 6) for name, value in figures.items()},
        "would_be_right": _would_be_right(example, answered, visible),
        "failures": failures(case, figures),
        "passages": passages_in_context(example, answered.citations, retriever.documents),
    }


def askable(example: Example, retriever: Retriever) -> bool:
    """Say whether anything is there to ask: what an example withholds is gone."""
    return bool(visible_rows(example, retriever))


def visible_rows(example: Example, retriever: Retriever) -> set[int]:
    """Return the rows of the chunks that an example is asked of.

    All, or those of the documents that are given. A near miss is asked of what is left when all
    that answers is taken out.
    """
    rows = retriever.visible
    if example.given:
        rows &= {row for name in example.given for row in retriever.rows_of(name)}
    return rows - gold_rows(example, retriever) if example.withheld else rows


def direction(example: Example, retriever: Retriever) -> str:
    """Return `kk->en`: the language asked in and those of the documents that answer.

    A tag says it; else the languages of the gold documents, and of none `kk->none`.
    """
    tag = next((tag for tag in example.tags if "->" in tag), None)
    if tag and not example.withheld:
        return tag
    known = [retriever.documents[name] for name in example.documents if name in retriever.documents]
    languages = sorted({document.language for document in known})
    answers = "+".join(languages) if languages and example.answerable else "none"
    return f"{example.language}->{answers}"


def rank(
    example: Example, retriever: Retriever, depth: int = DEPTH, legs: Legs = "both"
) -> list[tuple[str, float]]:
    """Rank documents where documents are judged, else passages: ids and scores, best first."""
    question = understand(example.question)
    search = retriever.search_documents if example.relevant else retriever.search
    return [
        (hit.chunk.document_id if example.relevant else hit.chunk.id, hit.score)
        for hit in search(question, depth, legs)
    ]


def _names(ranked: Sequence[tuple[str, float]]) -> tuple[str, ...]:
    return tuple(name for name, _ in ranked)


def relevant_to(example: Example, retriever: Retriever) -> dict[str, int]:
    """Return what is relevant: as judged, else the passages that hold most of a gold sentence."""
    if example.relevant:
        return dict(example.relevant)
    places, chunks = gold_places(example), retriever.generation.chunks
    rows = {row for document_id, *_ in places for row in retriever.rows_of(document_id)}
    return {
        chunk.id: 1
        for chunk in map(chunks.__getitem__, sorted(rows))
        for gold in places
        if covers((chunk.document_id, chunk.start, chunk.end), gold)
    }


def _example_data(example: Example, retriever: Retriever) -> Record:
    return {
        "id": example.id,
        "question": example.question,
        "language": example.language,
        "direction": direction(example, retriever),
        "tags": list(example.tags),
        "answerable": example.answerable,
        "need": example.need,
        "answers": list(example.answers),
        "response": example.response,
    }


def _not_asked(error: str) -> Record:
    """Return the rest of the record of a question that cannot be asked."""
    return {
        "answer": {"answer": error, "abstained": True, "confidence": 0.0, "citations": []},
        "milliseconds": None,
        "ranked": [],
        "relevant": {},
        "metrics": {},
        "would_be_right": None,
        "failures": ["not-asked"],
        "passages": [],
    }


def _would_be_right(example: Example, answered: Answer, retriever: Retriever) -> bool | None:
    """Say whether the answer is right, or would have been if it had not abstained."""
    if not example.answerable:
        return False
    if answered.abstained:
        answered = answer(example.question, retriever, threshold=0.0)
    return is_right(example, answered)
