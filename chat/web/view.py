"""The page's own HTML: turns with their evidence, documents, one document with a place marked.

In: turns and documents. Out: HTML in which all text is escaped: whatever a document, a title or a
question holds, it is shown as it is and marks nothing up. Knows nothing of Gradio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from chat.answer import Answer, Statement
from chat.confidence import model
from chat.matched import matched
from chat.question import MAX_CHARACTERS
from chat.web.template import fill, on_one_line
from chat.web.turns import SHOWN_HITS, Turn
from chat.web.words import NAMES, Words
from ingest.document import Document, Language, Span
from ingest.paragraph import paragraphs
from prompts.render import render

LISTED: Final = 200
"""Documents listed at most; a search finds the others."""

CONTEXT: Final = 200
"""Characters of its paragraph shown on either side of a quote."""

AROUND: Final = 1_500
"""Characters of the paragraphs before and after it."""

WINDOW: Final = 200_000
"""Characters of a document shown at once; a browser lays more out too slowly."""


@dataclass(frozen=True, slots=True)
class Card:
    """A quote, or a passage that is no answer, in its paragraph.

    Attributes:
        mark: Its number in the answer, from 1; 0 for what is none.
        document: Where it stands.
        span: Where in that document.
        place: Number of its paragraph, from 1, and how many there are.
        before, text, after: The words of its paragraph.
        around: The paragraphs before and after it, each empty at an end.
        link: Where it can be read in its document.
    """

    mark: int
    document: Document
    span: Span
    place: tuple[int, int]
    before: str
    text: str
    after: str
    around: tuple[str, str]
    link: str

    @property
    def source(self) -> str:
        """What a copied quote says of where it is from."""
        return f"{self.document.name}, ¶ {self.place[0]}"


def turns_html(turns: Sequence[Turn], words: Words, *, first: int = 1) -> str:
    """Return turns as HTML on one line.

    Args:
        turns: The turns, oldest first.
        words: The language of the page.
        first: The number of the first one, from 1.
    """
    for number, turn in enumerate(turns, start=first):
        if (words.language, number) not in turn.html:
            turn.html[words.language, number] = turn_html(turn, words, number)
    return "".join(
        turn.html[words.language, number] for number, turn in enumerate(turns, start=first)
    )


def turn_html(turn: Turn, words: Words, number: int, *, whole: bool = True) -> str:
    """Return a turn; its evidence and confidence only once it is whole."""
    return on_one_line("turn", words, turn=_turn(turn, words, number, whole=whole))


def pending_html(asked: str, words: Words, number: int, *, writing: bool = False) -> str:
    """Return a question that is being searched for; with `writing`, a model answers it."""
    return on_one_line("pending", words, asked=asked, number=number, writing=writing)


def documents_html(
    documents: Sequence[Document], added: Mapping[str, str], words: Words, *, wanted: str = ""
) -> str:
    """Return the table of what is indexed; with `wanted`, of what has it in its title or id."""
    sought = wanted.casefold().split()
    found = [
        document
        for document in documents
        if all(each in f"{document.title} {document.id}".casefold() for each in sought)
    ]
    rows = [(each, link_to(each, None, words.language), added.get(each.id, "")) for each in found]
    return on_one_line("documents", words, rows=rows[:LISTED], more=len(found) - LISTED)


def document_page(
    document: Document | None, span: Span | None, words: Words, *, sha256: str, added: str
) -> str:
    """Return a page of its own for a document, the place cited marked.

    Args:
        document: What to show; None if it is not indexed.
        span: The place to mark; None for none.
        words: The language of the page.
        sha256: How the text began to be hashed when it was cited; empty for whatever it is now.
        added: When it was indexed.
    """
    changed = document is not None and bool(sha256) and not document.sha256.startswith(sha256)
    if document is None:
        return fill("document", words, document=None)
    length = len(document.text)
    place = span if span and not changed and 0 <= span[0] < span[1] <= length else None
    start = max(0, min(span[0] if span else 0, length - 1)) // WINDOW * WINDOW
    end = min(length, start + WINDOW + (place[1] - place[0] if place else 0))
    start, end = (_not_within_a_line_end(document.text, each) for each in (start, end))
    cuts = (place[0], place[1]) if place else (end, end)
    pieces = [document.text[a:b] for a, b in ((start, cuts[0]), cuts, (cuts[1], end))]
    return fill(
        "document",
        words,
        document=document,
        added=added,
        changed=changed,
        pieces=pieces,
        window=(start, end),
        earlier=_window_link(document, start - WINDOW, words.language) if start else "",
        later=_window_link(document, end, words.language) if end < length else "",
    )


def _not_within_a_line_end(text: str, place: int) -> int:
    """Return a place, or the next one if it would part the two characters of a line end."""
    return place + 1 if text[place - 1 : place + 1] == "\r\n" else place


def link_to(document: Document, span: Span | None, language: Language) -> str:
    """Return the address of a place in a document."""
    asked = {"id": document.id, "language": language}
    if span is None:
        return f"/document?{urlencode(asked, errors='replace')}"
    place = {"start": span[0], "end": span[1], "sha256": document.sha256[:16]}
    return f"/document?{urlencode(asked | place, errors='replace')}#cited"


def header_html(words: Words, key: str) -> str:
    """Return the head of the page; its links to other languages keep the conversation."""
    links = [(name, f"/{language}/?{urlencode({'conversation': key})}", language)
             for language, name in NAMES.items()]  # fmt: skip
    return on_one_line("header", words, links=links)


def tools_html(words: Words, key: str) -> str:
    """Return the links below a conversation."""
    asked = urlencode({"key": key, "language": words.language})
    return on_one_line("tools", words, save=f"/conversation?{asked}")


def note_html(text: str, tone: str = "") -> str:
    """Return a line of the page's own words."""
    return on_one_line("note", None, text=text, tone=tone)


