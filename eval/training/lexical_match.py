"""How far words alone match, as the retriever's training counts it: what vectors need not learn.

A search adds up both legs (index/retriever.py), so half of the loss is that of the sum: a vector
learns to find what words do not (Gao et al. 2021, arXiv:2004.13969). In go the questions and texts
of a batch, out comes what words add to their cosines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from index.analysis.analyzer import QueryTerms, query_terms, terms
from ingest.document import Language
from ingest.language import detect

FULL_MATCH: Final = 0.255
"""What a text that has all the words of a question gains by them, in cosine. In a search it is
`passage_lexical` of a share that BM25 gives, which for words found once is about half of this one's
(eval/LOG.md, 2026-11-29, "a retriever that was taught, second run")."""

Weight = Callable[[str], float]
"""Returns a term's weight, by how rare it is."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a question and of the texts that it is compared with.

    Attributes:
        query: The terms of the question.
        weights: The weight of each of them.
        texts: The language and the terms of each text.
    """

    query: QueryTerms
    weights: dict[str, float]
    texts: list[tuple[Language, frozenset[str]]]

    @classmethod
    def of(cls, question: str, texts: Sequence[str], weight: Weight) -> "Words":
        """Take the terms of a question and its texts, each in the language it is in."""
        query = query_terms(question, detect(question))
        languages = map(detect, texts)
        return cls(
            query,
            {term: weight(term) for term in (*query.words, *query.bridge)},
            [
                (language, frozenset(terms(text, language)))
                for text, language in zip(texts, languages, strict=True)
            ],
        )

    def share(self, language: Language, found: frozenset[str]) -> float:
        """Return the share of the question's weight that a text has, 0 to 1."""
        wanted = self.query.of(language)
        total = sum(self.weights[term] for term in wanted)
        matched = sum(self.weights[term] for term in wanted if term in found)
        return matched / total if total else 0.0


def lexical_bonus(batch: Sequence[Words]) -> npt.NDArray[np.float32]:
    """Return what words add to each cosine: float32 (questions, texts of all), at most 0.

    As in a search, a text is held against the best of its language.
    """
    texts = [text for words in batch for text in words.texts]
    languages = np.array([language for language, _ in texts])
    shares = np.array([[words.share(*text) for text in texts] for words in batch], np.float32)
    for language in np.unique(languages):
        alike = languages == language
        shares[:, alike] -= shares[:, alike].max(axis=1, keepdims=True)
    return FULL_MATCH * shares
