"""Questions as people type them: what a set is worth when its questions are not spelt well.

In: an example and a way of typing. Out: the same example, its question typed so. Kazakh questions
lose their alphabet: to one of the Latin ones, official or not, or to a Russian keyboard; any
question can have a slip, one wrong letter in its longest word, always the same one. The ids stay,
so `dalel compare` holds a run of typed questions against one of clean ones.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from eval.example import Example

_BASE: Final = dict(zip("абвгдезйклмнопрстуфхһцыэі", "abvgdezıklmnoprstufhhsyei", strict=True)) | {
    "ъ": "",
    "ь": "",
    "щ": "şş",
    "ё": "io",
    "ю": "iu",
    "я": "ia",
}
_2021: Final = _BASE | dict(zip("әғжийқңөұүчшіы", "äğjiiqñöūüçşıy", strict=True))
_2018: Final = _BASE | dict(zip("әғжийқңөуұүі", "áǵjııqńóýuúi", strict=True)) | {
    "ч": "ch", "ш": "sh", "щ": "shsh", "ы": "y",
}  # fmt: skip
_2017: Final = _BASE | dict(zip("жқұіы", "jquiy", strict=True)) | {
    "ә": "a'", "ғ": "g'", "и": "i'", "й": "i'", "ң": "n'", "ө": "o'", "у": "y'", "ү": "u'",
    "ч": "c'", "ш": "s'", "щ": "s's'",
}  # fmt: skip
_INFORMAL: Final = _BASE | dict(zip("әғийқңөұүіы", "agiiqnouuiy", strict=True)) | {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ё": "yo",
}  # fmt: skip
_RUSSIAN: Final = dict(zip("әғқңөұүһі", "агкноуухи", strict=True))

_ALPHABETS: Final[Mapping[str, Mapping[str, str]]] = {
    "latin-2017": _2017,
    "latin-2018": _2018,
    "latin-2021": _2021,
    "latin": _INFORMAL,
    "russian": _RUSSIAN,
}

WAYS: Final = (*_ALPHABETS, "slip")
"""The ways of typing, by name."""

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 5
"""Letters of a word that people mistype without noticing."""


def typed(example: Example, way: str) -> Example:
    """Return an example whose question is typed in a way.

    >>> from eval.example import Example
    >>> typed(Example("1", "Қай жылы жасалды?", "kk"), "latin").question
    'Qai zhyly zhasaldy?'
    >>> typed(Example("1", "When was it signed?", "en"), "latin").question
    'When was it signed?'
    """
    if way == "slip":
        return replace(example, question=_slip(example.question))
    if example.language != "kk":
        return example
    return replace(example, question=_spelt(example.question, _ALPHABETS[way]))


def _spelt(text: str, alphabet: Mapping[str, str]) -> str:
    """Spell every letter in another alphabet; what it lacks stays."""
    letters = []
    for letter in text:
        other = alphabet.get(letter.lower(), letter)
        letters.append(other.capitalize() if letter.isupper() and other != letter else other)
    return "".join(letters)


def _slip(text: str) -> str:
    """Mistype a letter in the middle of the longest word, as the text itself decides."""
    word = max(_WORD.finditer(text), key=lambda match: len(match[0]), default=None)
    if word is None or len(word[0]) < _SHORTEST:
        return text
    chance = random.Random(text)
    place = word.start() + chance.randrange(1, len(word[0]) - 2)
    one, two = text[place], text[place + 1]
    wrong = chance.choice([two + one, one, one + one + two, one + chance.choice(word[0].lower())])
    return text[:place] + wrong + text[place + 2 :]
