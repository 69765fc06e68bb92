"""One sentence that a model wrote, held against what it cites.

In: a claim, the passages it names, and all passages that were found. Out: a verdict: the sentences
of the documents that support it, or that none does. Knows nothing of models and prompts. A claim
is supported if

    facts    every number and date of it, and every name that its language shares with the
             source, stands in what is cited, however it is written there
    support  a cited sentence says much the same: the cosine of claim and sentence, less what its
             language has in common, plus the share of the claim's weight that it holds; held
             against what sentences about cooking, cats and bicycles reach in the same index
    nearest  no sentence of another passage says it clearly better

What fails is cited anew, if a sentence of another passage passes. Constants: eval/LOG.md,
2026-11-22, "verification".
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from statistics import median
from typing import Final

import numpy as np

from chat.evidence import held_terms
from index.analysis.facts.find import Fact, date_keys, facts
from index.analysis.glossary import concepts
from index.analysis.terms import asked
from index.background import questions
from index.retrieve import Hit, IndexRetriever
from ingest.document import Document, Language, Span
from ingest.language import detect

ABOVE_CHANCE: Final = 0.03
"""By how much a sentence must say a claim better than the best one says what is about something
else entirely: what chance reaches is another thing in every index."""

CLEARLY: Final = 0.05
"""By how much another passage must say it better for a citation to be wrong."""

LEXICAL_WEIGHT: Final = 0.3
"""What holding all of the claim's words is worth, in cosine."""

_CHANCES: Final = 6
"""Passages looked at for what chance reaches: as many as a model is shown."""

MOST: Final = 3
"""Sentences cited for one claim at most."""

