"""From a question to a cited answer: the whole story on one screen.

understand → retrieve → read → abstain, quote or generate → attribute. Without a language model the
answer is quoted from the documents; with one it is written, sentence by sentence, and each sentence
is held against the documents before it is shown. Where the documents do not say, it says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from chat.answer import Answer, Statement, cite, passage
from chat.confidence import confidence_of, trained_model
from chat.generator import generate
from chat.llm import LLM, Deadline
from chat.question import understand
from chat.reader import Evidence, add_other_document, rank_sentences, select_sentences
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever
from prompts.render import render


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What is found for a question.

    Attributes:
        query: The question, analysed.
        hits: The passages, best first; at least one.
        evidence: Their sentences, best first.
        timings_ms: Milliseconds to analyse the question, and to search and read.
    """

    query: Query
    hits: tuple[Hit, ...]
    evidence: tuple[Evidence, ...]
    timings_ms: dict[str, float]


def answer(
    question: str,
    retriever: Retriever,
    llm: LLM | None = None,
    *,
    threshold: float | None = None,
) -> Answer:
    """Answer a question from the documents, whole; arguments and errors as of `stream_answer`."""
    *_, whole = stream_answer(question, retriever, llm, threshold=threshold)
    return whole


def stream_answer(
    question: str,
    retriever: Retriever,
    llm: LLM | None = None,
    *,
    threshold: float | None = None,
    deadline: Deadline | None = None,
) -> Iterator[Answer]:
    """Answer a question from the documents; yield the answer as it grows, the last one whole.

    Args:
        question: What is asked.
        retriever: Where to look; at least one chunk.
        llm: The language model that writes; None to quote.
        threshold: The confidence below which it abstains, 0 to 1; at 0 it never does; None for
            the one that was chosen in training (chat/confidence.json says what it risks).
        deadline: When the model must be done; None for as long as the model's own settings allow.

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    retrieval = retrieve(question, retriever)
    quoted = quote(retrieval, retriever, threshold=threshold)
    if llm is None:
        yield quoted
    elif quoted.abstained:
        yield quoted.model_copy(update={"model": llm.spec.name})
    else:
        yield from generate(retrieval.query, retrieval.hits, quoted, retriever, llm, deadline)


def retrieve(question: str, retriever: Retriever, k: int = WEIGHTS.passages_read) -> Retrieval:
    """Find the k best passages for a question, and rank their sentences.

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    started = perf_counter()
    text = understand(question)
    query = retriever.analyse(text)
    analysed = perf_counter()
    hits = retriever.search(query, k)
    evidence = rank_sentences(query, hits, retriever)
    timings = {"embed": 1000 * (analysed - started), "search": 1000 * (perf_counter() - analysed)}
    return Retrieval(query, tuple(hits), tuple(evidence), timings)


def quote(retrieval: Retrieval, retriever: Retriever, *, threshold: float | None = None) -> Answer:
    """Answer by quoting the sentences that answer, or abstain."""
    started = perf_counter()
    query = retrieval.query
    sentences, confidence = _select(retrieval, retriever, threshold)
    citations = tuple(
        cite(mark, sentence.document, sentence.span)
        for mark, sentence in enumerate(sentences, start=1)
    )
    template = "extractive" if citations else "refusal"
    return Answer(
        question=query.text,
        language=query.language,
        mode="extractive",
        abstained=not citations,
        confidence=confidence,
        text=render(template, query.language, citations=citations),
        citations=citations,
        passages=tuple(passage(hit, retriever) for hit in retrieval.hits),
        timings_ms=retrieval.timings_ms | {"answer": 1000 * (perf_counter() - started)},
        statements=tuple(Statement(text=c.quote, marks=(c.mark,)) for c in citations),
    )


def _select(
    retrieval: Retrieval, retriever: Retriever, threshold: float | None
) -> tuple[list[Evidence], float]:
    """Return the sentences to quote, none to abstain, and the confidence that they answer."""
    query, hits, evidence = retrieval.query, retrieval.hits, retrieval.evidence
    least = trained_model().threshold if threshold is None else threshold

    def confidence_in(hits: Sequence[Hit], evidence: Sequence[Evidence]) -> float:
        return confidence_of(query, hits, evidence, retriever)

    def answers_alone(document_id: str) -> bool:
        own_hits = [hit for hit in hits if hit.chunk.document_id == document_id]
        own = [sentence for sentence in evidence if sentence.document.id == document_id]
        return confidence_in(own_hits, own) >= least

    confidence = confidence_in(hits, evidence)
    if confidence < least:
        return [], confidence
    return add_other_document(select_sentences(evidence), evidence, answers_alone), confidence
