"""Questions about the collection itself: which documents there are, and what they are about.

In goes a question, out comes what it asks of the collection, if it does, and the answer, which
quotes the documents' headings and first sentences. What would take all of a document, a summary, a
translation or a list of everything, is told what can be asked instead. A question is recognised by
its embedding with a linear model, `collection.json` (chat/intent_model.py); it belongs to one
embedding model, and with another one every question is searched for like any other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Final, Literal, cast

from chat.answer import Answer, Statement, cite
from chat.intent_model import IntentModel, read_model
from index.ranking_weights import WEIGHTS
from index.retriever import DocumentName, DocumentsAt, Hit, Retriever
from ingest.document import Document, Language, Span
from ingest.language import detect
from prompts.render import render

TRAINED: Final = Path(__file__).with_name("collection.json")
"""The model, and the record of its training."""

MAX_LISTED: Final = 10
"""Documents that are named and quoted at most."""

MAX_HEADINGS: Final = 8
"""Headings of one document that are quoted at most."""

FIRST_SENTENCES: Final = 3
"""Sentences of one document that are quoted from its beginning."""

Intent = Literal["overview", "about", "whole"]
"""Which documents there are; what one is about; something made of the whole of it."""

_NAME: Final = "\ufffc"
_PLACEHOLDER: Final[dict[Language, str]] = {"kk": "құжат", "en": "the document", "ru": "документ"}
"""What stands for the name of a document where a question is recognised."""

_QUOTATION_MARKS: Final = "«»“”„‟\"'‘’"
_MAX_NAME_CHARACTERS: Final = 200
"""What is shown at most of a document's name."""


def collection_model() -> IntentModel:
    """Return the model of collection.json."""
    return read_model(TRAINED)


# --- recognising ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CollectionQuestion:
    """A question about the collection.

    Attributes:
        text: The question.
        language: Its language.
        intent: What it asks for.
        documents: The documents that it names; all that are searched, if it names none.
    """

    text: str
    language: Language
    intent: Intent
    documents: DocumentsAt


def recognise(question: str, retriever: Retriever) -> CollectionQuestion | None:
    """Return what a question asks of the collection; None if it asks what documents say.

    Args:
        question: The question, as `chat.question.understand` returns it.
        retriever: What is searched; its model embeds the question.
    """
    masked, named = mask_names(question, retriever)
    # What a document is called says nothing of the language that is asked in, if there is more.
    rest = masked.replace(_NAME, " ")
    language = detect(rest if any(map(str.isalpha, rest)) else question)
    asked = masked.replace(_NAME, _PLACEHOLDER[language])
    intent = collection_model().recognise(asked, retriever)
    if intent is None:
        return None
    documents = named or retriever.visible_documents
    return CollectionQuestion(question, language, cast("Intent", intent), documents)


def mask_names(question: str, retriever: Retriever) -> tuple[str, DocumentsAt | None]:
    """Put U+FFFC in the place of each name of a document; return the documents as well.

    A name is the id or the file name, if it looks like one (letters with a digit or one of `_./`),
    a title of three words and more, or either of them in quotation marks. One that several
    documents have names them all. Where nothing is named, the question comes back as it is.
    """
    folded = question.casefold()
    named = None
    for (name, _, is_telling), documents in sorted(retriever.names_in(folded), key=_by_length):
        quotes = f"[{_QUOTATION_MARKS}]"
        bare = rf"|(?<!\w){re.escape(name)}(?!\w)" if is_telling else ""
        pattern = rf"{quotes}{re.escape(name)}{quotes}{bare}"
        folded, found = re.subn(pattern, _NAME, folded)
        if found:
            named = named | documents if named else documents
    return folded if named else question, named


def _by_length(found: tuple[DocumentName, DocumentsAt]) -> int:
    return -len(found[0].name)


# --- answering ------------------------------------------------------------------------------------


def describe(asked: CollectionQuestion, retriever: Retriever) -> Answer:
    """Answer a question about the collection: name the documents, and quote how they begin."""
    documents = asked.documents[:MAX_LISTED]
    if len(asked.documents) == 1:
        spans = [(documents[0], span) for span in _outline(documents[0], retriever)]
    else:
        spans = [(one, _first_sentence(retriever.passages_of(one.id))) for one in documents]
    citations = tuple(cite(mark, *place) for mark, place in enumerate(spans, start=1))
    template = "whole" if asked.intent == "whole" else "collection"
    text = render(
        template,
        asked.language,
        names=[_shown_name(document) for document in documents],
        count=len(asked.documents),
        languages=dict(asked.documents.languages().most_common()),
        citations=citations,
    )
    return Answer(
        question=asked.text,
        language=asked.language,
        mode="collection",
        abstained=False,
        confidence=1.0,
        text=text,
        citations=citations,
        passages=(),
        timings_ms={},
        statements=tuple(Statement(text=c.quote, marks=(c.mark,)) for c in citations),
    )


def writable_passages(asked: CollectionQuestion, retriever: Retriever) -> list[Hit]:
    """Return the passages from which a language model can do what is asked of a whole document.

    None, unless it is one document and the model can be shown all of it: of a part it would make
    what looks like the whole.
    """
    if asked.intent != "whole" or len(asked.documents) != 1:
        return []
    passages = retriever.passages_of(asked.documents[0].id)
    return passages if len(passages) <= WEIGHTS.passages_written_from else []


def _shown_name(document: Document) -> str:
    """Return a title with the id to ask by, on one line."""
    title, name = (" ".join(text.split()) for text in (document.title, document.id))
    if len(title) > _MAX_NAME_CHARACTERS:
        title = f"{title[:_MAX_NAME_CHARACTERS].rstrip()}…"
    return f"{title} ({name})" if title and title != name else name


def _outline(document: Document, retriever: Retriever) -> list[Span]:
    """Return the headings of a document, and its first sentences."""
    passages = retriever.passages_of(document.id)
    found = list(islice(dict.fromkeys(headings(document, passages)), MAX_HEADINGS))
    sentences = [span for hit in passages for span in hit.chunk.sentences]
    apart = [one for one in sentences if all(one[1] <= a or b <= one[0] for a, b in found)]
    return found + apart[:FIRST_SENTENCES] or sentences[:1]


def headings(document: Document, passages: Sequence[Hit]) -> Iterator[Span]:
    """Return where the headings of a document stand, in its order; one may come twice."""
    for block in document.blocks:
        if block.kind == "heading" and document.text[block.start : block.end].strip():
            yield block.start, block.end
    if not document.blocks:
        # Right above the first passage that it is the heading of; its words may come in the others.
        for heading, below in groupby(passages, lambda hit: hit.chunk.heading):
            start = document.text.rfind(heading, 0, next(below).chunk.start) if heading else -1
            if start >= 0:
                yield start, start + len(heading)


def _first_sentence(passages: Sequence[Hit]) -> Span:
    return passages[0].chunk.sentences[0]
