"""From a question to a cited answer: the whole story on one screen.

understand → recognise → decompose → retrieve → read → abstain, quote or generate → attribute. A
question about the collection itself is answered from what is indexed, and what is no question at
all, «рахмет» or "who are you?", with a short reply (chat/talk.py). For any other, without a
language model the answer is quoted from the documents; with one it is written, sentence by
sentence, and each sentence is held against the documents before it is shown. Where they do not say,
it says so; of a question that asks two things each part is answered by itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from chat.answer import Answer, Citation, Statement, cite, passage
from chat.collection import CollectionQuestion, describe, recognise, writable_passages
from chat.confidence import confidence_model
from chat.generator import generate
from chat.intent_model import wordings
from chat.llm import LLM, Deadline
from chat.question import decompose, understand
from chat.reader import READ_UNTIL, Evidence, Quote, margin, read_passages, select
from chat.talk import hear, reply
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Query, Retriever, interleaved
from ingest.document import Document
from prompts.render import render


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What is found for a question.

    Attributes:
        query: The question, analysed.
        hits: The passages, best first; at least one.
        parts: The parts of the question, mostly one, each with the sentences of its passages, best
            first.
        timings_ms: Milliseconds to analyse the question, and to search and read.
    """

    query: Query
    hits: tuple[Hit, ...]
    parts: tuple[tuple[Query, tuple[Evidence, ...]], ...]
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
        threshold: The confidence below which it abstains, 0 to 1; at 0 it does only where nothing
            can be read; None for the one that was chosen in training (chat/confidence.json says
            what it risks).
        deadline: When the model must be done; None for as long as the model's own settings allow.

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    started, text = perf_counter(), understand(question)
    # Side by side; the steps that follow find them embedded.
    retriever.embed_questions([retriever.respell(text), *wordings(text, retriever)])
    if asked := recognise(text, retriever):
        yield from _tell(asked, retriever, llm, deadline)
        return
    if said := hear(text, retriever):
        yield reply(said, retriever)
        return
    retrieval = retrieve(question, retriever, started=started)
    quoted = quote(retrieval, retriever, threshold=threshold)
    if llm is None:
        yield quoted
    elif quoted.abstained:
        yield quoted.model_copy(update={"model": llm.spec.name})
    else:
        yield from generate(retrieval.query, retrieval.hits, quoted, retriever, llm, deadline)


def _tell(
    asked: CollectionQuestion, retriever: Retriever, llm: LLM | None, deadline: Deadline | None
) -> Iterator[Answer]:
    """Answer a question about the collection; a model may make a summary that it can stand for."""
    told = describe(asked, retriever)
    passages = writable_passages(asked, retriever) if llm else []
    if llm and passages:
        query = retriever.analyse(asked.text, asked.language)
        for written in generate(query, passages, told, retriever, llm, deadline):
            # The document is there: that it does not answer is no answer.
            yield told if written.abstained else written
    else:
        yield told


def retrieve(
    question: str,
    retriever: Retriever,
    k: int = WEIGHTS.passages_read,
    *,
    until: float = READ_UNTIL,
    started: float | None = None,
) -> Retrieval:
    """Find the k best passages for a question, for each of its parts, and read them.

    Args:
        question: What is asked.
        retriever: Where to look.
        k: How many.
        until: The confidence from which no more is read, as for `read_passages`.
        started: When it was begun to analyse the question, by `perf_counter`; None for now.

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    began = perf_counter() if started is None else started
    text = understand(question)
    query = retriever.analyse(text)
    parts = decompose(text, query.language)
    queries = [retriever.analyse_part(part, query) for part in parts] if parts[1:] else [query]
    analysed = perf_counter()
    found = [retriever.search(one, k) for one in queries]
    read = [
        tuple(read_passages(*one, retriever, until=until))
        for one in zip(queries, found, strict=True)
    ]
    return Retrieval(
        query,
        tuple(interleaved(found)[:k]),
        tuple(zip(queries, read, strict=True)),
        {"embed": 1000 * (analysed - began), "search": 1000 * (perf_counter() - analysed)},
    )


def quote(retrieval: Retrieval, retriever: Retriever, *, threshold: float | None = None) -> Answer:
    """Answer by quoting the sentences that answer, or abstain; say which part has no answer."""
    started = perf_counter()
    language = retrieval.query.language
    least = confidence_model().threshold if threshold is None else threshold
    # A passage of invisible signs alone has nothing to read.
    read = [evidence for _, evidence in retrieval.parts if evidence]
    answered = [evidence for evidence in read if evidence[0].confidence >= least]
    told = answered or read
    quotes = select(answered)
    found = [retriever.documents[hit.chunk.document_id] for hit in retrieval.hits]
    citations = tuple(_cited(mark, quote, found) for mark, quote in enumerate(quotes, start=1))
    short_answer = _short_answer(quotes[: len(answered)])
    template = "extractive" if citations else "refusal"
    left = [part.text for part, evidence in retrieval.parts if evidence not in answered]
    return Answer(
        question=retrieval.query.text,
        language=language,
        mode="extractive",
        abstained=not citations,
        confidence=min((evidence[0].confidence for evidence in told), default=0.0),
        margin=min(map(margin, told), default=0.0),
        text=render(template, language, citations=citations, short_answer=short_answer),
        short_answer=short_answer,
        citations=citations,
        passages=tuple(passage(hit, retriever) for hit in retrieval.hits),
        timings_ms=retrieval.timings_ms | {"answer": 1000 * (perf_counter() - started)},
        statements=tuple(Statement(text=c.quote, marks=(c.mark,)) for c in citations),
        note=render("partly", language, parts=left) if left and citations else "",
    )


def _cited(mark: int, quote: Quote, found: Sequence[Document]) -> Citation:
    answer = quote.answers[0][0], quote.answers[-1][1]
    return cite(mark, quote.document, quote.span, answer, found)


def _short_answer(quotes: Sequence[Quote]) -> str:
    texts = [
        " ".join(quote.document.text[slice(*span)].split())
        for quote in quotes
        for span in quote.answers
    ]
    return "; ".join(dict.fromkeys(texts))
