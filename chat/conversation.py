"""Questions that follow one another: what a short one after another one means by itself.

In: a question and those before it. Out: the question to search for. Knows nothing of documents,
and asks no model. The rule:

A question is a follow-up if it opens like one («ал», "and", "what about", «а», …), ends like one
(«… ше?»), or points back with a word that stands for something (it, they, ол, он, …). Then
  1. if it is a year, or a name with the ending or preposition that a name in the question before
     has («Қытаймен» for «Ресеймен», "with China" for "with Russia"), it takes that one's place;
  2. else the question before is asked with it: both together are searched for.
What it was understood as is always shown to whoever asked.
"""

import re
from collections.abc import Sequence
from typing import Final

from chat.question import MAX_CHARACTERS
from ingest.language import detect

_LONGEST: Final = 8
"""Words of a follow-up at most: a longer question says all it means."""

_OPENINGS: Final = re.compile(
    r"(?:ал\s+енді|ал|сонда|сонымен\s+қатар|онда|енді"
    r"|and\s+what\s+about|and\s+how\s+about|what\s+about|how\s+about|and|but|then"
    r"|а\s+что\s+насч[её]т|а\s+как\s+насч[её]т|как\s+насч[её]т|а\s+что|а\s+как|а|и|но)(?!\w)[\s,]*",
    re.IGNORECASE,
)
_ENDINGS: Final = re.compile(r"[\s,]+(?:ше|then|too|тоже|же)\s*[?!.…]*\s*$", re.IGNORECASE)

# Words that stand for what was said before. «Ол» and «бұл» may also point at what follows, so
# a question that names something itself with a capital letter is left alone.
_POINTERS: Final = re.compile(
    r"(?<!\w)(?:ол|оның|оған|оны|онда|одан|онымен|олар|олардың|оларға|олармен|бұл|бұның|мұны"
    r"|it|its|they|them|their|he|his|him|she|her|this|that|these|those|there"
    r"|он|она|оно|они|его|её|ее|их|ему|ей|им|ними|ним|ней|это|этого|этот|эта|там)(?!\w)",
    re.IGNORECASE,
)

# Case endings of Kazakh, longest first; what has the same one may take another's place.
_CASES: Final = (
    ("мен", "бен", "пен"),
    ("ның", "нің", "дың", "дің", "тың", "тің"),
    ("нан", "нен", "дан", "ден", "тан", "тен"),
    ("нда", "нде", "да", "де", "та", "те"),
    ("ға", "ге", "қа", "ке", "на", "не"),
    ("ны", "ні", "ды", "ді", "ты", "ті"),
)
_PREPOSITIONS: Final = frozenset(
    "with in on at by for from to of about against between under after before since during into"
    " с со в во на от из к ко о об по для при до после про против между".split()
)
_CAPITAL: Final = "[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]"
_NAME: Final = rf"{_CAPITAL}[\w’'-]*(?:\s+{_CAPITAL}[\w’'-]*)*"
_BEHIND: Final = rf"(?:the\s+)?{_NAME}"
_YEAR: Final = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def standalone(question: str, earlier: Sequence[str]) -> str:
    """Return what a question means by itself.

    Args:
        question: As it was asked.
        earlier: What was asked before it, as understood, oldest first.

    >>> standalone("Ал Қытаймен ше?", ["Ресеймен шарт қай жылы жасалды?"])
    'Қытаймен шарт қай жылы жасалды?'
    >>> standalone("And with China?", ["When was the treaty with Russia signed?"])
    'When was the treaty with China signed?'
    >>> standalone("Абай кім?", ["Ресеймен шарт қай жылы жасалды?"])
    'Абай кім?'
    """
    if not earlier or not is_follow_up(question):
        return question
    before = earlier[-1]
    rest = _ENDINGS.sub("", _opened(question)).strip(" \t\n?!.…,")
    replaced = _put_in(rest, before) if rest else None
    meant = replaced or f"{before} {question.strip()}"
    return meant if len(meant) <= MAX_CHARACTERS else question


def is_follow_up(question: str) -> bool:
    """Say whether a question leans on the one before it."""
    words = _WORD.findall(question)
    if not words or len(words) > _LONGEST:
        return False
    if _opened(question) != question.strip() or _ENDINGS.search(question):
        return True
    named = any(word[0].isupper() for word in words[1:])
    return not named and _POINTERS.search(question) is not None


def _opened(question: str) -> str:
    """Return a question without the words that tie it to the one before."""
    return _OPENINGS.sub("", question.strip(), count=1) if _ties(question) else question.strip()


def _ties(question: str) -> bool:
    return _OPENINGS.match(question.strip()) is not None


def _put_in(phrase: str, before: str) -> str | None:
    """Put a year or a name in the place of its like; None if there is none, or it says more."""
    years = _YEAR.findall(before)
    asked = _YEAR.findall(phrase)
    if len(asked) == 1 and len(years) == 1 and len(_WORD.findall(phrase)) <= 3:
        return before.replace(years[0], asked[0])
    swap = _by_case if detect(before) == "kk" else _by_preposition
    return swap(phrase, before)


def _by_case(phrase: str, before: str) -> str | None:
    """Put «Қытаймен» for «Ресеймен»: a name for the last name that has the same case."""
    if not re.fullmatch(_NAME, phrase) or _case_of(phrase) is None:
        return None
    alike = [
        match for match in re.finditer(_NAME, before) if _case_of(match[0]) == _case_of(phrase)
    ]
    return _swapped(before, alike[-1].span(), phrase) if alike else None


def _case_of(word: str) -> int | None:
    """Return which case a Kazakh word's ending is; None if it has none, or would be nothing else.

    >>> _case_of("Қытаймен") == _case_of("Ресеймен"), _case_of("мен")
    (True, None)
    """
    folded = word.casefold()
    for number, endings in enumerate(_CASES):
        if folded.endswith(endings) and len(folded) > len(endings[0]) + 2:
            return number
    return None


def _by_preposition(phrase: str, before: str) -> str | None:
    """Put "with China" for "with Russia": a name for the last one behind the same preposition."""
    first, _, name = phrase.partition(" ")
    if first.casefold() not in _PREPOSITIONS or not re.fullmatch(_BEHIND, name):
        return None
    found = list(re.finditer(rf"(?<!\w)(?i:{re.escape(first)})\s+({_BEHIND})", before))
    return _swapped(before, found[-1].span(1), name) if found else None


def _swapped(text: str, span: tuple[int, int], new: str) -> str:
    start, end = span
    return text[:start] + new + text[end:]
