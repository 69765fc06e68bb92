"""What happens in the form on which a set is made, when something is pressed, ticked or written.

Whatever is wrong is told in a line, and what was written stays, also when the page is loaded anew.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from chat.web.gradio_adapter import choice_label
from chat.web.i18n import Translations
from chat.web.templates import render_on_one_line
from chat.web.viewer import note_html
from eval.kept_drafts import KEPT_DRAFTS
from eval.set_draft import (
    SUFFIX,
    Asked,
    Draft,
    DraftProblem,
    add,
    change,
    leave,
    lost,
    mark,
    open_set,
    placed,
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
class FormView:
    """What somebody sees of the form, and has made: kept on the server, one for each page.

    Attributes:
        draft: The set so far.
        key: What it is kept under, for when the page is loaded anew; empty before it is first seen.
        document_id: The document that is shown; empty for none.
        words: Which of its sentences are: those that hold all these words.
        first: The first of them that is shown, from 0.
        wanted: The set that is to be opened once it is said that what is not saved can go: its
            name, empty for a new one; None where nothing is asked.
    """

    draft: Draft = field(default_factory=Draft)
    key: str = ""
    document_id: str = ""
    words: str = ""
    first: int = 0
    wanted: str | None = None


class FormParts(NamedTuple):
    """The components of the form; or, for each, what is to become of it."""

    view: Any
    form: Any
    opened: Any
    lost: Any
    unsaved: Any
    document: Any
    find: Any
    sentences: Any
    part: Any
    earlier: Any
    later: Any
    marked: Any
    question: Any
    answers: Any
    unanswerable: Any
    needs_all: Any
    add: Any
    leave: Any
    added: Any
    questions: Any
    change: Any
    remove: Any
    name: Any
    saved: Any
    kept: Any


class SetEditing:
    """What happens when something is pressed; clients may send any value for a component."""

    def __init__(self, i18n: Translations, evaluation: Evaluation) -> None:
        self._i18n = i18n
        self._evaluation = evaluation
        self._site = evaluation.site
        self._folder = evaluation.own_sets

    # --- what can be chosen -----------------------------------------------------------------------

    def documents(self) -> Any:  # noqa: ANN401  (Gradio's own)
        """List the documents."""
        import gradio

        return gradio.update(choices=self._document_choices())

    def sets(self) -> Any:  # noqa: ANN401  (Gradio's own)
        """List the sets that can be opened."""
        import gradio

        return gradio.update(choices=[(choice_label(name), name) for name in self._set_names()])

    # --- a draft ----------------------------------------------------------------------------------

    def restore_known(self, view: FormView, key: object) -> list[Any]:
        """Restore as `restore` does, but only what the browser already names."""
        import gradio

        return self.restore(view, key) if key else [gradio.skip(), *_same()]

    def restore(self, view: FormView, key: object) -> list[Any]:
        """Show the draft that the browser has the key of, where the page has just been loaded."""
        import gradio

        if view.key:
            return [gradio.skip(), *_same()]
        key, draft = KEPT_DRAFTS.find(key)
        draft = placed(draft, self._documents())
        view = self._at_mark(replace(view, key=key, draft=draft), draft)
        parts = self._all(view)
        if draft == Draft():
            return [key, *parts]
        told = {"name": draft.name, "questions": self._questions(draft)}
        text = "draft_opened" if draft.is_saved else "draft_restored"
        note = note_html(self._i18n.text(text, **told))
        return [key, *parts._replace(form=gradio.update(open=True), lost=note + parts.lost)]

    def open_set(self, view: FormView, name: object) -> FormParts:
        """Open a saved set, or ask whether what is not saved can go."""
        if name not in self._set_names():
            return _same()._replace(lost=note_html(self._i18n.text("draft_choose"), "bad"))
        return self._instead(view, str(name))

    def begin(self, view: FormView) -> FormParts:
        """Begin a new set, or ask whether what is not saved can go."""
        return self._instead(view, "")

    def discard(self, view: FormView) -> FormParts:
        """Open what was asked for, whatever is not saved."""
        return _same() if view.wanted is None else self._opened(view, view.wanted)

    def keep(self, view: FormView) -> FormParts:
        """Stay with what is not saved."""
        import gradio

        return _same()._replace(
            view=replace(view, wanted=None), unsaved=gradio.update(visible=False)
        )

    def _instead(self, view: FormView, wanted: str) -> FormParts:
        import gradio

        if view.draft.is_saved and not view.draft.marked:
            return self._opened(view, wanted)
        return _same()._replace(
            view=replace(view, wanted=wanted), unsaved=gradio.update(visible=True)
        )

    def _opened(self, view: FormView, name: str) -> FormParts:
        """Open a set in place of the draft, or begin a new one."""
        import gradio

        draft, note = Draft(), ""
        try:
            if name:
                draft = open_set(self._folder / f"{name}{SUFFIX}", self._documents())
                questions = self._questions(draft)
                note = note_html(self._i18n.text("draft_opened", name=name, questions=questions))
        except DraftProblem as problem:
            return _same()._replace(lost=self._told(problem), unsaved=gradio.update(visible=False))
        except DalelError as error:
            note = self._failed(error)
            return _same()._replace(lost=note, unsaved=gradio.update(visible=False))
        parts = self._all(self._with(FormView(key=view.key), draft))
        return parts._replace(lost=note + parts.lost)

    # --- marking ----------------------------------------------------------------------------------

    def open(self, view: FormView, document_id: object) -> FormParts:
        """Show the sentences of a document."""
        chosen = document_id if isinstance(document_id, str) else ""
        if chosen == view.document_id:  # A browser may say so twice, and late: ticks would go.
            return _same()
        return self._sentences_shown(replace(view, document_id=chosen, first=0))

    def find(self, view: FormView, words: object) -> FormParts:
        """Show only the sentences that hold some words."""
        sought = words if isinstance(words, str) else ""
        if sought == view.words:  # The box was left as it was.
            return _same()
        return self._sentences_shown(replace(view, words=sought, first=0))

    def earlier(self, view: FormView) -> FormParts:
        """Show the sentences before."""
        return self._sentences_shown(replace(view, first=max(0, view.first - SENTENCES_SHOWN)))

    def later(self, view: FormView) -> FormParts:
        """Show the sentences after."""
        return self._sentences_shown(replace(view, first=view.first + SENTENCES_SHOWN))

    def mark(self, view: FormView, ticked: object) -> FormParts:
        """Mark the sentences that are ticked."""
        document = self._documents().get(view.document_id)
        if document is None:
            return _same()
        spans = [span for value in _strings(ticked) if (span := _span(value))]
        draft = mark(view.draft, document, self._sentences(view)[0], spans)
        return _same()._replace(view=self._with(view, draft), marked=self._marked(draft))

    # --- questions --------------------------------------------------------------------------------

    def write(
        self,
        view: FormView,
        question: object,
        answers: object,
        unanswerable: object,
        needs_all: object,
    ) -> FormParts:
        """Keep what is written of a question."""
        asked = _asked(question, answers, unanswerable, needs_all)
        return _same()._replace(view=self._with(view, replace(view.draft, asked=asked)))

    def add(
        self,
        view: FormView,
        question: object,
        answers: object,
        unanswerable: object,
        needs_all: object,
    ) -> FormParts:
        """Add a question, or change one; what cannot be done leaves it as it is written."""
        asked = _asked(question, answers, unanswerable, needs_all)
        before = placed(view.draft, self._documents())
        if len(before.marked) < len(view.draft.marked):
            changed = self._told(DraftProblem("draft_changed"))
            return self._sentences_shown(self._with(view, before))._replace(added=changed)
        try:
            draft = add(before, asked, self._documents())
        except DraftProblem as problem:
            return _same()._replace(added=self._told(problem))
        name = before.changing or draft.questions[-1].id
        example = next(one for one in draft.questions if one.id == name)
        key = "draft_question_changed" if before.changing else "draft_added"
        notes = note_html(self._i18n.text(key, questions=self._questions(draft))) + "".join(
            self._told(problem) for problem in warnings(example)
        )
        return self._all(self._with(view, draft))._replace(added=notes)

    def change(self, view: FormView, ids: object) -> FormParts:
        """Take a question up again, its sentences marked, the first of them shown."""
        there = {one.id for one in view.draft.questions}
        chosen = [name for name in _strings(ids) if name in there]
        if len(chosen) != 1:
            return _same()._replace(added=note_html(self._i18n.text("draft_one"), "bad"))
        draft = change(view.draft, chosen[0], self._documents())
        note = note_html(self._i18n.text("draft_changing", question=draft.asked.question))
        at = self._at_mark(replace(view, words=""), draft)
        return self._all(self._with(at, draft))._replace(added=note)

    def leave(self, view: FormView) -> FormParts:
        """Leave the question that is changed as it was."""
        return self._all(self._with(view, leave(view.draft)))

    def remove(self, view: FormView, ids: object) -> FormParts:
        """Take questions out."""
        draft = remove(view.draft, _strings(ids))
        note = note_html(self._i18n.text("draft_removed", questions=self._questions(draft)))
        return self._all(self._with(view, draft))._replace(added=note)

    def save(self, view: FormView, name: object) -> FormParts:
        """Save the set."""
        try:
            draft = save(
                view.draft, name if isinstance(name, str) else "", self._folder, self._documents()
            )
        except DraftProblem as problem:
            return _same()._replace(kept=self._told(problem), lost=self._lost(view.draft))
        except DalelError as error:
            return _same()._replace(kept=self._failed(error))
        text = self._i18n.text("draft_saved", name=draft.name, questions=self._questions(draft))
        return _same()._replace(
            view=self._with(view, draft),
            name=draft.name,
            saved=key_of(self._folder / f"{draft.name}{SUFFIX}"),
            kept=note_html(text),
            lost="",
        )

    # --- what is shown ----------------------------------------------------------------------------

    def _with(self, view: FormView, draft: Draft) -> FormView:
        """Return a view with a draft, which is kept."""
        if view.key:
            KEPT_DRAFTS.keep(view.key, draft)
        return replace(view, draft=draft)

    def _documents(self) -> Mapping[str, Document]:
        return self._site.live.retriever().documents

    def _document_choices(self) -> list[tuple[str, str]]:
        return [
            (choice_label(f"{document.name} ({name})" if document.title else name), name)
            for name, document in self._documents().items()
        ]

    def _set_names(self) -> list[str]:
        """Return the names of the sets that can be opened."""
        names = (path.stem for path in sorted(self._folder.glob(f"*{SUFFIX}")))
        return [name for name in names if not name.startswith(".")]

    def _questions(self, draft: Draft) -> str:
        return self._i18n.count("set_questions", len(draft.questions))

    def _sentences(self, view: FormView) -> tuple[list[Span], int]:
        """Return the sentences that are shown, and how many there are to show."""
        found = sentences_of(self._site.live.retriever(), view.document_id, view.words)
        return found[view.first : view.first + SENTENCES_SHOWN], len(found)

    def _at_mark(self, view: FormView, draft: Draft) -> FormView:
        """Return a view of the sentences among which the first marked one is."""
        if not draft.marked:
            return view
        gold = draft.marked[0]
        spans = sentences_of(self._site.live.retriever(), gold.document_id)
        place = sum(start < gold.start for start, _ in spans)
        first = place // SENTENCES_SHOWN * SENTENCES_SHOWN
        return replace(view, document_id=gold.document_id, first=first)

    def _all(self, view: FormView) -> FormParts:
        """Return what shows a view in all parts of the form; nothing is told."""
        import gradio

        draft, asked = view.draft, view.draft.asked
        known = view.document_id in self._documents()
        choices = [(choice_label(one.question), one.id) for one in draft.questions]
        listed = gradio.update(visible=bool(choices))
        adding = "draft_keep_change" if draft.changing else "draft_add"
        return self._sentences_shown(view)._replace(
            opened=self.sets(),
            lost=self._lost(draft),
            unsaved=gradio.update(visible=False),
            document=gradio.update(
                choices=self._document_choices(), value=view.document_id if known else None
            ),
            find=view.words,
            question=asked.question,
            answers=asked.answers,
            unanswerable=asked.unanswerable,
            needs_all=asked.needs_all,
            add=self._i18n.text(adding),
            leave=gradio.update(visible=bool(draft.changing)),
            added="",
            questions=gradio.update(choices=choices, value=[], visible=bool(choices)),
            change=listed,
            remove=listed,
            name=draft.name,
            kept="",
        )

    def _sentences_shown(self, view: FormView) -> FormParts:
        """Return what shows the sentences of a view, which they are, and what is marked."""
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
        return _same()._replace(
            view=view,
            sentences=boxes,
            part=self._part(view, len(spans), total) if document else "",
            earlier=gradio.update(visible=view.first > 0),
            later=gradio.update(visible=view.first + len(spans) < total),
            marked=self._marked(view.draft),
        )

    def _part(self, view: FormView, shown: int, total: int) -> str:
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

    def _lost(self, draft: Draft) -> str:
        """Return which sentences are no longer in the documents, question by question."""
        gone = lost(draft, self._documents())
        return render_on_one_line("lost", self._i18n, folder=_PAGES, lost=gone)

    def _told(self, problem: DraftProblem) -> str:
        return note_html(self._i18n.text(problem.key, **problem.values), "bad")

    def _failed(self, error: DalelError) -> str:
        reason = self._evaluation.reason(error, self._i18n)
        return note_html(self._i18n.text("not_done", reason=reason), "bad")


def _same() -> FormParts:
    """Return that all parts of the form stay as they are."""
    import gradio

    return FormParts(*[gradio.skip()] * len(FormParts._fields))


def _asked(question: object, answers: object, unanswerable: object, needs_all: object) -> Asked:
    return Asked(
        question if isinstance(question, str) else "",
        answers if isinstance(answers, str) else "",
        unanswerable is True,
        needs_all is True,
    )


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _span(value: str) -> Span | None:
    start, _, end = value.partition("-")
    is_span = start.isdecimal() and end.isdecimal() and len(value) < 30
    return (int(start), int(end)) if is_span else None
