"""A question as it was meant: words respelt to those that the documents have.

In: the words of the indexed documents with their counts, then a question and its language. Out: the
question, for searching only. Tried in this order: look-alike letters of the other alphabet, Kazakh
in Latin script or without the nine Kazakh letters (latin.py), a slip of the finger (slip.py). A
word that is known, or that known words make plausible, stays; so does one that might be meant in
two ways.

Knows no context, and no words but those of the documents, glossary.tsv and stopwords.toml: a right
word that none of them has is safe only where nothing known is near.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import log10
from typing import Final

from index.analysis.spelling.ending import chains, in_harmony, only_endings
from index.analysis.spelling.known import START, Known, acronym
from index.analysis.spelling.latin import (
    choices,
    cost,
    cyrillic,
    graphemes,
    is_front,
    ranked,
    skeleton,
)
from index.analysis.spelling.slip import SHORTEST, distance, slips
from ingest.document import Language

_APOSTROPHES: Final = "'’‘ʼʻ`´"
_WORD = re.compile(
    rf"(?<![{_APOSTROPHES}])[^\W\d_]+(?:[{_APOSTROPHES}][^\W\d_]+)*[{_APOSTROPHES}]?|[^\W\d_]+"
)
_LATIN = re.compile("[A-Za-zÀ-ɏəɵ]")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_FOREIGN = re.compile("[A-Z]{2}|^[IVXLCDMІХСМ]+$")  # An acronym with an ending; a numeral.
_KAZAKH_LETTERS: Final = frozenset("әғқңөұүһі")
_RUSSIAN_LETTERS: Final = frozenset("ёщъ")
_LOOK_ALIKE: Final = str.maketrans(
    "aeopcxyikmtbhəɵAEOPCXYIKMTBHƏƟ", "аеорсхуікмтвһәөАЕОРСХУІКМТВНӘӨ"
)

_SHORTEST_TWO_SLIPS: Final = 9
_MOST_WORDS: Final = 80
"""Words of a question from which on slips aren't looked for: it is a text, and would take long."""
_MOST_PASSES: Final = 4
_CACHED: Final = 20_000
_FREQUENT: Final = 0.25
"""What a word gains for being ten times as common, in the unit of a slip."""
_PER_SUFFIX, _PER_LETTER, _DERIVED = 0.5, 0.05, 0.6
"""What an ending costs that the documents don't have, and a word that they don't have."""
_TIE, _CLEAR = 0.05, 0.3
"""How much better than the next a spelling must be, and the undoing of a slip."""
_RIVAL: Final = 10
"""How much commoner the word must be that a known one without Kazakh letters is a slip for."""
_CUT: Final = 5
"""Letters that the lexical leg reads: words that share them are as good as one."""


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Count the words of some texts, case-folded.

    >>> count_words(["Дала. Ұлы дала!"])["дала"]
    2
    """
    return Counter(
        word
        for text in texts
        for word in re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text).casefold())
    )


class Speller:
    """Respells questions to the words of some documents."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """Take the words of the documents.

        Args:
            words: Case-folded words of any language, and how often each occurs.
        """
        self._known = Known(words)
        self._cache: dict[tuple[str, Language, bool, bool, bool], str] = {}

    def repair(self, question: str, language: Language) -> str:
        """Return a question with its misspelt words respelt; NFC, everything else as it was.

        >>> Speller({"қазақстанның": 3}).repair("Казакстаннын астанасы?", "kk")
        'Қазақстанның астанасы?'
        """
        text = unicodedata.normalize("NFC", question)
        for _ in range(_MOST_PASSES):  # Until what is repaired has nothing to repair.
            before, text = text, self._pass(text, language)
            if text == before:
                break
        return text

    def _pass(self, text: str, language: Language) -> str:
        latin = len(_LATIN.findall(text)) > len(_CYRILLIC.findall(text))
        if language == "kk" and latin:
            shouted = text.isupper()
            return _WORD.sub(lambda found: self._from_latin(found[0], shouted=shouted), text)
        bare = language == "kk" and not _KAZAKH_LETTERS & set(_one_script(text).casefold())
        slips_too = sum(1 for _ in _WORD.finditer(text)) <= _MOST_WORDS
        return _WORD.sub(
            lambda found: self._respelt(found, language, bare=bare, slips_too=slips_too), text
        )

    def _from_latin(self, typed: str, *, shouted: bool) -> str:
        """Return a word of a question in Latin Kazakh in Cyrillic."""
        if _CYRILLIC.search(typed) or not _LATIN.match(typed):
            return _one_script(typed)
        if typed.isupper() and not shouted:
            return acronym(typed) or typed
        found = self._read(typed)
        folded = typed.casefold()
        if found is None and len(folded) > SHORTEST and self._known.has(folded, "en"):
            return typed
        return _like(typed, found or cyrillic(typed)[0])

    def _respelt(
        self, found: re.Match[str], language: Language, *, bare: bool, slips_too: bool
    ) -> str:
        """Return a word of any other question as it was meant."""
        word = found[0].rstrip(_APOSTROPHES)
        rest = found[0][len(word) :]
        word = _one_script(word)
        if set(_APOSTROPHES) & set(word) or (word.isupper() and len(word) > 1):
            return word + rest
        name = word[:1].isupper() and bool(found.string[: found.start()].strip(" «\"'(—–-"))
        key = (word, language, bare, slips_too, name)
        if key not in self._cache:
            if len(self._cache) >= _CACHED:
                self._cache.clear()
            folded = word.casefold()
            meant = self._spelt(folded, language, bare=bare)
            if meant is None and slips_too:
                meant = self._unslipped(folded, language, name=name)
            self._cache[key] = word if meant is None else _like(word, meant)
        return self._cache[key] + rest

    # Kazakh without its alphabet

    def _spelt(self, word: str, language: Language, *, bare: bool) -> str | None:
        """Return the word that one without Kazakh letters stands for; None: there is none."""
        if language != "kk" or len(word) < 2 or _RUSSIAN_LETTERS & set(word):
            return None
        if self._known.has(word, "kk"):
            mate = self._mate(word) if bare else None
            kazakh = self._known.kazakh
            rival = mate is not None and kazakh[mate] >= _RIVAL * kazakh.get(word, 1)
            return mate if rival else None
        if bare or not _CYRILLIC.match(word):
            return self._read(word)
        return None if self._known.plausible(word, "kk") else self._mate(word)

    def _read(self, word: str) -> str | None:
        """Return the known word, or known stem with endings, that a word is another spelling of."""
        mate = self._mate(word)
        if mate is None and "kh" in word.casefold():  # Kazakhstan
            mate = self._mate(word.casefold().replace("kh", "k"))
        if mate is not None:
            return mate
        typed = graphemes(word)
        read_as = choices(typed)
        readings: dict[tuple[int, bool | None], list[tuple[float, str]]] = {}
        read = [
            (paid + more - self._gain(self._known.stems[stem]), stem + ending)
            for place in range(2, len(typed) + 1)
            for stem in self._known.stem_mates.get(skeleton("".join(typed[:place])), ())
            if (paid := cost(read_as[:place], stem)) is not None
            for more, ending in _endings(typed, place, stem, readings)
        ]
        return min(read)[1] if read else None

    def _mate(self, word: str) -> str | None:
        """Return the known word with the skeleton of this one."""
        read_as = choices(graphemes(word))
        found = sorted(
            (paid - self._gain(self._known.kazakh[mate]), mate)
            for mate in self._known.mates.get(skeleton(word), ())
            if (paid := cost(read_as, mate)) is not None
        )
        if not found or (len(found) > 1 and found[1][0] - found[0][0] < _TIE):
            return None
        return found[0][1]

    # Slips of the finger

    def _unslipped(self, word: str, language: Language, *, name: bool) -> str | None:
        """Return the one known word, or form of one, that a slip turned into this; None: none."""
        known = self._known
        latin = bool(_LATIN.match(word))
        if len(word) < SHORTEST or latin != (language == "en") or known.has(word, language):
            return None
        if known.plausible(word, language):
            return None
        found = list(self._one_slip(word, language, name=name))
        if not found and len(word) >= _SHORTEST_TWO_SLIPS and not name:
            found = list(self._two_slips(word, language))
        if not found:
            return None
        paid, meant = min(found)
        unclear = any(
            more - paid < (_TIE if other[:_CUT] == meant[:_CUT] else _CLEAR)
            for more, other in found
            if other != meant
        )
        return None if unclear else meant

    def _one_slip(
        self, word: str, language: Language, *, name: bool
    ) -> Iterator[tuple[float, str]]:
        for odd, meant in slips(word, language, name=name):
            count, paid = self._known.count(meant, language), odd
            if not count and language == "kk" and meant[0] == word[0]:
                count, paid = self._known.derived(meant, word), odd + _DERIVED
            if count and not only_endings(word, meant, language):
                yield paid - self._gain(count), meant

    def _two_slips(self, word: str, language: Language) -> Iterator[tuple[float, str]]:
        for meant in self._known.by_start.get(word[:START], ()):
            if abs(len(meant) - len(word)) > 2 or len(set(meant) ^ set(word)) > 4:
                continue
            if distance(word, meant) == 2 and not only_endings(word, meant, language):
                yield 2 - self._gain(self._known.count(meant, language)), meant

    @staticmethod
    def _gain(count: int) -> float:
        return _FREQUENT * log10(max(count, 1))


def _endings(
    typed: list[str],
    place: int,
    stem: str,
    readings: dict[tuple[int, bool | None], list[tuple[float, str]]],
) -> list[tuple[float, str]]:
    """Return the chains of suffixes that a typed ending may stand for, with costs.

    Args:
        typed: The graphemes of the word.
        place: Where the ending begins.
        stem: What it follows.
        readings: What the ending was read as behind other stems; kept here.
    """
    if place == len(typed):
        return [(_PER_SUFFIX, "")]  # The documents have the stem with other endings only.
    key = place, is_front(stem)
    if key not in readings:
        readings[key] = ranked(choices(typed, front=key[1])[place:])
    return [
        (paid + _PER_SUFFIX * count + _PER_LETTER * len(ending), ending)
        for paid, ending in readings[key]
        if (count := chains(stem + ending).get(len(stem))) and in_harmony(stem, ending)
    ]


def _like(typed: str, meant: str) -> str:
    """Return a word with the capitals of another."""
    if typed.isupper() and len(typed) > 1:
        return meant.upper()
    return meant[:1].upper() + meant[1:] if typed[:1].isupper() else meant


def _one_script(word: str) -> str:
    """Return a Cyrillic word with the letters put right that are Latin and look alike."""
    if not (_LATIN.search(word) and _CYRILLIC.search(word)) or _FOREIGN.search(word):
        return word
    right = word.translate(_LOOK_ALIKE)
    return word if _LATIN.search(right) else right
