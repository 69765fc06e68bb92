"""Numbers in a text, in figures or in words, as canonical decimal strings.

«1,5 млрд», "1.5 billion" and "1 500 000 000" have the same key. Units, signs and percentages are
left out («25%» is 25), and so are fractions but halves. Where a separator may mean two things
(«1.600» in Kazakh), the reading has both keys.

The words of numbers, months and years are data: numbers.toml.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from typing import Any, Final, Literal, NamedTuple

from index.analysis.entities.tokens import DASHES, Token, token_at
from index.analysis.suffixes import is_suffix_chain
from ingest.document import Language

RUSSIAN_KEYBOARD: Final = str.maketrans("әғқңөұүһі", "агкноуухи")
"""Kazakh letters as they are typed on a Russian keyboard."""

_MAX_DIGITS: Final = 18
"""Digits, at most, of a number that is multiplied; a longer one is an identifier."""
_MAX_WORD_LETTERS: Final = 30
_MIN_TYPED_LETTERS: Final = 4
"""Letters of the shortest numeral read without its Kazakh letters; «уш» may be anything."""
_ONE_AND_A_HALF: Final = frozenset("полтора полторы полутора".split())
_SECOND_AS_TIME: Final = frozenset("a per each every one split".split())
"""Words behind which an English "second" is a unit of time."""
_FIRSTLY = re.compile(r"нш[іы]д[еа]н$")  # «біріншіден»
_ROMAN = re.compile(r"x{0,3}(?:ix|iv|v?i{0,3})")  # up to 39; centuries need no more
_ROMAN_VALUES: Final = {"x": 10, "v": 5, "i": 1}
# What may stand between a Roman numeral and its "century": «XIX-XX ғасырларда», "19th and 20th".
_ROMAN_TAIL: Final = frozenset("- – — және мен и and to ші шы th st nd rd".split())
_MAX_ROMAN_TAIL: Final = 5
"""Tokens looked at for a "century" behind a Roman numeral."""


class NumberReading(NamedTuple):
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


class SpelledNumber(NamedTuple):
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
def word_tables() -> Mapping[str, Any]:
    """Return numbers.toml: the words of numbers, months and years."""
    package = resources.files("index.analysis.entities")
    return tomllib.loads((package / "numbers.toml").read_text("utf-8"))


# Numbers


def numbers_at(tokens: Sequence[Token], place: int, language: Language) -> list[NumberReading]:
    """Return the number that starts at a token; two for a range that shares its scale.

    >>> from index.analysis.entities.tokens import tokenize
    >>> [reading.keys for reading in numbers_at(tokenize("200-210 млн.тонна"), 0, "kk")]
    [('200000000',), ('210000000',)]
    """
    first = _amount_at(tokens, place, language)
    if first is None or first.ordinal:
        return [first] if first else []
    scaled = _with_scale(tokens, first, language)
    if scaled.after == first.after and token_at(tokens, first.after).text in DASHES:
        second = _amount_at(tokens, first.after + 1, language)
        shared = scale_at(tokens, second.after, language) if second else 1
        if second and shared > 1:
            first = first._replace(keys=_multiplied(first.keys, shared))
            return [first, _with_scale(tokens, second, language)]
    return [scaled]


def _amount_at(tokens: Sequence[Token], place: int, language: Language) -> NumberReading | None:
    """Return the number at a token, before any scale behind it."""
    token = token_at(tokens, place)
    if token.kind == "number":
        reading = NumberReading(figure_keys(token.text, language), place, place + 1)
    elif token.kind != "word":
        return None
    elif token.text in _ONE_AND_A_HALF and language == "ru":
        return NumberReading(("1.5",), place, place + 1)
    elif half := _half_at(tokens, place, language):
        return half
    elif spelled := spelled_number_at(tokens, place, language):
        reading = NumberReading((str(spelled.value),), place, spelled.after, spelled.ordinal)
        if spelled.weak:  # «бір» alone is "a"; «бір жарым» is a number.
            longer = _and_a_half(tokens, reading, language)
            return longer if longer.after > reading.after and not spelled.ordinal else None
    elif (value := _roman_century_at(tokens, place, language)) is not None:
        return NumberReading((str(value),), place, place + 1, ordinal=True)
    else:
        return None
    return reading if reading.ordinal else _and_a_half(tokens, reading, language)


def _half_at(tokens: Sequence[Token], place: int, language: Language) -> NumberReading | None:
    """Return a half, of a scale too: «жарты миллион», "half a million", «полмиллиона»."""
    word, halves = tokens[place].text, word_tables()[language]["half"].split()
    if word in halves:
        after = place + 1
        while token_at(tokens, after).text in ("a", "of", "-"):
            after += 1
        if scale_at(tokens, after, language) > 1:
            return NumberReading(("0.5",), place, after)
        return NumberReading(("0.5",), place, place + 1) if word != "пол" else None  # «пол»: floor
    if language == "kk" and word.startswith("жартыс"):  # its half, with any case
        return NumberReading(("0.5",), place, place + 1)
    if language == "ru" and word.startswith("пол") and len(word) < 20:
        rest = Token("word", word[3:], 0, 0, False, False)
        if (factor := scale_at([rest], 0, "ru")) > 1:
            return NumberReading(_multiplied(("0.5",), factor), place, place + 1)
    return None


def _and_a_half(
    tokens: Sequence[Token], reading: NumberReading, language: Language
) -> NumberReading:
    """Add a half where words say so: «бір жарым», "two and a half", «два с половиной»."""
    half = word_tables()[language]["and_half"].split()
    words = [token_at(tokens, reading.after + ahead).text for ahead in range(len(half))]
    if words != half or len(reading.keys) > 1 or len(reading.keys[0]) > _MAX_DIGITS:
        return reading
    total = Decimal(reading.keys[0]) + Decimal("0.5")
    return reading._replace(keys=(_decimal_key(total),), after=reading.after + len(half))


def _with_scale(
    tokens: Sequence[Token], reading: NumberReading, language: Language
) -> NumberReading:
    """Multiply by the scale that follows; add a smaller part: «2 млн 300 мың»."""
    factor = scale_at(tokens, reading.after, language)
    if factor == 1:
        return reading
    reading = reading._replace(keys=_multiplied(reading.keys, factor), after=reading.after + 1)
    token = token_at(tokens, reading.after)
    smaller = scale_at(tokens, reading.after + 1, language)
    if token.kind == "number" and token.text.isdecimal() and 1 < smaller < factor:
        added = _multiplied(figure_keys(token.text, language), smaller)[0]
        if max(len(added), len(reading.keys[0])) <= _MAX_DIGITS:
            total = Decimal(reading.keys[0]) + Decimal(added)
            return reading._replace(keys=(_decimal_key(total),), after=reading.after + 2)
    return reading


# Figures


def figure_keys(text: str, language: Language) -> tuple[str, ...]:
    """Return the keys of figures with separators: one, or two where they may mean two numbers.

    >>> figure_keys("1 600,5", "kk"), figure_keys("1,600", "en"), figure_keys("1,600", "kk")
    (('1600.5',), ('1600',), ('1600', '1.6'))
    """
    if not text.isascii():  # Digits of other scripts.
        text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    text = "".join(sign for sign in text if sign.isdigit() or sign in ".,")
    marks = [sign for sign in text if sign in ".,"]
    if not marks:
        return (number_key(text),)
    whole, _, fraction = text.rpartition(marks[-1])
    joined = "".join(sign for sign in whole if sign.isdigit())
    if len(set(marks)) == 2:  # 1,600.5: the last mark is the decimal one.
        return (number_key(joined, fraction),)
    grouped, decimal = number_key(joined + fraction), number_key(joined, fraction)
    if len(marks) > 1:  # 1.600.000
        return (grouped,)
    if len(fraction) != 3 or len(whole) > 3 or whole.startswith("0"):  # No group of thousands.
        return (decimal,)
    if language == "en":
        return (grouped,) if marks[0] == "," else (decimal,)
    return (grouped, decimal)  # Kazakh and Russian texts use either mark either way.


def number_key(whole: str, fraction: str = "") -> str:
    """Return a number's key: no separators, no zeros that say nothing.

    >>> number_key("0160"), number_key("1", "50"), number_key("2", "0")
    ('160', '1.5', '2')
    """
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def _multiplied(keys: tuple[str, ...], factor: int) -> tuple[str, ...]:
    """Multiply; of two readings only the decimal one has a scale: «1,600 млрд»."""
    if any(len(key) > _MAX_DIGITS for key in keys):
        return keys
    return (_decimal_key(Decimal(keys[-1]) * factor),)


def _decimal_key(value: Decimal) -> str:
    whole, _, fraction = format(value, "f").partition(".")
    return number_key(whole, fraction)


# Words


@lru_cache(maxsize=100_000)  # Words recur; about the vocabulary of a large index.
def numeral(word: str, language: Language) -> Numeral | None:
    """Return what a word stands for.

    >>> numeral("үшінші", "kk").value, numeral("үшін", "kk"), numeral("двух", "ru").value
    (3, None, 2)
    """
    table = _numerals(language)
    if language == "ru":
        word = word.replace("ё", "е")
    if word in table or language != "kk" or len(word) > _MAX_WORD_LETTERS:
        return table.get(word)
    # Ordinals and scales take any Kazakh endings, cardinals only those of numbers.toml.
    for length in range(len(word) - 1, 2, -1):
        stem = table.get(word[:length])
        if stem and (stem.ordinal or stem.role == "scale") and _is_case_ending(word[length:]):
            return stem._replace(last=True)
    return None


def scale_at(tokens: Sequence[Token], place: int, language: Language) -> int:
    """Return what a token multiplies by, such as 1000 for «мың»; 1 where it does not."""
    token = token_at(tokens, place)
    known = numeral(token.text, language) if token.kind == "word" else None
    # A dozen multiplies numerals in words only ("two dozen"), which are added up elsewhere.
    return known.value if known and known.role == "scale" and known.value > 12 else 1


def spelled_number_at(
    tokens: Sequence[Token], place: int, language: Language
) -> SpelledNumber | None:
    """Return the number in words that starts at a token.

    >>> from index.analysis.entities.tokens import tokenize
    >>> spelled_number_at(tokenize("бір мың тоғыз жүз тоқсан екі"), 0, "kk")
    SpelledNumber(value=1992, after=6, ordinal=False, weak=False)
    """
    start = place
    if language == "en" and token_at(tokens, place).text in ("a", "an"):
        following = numeral(token_at(tokens, place + 1).text, "en")
        if not following or following.role == "unit":  # "a hundred" is one, "a five" is not.
            return None
        place += 1
    # Scales come in falling order: `total` holds what is done with, `current` what the next scale
    # multiplies, `top` the last scale.
    total = current = 0
    top = 10**15
    last = None
    while step := _next_numeral(tokens, place, current, top, language, is_first=last is None):
        last, place = step
        if last.role == "scale":
            total, current, top = total + (current or 1) * last.value, 0, last.value
        elif last.role == "hundred":
            current = (current or 1) * last.value
        else:
            current += last.value
        if last.last:
            break
    if last is None:
        return None
    weak = place - start == 1 and not _may_stand_alone(tokens, start, language)
    return SpelledNumber(total + current, place, last.ordinal, weak)


def _next_numeral(
    tokens: Sequence[Token],
    place: int,
    current: int,
    top: int,
    language: Language,
    *,
    is_first: bool,
) -> tuple[Numeral, int] | None:
    """Return the next numeral of a number and where it ends, if it may follow what was read."""
    token = token_at(tokens, place)
    if language == "en" and not is_first:
        tens = current % 100 >= 20 and current % 10 == 0
        if (token.text == "-" and token.tight and tens) or (  # "twenty-five"
            token.text == "and" and (current % 100 == 0)  # "a hundred and five"
        ):
            place += 1
            token = token_at(tokens, place)
            behind = numeral(token_at(tokens, place + 1).text, language)
            if behind and behind.role == "hundred":  # "a thousand and two hundred": two numbers
                return None
    known = numeral(token.text, language) if token.kind == "word" else None
    if not known or not _may_follow(known, current, top, language, is_first=is_first):
        return None
    return known, place + 1


def _may_follow(
    known: Numeral, current: int, top: int, language: Language, *, is_first: bool
) -> bool:
    """Say whether a numeral may follow what was read: «екі үш» is two numbers."""
    if known.role == "scale":
        return known.value < top and (is_first or current > 0)
    if known.role == "hundred":
        return current < 10
    if known.value == 0 or known.value >= 100:  # zero, and Russian hundreds such as «двести»
        return current == 0 and (is_first or known.value > 0)
    if known.value >= 10:
        return current % 100 == 0
    # Kazakh says 11 to 19 as ten and one; English and Russian have words for them.
    return current % 10 == 0 and (language == "kk" or current % 100 != 10)


def _may_stand_alone(tokens: Sequence[Token], place: int, language: Language) -> bool:
    """Say whether one numeral by itself is a number: «бір» and "one" are too common."""
    token, before = tokens[place], token_at(tokens, place - 1)
    words = word_tables()[language]
    known = numeral(token.text, language)
    if known is None or before.text in words["vague"].split():
        return False
    if not known.ordinal:
        if known.role == "scale":
            return token.text in words["alone"].split()
        return str(known.value) not in words["not_alone"].split()
    if language == "kk":  # «біріншіден,» is "firstly"
        return not (_FIRSTLY.search(token.text) and token_at(tokens, place + 1).text == ",")
    if language == "ru":  # «во-первых»
        return not (before.text == "-" and token_at(tokens, place - 2).text in ("во", "в"))
    return token.text != "second" or not (before.kind == "number" or before.text in _SECOND_AS_TIME)


def _roman_century_at(tokens: Sequence[Token], place: int, language: Language) -> int | None:
    """Return the value of a Roman numeral before the word "century", in capitals."""
    token = token_at(tokens, place)
    value = _roman_value(token.text) if token.capital else 0
    if not value:
        return None
    for ahead in range(place + 1, place + 1 + _MAX_ROMAN_TAIL):
        word = token_at(tokens, ahead).text
        if word in word_tables()[language]["century"].split() or word.startswith("ғасыр"):
            return value
        if word not in _ROMAN_TAIL and not _roman_value(word):
            return None
    return None


def _roman_value(word: str) -> int:
    """Return the value of a Roman numeral in small letters of either alphabet; 0: it is none."""
    word = word.translate(str.maketrans("хі", "xi"))
    if not 0 < len(word) < 8 or not _ROMAN.fullmatch(word):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in word]
    following = [*values[1:], 0]
    return sum(
        -value if value < behind else value for value, behind in zip(values, following, strict=True)
    )


def _is_case_ending(rest: str) -> bool:
    """Say whether endings of Kazakh follow; «миллиондаған», "millions of", is no number."""
    return not rest.startswith(("даған", "деген")) and is_suffix_chain(rest)


@cache
def _numerals(language: Language) -> Mapping[str, Numeral]:
    """Map the forms of all numerals of a language to what they stand for."""
    words = word_tables()[language]
    table: dict[str, Numeral] = {}
    for value, forms in words["scale"].items():
        scale = Numeral(int(value), "scale")
        for form in forms.split():
            table |= dict.fromkeys(_scale_spellings(form), scale)
    for value, forms in words["ordinal"].items():
        ordinal = Numeral(int(value), "unit", last=True, ordinal=True)
        for form in forms.split():
            table |= dict.fromkeys(_inflected(form, words, inflects=language == "ru"), ordinal)
    for value, forms in words["cardinal"].items():
        # Russian has a word for every hundred; Kazakh and English multiply one.
        cardinal = Numeral(int(value), "hundred" if value == "100" and language != "ru" else "unit")
        for form in forms.split():
            if language == "kk" and value != "10":
                inflected = _inflected(form, words, inflects=True)
                table |= dict.fromkeys(inflected, cardinal._replace(last=True))
            table[form] = cardinal
    return _with_typed_forms(table, words["as_is"]) if language == "kk" else table


def _scale_spellings(form: str) -> list[str]:
    """Return a scale as it is written, rightly or not.

    The loans миллион, миллиард and триллион are misspelt where Kazakh and Russian ears hear no
    difference: one л for two, a vowel dropped on either side of it or turned to ь, я for иа. Of
    the 21,364 word types of KazQAD's passages none becomes a scale by this rule alone, while one
    letter wrong in any numeral would take «жетпес» ("will not reach") for seventy.

    >>> {"миллон", "мильон"} <= {*_scale_spellings("миллион")}
    True
    >>> {"млярд", "милиард"} <= {*_scale_spellings("миллиард")}
    True
    """
    head, loan, tail = form.partition("илли")
    if not loan:
        return [form]
    tails = [vowel + tail for vowel in ("и", "", "ь")]
    if tail.startswith("а"):
        tails += [vowel + "я" + tail[1:] for vowel in ("и", "", "ь")]
    return [
        head + vowel + consonant + rest
        for vowel, consonant, rest in product(("и", ""), ("лл", "л"), tails)
    ]


def _with_typed_forms(table: Mapping[str, Numeral], as_is: str) -> Mapping[str, Numeral]:
    """Add «он», which has few endings of its own, and what a Russian keyboard makes of the rest."""
    ten = {form: Numeral(10, "unit", last=form != "он") for form in as_is.split()}
    typed = {form.translate(RUSSIAN_KEYBOARD): known for form, known in table.items()}
    long = {form: known for form, known in typed.items() if len(form) >= _MIN_TYPED_LETTERS}
    return {**long, **table, **ten}


def _inflected(stem: str, words: Mapping[str, str], *, inflects: bool) -> list[str]:
    return [stem + ending for ending in words["endings"].split()] if inflects else [stem]
