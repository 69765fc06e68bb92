"""Passages that a search finds for a question though they do not answer it.

Most windows that the reader sees when it is asked are such, so it must have seen them in training;
and they are what the retriever must learn to tell from those that answer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from eval.training.reading_rows import QuestionRow
from index.analysis.analyzer import query_terms
from index.bm25 import BM25Index
from index.embedders.cache import PassageCache
from index.embedders.embedder import Embedder
from index.ranking_weights import WEIGHTS
from ingest.language import detect

NEAREST: Final = 12
"""Passages that are kept for a question."""


def nearest_passages(
    rows: Sequence[QuestionRow], embedder: Embedder, folder: Path
) -> dict[str, tuple[QuestionRow, ...]]:
    """Return for each question the rows of the nearest passages of other groups, by wording.

    That a passage does not answer a question of another one is likely, not known; whoever draws
    from them must leave out those that hold the words of the answer. They are ranked by their
    cosine with the question and the share of its words that they have, as in a search.

    Args:
        rows: Questions with their passages.
        embedder: What finds: the model that searches.
        folder: Where the vectors of passages are remembered.
    """
    passages = list({row.context: row for row in rows}.values())
    remembered = PassageCache(embedder, folder)
    vectors = remembered.embed_passages([row.context for row in passages])
    lexical = BM25Index.build([(row.context, detect(row.context)) for row in passages])
    questions = list({row.question: row for row in rows}.values())
    asked = embedder.embed_queries([row.question for row in questions])
    nearest = {}
    for row, vector in zip(questions, asked, strict=True):
        terms = query_terms(row.question, detect(row.question))
        matched = np.maximum(lexical.scores(terms.words), lexical.scores(terms.bridge))
        order = (-vectors @ vector - WEIGHTS.passage_lexical * matched).argsort()
        others = (passages[place] for place in order if passages[place].group != row.group)
        nearest[row.question] = tuple(
            other for other, _ in zip(others, range(NEAREST), strict=False)
        )
    return nearest
