"""Questions to begin with, on the page: buttons that ask them.

Over the two documents that ship they are chosen by hand. Over any others they are made from what is
indexed (chat/suggested_questions.py), in the language of the page, after it is shown: they take a
few seconds once, and are remembered until the index changes.
"""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

from chat.suggested_questions import MAX_SUGGESTED, suggest_questions
from chat.web import viewer
from chat.web.gradio_adapter import QUIET, html_block
from chat.web.i18n import Translations
from chat.web.site import Busy, Site
from index.retriever import Retriever
from ingest.document import Document, Language
from ingest.loader import read_shipped

if TYPE_CHECKING:
    from gradio import Component

_LOG = logging.getLogger("dalel.web")

EXAMPLES: Final = (
    "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
    "Арал теңізінің тартылуы неге әкелді?",
    "With how many countries has Kazakhstan established diplomatic relations?",
    "What is the Conference on Interaction and Confidence Building Measures in Asia?",
)
"""Questions that the two documents that ship answer: shown while they are all that is indexed."""

_REMEMBERED: Final = 64
"""Choices of documents whose questions are remembered."""


class Examples:
    """The questions to begin with of the page in one language, and the buttons that ask them.

    Attributes:
        column: Where they are; hidden until there is something to ask.
        buttons: As many as there are questions at most.
    """

    def __init__(self, i18n: Translations, site: Site) -> None:
        """Build the column in the page that is being built."""
        import gradio

        self._site = site
        self._language = cast("Language", i18n.language)
        # An index that is no longer served is let go, and what was suggested of it, too.
        self._suggested: WeakKeyDictionary[Retriever, dict[tuple[str, ...], list[str]]]
        self._suggested = WeakKeyDictionary()
        self.column: Any
        with gradio.Column(visible=False, elem_id="dalel-examples") as self.column:
            html_block(viewer.note_html(i18n.text("examples")))
            self.buttons = [gradio.Button("", size="sm") for _ in range(MAX_SUGGESTED)]

    def show_on(self, listener: Callable[..., object], key: "Component") -> None:
        """Show the questions of a session once something happens, such as `tab.select`."""
        import gradio

        async def show_examples(session: Any) -> list[Any]:  # noqa: ANN401  (whatever is sent)
            questions: list[str] = []
            try:
                questions = await self.questions(session)
            except Exception:  # noqa: BLE001  (the page is as useful without them)
                _LOG.exception("no questions could be suggested")
            texts = questions + [""] * (MAX_SUGGESTED - len(questions))
            shown = [gradio.update(value=text, visible=bool(text)) for text in texts]
            return [gradio.update(visible=bool(questions)), *shown]

        listener(
            show_examples, [key], [self.column, *self.buttons], concurrency_limit=None, **QUIET
        )

    async def questions(self, key: object) -> list[str]:
        """Return the questions to begin with; none where something was asked, or many people ask.

        Args:
            key: The key of the session; any value may be sent.
        """
        if self._was_asked(key):
            return []
        found = await self._to_begin_with(key)
        # They take seconds: somebody may have asked meanwhile, and is reading the answer.
        return [] if self._was_asked(key) else found

    def _was_asked(self, key: object) -> bool:
        return isinstance(key, str) and bool(self._site.sessions.turns(key))

    async def _to_begin_with(self, key: object) -> list[str]:
        chosen = self._site.chosen(key)
        retriever = self._site.live.retriever()
        if not chosen and are_shipped(retriever.documents):
            return list(EXAMPLES)
        suggested = self._suggested.setdefault(retriever, {})
        place = tuple(sorted(chosen))
        if place not in suggested:
            searched = retriever.within(chosen)
            try:
                found = await self._site.concurrency.run(
                    suggest_questions, searched, self._language
                )
            except Busy:
                return []
            while len(suggested) >= _REMEMBERED:
                del suggested[next(iter(suggested))]
            suggested[place] = found
        return suggested[place]


def are_shipped(documents: Mapping[str, Document]) -> bool:
    """Say whether documents, by id, are the two that ship, unchanged, and no others."""
    shipped = {document.id: document.sha256 for document in read_shipped().documents}
    if len(documents) != len(shipped):
        return False
    return {one.id: one.sha256 for one in documents.values()} == shipped
