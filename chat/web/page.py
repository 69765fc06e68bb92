"""The page in one language: its tabs put together in Gradio, and the tab where people ask.

Gradio lays the page out, streams it, and brings back what is typed and pressed. What is shown is
HTML of chat/web/viewer.py.
"""

import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from chat.question import MAX_CHARACTERS
from chat.session import Turn
from chat.web import feedback, viewer
from chat.web.documents import documents_tab
from chat.web.examples import Examples
from chat.web.gradio_adapter import QUIET, html_block
from chat.web.i18n import Translations
from chat.web.reasons import reason_in
from chat.web.site import Busy, Site
from ingest.errors import DalelError

if TYPE_CHECKING:
    from gradio import Blocks, Component, Request

_LOG = logging.getLogger("dalel.web")


def build_page(i18n: Translations, site: Site) -> "Blocks":
    """Build the page in a language."""
    import gradio

    page: Blocks
    with gradio.Blocks(title=i18n.text("title"), analytics_enabled=False) as page:
        head = html_block(viewer.header_html(i18n, ""))
        key = gradio.State("")
        with gradio.Tabs():
            with gradio.Tab(i18n.text("ask_tab"), id="ask") as ask_tab:
                session_view, examples = _ask_tab(i18n, site, key, head)
            documents_tab(i18n, site, key)
            for part in site.parts:
                part.tab(i18n, site)
        opened = page.load(_open_handler(i18n, site), None, [key, head, *session_view], **QUIET)
        # They take seconds the first time, and go by what is indexed and chosen in another tab.
        examples.show_on(opened.then, key)
        examples.show_on(ask_tab.select, key)
    return page


def _ask_tab(
    i18n: Translations, site: Site, key: "Component", head: "Component"
) -> tuple[list["Component"], Examples]:
    """Build the tab; return what shows a session, as in `_session_updates`, and the examples."""
    import gradio

    past = html_block(elem_id="dalel-past")
    with gradio.Column(elem_id="dalel-now"):
        last = html_block(elem_id="dalel-last")
        judge, thanks, explain = _feedback(i18n, site, key)
        with gradio.Row(visible=False, elem_id="dalel-tools") as tools:
            save = html_block()
            again = gradio.Button(i18n.text("new_conversation"), size="sm", scale=0, min_width=160)
    box, send, stop = _composer(i18n)
    examples = Examples(i18n, site)  # Below the box, which would move when they come.
    session_view = [past, last, save, tools, judge, examples.column]
    ask = _ask_handler(i18n, site)
    outputs = [key, box, thanks, *session_view, stop, explain, head]
    # What is sent while an answer is on its way is asked after it, and not lost.
    gradio.on(
        [box.submit, send.click], ask, [box, key], outputs,
        concurrency_limit=None, trigger_mode="always_last", **QUIET,
    )  # fmt: skip
    for button in examples.buttons:
        button.click(ask, [button, key], outputs, concurrency_limit=None, **QUIET)
    stop.click(site.sessions.stop, [key], None, **QUIET)
    begin = _begin_handler(i18n, site)
    anew = again.click(begin, [key], [key, head, thanks, explain, *session_view], **QUIET)
    examples.show_on(anew.then, key)
    return session_view, examples


def _feedback(i18n: Translations, site: Site, key: "Component") -> tuple[Any, Any, Any]:
    """Build the question whether an answer was right, thanks, and the box that asks why after it.

    Before it is pressed there is no box: it would look like the place to ask.
    """
    import gradio

    judged = gradio.State("")
    with gradio.Row(visible=False, elem_id="dalel-feedback") as judge:
        html_block(f"<p>{i18n.text('was_right')}</p>")
        yes = gradio.Button(i18n.text("yes"), size="sm", scale=0, min_width=80)
        no = gradio.Button(i18n.text("no"), size="sm", scale=0, min_width=80)
    thanks = html_block(elem_id="dalel-thanks")
    with gradio.Row(visible=False, elem_id="dalel-explain") as explain:
        reason = gradio.Textbox(
            placeholder=i18n.text("reason"), label=i18n.text("reason"), show_label=False,
            container=False, scale=4, max_length=feedback.MAX_REASON_CHARACTERS,
        )  # fmt: skip
        send = gradio.Button(i18n.text("send_reason"), size="sm", scale=0, min_width=100)
    for button, right in ((yes, True), (no, False)):
        keep_feedback = _feedback_handler(i18n, site, right=right)
        button.click(keep_feedback, [key], [thanks, judge, explain, judged], **QUIET)
    keep_reason = _reason_handler(i18n, site)
    for event in (reason.submit, send.click):
        event(keep_reason, [reason, judged], [thanks, explain, reason], **QUIET)
    return judge, thanks, explain


