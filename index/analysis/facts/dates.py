"""Dates in a text: days, months, years and decades, as ISO 8601 writes them.

In: tokens and a language. Out: dates with the tokens they were read from. A decade is `199x`. Knows
the years 1000-2100 only, and no eras, calendars or weekdays; a month by itself is no date. A bare
figure of four digits is a year unless a noun may follow it: then it is a number too (facts.py).
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, NamedTuple

from index.analysis.facts.figures import DASHES
from index.analysis.facts.numerals import KAZAKH_PLAIN, at, data, run
from index.analysis.facts.tokens import Token
from index.analysis.suffix import is_suffixes
from ingest.document import Language

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 2100
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_GENITIVE: Final = ("ның", "нің", "дың", "дің", "тың", "тің")
_NOT_ONLY_MONTHS: Final = frozenset(("may", "march", "mar"))
_ORDINAL_TAILS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(("ші", "шы", "нші", "ншы", "інші", "ыншы", "сы", "сі")),
    "en": frozenset(("st", "nd", "rd", "th")),
    "ru": frozenset("го е й я ое ый му м ого".split()),
}
_NOT_A_YEAR: Final = re.compile(r"жыл(?:дық|дығ|қ|да[мн]|у|ы[ст]|ж|п)")
_COARSER = re.compile(r"(?:(\d{3})(\d))?(?:-(\d\d))?(?:-(\d\d))?")


class Element(NamedTuple):
    """A day, month or year: its number, the index behind it, and what its ending allows.

    `open` is true of a month in the genitive and of a year named as a year.
    """

    value: int
    after: int
    open: bool = False


class Dated(NamedTuple):
    """A date: its key, the index of its first token, and of the token behind its last."""

    key: str
    first: int
    after: int


def date_keys(key: str) -> tuple[str, ...]:
    """Return a date's key and the coarser ones that the same date satisfies.

    >>> date_keys("1992-05-25")
    ('1992-05-25', '1992-05', '1992', '--05-25', '199x')
    >>> date_keys("--12-16"), date_keys("1994-04"), date_keys("199x")
    (('--12-16',), ('1994-04', '1994', '199x'), ('199x',))
    """
    match = _COARSER.fullmatch(key)
    if not match or not match[1]:
        return (key,)
    decade, year, month, day = match.groups()
    coarser = [f"{decade}{year}-{month}"] if day else []
    coarser += [f"{decade}{year}"] if month else []
    coarser += [f"--{month}-{day}"] if day else []
    return (key, *coarser, f"{decade}x")


def dates(found: Sequence[Token], place: int, language: Language) -> list[Dated]:
    """Return the date that starts at a token; two for a range of days. Years alone: `year`.

    >>> from index.analysis.facts.tokens import tokens
    >>> dates(tokens("1992 жылғы 25 мамырда"), 0, "kk")
    [Dated(key='1992-05-25', first=0, after=4)]
    """
    if found[place].kind == "mark":
        return []
    for pattern in _PATTERNS:
        if read := pattern(found, place, language):
            return read
    return []


def year(found: Sequence[Token], place: int, language: Language) -> Element | None:
    """Return the year at a token; it is `open` if a word says that it is one."""
    token = at(found, place)
    value, after = 0, place + 1
    if token.kind == "number" and len(token.text) == 4 and token.text.isdecimal():
        value = int(token.text)
    elif token.kind == "word" and (words := run(found, place, language)):
        value, after = words.value, words.after
        if not _is_year_word(at(found, after).text, language):
            return None
    if not FIRST_YEAR <= value <= LAST_YEAR:
        return None
    ahead = after
    if at(found, ahead).text in DASHES and at(found, ahead + 1).tight:  # 1992-ші жылы, 1992-го года
        ahead += 2 if at(found, ahead + 1).text in _ORDINAL_TAILS[language] else 1
    word = at(found, ahead).text
    if not _is_year_word(word, language):
        return Element(value, after)
    dotted = len(word) <= 2 and at(found, ahead + 1).text == "." and at(found, ahead + 1).tight
    return Element(value, ahead + 1 + dotted, open=True)


def _is_year_word(word: str, language: Language) -> bool:
    if language == "kk" and word.startswith("жыл") and not _NOT_A_YEAR.match(word):
        return is_suffixes(word[3:20]) or word == "жылгы"
    return word in data()["year"][language].split()


def _day(found: Sequence[Token], place: int, language: Language) -> Element | None:
    """Return the day of the month at a token, past any ending: «25-інде», "25th"."""
    token, after = at(found, place), place + 1
    if token.kind == "number" and len(token.text) <= 2 and token.text.isdecimal():
        value = int(token.text)
    elif token.kind == "word" and (words := run(found, place, language)) and words.ordinal:
        value, after = words.value, words.after
    else:
        return None
    if not 1 <= value <= 31:
        return None
    dash = at(found, after).text in DASHES and at(found, after).tight
    tail = at(found, after + dash)
    if tail.kind == "word" and tail.tight:
        if dash and month_of(tail.text, language):  # «25-мамырда»
            return Element(value, after + 1)
        ending = tail.text in _ORDINAL_TAILS[language]
        if ending or (language == "kk" and dash and len(tail.text) < 9 and is_suffixes(tail.text)):
            return Element(value, after + dash + 1)
    return Element(value, after)


def _month(found: Sequence[Token], place: int, language: Language) -> Element | None:
    """Return the month at a token, past «айы» or a full stop behind an abbreviation."""
    token = at(found, place)
    known = month_of(token.text, language) if token.kind == "word" else None
    if known is None:
        return None
    value, genitive = known
    after = place + 1
    following = at(found, after)
    if language == "kk" and following.text.startswith("ай") and is_suffixes(following.text[2:12]):
        genitive = following.text.endswith(_GENITIVE)
        after += 1
    elif len(token.text) <= 4 and token.text != "may" and following.text == "." and following.tight:
        after += 1
    return Element(value, after, open=genitive or language == "en")


@cache
def month_of(word: str, language: Language) -> tuple[int, bool] | None:
    """Return a word's month, and whether it is in the Kazakh genitive."""
    table = _months(language)
    if language != "kk":
        return (table[word], False) if word in table else None
    for length in range(min(len(word), 9), 3, -1):
        if word[:length] in table and is_suffixes(word[length:20]):
            return table[word[:length]], word[length:].startswith(_GENITIVE)
    return None


