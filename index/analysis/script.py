"""The script of a text: Kazakh that is not in clean Cyrillic, put into it for searching.

People's documents are typed with look-alike letters, on Russian keyboards, in Latin or in Arabic
script, or with l e t t e r s   a p a r t. What is searched is the same text in Kazakh Cyrillic;
what is shown and quoted stays as it is. Only what is recognised is changed: a text in clean letters
comes back as it is, to the byte.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

from index.analysis.arabic_script import MARKS
from index.analysis.kazakh_spelling import (
    LOST_LETTERS,
    best_likelihood,
    from_arabic,
    from_latin,
    lacks_letters,
    with_kazakh_letters,
)
from index.analysis.spelling import kazakh_acronym, with_capitals_of
from ingest.document import Language
from ingest.language import ARABIC_LETTER, MIN_JUDGED_LETTERS, detect
from ingest.look_alikes import in_one_script

Writing = Literal["cyrillic", "keyboard", "latin", "arabic"]
"""How Kazakh is written: "keyboard" is a Russian one, without the Kazakh letters."""

_MAX_JUDGED: Final = 20_000
"""Characters of a text by which it is judged."""

_MIN_CLEAN_SHARE: Final = 0.02
"""Share of the lost letters, of all characters, from which on a text is typed with them; in clean
texts it is about a tenth."""

_MIN_EVIDENCE: Final = 20.0
"""From which logarithm of the ratio on a text is taken to lack letters. Of the clean Kazakh texts
of eval/training, none without the letters exceeds 17; of sentences of KazQAD and Belebele typed
without them, 87 of 100 reach it that have four to seven words, 99 of 100 that have more."""

_PER_KAZAKH_LETTER: Final = 4.0
"""What a Kazakh letter in a text counts against that: one in 50 is let through (e⁻⁴)."""

_MIN_LIKELIHOOD: Final = -2.3
"""How likely letters must be on average in the best reading. Passages of KazQAD and Belebele typed
without theirs reach -2.2; Kyrgyz, -2.5 to -3.5, and Russian are less likely."""

_CYRILLIC_WORD = re.compile("[Ѐ-ӿ]+")
_APOSTROPHES: Final = "'’‘ʼʻ`´"
_LETTERS: Final = "[A-Za-zÀ-ÖØ-öø-ɏəɵƏƟ]+"
# Not in addresses; an apostrophe at the end marks a letter (2017), or closes a quotation.
_LATIN_WORD = re.compile(
    rf"(?<![\w@./]){_LETTERS}(?:[{_APOSTROPHES}]{_LETTERS})*[{_APOSTROPHES}]?(?![\w@/]|\.\w)"
)
_ARABIC_WORD = re.compile(
    "[\u0620-\u0660\u0671-\u06d3\u06d5\u200c\u200d\ufb50-\ufdff\ufe70-\ufefe]+"
)
_CYRILLIC, _LATIN = re.compile("[Ѐ-ӿ]"), re.compile("[A-Za-zÀ-ɏ]")
_LOST: Final = "".join(LOST_LETTERS) + "".join(LOST_LETTERS).upper()
# Letters one space apart; words, where there are several, are further apart. All have the first in
# them, which is found fast.
_MAY_BE_APART = re.compile(" [Ѐ-ӿ] [Ѐ-ӿ] ")
_APART = re.compile(r"(?<!\w)[Ѐ-ӿ](?: [Ѐ-ӿ]){3,}(?!\w)")
_MIN_JOINED_LIKELIHOOD: Final = -2.8
"""How likely the letters of a word must be on average that were apart; a list of letters is no
word."""
_RUSSIAN_LETTERS = re.compile("[ёщъцчвф]")


def in_cyrillic(text: str, language: Language, around: Writing | None = None) -> str:
    """Return a text as it is searched: Kazakh in its Cyrillic alphabet, whatever it is written in.

    Args:
        text: The text.
        language: Its language; of texts in others, only look-alike letters are put right.
        around: How the text around it is written, which tells what a short one cannot; None for a
            text that is judged by itself.

    >>> in_cyrillic("Казакстаннын астанасы кай калада орналаскан?", "kk")
    'Қазақстанның астанасы қай қалада орналасқан?'
    >>> in_cyrillic("Шекара қайда?", "kk"), in_cyrillic("Where is the border?", "en")
    ('Шекара қайда?', 'Where is the border?')
    """
    composed = unicodedata.normalize("NFC", text)
    searched = in_one_script(composed)
    if language == "kk" and _MAY_BE_APART.search(searched):
        searched = _APART.sub(_joined, searched)
    writing = writing_of(searched, language, around)
    if writing != "cyrillic":
        searched = _RESPELLINGS[writing](searched)
    return text if searched == composed else searched


def writing_of(text: str, language: Language, around: Writing | None = None) -> Writing:
    """Return how a text is written; "cyrillic" for languages other than Kazakh too.

    Args:
        text: The text, NFC.
        language: Its language.
        around: How the text around it is written; it decides where the text may be so as well.
            If that is clean, so is the text; None for a text that is judged by itself.
    """
    if language != "kk" or around == "cyrillic":
        return "cyrillic"
    text = text[:_MAX_JUDGED]
    lost = sum(map(text.count, _LOST))
    if lost > _MIN_CLEAN_SHARE * len(text):
        return "cyrillic"
    cyrillic, latin, arabic = (
        len(each.findall(text)) for each in (_CYRILLIC, _LATIN, ARABIC_LETTER)
    )
    if latin + arabic <= cyrillic:
        return "keyboard" if _lacks_letters(text, around) else "cyrillic"
    if arabic > latin:
        return "arabic" if around == "arabic" or detect(text) == "kk" else "cyrillic"
    if around == "latin":
        return "latin"
    return "latin" if latin >= MIN_JUDGED_LETTERS and detect(text) == "kk" else "cyrillic"


@lru_cache(maxsize=256)  # Documents, of which each chunk asks.
def writing_of_document(text: str, language: Language) -> Writing:
    """Return how a document is written."""
    beginning = in_one_script(unicodedata.normalize("NFC", text[:_MAX_JUDGED]))
    return writing_of(beginning, language)


def _lacks_letters(text: str, around: Writing | None) -> bool:
    """Say whether a Cyrillic text was typed without the Kazakh letters.

    By itself it is judged without capitalised words: names have no such letters in Russian either.
    """
    words = _CYRILLIC_WORD.findall(text)
    if around != "keyboard" and not text.isupper():
        words = [word for word in words if word.islower()]
    words = [word.casefold() for word in words]
    bare = [word for word in words if not LOST_LETTERS & set(word)]
    kazakh_letters = sum(letter in LOST_LETTERS for word in words for letter in word)
    evidence = sum(lacks_letters(word) for word in bare if not _RUSSIAN_LETTERS.search(word))
    evidence -= _PER_KAZAKH_LETTER * kazakh_letters
    if around == "keyboard":
        return evidence > 0
    likelihood = sum(map(best_likelihood, bare)) / max(sum(len(word) + 1 for word in bare), 1)
    return evidence > _MIN_EVIDENCE and likelihood > _MIN_LIKELIHOOD


def _joined(apart: re.Match[str]) -> str:
    """Return letters that stand apart as the word that they make, if they make one."""
    word = apart[0].replace(" ", "")
    likelihood = best_likelihood(word.casefold()) / (len(word) + 1)
    return word if likelihood > _MIN_JOINED_LIKELIHOOD else apart[0]


def _from_keyboard(text: str) -> str:
    is_shouted = text.isupper()

    def meant(match: re.Match[str]) -> str:
        word = match[0]
        if LOST_LETTERS & set(word.casefold()):
            return word
        if word.isupper() and len(word) > 1 and not is_shouted:
            return kazakh_acronym(word) or word
        return with_capitals_of(word, with_kazakh_letters(word.casefold()))

    return _CYRILLIC_WORD.sub(meant, text)


def _from_latin(text: str) -> str:
    is_shouted = text.isupper()

    def meant(match: re.Match[str]) -> str:
        word = match[0]
        if word.isupper() and len(word) > 1 and not is_shouted:
            return kazakh_acronym(word) or word
        return with_capitals_of(word, from_latin(word))

    return _LATIN_WORD.sub(meant, text)


def _from_arabic(text: str) -> str:
    return _ARABIC_WORD.sub(lambda match: from_arabic(match[0]), text.translate(MARKS))


_RESPELLINGS: Final[dict[Writing, Callable[[str], str]]] = {
    "keyboard": _from_keyboard,
    "latin": _from_latin,
    "arabic": _from_arabic,
}
