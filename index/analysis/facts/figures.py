"""Numbers in a text, in figures or in words, as canonical decimal strings.

In: tokens and a language. Out: readings: the keys of a number, and the tokens it was read from.
«1,5 млрд», "1.5 billion" and "1 500 000 000" have the same key. Knows no units, signs or
percentages: «25%» is 25. Knows no fractions but halves. Where a separator may mean two things
(«1.600» in Kazakh), the reading has both keys.
"""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from index.analysis.facts.numerals import at, data, roman, run, scale
from index.analysis.facts.tokens import Token
from ingest.document import Language

DASHES: Final = frozenset("-–—‑−")
_LONGEST: Final = 18
"""Digits, at most, of a number that is multiplied; a longer one is an identifier."""
_ONE_AND_A_HALF: Final = frozenset("полтора полторы полутора".split())


class Reading(NamedTuple):
    """A number that was read.

    Attributes:
        keys: Its value, or its values if it may mean either.
        first: The index of its first token.
        after: The index of the token behind its last.
        ordinal: It is written as an ordinal, in words.
    """

    keys: tuple[str, ...]
    first: int
    after: int
    ordinal: bool = False


def canonical(whole: str, fraction: str = "") -> str:
    """Return a number's key: no separators, no zeros that say nothing.

    >>> canonical("0160"), canonical("1", "50"), canonical("2", "0")
    ('160', '1.5', '2')
    """
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def literal(text: str, language: Language) -> tuple[str, ...]:
    """Return what figures with separators may mean.

    >>> literal("1 600,5", "kk"), literal("1,600", "en"), literal("1,600", "kk")
    (('1600.5',), ('1600',), ('1600', '1.6'))
    """
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    text = "".join(sign for sign in text if sign.isdigit() or sign in ".,")
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return (canonical(text),)
    whole, _, fraction = text.rpartition(marks[-1])
    joined = "".join(sign for sign in whole if sign.isdigit())
    if len(set(marks)) == 2:
        return (canonical(joined, fraction),)
    grouped, decimal = canonical(joined + fraction), canonical(joined, fraction)
    if len(marks) > 1:
        return (grouped,)
    if len(fraction) != 3 or len(whole) > 3 or whole.startswith("0"):
        return (decimal,)
    if language == "en":
        return (grouped,) if marks[0] == "," else (decimal,)
    return (grouped, decimal)


def numbers(found: Sequence[Token], place: int, language: Language) -> list[Reading]:
    """Return the number that starts at a token; two for a range that shares its scale.

    >>> from index.analysis.facts.tokens import tokens
    >>> [reading.keys for reading in numbers(tokens("200-210 млн.тонна"), 0, "kk")]
    [('200000000',), ('210000000',)]
    """
    first = _amount(found, place, language)
    if first is None or first.ordinal:
        return [first] if first else []
    whole = _scaled(found, first, language)
    if whole.after == first.after and at(found, first.after).text in DASHES:
        second = _amount(found, first.after + 1, language)
        shared = scale(found, second.after, language) if second else 1
        if second and shared > 1:
            first = first._replace(keys=_times(first.keys, shared))
            return [first, _scaled(found, second, language)]
    return [whole]


def _amount(found: Sequence[Token], place: int, language: Language) -> Reading | None:
    """Return the number at a token, before any scale behind it."""
    token = at(found, place)
    if token.kind == "number":
        read = Reading(literal(token.text, language), place, place + 1)
    elif token.kind != "word":
        return None
    elif token.text in _ONE_AND_A_HALF and language == "ru":
        return Reading(("1.5",), place, place + 1)
    elif half := _half(found, place, language):
        return half
    elif words := run(found, place, language):
        read = Reading((str(words.value),), place, words.after, words.ordinal)
        if words.weak:
            longer = _and_a_half(found, read, language)
            return longer if longer.after > read.after and not words.ordinal else None
    elif (value := roman(found, place, language)) is not None:
        return Reading((str(value),), place, place + 1, ordinal=True)
    else:
        return None
    return read if read.ordinal else _and_a_half(found, read, language)


def _half(found: Sequence[Token], place: int, language: Language) -> Reading | None:
    """Return a half, of a scale too: «жарты миллион», "half a million", «полмиллиона»."""
    word, words = found[place].text, data()[language]["half"].split()
    if word in words:
        after = place + 1
        while at(found, after).text in ("a", "of", "-"):
            after += 1
        if scale(found, after, language) > 1:
            return Reading(("0.5",), place, after)
        return Reading(("0.5",), place, place + 1) if word != "пол" else None
    if language == "kk" and word.startswith("жартыс"):  # its half, with any case
        return Reading(("0.5",), place, place + 1)
    if language == "ru" and word.startswith("пол") and len(word) < 20:
        rest = Token("word", word[3:], 0, 0, False, False)
        if (times := scale([rest], 0, "ru")) > 1:
            return Reading(_times(("0.5",), times), place, place + 1)
    return None


def _and_a_half(found: Sequence[Token], read: Reading, language: Language) -> Reading:
    """Add a half where words say so: «бір жарым», "two and a half", «два с половиной»."""
    behind = data()[language]["and_half"].split()
    words = [at(found, read.after + ahead).text for ahead in range(len(behind))]
    if words != behind or len(read.keys) > 1 or len(read.keys[0]) > _LONGEST:
        return read
    return read._replace(
        keys=(_plain(Decimal(read.keys[0]) + Decimal("0.5")),), after=read.after + len(behind)
    )


def _scaled(found: Sequence[Token], read: Reading, language: Language) -> Reading:
    """Multiply by the scale that follows; add a smaller part: «2 млн 300 мың»."""
    times = scale(found, read.after, language)
    if times == 1:
        return read
    read = read._replace(keys=_times(read.keys, times), after=read.after + 1)
    more, smaller = at(found, read.after), scale(found, read.after + 1, language)
    if more.kind == "number" and more.text.isdecimal() and 1 < smaller < times:
        added = _times(literal(more.text, language), smaller)[0]
        if max(len(added), len(read.keys[0])) <= _LONGEST:
            total = Decimal(read.keys[0]) + Decimal(added)
            return read._replace(keys=(_plain(total),), after=read.after + 2)
    return read


def _times(keys: tuple[str, ...], factor: int) -> tuple[str, ...]:
    """Multiply; of two readings only the decimal one has a scale: «1,600 млрд»."""
    if any(len(key) > _LONGEST for key in keys):
        return keys
    return (_plain(Decimal(keys[-1]) * factor),)


def _plain(value: Decimal) -> str:
    whole, _, fraction = format(value, "f").partition(".")
    return canonical(whole, fraction)
