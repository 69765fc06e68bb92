"""Which word of a question is which word of a quote in another language.

The words are aligned by their vectors in the embedding model, as SimAlign does (Jalili Sabet et al.
2020, arXiv:2004.08728): two words are a pair if each is the other's nearest. How far both are ahead
of the runners-up says how sure that is. Words that the glossary, a number, a date or the sound of a
name joins are nearer by a constant; words that say nothing by themselves are candidates, so that
they take what is theirs, but are not shown.

eval/LOG.md, "words across languages", has how right the pairs are.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.highlight import MAX_PAIRS
from chat.reader_input import read_as
from index.analysis.analyzer import query_terms, terms
from index.analysis.entities import Entity
from index.analysis.entities.extractor import date_keys, entities
from index.analysis.entities.names import name_keys
from index.embedders.embedder import Vectors, token_vectors
from ingest.document import Language, Span

LEAST_LEAD: Final = 0.18
"""How far the cosine of a pair must be ahead of the next ones', on the mean of both sides."""

_SHARED: Final = 0.3
"""What a common meaning adds to a cosine: with more of it homonyms meet, «шыққан» and "left"."""

_UNRELATED: Final = 0.45
"""What a cosine must be ahead of where there is no rival: of unrelated words 95 % lie below."""

_LEAST_SOUNDS: Final = 5
"""Signs of a key by sound, ~ included, that joins words in small letters; of names, any does."""

_WORD: Final = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+(?:[-'’](?:[^\W_][\u0300-\u036f]*)+)*")

Cosines = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """A word in two languages.

    Attributes:
        question: Where it stands in the question.
        quote: Where it stands in the quote.
    """

    question: Span
    quote: Span


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, n of them.

    Attributes:
        spans: Where each stands in the text.
        vectors: float32 (n, 384), unit rows.
        stems: What tells that two are the same word.
        says: Which say something by themselves.
        keys: What each means in all languages: concepts, numbers, dates, names by sound.
        numbers: Which are numbers.
        names: Which are names, by a capital letter that does not begin a sentence.
    """

    spans: tuple[Span, ...]
    vectors: Vectors
    stems: tuple[str, ...]
    says: npt.NDArray[np.bool_]
    keys: tuple[frozenset[str], ...]
    numbers: npt.NDArray[np.bool_]
    names: npt.NDArray[np.bool_]


def align(
    question: str, question_language: Language, quote: str, quote_language: Language
) -> list[AlignedPair]:
    """Return the words of a question that are words of a quote, in the question's order.

    Args:
        question: The question.
        question_language: The language it is asked in.
        quote: What a document says in another language.
        quote_language: That language.

    Returns:
        The surest pairs, MAX_PAIRS at most; no word is in two of them.

    Raises:
        ModelError: The embedding model that ships cannot be loaded.

    >>> question, quote = "Шекара туралы шарт қашан жасалды?", "The border treaty of 1994."
    >>> [(question[slice(*one.question)], quote[slice(*one.quote)])
    ...  for one in align(question, "kk", quote, "en")]
    [('Шекара', 'border'), ('шарт', 'treaty')]
    """
    ours, theirs = _read(question, question_language), _read(quote, quote_language)
    if not ours.spans or not theirs.spans:
        return []
    shared = np.array([[not a.isdisjoint(b) for b in theirs.keys] for a in ours.keys])
    cosines = (ours.vectors @ theirs.vectors.T + _SHARED * shared).astype(np.float32)
    # Numbers of different values lie near each other, and so do names of different towns.
    differ = (ours.numbers | ours.names)[:, None] | theirs.numbers | theirs.names
    found = [
        (lead, one, other)
        for one, other, lead in _mutual(cosines, ours, theirs)
        if ours.says[one]
        and theirs.says[other]
        and lead >= LEAST_LEAD
        and (shared[one, other] or not differ[one, other])
    ]
    surest = sorted(found, reverse=True)[:MAX_PAIRS]
    return [
        AlignedPair(ours.spans[one], theirs.spans[other])
        for _, one, other in sorted(surest, key=lambda pair: pair[1])
    ]


def _mutual(cosines: Cosines, ours: _Words, theirs: _Words) -> Iterator[tuple[int, int, float]]:
    """Yield words that are nearest to each other, and how far they are ahead of the next ones."""
    for one, other in enumerate(cosines.argmax(axis=1)):
        if cosines[:, other].argmax() != one:
            continue
        # The same word once more is no rival.
        rows = cosines[one, np.array(theirs.stems) != theirs.stems[other]]
        columns = cosines[np.array(ours.stems) != ours.stems[one], other]
        next_ones = [
            float(rivals.max()) if len(rivals) else _UNRELATED for rivals in (rows, columns)
        ]
        yield one, int(other), float(cosines[one, other]) - fmean(next_ones)


@lru_cache(maxsize=100)  # A question is held against each of its cards.
def _read(text: str, language: Language) -> _Words:
    """Read the words of a text; what is too long for the model is left out."""
    read, places = read_as(text)
    vectors, tokens = token_vectors(read)
    length = tokens[-1][1] if tokens else 0
    spans = [match.span() for match in _WORD.finditer(read) if match.end() <= length]
    words = [read[slice(*span)] for span in spans]
    found = entities(read, language)
    names = [(entity.start, entity.end) for entity in found if entity.kind == "name"]
    by_itself = [query_terms(word, language) for word in words]
    return _Words(
        spans=tuple(
            (int(places[a]), max(int(places[b]), int(places[b - 1]) + 1)) for a, b in spans
        ),
        vectors=_pooled(vectors, tokens, spans),
        stems=tuple(
            query.words[0] if query.words else word.casefold()
            for query, word in zip(by_itself, words, strict=True)
        ),
        says=np.array([bool(query.words) for query in by_itself]),
        keys=tuple(
            _keys(word, language) | _placed_keys(span, found)
            for word, span in zip(words, spans, strict=True)
        ),
        numbers=np.array([any(term[0] == "#" for term in query.words) for query in by_itself]),
        names=np.array([any(_overlap(span, name) for name in names) for span in spans]),
    )


def _pooled(vectors: Vectors, tokens: Sequence[Span], spans: Sequence[Span]) -> Vectors:
    """Return the mean of each word's tokens, of length 1."""
    inside = np.array([[_overlap(token, span) for token in tokens] for span in spans], np.float32)
    rows: Vectors = inside.reshape(len(spans), len(tokens)) @ vectors
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def _keys(word: str, language: Language) -> frozenset[str]:
    """Return what a word by itself means in all languages: its concepts, and its sound."""
    bridge = {*query_terms(word, language).bridge, *terms(word, language)}
    sounds = {key for key in name_keys(word, language) if len(key) >= _LEAST_SOUNDS}
    return frozenset({term for term in bridge if term[0] in "=~"} | sounds)


def _placed_keys(span: Span, found: Sequence[Entity]) -> frozenset[str]:
    """Return the numbers, dates and names of a text that a word is of."""
    here = [entity for entity in found if _overlap(span, (entity.start, entity.end))]
    keys = {entity.key for entity in here}
    # A date is of its year and month too; two years of one decade are not the same.
    dates = {key for each in here if each.kind == "date" for key in date_keys(each.key)}
    return frozenset(keys | {key for key in dates if not key.endswith("x")})


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
