"""Endings: may two strings be forms of one word, and what may a word's stem be?

In: a word, or a stem and what follows it. Out: yes or no, and the ways to split. Kazakh chains of
suffixes are held to what meets at their joints (a vowel and a consonant, voiceless with voiceless),
which suffix.py leaves open. Knows no words, no order of suffixes, and of English and Russian a list
of common endings only.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from index.analysis.spelling.latin import is_front
from index.analysis.suffix import is_suffixes
from ingest.document import Language

SHORTEST_STEM: Final = 2
_MOST_LINKS: Final = 4
_LONGEST_SUFFIX: Final = 5
_LONGEST_ENDING: Final = 4
"""Letters at the end of an English or Russian word that are looked at."""

ENDINGS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(),
    "en": frozenset("""s es ed ing er ers ly y ies ied e en al ion ions or ors est th""".split()),
    "ru": frozenset(
        """а я о е ы и у ю й ой ей ый ий ая яя ое ее ые ие ого его ому ему ым им ом ем ую юю ых их
        ыми ими ам ям ами ями ах ях ов ев ть л ла ло ли ет ит ют ят ут ат н на но ны ь ью ия ии ию
        ием ся""".split()
    ),
}

# The last letter of a stem, and what its ending may not begin with.
_JOINT = re.compile(
    r"""^(?: [аеыіәөүұоэёяюи]\|(?![аеыі]|[тқкп][аеыі]) | [уй]\|(?!н[дае])
        | [мнң]\|(?!н[ае](?!н)|нд|н[ыі](?!ң)|с[ыі]$|т[аеыі]|[қк][ае])
        | [лрзж]\|(?!н|с[ыі]$|т[аеыі]|[қк][ае])
        | [бвгдғ]\|(?!н|с[ыі]$) | [пткқсшфхһцчщ]\|(?![дғгбн]|с[ыі]$) | [ьъ]\| )""",
    re.VERBOSE,
)
_NEGATED: Final = frozenset("май мей бай бей пай пей".split())
_AFTER_VOWEL: Final = frozenset("аеыіәөүұоэёяюиу")
_SINGLE: Final = frozenset("ыіуае")
_WITH = re.compile("[мбп]ен$")  # The one case that keeps no harmony.


@lru_cache(maxsize=200_000)
def chains(word: str) -> Mapping[int, int]:
    """Return where chains of Kazakh suffixes may begin in a word, and of how many, at least.

    >>> chains("қалалардың")
    {9: 1, 8: 1, 7: 1, 6: 2, 5: 2, 4: 2, 3: 3, 2: 3}
    """
    found = {len(word): 0}
    for end in range(len(word), SHORTEST_STEM, -1):
        if found.get(end, _MOST_LINKS) >= _MOST_LINKS:
            continue
        for start in range(end - 1, max(end - _LONGEST_SUFFIX, SHORTEST_STEM) - 1, -1):
            if _follows(word[start - 1], word[start:end]):
                found[start] = min(found[end] + 1, found.get(start, _MOST_LINKS))
    # Chains of single letters are chance; but a verb's -у takes a possessive of one: келу, келуі.
    return {
        place: count
        for place, count in found.items()
        if count and len(word) - place >= (count if word[place] == "у" else 2 * count - 1)
    }


@cache
def _follows(letter: str, suffix: str) -> bool:
    if len(suffix) == 1 and suffix not in _SINGLE and letter not in _AFTER_VOWEL:
        return False  # A lone consonant follows a vowel.
    known = suffix in _NEGATED or is_suffixes(suffix, 1)
    return known and bool(_JOINT.search(f"{letter}|{suffix}"))


def less_one(word: str) -> Iterator[str]:
    """Yield a Kazakh word without its last suffix; single letters but possessives are kept.

    >>> list(less_one("қалалар"))
    ['қала', 'қалал']
    """
    for place in range(max(len(word) - _LONGEST_SUFFIX, SHORTEST_STEM), len(word)):
        suffix = word[place:]
        if (suffix in _SINGLE or len(suffix) > 1) and _follows(word[place - 1], suffix):
            stem = word[:place]
            if in_harmony(stem, suffix):
                yield stem


def suits(stem: str, ending: str) -> bool:
    """Say whether an ending is a chain of suffixes with the vowels that a stem asks for.

    >>> suits("қала", "дан"), suits("қала", "ден"), suits("қала", "мен"), suits("жер", "на")
    (True, False, True, False)
    """
    return len(stem) in chains(stem + ending) and in_harmony(stem, ending)


def in_harmony(stem: str, ending: str) -> bool:
    """Say whether an ending has the vowels that a stem asks for."""
    front = _class_of(ending)
    return front is None or front == is_front(stem)


@lru_cache(maxsize=100_000)
def _class_of(ending: str) -> bool | None:
    return is_front(_WITH.sub("", ending))


def splits(word: str) -> list[tuple[str, str]]:
    """Return the ways to take Kazakh endings off a word, longest stem first."""
    return [(word[:place], word[place:]) for place in sorted(chains(word), reverse=True)]


def bases(word: str, language: Language) -> list[str]:
    """Return what an English or Russian word may be without its ending; itself too.

    >>> bases("states", "en")
    ['stat', 'state', 'states']
    """
    shortest = max(3, len(word) - _LONGEST_ENDING)
    cut = [place for place in range(shortest, len(word)) if word[place:] in ENDINGS[language]]
    return [word[:place] for place in cut] + [word]


def only_endings(word: str, other: str, language: Language) -> bool:
    """Say whether two words may be forms of one: they differ in an ending.

    >>> only_endings("stated", "states", "en"), only_endings("grian", "grain", "en")
    (True, False)
    """
    same = next(
        (n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    return any(
        all(
            not end or (place in chains(whole) if language == "kk" else end in ENDINGS[language])
            for whole in (word, other)
            for end in (whole[place:],)
        )
        for place in range(max(3, len(word) - _LONGEST_ENDING), same + 1)
    )
