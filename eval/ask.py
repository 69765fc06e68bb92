"""One question of a set, asked for real: its answer, its ranking, its citations put to the proof.

In: an example and an index. Out: a record, plain data for a line of JSON: all that a report and a
comparison need. Knows nothing of files.
"""

from collections.abc import Sequence
from time import perf_counter
from typing import Any, Final

import numpy as np

from chat.answer import Answer, answer
from chat.author import Author
from chat.compose import answer_by
from chat.find import find
from chat.output import answer_data
from chat.question import understand
from eval.example import Example
from eval.measure import Figures, Ranking, failures, is_right, measure
from eval.metrics import citations
from eval.metrics.citations import supports
from eval.passages import shown
from eval.written import judge_of
from index.retrieve import IndexRetriever
from ingest.errors import QuestionError

DEPTH: Final = 100
"""Passages or documents ranked for a TREC run."""

Record = dict[str, Any]


def ask(
    example: Example,
    retriever: IndexRetriever,
    threshold: float | None = None,
    author: Author | None = None,
) -> Record:
    """Ask a question, measure the answer, and say what went wrong."""
    seen = retriever
    if example.withheld:
        seen = retriever.seeing(retriever.visible - held(example, retriever))
    started = perf_counter()
    try:
        answered = answer_by(author, example.question, seen, threshold=threshold)
    except QuestionError as error:
        return _base(example, retriever) | _unasked(error.line())
    milliseconds = 1000 * (perf_counter() - started)
    ranked = rank(example, seen)
    relevant = {} if example.withheld else relevant_to(example, retriever)
    found = Ranking(tuple(name for name, _ in ranked), relevant)
    judge = judge_of(answered, seen) if answered.mode == "llm" else supports
    figures = measure(example, answered, found, retriever.documents, judge)
    # Whether a model would have found it elsewhere would take as long again.
    quoted = answered.citations and not author
    figures |= _necessity(answered, seen, threshold) if quoted else {}
    if example.gold and not example.withheld:
        figures["sentence_in_passage@1"] = _in_passage(example, retriever)
    return _base(example, retriever) | {
        "answer": answer_data(answered, retriever.documents, name=example.id) | {"passages": []},
        "milliseconds": round(milliseconds, 3),
        "ranked": [[name, round(score, 6)] for name, score in ranked],
        "relevant": relevant,
        "metrics": {name: round(value, 6) for name, value in figures.items()},
        "would_be_right": _would_be_right(example, answered, seen),
        "failures": failures(example, answered, figures),
        "passages": shown(example, answered.citations, retriever.documents),
    }


def askable(example: Example, retriever: IndexRetriever) -> bool:
    """Say whether anything is left to ask once what an example withholds is gone."""
    return not example.withheld or bool(retriever.visible - held(example, retriever))


def direction(example: Example, retriever: IndexRetriever) -> str:
    """Return `kk->en`: the language asked in and those of the documents that answer.

    A tag says it; else the languages of the gold documents, and of none `kk->none`.
    """
    named = next((tag for tag in example.tags if "->" in tag), None)
    if named and not example.withheld:
        return named
    held = [retriever.documents[name] for name in example.documents if name in retriever.documents]
    languages = sorted({document.language for document in held})
    answers = "+".join(languages) if languages and example.answerable else "none"
    return f"{example.language}->{answers}"


def _base(example: Example, retriever: IndexRetriever) -> Record:
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


def _unasked(error: str) -> Record:
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


def held(example: Example, retriever: IndexRetriever) -> set[int]:
    """Return the rows of the chunks that hold an answer: gold, or all of a relevant document."""
    spans = [(gold.document_id, gold.start, gold.end) for gold in example.gold]
    spans += [(name, 0, 1 << 60) for name, gain in example.relevant.items() if gain > 0]
    return _overlapping(spans, retriever)


def _overlapping(spans: Sequence[tuple[str, int, int]], retriever: IndexRetriever) -> set[int]:
    return {
        row
        for row, chunk in enumerate(retriever.generation.chunks)
        for name, start, end in spans
        if chunk.document_id == name and chunk.start < end and start < chunk.end
    }


def rank(
    example: Example, retriever: IndexRetriever, depth: int = DEPTH
) -> list[tuple[str, float]]:
    """Rank documents where documents are judged, else passages: ids and scores, best first."""
    question = understand(example.question).text
    search = retriever.search_documents if example.relevant else retriever.search
    return [
        (hit.chunk.document_id if example.relevant else hit.chunk.id, hit.score)
        for hit in search(question, depth)
    ]


def relevant_to(example: Example, retriever: IndexRetriever) -> dict[str, int]:
    """Return what is relevant: as judged, else the passages that hold most of a gold sentence."""
    if example.relevant:
        return dict(example.relevant)
    return {
        chunk.id: 1
        for chunk in retriever.generation.chunks
        for gold in example.gold
        if citations.covers(
            (chunk.document_id, chunk.start, chunk.end), (gold.document_id, gold.start, gold.end)
        )
    }


def _places(answered: Answer) -> list[tuple[str, int, int]]:
    return [(each.document_id, each.start, each.end) for each in answered.citations]


def _necessity(answered: Answer, retriever: IndexRetriever, threshold: float | None) -> Figures:
    """Ask again without the cited passages, and with them alone.

    Necessary: without them nothing of the answer comes again. Sufficient: from them alone the
    same answer comes. Cohen-Wang et al. 2024, arXiv:2409.00729, without a model.
    """
    cited = _overlapping(_places(answered), retriever)
    alone = answer(answered.question, retriever.seeing(cited), threshold=threshold)
    left = retriever.visible - cited
    again = set()
    if left:
        without = answer(answered.question, retriever.seeing(left), threshold=threshold)
        again = set(_places(without)) & set(_places(answered))
    return {
        "necessity": float(not again),
        "sufficiency": float(set(_places(alone)) == set(_places(answered))),
    }


def _would_be_right(example: Example, answered: Answer, retriever: IndexRetriever) -> bool | None:
    """Say whether the answer is right, or would have been if it had not abstained."""
    if not example.answerable:
        return False
    if answered.abstained:
        answered = answer(example.question, retriever, threshold=0.0)
    return is_right(example, answered)


def _in_passage(example: Example, retriever: IndexRetriever) -> float:
    """Return the share of gold passages in which a gold sentence is ranked first.

    It is what choosing sentences is worth by itself, once the passage is found.
    """
    gold = [(each.document_id, each.start, each.end) for each in example.gold]
    rights = []
    for row in sorted(held(example, retriever)):
        first = find(example.question, retriever.seeing([row]), 1).ranked[0]
        place = (first.document.id, *first.span)
        rights.append(citations.right([place], gold, need_all=False))
    return float(np.mean(rights)) if rights else 0.0
