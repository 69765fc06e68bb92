"""Which encoding bytes are in that name none, told by how well the letters read in each.

The 8-bit code pages of Kazakh and Russian text give most bytes another letter each, and two
readings of the same bytes can be compared. An encoding is told only if it is sure; the figures
that say when are measured on passages that the letters were not counted in, by
`python -m eval.letter_pairs`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from math import sqrt
from types import MappingProxyType
from typing import Final, NamedTuple
from unicodedata import normalize

from ingest.letter_statistics import Legibility, legibility, words_of

CODE_PAGES: Final = MappingProxyType(
    {
        "cp1252": "windows-1252",
        "cp1251": "windows-1251",
        "kz1048": "KZ-1048",
        "ptcp154": "PT154",
        "koi8-r": "KOI8-R",
        "koi8-u": "KOI8-U",
        "cp866": "cp866",
        "mac-cyrillic": "mac-cyrillic",
    }
)
"""The 8-bit encodings that are tried, by Python's name, and as people call them. Where several give
the same text, it is called the first."""

KAZAKH_PAGES: Final = ("kz1048", "ptcp154")
"""Those with the letters that Russian lacks; programs often take them for windows-1251."""

SURE: Final = 7.0
"""How much likelier a reading must be, as a logarithm: a thousand times."""

_MIN_PAIRS: Final = 8  # of letters: a word of seven
# Least mean likelihood of a pair in real words, and by how much it may be less for one pair alone.
_MEAN: Final = -2.7
_SPREAD: Final = 3.0

_READ_BYTES: Final = 1 << 16
_READ_WORDS: Final = 2_000
_SHOWN: Final = 24  # characters of a word that is shown

_WIDE: Final = MappingProxyType({"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4})
# Letters that Russian lacks; and those that windows-1251 has in place of some of them.
_KAZAKH: Final = re.compile("[әғқңөұүһӘҒҚҢӨҰҮҺ]")
_MISREAD: Final = re.compile("[ЌќЋћЎўЈјҐґЄєЇїЅѕЃѓЊњµ]")
# What misread Kazakh must have: so many of these letters; for each word with them, so few with
# right ones; and so large a share of such words. A text about them shows words both ways, or amid
# its own.
_MIN_LETTERS: Final = 3
_MAX_RIGHT: Final = 0.1
_MIN_SHARE: Final = 0.1
# Words of a text, whatever markup, code or commas they stand in; PT154 has letters for signs.
_RUN: Final = re.compile("[^\\x00-\\x7f]+")
_ANY_WORD: Final = re.compile(r"[^\W\d_]+")

# Characters that no text has; a file from DOS may end with \x1a.
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_BYTE_WORDS: Final = re.compile(rb"[A-Za-z\x80-\xff]+")
_REACH: Final = 30  # bytes; few words are longer
_CASES: Final = 20  # words that are looked at of a byte that comes late in a file


class Told(NamedTuple):
    """The encoding that some bytes are in.

    Attributes:
        codec: Python's name of it.
        name: What people call it.
        sample: A word of the text.
    """

    codec: str
    name: str
    sample: str


class Doubt(NamedTuple):
    """Why it is not told which encoding some bytes are in, as the rest of a sentence."""

    reason: str


class Better(NamedTuple):
    """A better reading of some text.

    Attributes:
        codec: Python's name of the encoding that gives it.
        name: What people call it.
        before: A word as it is.
        after: The same word, read better.
    """

    codec: str
    name: str
    before: str
    after: str


class _Page(NamedTuple):
    """The words of a text, as one code page has them."""

    codec: str
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return CODE_PAGES[self.codec]


def wide_encoding(data: bytes) -> Told | None:
    """Return the UTF-16 or UTF-32 that bytes without a mark are in, if that is sure."""
    beginning = data[:_READ_BYTES]
    # The second byte of each Cyrillic letter is \x04, that of a space or an English letter \x00.
    if b"\x00" not in beginning and b"\x04" not in beginning:
        return None
    for codec, width in _WIDE.items():
        if len(data) % width == 0:
            text = beginning.decode(codec, "ignore")
            if _is_text(dict.fromkeys(text.split())):
                return Told(codec, codec.upper(), _shown(_longest(text.split())))
    return None


def code_page(data: bytes) -> Told | Doubt:
    """Return the code page that a whole file is in, or why that is not sure."""
    tried = f"tried: {', '.join(CODE_PAGES.values())}"
    pages = _pages(data)
    best = max(pages, key=lambda page: _legibility_of(page.words).likelihood, default=None)
    if best is None or not _is_text(best.words):
        return Doubt(f"reads well in no code page; {tried}")
    telling = [(word, "") for word in best.words]
    for rival in pages:
        differing = _differing(best, rival)
        if rival is not best and not _is_surely_better(differing):
            first, second = _longest_pair(differing)
            return Doubt(f"may be {best.name} («{first}») or {rival.name} («{second}»); {tried}")
        if rival is not best and len(differing) < len(telling):
            telling = differing  # The words that tell it from what is most like it.
    return Told(best.codec, best.name, _longest_pair(telling)[0])


def better_encoding(data: bytes, codec: str) -> Better | None:
    """Return the encoding that a file reads surely better in than in the one that was named."""
    found = wide_encoding(data) or code_page(data)
    if isinstance(found, Doubt):
        return None
    if found.codec in _WIDE:
        text = data[:_READ_BYTES].decode(codec, "replace")
        if _is_text(dict.fromkeys(text.split())):
            return None
        return Better(found.codec, found.name, _shown(_longest(text.split())), found.sample)
    words = _byte_words(data)
    named, better = (
        _Page(name, tuple(word.decode(name, "replace") for word in words))
        for name in (codec, found.codec)
    )
    differing = _differing(better, named)
    if not _is_surely_better(differing):
        return None
    after, before = _longest_pair(differing)
    return Better(found.codec, found.name, before, after)


def misread_kazakh(text: str) -> Better | None:
    """Return the code page whose bytes were read as windows-1251 before the text was saved.

    Such text is in proper UTF-8, and its Kazakh letters are Macedonian, Ukrainian and Serbian ones:
    «Ќазаќстан». The words with them must be Kazakh when they are put right, and be the text's own:
    few of its Kazakh words are right already, and they are not a few quoted ones, or names, in
    another language.
    """
    if not _MISREAD.search(text, 0, _READ_BYTES):
        return None
    beginning = normalize("NFC", text[:_READ_BYTES])
    words = dict.fromkeys(_RUN.findall(beginning))
    odd = [word for word in words if _MISREAD.search(word)]
    letters = {letter.lower() for word in odd for letter in _MISREAD.findall(word)}
    right = sum(bool(_KAZAKH.search(word)) for word in words)
    if len(letters) < _MIN_LETTERS or right > _MAX_RIGHT * len(odd):
        return None
    if len(odd) < _MIN_SHARE * len(set(_ANY_WORD.findall(beginning))):
        return None
    return _as_kazakh(odd[:_READ_WORDS])


def _as_kazakh(odd: Sequence[str]) -> Better | None:
    """Return the code page in which misread words are Kazakh, unless they are none in any."""
    pages = [_Page(codec, tuple(mended(word, codec) for word in odd)) for codec in KAZAKH_PAGES]
    best = max(pages, key=lambda page: _kazakh_legibility(page.words).likelihood)
    found = _kazakh_legibility(best.words)
    gain = found.likelihood - _legibility_of(odd).likelihood
    if gain < SURE or found.pairs < _MIN_PAIRS or not _reads_well(found):
        return None
    after, before = _longest_pair(list(zip(best.words, odd, strict=True)))
    return Better(best.codec, best.name, before, after)


def mended(text: str, codec: str) -> str:
    """Return a text with the Kazakh letters that a code page has in place of windows-1251's.

    >>> mended("Ќазаќстан Республикасыныѕ", "kz1048")
    'Қазақстан Республикасының'
    """
    pattern, letters = _misread_letters(codec)
    for composed in letters:
        text = text.replace(normalize("NFD", composed), composed)
    return pattern.sub(lambda found: letters[found[0]], text)


@cache
def _misread_letters(codec: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return what to look for in a text, and the letter that a code page has in its place.

    Where windows-1251 has a sign, as ± for ұ, it is a letter only beside one.
    """
    letters = {}
    for byte in range(0x80, 0x100):
        right = bytes([byte]).decode(codec, "replace")
        if _KAZAKH.match(right):
            letters[bytes([byte]).decode("cp1251")] = right
    alphabetic = "".join(filter(str.isalpha, letters))
    signs = re.escape("".join(letter for letter in letters if not letter.isalpha()))
    beside = f"|(?<=[^\\W\\d_])[{signs}]|[{signs}](?=[^\\W\\d_])" if signs else ""
    return re.compile(f"[{alphabetic}]{beside}"), letters