def conversation_markdown(turns: Sequence[Turn], words: Words) -> str:
    """Return a conversation as Markdown, its citations with their places."""
    shown = [_turn(turn, words, number, whole=True) for number, turn in enumerate(turns, start=1)]
    return fill("conversation", words, kind="md", turns=shown)


def _turn(turn: Turn, words: Words, number: int, *, whole: bool) -> dict[str, Any]:
    answer = turn.answer
    cards = _cards(turn, words.language) if answer else []
    return {
        "number": number,
        "asked": turn.asked,
        "meant": turn.meant,
        "trouble": _trouble(turn, words),
        "answer": answer,
        "lead": _lead(answer),
        "said": _said(answer, cards) if answer else [],
        "whole": whole,
        "cards": cards,
        "reasons": [_reason(turn, card, words) for card in cards] if whole else [],
        "threshold": model().threshold,
    }


def _said(answer: Answer, cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return the sentences of an answer, each with the cards that support it."""
    by_mark = {card.mark: card for card in cards if card.mark}
    quotes = tuple(Statement(each.quote, (each.mark,)) for each in answer.citations)
    return [
        {
            "text": each.text,
            "language": by_mark[each.marks[0]].document.language
            if answer.mode == "extractive"
            else answer.language,
            "cards": [by_mark[mark] for mark in each.marks],
            "warning": "" if each.supported else render("unsupported", answer.language),
        }
        for each in answer.statements or quotes
    ]


def _trouble(turn: Turn, words: Words) -> str:
    if not turn.trouble:
        return ""
    if turn.trouble == "failed":
        return render("failure", words.language)
    if turn.trouble == "busy":
        return words.say("busy")
    counts = {"n": words.number(turn.characters), "most": words.number(MAX_CHARACTERS)}
    return words.say("cannot_ask", reason=words.say(f"question_{turn.trouble}", **counts))


def _lead(answer: Answer | None) -> str:
    """Return an answer's own words: what comes before its quotes, or the refusal."""
    if answer is None:
        return ""
    if answer.mode == "llm" and answer.statements:
        return ""
    return answer.text.partition("\n\n")[0] if answer.citations else answer.text


def _cards(turn: Turn, language: Language) -> list[Card]:
    """Return what an answer cites; where it cites nothing, what is nearest."""
    assert turn.answer is not None
    places = [(c.mark, c.document_id, (c.start, c.end)) for c in turn.answer.citations]
    nearest = [hit.chunk for hit in turn.answer.hits[:SHOWN_HITS]]
    places = places or [(0, chunk.document_id, (chunk.start, chunk.end)) for chunk in nearest]
    return [_card(mark, turn.documents[name], span, language) for mark, name, span in places]


def _card(mark: int, document: Document, span: Span, language: Language) -> Card:
    spans = _paragraphs(document.text)
    first = max(0, sum(each[0] <= span[0] for each in spans) - 1)
    last = max(first, sum(each[0] < span[1] for each in spans) - 1)
    start, end = min(spans[first][0], span[0]), max(spans[last][1], span[1])
    text = document.text
    before = text[slice(*spans[first - 1])] if first else ""
    after = text[slice(*spans[last + 1])] if last + 1 < len(spans) else ""
    return Card(
        mark=mark,
        document=document,
        span=span,
        place=(first + 1, len(spans)),
        before=_end_of(text[start : span[0]]),
        text=text[slice(*span)],
        after=_start_of(text[span[1] : end]),
        around=(_end_of(before, AROUND), _start_of(after, AROUND)),
        link=link_to(document, span, language),
    )


@lru_cache(maxsize=64)  # Every quote of every turn asks for its document's.
def _paragraphs(text: str) -> list[Span]:
    return paragraphs(text)


def _end_of(text: str, most: int = CONTEXT) -> str:
    """Return the last words of a long text."""
    return text if len(text) <= most else f"… {text[-most:].partition(' ')[2]}"


def _start_of(text: str, most: int = CONTEXT) -> str:
    """Return the first words of a long text."""
    return text if len(text) <= most else f"{text[:most].rpartition(' ')[0]} …"


def _reason(turn: Turn, card: Card, words: Words) -> str:
    """Say why a source in another language than the question's was found."""
    answer = turn.answer
    if answer is None or card.document.language == answer.language:
        return ""
    pairs = matched(turn.searched, answer.language, card.text, card.document.language)
    asked, source = (
        words.say(f"language_{each}") for each in (answer.language, card.document.language)
    )
    told = ", ".join(f"{one} ↔ {other}" if one.casefold() != other.casefold() else one
                     for one, other in pairs)  # fmt: skip
    why = words.say("matched_by", pairs=told) if pairs else words.say("matched_by_meaning")
    return f"{words.say('other_language', asked=asked, source=source)} {why}"


def _window_link(document: Document, start: int, language: Language) -> str:
    asked = {"id": document.id, "language": language, "start": max(0, start), "end": 0}
    return f"/document?{urlencode(asked, errors='replace')}"
