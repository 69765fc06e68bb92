"""Answers and what they are made of: the one contract that all interfaces write.

The command line's --json, the page's API, its OpenAPI description and the LangChain Runnable all
write these models, so a key is named here and nowhere else. Python code reads `Answer.text`; its
key in JSON is `answer`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, computed_field

from index.retriever import Hit, Retriever
from ingest.document import Document, Language, Span


def _rounded(digits: int) -> PlainSerializer:
    return PlainSerializer(lambda value: round(value, digits), return_type=float)


Confidence = Annotated[float, Field(ge=0, le=1), _rounded(4)]
Margin = Annotated[float, Field(ge=0), _rounded(4)]
Score = Annotated[float, _rounded(6)]
Milliseconds = Annotated[float, _rounded(2)]

Verdict = Literal["supported", "contradicted", "unstated"]
"""What the documents say of a sentence that a model wrote."""

MAX_COPIES: Final = 5
"""Other documents of a quote that are named to a reader at most."""

_IN_WORD: Final = r"[\w\u0300-\u036f]"
"""A character of a word; the accents of a decomposed letter are some of its own."""


class _Contract(BaseModel):
    """A model of the contract: it never changes once it is made."""

    model_config = ConfigDict(frozen=True)

    def data(self) -> dict[str, Any]:
        """Return it as plain data for JSON, under the keys of the contract."""
        return self.model_dump(mode="json", by_alias=True)


class AnswerWords(_Contract):
    """The words of a quote that answer; `document.text[start:end] == text`, always."""

    start: int
    """The first character in the document's text."""
    end: int
    """One past the last."""
    text: str


class Copy(_Contract):
    """Where else a quote stands, word for word."""

    document_id: str
    title: str
    start: int
    end: int


class Citation(_Contract):
    """One numbered quote; `document.text[start:end] == quote`, character for character, always."""

    mark: int
    """The number that stands in the answer, from 1."""
    document_id: str
    title: str
    language: Language
    """The language of the document."""
    start: int
    """The first character of the quote in the document's text."""
    end: int
    """One past the last."""
    quote: str
    answer: AnswerWords | None = None
    """From its first words that answer to its last; none where a language model cites it."""
    copies: tuple[Copy, ...] = ()
    """Other documents found for the question that say the same, word for word."""
    sources: tuple[str, ...] = ()
    """The files of the document: several where they hold the same text."""


class Statement(_Contract):
    """One sentence of an answer."""

    text: str
    """What it says, without marks."""
    marks: tuple[int, ...]
    """The citations that support it; none if nothing does."""
    verdict: Verdict = "supported"
    """Whether the documents support it, contradict it, or do neither; a quote is supported."""
    contradicted_by: int | None = None
    """The citation that contradicts it; none if nothing does."""
    missing: tuple[str, ...] = ()
    """Its numbers, dates, names and addresses that the passage nearest to it does not hold."""
    cited_anew: bool = False
    """Whether a model had named another passage for it."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def supported(self) -> bool:
        """Whether what it cites says so."""
        return self.verdict == "supported"


class Passage(_Contract):
    """A ranked passage."""

    rank: int
    """From 1."""
    document_id: str
    start: int
    end: int
    score: Score
    """Comparable between the passages of one question only."""
    text: str


class Answer(_Contract):
    """What comes of a question: sentences with citations, or that the documents do not say."""

    id: str = ""
    """The asker's own id for the question."""
    question: str
    """The question as it is understood."""
    language: Language
    """The language asked and answered in."""
    mode: Literal["extractive", "llm", "collection", "talk"]
    """How the text is made: quoted, written by a language model, told of the collection itself,
    how its documents begin quoted, or a reply to what is no question about documents."""
    abstained: bool
    """Whether it says that the documents do not say."""
    confidence: Confidence
    """How likely the documents answer; the least of a question's parts."""
    margin: Margin = 0.0
    """How far the sentence that answers best scores above the next one, 0 to 5; the least of a
    question's parts; 0 where none was looked for (`chat.reader.margin`)."""
    text: str = Field(serialization_alias="answer")
    """Short answer, lead-in and quotes with their marks; a model's sentences; or a refusal."""
    short_answer: str = ""
    """The words that answer, on one line, several set apart by "; "; "" if it abstains or a model
    writes."""
    citations: tuple[Citation, ...]
    """The quotes, by mark; none if it abstains."""
    passages: tuple[Passage, ...]
    """The passages that were read, best first, for whoever wants to look on."""
    timings_ms: dict[str, Milliseconds]
    """Milliseconds by step."""
    statements: tuple[Statement, ...] = ()
    """Its sentences with their marks; none if it abstains."""
    note: str = ""
    """What the reader should know of how it came about; mostly nothing."""
    model: str = ""
    """The language model that was asked; empty if none was."""


