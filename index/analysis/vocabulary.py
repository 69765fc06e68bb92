"""The words that are known: of the documents, of the glossary, and stop words.

What spelling asks of the documents' words (index/analysis/spelling.py) is counted once, when they
are indexed, and then mapped from the disk: their counts, the stems that endings may follow, which
words are one without the letters that people leave out. The glossary and the stop words are the
program's own, and in memory. All words are case-folded.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from index.analysis.lexicon import concepts, concepts_in, stopwords, voiced
from index.analysis.suffixes import (
    chain_starts,
    is_valid_ending,
    stem_candidates,
    stem_splits,
    without_last_suffix,
)
from index.analysis.transliteration import skeleton
from index.string_table import Arrays, HashBuckets, StringTable
from ingest.document import Language

_MIN_DERIVED_LETTERS: Final = 4
"""Letters of the shortest stem that is taken from a longer word."""
_MIN_BEGINNING_LETTERS: Final = 5
"""Letters of the shortest beginning of a known word that makes another word plausible."""
_VERBAL = re.compile("у|[аей]д[ыі]|[лмпрст][^аеыіу]")
"""Beginnings of endings that a noun doesn't take: half of what is known is nouns."""
_MAX_SUFFIXES_OF_SHORT: Final = 2
_GLOSSARY_COUNT, _STOP_WORD_COUNT = 3, 30
"""Occurrences that words of the glossary and stop words are taken to have."""

_STEMMED: Final[dict[Language, int]] = {"en": 1, "ru": 2}
"""The bit that says that a string is a stem of a language's words."""
_LATIN_END: Final = "ʰ"
"""Up to the modifier letters are the Latin alphabets, behind them Greek and Cyrillic."""


