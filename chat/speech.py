"""What a chat model says, sentence by sentence, within a deadline and whatever its server does.

In: a chat model, what it is told, a deadline. Out: whole sentences as they come, with the keys
they name. Knows nothing of passages. A server that refuses, hangs, breaks off, sends rubbish or
never ends becomes `Silence` with the reason, or the end of what was said.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from queue import Empty, Queue
from threading import Event, Thread
from typing import Final, Literal

from chat.model import ChatModel
from ingest.sentence import sentences

Told = tuple[str, str]
"""The rules, and what is asked."""

Reason = Literal["down", "slow", "refused", "nonsense"]

Heard = str | BaseException | None
"""A piece of what is said; what went wrong; or the end."""

TRIES: Final = 3
"""Times a model is asked that is busy or breaks before it says anything."""

PAUSE_SECONDS: Final = 0.5
"""Before it is asked again, doubled each time; what a server asks for may be minutes."""

LONGEST: Final = 6_000
"""Characters listened to at most, whatever the model was told."""

_BUSY: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
_MARKS: Final = re.compile(r"\[([^\[\]\n]{1,60})\]")
_OPEN: Final = re.compile(r"\[[^\[\]\n]{0,60}\Z")
_ENDS: Final = re.compile(r"[.!?…\]»”\"]\s*\Z")


class Silence(Exception):
    """The model said nothing that can be used.

    Attributes:
        reason: Why.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that a model said: without its marks, and the keys in them, each once."""

    text: str
    keys: tuple[str, ...]


def listen(model: ChatModel, told: Told, deadline_seconds: float) -> Iterator[Said]:
    """Yield the sentences that a model says; a last one that is not whole is dropped.

    Raises:
        Silence: It said nothing before it failed or the time was up.
    """
    end = time.monotonic() + deadline_seconds
    heard, spoken, failed = "", False, Silence("nonsense")
    try:
        for piece in _pieces(model, told, end):
            heard += piece
            *whole, heard = _cut(heard)
            for each in whole:
                spoken = True
                yield _said(each)
            if len(heard) > LONGEST:
                break
    except Silence as silence:
        failed = silence
    if _ENDS.search(heard) and any(character.isalnum() for character in _MARKS.sub("", heard)):
        yield _said(heard)
    elif not spoken:
        raise failed


def _said(text: str) -> Said:
    inside = (key.strip() for marks in _MARKS.findall(text) for key in re.split(r"[,;\s]+", marks))
    return Said(" ".join(_MARKS.sub("", text).split()), tuple(dict.fromkeys(filter(None, inside))))


def _cut(text: str) -> list[str]:
    """Cut a text before each sentence but the first; the last piece may go on.

    Marks are looked over, so those behind a full stop stay with the sentence before it; where one
    may still be coming, nothing is cut.
    """
    if _OPEN.search(text):
        return [text]
    unmarked = _MARKS.sub(lambda mark: " " * len(mark[0]), text)
    starts = [0, *(start for start, _ in sentences(unmarked)[1:]), len(text)]
    return [text[start:end] for start, end in pairwise(starts)] or [text]


def _pieces(model: ChatModel, told: Told, end: float) -> Iterator[str]:
    """Yield what comes, as it comes; ask again while nothing has come from a busy server.

    Raises:
        Silence: It failed, or the time is up.
    """
    for attempt in range(TRIES):
        came = False
        try:
            for piece in _in_time(model, told, end):
                came = came or bool(piece)
                yield piece
            if not came:
                raise Silence("nonsense")
            return
        except _Failed as failed:
            pause = PAUSE_SECONDS * 2**attempt
            left = end - time.monotonic()
            if came or not failed.again or attempt + 1 == TRIES or left <= pause:
                raise Silence(failed.reason) from failed
            time.sleep(pause)


class _Failed(Exception):
    """One try failed: why, and whether to try again."""

    def __init__(self, reason: Reason, *, again: bool) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.again = again


def _in_time(model: ChatModel, told: Told, end: float) -> Iterator[str]:
    """Yield a model's pieces until a moment of time.monotonic(), even if it sends nothing at all.

    The model is listened to in a thread of its own, for a server can keep a line open without
    ever saying a word; whoever stops listening leaves it to its own timeout.
    """
    heard: Queue[Heard] = Queue()
    left = Event()
    Thread(target=_overhear, args=(model, told, heard, left), daemon=True).start()
    try:
        while True:
            try:
                piece = heard.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise _Failed("slow", again=False) from None
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
