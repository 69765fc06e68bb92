"""The page's own HTML: turns with their evidence, documents, one document with a place marked.

All HTML comes from templates, in which all text is escaped: see chat/web/templates.py. Nothing here
depends on Gradio.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from chat.answer import Answer, Statement
from chat.confidence import confidence_model
from chat.highlight import answer_parts
from chat.question import MAX_CHARACTERS
from chat.session import Turn
from chat.web.confidence_steps import (
    confidence_step,
    likelihood,
    measured,
    measured_questions,
)
from chat.web.document_questions import DocumentQuestion
from chat.web.evidence import EvidenceCard, across, address, evidence, why_found, why_not
from chat.web.i18n import LANGUAGE_NAMES, Translations
from chat.web.site import MAX_UPLOAD_MEGABYTES
from chat.web.templates import render_on_one_line, render_template
from ingest.document import Document, Language, Span
from prompts.render import render

WINDOW_CHARACTERS: Final = 200_000
"""Characters of a document shown at once; a browser lays more out too slowly."""

_LONG_CHARACTERS: Final = 160
"""A short answer of more is a list, if it has parts: three lines of large letters."""


def turns_html(
    turns: Sequence[Turn], i18n: Translations, *, first: int = 1, folded: bool = False
) -> str:
    """Return finished turns as HTML on one line; each is rendered once and kept in the turn.

    Args:
        turns: The turns, oldest first.
        i18n: The language of the page.
        first: The number of the first one, from 1.
        folded: Whether each is a line with its question, to be opened.
    """
    pieces = []
    for number, turn in enumerate(turns, start=first):
        key = (i18n.language, number, folded)
        if key not in turn.html:
            turn.html.pop((i18n.language, number, not folded), None)  # Turns do not unfold again.
            turn.html[key] = turn_html(turn, i18n, number, folded=folded)
        pieces.append(turn.html[key])
    return "".join(pieces)


def turn_html(
    turn: Turn, i18n: Translations, number: int, *, whole: bool = True, folded: bool = False
) -> str:
    """Return a turn; its evidence and confidence only once it is whole."""
    shown = _turn(turn, i18n, number) | {"whole": whole, "folded": folded}
    return render_on_one_line("turn", i18n, turn=shown)


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
    asked: Sequence[DocumentQuestion] = (),
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
        asked: The questions that it was cited for, in the session that it is opened from.
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
        asked=asked,
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


def _window_link(document: Document, start: int, language: str) -> str:
    link = address(document.id, language, start=max(0, start), end=0)
    return link.removeprefix("../")  # It stands in a document's page, not in one of a language.


def header_html(i18n: Translations, key: str) -> str:
    """Return the head of the page; its links to other languages keep the session."""
    query = urlencode({"conversation": key})
    links = [
        (name, f"../{language}/?{query}", language) for language, name in LANGUAGE_NAMES.items()
    ]
    return render_on_one_line(
        "header", i18n, links=links, key=key, most_megabytes=MAX_UPLOAD_MEGABYTES
    )


def tools_html(i18n: Translations, key: str) -> str:
    """Return the links below a session's turns."""
    query = urlencode({"key": key, "language": i18n.language})
    return render_on_one_line("tools", i18n, save=f"../conversation?{query}")


def note_html(text: str, tone: str = "") -> str:
    """Return a line of the page's own words; its tone is `bad` for what went wrong."""
    return render_on_one_line("note", None, text=text, tone=tone)


def session_markdown(turns: Sequence[Turn], i18n: Translations) -> str:
    """Return the turns of a session as Markdown, its citations with their places."""
    rows = [_turn(turn, i18n, number) for number, turn in enumerate(turns, start=1)]
    return render_template("conversation", i18n, kind="md", turns=rows)


def _turn(turn: Turn, i18n: Translations, number: int) -> dict[str, Any]:
    """Return what the templates `turn` and `conversation` show of a turn."""
    answer = turn.answer
    cards = evidence(turn, i18n.language) if answer else []
    step = confidence_step(answer) if answer else ""
    return {
        "number": number,
        "question": turn.question,
        "rewritten": turn.rewritten,
        "problem": _problem_text(turn, i18n),
        "answer": answer,
        "short": answer.short_answer if answer else "",
        "listed": _listed(answer.short_answer) if answer else [],
        "gist": _gist(answer),
        "step": step,
        "measured": measured().get(step),
        "likelihood": likelihood(answer) if answer else 0.0,
        "measured_questions": measured_questions(),
        "lead": _lead(answer),
        "sentences": _sentences(answer, cards) if answer else [],
        "cards": cards,
        "reasons": [why_found(turn, card, i18n) for card in cards],
        "across": [across(turn, card, i18n.language) for card in cards],
        "model": turn.model,
        "why_not": why_not(turn, cards, i18n),
        "threshold": confidence_model().threshold,
    }


def _sentences(answer: Answer, cards: Sequence[EvidenceCard]) -> list[dict[str, Any]]:
    """Return the sentences of an answer, each with the cards that support or contradict it."""
    by_mark = {quoted.mark: quoted for card in cards for quoted in card.quotes if quoted.mark}
    quotes = tuple(Statement(text=c.quote, marks=(c.mark,)) for c in answer.citations)
    return [
        {
            "parts": by_mark[statement.marks[0]].parts
            if answer.mode != "llm"
            else (statement.text, "", ""),
            "language": by_mark[statement.marks[0]].document.language
            if answer.mode != "llm"
            else answer.language,
            "quotes": [by_mark[mark] for mark in statement.marks],
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


def _listed(short_answer: str) -> list[str]:
    """Return the parts of a long short answer, without the dashes of a list; none of a short one.

    >>> _listed("Ресей; Қытай"), _listed("Үкі " * 50 + "; – Ғарыш")[1:]
    ([], ['Ғарыш'])
    """
    parts = short_answer.split("; ")
    if len(short_answer) <= _LONG_CHARACTERS or len(parts) < 2:
        return []
    return [part.strip(" -–—•") for part in parts]


def _gist(answer: Answer | None) -> str:
    """Return what stands for an answer on one line: the short answer, or how it begins."""
    if answer is None:
        return ""
    return answer.short_answer or _lead(answer) or answer.statements[0].text
