"""Answer or abstain: how likely the best sentence answers at all.

In: the best sentence's evidence, and what off-topic questions reach in the same index. Out: 0 to 1.
Knows nothing of words. Two things count: how many deviations the sentence's cosine stands above
chance, which means the same for every model and index, and the share of the question's weight that
the sentence holds, which means the same for every language.
"""

from math import exp
from typing import Final

from chat.evidence import Evidence
from index.background import Background

THRESHOLD: Final = 0.5
"""Below this confidence the answer is that the documents do not say."""

# Chosen on answerable, near-miss and off-topic questions: eval/LOG.md, 2026-11-22, "abstention".
_SHARE_WEIGHT: Final = 2.0
_SLOPE: Final = 0.7
_MIDDLE: Final = 1.2


def confidence(best: Evidence, background: Background) -> float:
    """Return the confidence that a sentence answers the question, 0 to 1.

    confidence = 1 / (1 + exp(-a · (standing + b · share - c)))

    Args:
        best: The sentence that was ranked first.
        background: What off-topic questions reach in the same index.
    """
    strength = background.standing(best.cosine) + _SHARE_WEIGHT * best.share
    return 1 / (1 + exp(-_SLOPE * (strength - _MIDDLE)))