_SMALL: Final = frozenset(("1", "2", "10"))
"""Numbers that idioms hold when they are written as words: one another, on the other hand."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that can be cited.

    Attributes:
        row: The row of its passage in the index.
        document: Where it stands.
        span: Where in that document.
        language: Its passage's language.
        position: Its place among the passage's sentences, from 0.
    """

    row: int
    document: Document
    span: Span
    language: Language
    position: int

    @property
    def text(self) -> str:
        """What it says, to the letter."""
        return self.document.text[slice(*self.span)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim.

    Attributes:
        sentences: What supports it, in the order of the documents; none if nothing does.
        cited_anew: Whether that is elsewhere than where the model said.
        missing: Its numbers, dates and names that no cited sentence holds.
        support: How much the best of them says the same; higher is better.
    """

    sentences: tuple[Sentence, ...]
    cited_anew: bool
    missing: tuple[str, ...]
    support: float

    @property
    def supported(self) -> bool:
        """Whether the claim stands."""
        return bool(self.sentences)


class Verifier:
    """The passages found for a question, ready to be held against claims."""

    def __init__(self, hits: Sequence[Hit], retriever: IndexRetriever) -> None:
        """Take the passages that a model was shown; at least one."""
        self._hits = hits
        self._retriever = retriever
        self._sentences = [
            Sentence(hit.row, retriever.documents[hit.chunk.document_id], span,
                     hit.chunk.language, position)
            for hit in hits
            for position, span in enumerate(hit.chunk.sentences)
        ]  # fmt: skip

    def check(self, claim: str, cited: Collection[int]) -> Verdict:
        """Hold a claim against the passages it cites, by their rows in the index."""
        language = detect(claim)
        support = self._support(claim, language)
        order = np.argsort(-support, kind="stable")
        named = [row for row in order if self._sentences[row].row in cited]
        best_anywhere = float(support[order[0]])
        least = _chance(self._retriever, language) + ABOVE_CHANCE
        missing: tuple[str, ...] = ()
        for rows in (named, list(order)):
            if not rows or support[rows[0]] < max(least, best_anywhere - CLEARLY):
                continue
            chosen, missing = self._cover(claim, language, rows)
            if not missing:
                anew = not {self._sentences[row].row for row in chosen} <= set(cited)
                found = sorted((self._sentences[row] for row in chosen), key=_place)
                return Verdict(tuple(found), anew, (), float(support[chosen[0]]))
        missing = missing or self._cover(claim, language, named or list(order))[1]
        return Verdict((), False, missing, best_anywhere)

    def _support(
        self, claim: str, language: Language
    ) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        """Return how much each sentence says what a claim says: float32 (sentences,)."""
        vector = self._retriever.embedder.embed_queries([claim])
        cosines = np.concatenate(
            [self._retriever.centred_cosines(hit, vector) for hit in self._hits]
        )
        sought = asked(claim, language)
        weigh = self._retriever.generation.lexical.weights
        own, abroad = weigh(sought.concepts), weigh(sought.bridge)
        shares = [
            _share(own if each.language == language else abroad, each) for each in self._sentences
        ]
        return np.asarray(cosines + LEXICAL_WEIGHT * np.array(shares), np.float32)

    def _cover(
        self, claim: str, language: Language, rows: Sequence[int]
    ) -> tuple[list[int], tuple[str, ...]]:
        """Choose the best sentence of some, and those of its passage that hold what it lacks.

        Returns:
            What was chosen, best first, and what of the claim stands in none of it.
        """
        chosen = [rows[0]]
        missing = lacking(claim, language, [self._sentences[rows[0]]])
        passage = self._sentences[rows[0]].row
        for row in rows[1:]:
            if not missing or len(chosen) == MOST:
                break
            if self._sentences[row].row != passage:
                continue
            left = lacking(claim, language, [self._sentences[each] for each in (*chosen, row)])
            if len(left) < len(missing):
                chosen.append(row)
                missing = left
        return chosen, tuple(missing)


@lru_cache(maxsize=64)
def _chance(retriever: IndexRetriever, language: Language) -> float:
    """Return how well the best sentence says what it does not: the median of 20 off-topic claims.

    Asked once of an index for a language, half a second.
    """
    found = []
    for claim in questions()[language]:
        verifier = Verifier(retriever.search(claim, _CHANCES), retriever)
        found.append(float(verifier._support(claim, language).max()))
    return median(found)


def lacking(claim: str, language: Language, sentences: Iterable[Sentence]) -> list[str]:
    """Return the numbers, dates and names of a claim that some sentences do not hold, as written.

    A name may be translated (Жаңа Зеландия, New Zealand), so in a source of another language only
    those count that neither the glossary nor its sound finds, where all of a name's words are lost.
    """
    there = list(sentences)
    held = frozenset(key for each in there for key in _keys(each.text, each.language))
    abroad = all(each.language != language for each in there)
    words = frozenset(term for each in there for term in held_terms(each.text, each.language))
    lost = []
    found = sorted(facts(claim, language), key=lambda fact: (fact.start, fact.end))
    for (start, end), readings in groupby(found, key=lambda fact: (fact.start, fact.end)):
        written = claim[start:end]
        if any(_stands(each, written, held, words, language) for each in readings):
            continue
        if not (abroad and not any(character.isdigit() for character in written)):
            lost.append(written)
    return lost


def _stands(
    fact: Fact, written: str, held: Collection[str], words: Collection[str], language: Language
) -> bool:
    if fact.kind == "name":
        known = {term for word in written.split() for term in concepts(word, language)}
        return fact.key in held or bool(known & set(words)) or _begins(written, words)
    if fact.key in _SMALL and not written.strip().isdigit():
        return True
    return f"#{fact.key}" in held


def _begins(written: str, words: Collection[str]) -> bool:
    """Say whether a name stands there by its first letters, as words of one language do."""
    return all(word.casefold()[:5] in words for word in written.split())


def _share(weights: dict[str, float], sentence: Sentence) -> float:
    there = held_terms(sentence.text, sentence.language)
    return sum(share for term, share in weights.items() if term in there)


@lru_cache(maxsize=10_000)
def _keys(text: str, language: Language) -> frozenset[str]:
    """Return the keys of a text's numbers, dates and names."""
    return frozenset(
        key
        for fact in facts(text, language)
        for key in (
            [fact.key] if fact.kind == "name"
            else [f"#{each}" for each in (fact.key, *date_keys(fact.key))]
        )
    )  # fmt: skip


def _place(sentence: Sentence) -> tuple[str, Span]:
    return sentence.document.id, sentence.span