def _pages(data: bytes) -> list[_Page]:
    """Return the readings of bytes in the code pages, those that are the same once."""
    if _CONTROLS.search(data):
        return []
    present = bytes(byte for byte in range(0x80, 0x100) if byte in data)
    words = _byte_words(data)
    pages: dict[str, _Page] = {}
    for codec in CODE_PAGES:
        try:
            letters = present.decode(codec)
        except UnicodeDecodeError:
            continue
        if letters not in pages:
            pages[letters] = _Page(codec, tuple(word.decode(codec) for word in words))
    return list(pages.values())


def _byte_words(data: bytes) -> list[bytes]:
    """Return the different words with bytes beyond ASCII in the beginning of a file.

    With them go words with each byte that comes later only: Kazakh may follow long Russian text.
    """
    found = (word for word in _BYTE_WORDS.findall(data[:_READ_BYTES]) if not word.isascii())
    words = dict.fromkeys(islice(dict.fromkeys(found), _READ_WORDS))
    seen = set(b"".join(words))
    for byte in range(0x80, 0x100):
        if byte not in seen:
            words |= dict.fromkeys(_words_with(byte, data))
    return list(words)


def _words_with(byte: int, data: bytes) -> list[bytes]:
    words: list[bytes] = []
    at = data.find(byte)
    while at >= 0 and len(words) < _CASES:
        start = max(0, at - _REACH)
        around = _BYTE_WORDS.finditer(data[start : at + _REACH])
        words += [word[0] for word in around if word.start() <= at - start < word.end()]
        at = data.find(byte, at + _REACH)
    return words


