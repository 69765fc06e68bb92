"""Reading: how likely each sentence of a window answers, with which words, and whether none does.

The model gives logits of start and end for each token, and "not here" at the first one (Devlin et
al. 2019, arXiv:1810.04805, section 4.3). From them, for a sentence:

    found     log Σ exp(start_i + end_j) over its spans i ≤ j, less the same of "not here":
              the log-odds that the answer stands in it
    needed    the mean of its tokens' third logit: the log-odds that a reader must see it
    answer    its most probable span
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.reader_input import Encoded, encode
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
        answer: The characters of the window that answer best in this sentence.
        score: Log-odds of that span alone.
    """

    found: float
    needed: float
    answer: Span
    score: float


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
    """Read windows for a question; None for a sentence that is beyond what the model can read."""
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
    for sentence in window.sentences:
        inside = np.flatnonzero(
            (encoded.spans[:, 1] > sentence[0]) & (encoded.spans[:, 1] <= sentence[1])
        )
        if not len(inside):
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
        highest = float(sums[best])
        total = highest + float(np.log(np.exp(sums - highest).sum()))
        readings.append(
            SentenceReading(
                found=total - none,
                needed=float(needed[first:last].mean()),
                answer=_trimmed(
                    window.text,
                    int(encoded.spans[first + best[0], 0]),
                    int(encoded.spans[first + best[1], 1]),
                ),
                score=highest - none,
            )
        )
    return readings


def _trimmed(text: str, start: int, end: int) -> Span:
    """Return a span without the spaces at its ends, and without a closing stop."""
    while start < end - 1 and not text[start].isalnum() and text[start] not in "«“\"'(+-−–№$€":
        start += 1
    while start < end - 1 and (text[end - 1].isspace() or text[end - 1] in ".,;:!?"):
        end -= 1
    return start, end


VERDICT_PLACES: Final = {"supported": 0, "refuted": 1, "unstated": 2}
"""Where each verdict stands among the logits of a claim."""


def judge(model: ReaderModel, claim: str, texts: Sequence[str]) -> Floats:
    """Hold a claim against texts: float32 (n, 3), the probabilities in the order of VERDICTS."""
    inputs = [encode(model.tokenizer, "claim: ", claim, "", text) for text in texts]
    logits = np.array([verdict for _, verdict in model.run(inputs)], np.float32).reshape(-1, 3)
    odds: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds
