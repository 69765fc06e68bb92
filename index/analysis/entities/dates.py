"""Dates in a text: days, months, years and decades, keyed as ISO 8601 writes them.

A decade is `199x`. Only the years 1000-2100 are read, and no eras, calendars or weekdays; a month
by itself is no date. A bare figure of four digits is a year, unless a noun may follow it: then it
may be a number as well ("1600 agreements", «2000 тонна», «2000 жыл»). Nouns are not known: any word
in small letters that is no stop word counts as one, so "in 1991 independent" is read as both.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from index.analysis.entities.numbers import (
    RUSSIAN_KEYBOARD,
    scale_at,
    spelled_number_at,
    word_tables,
)
from index.analysis.entities.tokens import DASHES, Token, token_at
from index.analysis.lexicon import stopwords
from index.analysis.suffixes import is_suffix_chain
from ingest.document import Language

FIRST_YEAR: Final = 1000
LAST_YEAR: Final = 2100
_LAST_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_GENITIVE: Final = ("ның", "нің", "дың", "дің", "тың", "тің")
_NOT_ONLY_MONTHS: Final = frozenset(("may", "march", "mar"))
_ORDINAL_TAILS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(("ші", "шы", "нші", "ншы", "інші", "ыншы", "сы", "сі")),
    "en": frozenset(("st", "nd", "rd", "th")),
    "ru": frozenset("го е й я ое ый му м ого".split()),
}
# What begins with «жыл», year, and need not name one: жылдық (anniversary), жылқы (horse), жылдам
# (quick), жылу (warmth), жылыту (to warm), жылжу (to move). жылдан is said of a year ("since") and
# of a number of years ("than").
_NOT_A_YEAR: Final = re.compile(r"жыл(?:дық|дығ|қ|да[мн]|у|ы[ст]|ж|п)")
_KEY = re.compile(r"(?:(\d{3})(\d))?(?:-(\d\d))?(?:-(\d\d))?")

_COUNT_SIGNS: Final = frozenset("№ # $ € £ ₸ ₽".split())
"""Signs before a figure that is no year."""
_PERCENT: Final = frozenset("% ‰ °".split())
"""Signs behind a figure that is no year."""
_HYPHENS: Final = DASHES | {"'", "’"}
_DECADE_TAILS: Final = frozenset("е х ые ых м ми ші шы інші ыншы".split())
_RUSSIAN_YEARS: Final = frozenset("годы годов годам годами годах гг".split())
_THIS_CENTURY: Final = 20
"""Decades of two digits below this are of the 2000s, the others of the 1900s."""


class DatePart(NamedTuple):
    """A day, month or year.

    Attributes:
        value: Its number.
        after: The index of the token behind it.
        is_open: A day may follow the month (it is in the genitive: «мамырдың 25-і»), or a word
            says that the year is one («1992 жылғы»).
    """

    value: int
    after: int
    is_open: bool = False


class DateReading(NamedTuple):
    """A date, a year or a decade that was read.

    Attributes:
        key: What it is keyed by, such as `1992-05-25` or `199x`.
        first: The index of its first token.
        after: The index of the token behind its last.
        may_be_number: The figure may be a plain number as well.
    """

    key: str
    first: int
    after: int
    may_be_number: bool = False


def date_keys(key: str) -> tuple[str, ...]:
    """Return a date's key and the coarser ones that the same date satisfies.

    >>> date_keys("1992-05-25")
    ('1992-05-25', '1992-05', '1992', '--05-25', '199x')
    >>> date_keys("--12-16"), date_keys("1994-04"), date_keys("199x")
    (('--12-16',), ('1994-04', '1994', '199x'), ('199x',))
    """
    match = _KEY.fullmatch(key)
    if not match or not match[1]:
        return (key,)
    decade, year, month, day = match.groups()
    coarser = [f"{decade}{year}-{month}"] if day else []
    coarser += [f"{decade}{year}"] if month else []
    coarser += [f"--{month}-{day}"] if day else []
    return (key, *coarser, f"{decade}x")


# Dates with a day or a month


def dates_at(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Return the date that starts at a token; two for a range of days. Years alone: `years_at`.

    >>> from index.analysis.entities.tokens import tokenize
    >>> [date.key for date in dates_at(tokenize("1992 жылғы 25 мамырда"), 0, "kk")]
    ['1992-05-25']
    """
    if tokens[place].kind == "mark":
        return []
    for layout in _LAYOUTS:
        if dates := layout(tokens, place, language):
            return dates
    return []


