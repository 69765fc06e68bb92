"""How the legs are combined, and how neither leg and neither language drowns the other.

In: for each candidate the cosines of its passage and of its best sentence, its lexical score, and
its language. Out: one score. Knows nothing of texts. Every constant: eval/LOG.md, 2026-11-22,
"fusion".

Dense: a passage's vector tells its topic, its best sentence's vector the one fact asked for. The
mean of both finds more than either, most of all across languages.

Lexical: the score is the share of the question's weight that a text holds (index/lexical.py), so
it needs no normalising by other candidates. Where question and text share no language it is near 0
for all of them and the cosine decides alone; ranks or min-max would blow that noise up to full
weight. And it counts only against the best of the same language: a text in the question's own
language gains nothing over the other language for sharing words with the question, it only loses
to a text of its own language that shares more.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

SENTENCE_WEIGHT: Final = 0.4
"""Weight of the best sentence's cosine; the rest is the passage's."""

LEXICAL_WEIGHT: Final = 0.3
"""What a full lexical match is worth, in cosine."""


def dense(passage: Scores, sentence: Scores) -> Scores:
    """Combine the cosines of passages and of their best sentences: float32 (n,), -1 to 1."""
    mean: Scores = (1 - SENTENCE_WEIGHT) * passage + SENTENCE_WEIGHT * sentence
    return mean.astype(np.float32)


def fuse(cosine: Scores, lexical: Scores, best_lexical: Scores) -> Scores:
    """Combine the legs: score = cosine + w · (lexical - best_lexical).

    Args:
        cosine: float32 (n,), -1 to 1: what `dense` returned.
        lexical: float32 (n,), 0 to 1.
        best_lexical: float32 (n,), the highest lexical score in each candidate's language.

    Returns:
        float32 (n,), comparable between candidates of one question.
    """
    return cosine + np.float32(LEXICAL_WEIGHT) * (lexical - best_lexical)
