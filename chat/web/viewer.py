"""The page's own HTML: turns with their evidence, documents, one document with a place marked.

All HTML comes from templates, in which all text is escaped: see chat/web/templates.py. Nothing here
depends on Gradio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

from chat.answer import MAX_COPIES, Answer, Citation, Copy, Passage, Statement
from chat.confidence import confidence_model
from chat.highlight import Excerpt, answer_parts, excerpt, matching_words
from chat.question import MAX_CHARACTERS
from chat.session import MAX_SHOWN_PASSAGES, Turn
from chat.web.i18n import LANGUAGE_NAMES, Translations
from chat.web.templates import render_on_one_line, render_template
from ingest.document import Document, Language, Span, paragraphs
from prompts.render import render

CONTEXT_CHARACTERS: Final = 200
"""Characters of its paragraph shown on either side of a quote."""

NEIGHBOUR_CHARACTERS: Final = 1_500
"""Characters of the paragraphs before and after it."""

WINDOW_CHARACTERS: Final = 200_000
"""Characters of a document shown at once; a browser lays more out too slowly."""

SURE: Final = 0.8
"""Confidence from which an answer is called sure."""

LIKELY: Final = 0.5
"""Confidence from which it is called likely; below, uncertain."""

ConfidenceStep = Literal["", "sure", "likely", "uncertain", "refused"]
"""What is told of a confidence in words; `refused` where it does not suffice for an answer."""

_SHA256_DIGITS: Final = 16
"""Digits of a document's hash in a link: 64 bits, enough to tell that its text has changed."""


@dataclass(frozen=True, slots=True)
class EvidenceCard:
    """A quote, or a passage that is no answer, in its paragraph.

    Attributes:
        mark: Its number in the answer, from 1; 0 for a passage that is not cited.
        document: Where it stands.
        span: Where in that document.
        excerpt: The place with the words around it.
        parts: The place cut at the words that answer, as `answer_parts` cuts it.
        link: Address at which it can be read in its document.
        copies: Names and addresses of other files and documents that say the same, the first
            MAX_COPIES.
        more_copies: How many others do so.
    """

    mark: int
    document: Document
    span: Span
    excerpt: Excerpt
    parts: tuple[str, str, str]
    link: str
    copies: tuple[tuple[str, str], ...] = ()
    more_copies: int = 0

    @property
    def source(self) -> str:
        """What a copied quote says of where it is from."""
        return f"{self.document.name}, ¶ {self.excerpt.paragraph_number}"


def turns_html(turns: Sequence[Turn], i18n: Translations, *, first: int = 1) -> str:
    """Return finished turns as HTML on one line; each is rendered once and kept in the turn.

    Args:
        turns: The turns, oldest first.
        i18n: The language of the page.
        first: The number of the first one, from 1.
    """
    pieces = []
    for number, turn in enumerate(turns, start=first):
        key = (i18n.language, number)
        if key not in turn.html:
            turn.html[key] = turn_html(turn, i18n, number)
        pieces.append(turn.html[key])
    return "".join(pieces)


def turn_html(turn: Turn, i18n: Translations, number: int, *, whole: bool = True) -> str:
    """Return a turn; its evidence and confidence only once it is whole."""
    return render_on_one_line("turn", i18n, turn=_turn(turn, i18n, number, whole=whole))


def pending_html(question: str, i18n: Translations, number: int, *, writing: bool = False) -> str:
    """Return a question that is being searched for; with `writing`, an LLM answers it."""
    return render_on_one_line("pending", i18n, question=question, number=number, writing=writing)


def document_page(
    document: Document | None,
    span: Span | None,
    i18n: Translations,
    *,
    answer: Span | None = None,
    sha256: str,
    added: str,
) -> str:
    """Return a page of its own for a document, the place cited marked.

    Args:
        document: What to show; None if it is not indexed.
        span: The place to mark; None for none.
        i18n: The language of the page.
        answer: The words of the place that answer; what is not inside it is not marked.
        sha256: How the document's hash began when it was cited; a place in a text that has changed
            is not marked. Empty for whatever it is now.
        added: When it was indexed.
    """
    if document is None:
        return render_template("document", i18n, document=None)
    changed = bool(sha256) and not document.sha256.startswith(sha256)
    length = len(document.text)
    place = span if span and not changed and 0 <= span[0] < span[1] <= length else None
    start, end = _window(document.text, span[0] if span else 0, place)
    cuts = place or (end, end)
    before, cited, after = (document.text[a:b] for a, b in ((start, cuts[0]), cuts, (cuts[1], end)))
    is_inside = place and answer and place[0] <= answer[0] < answer[1] <= place[1]
    return render_template(
        "document",
        i18n,
        document=document,
        added=added,
        changed=changed,
        before=before,
        cited=answer_parts(cited, cuts[0], answer) if is_inside else (cited, "", ""),
        after=after,
        window=(start, end),
        earlier=_window_link(document, start - WINDOW_CHARACTERS, i18n.language) if start else "",
        later=_window_link(document, end, i18n.language) if end < length else "",
    )


