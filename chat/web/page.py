"""The page in one language: its parts put together in Gradio, and the part where people ask.

In: a language and a site. Out: Gradio's Blocks. All text goes through chat/web/view.py, which
escapes it; Gradio lays it out, streams it, and brings back what is typed and pressed.
"""

import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from chat.question import MAX_CHARACTERS
from chat.web import feedback, view
from chat.web.component import QUIET, markdown
from chat.web.documents import documents_tab
from chat.web.site import Site
from chat.web.turns import Turn
from chat.web.turnstile import Busy
from chat.web.words import Words
from ingest.errors import DalelError

if TYPE_CHECKING:
    from gradio import Blocks, Component

_LOG = logging.getLogger("dalel.web")

EXAMPLES: Final = (
    "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
    "Арал теңізінің тартылуы неге әкелді?",
    "With how many countries has Kazakhstan established diplomatic relations?",
    "What is the Conference on Interaction and Confidence Building Measures in Asia?",
)


def build(words: Words, site: Site) -> "Blocks":
    """Build the page in a language."""
    import gradio

    page: Blocks
    with gradio.Blocks(title=words.say("title"), analytics_enabled=False) as page:
        head = markdown(view.header_html(words, ""))
        key = gradio.State("")
        with gradio.Tabs():
            with gradio.Tab(words.say("ask_tab"), id="ask"):
                shown = _ask_tab(words, site, key)
            documents_tab(words, site)
            for part in site.parts:
                part.tab(words, site)
        page.load(_opened(words, site), None, [key, head, *shown], **QUIET)
    return page


def _ask_tab(words: Words, site: Site, key: "Component") -> list["Component"]:
    """Build the tab; return what shows a conversation, in the order of `_shown`."""
    import gradio

    past, last = markdown(elem_id="dalel-past"), markdown(elem_id="dalel-last")
    with gradio.Row(visible=False, elem_id="dalel-feedback") as judge:
        markdown(f"<p>{words.say('was_right')}</p>")
        reason = gradio.Textbox(
            placeholder=words.say("reason"), label=words.say("reason"), show_label=False,
            container=False, scale=3, max_length=feedback.LONGEST_REASON,
        )  # fmt: skip
        yes = gradio.Button(words.say("yes"), size="sm", min_width=80)
        no = gradio.Button(words.say("no"), size="sm", min_width=80)
    thanks = markdown()
    with gradio.Row(visible=False, elem_id="dalel-tools") as tools:
        save = markdown()
        again = gradio.Button(words.say("new_conversation"), size="sm", scale=0, min_width=160)
    with gradio.Column(elem_id="dalel-examples") as examples:
        markdown(view.note_html(words.say("examples")))
        samples = [gradio.Button(each, size="sm") for each in EXAMPLES]
    with gradio.Row(elem_id="dalel-composer"):
        box = gradio.Textbox(
            placeholder=words.say("placeholder"), label=words.say("question"), show_label=False,
            container=False, scale=8, max_lines=6, max_length=MAX_CHARACTERS, autofocus=True,
        )  # fmt: skip
        send = gradio.Button(words.say("ask"), variant="primary", scale=1, min_width=110)
        stop = gradio.Button(words.say("stop"), visible=False, scale=1, min_width=110)
    shown = [past, last, save, tools, judge, examples]
    handler = _asked(words, site)
    outputs = [key, box, thanks, *shown, stop]
    for event in (box.submit, send.click):
        event(handler, [box, key], outputs, concurrency_limit=None, **QUIET)
    for sample in samples:
        sample.click(handler, [sample, key], outputs, concurrency_limit=None, **QUIET)
    stop.click(site.conversations.stop, [key], None, **QUIET)
    again.click(lambda: ["", "", *_shown([], words, "")], None, [key, thanks, *shown], **QUIET)
    for button, right in ((yes, True), (no, False)):
        judged = _judged(words, site, right=right)
        button.click(judged, [reason, key], [thanks, judge, reason], **QUIET)
    return shown


