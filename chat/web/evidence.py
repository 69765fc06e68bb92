"""The evidence of an answer: its quotes in their paragraphs, a card for each paragraph.

Where an answer cites nothing, the passages that are nearest take the place of its quotes.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import urlencode

from chat.answer import MAX_COPIES, Citation, Copy, Passage
from chat.highlight import (
    Excerpt,
    answer_parts,
    between,
    excerpt,
    matching_words,
    missing_words,
)
from chat.session import MAX_SHOWN_PASSAGES, Turn
from chat.web.i18n import Translations
from ingest.document import Document, Span, paragraphs

CONTEXT_CHARACTERS: Final = 200
"""Characters of its paragraph shown on either side of a quote."""

NEIGHBOUR_CHARACTERS: Final = 1_500
"""Characters of the paragraphs before and after it."""

_SHA256_DIGITS: Final = 16
"""Digits of a document's hash in a link: 64 bits, enough to tell that its text has changed."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote, or a passage that is no answer.

    Attributes:
        mark: Its number in the answer, from 1; 0 for a passage that is not cited.
        document: Where it stands.
        span: Where in that document.
        text: What it says.
        parts: The text cut at the words that answer, as `answer_parts` cuts it.
        link: Address at which it can be read in its document.
        paragraph_number: Number of the paragraph that it begins in, from 1.
        page_number: Number of the page that it begins on, from 1; 0 if the document has no pages.
        copies: Names and addresses of other files and documents that say the same.
    """

    mark: int
    document: Document
    span: Span
    text: str
    parts: tuple[str, str, str]
    link: str
    paragraph_number: int
    page_number: int
    copies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """The quotes of one paragraph, in the order of the text.

    Attributes:
        quotes: At least one; none overlaps the next.
        excerpt: The place from the first quote to the last, with the words around it.
        gaps: What stands after each quote, up to the next one; empty after the last.
        copies: Names and addresses of other files and documents that say the same, the first
            MAX_COPIES.
        more_copies: How many others do so.
    """

    quotes: tuple[Quoted, ...]
    excerpt: Excerpt
    gaps: tuple[str, ...]
    copies: tuple[tuple[str, str], ...]
    more_copies: int

    @property
    def document(self) -> Document:
        """Where it stands."""
        return self.quotes[0].document

    @property
    def mark(self) -> int:
        """The first of its numbers in the answer, from 1; 0 for a passage that is not cited."""
        return min(quote.mark for quote in self.quotes)

    @property
    def copied(self) -> str:
        """What is copied of it: its quotes, with a sign for what is left out between them."""
        pieces = zip(self.quotes, self.gaps, strict=True)
        return "".join(f"{one.text}{' … ' if gap.strip() else gap}" for one, gap in pieces)

    @property
    def page_number(self) -> int:
        """Number of the page, from 1; 0 if the document has no pages."""
        return self.quotes[0].page_number


def evidence(turn: Turn, language: str) -> list[EvidenceCard]:
    """Return what an answer cites, a card a paragraph; where it cites nothing, what is nearest.

    Args:
        turn: A turn that has an answer.
        language: The language of the page, for the addresses.
    """
    assert turn.answer is not None
    nearest = turn.answer.passages[:MAX_SHOWN_PASSAGES]
    shown: Sequence[Citation | Passage] = turn.answer.citations or nearest
    # Split once a document, however many quotes it has: 20 ms for a million characters.
    names = {each.document_id for each in shown}
    spans = {name: paragraphs(turn.documents[name].text) for name in names}
    quotes = [_quoted(each, turn.documents, language, spans[each.document_id]) for each in shown]
    groups = _by_paragraph(quotes) if turn.answer.citations else [[quote] for quote in quotes]
    cards = [_card(group, spans[group[0].document.id]) for group in groups]
    return sorted(cards, key=lambda card: card.mark)


def _by_paragraph(quotes: Sequence[Quoted]) -> list[list[Quoted]]:
    """Put quotes of one paragraph together, in the order of the text; what overlaps stays apart."""
    groups: list[list[Quoted]] = []
    last: dict[tuple[str, int], list[Quoted]] = {}
    for quote in sorted(quotes, key=lambda quote: quote.span):
        place = (quote.document.id, quote.paragraph_number)
        if place not in last or quote.span[0] < last[place][-1].span[1]:
            last[place] = []
            groups.append(last[place])
        last[place].append(quote)
    return groups


def _quoted(
    shown: Citation | Passage,
    documents: Mapping[str, Document],
    language: str,
    paragraph_spans: Sequence[Span],
) -> Quoted:
    document, span = documents[shown.document_id], (shown.start, shown.end)
    citation = shown if isinstance(shown, Citation) else None
    words = citation and citation.answer
    answer = (words.start, words.end) if words else None
    text = document.text[slice(*span)]
    return Quoted(
        mark=citation.mark if citation else 0,
        document=document,
        span=span,
        text=text,
        parts=answer_parts(text, span[0], answer),
        link=link_to(document, span, language, answer),
        paragraph_number=max(1, sum(start <= span[0] for start, _ in paragraph_spans)),
        page_number=sum(start <= span[0] for start, _ in document.pages),
        copies=tuple(_copies(citation, documents, language, answer)) if citation else (),
    )


def _card(quotes: Sequence[Quoted], paragraph_spans: Sequence[Span]) -> EvidenceCard:
    document = quotes[0].document
    also_in = list(dict.fromkeys(copy for quote in quotes for copy in quote.copies))
    borders = [(one.span[1], other.span[0]) for one, other in pairwise(quotes)]
    return EvidenceCard(
        quotes=tuple(quotes),
        excerpt=excerpt(
            document,
            (quotes[0].span[0], quotes[-1].span[1]),
            CONTEXT_CHARACTERS,
            neighbour_characters=NEIGHBOUR_CHARACTERS,
            paragraph_spans=paragraph_spans,
        ),
        gaps=(*(between(document.text[slice(*gap)], CONTEXT_CHARACTERS) for gap in borders), ""),
        copies=tuple(also_in[:MAX_COPIES]),
        more_copies=max(0, len(also_in) - MAX_COPIES),
    )


def _copies(
    citation: Citation, documents: Mapping[str, Document], language: str, answer: Span | None
) -> Iterator[tuple[str, str]]:
    document, span = documents[citation.document_id], (citation.start, citation.end)
    for source in citation.sources[1:]:
        yield source, link_to(document, span, language, answer)
    for copy in citation.copies:
        yield copy.title, _copy_link(copy, documents, language)


def _copy_link(copy: Copy, documents: Mapping[str, Document], language: str) -> str:
    """Return the address of a copy; the place only where it can be told whether it still holds."""
    if copy.document_id not in documents:
        return address(copy.document_id, language)
    return link_to(documents[copy.document_id], (copy.start, copy.end), language)


def link_to(
    document: Document, span: Span | None, language: str, answer: Span | None = None
) -> str:
    """Return the address of a place in a document, or of the document.

    Args:
        document: The document.
        span: The place; None for the whole document.
        language: The language of the page.
        answer: The words of the place that answer.
    """
    if span is None:
        return address(document.id, language)
    place = {"start": span[0], "end": span[1], "sha256": document.sha256[:_SHA256_DIGITS]}
    words = {"answer_start": answer[0], "answer_end": answer[1]} if answer else {}
    return f"{address(document.id, language, **place, **words)}#cited"


def address(document_id: str, language: str, **place: object) -> str:
    """Return the address of a document; a place in it is named as chat/web/app.py reads it."""
    query = {"id": document_id, "language": language, **place}
    return f"../document?{urlencode(query, errors='replace')}"


def why_found(turn: Turn, card: EvidenceCard, i18n: Translations) -> str:
    """Say why a source was found: the words that it shares with the question, or its meaning.

    Empty for how the documents of the collection begin: that was not found by words or meaning.
    """
    answer = turn.answer
    if answer is None or answer.mode == "collection":
        return ""
    language, text = card.document.language, card.excerpt.text
    pairs = matching_words(turn.respelled, answer.language, text, language)
    listed = ", ".join(
        f"{word} ↔ {match}" if word.casefold() != match.casefold() else word
        for word, match in pairs
    )
    told = i18n.text("matched_by", pairs=listed) if pairs else i18n.text("matched_by_meaning")
    if language == answer.language:
        return told
    asked, source = (i18n.text(f"language_{name}") for name in (answer.language, language))
    return f"{i18n.text('other_language', asked=asked, source=source)} {told}"


def across(turn: Turn, card: EvidenceCard, language: str) -> str:
    """Return what page.js asks with for a card of another language than the question's, as JSON.

    Empty for a card of the question's own language; chat/web/cross_language.py reads it.

    Args:
        turn: The turn.
        card: One of its cards.
        language: The language of the page.
    """
    answer = turn.answer
    if answer is None or card.document.language == answer.language:
        return ""
    asked = {
        "question": turn.respelled,
        "asked": answer.language,
        "id": card.document.id,
        "start": card.quotes[0].span[0],
        "end": card.quotes[-1].span[1],
        "sha256": card.document.sha256[:_SHA256_DIGITS],
        "language": language,
    }
    return json.dumps(asked)  # In ASCII: no sign of an id or a question is shown otherwise.


def why_not(turn: Turn, cards: Sequence[EvidenceCard], i18n: Translations) -> str:
    """Say why what is nearest does not suffice; empty where an answer cites something."""
    answer = turn.answer
    if answer is None or not answer.abstained or not cards:
        return ""
    passages = [(card.excerpt.text, card.document.language) for card in cards]
    missing = missing_words(turn.respelled, answer.language, passages)
    if missing:
        return i18n.text("not_in_nearest", words=", ".join(missing))
    return i18n.text("not_said_in_nearest")