class FailedAnswer(_Contract):
    """What stands in an answer's place when a question of a batch cannot be asked."""

    id: str
    question: str
    language: Literal[""] = ""
    mode: Literal["extractive"] = "extractive"
    abstained: bool = True
    confidence: Confidence = 0.0
    margin: Margin = 0.0
    answer: str = ""
    short_answer: str = ""
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    timings_ms: dict[str, Milliseconds] = {}
    statements: tuple[Statement, ...] = ()
    note: str = ""
    model: str = ""
    error: str
    """Why it cannot be asked, in one line."""


class IndexedDocument(_Contract):
    """What there is to say of a document, but for its text."""

    id: str
    title: str
    language: Language
    characters: int
    source: str
    sha256: str
    added: str
    """When it was indexed as it is: ISO 8601, UTC; empty if that is not known."""
    sources: tuple[str, ...] = ()
    """The files that hold its text, `source` first."""


def cite(
    mark: int,
    document: Document,
    span: Span,
    answer: Span | None = None,
    others: Iterable[Document] = (),
) -> Citation:
    """Quote a document.

    Args:
        mark: The number in the answer, from 1.
        document: What to quote.
        span: Where; inside the text and not empty.
        answer: The words of it that answer; inside the span.
        others: Documents that may say the same, word for word.
    """
    start, end = span
    assert 0 <= start < end <= len(document.text)
    assert answer is None or start <= answer[0] < answer[1] <= end
    return Citation(
        mark=mark,
        document_id=document.id,
        title=document.name,
        language=document.language,
        start=start,
        end=end,
        quote=document.text[start:end],
        answer=answer
        and AnswerWords(start=answer[0], end=answer[1], text=document.text[slice(*answer)]),
        copies=tuple(_copies(document.text[start:end], document, others)),
        sources=document.sources,
    )


def _copies(quote: str, document: Document, others: Iterable[Document]) -> Iterator[Copy]:
    for other in {other.id: other for other in others if other.id != document.id}.values():
        if span := _find_words(quote, other.text):
            yield Copy(document_id=other.id, title=other.name, start=span[0], end=span[1])


def _find_words(quote: str, text: str) -> Span | None:
    """Return where a text first says a quote in whole words, composed (NFC) or decomposed."""
    quote = normalize("NFC", quote)
    if quote not in normalize("NFC", text):
        return None
    letters = "".join(
        f"(?:{re.escape(letter)}|{re.escape(normalize('NFD', letter))})" for letter in quote
    )
    match = re.search(f"(?<!{_IN_WORD}){letters}(?!{_IN_WORD})", text)
    return match and match.span()


def passage(hit: Hit, retriever: Retriever) -> Passage:
    """Return a hit with its text."""
    chunk = hit.chunk
    return Passage(
        rank=hit.rank,
        document_id=chunk.document_id,
        start=chunk.start,
        end=chunk.end,
        score=hit.score,
        text=retriever.documents[chunk.document_id].text[chunk.start : chunk.end],
    )


def indexed_document(document: Document, added: str) -> IndexedDocument:
    """Return what there is to say of a document that was indexed at a time."""
    return IndexedDocument(
        id=document.id,
        title=document.name,
        language=document.language,
        characters=len(document.text),
        source=document.source,
        sha256=document.sha256,
        added=added,
        sources=document.sources,
    )
