"""What a chat model says, piece by piece, for as long as there is patience for it.

In: a chat model, what it is told, patience. Out: pieces of text as they come. A server that
refuses, hangs, breaks off, sends rubbish or is stopped becomes `Silence` with the reason. Knows
nothing of sentences.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final, Literal

from chat.model import ChatModel

Told = tuple[str, str]
"""The rules, and what is asked."""

Reason = Literal["down", "slow", "refused", "nonsense", "language", "stopped", "cut"]
"""Why a model is of no use, or of no more: prompts/fallback.*.jinja says each in words."""

Heard = str | BaseException | None
"""A piece of what is said; what went wrong; or the end."""

TRIES: Final = 3
"""Times a model is asked that is busy or breaks before it says anything."""

PAUSE_SECONDS: Final = 0.5
"""Before it is asked again, doubled each time; what a server asks for may be minutes."""

LOOK_SECONDS: Final = 0.1
"""How often it is looked whether somebody has had enough."""

_BUSY: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model is listened to.

    Attributes:
        until: A moment of time.monotonic().
        stopped: Set by whoever has had enough.
    """

    until: float
    stopped: Event = field(default_factory=Event)

    @classmethod
    def of(cls, seconds: float) -> "Patience":
        """Begin to be patient."""
        return cls(time.monotonic() + seconds)

    @property
    def left_seconds(self) -> float:
        """How much is left, 0 or more."""
        return max(0.0, self.until - time.monotonic())

    def at_most(self, seconds: float) -> "Patience":
        """Return less of the same patience."""
        return replace(self, until=min(self.until, time.monotonic() + seconds))


class Silence(Exception):
    """The model says nothing, or nothing more, that can be used.

    Attributes:
        reason: Why.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


def hear(model: ChatModel, told: Told, patience: Patience) -> Iterator[str]:
    """Yield what comes, as it comes; ask again while nothing has come from a busy server.

    Raises:
        Silence: It failed, the time is up, or somebody stopped it.
    """
    for attempt in range(TRIES):
        came = False
        try:
            for piece in _in_time(model, told, patience):
                came = came or bool(piece)
                yield piece
            if not came:
                raise Silence("nonsense")
            return
        except _Failed as failed:
            pause = PAUSE_SECONDS * 2**attempt
            last = attempt + 1 == TRIES or patience.left_seconds <= pause
            if came or not failed.again or last or patience.stopped.wait(pause):
                raise Silence(failed.reason) from failed


class _Failed(Exception):
    """One try failed: why, and whether to try again."""

    def __init__(self, reason: Reason, *, again: bool) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.again = again


def _in_time(model: ChatModel, told: Told, patience: Patience) -> Iterator[str]:
    """Yield a model's pieces while there is patience, even if it sends nothing at all.

    The model is listened to in a thread of its own, for a server can keep a line open without
    ever saying a word; whoever stops listening leaves it to its own timeout.
    """
    heard: Queue[Heard] = Queue()
    left = Event()
    Thread(target=_overhear, args=(model, told, heard, left), daemon=True).start()
    try:
        while True:
            if patience.stopped.is_set():
                raise _Failed("stopped", again=False)
            try:
                piece = heard.get(timeout=min(LOOK_SECONDS, patience.left_seconds))
            except Empty:
                if not patience.left_seconds:
                    raise _Failed("slow", again=False) from None
                continue
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise _why(piece) from piece
            yield piece
    finally:
        left.set()


def _overhear(model: ChatModel, told: Told, heard: Queue[Heard], left: Event) -> None:
    """Put what a model says into a queue, its end or its error last, until nobody listens."""
    try:
        for piece in model.stream(*told):
            heard.put(piece)
            if left.is_set():
                return
        heard.put(None)
    except BaseException as error:  # noqa: BLE001  (it is told where it is waited for)
        heard.put(error)


def _why(error: BaseException) -> _Failed:
    """Tell a server that is busy, slow or gone from one that does not want to.

    Providers have no error in common; their status codes and names are much the same.
    """
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    if isinstance(status, int):
        return _Failed("down" if status in _BUSY else "refused", again=status in _BUSY)
    if "Timeout" in name:
        return _Failed("slow", again=False)
    if "Connect" in name or "Protocol" in name or "ReadError" in name:
        return _Failed("down", again=True)
    return _Failed("nonsense", again=False)
