"""Years and decades that stand without a day or month.

In: tokens and a language. Out: the keys of the year or decade at a token, and whether the figure
may be a plain number as well: "1600 agreements", «2000 тонна», «2000 жыл». Knows nouns only as
words in small letters that are no stop words, so "in 1991 independent" is called both.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from index.analysis.facts.dates import FIRST_YEAR, LAST_YEAR, year
from index.analysis.facts.figures import DASHES
from index.analysis.facts.numerals import at, data, run, scale
from index.analysis.facts.tokens import Token
from index.analysis.stopwords import stopwords
from ingest.document import Language

_COUNTED: Final = frozenset("№ # $ € £ ₸ ₽".split())
_PERCENT: Final = frozenset("% ‰ °".split())
_HYPHENS: Final = DASHES | {"'", "’"}
_DECADE_TAILS: Final = frozenset("е х ые ых м ми ші шы інші ыншы".split())
_RUSSIAN_YEARS: Final = frozenset("годы годов годам годами годах гг".split())
_THIS_CENTURY: Final = 20


class Years(NamedTuple):
    """What was read: its key, the tokens, and whether it may be a plain number as well."""

    key: str
    first: int
    after: int
    number_too: bool = False


def years(found: Sequence[Token], place: int, language: Language) -> list[Years]:
    """Return the year or decade at a token; two for a span such as «1949-1963», «1941-45».

    >>> from index.analysis.facts.tokens import tokens
    >>> [each.key for each in years(tokens("1941-45 жж."), 0, "kk")]
    ['1941', '1945']
    >>> years(tokens("1990-жылдары"), 0, "kk")[0].key
    '199x'
    """
    if decade := _decade(found, place, language):
        return [decade]
    read = year(found, place, language)
    if read is None:
        return []
    key = str(read.value)
    if second := _short_second(found, place, read.value, language):
        return [Years(key, place, place + 1), second]
    if read.open:
        bare = at(found, read.after - 1).text in data()["year"][f"span_{language}"].split()
        return [Years(key, place, read.after, number_too=bare)]
    if at(found, place - 1).text in _COUNTED or at(found, read.after).text in _PERCENT:
        return []
    return [Years(key, place, read.after, _may_count(found, read.after, language))]


def _may_count(found: Sequence[Token], place: int, language: Language) -> bool:
    """Say whether a noun may follow a figure."""
    token = at(found, place)
    if token.text in DASHES:
        token = at(found, place + 1)
    span = data()["year"][f"span_{language}"].split()
    if token.kind != "word" or token.capital:
        return False
    return token.text in span or token.text not in stopwords(language)


def _short_second(
    found: Sequence[Token], place: int, first: int, language: Language
) -> Years | None:
    """Return the end of a span of years that leaves out its century."""
    dash, token = at(found, place + 1), at(found, place + 2)
    if dash.text not in DASHES or not (dash.tight and token.tight):
        return None
    if token.kind != "number" or len(token.text) != 2 or int(token.text) <= first % 100:
        return None
    behind = at(found, place + 3)
    if scale(found, place + 3, language) > 1 or behind.text in _PERCENT | DASHES:
        return None
    return Years(f"{first // 100}{int(token.text):02}", place + 2, place + 3)


def _decade(found: Sequence[Token], place: int, language: Language) -> Years | None:
    """Return a decade: "1990s", «90-жылдар», «90-е годы», «тоқсаныншы жылдары», "nineties"."""
    token = at(found, place)
    if token.kind == "word":
        return _decade_in_words(found, place, language)
    if token.kind != "number" or not token.text.isdecimal() or len(token.text) not in (2, 4):
        return None
    value = int(token.text)
    if value % 10 or (len(token.text) == 4 and not FIRST_YEAR <= value <= LAST_YEAR):
        return None
    after = _behind_decade(found, place, language)
    if after is None:
        return None
    if len(token.text) == 2:
        value += 2000 if value < _THIS_CENTURY else 1900
    return Years(f"{value // 10}x", place, after)


def _behind_decade(found: Sequence[Token], place: int, language: Language) -> int | None:
    """Return the index behind what makes a figure a decade."""
    ahead = place + 1
    hyphen = at(found, ahead).text in _HYPHENS
    ahead += hyphen
    if language == "en":
        tail = at(found, ahead)
        return ahead + 1 if tail.text == "s" and tail.tight else None
    after = ahead + (hyphen and at(found, ahead).text in _DECADE_TAILS)
    word = at(found, after).text
    long = len(found[place].text) == 4
    named = word.startswith("жылдар") if language == "kk" else word in _RUSSIAN_YEARS
    follows_a_year = at(found, place - 1).text in DASHES
    if named and (hyphen or (long and not follows_a_year)):
        return after + 1
    if language == "ru" and long and hyphen and at(found, ahead).text in ("е", "х"):
        return after
    if at(found, place + 1).text in DASHES and at(found, place + 2).kind == "number":
        # «1920-1930-жылдары»: the first of two decades.
        chain = at(found, place - 1).text in DASHES
        second = None if chain else _decade(found, place + 2, language)
        return place + 1 if second and at(found, place + 3).text in DASHES else None
    return None


def _decade_in_words(found: Sequence[Token], place: int, language: Language) -> Years | None:
    word = found[place].text
    if language == "en":
        for decade, name in data()["en"]["decade"].items():
            if word == name:
                return Years(f"{decade}x", place, place + 1)
        return None
    read = run(found, place, language)
    if read is None or not read.ordinal or read.value % 10 or not 20 <= read.value <= 90:
        return None
    following = at(found, read.after).text
    if following.startswith("жылдар") or following in _RUSSIAN_YEARS:
        return Years(f"19{read.value // 10}x", place, read.after + 1)
    return None
