"""Spelling: a question as it was meant, its words respelt to those that the documents have.

Respelt questions are for searching only. Tried in this order: look-alike letters of the other
alphabet, Kazakh in Latin script or without the nine Kazakh letters (transliteration.py), a typing
error. A typing error is a letter too many, one too few, another one, or two swapped (Damerau 1964,
doi:10.1145/363958.363994); its cost says how odd it is. Candidates are weighed against how common
they are, as in a noisy channel (Kernighan, Church and Gale 1990).

A word that is known, or that known words make plausible, stays; so does one that might be meant in
two ways. No context is known, and no words but those of the documents, the glossary and the stop
words: a right word that none of them has is safe only where nothing known is near.

Costs and limits are set by hand; what comes of them is measured in eval/LOG.md, 2026-11-22,
"spelling".
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from math import log10
from typing import Final

from index.analysis.lexicon import concepts_in
from index.analysis.suffixes import chain_starts, differ_only_in_endings, is_front, is_in_harmony
from index.analysis.transliteration import (
    best_spellings,
    graphemes,
    skeleton,
    spelling_cost,
    spelling_lattice,
    to_cyrillic,
)
from index.analysis.vocabulary import Vocabulary
from ingest.document import Language

_APOSTROPHES: Final = "'’‘ʼʻ`´"
_WORD = re.compile(
    rf"(?<![{_APOSTROPHES}])[^\W\d_]+(?:[{_APOSTROPHES}][^\W\d_]+)*[{_APOSTROPHES}]?|[^\W\d_]+"
)
_LATIN = re.compile("[A-Za-zÀ-ɏəɵ]")
_CYRILLIC = re.compile("[Ѐ-ӿ]")
_ACRONYM_OR_NUMERAL = re.compile("[A-Z]{2}|^[IVXLCDMІХСМ]+$")  # TCPға; XX in either alphabet
_KAZAKH_LETTERS: Final = frozenset("әғқңөұүһі")
_RUSSIAN_LETTERS: Final = frozenset("ёщъ")
_LOOK_ALIKE: Final = str.maketrans(
    "aeopcxyikmtbhəɵAEOPCXYIKMTBHƏƟ", "аеорсхуікмтвһәөАЕОРСХУІКМТВНӘӨ"
)

MIN_TYPO_LETTERS: Final = 5
"""Letters of the shortest word that is looked at: shorter ones have too many neighbours."""
MAX_TYPO_LETTERS: Final = 64
"""Letters of the longest word that is looked at: the time that its edits take grows with n³."""
_MIN_FREE_TYPO_LETTERS: Final = 7
"""Letters from which on a first letter may be wrong, and any letter stand for any other."""
_MIN_TWO_TYPOS_LETTERS: Final = 9
_MIN_TWICE_MISTYPED_LETTERS: Final = 8
"""Letters of the shortest word of the documents that is compared for two typing errors."""
_START_LETTERS: Final = 3
"""Letters by which words are found that two typing errors changed; these are taken to be right."""
_MAX_WORDS: Final = 80
"""Words of a question from which on typing errors aren't looked for: it is a text, and slow."""
_MAX_PASSES: Final = 4
_MAX_CACHED_WORDS: Final = 20_000
_PER_TENFOLD_COUNT: Final = 0.25
"""What a word gains for being ten times as common, in the unit of a usual typing error."""
_PER_SUFFIX, _PER_LETTER, _DERIVED = 0.5, 0.05, 0.6
"""What an ending costs that the documents don't have, and a word that they don't have."""
_MIN_LEAD, _MIN_CLEAR_LEAD = 0.05, 0.3
"""How much better than the next a spelling must be, and the undoing of a typing error."""
_RIVAL_RATIO: Final = 10
"""How much commoner the word must be that a known one without Kazakh letters is written for."""
_INDEXED_LETTERS: Final = 5
"""Letters that words are indexed by (analyzer.py): words that share them are as good as one."""

