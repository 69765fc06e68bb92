"""What a text says that can be checked: its numbers, dates and names.

In: a text and its language. Out: facts in order of place, with keys that do not depend on the
language. Knows what each reader knows: dates.py, years.py, figures.py, numerals.py, names.py.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from index.analysis.facts.dates import date_keys, dates, month_of
from index.analysis.facts.fact import Fact, Kind
from index.analysis.facts.figures import Reading, numbers
from index.analysis.facts.names import names
from index.analysis.facts.numerals import data, numeral
from index.analysis.facts.tokens import Token, tokens
from index.analysis.facts.years import years
from ingest.document import Language

__all__ = ["Fact", "date_keys", "facts", "figures"]

_OTHER_STARTS: Final = frozenset(("a", "an", "half"))


def facts(text: str, language: Language) -> list[Fact]:
    """Return the facts of a text. Those with the same span are alternative readings of it.

    >>> [fact.key for fact in facts("1992 жылғы 25 мамырда он елін", "kk")]
    ['1992-05-25', '10']
    """
    found = [*figures(text, language), *names(text, language)]
    return sorted(found, key=lambda fact: (fact.start, fact.end))


def figures(text: str, language: Language) -> list[Fact]:
    """Return the numbers and dates of a text.

    >>> [(fact.kind, fact.key) for fact in figures("Over 1600 agreements by May 2008", "en")]
    [('date', '1600'), ('number', '1600'), ('date', '2008-05')]
    """
    found = tokens(text)
    place, read = 0, []
    while place < len(found):
        token = found[place]
        if token.kind == "mark" or (token.kind == "word" and not _may_start(token.text, language)):
            place += 1
            continue
        here = list(_at(found, place, language))
        read += [
            Fact(kind, key, found[first].start, found[after - 1].end)
            for kind, key, first, after in here
        ]
        place = max((after for *_, after in here), default=place + 1)
    return read


def _at(found: list[Token], place: int, language: Language) -> Iterator[tuple[Kind, str, int, int]]:
    """Give what starts at a token: kind, key, first token, the token behind the last."""
    if read := dates(found, place, language):
        yield from (("date", *date) for date in read)
        return
    counted = numbers(found, place, language)
    single = len(counted) == 1 and counted[0].after == place + 1
    if (single or not counted or found[place].kind == "word") and (
        spans := years(found, place, language)
    ):
        yield from (("date", each.key, each.first, each.after) for each in spans)
        counted = [
            Reading((each.key,), each.first, each.after) for each in spans if each.number_too
        ]
    for number in counted:
        yield from (("number", key, number.first, number.after) for key in number.keys)


@lru_cache(maxsize=100_000)
def _may_start(word: str, language: Language) -> bool:
    """Say whether a number or a date may start with a word; most words need no closer look."""
    return bool(
        numeral(word, language)
        or month_of(word, language)
        or word in _OTHER_STARTS
        or word.startswith(("жарты", "пол"))
        or word in data()["en"]["decade"].values()
        or not word.strip("ivxхі")
    )
