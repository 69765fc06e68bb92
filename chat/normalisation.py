"""Normalisation: a text as its facts are read, so that no disguise of a digit or letter counts.

    compatibility   forms of one character are one: ¹⁶⁰, ⑫, ９０, 𝟭𝟵, Ⅷ, ½ (Unicode's NFKC)
    invisible       what nobody sees is removed: soft hyphens, joiners, direction marks
    Roman numerals  are figures behind a «№»: XIX, CLX, «ХХ», «ХС» in Cyrillic letters
    number words    that index/analysis leaves apart: «сексен жетісі», two thirds, sixteen hundred

Source and claim are both read so; what is quoted stays as it is, to the letter.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from ingest.document import Language

_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters without ink that are not of the category Cf (format), which is removed whole."""

_EXPONENT: Final = re.compile(r"(?<![^\W\d_])([мm]|[сcкkдmм][мm])[²³]")
"""The power of a unit of length: no number of its own."""
_RAISED: Final = re.compile(r"(?<=\d)(?=[⁰¹²³⁴-⁹])(?<![⁰¹²³⁴-⁹])")
"""Where a raised figure starts behind a figure: that of a note, «1994²»."""
_FRACTION: Final = re.compile(r"((?<=\d)\s?)?([¼-¾⅐-⅞])")
_MARKED_DIGIT: Final = re.compile(r"(?<=\d)[^\W\d_a-z]*[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]+")

_ROMAN_LETTERS: Final = str.maketrans("ІХСМ", "IXCM")
_ROMAN_WORD: Final = re.compile(r"(?<![\w.'’])(?:[IVXLCDMІХСМ]+|[ivx]{3,})(?![\w'’])")
_ROMAN: Final = re.compile(
    r"(?=.)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", re.IGNORECASE
)
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_MOSTLY_NO_NUMERALS: Final = frozenset("CC CD CM CV DC MD MIX ML MM".split())
_COMPOUND: Final = re.compile(r"-(?![ivxlcdm]+\b)[a-z]", re.IGNORECASE)
"""What makes a letter before it a part of a word, "X-ray"; but «X-ғасыр», and V-IX."""
_NAMED_BEFORE: Final = re.compile(r"[^\W\d_]\s[A-Z][a-z]+\s$|^(?:[A-Z][a-z]+\s){2,}$")


@lru_cache(maxsize=20_000)  # Sentences of the passages that are read come again with each claim.
def normalised(text: str, language: Language) -> str:
    """Return a text as its facts are read.

    >>> normalised("¹⁶⁰ елмен, ⑫ жыл, ９０ ұйым", "kk")
    '160 елмен, 12 жыл, 90 ұйым'
    >>> normalised("XIX ғасыр, ХХ ғасыр; CLX countries", "en")
    '№19 ғасыр, №20 ғасыр; №160 countries'
    """
    text = _FRACTION.sub(_decimal, _EXPONENT.sub(r"\1", text))
    text = _RAISED.sub(" ", text)
    # «№» would become "No", a word.
    text = "№".join(unicodedata.normalize("NFKC", part) for part in text.split("№"))
    if not text.isascii():
        text = _MARKED_DIGIT.sub("", "".join(map(_plain, _UNSEEN.sub("", text))))
    text = _ROMAN_WORD.sub(lambda match: _roman(match, language), text)
    for pattern, replacement in _NUMBER_WORDS[language]:
        text = pattern.sub(replacement, text)
    return text


