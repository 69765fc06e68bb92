"""What all parts of the page share: the index, the sessions, and how many questions run at once."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from anyio import Semaphore, to_thread

from chat import session
from chat.llm import LLM, Deadline
from chat.session import Sessions, Turn
from chat.settings import Settings
from chat.web.i18n import Translations
from index.indexer import LiveIndex
from index.retriever import Retriever

if TYPE_CHECKING:
    from fastapi import FastAPI

MAX_RUNNING: Final = 2
"""Questions answered at once: more than there are processors only make all of them slower."""

MAX_RUNNING_WITH_LLM: Final = 16
"""Questions answered at once where an LLM writes: whoever waits for it keeps no processor busy."""

MAX_WAITING: Final = 64
"""Questions that may wait: at some 30 ms each, two seconds of them."""

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """Too many are waiting already."""


class ConcurrencyLimit:
    """Lets a few run at once, first come first served; to be used in one event loop."""

    def __init__(self, max_running: int = MAX_RUNNING, max_waiting: int = MAX_WAITING) -> None:
        """Set how many may run at once, and how many may wait for it."""
        self._max_running = max_running
        self._max_entered = max_running + max_waiting
        self._entered = 0
        self._semaphore: Semaphore | None = None

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for a turn, after those who came before, and keep it until the context ends.

        Raises:
            Busy: Too many are waiting.
        """
        if self._entered >= self._max_entered:
            raise Busy
        if self._semaphore is None:  # Made here, since it belongs to the running event loop.
            self._semaphore = Semaphore(self._max_running)
        self._entered += 1
        try:
            async with self._semaphore:
                yield
        finally:
            self._entered -= 1

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run a function in a thread, once there is a turn for it.

        Raises:
            Busy: Too many are waiting.
        """
        async with self.enter():
            return await to_thread.run_sync(partial(work, *args, **named))


Respond = Callable[
    [object, list[Turn], Retriever, float | None, LLM | None, Deadline | None],
    Iterator[Turn],
]
"""What answers on the page; chat/session.py's `respond` says with what it is called."""

MAX_UPLOAD_MEGABYTES: Final = 20
"""Largest file that can be added on the page."""


@dataclass(frozen=True, slots=True)
class Site:
    """One served page.

    Attributes:
        live: The index.
        settings: What the command was given.
        uploads: Whether documents can be added and removed on the page.
        parts: Tabs that other folders bring.
        llm: The language model that writes; None to quote.
        sessions: What was asked.
        concurrency: How many questions are answered at once.
        respond: What answers; another one only where the page is measured by itself.
    """

    live: LiveIndex
    settings: Settings
    uploads: bool = True
    parts: "tuple[Part, ...]" = ()
    llm: LLM | None = None
    sessions: Sessions = field(default_factory=Sessions)
    concurrency: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    respond: Respond = session.respond

    @property
    def home(self) -> Path:
        """Where the index and what people thought of answers are kept."""
        return self.settings.home

    def chosen(self, key: object) -> list[str]:
        """Return the ids of the documents that a session asks, of those that are still indexed."""
        documents = self.live.retriever().documents
        return [name for name in self.sessions.chosen(key) if name in documents]

    def retriever(self, key: object) -> Retriever:
        """Return the index as a session asks it: in all documents, or in those that it chose.

        Args:
            key: The key of the session; any value may be sent.
        """
        return self.live.retriever().within(self.chosen(key))


@dataclass(frozen=True, slots=True)
class Part:
    """A tab that another folder brings, as eval/web_tab.py does.

    Attributes:
        tab: Builds it in the page that is being built.
        routes: Adds the addresses it needs, all below /more/.
    """

    tab: Callable[[Translations, Site], None]
    routes: "Callable[[FastAPI, Site], None]"
