"""The words that are known: those of the documents, of the glossary, and stop words.

In: the words of the indexed documents with their counts. Out: is a word known, is it plausible, how
common is it, which words share its skeleton. Every table is built when it is first asked for.
Knows no questions.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from itertools import chain
from typing import Final

from index.analysis.glossary import concepts, concepts_in, voiced
from index.analysis.spelling.ending import bases, chains, less_one, splits, suits
from index.analysis.spelling.latin import skeleton
from index.analysis.stopwords import stopwords
from ingest.document import Language

START: Final = 3
"""Letters by which words are found that two slips may have changed; these are taken to be right."""

_SHORTEST_DERIVED: Final = 4
"""Letters of the shortest stem that is taken from a longer word."""
_SHORTEST_BEGINNING: Final = 5
_SHORTEST_TWICE_MISTYPED: Final = 8
_VERBAL = re.compile("у|[аей]д[ыі]|[лмпрст][^аеыіу]")
"""Beginnings of endings that a noun doesn't take: half of what is known is nouns."""
_FEW: Final = 2
_IN_GLOSSARY, _STOP = 3, 30
"""Occurrences that words of the glossary and stop words are taken to have."""


class Known:
    """A vocabulary in three languages; words are case-folded."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Take the words of the documents."""
        self._words = words

    def has(self, word: str, language: Language) -> bool:
        """Say whether a word is known as it is."""
        return word in self._words or word in _vocabulary(language)

    def count(self, word: str, language: Language) -> int:
        """Return how common a word is, 0 if it is unknown."""
        return max(self._words.get(word, 0), _vocabulary(language).get(word, 0))

    def plausible(self, word: str, language: Language) -> bool:
        """Say whether known words make a word plausible: they share a stem with it."""
        if language != "kk":
            found = self._bases(language)
            return bool(concepts(word, language)) or any(
                base in found for base in bases(word, language)
            )
        return word in self.stems or any(
            (stem in self.stems and len(stem) >= len(ending))
            or (stem in _vocabulary("kk") and _is_short(word, len(stem)))
            or stem in self._beginnings
            for stem, ending in splits(word)
        )

    def derived(self, word: str, typed: str) -> int:
        """Return the count of the longest known Kazakh word that a word is a form of, or 0.

        Args:
            word: The form.
            typed: What was typed; where it has that word too, only endings differ, and it stays.
        """
        if word[:_SHORTEST_DERIVED] not in self._starts:
            return 0
        for place in range(len(word) - 1, _SHORTEST_DERIVED - 1, -1):
            stem = word[:place]
            if typed.startswith(stem):
                break
            if stem in self.kazakh and suits(stem, word[place:]) and not _VERBAL.match(word, place):
                return self.kazakh[stem]
        return 0

    @cached_property
    def kazakh(self) -> Mapping[str, int]:
        """Every word that may be Kazakh, with its count."""
        found = dict(_vocabulary("kk"))
        for word, count in self._words.items():
            if "Ѐ" <= word[:1] <= "ӿ":
                found[word] = max(count, found.get(word, 0))
        return found

    @cached_property
    def stems(self) -> Mapping[str, int]:
        """What Kazakh endings may follow: words, and words less their endings, with counts."""
        found: dict[str, int] = defaultdict(int)
        for word, count in self.kazakh.items():
            if len(word) >= _SHORTEST_DERIVED or word in _vocabulary("kk"):
                found[word] += count
        ahead = list(found)
        while ahead:
            word = ahead.pop()
            for stem in less_one(word):
                if len(stem) >= _SHORTEST_DERIVED:
                    if stem not in found:
                        ahead.append(stem)
                    found[stem] += found[word]
        return found

    @cached_property
    def mates(self) -> Mapping[str, list[str]]:
        """The words that share a skeleton, by skeleton."""
        return _by(skeleton, self.kazakh)

    @cached_property
    def stem_mates(self) -> Mapping[str, list[str]]:
        """The stems that share a skeleton, by skeleton."""
        return _by(skeleton, self.stems)

    @cached_property
    def by_start(self) -> Mapping[str, list[str]]:
        """The long words of the documents by their first letters."""
        return _by(
            lambda word: word[:START],
            [word for word in self._words if len(word) >= _SHORTEST_TWICE_MISTYPED],
        )

    @cached_property
    def _beginnings(self) -> frozenset[str]:
        return frozenset(
            word[:n] for word in self.kazakh for n in range(_SHORTEST_BEGINNING, len(word))
        )

    @cached_property
    def _starts(self) -> frozenset[str]:
        return frozenset(word[:_SHORTEST_DERIVED] for word in self.kazakh)

    @cached_property
    def _english(self) -> frozenset[str]:
        words = [*self._words, *_vocabulary("en")]
        return frozenset(base for word in words if word < "ʰ" for base in bases(word, "en"))

    @cached_property
    def _russian(self) -> frozenset[str]:
        words = [*self._words, *_vocabulary("ru")]
        return frozenset(base for word in words if word > "ʰ" for base in bases(word, "ru"))

    def _bases(self, language: Language) -> frozenset[str]:
        return self._english if language == "en" else self._russian


def acronym(word: str) -> str | None:
    """Return the Kazakh acronym that one in Latin letters stands for, if the glossary has it.

    >>> acronym("BUU"), acronym("NATO"), acronym("GMBH")
    ('БҰҰ', 'НАТО', None)
    """
    return _acronyms().get(skeleton(word))


def _is_short(word: str, place: int) -> bool:
    """Say whether an ending is of few suffixes; long chains behind short stems are chance."""
    return place >= _SHORTEST_BEGINNING or chains(word)[place] <= _FEW + (word[place] == "у")


def _by(key: Callable[[str], str], words: Iterable[str]) -> Mapping[str, list[str]]:
    found = defaultdict(list)
    for word in words:
        found[key(word)].append(word)
    return found


@cache
def _vocabulary(language: Language) -> Mapping[str, int]:
    """Map words of the glossary and stop words to a count that stands for how common they are."""
    words = [each.casefold() for each in chain(*concepts_in(language)) if not each.isupper()]
    if language == "kk":
        words += [voiced(word) for word in words]
    return dict.fromkeys(words, _IN_GLOSSARY) | dict.fromkeys(stopwords(language), _STOP)


@cache
def _acronyms() -> Mapping[str, str]:
    return {skeleton(each): each for each in chain(*concepts_in("kk")) if each.isupper()}