def _plain(character: str) -> str:
    """Return a character; a figure that NFKC leaves (❶) as digits, nothing for an unseen one."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category in ("No", "Nl"):
        value = unicodedata.numeric(character, 0.5)
        return str(int(value)) if value.is_integer() else character
    return character


def _decimal(match: re.Match[str]) -> str:
    """Return the decimals of a fraction, to be set behind the figures before it, if any."""
    decimals = f"{unicodedata.numeric(match[2]):.3f}".rstrip("0")
    return decimals if match[1] is None else decimals[1:]


def _roman(match: re.Match[str], language: Language) -> str:
    """Return the figures of a Roman numeral; what is none, or may be a letter, as it is."""
    letters = match[0].translate(_ROMAN_LETTERS).upper()
    if not _ROMAN.fullmatch(letters) or letters in _MOSTLY_NO_NUMERALS:
        return match[0]
    if len(letters) == 1 and not _is_numeral_alone(match, letters, language):
        return match[0]
    values = [_ROMAN_VALUES[letter] for letter in letters]
    following = [*values[1:], 0]
    value = sum(-a if a < b else a for a, b in zip(values, following, strict=True))
    return f"№{value}"


def _is_numeral_alone(match: re.Match[str], letter: str, language: Language) -> bool:
    """Say whether I, V or X is a numeral, no initial, no pronoun and no part of a word."""
    after = match.string[match.end() :]
    if letter not in "IVX" or re.match(r"\.\s*\w", after) or _COMPOUND.match(after):
        return False
    # "Elizabeth I", "World War I", but not "I" of whoever speaks.
    before = match.string[: match.start()]
    return letter != "I" or language != "en" or bool(_NAMED_BEFORE.search(before))


# --- number words -------------------------------------------------------------------------------

_Replacement = str | Callable[[re.Match[str]], str]

_KAZAKH_UNITS: Final = "бір екі үш төрт бес алты жеті сегіз тоғыз".split()
_UNIT: Final = "|".join(_KAZAKH_UNITS)
_DAYS: Final = {word: n for n, word in enumerate(_KAZAKH_UNITS, 1)} | {
    "он": 10,
    "жиырма": 20,
    "отыз": 30,
}
_TENS: Final = "жиырма|отыз|қырық|елу|алпыс|жетпіс|сексен|тоқсан"
_OF_IT: Final = r"(?:с?[ыі])(?:н|на|не|ның|нің|нда|нде|нан|нен|мен)?\b"
"""A Kazakh possessive with its case: «жетісі», the seven of them."""
_FROM: Final = "(?:[дтн][ае]н)"
_MONTHS: Final = (
    "қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан"
)
_PARTS: Final = {"third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
_RUSSIAN_PARTS: Final = {"трет": 3, "четверт": 4, "пят": 5, "десят": 10}
_COUNTS: Final = {"one": 1, "a": 1, "two": 2, "three": 3, "four": 4}
_RUSSIAN_COUNTS: Final = {"одн": 1, "дв": 2, "тр": 3, "четыре": 4}
_TEENS: Final = (
    "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.4g}%"


def _kazakh_share(match: re.Match[str]) -> str:
    whole, part = (_KAZAKH_UNITS.index(match[group]) + 1 for group in (1, 2))
    return _share(part, whole) if part < whole else match[0]


def _kazakh_day(match: re.Match[str]) -> str:
    tens = _DAYS[match[2].strip().lower()] if match[2] else 0
    return f"{tens + _DAYS[match[3].lower()]} {match[1]}"


def _english_share(match: re.Match[str]) -> str:
    return _share(_COUNTS[match[1].lower()], _PARTS[match[2].lower()])


def _russian_share(match: re.Match[str]) -> str:
    count = next((n for stem, n in _RUSSIAN_COUNTS.items() if (match[1] or "").startswith(stem)), 1)
    return _share(count, _RUSSIAN_PARTS[match[2].lower()])


def _hundreds(match: re.Match[str]) -> str:
    return f"{_TEENS.index(match[1].lower()) + 11}00"


_NUMBER_WORDS: Final[Mapping[Language, list[tuple[re.Pattern[str], _Replacement]]]] = {
    "kk": [
        # «желтоқсанның он алтысында»: on 16 December.
        (
            re.compile(
                rf"\b({_MONTHS})[ндт][ыі]ң ((?:он|жиырма|отыз) )?({'|'.join(_DAYS)}){_OF_IT}",
                re.I,
            ),
            _kazakh_day,
        ),
        (re.compile(rf"\b({_UNIT}){_FROM} ({_UNIT})(?:{_OF_IT}|\b)", re.I), _kazakh_share),
        (re.compile(rf"\b({_TENS}|он|жүз|мың) ({_UNIT}){_OF_IT}", re.I), r"\1 \2"),
        (re.compile(rf"\b({_TENS}){_OF_IT}", re.I), r"\1"),
        # «он шақты миллион»: about ten million.
        (re.compile(r"(?<=\w) шақты(?= (?:жүз|мың|миллион|млн|миллиард|млрд))", re.I), ""),
    ],
    "en": [
        (re.compile(rf"\b({'|'.join(_TEENS)})[ -]hundred\b", re.I), _hundreds),
        (re.compile(r"\btwice\b", re.I), "two times"),
        (
            re.compile(
                rf"\b({'|'.join(_COUNTS)})[ -]({'|'.join(_PARTS)})s?\b(?= of\b| the\b|-)", re.I
            ),
            _english_share,
        ),
        (
            re.compile(r"\b(one|two|three|four)[ -](third|quarter|fifth|tenth)s\b", re.I),
            _english_share,
        ),
    ],
    "ru": [
        (
            re.compile(r"\b(?:(одн\w+|дв\w+|тр\w+) )?(трет|четверт)(?:ь|и|ью|ей|ям)\b", re.I),
            _russian_share,
        ),
        (re.compile(r"\b(?:дважды|вдвое)\b", re.I), "в два раза"),
        (re.compile(r"\b(одн\w+|дв\w+|тр\w+) (пят|десят)(?:ая|ой|ую|ых)\b", re.I), _russian_share),
    ],
}
