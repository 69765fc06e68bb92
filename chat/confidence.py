"""Answer or abstain: how likely the best sentence answers at all.

In: the best cosine, and what off-topic questions reach in the same index. Out: 0 to 1. Knows
nothing of words. A logistic curve over how many deviations the cosine stands above chance; being
relative to chance, it means the same for every model, index and language.
"""

from math import exp
from typing import Final

from index.background import Background

THRESHOLD: Final = 0.5
"""Below this confidence the answer is that the documents do not say."""

# Fitted to answerable, near-miss and off-topic questions: eval/LOG.md, 2026-11-22, "abstention".
_SLOPE: Final = 1.9
_MIDDLE: Final = 1.8


def confidence(cosine: float, background: Background) -> float:
    """Return the confidence that a sentence with this cosine answers the question, 0 to 1."""
    return 1 / (1 + exp(-_SLOPE * (background.standing(cosine) - _MIDDLE)))
