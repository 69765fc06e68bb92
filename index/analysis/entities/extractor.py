"""Entity extraction: the numbers, dates and names of a text, in order of place.

Each token is offered to the readers in turn: a date with a day or a month first, then a year or a
decade, then a number; names are found on their own. What each reader knows is said in dates.py,
numbers.py and names.py.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from index.analysis.entities import Entity, EntityKind
from index.analysis.entities.dates import date_keys, dates_at, month_of, years_at
from index.analysis.entities.names import names
from index.analysis.entities.numbers import NumberReading, numbers_at, numeral, word_tables
from index.analysis.entities.tokens import Token, tokenize
from ingest.document import Language

__all__ = ["Entity", "EntityKind", "date_keys", "entities", "numbers_and_dates"]

_OTHER_STARTS: Final = frozenset(("a", "an", "half"))
"""Words that start a number without being one: "a hundred", "half a million"."""

_Span = tuple[EntityKind, str, int, int]
"""A reading: its kind, its key, the index of its first token, and of the one behind its last."""


def entities(text: str, language: Language) -> list[Entity]:
    """Return the entities of a text. Those with the same span are alternative readings of it.

    >>> [entity.key for entity in entities("1992 жылғы 25 мамырда он елін", "kk")]
    ['1992-05-25', '10']
    """
    unordered = [*numbers_and_dates(text, language), *names(text, language)]
    return sorted(unordered, key=lambda entity: (entity.start, entity.end))


def numbers_and_dates(text: str, language: Language) -> list[Entity]:
    """Return the numbers and dates of a text, in order.

    >>> text = "Over 1600 agreements by May 2008"
    >>> [(entity.kind, entity.key) for entity in numbers_and_dates(text, "en")]
    [('date', '1600'), ('number', '1600'), ('date', '2008-05')]
    """
    tokens = tokenize(text)
    place = 0
    result: list[Entity] = []
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "mark" or (token.kind == "word" and not _may_start(token.text, language)):
            place += 1
            continue
        spans = list(_spans_at(tokens, place, language))
        result += [
            Entity(kind, key, tokens[first].start, tokens[after - 1].end)
            for kind, key, first, after in spans
        ]
        place = max((after for *_, after in spans), default=place + 1)
    return result


def _spans_at(tokens: list[Token], place: int, language: Language) -> Iterator[_Span]:
    """Give what starts at a token."""
    if dates := dates_at(tokens, place, language):
        yield from (("date", date.key, date.first, date.after) for date in dates)
        return
    numbers = numbers_at(tokens, place, language)
    # A figure that a scale or a half belongs to ("1600 thousand") is no year. Words are always
    # looked at: years and decades are written out too («тоқсаныншы жылдары»).
    one_token = len(numbers) == 1 and numbers[0].after == place + 1
    may_be_year = one_token or not numbers or tokens[place].kind == "word"
    if years := years_at(tokens, place, language) if may_be_year else []:
        yield from (("date", year.key, year.first, year.after) for year in years)
        numbers = [
            NumberReading((year.key,), year.first, year.after)
            for year in years
            if year.may_be_number
        ]
    for number in numbers:
        yield from (("number", key, number.first, number.after) for key in number.keys)


@lru_cache(maxsize=100_000)  # Words recur; about the vocabulary of a large index.
def _may_start(word: str, language: Language) -> bool:
    """Say whether a number or a date may start with a word; most words need no closer look."""
    return bool(
        numeral(word, language)
        or month_of(word, language)
        or word in _OTHER_STARTS
        or word.startswith(("жарты", "пол"))  # halves: жартысы, полмиллиона
        or word in word_tables()["en"]["decade"].values()
        or not word.strip("ivxхі")  # Roman numerals, in either alphabet
    )
