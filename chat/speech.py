"""What a chat model says, sentence by sentence.

In: a chat model, what it is told, patience. Out: whole sentences as they come, with the keys they
name. Knows nothing of passages.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
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
    """Yield the sentences that a model says, each once; a last one that is not whole is dropped.

    Small models go round in circles: one that says a sentence for the third time is left.

    Raises:
        Silence: It said nothing, or, once all that was whole has been yielded, not all it would.
    """
    heard = ""
    spoken: Counter[str] = Counter()
    failed: Silence | None = None
    try:
        for piece in hear(model, told, patience):
            heard += piece
            *whole, heard = _cut(heard)
            yield from _new(map(_said, whole), spoken)
            if len(heard) > LONGEST or len(spoken) >= MOST or max(spoken.values(), default=0) > 2:
                raise Silence("cut")
    except Silence as silence:
        failed = silence
    begun = any(character.isalnum() for character in _MARKS.sub("", heard))
    if begun and _ENDS.search(heard):
        yield from _new([_said(heard)], spoken)
    elif not spoken:
        raise failed if failed and failed.reason != "cut" else Silence("nonsense")
    elif begun and not failed:
        raise Silence("cut")
    if failed:
        raise failed


def _new(said: Iterable[Said], spoken: Counter[str]) -> Iterator[Said]:
    """Yield what has not been said before, and count all."""
    for each in said:
        spoken[each.text] += 1
        if spoken[each.text] == 1:
            yield each


def _said(text: str) -> Said:
    inside = (key.strip() for marks in _MARKS.findall(text) for key in re.split(r"[,;\s]+", marks))
    return Said(tidy(_MARKS.sub("", text)), tuple(dict.fromkeys(filter(None, inside))))


def tidy(text: str) -> str:
    """Close the gaps of what was taken out of a sentence.

    >>> tidy("Шарт  1994 жылы жасалды .")
    'Шарт 1994 жылы жасалды.'
    """
    return _BEFORE_A_STOP.sub("", " ".join(text.split()))


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
