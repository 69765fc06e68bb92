"""The form of the page on which a set is made: sentences to mark, a question, what is there so far.

Each sentence is a box to tick: that works by keyboard and by touch, and is exact, where a selection
in a browser gives back other characters than the document has. What happens when something is
pressed is in eval/set_editing.py.
"""

from typing import Any, Final, NamedTuple

from chat.question import MAX_CHARACTERS
from chat.web.gradio_adapter import QUIET, html_block
from chat.web.i18n import Translations
from chat.web.viewer import note_html
from eval.kept_drafts import STORAGE_SECRET
from eval.set_draft import MAX_NAME_CHARACTERS
from eval.set_editing import FormParts, FormView, SetEditing
from eval.web_runs import Evaluation

# One after the other, in the order in which they are pressed: each begins with what the last left.
_IN_TURN: Final[dict[str, Any]] = {"concurrency_limit": 1, "concurrency_id": "set_form", **QUIET}


class _Buttons(NamedTuple):
    """What is pressed to open a set, and to say whether a draft can go."""

    open: Any
    begin: Any
    discard: Any
    keep: Any


def set_form(i18n: Translations, evaluation: Evaluation, tab: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Build the form in a tab of Gradio's.

    Returns:
        A component whose value is the key of the set that was saved last, and the event of saving.
    """
    import gradio

    browser = gradio.BrowserState("", storage_key="dalel-draft", secret=STORAGE_SECRET)
    view, saved = gradio.State(FormView()), gradio.State("")
    with gradio.Accordion(i18n.text("make_set"), open=False, elem_id="dalel-set-form") as form:
        folder = f"{evaluation.own_sets.name}/"
        html_block(note_html(i18n.text("make_set_help")))
        html_block(note_html(i18n.text("own_sets_help", folder=folder)))
        opening, buttons = _build_opening(i18n)
        built = opening | _build_document(i18n) | _build_question(i18n) | _build_questions(i18n)
        name, save_button, kept = _build_saving(i18n)
    parts = FormParts(view=view, form=form, saved=saved, name=name, kept=kept, **built)
    handlers = SetEditing(i18n, evaluation)
    _connect(handlers, parts, buttons)
    # A browser may still be reading its key when the tab is opened first: a new one, which would
    # take the old one's place, is made a step later.
    known = tab.select(handlers.restore_known, [view, browser], [browser, *parts], **_IN_TURN)
    known.then(handlers.restore, [view, browser], [browser, *parts], **_IN_TURN)
    return saved, save_button.click(handlers.save, [view, parts.name], [*parts], **_IN_TURN)


def _build_opening(i18n: Translations) -> tuple[dict[str, Any], _Buttons]:
    """Build where a saved set is opened, and where it is asked whether a draft can go."""
    import gradio

    with gradio.Row(elem_classes="dalel-line"):
        opened = gradio.Dropdown(
            [], label=i18n.text("draft_saved_set"), interactive=True, scale=3, min_width=240
        )
        open_button = gradio.Button(i18n.text("draft_open"), scale=1, min_width=160)
        begin = gradio.Button(i18n.text("draft_begin"), scale=1, min_width=160)
    lost = html_block()
    with gradio.Column(visible=False) as unsaved:
        html_block(note_html(i18n.text("draft_unsaved")))
        with gradio.Row():
            discard = gradio.Button(i18n.text("draft_discard"), variant="stop", size="md")
            keep = gradio.Button(i18n.text("keep"), size="md")
    built = {"opened": opened, "lost": lost, "unsaved": unsaved}
    return built, _Buttons(open_button, begin, discard, keep)


def _build_document(i18n: Translations) -> dict[str, Any]:
    """Build where sentences are marked."""
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
    chosen = {"document": document, "find": find, "sentences": sentences, "part": part}
    return chosen | {"earlier": earlier, "later": later, "marked": html_block()}


def _build_question(i18n: Translations) -> dict[str, Any]:
    """Build where a question is written."""
    import gradio

    question = gradio.Textbox(label=i18n.text("draft_question"), max_length=MAX_CHARACTERS)
    answers = gradio.Textbox(
        label=i18n.text("draft_answers"), max_lines=1, max_length=MAX_CHARACTERS
    )
    with gradio.Row():
        unanswerable = gradio.Checkbox(label=i18n.text("draft_unanswerable"))
        needs_all = gradio.Checkbox(label=i18n.text("draft_needs_all"))
    with gradio.Row():
        add_button = gradio.Button(i18n.text("draft_add"))
        leave_button = gradio.Button(i18n.text("draft_leave"), visible=False)
    boxes = {"unanswerable": unanswerable, "needs_all": needs_all}
    pressed = {"add": add_button, "leave": leave_button, "added": html_block()}
    return {"question": question, "answers": answers} | boxes | pressed


def _build_questions(i18n: Translations) -> dict[str, Any]:
    """Build what shows the questions of the set, and lets them be changed and taken out."""
    import gradio

    questions = gradio.CheckboxGroup(
        [], label=i18n.text("draft_questions"), visible=False, elem_id="dalel-set-questions"
    )
    with gradio.Row():
        change_button = gradio.Button(i18n.text("draft_change"), size="sm", visible=False)
        remove_button = gradio.Button(i18n.text("draft_remove"), size="sm", visible=False)
    return {"questions": questions, "change": change_button, "remove": remove_button}


def _build_saving(i18n: Translations) -> tuple[Any, Any, Any]:
    """Build where the set is saved; return its name, the button, and what is told of it."""
    import gradio

    with gradio.Row(elem_classes="dalel-line"):
        name = gradio.Textbox(
            label=i18n.text("draft_name"), max_lines=1, max_length=MAX_NAME_CHARACTERS, scale=3
        )
        save_button = gradio.Button(i18n.text("draft_save"), variant="primary", scale=1)
    return name, save_button, html_block()


def _connect(handlers: SetEditing, parts: FormParts, buttons: _Buttons) -> None:
    """Let things happen when something is pressed, ticked or written."""
    view, every = parts.view, [*parts]
    written = [parts.question, parts.answers, parts.unanswerable, parts.needs_all]
    for event, handler, inputs in (
        (parts.document.input, handlers.open, [parts.document]),
        (parts.find.submit, handlers.find, [parts.find]),
        (parts.find.blur, handlers.find, [parts.find]),
        (parts.earlier.click, handlers.earlier, []),
        (parts.later.click, handlers.later, []),
        (parts.sentences.input, handlers.mark, [parts.sentences]),
        (parts.question.blur, handlers.write, written),
        (parts.answers.blur, handlers.write, written),
        (parts.unanswerable.input, handlers.write, written),
        (parts.needs_all.input, handlers.write, written),
        (parts.add.click, handlers.add, written),
        (parts.leave.click, handlers.leave, []),
        (parts.change.click, handlers.change, [parts.questions]),
        (parts.remove.click, handlers.remove, [parts.questions]),
        (buttons.open.click, handlers.open_set, [parts.opened]),
        (buttons.begin.click, handlers.begin, []),
        (buttons.discard.click, handlers.discard, []),
        (buttons.keep.click, handlers.keep, []),
    ):
        event(handler, [view, *inputs], every, **_IN_TURN)
    parts.document.focus(handlers.documents, None, [parts.document], **QUIET)
    parts.opened.focus(handlers.sets, None, [parts.opened], **QUIET)