def _window(text: str, offset: int, place: Span | None) -> Span:
    """Return what is shown of a long text: the window that an offset is in, a place always whole.

    Windows follow each other without gap or overlap, but for a marked place.
    """
    start = max(0, min(offset, len(text) - 1)) // WINDOW_CHARACTERS * WINDOW_CHARACTERS
    end = min(len(text), start + WINDOW_CHARACTERS + (place[1] - place[0] if place else 0))
    return _outside_line_end(text, start), _outside_line_end(text, end)


def _outside_line_end(text: str, offset: int) -> int:
    """Return an offset, or the next one if it would part the two characters of a line end."""
    return offset + 1 if text[offset - 1 : offset + 1] == "\r\n" else offset


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
        return _address(document.id, language)
    place = {"start": span[0], "end": span[1], "sha256": document.sha256[:_SHA256_DIGITS]}
    words = {"answer_start": answer[0], "answer_end": answer[1]} if answer else {}
    return f"{_address(document.id, language, **place, **words)}#cited"


def _window_link(document: Document, start: int, language: str) -> str:
    link = _address(document.id, language, start=max(0, start), end=0)
    return link.removeprefix("../")  # It stands in a document's page, not in one of a language.


def _address(document_id: str, language: str, **place: object) -> str:
    query = {"id": document_id, "language": language, **place}
    return f"../document?{urlencode(query, errors='replace')}"


def header_html(i18n: Translations, key: str) -> str:
    """Return the head of the page; its links to other languages keep the session."""
    query = urlencode({"conversation": key})
    links = [
        (name, f"../{language}/?{query}", language) for language, name in LANGUAGE_NAMES.items()
    ]
    return render_on_one_line("header", i18n, links=links)


def tools_html(i18n: Translations, key: str) -> str:
    """Return the links below a session's turns."""
    query = urlencode({"key": key, "language": i18n.language})
    return render_on_one_line("tools", i18n, save=f"../conversation?{query}")


def note_html(text: str, tone: str = "") -> str:
    """Return a line of the page's own words; its tone is `bad` for what went wrong."""
    return render_on_one_line("note", None, text=text, tone=tone)


def session_markdown(turns: Sequence[Turn], i18n: Translations) -> str:
    """Return the turns of a session as Markdown, its citations with their places."""
    rows = [_turn(turn, i18n, number, whole=True) for number, turn in enumerate(turns, start=1)]
    return render_template("conversation", i18n, kind="md", turns=rows)


def _turn(turn: Turn, i18n: Translations, number: int, *, whole: bool) -> dict[str, Any]:
    """Return what the templates `turn` and `conversation` show of a turn."""
    answer = turn.answer
    cards = _cards(turn, i18n.language) if answer else []
    return {
        "number": number,
        "question": turn.question,
        "rewritten": turn.rewritten,
        "problem": _problem_text(turn, i18n),
        "answer": answer,
        "short": answer.short_answer if answer else "",
        "step": confidence_step(answer) if answer else "",
        "lead": _lead(answer),
        "sentences": _sentences(answer, cards) if answer else [],
        "whole": whole,
        "cards": cards,
        "reasons": [_cross_language_reason(turn, card, i18n) for card in cards] if whole else [],
        "threshold": confidence_model().threshold,
    }


def confidence_step(answer: Answer) -> ConfidenceStep:
    """Return what is told of an answer's confidence in words; empty for nothing.

    Where a language model writes or refuses, the confidence is not about what it says; what is told
    of the collection is known.
    """
    if answer.mode != "extractive":
        return ""
    if answer.abstained:
        return "refused"
    if answer.confidence >= SURE:
        return "sure"
    return "likely" if answer.confidence >= LIKELY else "uncertain"


def _sentences(answer: Answer, cards: Sequence[EvidenceCard]) -> list[dict[str, Any]]:
    """Return the sentences of an answer, each with the cards that support or contradict it."""
    by_mark = {card.mark: card for card in cards if card.mark}
    quotes = tuple(Statement(text=c.quote, marks=(c.mark,)) for c in answer.citations)
    return [
        {
            "parts": by_mark[statement.marks[0]].parts
            if answer.mode != "llm"
            else (statement.text, "", ""),
            "language": by_mark[statement.marks[0]].document.language
            if answer.mode != "llm"
            else answer.language,
            "cards": [by_mark[mark] for mark in statement.marks],
            "warning": _warning(statement, answer.language),
            "against": by_mark[statement.contradicted_by] if statement.contradicted_by else None,
        }
        for statement in answer.statements or quotes
    ]


