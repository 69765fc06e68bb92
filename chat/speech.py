"""What a chat model says, sentence by sentence.

In: a chat model, what it is told, patience. Out: whole sentences as they come, with the keys they
name. Knows nothing of passages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chat.hear import Patience, Silence, Told, hear
from chat.model import ChatModel
from ingest.sentence import sentences

LONGEST: Final = 6_000
"""Characters of one sentence listened to at most, whatever the model was told."""

MOST: Final = 60
"""Sentences listened to at most: three times what TOKENS of chat/model.py allow."""

_MARKS: Final = re.compile(r"\[([^\[\]\n]{1,60})\]")
_OPEN: Final = re.compile(r"\[[^\[\]\n]{0,60}\Z")
_ENDS: Final = re.compile(r"[.!?…\]»”\"]\s*\Z")
_BEFORE_A_STOP: Final = re.compile(r"\s+(?=[.,;:!?…])")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that a model said: without its marks, and the keys in them, each once."""

    text: str
    keys: tuple[str, ...]


def listen(model: ChatModel, told: Told, patience: Patience) -> Iterator[Said]:
    """Yield the sentences that a model says; a last one that is not whole is dropped.

    Raises:
        Silence: It said nothing, or, once all that was whole has been yielded, not all it would.
    """
    heard, spoken = "", 0
    failed: Silence | None = None
    try:
        for piece in hear(model, told, patience):
            heard += piece
            *whole, heard = _cut(heard)
            yield from map(_said, whole)
            spoken += len(whole)
            if len(heard) > LONGEST or spoken >= MOST:
                raise Silence("cut")
    except Silence as silence:
        failed = silence
    begun = any(character.isalnum() for character in _MARKS.sub("", heard))
    if begun and _ENDS.search(heard):
        yield _said(heard)
    elif not spoken:
        raise failed if failed and failed.reason != "cut" else Silence("nonsense")
    elif begun and not failed:
        raise Silence("cut")
    if failed:
        raise failed


def _said(text: str) -> Said:
    inside = (key.strip() for marks in _MARKS.findall(text) for key in re.split(r"[,;\s]+", marks))
    unmarked = " ".join(_MARKS.sub("", text).split())
    keys = tuple(dict.fromkeys(filter(None, inside)))
    return Said(_BEFORE_A_STOP.sub("", unmarked), keys)


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
