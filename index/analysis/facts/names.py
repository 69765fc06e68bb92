"""Names in a text: capitalised words that do not owe the capital to their place.

In: a text and its language. Out: facts, one for each key that a name may have (phonetic.py), all
with the word's span; a name of several words is several names. Knows nothing of who is meant. At a
sentence's start it takes only what the text or the word itself shows to be a name, so it may miss
one there; in English it takes words of titles such as "Foreign Minister", capitalised as they are.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, NamedTuple

from index.analysis.facts.dates import month_of
from index.analysis.facts.fact import Fact
from index.analysis.facts.numerals import numeral
from index.analysis.facts.phonetic import name_keys
from index.analysis.facts.tokens import plain_word
from index.analysis.stopwords import stopwords
from ingest.document import Language

_WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036f]*+)++(?:['’](?:[^\W\d_][\u0300-\u036f]*+)++)*+")
_ENDS = re.compile(r"[.!?…\n;•]|[«“„\"‘]\s*$")
_TITLES: Final = frozenset(
    "mr mrs ms dr st sir prof gen col lt sen rep mt г им ак акад проф".split()
)
_SURNAME = re.compile(
    r"(?:[оеё]в|[оеё]ва|ин|ина|ұлы|қызы|улы|кызы|стан|бай|бек|хан|қан|ян|швили|енко|[oe]v|[oe]va"
    r"|uly|kyzy|stan|bai|bay|bek|khan|enko)(?:[а-яәғқңөұүһі]{0,5}|['’]s)$"
)
_ROMAN = re.compile(r"[IVXІХ]+")
_LONGEST: Final = 40
_SURNAME_LETTERS: Final = 5


class _Word(NamedTuple):
    """A word with what its place says of it."""

    written: str
    start: int
    opens: bool
    initialled: bool

    @property
    def folded(self) -> str:
        composed = unicodedata.normalize("NFC", self.written)
        return plain_word(unicodedata.normalize("NFC", composed.lower()))


def names(text: str, language: Language) -> list[Fact]:
    """Return the names of a text.

    >>> text = "Сондықтан Н.Ә. Назарбаев пен Ельцин шартқа қол қойды."
    >>> [text[fact.start : fact.end] for fact in names(text, "kk")]
    ['Назарбаев', 'Ельцин']
    """
    words = list(_words(text))
    long = [word.written.isupper() for word in words if len(word.written) > 1]
    shouted = 2 * sum(long) > len(long) > 1
    capital = [word.written[0].isupper() for word in words]
    certain = [
        large and _certain(word, language, shouted)
        for word, large in zip(words, capital, strict=True)
    ]
    inside = {
        key
        for word, sure in zip(words, certain, strict=True)
        if sure
        for key in name_keys(word.written, language)
    }
    small = {word.folded for word, large in zip(words, capital, strict=True) if not large}
    found = []
    for place, word in enumerate(words):
        if not capital[place] or _common(word, language):
            continue
        keys = name_keys(word.written, language)
        if certain[place] or _likely(word, seen=bool(inside & {*keys}), small=small):
            end = word.start + len(word.written)
            found += [Fact("name", key, word.start, end) for key in keys]
    return found


def _words(text: str) -> Iterator[_Word]:
    """Give the words of a text with what stands before them."""
    before, written = 0, ""
    for match in _WORD.finditer(text):
        gap = text[before : match.start()]
        initial = len(written) == 1 and written.isupper() and gap.strip() in (".", "")
        title = written.lower() in _TITLES and gap.strip() == "."
        opens = not before or bool(_ENDS.search(gap))
        yield _Word(
            written=match[0],
            start=match.start(),
            opens=opens and not (title or initial),
            initialled=initial and "\n" not in gap,
        )
        before, written = match.end(), match[0]


def _certain(word: _Word, language: Language, shouted: bool) -> bool:
    """Say whether a capitalised word is a name by its place or its shape."""
    if _common(word, language):
        return False
    acronym = len(word.written) > 1 and word.written.isupper() and not shouted
    return acronym or word.initialled or (not word.opens and not shouted)


def _likely(word: _Word, *, seen: bool, small: set[str]) -> bool:
    """Say whether a capitalised word at a sentence's start is a name."""
    if word.folded in small:
        return False
    surname = len(word.folded) >= _SURNAME_LETTERS and _SURNAME.search(word.folded)
    return seen or bool(surname)


def _common(word: _Word, language: Language) -> bool:
    """Say whether a capitalised word is never a name: an initial, a numeral, a month, "The"."""
    if len(word.written) < 2 or len(word.written) > _LONGEST or _ROMAN.fullmatch(word.written):
        return True
    if word.written.isupper():
        return False
    folded = word.folded
    return (
        folded in stopwords(language)
        or numeral(folded, language) is not None
        or month_of(folded, language) is not None
    )
