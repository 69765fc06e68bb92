"""From a question to a cited answer: the whole story on one screen.

In: a question and an index. Out: `Answer`, whose every sentence is quoted from a document, or which
says that the documents do not say. Knows nothing of command lines and pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from chat.choose import choose, hear_others
from chat.cite import Citation, cite
from chat.confidence import model, signs
from chat.evidence import Evidence
from chat.find import Found, find
from index.retrieve import Hit, IndexRetriever
from ingest.document import Language
from prompts.render import render


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer.

    Attributes:
        text: What it says, without marks.
        marks: The citations that support it; none if nothing does.
        supported: Whether what it cites says so; a quote does.
        missing: Its numbers, dates and names that no source holds.
        cited_anew: Whether a model had named another passage for it.
    """

    text: str
    marks: tuple[int, ...]
    supported: bool = True
    missing: tuple[str, ...] = ()
    cited_anew: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question.

    Attributes:
        question: As it was understood.
        language: The language asked and answered in.
        text: The answer: a lead-in and quotes with their marks, or the refusal.
        citations: The quotes, by mark; none if it abstained.
        hits: The passages that were read, best first, for whoever wants to look on.
        confidence: 0 to 1.
        abstained: Whether it says that the documents do not say.
        mode: How the text was made.
        timings_ms: Milliseconds by step.
        statements: Its sentences with their marks; none if it abstained.
        note: What the reader should know of how it came about; mostly nothing.
        model: The language model that was asked; empty if none was.
    """

    question: str
    language: Language
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    confidence: float
    abstained: bool
    mode: Literal["extractive", "llm"]
    timings_ms: dict[str, float]
    statements: tuple[Statement, ...] = ()
    note: str = ""
    model: str = ""


def answer(raw: str, retriever: IndexRetriever, *, threshold: float | None = None) -> Answer:
    """Answer a question from the documents.

    Args:
        raw: What was asked.
        retriever: Where to look; at least one chunk.
        threshold: The confidence below which it abstains, 0 to 1; at 0 it never does; None for
            the one that was chosen in training (chat/confidence.json says what it risks).

    Raises:
        QuestionError: It is empty, has no letter or digit, or is too long.
    """
    return answer_from(find(raw, retriever), retriever, threshold=threshold)


def answer_from(
    found: Found, retriever: IndexRetriever, *, threshold: float | None = None
) -> Answer:
    """Answer from what was found, by quoting it."""
    started = perf_counter()
    chosen, sure = _decide(found, retriever, threshold)
    citations = tuple(
        cite(mark, each.document, each.span) for mark, each in enumerate(chosen, start=1)
    )
    language = found.question.language
    return Answer(
        question=found.question.text,
        language=language,
        text=render("extractive" if citations else "refusal", language, citations=citations),
        citations=citations,
        hits=found.hits,
        confidence=sure,
        abstained=not citations,
        mode="extractive",
        statements=tuple(Statement(each.quote, (each.mark,)) for each in citations),
        timings_ms=found.timings_ms | {"answer": 1000 * (perf_counter() - started)},
    )


def _decide(
    found: Found, retriever: IndexRetriever, threshold: float | None
) -> tuple[list[Evidence], float]:
    """Return the sentences to quote, none to abstain, and the confidence that they answer."""
    least = model().threshold if threshold is None else threshold

    def trust(hits: Sequence[Hit], ranked: Sequence[Evidence]) -> float:
        return model().confidence(signs(found.meant, hits, ranked, retriever.generation))

    def answers_alone(document: str) -> bool:
        own = [hit for hit in found.hits if hit.chunk.document_id == document]
        return trust(own, [each for each in found.ranked if each.document.id == document]) >= least

    sure = trust(found.hits, found.ranked)
    if sure < least:
        return [], sure
    return hear_others(choose(found.ranked), found.ranked, answers_alone), sure
