"""Passages that a retriever finds for a question though they do not answer it.

Most windows that the reader sees when it is asked are such, so it must have seen them in training.
"""

from collections.abc import Sequence
from typing import Final

from eval.training.reading_rows import QuestionRow
from index.embedders.embedder import Embedder

NEAREST: Final = 12
"""Passages that are kept for a question."""


def nearest_passages(
    rows: Sequence[QuestionRow], embedder: Embedder
) -> dict[str, tuple[QuestionRow, ...]]:
    """Return for each question the rows of the nearest passages of other groups, by wording.

    That a passage does not answer a question of another one is likely, not known; whoever draws
    from them must leave out those that hold the words of the answer.

    Args:
        rows: Questions with their passages.
        embedder: What finds: the model that searches.
    """
    passages = list({row.context: row for row in rows}.values())
    questions = list({row.question: row for row in rows}.values())
    found = embedder.embed_queries([row.question for row in questions])
    cosines = found @ embedder.embed_passages([row.context for row in passages]).T
    nearest = {}
    for row, order in zip(questions, (-cosines).argsort(axis=1), strict=True):
        others = (passages[place] for place in order if passages[place].group != row.group)
        nearest[row.question] = tuple(
            other for other, _ in zip(others, range(NEAREST), strict=False)
        )
    return nearest
