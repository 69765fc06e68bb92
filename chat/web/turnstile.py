"""How many are let in at once, how many may wait, and who is told to come back.

In: work that takes a processor. Out: its result, or `Busy`. Knows nothing of questions.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, ParamSpec, TypeVar

from anyio import Semaphore, to_thread

AT_ONCE: Final = 2
"""Questions answered at once: more than processors only make all of them slower."""

WRITING_AT_ONCE: Final = 16
"""Questions that a language model writes answers to at once."""

WAITING: Final = 64
"""Questions that may wait: at some 30 ms each, two seconds of them."""

P = ParamSpec("P")
T = TypeVar("T")


class Busy(Exception):
    """Too many are waiting already."""


class Turnstile:
    """Lets a few in at once; used in one event loop."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        """Set how many are let in at once, and how many may wait for it."""
        self._at_once = at_once
        self._most = at_once + waiting
        self._here = 0
        self._gate: Semaphore | None = None

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Be let in, after those who came before.

        Raises:
            Busy: Too many are waiting.
        """
        if self._here >= self._most:
            raise Busy
        if self._gate is None:  # Made where an event loop runs.
            self._gate = Semaphore(self._at_once)
        self._here += 1
        try:
            async with self._gate:
                yield
        finally:
            self._here -= 1

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do something in a thread once let in.

        Raises:
            Busy: Too many are waiting.
        """
        async with self.enter():
            return await to_thread.run_sync(partial(work, *args, **named))