@cache
def _months(language: Language) -> dict[str, int]:
    forms = data()["month"][language]
    table = {form: int(value) for value, words in forms.items() for form in words.split()}
    if language == "kk":
        table |= {form.translate(KAZAKH_PLAIN): value for form, value in table.items()}
    return table


def _numeric(found: Sequence[Token], place: int, language: Language) -> list[Dated]:
    """Read 25.05.1992, 25/05/1992, 05/25/1992 and 1992-05-25."""
    if found[place].kind != "number":
        return []
    parts = [at(found, place + ahead) for ahead in (0, 2, 4)]
    marks = [at(found, place + ahead).text for ahead in (1, 3)]
    texts = [part.text for part in parts]
    whole = all(part.kind == "number" and part.text.isdecimal() for part in parts)
    tight = all(at(found, place + ahead).tight for ahead in range(1, 5))
    if not whole or not tight or marks[0] != marks[1] or marks[0] not in "./-–":
        return []
    if len(texts[0]) == 4:
        texts.reverse()
    if len(texts[2]) != 4 or max(len(texts[0]), len(texts[1])) > 2:
        return []
    day, month, when = map(int, texts)
    if month > 12:
        day, month = month, day
    return _dated(place, place + 5, when, month, day)


def _year_first(found: Sequence[Token], place: int, language: Language) -> list[Dated]:
    """Read «1992 жылғы 25 мамыр», «1986 жылдың желтоқсан айының 17-сінде», «1994 жылғы сәуір»."""
    when = year(found, place, language)
    if when is None:
        return []
    if days := _days_then_month(found, when.after, language):
        first, second, named = days
        return _range(place, first, second, named.after, when.value, named.value)
    month = _month(found, when.after, language)
    if month is None or (not when.open and at(found, when.after + 1).kind == "number"):
        return []
    if month.open and (day := _day(found, month.after, language)):
        return _dated(place, day.after, when.value, month.value, day.value)
    return _dated(place, month.after, when.value, month.value)


def _day_first(found: Sequence[Token], place: int, language: Language) -> list[Dated]:
    """Read «25 мамыр 1992», "the 25th of May, 1992", «16-17 желтоқсан»."""
    days = _days_then_month(found, place, language)
    if days is None:
        return []
    first, second, month = days
    when = _year_behind(found, month.after, language)
    if when is None and _weak(found[month.after - 1]):
        return []
    after = when.after if when else month.after
    return _range(place, first, second, after, when.value if when else None, month.value)


def _month_first(found: Sequence[Token], place: int, language: Language) -> list[Dated]:
    """Read "May 25, 1992", "December 17-18, 1986", «мамырдың 25-і», "April 1994"."""
    month = _month(found, place, language)
    if month is None:
        return []
    if month.open and (first := _day(found, month.after, language)):
        second = _second_day(found, first, language)
        last = second or first
        when = _year_behind(found, last.after, language)
        if when or not _weak(found[place]):
            after = when.after if when else last.after
            return _range(place, first, second, after, when.value if when else None, month.value)
    when = _year_behind(found, month.after, language)
    return _dated(place, when.after, when.value, month.value) if when else []


def _days_then_month(
    found: Sequence[Token], place: int, language: Language
) -> tuple[Element, Element | None, Element] | None:
    first = _day(found, place, language)
    if first is None:
        return None
    second = _second_day(found, first, language)
    after = (second or first).after
    month = _month(found, after + (at(found, after).text == "of"), language)
    return (first, second, month) if month else None


def _second_day(found: Sequence[Token], first: Element, language: Language) -> Element | None:
    if at(found, first.after).text not in DASHES:
        return None
    second = _day(found, first.after + 1, language)
    return second if second and second.value > first.value else None


def _year_behind(found: Sequence[Token], place: int, language: Language) -> Element | None:
    return year(found, place + (at(found, place).text in (",", "of")), language)


def _weak(month: Token) -> bool:
    """Say whether a word may be no month: "may" and "march" in small letters."""
    return month.text in _NOT_ONLY_MONTHS and not month.capital


def _range(
    place: int, first: Element, second: Element | None, after: int, when: int | None, month: int
) -> list[Dated]:
    """Return one date, or two for a range: the first ends behind its day."""
    if second is None:
        return _dated(place, after, when, month, first.value)
    return [
        *_dated(place, first.after, when, month, first.value),
        *_dated(first.after + 1, after, when, month, second.value),
    ]


def _dated(
    first: int, after: int, when: int | None, month: int, day: int | None = None
) -> list[Dated]:
    """Return a date; none if there is no such day."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= _DAYS[month - 1]):
        return []
    if when is not None and not FIRST_YEAR <= when <= LAST_YEAR:
        return []
    key = f"{'-' if when is None else when}-{month:02}" + (f"-{day:02}" if day else "")
    return [Dated(key, first, after)]


_PATTERNS: Final[tuple[Callable[[Sequence[Token], int, Language], list[Dated]], ...]] = (
    _numeric,
    _year_first,
    _day_first,
    _month_first,
)
