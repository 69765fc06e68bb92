"""Kazakh words typed without the Kazakh alphabet, spelt in it by what letters follow which.

A word may lack the letters that a Russian keyboard lacks, or be in Latin or Arabic script. Whatever
it may stand for is weighed by a model of letters (ingest/letter_model.py), so words that no
document has are spelt too. On words of other texts than the model was made from, 97 of 100 get
their first five letters right.
"""

from functools import lru_cache
from math import exp, log
from typing import Final

from index.analysis.arabic_script import spelling_lattice_of_arabic
from index.analysis.transliteration import Lattice, graphemes, spelling_lattice
from ingest.letter_model import END, ORDER, START, LetterModel, read_letter_model

LOST_LETTERS: Final = frozenset("әғқңөұүһ")
"""Kazakh letters that a Russian keyboard lacks; і is left out, since many type a Latin i for it."""

_BEAM: Final = 24
_COST_WEIGHT: Final = 2.0
"""What the cost of a reading counts against the logarithm of how likely its letters are."""
_CACHED_WORDS: Final = 100_000

# What a letter of a Russian keyboard is typed for.
_TYPED_FOR: Final = {
    "а": "аә", "э": "эә", "г": "гғ", "и": "иі", "ы": "ыі", "к": "кқ", "н": "нң", "о": "оө",
    "у": "уұү", "х": "хһ",
}  # fmt: skip


@lru_cache(maxsize=_CACHED_WORDS)
def with_kazakh_letters(word: str) -> str:
    """Return a word of a Russian keyboard with the Kazakh letters that it was typed for.

    >>> with_kazakh_letters("казакстаннын"), with_kazakh_letters("улкен")
    ('қазақстанның', 'үлкен')
    """
    return _most_likely(_keyboard_lattice(word))[0][1]


@lru_cache(maxsize=_CACHED_WORDS)
def from_latin(word: str) -> str:
    """Return a word in a Latin alphabet in Cyrillic, in lower case.

    >>> from_latin("Qazaqstannyn'"), from_latin("shekarasy")
    ('қазақстанның', 'шекарасы')
    """
    return _most_likely(spelling_lattice(graphemes(word)))[0][1]


@lru_cache(maxsize=_CACHED_WORDS)
def from_arabic(word: str) -> str:
    """Return a word in Arabic script in Cyrillic.

    >>> from_arabic("قازاقستاننىڭ"), from_arabic("ءۇي")
    ('қазақстанның', 'үй')
    """
    return _most_likely(spelling_lattice_of_arabic(word))[0][1]


@lru_cache(maxsize=_CACHED_WORDS)
def lacks_letters(word: str) -> float:
    """Return how much likelier a word of Russian letters is if Kazakh ones may be missing from it.

    Returns:
        The logarithm of the ratio, from 0: all readings together, against the word as it stands.

    >>> lacks_letters("казакстан") > 5 > lacks_letters("астана")
    True
    """
    readings = [likelihood for likelihood, _ in _most_likely(_keyboard_lattice(word))]
    best = readings[0]
    together = best + log(sum(exp(likelihood - best) for likelihood in readings))
    return together - _letters().of_word(word)


@lru_cache(maxsize=_CACHED_WORDS)
def best_likelihood(word: str) -> float:
    """Return the logarithm of how likely the best reading of a word of Russian letters is."""
    return _most_likely(_keyboard_lattice(word))[0][0]


def _letters() -> LetterModel:
    return read_letter_model("index.analysis", "kazakh_letters.tsv")


def _keyboard_lattice(word: str) -> Lattice:
    # Who has і does not type another letter for it.
    return [
        [(letter, 0.0)]
        if letter in "иы" and "і" in word
        else [(meant, 0.0) for meant in _TYPED_FOR.get(letter, letter)]
        for letter in word
    ]


def _most_likely(lattice: Lattice) -> list[tuple[float, str]]:
    """Return the likeliest spellings, each with its likelihood less its cost, best first."""
    model = _letters()
    beam = [(0.0, START)]
    for row in (*lattice, [(END, 0.0)]):
        longer = []
        for likelihood, spelt in beam:
            for letters, cost in row:
                score, spelling = likelihood - _COST_WEIGHT * cost, spelt
                for letter in letters:
                    score += model.log_probability(spelling[1 - ORDER :], letter)
                    spelling += letter
                longer.append((score, spelling))
        beam = sorted(longer, reverse=True)[:_BEAM]
    return [(score, spelling[1:-1]) for score, spelling in beam]
