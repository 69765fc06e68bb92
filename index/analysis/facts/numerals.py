"""The words a number is written in: what each stands for, and how they add up.

In: tokens and a language. Out: the value of a run of numerals, and where the run ends. Knows no
figures and no units. Knows fractions only as halves. The words are data: numbers.toml.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

from index.analysis.facts.tokens import END, Token
from index.analysis.suffix import is_suffixes
from ingest.document import Language

KAZAKH_PLAIN: Final = str.maketrans("әғқңөұүһі", "агкноуухи")
"""Kazakh letters as they are typed on a Russian keyboard."""

_LONGEST_WORD: Final = 30
_SHORTEST_PLAIN: Final = 4
_SECOND_AS_TIME: Final = frozenset("a per each every one split".split())
_FIRSTLY = re.compile(r"нш[іы]д[еа]н$")
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")
_ROMAN_VALUES: Final = {"x": 10, "v": 5, "i": 1}
_ROMAN_TAIL: Final = frozenset("- – — және мен и and to ші шы th st nd rd".split())
_ROMAN_TAIL_TOKENS: Final = 5


class Numeral(NamedTuple):
    """What one word stands for.

    Attributes:
        value: Its value.
        role: A scale multiplies what stands before it, and so does a hundred.
        last: No further numeral belongs to the same number.
        ordinal: It says which, not how many.
    """

    value: int
    role: Literal["unit", "hundred", "scale"]
    last: bool = False
    ordinal: bool = False


class Run(NamedTuple):
    """A number in words.

    Attributes:
        value: Its value.
        after: The index of the token behind it.
        ordinal: It says which, not how many.
        weak: Too common to be a number by itself: «бір», "one", several "thousand".
    """

    value: int
    after: int
    ordinal: bool
    weak: bool


@cache
def data() -> Mapping[str, Any]:
    """Return numbers.toml."""
    return tomllib.loads(
        (resources.files("index.analysis.facts") / "numbers.toml").read_text("utf-8")
    )


def at(found: Sequence[Token], place: int) -> Token:
    """Return a token, or a mark without text where there is none."""
    return found[place] if 0 <= place < len(found) else END


@lru_cache(maxsize=100_000)
def numeral(word: str, language: Language) -> Numeral | None:
    """Return what a word stands for.

    >>> numeral("үшінші", "kk").value, numeral("үшін", "kk"), numeral("двух", "ru").value
    (3, None, 2)
    """
    table = _table(language)
    if language == "ru":
        word = word.replace("ё", "е")
    if word in table or language != "kk" or len(word) > _LONGEST_WORD:
        return table.get(word)
    for length in range(len(word) - 1, 2, -1):
        known = table.get(word[:length])
        if known and (known.ordinal or known.role == "scale") and _ends(word[length:]):
            return known._replace(last=True)
    return None


def scale(found: Sequence[Token], place: int, language: Language) -> int:
    """Return what a token multiplies by, such as 1000 for «мың»; 1 where it does not."""
    token = at(found, place)
    known = numeral(token.text, language) if token.kind == "word" else None
    return known.value if known and known.role == "scale" and known.value > 12 else 1


def run(found: Sequence[Token], place: int, language: Language) -> Run | None:
    """Return the number in words that starts at a token.

    >>> from index.analysis.facts.tokens import tokens
    >>> run(tokens("бір мың тоғыз жүз тоқсан екі"), 0, "kk")
    Run(value=1992, after=6, ordinal=False, weak=False)
    """
    start = place
    if language == "en" and at(found, place).text in ("a", "an"):
        known = numeral(at(found, place + 1).text, "en")
        if not known or (known.role == "unit"):
            return None
        place += 1
    total = current = 0
    top = 10**15
    known = None
    while step := _next(found, place, current, top, language, first=known is None):
        known, place = step
        if known.role == "scale":
            total, current, top = total + (current or 1) * known.value, 0, known.value
        elif known.role == "hundred":
            current = (current or 1) * known.value
        else:
            current += known.value
        if known.last:
            break
    if known is None:
        return None
    weak = place - start == 1 and not _may_stand_alone(found, start, language)
    return Run(total + current, place, known.ordinal, weak)


def roman(found: Sequence[Token], place: int, language: Language) -> int | None:
    """Return the value of a Roman numeral before the word "century", in capitals."""
    token = at(found, place)
    value = _roman_value(token.text) if token.capital else 0
    for ahead in range(place + 1, place + 1 + _ROMAN_TAIL_TOKENS if value else 0):
        word = at(found, ahead).text
        if word in data()[language]["century"].split() or word.startswith("ғасыр"):
            return value
        if word not in _ROMAN_TAIL and not _roman_value(word):
            return None
    return None


def _roman_value(word: str) -> int:
    word = word.translate(str.maketrans("хі", "xi"))
    if not 0 < len(word) < 8 or not _ROMAN.fullmatch(word):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(-one if one < other else one for one, other in zip(values, following, strict=True))


def _next(
    found: Sequence[Token], place: int, current: int, top: int, language: Language, *, first: bool
) -> tuple[Numeral, int] | None:
    """Return the next numeral of a run and where it ends, if it may follow what was read."""
    token = at(found, place)
    if language == "en" and not first:
        tens = current % 100 >= 20 and current % 10 == 0
        if (token.text == "-" and token.tight and tens) or (
            token.text == "and" and (current % 100 == 0)
        ):
            place += 1
            token = at(found, place)
            after = numeral(at(found, place + 1).text, language)
            if after and after.role == "hundred":
                return None
    known = numeral(token.text, language) if token.kind == "word" else None
    if not known or not _fits(known, current, top, language, first=first):
        return None
    return known, place + 1


def _fits(known: Numeral, current: int, top: int, language: Language, *, first: bool) -> bool:
    """Say whether a numeral may follow what was read: «екі үш» is two numbers."""
    if known.role == "scale":
        return known.value < top and (first or current > 0)
    if known.role == "hundred":
        return current < 10
    if known.value == 0 or known.value >= 100:
        return current == 0 and (first or known.value > 0)
    if known.value >= 10:
        return current % 100 == 0
    return current % 10 == 0 and (language == "kk" or current % 100 != 10)


def _may_stand_alone(found: Sequence[Token], place: int, language: Language) -> bool:
    """Say whether one numeral by itself is a number: «бір» and "one" are too common."""
    token, before, words = found[place], at(found, place - 1), data()[language]
    known = numeral(token.text, language)
    if known is None or before.text in words["vague"].split():
        return False
    if not known.ordinal:
        if known.role == "scale":
            return token.text in words["alone"].split()
        return str(known.value) not in words["not_alone"].split()
    if language == "kk":  # «біріншіден,» is "firstly"
        return not (_FIRSTLY.search(token.text) and at(found, place + 1).text == ",")
    if language == "ru":  # «во-первых»
        return not (before.text == "-" and at(found, place - 2).text in ("во", "в"))
    return token.text != "second" or not (before.kind == "number" or before.text in _SECOND_AS_TIME)


def _ends(rest: str) -> bool:
    """Say whether endings of Kazakh follow; «миллиондаған», "millions of", is no number."""
    return not rest.startswith(("даған", "деген")) and is_suffixes(rest)


@cache
def _table(language: Language) -> Mapping[str, Numeral]:
    words = data()[language]
    table: dict[str, Numeral] = {}
    for value, forms in words["scale"].items():
        table |= dict.fromkeys(forms.split(), Numeral(int(value), "scale"))
    for value, forms in words["ordinal"].items():
        known = Numeral(int(value), "unit", last=True, ordinal=True)
        for form in forms.split():
            table |= dict.fromkeys(_forms(form, words, language == "ru"), known)
    for value, forms in words["cardinal"].items():
        known = Numeral(int(value), "hundred" if value == "100" and language != "ru" else "unit")
        for form in forms.split():
            if language == "kk" and value != "10":
                inflected = _forms(form, words, inflects=True)
                table |= dict.fromkeys(inflected, known._replace(last=True))
            table[form] = known
    return _as_typed(table, words["as_is"]) if language == "kk" else table


def _as_typed(table: Mapping[str, Numeral], as_is: str) -> Mapping[str, Numeral]:
    """Add «он», which has few endings of its own, and what a Russian keyboard makes of the rest."""
    ten = {form: Numeral(10, "unit", last=form != "он") for form in as_is.split()}
    plain = {form.translate(KAZAKH_PLAIN): known for form, known in table.items()}
    long = {form: known for form, known in plain.items() if len(form) >= _SHORTEST_PLAIN}
    return {**long, **table, **ten}


def _forms(stem: str, words: Mapping[str, str], inflects: bool) -> list[str]:
    return [stem + ending for ending in words["endings"].split()] if inflects else [stem]