def _legibility_of(words: Iterable[str]) -> Legibility:
    return legibility(words_of(" ".join(words)))


def _kazakh_legibility(words: Iterable[str]) -> Legibility:
    return legibility(words_of(" ".join(words)), ("kk",))


def _reads_well(found: Legibility) -> bool:
    """Return whether words are real ones, as far as their letters tell; few may be odder."""
    return found.mean >= _MEAN - _SPREAD / sqrt(max(1, found.pairs))


def _unmarked_legibility(words: Iterable[str]) -> Legibility:
    """Return how well words read apart from the marks around them, which are rare in any text."""
    return legibility(words_of(" ".join(words), marked=False))


def _is_text(words: Iterable[str]) -> bool:
    found = _unmarked_legibility(words)
    return found.pairs >= _MIN_PAIRS and _reads_well(found)


def _differing(page: _Page, other: _Page) -> list[tuple[str, str]]:
    """Return the words that two code pages read in two ways."""
    return [pair for pair in zip(page.words, other.words, strict=True) if pair[0] != pair[1]]


def _is_surely_better(differing: Sequence[tuple[str, str]]) -> bool:
    """Return whether the first of two readings reads well, and much better than the other."""
    better, worse = ([pair[at] for pair in differing] for at in (0, 1))
    gain = _legibility_of(better).likelihood - _legibility_of(worse).likelihood
    return gain >= SURE and _reads_well(_unmarked_legibility(better))


def _longest_pair(pairs: Sequence[tuple[str, str]]) -> tuple[str, str]:
    first, second = max(pairs[:_CASES], key=lambda pair: _letters_in(pair[0]))
    return _shown(first), _shown(second)


def _longest(words: Sequence[str]) -> str:
    return max(words[:_CASES], key=_letters_in)


def _letters_in(word: str) -> int:
    return sum(map(str.isalpha, word[:_SHOWN]))


def _shown(word: str) -> str:
    return word.strip("«»“”„\"'’().,:;!?—–")[:_SHOWN]
