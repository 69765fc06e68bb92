"""How much is measured: all of it for the results, a little of each part for the tests."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eval.bench.limits import ROWS, TOKENS


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and repeats of a run.

    Attributes:
        rows: Vectors that are read to measure the memory; see eval/bench/limits.py.
        tokens: Lengths of texts for which products are measured.
        processes: Runs of a whole process.
        questions: Questions that are answered one after the other, and that peers are asked.
        repeats: Runs of what takes seconds, such as embedding many passages.
        passages: Passages that are embedded.
        sizes: Passages of the indexes that questions are asked of.
        sessions: People at the page at once.
        each: Questions of each of them.
        lasting: Questions in all, after which the server's memory is looked at again.
        browser: Visits of a browser.
        others: Passages of other things among which peers find those of the documents.
        peers_python: The Python that runs peers: one that has them installed.
    """

    rows: int = ROWS
    tokens: tuple[int, ...] = TOKENS
    processes: int = 7
    questions: int = 150
    repeats: int = 3
    passages: int = 192
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000)
    sessions: int = 50
    each: int = 10
    lasting: int = 2_000
    browser: int = 7
    others: int = 200
    peers_python: Path = Path(sys.executable)


FULL: Final = Plan()

SMALL: Final = Plan(
    rows=4_096,
    tokens=TOKENS[:1],
    processes=1,
    questions=3,
    repeats=1,
    passages=8,
    sizes=(40, 80),
    sessions=2,
    each=2,
    lasting=16,
    browser=1,
    others=4,
)
"""Enough to see that all of it runs; its figures say nothing."""