def _composer(i18n: Translations) -> tuple[Any, Any, Any]:
    """Build where a question is typed; return the text box, and the buttons to send and to stop."""
    import gradio

    with gradio.Row(elem_id="dalel-composer"):
        box = gradio.Textbox(
            placeholder=i18n.text("placeholder"), label=i18n.text("question"), show_label=False,
            container=False, scale=8, max_lines=6, max_length=MAX_CHARACTERS, autofocus=True,
        )  # fmt: skip
        send = gradio.Button(i18n.text("ask"), variant="primary", scale=1, min_width=110)
        stop = gradio.Button(i18n.text("stop"), visible=False, scale=1, min_width=110)
    return box, send, stop


def _open_handler(i18n: Translations, site: Site) -> Any:  # noqa: ANN401  (Gradio inspects it)
    import gradio

    def open_session(request: gradio.Request) -> list[Any]:
        """Show the session that the address names, as after a change of language."""
        key = _key_of_page(site, request)
        turns = site.sessions.turns(key)
        # The first question may have been sent before: what is shown of it stays.
        updates = _session_updates(turns, i18n, site, key) if turns else 6 * [gradio.skip()]
        return [key, viewer.header_html(i18n, key), *updates]

    return open_session


def _key_of_page(site: Site, request: "Request | None") -> str:
    """Return the key of the session that a page shows, as long as it has not been told it."""
    if request is None or not request.session_hash:
        return site.sessions.new_key()
    named = request.query_params.get("conversation", "")
    return site.sessions.key_of_page(request.session_hash, named)


def _begin_handler(i18n: Translations, site: Site) -> Any:  # noqa: ANN401  (Gradio inspects it)
    import gradio

    def begin_session(old: Any) -> list[Any]:  # noqa: ANN401  (whatever is sent)
        """Begin a session that asks the same documents; links to other languages lead to it."""
        key, hidden = site.sessions.new_key(old), gradio.update(visible=False)
        updates = _session_updates([], i18n, site, key)
        return [key, viewer.header_html(i18n, key), "", hidden, *updates]

    return begin_session


def _ask_handler(i18n: Translations, site: Site) -> Any:  # noqa: ANN401  (Gradio inspects it)
    import gradio

    # Gradio names an event after its function: `ask` is the name of what clients ask, in app.py.
    async def stream_turn(
        message: Any,  # noqa: ANN401
        key: Any,  # noqa: ANN401
        request: gradio.Request | None = None,
    ) -> AsyncIterator[list[Any]]:
        """Stream an answer; whatever was sent, and whatever happens, the page stays usable."""
        hidden, same = gradio.update(visible=False), gradio.skip()
        head = same
        try:
            if not isinstance(key, str) or not key:  # The page is still being opened.
                key = _key_of_page(site, request)
                head = viewer.header_html(i18n, key)
            turns = site.sessions.turns(key)
            number = len(turns) + 1
            question = message if isinstance(message, str) else ""
            if turns and not question.strip():  # Pressed twice: the box was empty by then.
                yield 12 * [same]
                return
            pending = viewer.pending_html(
                question[:MAX_CHARACTERS], i18n, number, writing=bool(site.llm)
            )
            past = viewer.turns_html(turns, i18n, folded=True)
            stop = gradio.update(visible=bool(site.llm))
            yield [key, "", "", past, pending, same, hidden, hidden, hidden, stop, hidden, head]
            async for turn in _growing_turns(message, turns, site, key):
                if turn.answer:  # What is no answer has no parts.
                    so_far = viewer.turn_html(turn, i18n, number, whole=False)
                    yield [*4 * [same], so_far, *7 * [same]]
            site.sessions.add(key, turn)
            updates = _session_updates([*turns, turn], i18n, site, key)
            yield [*4 * [same], *updates[1:], hidden, same, same]
        except Exception:  # noqa: BLE001  (a handler that raises disables Gradio's text box)
            _LOG.exception("a question failed")
            failed = viewer.turns_html([Turn("", None, {}, problem="failed")], i18n)
            yield [*4 * [same], failed, *4 * [same], hidden, same, same]

    return stream_turn


async def _growing_turns(
    message: object, earlier: list[Turn], site: Site, key: str
) -> AsyncIterator[Turn]:
    """Wait for a turn to run, and yield the answer as it grows; where too many wait, say so."""
    try:
        async with site.concurrency.enter():
            deadline = site.llm.deadline() if site.llm else None
            with site.sessions.generating(key, deadline):
                retriever, threshold = site.retriever(key), site.settings.threshold
                turns = site.respond(message, earlier, retriever, threshold, site.llm, deadline)
                # Whoever leaves does not wait for the model: it is stopped, not read to the end.
                step = partial(to_thread.run_sync, next, turns, None, abandon_on_cancel=True)
                while (turn := await step()) is not None:
                    yield turn
    except Busy:
        question = message if isinstance(message, str) else ""
        yield Turn(question[:MAX_CHARACTERS], None, {}, problem="busy")


def _feedback_handler(i18n: Translations, site: Site, *, right: bool) -> Any:  # noqa: ANN401
    import gradio

    def keep_feedback(key: Any) -> list[Any]:  # noqa: ANN401  (whatever is sent)
        """Keep what somebody thinks of the last answer, and ask why."""
        turns = site.sessions.turns(key) if isinstance(key, str) else []
        answered = [turn for turn in turns if turn.answer]
        shown, hidden = gradio.update(visible=True), gradio.update(visible=False)
        try:
            judged = feedback.save(site.home, answered[-1], right=right) if answered else ""
        except DalelError as error:
            return [_not_kept(error, i18n), shown, hidden, ""]
        return [viewer.note_html(i18n.text("thanks")), hidden, shown, judged]

    return keep_feedback


def _reason_handler(i18n: Translations, site: Site) -> Any:  # noqa: ANN401  (Gradio inspects it)
    import gradio

    def keep_reason(reason: Any, judged: Any) -> list[Any]:  # noqa: ANN401  (whatever is sent)
        """Keep why somebody thinks so."""
        try:
            if isinstance(reason, str) and isinstance(judged, str) and reason.strip():
                feedback.explain(site.home, judged, reason)
        except DalelError as error:
            return [_not_kept(error, i18n), gradio.update(visible=True), gradio.skip()]
        return [viewer.note_html(i18n.text("thanks")), gradio.update(visible=False), ""]

    return keep_reason


def _not_kept(error: DalelError, i18n: Translations) -> str:
    reason = reason_in(i18n.language, error.line())
    return viewer.note_html(i18n.text("not_kept", reason=reason), "bad")


def _session_updates(turns: list[Turn], i18n: Translations, site: Site, key: str) -> list[Any]:
    """Return what shows a session: earlier turns, the last, links, tools, feedback, examples."""
    import gradio

    last = turns[-1:]
    return [
        viewer.turns_html(turns[:-1], i18n, folded=True),
        viewer.turns_html(last, i18n, first=len(turns)),
        viewer.tools_html(i18n, key) if last else "",
        gradio.update(visible=bool(last)),
        gradio.update(visible=any(turn.answer and turn.answer.mode != "talk" for turn in last)),
        gradio.skip() if not turns else gradio.update(visible=False),
    ]