_KEYBOARD_ROWS: Final = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"
)  # fmt: skip
# Letters that are taken for each other by the ear.
_SOUND_ALIKE: Final = (
    "аәеэ", "оөуұү", "ыіий", "кқ", "гғ", "нң", "хһ", "aeiouy", "сз", "пб", "тд", "ck"
)  # fmt: skip
_ALPHABETS: Final[dict[Language, str]] = {
    "kk": "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "en": "abcdefghijklmnopqrstuvwxyz",
    "ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
}
# What one typing error costs: a double letter typed once, or the reverse; two letters swapped; a
# letter missing, or one for its neighbour; one too many; one for any other. Errors at the start of
# a word are rarer, and cost more.
_DOUBLED, _SWAPPED, _USUAL, _EXTRA, _ANY_OTHER, _AT_START = 0.65, 0.8, 1.0, 1.1, 1.3, 0.3


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

    def __init__(self, words: Mapping[str, int] | Vocabulary) -> None:
        """Take the words of the documents.

        Args:
            words: Case-folded words of any language, and how often each occurs.
        """
        self._vocabulary = words if isinstance(words, Vocabulary) else Vocabulary.of(words)
        # Questions share words; emptied when it is full, so it stays small.
        self._cache: dict[tuple[str, Language, bool, bool, bool], str] = {}

    def repair(self, question: str, language: Language) -> str:
        """Return a question with its misspelt words respelt; NFC, everything else as it was.

        >>> Speller({"қазақстанның": 3}).repair("Казакстаннын астанасы?", "kk")
        'Қазақстанның астанасы?'
        """
        text = unicodedata.normalize("NFC", question)
        for _ in range(_MAX_PASSES):  # Until what is repaired has nothing to repair.
            before, text = text, self._repair_once(text, language)
            if text == before:
                break
        return text

    def _repair_once(self, text: str, language: Language) -> str:
        is_latin = len(_LATIN.findall(text)) > len(_CYRILLIC.findall(text))
        if language == "kk" and is_latin:
            is_shouted = text.isupper()
            return _WORD.sub(lambda match: self._from_latin(match[0], is_shouted=is_shouted), text)
        is_bare = language == "kk" and not _KAZAKH_LETTERS & set(_in_one_script(text).casefold())
        allows_typos = sum(1 for _ in _WORD.finditer(text)) <= _MAX_WORDS
        return _WORD.sub(
            lambda match: self._respelt(
                match, language, is_bare=is_bare, allows_typos=allows_typos
            ),
            text,
        )

    def _from_latin(self, typed: str, *, is_shouted: bool) -> str:
        """Return a word of a question in Latin Kazakh in Cyrillic."""
        if _CYRILLIC.search(typed) or not _LATIN.match(typed):
            return _in_one_script(typed)
        if typed.isupper() and not is_shouted:
            return kazakh_acronym(typed) or typed
        known_form = self._known_form(typed)
        folded = typed.casefold()
        is_english = len(folded) > MIN_TYPO_LETTERS and self._vocabulary.has(folded, "en")
        if known_form is None and is_english:
            return typed
        return with_capitals_of(typed, known_form or to_cyrillic(typed)[0])

    def _respelt(
        self, match: re.Match[str], language: Language, *, is_bare: bool, allows_typos: bool
    ) -> str:
        """Return a word of any other question as it was meant.

        Args:
            match: The word, in its question.
            language: The language of the question.
            is_bare: The question has no Kazakh letter at all, so they may be missing.
            allows_typos: Typing errors are looked for.
        """
        word = match[0].rstrip(_APOSTROPHES)
        rest = match[0][len(word) :]
        word = _in_one_script(word)
        if set(_APOSTROPHES) & set(word) or (word.isupper() and len(word) > 1):
            return word + rest
        opens_question = not match.string[: match.start()].strip(" «\"'(—–-")
        is_name = word[:1].isupper() and not opens_question
        key = (word, language, is_bare, allows_typos, is_name)
        if key not in self._cache:
            if len(self._cache) >= _MAX_CACHED_WORDS:
                self._cache.clear()
            folded = word.casefold()
            meant = self._with_kazakh_letters(folded, language, is_bare=is_bare)
            if meant is None and allows_typos:
                meant = self._without_typos(folded, language, is_name=is_name)
            self._cache[key] = word if meant is None else with_capitals_of(word, meant)
        return self._cache[key] + rest

    # Kazakh without its alphabet

    def _with_kazakh_letters(self, word: str, language: Language, *, is_bare: bool) -> str | None:
        """Return the word that one without Kazakh letters stands for; None: there is none."""
        if language != "kk" or len(word) < 2 or _RUSSIAN_LETTERS & set(word):
            return None
        if self._vocabulary.has(word, "kk"):
            # Documents are misspelt too: a far commoner word may be meant (кандай: қандай).
            rival = self._same_skeleton(word) if is_bare else None
            count = self._vocabulary.kazakh_count
            is_rival = rival is not None and count(rival) >= _RIVAL_RATIO * max(1, count(word))
            return rival if is_rival else None
        if is_bare or not _CYRILLIC.match(word):
            return self._known_form(word)
        is_plausible = self._vocabulary.is_plausible(word, "kk")
        return None if is_plausible else self._same_skeleton(word)

    def _known_form(self, word: str) -> str | None:
        """Return the known word, or known stem with endings, that a word is another spelling of."""
        mate = self._same_skeleton(word)
        if mate is None and "kh" in word.casefold():  # Kazakhstan
            mate = self._same_skeleton(word.casefold().replace("kh", "k"))
        if mate is not None:
            return mate
        typed = graphemes(word)
        lattice = spelling_lattice(typed)
        endings_by_place: dict[tuple[int, bool | None], list[tuple[float, str]]] = {}
        candidates = [
            (stem_cost + ending_cost - _gain(self._vocabulary.stem_count(stem)), stem + ending)
            for place in range(2, len(typed) + 1)
            for stem in self._vocabulary.stems_of_skeleton(skeleton("".join(typed[:place])))
            if (stem_cost := spelling_cost(lattice[:place], stem)) is not None
            for ending_cost, ending in _ending_spellings(typed, place, stem, endings_by_place)
        ]
        return min(candidates)[1] if candidates else None

    def _same_skeleton(self, word: str) -> str | None:
        """Return the known word with the skeleton of this one, if one is clearly the best."""
        lattice = spelling_lattice(graphemes(word))
        candidates = sorted(
            (cost - _gain(self._vocabulary.kazakh_count(mate)), mate)
            for mate in self._vocabulary.words_of_skeleton(skeleton(word))
            if (cost := spelling_cost(lattice, mate)) is not None
        )
        if not candidates:
            return None
        if len(candidates) > 1 and candidates[1][0] - candidates[0][0] < _MIN_LEAD:
            return None
        return candidates[0][1]

    # Typing errors

    def _without_typos(self, word: str, language: Language, *, is_name: bool) -> str | None:
        """Return the one known word, or form of one, that was mistyped as this; None: none."""
        vocabulary = self._vocabulary
        is_latin = bool(_LATIN.match(word))
        is_word = MIN_TYPO_LETTERS <= len(word) <= MAX_TYPO_LETTERS
        if not is_word or is_latin != (language == "en"):
            return None
        if vocabulary.has(word, language) or vocabulary.is_plausible(word, language):
            return None
        candidates = list(self._one_typo_away(word, language, is_name=is_name))
        if not candidates and len(word) >= _MIN_TWO_TYPOS_LETTERS and not is_name:
            candidates = list(self._two_typos_away(word, language))
        if not candidates:
            return None
        least, meant = min(candidates)
        is_unclear = any(
            cost - least
            < (
                _MIN_LEAD
                if other[:_INDEXED_LETTERS] == meant[:_INDEXED_LETTERS]
                else _MIN_CLEAR_LEAD
            )
            for cost, other in candidates
            if other != meant
        )
        return None if is_unclear else meant

    def _one_typo_away(
        self, word: str, language: Language, *, is_name: bool
    ) -> Iterator[tuple[float, str]]:
        for typo_cost, meant in one_edit_candidates(word, language, is_name=is_name):
            count, cost = self._vocabulary.count(meant, language), typo_cost
            if not count and language == "kk" and meant[0] == word[0]:
                count = self._vocabulary.derived_count(meant, word)
                cost = typo_cost + _DERIVED
            if count and not differ_only_in_endings(word, meant, language):
                yield cost - _gain(count), meant

    def _two_typos_away(self, word: str, language: Language) -> Iterator[tuple[float, str]]:
        from rapidfuzz.distance import OSA

        for meant in self._vocabulary.words_beginning(word[:_START_LETTERS]):
            if len(meant) < _MIN_TWICE_MISTYPED_LETTERS:
                continue
            # Two typing errors change the length by two, and the set of letters by four, at most.
            if abs(len(meant) - len(word)) > 2 or len(set(meant) ^ set(word)) > 4:
                continue
            if OSA.distance(word, meant, score_cutoff=2) == 2 and not differ_only_in_endings(
                word, meant, language
            ):
                yield 2 - _gain(self._vocabulary.count(meant, language)), meant


