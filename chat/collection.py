"""Questions about the collection itself: which documents there are, and what they are about.

In goes a question, out comes what it asks of the collection, if it does, and the answer, which
quotes the documents' headings and first sentences. What would take all of a document, a summary, a
translation or a list of everything, is told what can be asked instead. A question is recognised by
its embedding with a linear model, `collection.json` (chat/intent_model.py); it belongs to one
embedding model, and with another one every question is searched for like any other.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Final, Literal, cast

from chat.answer import Answer, Statement, cite
from chat.intent_model import IntentModel, read_model
from index.ranking_weights import WEIGHTS
from index.retriever import Hit, Retriever
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
_MIN_WORDS_OF_TITLE: Final = 3
"""A shorter title may be the topic of an ordinary question, unless it is in quotation marks."""

_MAX_NAME_CHARACTERS: Final = 200
"""What is shown at most of a document's name."""

_REMEMBERED: Final = 100_000
"""Documents whose names are remembered: each question is searched for them."""


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
    documents: tuple[Document, ...]


def recognise(question: str, retriever: Retriever) -> CollectionQuestion | None:
    """Return what a question asks of the collection; None if it asks what documents say.

    Args:
        question: The question, as `chat.question.understand` returns it.
        retriever: What is searched; its model embeds the question.
    """
    documents = retriever.visible_documents
    masked, named = mask_names(question, documents)
    # What a document is called says nothing of the language that is asked in, if there is more.
    rest = masked.replace(_NAME, " ")
    language = detect(rest if any(map(str.isalpha, rest)) else question)
    asked = masked.replace(_NAME, _PLACEHOLDER[language])
    intent = collection_model().recognise(asked, retriever)
    if intent is None:
        return None
    return CollectionQuestion(question, language, cast("Intent", intent), tuple(named or documents))


def mask_names(question: str, documents: Sequence[Document]) -> tuple[str, list[Document]]:
    """Put U+FFFC in the place of each name of a document; return the documents as well.

    A name is the id or the file name, if it looks like one (letters with a digit or one of `_./`),
    a title of three words and more, or either of them in quotation marks. One that several
    documents have names them all. Where nothing is named, the question comes back as it is.
    """
    folded = question.casefold()
    mentioned: dict[str, list[Document]] = {}
    telling: set[str] = set()
    for document in documents:
        for name, is_telling in _names(document.id, document.title).items():
            if name in folded:  # Few are; far faster than the pattern.
                mentioned.setdefault(name, []).append(document)
                telling.update([name] if is_telling else [])
    named: dict[str, Document] = {}
    for name in sorted(mentioned, key=len, reverse=True):
        quotes = f"[{_QUOTATION_MARKS}]"
        bare = rf"|(?<!\w){re.escape(name)}(?!\w)" if name in telling else ""
        pattern = rf"{quotes}{re.escape(name)}{quotes}{bare}"
        folded, found = re.subn(pattern, _NAME, folded)
        if found:
            named |= {document.id: document for document in mentioned[name]}
    return folded if named else question, list(named.values())


@lru_cache(_REMEMBERED)
def _names(document_id: str, title: str) -> dict[str, bool]:
    """Return what a document is called, and whether it is known for a name without quotes."""
    files = dict.fromkeys(map(_folded, (document_id, document_id.rpartition("/")[2])))
    names = {_folded(title): len(title.split()) >= _MIN_WORDS_OF_TITLE}
    names |= {
        name: bool(re.search(r"[\d_./]", name) and re.search(r"[^\W\d_]", name)) for name in files
    }
    return {name: is_telling for name, is_telling in names.items() if name}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


# --- answering ------------------------------------------------------------------------------------


def describe(asked: CollectionQuestion, retriever: Retriever) -> Answer:
    """Answer a question about the collection: name the documents, and quote how they begin."""
    documents = asked.documents[:MAX_LISTED]
    if len(asked.documents) == 1:
        spans = [(documents[0], span) for span in _outline(documents[0], retriever)]
    else:
        spans = [(one, _first_sentence(retriever.passages_of(one.id))) for one in documents]
    citations = tuple(cite(mark, *place) for mark, place in enumerate(spans, start=1))
    languages = Counter(document.language for document in asked.documents)
    template = "whole" if asked.intent == "whole" else "collection"
    text = render(
        template,
        asked.language,
        names=[_shown_name(document) for document in documents],
        count=len(asked.documents),
        languages=dict(languages.most_common()),
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
