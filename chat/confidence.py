"""Answer or abstain: how likely a sentence answers at all.

In: a sentence's evidence, and what off-topic questions reach in the same index. Out: 0 to 1.
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
_MIDDLE: Final = 1.3


def confidence(evidence: Evidence, background: Background) -> float:
    """Return the confidence that a sentence answers the question, 0 to 1.

    confidence = 1 / (1 + exp(-a · (standing + b · share - c)))

    Args:
        evidence: The sentence.
        background: What off-topic questions reach in the same index.
    """
    strength = background.standing(evidence.cosine) + _SHARE_WEIGHT * evidence.share
    return 1 / (1 + exp(-_SLOPE * (strength - _MIDDLE)))
