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
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from chat.question import MAX_CHARACTERS
from index.analysis.glossary import concepts_in
from ingest.document import Language
from ingest.language import detect

_LONGEST: Final = 8
"""Words of a follow-up at most: a longer question says all it means."""

_WHOLE: Final = 4
"""Words of a question at least that may be a whole one, when a model is at hand to tell."""

_OPENINGS: Final = re.compile(
    r"(?:ал\s+енді|ал|сонда|сонымен\s+қатар|онда|енді"
    r"|and\s+what\s+about|and\s+how\s+about|what\s+about|how\s+about|and|but|then"
    r"|а\s+что\s+насч[её]т|а\s+как\s+насч[её]т|как\s+насч[её]т|а\s+что|а\s+как|а|и|но)"
    r"(?=[\s,?!]|\Z)[\s,]*",
    re.IGNORECASE,
)
_ENDINGS: Final = re.compile(r"[\s,]+(?:ше|then|too|тоже|же)\s*[?!.…]*\s*$", re.IGNORECASE)

# Words that stand for what was said before, by language: «он» is ten in Kazakh. They may also point
# at what follows, so a question that names something itself with a capital letter is left alone.
_POINTERS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(
        "ол оның оған оны онда одан онымен олар олардың оларға олармен бұл бұның мұны".split()
    ),
    "en": frozenset("it its they them their he his him she her this these those".split()),
    "ru": frozenset(
        "он она оно они его её ее их ему ей им ними ним ней это этого этот эта там".split()
    ),
}

_AND: Final = frozenset("мен бен пен және and or и или".split())

# Case endings of Kazakh, longest first; what has the same one may take another's place.
_CASES: Final = (
    ("мен", "бен", "пен"),
    ("ның", "нің", "дың", "дің", "тың", "тің"),
    ("нан", "нен", "дан", "ден", "тан", "тен"),
    ("нда", "нде", "да", "де", "та", "те"),
    ("ға", "ге", "қа", "ке", "на", "не"),
    ("ны", "ні", "ды", "ді", "ты", "ті"),
)
_POSSESSED: Final = ("ы", "і")
_ADJECTIVES: Final = ("лық", "лік", "дық", "дік", "тық", "тік")
_PREPOSITIONS: Final = frozenset(
    "with in on at by for from to of against between under during into"
    " с в на от из к о по для при про против между".split()
)
_SOUNDED: Final = {"во": "в", "со": "с", "об": "о", "обо": "о", "ко": "к"}
_CAPITAL: Final = "[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]"
_NAME: Final = rf"{_CAPITAL}[\w-]*(?:\s+{_CAPITAL}[\w-]*)*"
_BEHIND: Final = rf"(?:the\s+)?{_NAME}"
_YEAR: Final = r"(?<!\d)(?:1\d|20)\d\d(?!\d)"
_YEAR_ALONE: Final = re.compile(
    rf"(?:in\s+|в\s+)?({_YEAR})(?:-\w{{1,3}})?(?:\s+(?:жылы|жылғы|году|год|г))?\.?", re.IGNORECASE
)
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
    composed = unicodedata.normalize("NFC", question)
    if not earlier or not is_follow_up(composed):
        return question
    before = earlier[-1]
    rest = _ENDINGS.sub("", _opened(composed)).strip(" \t\n?!.…,")
    meant = (_put_in(rest, before) if rest else None) or f"{before} {composed.strip()}"
    return meant if len(meant) <= MAX_CHARACTERS else question


def is_follow_up(question: str) -> bool:
    """Say whether a question leans on the one before it."""
    words = _WORD.findall(question)
    if not words or len(words) > _LONGEST:
        return False
    if _opened(question) != question.strip() or _ENDINGS.search(question):
        return True
    named = any(word[0].isupper() and word != "I" for word in words[1:])
    pointers = _POINTERS[detect(question)]
    folded = [word.casefold() for word in words]
    # Behind "and" it points to what stands before that.
    points = any(
        word in pointers and before not in _AND for before, word in pairwise(["", *folded])
    )
    return points and not named


def may_lean(question: str) -> bool:
    """Say whether a question may lean on the one before it: one that asks a model finds out."""
    words = [word.casefold() for word in _WORD.findall(question)]
    pointers = _POINTERS[detect(question)]
    return is_follow_up(question) or len(words) < _WHOLE or not pointers.isdisjoint(words)


def _opened(question: str) -> str:
    """Return a question without the words that tie it to the one before."""
    whole = question.strip()
    ties = _OPENINGS.match(whole)
    return whole[ties.end() :] if ties else whole


def _put_in(phrase: str, before: str) -> str | None:
    """Put a year or a name in the place of its like; None if there is none, or it says more."""
    years = set(re.findall(_YEAR, before))
    asked = _YEAR_ALONE.fullmatch(phrase)
    if asked and len(years) == 1:
        return re.sub(_YEAR, asked[1], before)
    swap = _by_case if detect(before) == "kk" else _by_preposition
    return swap(phrase, before)


def _by_case(phrase: str, before: str) -> str | None:
    """Put «Қытаймен» for «Ресеймен»: a name for the last name that has the same case.

    Of words with capitals that follow one another only the last changes, unless its own ending or
    that of the word before says that they are one: «Ресей Федерациясымен», «Еуропалық Одақпен».
    """
    case = _case_of(phrase)
    if not re.fullmatch(_NAME, phrase) or case is None or phrase.casefold() in _uninflected():
        return None
    alike = [
        match
        for match in re.finditer(_NAME, before)
        if _case_of(match[0]) == case and match[0].casefold() not in _uninflected()
    ]
    if not alike:
        return None
    start, end = alike[-1].span()
    *others, last = alike[-1][0].split()
    if others and not (_stem(last).endswith(_POSSESSED) or others[-1].endswith(_ADJECTIVES)):
        start = end - len(last)
    return before[:start] + phrase + before[end:]


def _case_of(name: str) -> int | None:
    """Return which case a Kazakh name's ending is; None if it has none, or would be nothing else.

    >>> _case_of("Қытаймен") == _case_of("Ресеймен"), _case_of("мен")
    (True, None)
    """
    folded = name.casefold()
    for number, endings in enumerate(_CASES):
        if folded.endswith(endings) and len(folded) > len(endings[0]) + 2:
            return number
    return None


def _stem(name: str) -> str:
    """Return a name that has a case without its ending."""
    folded = name.casefold()
    case = _case_of(name)
    endings = () if case is None else sorted(_CASES[case], key=len, reverse=True)
    return folded.removesuffix(next((each for each in endings if folded.endswith(each)), ""))


@cache
def _uninflected() -> frozenset[str]:
    """Return Kazakh words of the glossary: «Канада» has no case, though it ends like one."""
    return frozenset(word.casefold() for words in concepts_in("kk") for word in words)


def _by_preposition(phrase: str, before: str) -> str | None:
    """Put "with China" for "with Russia": a name for the last one behind the same preposition."""
    first, _, name = phrase.partition(" ")
    first = _SOUNDED.get(first.casefold(), first.casefold())
    if first not in _PREPOSITIONS or not re.fullmatch(_BEHIND, name):
        return None
    spelt = "|".join([first, *(each for each, plain in _SOUNDED.items() if plain == first)])
    found = list(re.finditer(rf"(?<!\w)(?i:{spelt})\s+({_BEHIND})", before))
    if not found:
        return None
    start, end = found[-1].span()
    put = phrase[0].upper() + phrase[1:] if start == 0 else phrase[0].lower() + phrase[1:]
    return before[:start] + put + before[end:]