def _numeric(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Read 25.05.1992, 25/05/1992, 05/25/1992 and 1992-05-25."""
    if tokens[place].kind != "number":
        return []
    parts = [token_at(tokens, place + ahead) for ahead in (0, 2, 4)]
    marks = [token_at(tokens, place + ahead).text for ahead in (1, 3)]
    figures = [part.text for part in parts]
    are_whole = all(part.kind == "number" and part.text.isdecimal() for part in parts)
    are_tight = all(token_at(tokens, place + ahead).tight for ahead in range(1, 5))
    if not are_whole or not are_tight or marks[0] != marks[1] or marks[0] not in "./-–":
        return []
    if len(figures[0]) == 4:
        figures.reverse()
    if len(figures[2]) != 4 or max(len(figures[0]), len(figures[1])) > 2:
        return []
    day, month, year = map(int, figures)
    if month > 12:  # The American order.
        day, month = month, day
    return _checked(place, place + 5, year, month, day)


def _year_first(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Read «1992 жылғы 25 мамыр», «1986 жылдың желтоқсан айының 17-сінде», «1994 жылғы сәуір»."""
    year = _year_at(tokens, place, language)
    if year is None:
        return []
    if days := _days_and_month_at(tokens, year.after, language):
        first, second, month = days
        return _range(place, first, second, month.after, year.value, month.value)
    named_month = _month_at(tokens, year.after, language)
    if named_month is None or (
        not year.is_open and token_at(tokens, year.after + 1).kind == "number"
    ):
        return []
    if named_month.is_open and (day := _day_at(tokens, named_month.after, language)):
        return _checked(place, day.after, year.value, named_month.value, day.value)
    return _checked(place, named_month.after, year.value, named_month.value)


def _day_first(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Read «25 мамыр 1992», "the 25th of May, 1992", «16-17 желтоқсан»."""
    days = _days_and_month_at(tokens, place, language)
    if days is None:
        return []
    first, second, month = days
    year = _year_behind(tokens, month.after, language)
    if year is None and _may_be_no_month(tokens[month.after - 1]):
        return []
    after = year.after if year else month.after
    return _range(place, first, second, after, year.value if year else None, month.value)


def _month_first(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Read "May 25, 1992", "December 17-18, 1986", «мамырдың 25-і», "April 1994"."""
    month = _month_at(tokens, place, language)
    if month is None:
        return []
    if month.is_open and (first := _day_at(tokens, month.after, language)):
        second = _second_day(tokens, first, language)
        last = second or first
        year = _year_behind(tokens, last.after, language)
        if year or not _may_be_no_month(tokens[place]):
            after = year.after if year else last.after
            return _range(place, first, second, after, year.value if year else None, month.value)
    year = _year_behind(tokens, month.after, language)
    return _checked(place, year.after, year.value, month.value) if year else []


def _day_at(tokens: Sequence[Token], place: int, language: Language) -> DatePart | None:
    """Return the day of the month at a token, past any ending: «25-інде», "25th"."""
    token, after = token_at(tokens, place), place + 1
    if token.kind == "number" and len(token.text) <= 2 and token.text.isdecimal():
        value = int(token.text)
    elif (
        token.kind == "word"
        and (spelled := spelled_number_at(tokens, place, language))
        and spelled.ordinal
    ):
        value, after = spelled.value, spelled.after
    else:
        return None
    if not 1 <= value <= 31:
        return None
    dash = token_at(tokens, after).text in DASHES and token_at(tokens, after).tight
    tail = token_at(tokens, after + dash)
    if tail.kind == "word" and tail.tight:
        if dash and month_of(tail.text, language):  # «25-мамырда»
            return DatePart(value, after + 1)
        is_ending = tail.text in _ORDINAL_TAILS[language] or (
            language == "kk" and dash and len(tail.text) < 9 and is_suffix_chain(tail.text)
        )
        if is_ending:
            return DatePart(value, after + dash + 1)
    return DatePart(value, after)


def _month_at(tokens: Sequence[Token], place: int, language: Language) -> DatePart | None:
    """Return the month at a token, past «айы» or a full stop behind an abbreviation."""
    token = token_at(tokens, place)
    month = month_of(token.text, language) if token.kind == "word" else None
    if month is None:
        return None
    value, is_genitive = month
    after = place + 1
    behind = token_at(tokens, after)
    if language == "kk" and behind.text.startswith("ай") and is_suffix_chain(behind.text[2:12]):
        is_genitive = behind.text.endswith(_GENITIVE)
        after += 1
    elif len(token.text) <= 4 and token.text != "may" and behind.text == "." and behind.tight:
        after += 1
    return DatePart(value, after, is_open=is_genitive or language == "en")


@lru_cache(maxsize=100_000)  # Words recur; about the vocabulary of a large index.
def month_of(word: str, language: Language) -> tuple[int, bool] | None:
    """Return a word's month, and whether it is in the Kazakh genitive."""
    table = _months(language)
    if language != "kk":
        return (table[word], False) if word in table else None
    for length in range(min(len(word), 9), 3, -1):  # The longest is «желтоқсан».
        if word[:length] in table and is_suffix_chain(word[length:20]):
            return table[word[:length]], word[length:].startswith(_GENITIVE)
    return None


@cache
def _months(language: Language) -> dict[str, int]:
    forms = word_tables()["month"][language]
    table = {form: int(value) for value, words in forms.items() for form in words.split()}
    if language == "kk":
        table |= {form.translate(RUSSIAN_KEYBOARD): value for form, value in table.items()}
    return table


def _days_and_month_at(
    tokens: Sequence[Token], place: int, language: Language
) -> tuple[DatePart, DatePart | None, DatePart] | None:
    """Return one day or two, and the month behind them."""
    first = _day_at(tokens, place, language)
    if first is None:
        return None
    second = _second_day(tokens, first, language)
    after = (second or first).after
    month = _month_at(tokens, after + (token_at(tokens, after).text == "of"), language)
    return (first, second, month) if month else None


def _second_day(tokens: Sequence[Token], first: DatePart, language: Language) -> DatePart | None:
    if token_at(tokens, first.after).text not in DASHES:
        return None
    second = _day_at(tokens, first.after + 1, language)
    return second if second and second.value > first.value else None


def _may_be_no_month(month: Token) -> bool:
    """Say whether a word may be no month: "may" and "march" in small letters."""
    return month.text in _NOT_ONLY_MONTHS and not month.capital


def _range(
    place: int, first: DatePart, second: DatePart | None, after: int, year: int | None, month: int
) -> list[DateReading]:
    """Return one date, or two for a range: the first ends behind its day."""
    if second is None:
        return _checked(place, after, year, month, first.value)
    return [
        *_checked(place, first.after, year, month, first.value),
        *_checked(first.after + 1, after, year, month, second.value),
    ]


def _checked(
    first: int, after: int, year: int | None, month: int, day: int | None = None
) -> list[DateReading]:
    """Return a date; none if there is no such day."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= _LAST_DAYS[month - 1]):
        return []
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return []
    key = f"{'-' if year is None else year}-{month:02}" + (f"-{day:02}" if day else "")
    return [DateReading(key, first, after)]


_LAYOUTS: Final[tuple[Callable[[Sequence[Token], int, Language], list[DateReading]], ...]] = (
    _numeric,
    _year_first,
    _day_first,
    _month_first,
)


# Years and decades


def years_at(tokens: Sequence[Token], place: int, language: Language) -> list[DateReading]:
    """Return the year or decade at a token; two for a span such as «1949-1963», «1941-45».

    >>> from index.analysis.entities.tokens import tokenize
    >>> [year.key for year in years_at(tokenize("1941-45 жж."), 0, "kk")]
    ['1941', '1945']
    >>> years_at(tokenize("1990-жылдары"), 0, "kk")[0].key
    '199x'
    """
    if decade := _decade_at(tokens, place, language):
        return [decade]
    year = _year_at(tokens, place, language)
    if year is None:
        return []
    key = str(year.value)
    if second := _short_second_year(tokens, place, year.value, language):
        return [DateReading(key, place, place + 1), second]
    if year.is_open:
        span_words = word_tables()["year"][f"span_{language}"].split()
        is_span = token_at(tokens, year.after - 1).text in span_words  # «2000 жыл»: that many years
        return [DateReading(key, place, year.after, may_be_number=is_span)]
    before, behind = token_at(tokens, place - 1), token_at(tokens, year.after)
    if before.text in _COUNT_SIGNS or behind.text in _PERCENT:
        return []
    may_count = _may_be_noun(tokens, year.after, language)
    return [DateReading(key, place, year.after, may_be_number=may_count)]


def _year_at(tokens: Sequence[Token], place: int, language: Language) -> DatePart | None:
    """Return the year at a token; it is open if a word says that it is one."""
    token = token_at(tokens, place)
    value, after = 0, place + 1
    if token.kind == "number" and len(token.text) == 4 and token.text.isdecimal():
        value = int(token.text)
    elif token.kind == "word" and (spelled := spelled_number_at(tokens, place, language)):
        value, after = spelled.value, spelled.after
        if not _is_year_word(token_at(tokens, after).text, language):
            return None
    if not FIRST_YEAR <= value <= LAST_YEAR:
        return None
    ahead = after
    # 1992-ші жылы, 1992-го года
    if token_at(tokens, ahead).text in DASHES and token_at(tokens, ahead + 1).tight:
        ahead += 2 if token_at(tokens, ahead + 1).text in _ORDINAL_TAILS[language] else 1
    word = token_at(tokens, ahead).text
    if not _is_year_word(word, language):
        return DatePart(value, after)
    full_stop = token_at(tokens, ahead + 1)
    is_abbreviated = len(word) <= 2 and full_stop.text == "." and full_stop.tight
    return DatePart(value, ahead + 1 + is_abbreviated, is_open=True)


def _year_behind(tokens: Sequence[Token], place: int, language: Language) -> DatePart | None:
    return _year_at(tokens, place + (token_at(tokens, place).text in (",", "of")), language)


def _is_year_word(word: str, language: Language) -> bool:
    if language == "kk" and word.startswith("жыл") and not _NOT_A_YEAR.match(word):
        return is_suffix_chain(word[3:20]) or word == "жылгы"
    return word in word_tables()["year"][language].split()


def _may_be_noun(tokens: Sequence[Token], place: int, language: Language) -> bool:
    """Say whether what follows a figure may be a noun that it counts."""
    token = token_at(tokens, place)
    if token.text in DASHES:
        token = token_at(tokens, place + 1)
    span_words = word_tables()["year"][f"span_{language}"].split()
    if token.kind != "word" or token.capital:
        return False
    return token.text in span_words or token.text not in stopwords(language)


def _short_second_year(
    tokens: Sequence[Token], place: int, first_year: int, language: Language
) -> DateReading | None:
    """Return the end of a span of years that leaves out its century."""
    dash, token = token_at(tokens, place + 1), token_at(tokens, place + 2)
    if dash.text not in DASHES or not (dash.tight and token.tight):
        return None
    if token.kind != "number" or len(token.text) != 2 or int(token.text) <= first_year % 100:
        return None
    behind = token_at(tokens, place + 3)
    if scale_at(tokens, place + 3, language) > 1 or behind.text in _PERCENT | DASHES:
        return None
    return DateReading(f"{first_year // 100}{int(token.text):02}", place + 2, place + 3)


def _decade_at(tokens: Sequence[Token], place: int, language: Language) -> DateReading | None:
    """Return a decade: "1990s", «90-жылдар», «90-е годы», «тоқсаныншы жылдары», "nineties"."""
    token = token_at(tokens, place)
    if token.kind == "word":
        return _decade_in_words_at(tokens, place, language)
    if token.kind != "number" or not token.text.isdecimal() or len(token.text) not in (2, 4):
        return None
    value = int(token.text)
    if value % 10 or (len(token.text) == 4 and not FIRST_YEAR <= value <= LAST_YEAR):
        return None
    after = _behind_decade(tokens, place, language)
    if after is None:
        return None
    if len(token.text) == 2:
        value += 2000 if value < _THIS_CENTURY else 1900
    return DateReading(f"{value // 10}x", place, after)


def _behind_decade(tokens: Sequence[Token], place: int, language: Language) -> int | None:
    """Return the index behind what makes a figure a decade; None: nothing does."""
    ahead = place + 1
    hyphen = token_at(tokens, ahead).text in _HYPHENS
    ahead += hyphen
    if language == "en":
        tail = token_at(tokens, ahead)
        return ahead + 1 if tail.text == "s" and tail.tight else None
    after = ahead + (hyphen and token_at(tokens, ahead).text in _DECADE_TAILS)
    word = token_at(tokens, after).text
    is_long = len(tokens[place].text) == 4
    is_named = word.startswith("жылдар") if language == "kk" else word in _RUSSIAN_YEARS
    follows_a_year = token_at(tokens, place - 1).text in DASHES  # «1985-1990 жылдар» is a span.
    if is_named and (hyphen or (is_long and not follows_a_year)):
        return after + 1
    if language == "ru" and is_long and hyphen and token_at(tokens, ahead).text in ("е", "х"):
        return after
    if token_at(tokens, place + 1).text in DASHES and token_at(tokens, place + 2).kind == "number":
        # «1920-1930-жылдары»: the first of two decades.
        is_chain = token_at(tokens, place - 1).text in DASHES
        second = None if is_chain else _decade_at(tokens, place + 2, language)
        return place + 1 if second and token_at(tokens, place + 3).text in DASHES else None
    return None


def _decade_in_words_at(
    tokens: Sequence[Token], place: int, language: Language
) -> DateReading | None:
    word = tokens[place].text
    if language == "en":
        for decade, name in word_tables()["en"]["decade"].items():
            if word == name:
                return DateReading(f"{decade}x", place, place + 1)
        return None
    spelled = spelled_number_at(tokens, place, language)
    if spelled is None or not spelled.ordinal:
        return None
    if spelled.value % 10 or not 20 <= spelled.value <= 90:
        return None
    behind = token_at(tokens, spelled.after).text
    if behind.startswith("жылдар") or behind in _RUSSIAN_YEARS:
        return DateReading(f"19{spelled.value // 10}x", place, spelled.after + 1)
    return None