def _warning(statement: Statement, language: Language) -> str:
    """Say what is wrong with a sentence; empty if it stands."""
    if statement.supported:
        return ""
    is_contradicted = statement.verdict == "contradicted"
    return render("contradicted" if is_contradicted else "unsupported", language)


def _problem_text(turn: Turn, i18n: Translations) -> str:
    """Say why a turn has no answer; empty if it has one."""
    if not turn.problem:
        return ""
    if turn.problem == "failed":
        return i18n.text("failure")
    if turn.problem == "busy":
        return i18n.text("busy")
    counts = {"n": i18n.number(turn.characters), "most": i18n.number(MAX_CHARACTERS)}
    return i18n.text("cannot_ask", reason=i18n.text(f"question_{turn.problem}", **counts))


def _lead(answer: Answer | None) -> str:
    """Return an answer's own words: what comes right before its quotes, or the refusal."""
    if answer is None:
        return ""
    if answer.mode == "llm" and answer.statements:
        return ""
    text = answer.text.removeprefix(f"{answer.short_answer}\n\n")
    return text.partition("\n\n")[0] if answer.citations else text


def _cards(turn: Turn, language: str) -> list[EvidenceCard]:
    """Return what an answer cites; where it cites nothing, what is nearest."""
    assert turn.answer is not None
    nearest = turn.answer.passages[:MAX_SHOWN_PASSAGES]
    shown: Sequence[Citation | Passage] = turn.answer.citations or nearest
    # Split once a document, however many quotes it has: 20 ms for a million characters.
    names = {each.document_id for each in shown}
    paragraph_spans = {name: paragraphs(turn.documents[name].text) for name in names}
    return [
        _card(each, turn.documents, language, paragraph_spans[each.document_id]) for each in shown
    ]


def _card(
    shown: Citation | Passage,
    documents: Mapping[str, Document],
    language: str,
    paragraph_spans: Sequence[Span],
) -> EvidenceCard:
    document, span = documents[shown.document_id], (shown.start, shown.end)
    citation = shown if isinstance(shown, Citation) else None
    words = citation and citation.answer
    answer = (words.start, words.end) if words else None
    copies = citation.copies if citation else ()
    sources = citation.sources[1:] if citation else ()
    also_in = [
        *((source, link_to(document, span, language, answer)) for source in sources),
        *((copy.title, _copy_link(copy, documents, language)) for copy in copies),
    ]
    return EvidenceCard(
        mark=citation.mark if citation else 0,
        document=document,
        span=span,
        excerpt=excerpt(
            document,
            span,
            CONTEXT_CHARACTERS,
            neighbour_characters=NEIGHBOUR_CHARACTERS,
            paragraph_spans=paragraph_spans,
        ),
        parts=answer_parts(document.text[slice(*span)], span[0], answer),
        link=link_to(document, span, language, answer),
        copies=tuple(also_in[:MAX_COPIES]),
        more_copies=max(0, len(also_in) - MAX_COPIES),
    )


def _copy_link(copy: Copy, documents: Mapping[str, Document], language: str) -> str:
    """Return the address of a copy; the place only where it can be told whether it still holds."""
    if copy.document_id not in documents:
        return _address(copy.document_id, language)
    return link_to(documents[copy.document_id], (copy.start, copy.end), language)


def _cross_language_reason(turn: Turn, card: EvidenceCard, i18n: Translations) -> str:
    """Say why a source in another language than the question's was found; empty if it is not.

    How the documents of the collection begin was not found by words or meaning.
    """
    answer = turn.answer
    if answer is None or answer.mode == "collection":
        return ""
    if card.document.language == answer.language:
        return ""
    pairs = matching_words(
        turn.respelled, answer.language, card.excerpt.text, card.document.language
    )
    question_language = i18n.text(f"language_{answer.language}")
    source_language = i18n.text(f"language_{card.document.language}")
    facts = i18n.text("other_language", asked=question_language, source=source_language)
    if not pairs:
        return f"{facts} {i18n.text('matched_by_meaning')}"
    listed = ", ".join(
        f"{word} ↔ {match}" if word.casefold() != match.casefold() else word
        for word, match in pairs
    )
    return f"{facts} {i18n.text('matched_by', pairs=listed)}"
