"""The form of the page on which a set is made: sentences to mark, a question, what is there so far.

Each sentence is a box to tick: that works by keyboard and by touch, and is exact, where a selection
in a browser gives back other characters than the document has. Whatever is wrong is told in a line,
and what was written stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from chat.question import MAX_CHARACTERS
from chat.web.gradio_adapter import QUIET, choice_label, html_block
from chat.web.i18n import Translations
from chat.web.templates import render_on_one_line
from chat.web.viewer import note_html
from eval.set_draft import (
    MAX_NAME_CHARACTERS,
    Asked,
    Draft,
    DraftProblem,
    add,
    mark,
    remove,
    save,
    sentences_of,
    warnings,
)
from eval.web_runs import Evaluation, key_of
from ingest.document import Document, Span
from ingest.errors import DalelError

SENTENCES_SHOWN: Final = 20
"""Sentences of a document that can be marked at once; the next ones are a button away."""

_PAGES: Final = Path(__file__).parent / "report" / "pages"


@dataclass(frozen=True, slots=True)
class _View:
    """What somebody sees of the form, and has made: kept on the server, one for each page.

    Attributes:
        draft: The set so far.
        document_id: The document that is shown; empty for none.
        words: Which of its sentences are: those that hold all these words.
        first: The first of them that is shown, from 0.
    """

    draft: Draft = field(default_factory=Draft)
    document_id: str = ""
    words: str = ""
    first: int = 0


def set_form(i18n: Translations, evaluation: Evaluation) -> tuple[Any, Any]:
    """Build the form.

    Returns:
        A component whose value is the key of the set that was saved last, and the event of saving.
    """
    import gradio

    form = _Form(i18n, evaluation)
    with gradio.Accordion(i18n.text("make_set"), open=False, elem_id="dalel-set-form"):
        folder = f"{evaluation.own_sets.name}/"
        html_block(note_html(i18n.text("make_set_help")))
        html_block(note_html(i18n.text("own_sets_help", folder=folder)))
        view, saved = gradio.State(_View()), gradio.State("")
        pick = _build_document(i18n)
        ask = _build_question(i18n)
        status = html_block()
        keep = _build_set(i18n)
        kept = html_block()
    document, find, sentences, part, earlier, later, marked = pick
    question, answers, unanswerable, needs_all, add_button = ask
    questions, remove_button, name, save_button = keep
    listed = [questions, remove_button]
    shown = [view, sentences, part, earlier, later, marked]
    document.focus(form.documents, None, [document], **QUIET)
    document.input(form.open, [view, document], shown, **QUIET)
    find.submit(form.find, [view, find], shown, **QUIET)
    find.blur(form.find, [view, find], shown, **QUIET)
    earlier.click(form.earlier, [view], shown, **QUIET)
    later.click(form.later, [view], shown, **QUIET)
    sentences.input(form.mark, [view, sentences], [view, marked], **QUIET)
    written = [question, answers, unanswerable, needs_all]
    add_button.click(form.add, [view, *written], [*shown, *written, *listed, status], **QUIET)
    remove_button.click(form.remove, [view, questions], [view, *listed, status], **QUIET)
    return saved, save_button.click(form.save, [view, name], [view, saved, kept], **QUIET)


def _build_document(i18n: Translations) -> tuple[Any, ...]:
    import gradio

    with gradio.Row(equal_height=True):
        document = gradio.Dropdown(
            [], label=i18n.text("draft_document"), interactive=True, scale=3, min_width=320
        )
        find = gradio.Textbox(label=i18n.text("draft_find"), max_lines=1, scale=2, min_width=240)
    sentences = gradio.CheckboxGroup(
        [], label=i18n.text("draft_sentences"), visible=False, elem_id="dalel-sentences"
    )
    part = html_block()
    with gradio.Row():
        earlier = gradio.Button(i18n.text("draft_earlier"), size="sm", visible=False)
        later = gradio.Button(i18n.text("draft_later"), size="sm", visible=False)
    return document, find, sentences, part, earlier, later, html_block()


def _build_question(i18n: Translations) -> tuple[Any, ...]:
    import gradio

    question = gradio.Textbox(label=i18n.text("draft_question"), max_length=MAX_CHARACTERS)
    answers = gradio.Textbox(
        label=i18n.text("draft_answers"), max_lines=1, max_length=MAX_CHARACTERS
    )
    with gradio.Row():
        unanswerable = gradio.Checkbox(label=i18n.text("draft_unanswerable"))
        needs_all = gradio.Checkbox(label=i18n.text("draft_needs_all"))
    return question, answers, unanswerable, needs_all, gradio.Button(i18n.text("draft_add"))


def _build_set(i18n: Translations) -> tuple[Any, ...]:
    import gradio

    questions = gradio.CheckboxGroup([], label=i18n.text("draft_questions"), visible=False)
    remove_button = gradio.Button(i18n.text("draft_remove"), size="sm", visible=False)
    with gradio.Row(equal_height=True):
        name = gradio.Textbox(
            label=i18n.text("draft_name"), max_lines=1, max_length=MAX_NAME_CHARACTERS, scale=3
        )
        save_button = gradio.Button(i18n.text("draft_save"), variant="primary", scale=1)
    return questions, remove_button, name, save_button


class _Form:
    """What happens when something is pressed; clients may send any value for a component."""

    def __init__(self, i18n: Translations, evaluation: Evaluation) -> None:
        self._i18n = i18n
        self._site = evaluation.site
        self._folder = evaluation.own_sets

    def documents(self) -> Any:  # noqa: ANN401  (Gradio's own)
        """List the documents."""
        import gradio

        choices = [
            (choice_label(f"{document.name} ({name})" if document.title else name), name)
            for name, document in self._documents().items()
        ]
        return gradio.update(choices=choices)

    def open(self, view: _View, document_id: object) -> list[Any]:
        """Show the sentences of a document."""
        chosen = document_id if isinstance(document_id, str) else ""
        return self._shown(replace(view, document_id=chosen, first=0))

    def find(self, view: _View, words: object) -> list[Any]:
        """Show only the sentences that hold some words."""
        sought = words if isinstance(words, str) else ""
        first = view.first if sought == view.words else 0
        return self._shown(replace(view, words=sought, first=first))

    def earlier(self, view: _View) -> list[Any]:
        """Show the sentences before."""
        return self._shown(replace(view, first=max(0, view.first - SENTENCES_SHOWN)))

    def later(self, view: _View) -> list[Any]:
        """Show the sentences after."""
        return self._shown(replace(view, first=view.first + SENTENCES_SHOWN))

    def mark(self, view: _View, ticked: object) -> list[Any]:
        """Mark the sentences that are ticked."""
        document = self._documents().get(view.document_id)
        if document is None:
            return [view, self._marked(view.draft)]
        spans = [span for value in _strings(ticked) if (span := _span(value))]
        draft = mark(view.draft, document, self._sentences(view)[0], spans)
        return [replace(view, draft=draft), self._marked(draft)]

    def add(
        self,
        view: _View,
        question: object,
        answers: object,
        unanswerable: object,
        needs_all: object,
    ) -> list[Any]:
        """Add a question; one that cannot be added stays as it is written."""
        import gradio

        asked = Asked(
            question if isinstance(question, str) else "",
            answers if isinstance(answers, str) else "",
            unanswerable is True,
            needs_all is True,
        )
        try:
            draft = add(view.draft, asked, self._documents())
        except DraftProblem as problem:
            return [*[gradio.skip()] * 12, self._told(problem)]
        added = self._i18n.count("set_questions", len(draft.questions))
        notes = note_html(self._i18n.text("draft_added", questions=added)) + "".join(
            self._told(problem) for problem in warnings(draft.questions[-1])
        )
        shown = self._shown(replace(view, draft=draft))
        return [*shown, "", "", False, False, *_listed(draft), notes]

    def remove(self, view: _View, ids: object) -> list[Any]:
        """Take questions out."""
        draft = remove(view.draft, _strings(ids))
        left = self._i18n.count("set_questions", len(draft.questions))
        note = note_html(self._i18n.text("draft_removed", questions=left))
        return [replace(view, draft=draft), *_listed(draft), note]

    def save(self, view: _View, name: object) -> list[Any]:
        """Save the set."""
        import gradio

        try:
            draft = save(
                view.draft, name if isinstance(name, str) else "", self._folder, self._documents()
            )
        except DraftProblem as problem:
            return [gradio.skip(), gradio.skip(), self._told(problem)]
        except DalelError as error:
            note = note_html(self._i18n.text("not_done", reason=error.line()), "bad")
            return [gradio.skip(), gradio.skip(), note]
        questions = self._i18n.count("set_questions", len(draft.questions))
        note = note_html(self._i18n.text("draft_saved", name=draft.name, questions=questions))
        key = key_of(self._folder / f"{draft.name}.jsonl")
        return [replace(view, draft=draft), key, note]

    def _documents(self) -> Mapping[str, Document]:
        return self._site.live.retriever().documents

    def _sentences(self, view: _View) -> tuple[list[Span], int]:
        """Return the sentences that are shown, and how many there are to show."""
        found = sentences_of(self._site.live.retriever(), view.document_id, view.words)
        return found[view.first : view.first + SENTENCES_SHOWN], len(found)

    def _shown(self, view: _View) -> list[Any]:
        """Return what shows a view: itself, sentences, which they are, buttons, what is marked."""
        import gradio

        spans, total = self._sentences(view)
        document = self._documents().get(view.document_id)
        text = document.text if document else ""
        marked = {(gold.start, gold.end) for gold in view.draft.marked
                  if gold.document_id == view.document_id}  # fmt: skip
        boxes = gradio.update(
            choices=[(choice_label(text[start:end]), f"{start}-{end}") for start, end in spans],
            value=[f"{start}-{end}" for start, end in spans if (start, end) in marked],
            visible=bool(spans),
        )
        return [
            view,
            boxes,
            self._part(view, len(spans), total) if document else "",
            gradio.update(visible=view.first > 0),
            gradio.update(visible=view.first + len(spans) < total),
            self._marked(view.draft),
        ]

    def _part(self, view: _View, shown: int, total: int) -> str:
        if not shown:
            return note_html(self._i18n.text("draft_no_sentences"))
        number: Callable[[int], str] = self._i18n.number
        first, last = number(view.first + 1), number(view.first + shown)
        return note_html(self._i18n.text("draft_part", first=first, last=last, total=number(total)))

    def _marked(self, draft: Draft) -> str:
        documents = self._documents()
        marked = [
            {"text": gold.quote, "title": document.name, "language": document.language}
            for gold in draft.marked
            if (document := documents.get(gold.document_id))
        ]
        return render_on_one_line("marked", self._i18n, folder=_PAGES, marked=marked)

    def _told(self, problem: DraftProblem) -> str:
        return note_html(self._i18n.text(problem.key, **problem.values), "bad")


def _listed(draft: Draft) -> list[Any]:
    """Return the list of the questions, and the button that takes some out."""
    import gradio

    choices = [(choice_label(one.question), one.id) for one in draft.questions]
    there = bool(choices)
    return [
        gradio.update(choices=choices, value=[], visible=there),
        gradio.update(visible=there),
    ]


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _span(value: str) -> Span | None:
    start, _, end = value.partition("-")
    is_span = start.isdecimal() and end.isdecimal() and len(value) < 30
    return (int(start), int(end)) if is_span else None