def one_edit_candidates(
    word: str, language: Language, *, is_name: bool
) -> Iterator[tuple[float, str]]:
    """Yield what one typing error may have turned into a word, and its cost, 0.65 to 1.6.

    Which candidates exist is for a vocabulary to tell.

    Args:
        word: What was typed, in lower case.
        language: Whose letters may be missing.
        is_name: Whether it may be a name: then no letter is taken for another.

    >>> min(one_edit_candidates("grain", "en", is_name=False))
    (0.65, 'ggrain')
    >>> (0.8, "grain") in one_edit_candidates("grian", "en", is_name=False)
    True
    """
    for place in range(len(word) < _MIN_FREE_TYPO_LETTERS, len(word) + 1):
        head, tail = word[:place], word[place:]
        start_cost = 0.0 if place else _AT_START
        yield from _with_missing_letter(head, tail, _ALPHABETS[language], start_cost)
        if tail and not is_name:
            yield from _with_other_letter(head, tail, _ALPHABETS[language], start_cost)
        if head and tail:  # One too many at the start would make another word of many.
            yield _DOUBLED if head[-1] == tail[0] else _EXTRA, head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield _SWAPPED + start_cost, head + tail[1] + tail[0] + tail[2:]


def _with_missing_letter(
    head: str, tail: str, alphabet: str, start_cost: float
) -> Iterator[tuple[float, str]]:
    beside = head[-1:] + tail[:1]
    for letter in alphabet:
        yield (_DOUBLED if letter in beside else _USUAL) + start_cost, head + letter + tail