def _opened(words: Words, site: Site) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    import gradio

    def opened(request: gradio.Request) -> list[Any]:
        """Show the conversation that the address names, as after a change of language."""
        key = request.query_params.get("conversation", "")
        if not site.conversations.known(key):
            key = site.conversations.begin()
        turns = site.conversations.turns(key)
        return [key, view.header_html(words, key), *_shown(turns, words, key)]

    return opened


def _asked(words: Words, site: Site) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    import gradio

    async def asked(message: Any, key: Any) -> AsyncIterator[list[Any]]:  # noqa: ANN401
        """Stream an answer; whatever was sent, and whatever happens, the page stays usable."""
        hidden, left = gradio.update(visible=False), gradio.skip()
        try:
            if not isinstance(key, str) or not key:
                key = site.conversations.begin()
            turns = site.conversations.turns(key)
            number = len(turns) + 1
            question = message if isinstance(message, str) else ""
            waiting = view.pending_html(
                question[:MAX_CHARACTERS], words, number, writing=bool(site.author)
            )
            before = _past(turns, words)
            stopping = gradio.update(visible=bool(site.author))
            yield [key, "", "", before, waiting, left, hidden, hidden, hidden, stopping]
            async for turn in _growing(message, turns, site, key):
                if turn.answer:  # What is no answer has no parts.
                    so_far = view.turn_html(turn, words, number, whole=False)
                    yield [left, left, left, left, so_far, left, left, left, left, left]
            site.conversations.add(key, turn)
            yield [left, left, left, left, *_shown([*turns, turn], words, key)[1:], hidden]
        except Exception:  # noqa: BLE001  (a handler that raises disables Gradio's text box)
            _LOG.exception("a question failed")
            failed = view.turns_html([Turn("", None, {}, trouble="failed")], words)
            yield [left, left, left, left, failed, left, left, left, left, hidden]

    return asked


async def _growing(
    message: object, earlier: list[Turn], site: Site, key: str
) -> AsyncIterator[Turn]:
    """Answer once let in, and yield the turn as it grows; where too many wait, say so."""
    threshold, author = site.settings.threshold, site.author
    try:
        async with site.turnstile.enter():
            patience = author.patience() if author else None
            with site.conversations.writing(key, patience):
                index = site.live.retriever()
                growing = site.respond(message, earlier, index, threshold, author, patience)
                # Whoever leaves does not wait for the model: it is stopped, not heard to the end.
                step = partial(to_thread.run_sync, next, growing, None, abandon_on_cancel=True)
                while (turn := await step()) is not None:
                    yield turn
    except Busy:
        asked = message if isinstance(message, str) else ""
        yield Turn(asked[:MAX_CHARACTERS], None, {}, trouble="busy")


def _judged(words: Words, site: Site, *, right: bool) -> Any:  # noqa: ANN401
    import gradio

    def judged(reason: Any, key: Any) -> list[Any]:  # noqa: ANN401  (whatever a client sends)
        """Keep what somebody thinks of the last answer."""
        turns = site.conversations.turns(key) if isinstance(key, str) else []
        answered = [turn for turn in turns if turn.answer]
        try:
            if answered:
                why = reason if isinstance(reason, str) else ""
                feedback.keep(site.home, answered[-1], right=right, reason=why)
        except DalelError as error:
            told = view.note_html(words.say("not_kept", reason=error.line()), "bad")
            return [told, gradio.update(visible=True), gradio.skip()]
        return [view.note_html(words.say("thanks")), gradio.update(visible=False), ""]

    return judged


def _past(turns: list[Turn], words: Words) -> str:
    return view.turns_html(turns, words) if turns else ""


def _shown(turns: list[Turn], words: Words, key: str) -> list[Any]:
    """Return what shows a conversation: earlier turns, the last, links, feedback, examples."""
    import gradio

    last = turns[-1:]
    return [
        _past(turns[:-1], words),
        view.turns_html(last, words, first=len(turns)) if last else "",
        view.tools_html(words, key) if last else "",
        gradio.update(visible=bool(last)),
        gradio.update(visible=bool(last and last[0].answer)),
        gradio.update(visible=not turns),
    ]
