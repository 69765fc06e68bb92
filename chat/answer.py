"""From a question to a cited answer: the whole story on one screen.

In: a question and an index. Out: `Answer`, whose every sentence is quoted from a document, or which
says that the documents do not say. Knows nothing of command lines and pages.
"""

from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final, Literal

from chat import evidence
from chat.choose import choose, hear_others
from chat.cite import Citation, cite
from chat.confidence import model, signs
from chat.evidence import Evidence
from chat.question import Question, understand
from index.retrieve import Hit, IndexRetriever
from ingest.document import Language
from prompts.render import render

HITS: Final = 10
"""Passages that are searched for sentences: eval/LOG.md, 2026-11-22, "evidence"."""


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
    """

    question: str
    language: Language
    text: str
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    confidence: float
    abstained: bool
    mode: Literal["extractive"]
    timings_ms: dict[str, float]


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
    started = perf_counter()
    question = understand(raw)
    meant = replace(question, text=retriever.respell(question.text))
    vector = retriever.embedder.embed_queries([meant.text])
    embedded = perf_counter()
    hits = retriever.rank(meant.text, vector, HITS)
    searched = perf_counter()
    ranked = evidence.rank(meant, vector, hits, retriever)
    chosen, sure = _decide(meant, hits, ranked, retriever, threshold)
    citations = tuple(
        cite(mark, each.document, each.span) for mark, each in enumerate(chosen, start=1)
    )
    name = "extractive" if citations else "refusal"
    text = render(name, question.language, citations=citations)
    done = perf_counter()
    return Answer(
        question=question.text,
        language=question.language,
        text=text,
        citations=citations,
        hits=tuple(hits),
        confidence=sure,
        abstained=not citations,
        mode="extractive",
        timings_ms={
            "embed": 1000 * (embedded - started),
            "search": 1000 * (searched - embedded),
            "answer": 1000 * (done - searched),
        },
    )


def _decide(
    question: Question,
    hits: list[Hit],
    ranked: list[Evidence],
    retriever: IndexRetriever,
    threshold: float | None,
) -> tuple[list[Evidence], float]:
    """Return the sentences to quote, none to abstain, and the confidence that they answer."""
    least = model().threshold if threshold is None else threshold

    def trust(hits: list[Hit], ranked: list[Evidence]) -> float:
        return model().confidence(signs(question, hits, ranked, retriever.generation))

    def answers_alone(document: str) -> bool:
        own = [hit for hit in hits if hit.chunk.document_id == document]
        return trust(own, [each for each in ranked if each.document.id == document]) >= least

    sure = trust(hits, ranked)
    if sure < least:
        return [], sure
    return hear_others(choose(ranked), ranked, answers_alone), sure