class Vocabulary:
    """The words that are known."""

    def __init__(
        self,
        strings: StringTable,
        counts: NDArray[np.int64],
        stems: NDArray[np.int64],
        stemmed: NDArray[np.uint8],
        skeletons: HashBuckets,
    ) -> None:
        """Take what is counted of the documents' words; see `of`.

        Args:
            strings: Their words, and the stems of those.
            counts: How often each occurs as a word.
            stems: How often each occurs as a Kazakh stem, words of the lexicon counted as well;
                0 where that is what the lexicon alone makes it.
            stemmed: Of the words of which languages each is a stem: bits of `_STEMMED`.
            skeletons: Where those are that have a skeleton in common.
        """
        self._strings = strings
        self._counts = counts
        self._stems = stems
        self._stemmed = stemmed
        self._skeletons = skeletons

    @classmethod
    def of(cls, words: Mapping[str, int]) -> Self:
        """Count what spelling asks of the words of documents, of any language."""
        stems = {
            stem: count
            for stem, count in _stems(words).items()
            if _lexicon_stems().get(stem) != count
        }
        stemmed: dict[Language, set[str]] = {
            language: {stem for word in its for stem in stem_candidates(word, language)}
            for language, its in _by_alphabet(words).items()
        }
        strings = StringTable.of(chain(words, stems, *stemmed.values()))
        kazakh = [
            place for place, text in enumerate(strings) if text in stems or _may_be_kazakh(text)
        ]
        return cls(
            strings,
            np.fromiter((words.get(text, 0) for text in strings), np.int64),
            np.fromiter((stems.get(text, 0) for text in strings), np.int64),
            np.array(
                [
                    sum(_STEMMED[name] for name, its in stemmed.items() if text in its)
                    for text in strings
                ],
                np.uint8,
            ),
            HashBuckets.of(
                (skeleton(strings[place]) for place in kazakh), np.array(kazakh, np.int64)
            ),
        )

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> Self:
        """Return the vocabulary that `arrays` gave."""
        return cls(
            StringTable.of_arrays(arrays, "words"),
            arrays["words.counts"],
            arrays["words.stems"],
            arrays["words.stemmed"],
            HashBuckets.of_arrays(arrays, "words.skeletons"),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays it is made of, by the names of their files."""
        own: Arrays = {"counts": self._counts, "stems": self._stems, "stemmed": self._stemmed}
        return {
            **self._strings.arrays("words"),
            **{f"words.{name}": array for name, array in own.items()},
            **self._skeletons.arrays("words.skeletons"),
        }

    def has(self, word: str, language: Language) -> bool:
        """Say whether a word is known as it is."""
        return self._count(word) > 0 or word in _lexicon_counts(language)

    def count(self, word: str, language: Language) -> int:
        """Return how common a word is, 0 if it is unknown."""
        return max(self._count(word), _lexicon_counts(language).get(word, 0))

    def kazakh_count(self, word: str) -> int:
        """Return how common a word is that may be Kazakh, 0 if it is unknown, or none."""
        count = self._count(word) if _may_be_kazakh(word) else 0
        return max(count, _lexicon_counts("kk").get(word, 0))

    def stem_count(self, stem: str) -> int:
        """Return how common a Kazakh stem is, 0 if it is unknown."""
        place = self._strings.place(stem)
        count = 0 if place is None else self._stems.item(place)
        return count or _lexicon_stems().get(stem, 0)

    def is_plausible(self, word: str, language: Language) -> bool:
        """Say whether known words make a word plausible: they share a stem with it."""
        if language != "kk":
            return bool(concepts(word, language)) or any(
                self._is_stem(stem, language) for stem in stem_candidates(word, language)
            )
        return self.stem_count(word) > 0 or any(
            (len(stem) >= len(ending) and self.stem_count(stem) > 0)
            or (stem in _lexicon_counts("kk") and _has_short_ending(word, len(stem)))
            or self._is_beginning(stem)
            for stem, ending in stem_splits(word)
        )

    def derived_count(self, word: str, typed: str) -> int:
        """Return the count of the longest known Kazakh word that a word is a form of, or 0.

        Args:
            word: The form.
            typed: What was typed; where it has that word too, only endings differ, and it stays.
        """
        for place in range(len(word) - 1, _MIN_DERIVED_LETTERS - 1, -1):
            stem = word[:place]
            if typed.startswith(stem):
                break
            count = self.kazakh_count(stem)
            if count and is_valid_ending(stem, word[place:]) and not _VERBAL.match(word, place):
                return count
        return 0

    def words_of_skeleton(self, letters: str) -> Iterable[str]:
        """Return the words that may be Kazakh and have a skeleton, each once."""
        found = (text for text in self._of_skeleton(letters) if self.kazakh_count(text))
        return dict.fromkeys(chain(found, _by_skeleton(_lexicon_kazakh).get(letters, ())))

    def stems_of_skeleton(self, letters: str) -> Iterable[str]:
        """Return the Kazakh stems that have a skeleton, each once."""
        found = (text for text in self._of_skeleton(letters) if self.stem_count(text))
        return dict.fromkeys(chain(found, _by_skeleton(_lexicon_stems).get(letters, ())))

    def words_beginning(self, letters: str) -> Iterator[str]:
        """Yield the words of the documents that begin with some letters."""
        for place in self._strings.beginning_with(letters):
            if self._counts.item(place):
                yield self._strings[place]

    def _count(self, word: str) -> int:
        place = self._strings.place(word)
        return 0 if place is None else self._counts.item(place)

    def _is_stem(self, stem: str, language: Language) -> bool:
        place = self._strings.place(stem)
        is_of_documents = place is not None and self._stemmed.item(place) & _STEMMED[language]
        return bool(is_of_documents) or stem in _lexicon_stemmed(language)

    def _is_beginning(self, letters: str) -> bool:
        """Return whether a word that may be Kazakh begins with some letters and goes on."""
        if len(letters) < _MIN_BEGINNING_LETTERS:
            return False
        if _begins_one(_lexicon_words(), letters):
            return True
        return _may_be_kazakh(letters) and any(
            self._counts.item(place) and self._strings[place] != letters
            for place in self._strings.beginning_with(letters)
        )

    def _of_skeleton(self, letters: str) -> Iterator[str]:
        texts = map(self._strings.__getitem__, self._skeletons.places(letters))
        return (text for text in texts if skeleton(text) == letters)


def _by_alphabet(words: Iterable[str]) -> dict[Language, list[str]]:
    """Return the words that may be English, and those that may be Russian."""
    each = [*words]
    return {
        "en": [word for word in each if word < _LATIN_END],
        "ru": [word for word in each if word > _LATIN_END],
    }


def _may_be_kazakh(word: str) -> bool:
    return "Ѐ" <= word[:1] <= "ӿ"


def _has_short_ending(word: str, place: int) -> bool:
    """Say whether an ending is of few suffixes; long chains behind short stems are chance."""
    max_suffixes = _MAX_SUFFIXES_OF_SHORT + (word[place] == "у")
    return place >= _MIN_BEGINNING_LETTERS or chain_starts(word)[place] <= max_suffixes


def _stems(words: Mapping[str, int]) -> Mapping[str, int]:
    """Return what Kazakh endings may follow: words, and words less their endings, with counts."""
    of_lexicon = _lexicon_counts("kk")
    of_documents = {
        word: max(count, of_lexicon.get(word, 0))
        for word, count in words.items()
        if _may_be_kazakh(word) and (len(word) >= _MIN_DERIVED_LETTERS or word in of_lexicon)
    }
    counts = defaultdict(int, {**of_lexicon, **of_documents})
    unstripped = list(counts)
    while unstripped:
        word = unstripped.pop()
        for stem in without_last_suffix(word):
            if len(stem) >= _MIN_DERIVED_LETTERS:
                if stem not in counts:
                    unstripped.append(stem)
                counts[stem] += counts[word]
    return counts


# --- the lexicon ----------------------------------------------------------------------------------


@cache
def _lexicon_counts(language: Language) -> Mapping[str, int]:
    """Map words of the glossary and stop words to a count that stands for how common they are."""
    words = [word.casefold() for word in chain(*concepts_in(language)) if not word.isupper()]
    if language == "kk":
        words += [voiced(word) for word in words]
    stop_words = dict.fromkeys(stopwords(language), _STOP_WORD_COUNT)
    return dict.fromkeys(words, _GLOSSARY_COUNT) | stop_words


def _lexicon_kazakh() -> Mapping[str, int]:
    return _lexicon_counts("kk")


@cache
def _lexicon_stems() -> Mapping[str, int]:
    """Return the Kazakh stems of the lexicon alone, with counts."""
    return dict(_stems({}))


@cache
def _by_skeleton(of: Callable[[], Mapping[str, int]]) -> Mapping[str, list[str]]:
    """Return the words or stems of the lexicon that share a skeleton, by skeleton."""
    groups = defaultdict(list)
    for word in of():
        groups[skeleton(word)].append(word)
    return dict(groups)


@cache
def _lexicon_stemmed(language: Language) -> frozenset[str]:
    """Return the stems of the lexicon's words in English, or in Russian."""
    words = _by_alphabet(_lexicon_counts(language))[language]
    return frozenset(stem for word in words for stem in stem_candidates(word, language))


@cache
def _lexicon_words() -> list[str]:
    return sorted(_lexicon_counts("kk"))


def _begins_one(words: list[str], letters: str) -> bool:
    """Return whether one of some words, in order, begins with some letters and goes on."""
    place = bisect_right(words, letters)
    return place < len(words) and words[place].startswith(letters)
