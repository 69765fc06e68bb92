"""What a card of another language than the question has on demand: words in pairs, a translation.

page.js asks for both when somebody wants to see them, so that no answer waits for either:

    POST /alignment      why it was found: the question and the quote, words that match in pairs
    POST /translation    the quote in the asker's language, by the language model; never a source

Each takes a `CardRequest` and gives back a piece of HTML, in which all text is escaped; what went
wrong is a line of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field

from chat.llm import LLM, LLMFailure
from chat.question import MAX_CHARACTERS
from chat.translation import translate
from chat.web.i18n import Translations, translations_in
from chat.web.site import Busy, Site
from chat.web.templates import render_template
from chat.web.viewer import note_html
from chat.word_alignment import align
from ingest.document import Document, Language, Span

if TYPE_CHECKING:
    from fastapi import FastAPI, Response

MAX_ALIGNED_CHARACTERS: Final = 300
"""Characters of a quote whose words are paired: with the question they take 50 ms to read."""


class CardRequest(BaseModel):
    """A card of another language than the question.

    Attributes:
        question: What was searched for.
        asked: The language it was asked in.
        id: The document's id.
        start: Where the card's first quote begins in its text.
        end: Where the last one ends.
        sha256: How the document's hash began when it was shown.
        language: The language of the page.
    """

    question: Annotated[str, Field(max_length=MAX_CHARACTERS)]
    asked: Language
    id: str
    start: Annotated[int, Field(ge=0)]
    end: int
    sha256: Annotated[str, Field(min_length=16)]
    language: str


def add_cross_language(app: "FastAPI", site: Site) -> None:
    """Add both addresses."""

    @app.post("/alignment", include_in_schema=False)
    async def alignment(card: CardRequest) -> "Response":
        i18n = translations_in(card.language)
        document = _document(card, site)
        if document is None:
            return _told(i18n.text("source_gone"))
        try:
            return _html(await site.concurrency.run(alignment_html, card, document, i18n))
        except Busy:
            return _told(i18n.text("busy"))

    @app.post("/translation", include_in_schema=False)
    async def translation(card: CardRequest) -> "Response":
        i18n = translations_in(card.language)
        document = _document(card, site)
        if site.llm is None or document is None:
            return _told(i18n.text("source_gone"))
        try:
            return _html(
                await site.concurrency.run(translation_html, card, document, i18n, site.llm)
            )
        except Busy:
            return _told(i18n.text("busy"))
        except LLMFailure as failure:
            return _told(i18n.text(f"untranslated_{failure.reason}"))


def _document(card: CardRequest, site: Site) -> Document | None:
    """Return the document of a card; None if it has gone, or has changed since it was shown."""
    document = site.live.retriever().documents.get(card.id)
    if document is None or not document.sha256.startswith(card.sha256):
        return None
    return document if card.start < card.end <= len(document.text) else None


def translation_html(card: CardRequest, document: Document, i18n: Translations, llm: LLM) -> str:
    """Return a card's quote in the asker's language; arguments and errors as of `translate`."""
    quote = document.text[card.start : card.end]
    made = translate(quote, document.language, card.asked, llm)
    return render_template("translation", i18n, made=made, language=card.asked)


def alignment_html(card: CardRequest, document: Document, i18n: Translations) -> str:
    """Return why a source was found: both texts, and which word of one is which of the other."""
    whole = document.text[card.start : card.end]
    quote = whole[:MAX_ALIGNED_CHARACTERS]
    if quote != whole:
        quote = quote.rpartition(" ")[0] or quote  # No half of a word.
    pairs = align(card.question, card.asked, quote, document.language)
    asked = [card.question[slice(*pair.question)] for pair in pairs]
    quoted = [quote[slice(*pair.quote)] for pair in pairs]
    return render_template(
        "alignment",
        i18n,
        asked=card.asked,
        written=document.language,
        question=_pieces(card.question, [pair.question for pair in pairs], quoted),
        quote=_pieces(quote, [pair.quote for pair in pairs], asked),
        paired=bool(pairs),
        shortened=quote != whole,
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a text: what stands between words that match, or such a word.

    Attributes:
        text: What it says.
        number: The number of its pair, from 1; 0 for what has none.
        partner: What it matches in the other text.
    """

    text: str
    number: int = 0
    partner: str = ""


def _pieces(text: str, spans: Sequence[Span], partners: Sequence[str]) -> list[_Piece]:
    """Cut a text at the words that match; each has the number of its place among the spans."""
    pieces, at = [], 0
    for (start, end), number in sorted((span, place) for place, span in enumerate(spans, start=1)):
        pieces += [_Piece(text[at:start]), _Piece(text[start:end], number, partners[number - 1])]
        at = end
    return [piece for piece in (*pieces, _Piece(text[at:])) if piece.text]


def _html(text: str) -> "Response":
    from fastapi.responses import HTMLResponse

    return HTMLResponse(text)


def _told(text: str) -> "Response":
    """Return a line that says what went wrong."""
    return _html(note_html(text, "bad"))