def _with_other_letter(
    head: str, tail: str, alphabet: str, start_cost: float
) -> Iterator[tuple[float, str]]:
    length = len(head) + len(tail)
    for letter in alphabet:
        if letter == tail[0]:
            continue
        is_near = letter + tail[0] in _near_letters()
        is_free = length >= _MIN_FREE_TYPO_LETTERS and bool(head)
        if length > MIN_TYPO_LETTERS if is_near else is_free:
            yield (_USUAL if is_near else _ANY_OTHER) + start_cost, head + letter + tail[1:]


@cache
def _near_letters() -> frozenset[str]:
    """Return pairs of letters that are taken for each other: by the keyboard, or by the ear."""
    neighbours = [row[place : place + 2] for row in _KEYBOARD_ROWS for place in range(len(row) - 1)]
    return frozenset(
        one + other for group in (*neighbours, *_SOUND_ALIKE) for one in group for other in group
    )


def kazakh_acronym(word: str) -> str | None:
    """Return the Kazakh acronym that one in Latin letters stands for, if the glossary has it.

    >>> kazakh_acronym("BUU"), kazakh_acronym("NATO"), kazakh_acronym("GMBH")
    ('БҰҰ', 'НАТО', None)
    """
    return _acronyms_by_skeleton().get(skeleton(word))


@cache
def _acronyms_by_skeleton() -> Mapping[str, str]:
    words = chain(*concepts_in("kk"))
    return {skeleton(word): word for word in words if word.isupper()}


def _gain(count: int) -> float:
    """Return what a word's being common takes off its cost."""
    return _PER_TENFOLD_COUNT * log10(max(count, 1))


def _ending_spellings(
    typed: list[str],
    place: int,
    stem: str,
    endings_by_place: dict[tuple[int, bool | None], list[tuple[float, str]]],
) -> list[tuple[float, str]]:
    """Return the chains of suffixes that a typed ending may stand for, with costs.

    Args:
        typed: The graphemes of the word.
        place: Where the ending begins.
        stem: What it follows.
        endings_by_place: What the ending was read as behind other stems; added to here.
    """
    if place == len(typed):
        return [(_PER_SUFFIX, "")]  # The documents have the stem with other endings only.
    key = place, is_front(stem)
    if key not in endings_by_place:
        endings_by_place[key] = best_spellings(spelling_lattice(typed, front=key[1])[place:])
    return [
        (cost + _PER_SUFFIX * count + _PER_LETTER * len(ending), ending)
        for cost, ending in endings_by_place[key]
        if (count := chain_starts(stem + ending).get(len(stem))) and is_in_harmony(stem, ending)
    ]


def with_capitals_of(typed: str, meant: str) -> str:
    """Return a word with the capitals of another."""
    if typed.isupper() and len(typed) > 1:
        return meant.upper()
    return meant[:1].upper() + meant[1:] if typed[:1].isupper() else meant


def _in_one_script(word: str) -> str:
    """Return a Cyrillic word with the letters put right that are Latin and look alike."""
    if not (_LATIN.search(word) and _CYRILLIC.search(word)) or _ACRONYM_OR_NUMERAL.search(word):
        return word
    cyrillic = word.translate(_LOOK_ALIKE)
    return word if _LATIN.search(cyrillic) else cyrillic
