"""How well a text reads, by its letters: whether each follows the one before it as in real words.

The counts are of pairs of letters in Kazakh, Russian and English words; they lie in
`letter_pairs.json`, which `python -m eval.letter_pairs` makes. A word is as likely as in the
language that fits it best: texts mix languages. The interpolated bigram model is that of Jelinek
and Mercer (1980), "Interpolated estimation of Markov source parameters from sparse data".
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from math import log
from typing import Final, NamedTuple
from unicodedata import normalize

from ingest.document import Language

PAIRS_FILE: Final = "letter_pairs.json"

EDGE: Final = " "
"""The symbol before a word's first letter and after its last."""

ODD: Final = "?"
"""The symbol of a character that real texts have not, such as ¶, a letter of another alphabet or a
control character."""

_RISE: Final = "^"
"""The symbol before a capital that follows a small letter in its word: in real texts it is rare."""

_MARK: Final = "*"
"""The symbol of a mark beyond ASCII that touches words: a quotation mark, a dash, a hard space."""

_SIGN: Final = "#"
"""The symbol of a sign beyond ASCII that stands by itself or at numbers, such as № or €."""

_CYRILLIC: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяәғқңөұүһі"
_LETTERS: Final = _CYRILLIC + "abcdefghijklmnopqrstuvwxyz"
_SYMBOLS: Final = len(_LETTERS) + 5
_RISING: Final = re.compile(f"(?<=[{_LETTERS}])(?=[{_LETTERS.upper()}])")
# Controls that are none of these are no text: bytes of other encodings are often read as some.
_ASCII: Final = "\t\n\v\f\r!-@[-`{-~ \\u00ad"
_MARKS: Final = re.compile("[«»„“”‚‘’–—…\u00a0]")
_SIGNS: Final = re.compile("[№§°©®™×±−•·£€₸]")
# Where these touch letters they are some themselves, in an encoding of DOS, of the Macintosh or of
# Central Europe: «M„dchen», «№bereinstimmung». Hard spaces lie between words, in Russian ones too.
_MISPLACED: Final = re.compile(
    f"(?<=[{_LETTERS}])[«„‚‘№§°±−×•·£€₸©]|[»”№§±£€₸©®™](?=[{_LETTERS}])"
    f"|(?<=[{_LETTERS}])“(?=[{_LETTERS}])|(?<=[a-z])[\u00a0…](?=[a-z])"
)
_OUTSIDE: Final = re.compile(f"[^{_LETTERS}*#^{_ASCII}]")
_WORD: Final = re.compile(rf"[{_LETTERS}*#^?]+")
_OWN_SYMBOLS: Final = str.maketrans("*#^?", "    ")

# Weight of how frequent a letter is by itself, in pairs seen; and of symbols never seen.
_BACKGROUND: Final = 5.0
_UNSEEN: Final = 0.5


class Legibility(NamedTuple):
    """How well some words read.

    Attributes:
        likelihood: The logarithm of their probability.
        pairs: Of how many pairs of symbols they are.
    """

    likelihood: float
    pairs: int

    @property
    def mean(self) -> float:
        """The likelihood of one pair; that of real text is near -2.4."""
        return self.likelihood / max(1, self.pairs)


def words_of(text: str, *, marked: bool = True) -> list[str]:
    """Return the words of a text, in the symbols that are counted.

    Args:
        text: The text.
        marked: Whether marks that touch a word belong to it; else they end it, as a comma does.

    >>> words_of("ҚазМұнайГаз – 2024; ¶а")
    ['қаз^мұнай^газ', '*', '?а']
    """
    plain = _RISING.sub(_RISE, normalize("NFC", text).translate(_OWN_SYMBOLS)).lower()
    plain = _MISPLACED.sub(ODD, plain)
    plain = _SIGNS.sub(_SIGN, _MARKS.sub(_MARK if marked else EDGE, plain))
    return _WORD.findall(_OUTSIDE.sub(ODD, plain))


def legibility(
    words: Iterable[str], languages: Iterable[Language] = ("kk", "ru", "en")
) -> Legibility:
    """Return how well words read, each in the language that fits it best."""
    models = [_model(language) for language in languages]
    likelihood, pairs = 0.0, 0
    for word, count in Counter(words).items():
        likelihood += count * max(model.likelihood(word) for model in models)
        pairs += count * (len(word) + 1)
    return Legibility(likelihood, pairs)


class _LetterPairs:
    """The pairs of letters of one language."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        first, second = Counter[str](), Counter[str]()
        for pair, count in counts.items():
            first[pair[0]] += count
            second[pair[1]] += count
        total = second.total() + _UNSEEN * _SYMBOLS
        self._counts = counts
        self._first = first
        self._alone = {letter: (count + _UNSEEN) / total for letter, count in second.items()}
        self._unseen = _UNSEEN / total
        self._known: dict[str, float] = {}

    def likelihood(self, word: str) -> float:
        """Return the logarithm of the probability of a word, up to its end."""
        padded = f"{EDGE}{word}{EDGE}"
        return sum(self._pair(padded[at : at + 2]) for at in range(len(word) + 1))

    def _pair(self, pair: str) -> float:
        known = self._known.get(pair)
        if known is None:
            alone = _BACKGROUND * self._alone.get(pair[1], self._unseen)
            seen = self._counts.get(pair, 0)
            known = log((seen + alone) / (self._first[pair[0]] + _BACKGROUND))
            self._known[pair] = known
        return known


@cache
def _model(language: Language) -> _LetterPairs:
    data = (resources.files("ingest") / PAIRS_FILE).read_text("utf-8")
    return _LetterPairs(json.loads(data)[language])
