"""Reading: how likely each sentence of a window answers, with which words, and whether none does.

The model gives logits of start and end for each token, and "not here" at the first one (Devlin et
al. 2019, arXiv:1810.04805, section 4.3). From them, for a sentence:

    found     log Σ exp(start_i + end_j) over its spans i ≤ j, less the same of "not here":
              the log-odds that the answer stands in it
    needed    the mean of its tokens' third logit: the log-odds that a reader must see it
    answer    its most probable span
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.reader_input import Encoded, encode, read_as
from chat.reader_model import ReaderModel
from ingest.document import Span

MAX_ANSWER_TOKENS: Final = 40
"""Longest answer, in tokens: of the training answers one in a hundred is longer."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What the model reads in a sentence.

    Attributes:
        found: Log-odds that the answer stands in it.
        needed: Log-odds that it must be seen to answer.
        answer: The characters of the window that answer best in this sentence; at least one letter
            or digit, if the sentence has any.
    """

    found: float
    needed: float
    answer: Span


@dataclass(frozen=True, slots=True)
class Window:
    """What is read at once.

    Attributes:
        title: Title and heading, or "".
        text: Whole sentences.
        sentences: Where in the text they are.
    """

    title: str
    text: str
    sentences: Sequence[Span]


def read(
    model: ReaderModel, question: str, windows: Sequence[Window]
) -> list[list[SentenceReading | None]]:
    """Read windows for a question.

    Returns:
        For each window, what is read in each of its sentences; None where there is nothing to read.
    """
    readings = _read_once(model, question, windows)
    for window, found in zip(windows, readings, strict=True):
        # Of a window of very many tokens, such as one of numbers, the model reads the first ones.
        unread = [at for at in range(1, len(found)) if found[at] is None and _has_words(window, at)]
        if unread:
            found[unread[0] :] = _read_from(unread[0], model, question, window)
    return readings


def _read_from(
    first: int, model: ReaderModel, question: str, window: Window
) -> list[SentenceReading | None]:
    start = window.sentences[first][0]
    sentences = [(a - start, b - start) for a, b in window.sentences[first:]]
    (found,) = read(model, question, [Window(window.title, window.text[start:], sentences)])
    return [
        one and replace(one, answer=(start + one.answer[0], start + one.answer[1])) for one in found
    ]


def _has_words(window: Window, place: int) -> bool:
    return any(map(str.isalnum, read_as(window.text[slice(*window.sentences[place])])[0]))


def _read_once(
    model: ReaderModel, question: str, windows: Sequence[Window]
) -> list[list[SentenceReading | None]]:
    inputs = [
        encode(model.tokenizer, "query: ", question, window.title, window.text)
        for window in windows
    ]
    return [
        _sentences(window, encoded, logits)
        for window, encoded, (logits, _) in zip(windows, inputs, model.run(inputs), strict=True)
    ]


def _sentences(window: Window, encoded: Encoded, logits: Floats) -> list[SentenceReading | None]:
    none = float(logits[0, 0] + logits[0, 1])
    starts, ends, needed = logits[encoded.first : encoded.first + len(encoded.spans)].T
    readings: list[SentenceReading | None] = []
    for place, sentence in enumerate(window.sentences):
        inside = np.flatnonzero(
            (encoded.spans[:, 1] > sentence[0]) & (encoded.spans[:, 1] <= sentence[1])
        )
        if not len(inside) or not _has_words(window, place):
            readings.append(None)
            continue
        first, last = inside[0], inside[-1] + 1
        # (n, n): the sum for every start and end, where the end is not before the start.
        sums = starts[first:last, None] + ends[None, first:last]
        length = last - first
        allowed = np.triu(np.ones((length, length), bool)) & ~np.triu(
            np.ones((length, length), bool), MAX_ANSWER_TOKENS
        )
        sums = np.where(allowed, sums, -np.inf)
        best = np.unravel_index(int(sums.argmax()), sums.shape)
        start, end = encoded.spans[first + best[0], 0], encoded.spans[first + best[1], 1]
        highest = float(sums[best])
        total = highest + float(np.log(np.exp(sums - highest).sum()))
        readings.append(
            SentenceReading(
                found=total - none,
                needed=float(needed[first:last].mean()),
                answer=_trimmed(window.text, (int(start), int(end)), sentence),
            )
        )
    return readings


def _trimmed(text: str, answer: Span, sentence: Span) -> Span:
    """Return an answer without what is no part of it at its ends: spaces, stops, marks.

    Where no letter or digit is left, the sentence is the answer.
    """
    start, end = max(answer[0], sentence[0]), min(answer[1], sentence[1])
    if not any(map(str.isalnum, text[start:end])):
        return sentence
    while not text[start].isalnum() and text[start] not in "«“\"'(+-−–№$€":
        start += 1
    while text[end - 1].isspace() or text[end - 1] in ".,;:!?*_`":
        end -= 1
    return start, end


VERDICT_PLACES: Final = {"supported": 0, "refuted": 1, "unstated": 2}
"""Where each verdict stands among the logits of a claim."""


def judge(model: ReaderModel, claim: str, texts: Sequence[str]) -> Floats:
    """Return the probabilities of each verdict by each text: float32 (n, 3), as VERDICT_PLACES.

    A claim that is too long to be read to its end is unstated: no one knows what its end says.
    """
    inputs = [encode(model.tokenizer, "claim: ", claim, "", text) for text in texts]
    logits = np.array([verdict for _, verdict in model.run(inputs)], np.float32).reshape(-1, 3)
    odds: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    if not all(encoded.whole for encoded in inputs):
        odds[:] = np.eye(3)[VERDICT_PLACES["unstated"]]
    return odds
