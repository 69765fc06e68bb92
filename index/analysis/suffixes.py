"""Suffixes: what may follow a stem, in Kazakh by rule, in English and Russian by a short list.

Kazakh piles suffixes up behind a stem. Two degrees of strictness serve two needs. `is_suffix_chain`
asks only whether a string can be cut into suffixes, in any order: enough where the stem is known to
be a word of the glossary, since a chance chain behind a chance stem is rare. `chain_starts` and
`is_valid_ending` also ask what meets at each joint and whether the vowels agree: needed where the
stem itself is a guess, as in spelling.

Sources: the suffixes, their shapes and what meets at a joint are Kazakh grammar as in Muhamedowa
2016, *Kazakh: A Comprehensive Grammar*, chapters 3-5. The English and Russian endings are the
common ones, listed by hand.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from ingest.document import Language

MAX_SUFFIXES: Final = 5
"""Suffixes in a row, at most; longer chains are rare in writing."""

MIN_STEM_LETTERS: Final = 2
"""Letters of the shortest stem that endings are split from."""

_MAX_JOINED_SUFFIXES: Final = 4
"""Suffixes in a row where the stem is a guess: one fewer, since long chains fit by chance."""

_SUFFIXES: Final = frozenset(
    (
        # Plural.
        "лар лер дар дер тар тер "
        # Possessive.
        "ым ім м ың ің ң ымыз іміз мыз міз ыңыз іңіз ңыз ңіз ы і сы сі "
        # Case; those in н- follow a third-person possessive: қала-сы-на, қала-сы-нда.
        "ның нің дың дің тың тің ны ні ды ді ты ті н ға ге қа ке на не а е да де та те нда нде "
        "дан ден тан тен нан нен мен бен пен "
        # Attributive: what is there, then, or somebody's.
        "дағы дегі тағы тегі ндағы ндегі ғы гі қы кі нікі дікі тікі "
        # Nouns, adjectives and adverbs made of nouns.
        "лық лік дық дік тық тік лы лі сыз сіз шы ші дай дей тай тей ша ше "
        # Verbal nouns, participles, converbs, tenses and moods.
        "у ған ген қан кен ып іп п ар ер р ады еді йды йді атын етін йтын йтін са се сын сін "
        # Voice, and negation.
        "ыл іл л ын ін ыс іс с тыр тір дыр дір ма ме ба бе па пе "
        "ғанда генде қанда кенде "
        "ушы уші мақ мек бақ бек пақ пек малы мелі йын йін айын ейін "
        # Verbs made of nouns.
        "лан лен дан ден тан тен лас лес дас дес тас тес ла ле да де та те"
    ).split()
)
_MAX_SUFFIX_LETTERS: Final = max(map(len, _SUFFIXES))

_MAX_LISTED_LETTERS: Final = 4
"""Letters at the end of an English or Russian word that may be its ending."""
_MIN_SHARED_LETTERS: Final = 3
"""Letters that two forms of one word share at least."""

ENDINGS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(),
    "en": frozenset("""s es ed ing er ers ly y ies ied e en al ion ions or ors est th""".split()),
    "ru": frozenset(
        """а я о е ы и у ю й ой ей ый ий ая яя ое ее ые ие ого его ому ему ым им ом ем ую юю ых их
        ыми ими ам ям ами ями ах ях ов ев ть л ла ло ли ет ит ют ят ут ат н на но ны ь ью ия ии ию
        ием ся""".split()
    ),
}

_JOINT = re.compile(
    # The last letter of a stem, a bar, and after (?! what its ending may not begin with. Suffixes
    # change their first letter with the sound before; a shape that belongs to another sound is
    # refused. No row asks for more than writers keep to: -ға is let through behind any voiced one.
    r"""^(?:
        # A vowel takes no second vowel, nor the shapes that follow voiceless consonants (-та, -қа).
        [аеыіәөүұоэёяюи]\|(?![аеыі]|[тқкп][аеыі])
        # у and й take both kinds, but not the -на, -нда of third-person possessives.
      | [уй]\|(?!н[дае])
        # Behind м н ң, н- begins the genitive (-ның) and the ablative (-нан) only.
      | [мнң]\|(?!н[ае](?!н)|нд|н[ыі](?!ң)|с[ыі]$|т[аеыі]|[қк][ае])
        # Behind л р з ж, those cases have д-: -дың, -дан. Possessive -сы follows vowels only.
      | [лрзж]\|(?!н|с[ыі]$|т[аеыі]|[қк][ае])
        # Loans end in б в г д, spoken voiceless: either shape is met (клубқа, клубы).
      | [бвгдғ]\|(?!н|с[ыі]$)
        # Voiceless consonants take voiceless shapes.
      | [пткқсшфхһцчщ]\|(?![дғгбн]|с[ыі]$)
        # The signs of Russian loans stand behind either kind.
      | [ьъ]\|
    )""",
    re.VERBOSE,
)
_NEGATED_CONVERBS: Final = frozenset("май мей бай бей пай пей".split())
_VOWELS_AND_GLIDES: Final = frozenset("аеыіәөүұоэёяюиу")
_VOWEL_SUFFIXES: Final = frozenset("ыіуае")
_INSTRUMENTAL = re.compile("[мбп]ен$")  # The one case that keeps no harmony: қаламен.


@lru_cache(maxsize=100_000)  # Words recur; as many endings as a large index's words have.
def is_suffix_chain(rest: str, max_suffixes: int = MAX_SUFFIXES) -> bool:
    """Say whether a string is a chain of Kazakh suffixes in any order; the empty one is.

    Args:
        rest: What follows a stem, in small letters.
        max_suffixes: How many suffixes it may be cut into.

    >>> is_suffix_chain("ымыздағы"), is_suffix_chain("граф")  # қала-мыз-дағы
    (True, False)
    """
    if not rest:
        return True
    return max_suffixes > 0 and any(
        rest[:length] in _SUFFIXES and is_suffix_chain(rest[length:], max_suffixes - 1)
        for length in range(1, min(_MAX_SUFFIX_LETTERS, len(rest)) + 1)
    )


@lru_cache(maxsize=200_000)  # Asked for every word of a question and for all words like it.
def chain_starts(word: str) -> Mapping[int, int]:
    """Return where chains of Kazakh suffixes may begin in a word, and of how many, at least.

    >>> chain_starts("қалалардың")
    {9: 1, 8: 1, 7: 1, 6: 2, 5: 2, 4: 2, 3: 3, 2: 3}
    """
    fewest = {len(word): 0}  # place: suffixes from there to the end, found from the end backwards
    for end in range(len(word), MIN_STEM_LETTERS, -1):
        if fewest.get(end, _MAX_JOINED_SUFFIXES) >= _MAX_JOINED_SUFFIXES:
            continue
        for start in range(end - 1, max(end - _MAX_SUFFIX_LETTERS, MIN_STEM_LETTERS) - 1, -1):
            if _may_follow(word[start - 1], word[start:end]):
                fewest[start] = min(fewest[end] + 1, fewest.get(start, _MAX_JOINED_SUFFIXES))
    # Chains of single letters are chance; but a verb's -у takes a possessive of one: келу, келуі.
    return {
        place: count
        for place, count in fewest.items()
        if count and len(word) - place >= (count if word[place] == "у" else 2 * count - 1)
    }


@lru_cache(maxsize=50_000)  # Bounds it for any text; Kazakh has far fewer pairs.
def _may_follow(letter: str, suffix: str) -> bool:
    """Say whether a string is one suffix, in a shape that may follow a letter."""
    if len(suffix) == 1 and suffix not in _VOWEL_SUFFIXES and letter not in _VOWELS_AND_GLIDES:
        return False  # A lone consonant follows a vowel.
    is_suffix = suffix in _NEGATED_CONVERBS or is_suffix_chain(suffix, 1)
    return is_suffix and bool(_JOINT.search(f"{letter}|{suffix}"))


@lru_cache(maxsize=50_000)  # The lexicon's words are asked for by every index that is opened.
def without_last_suffix(word: str) -> tuple[str, ...]:
    """Return a Kazakh word less its last suffix, in every way; lone consonants are kept.

    >>> without_last_suffix("қалалар")
    ('қала', 'қалал')
    """
    return tuple(_without_last_suffix(word))


def _without_last_suffix(word: str) -> Iterator[str]:
    for place in range(max(len(word) - _MAX_SUFFIX_LETTERS, MIN_STEM_LETTERS), len(word)):
        suffix = word[place:]
        if (suffix in _VOWEL_SUFFIXES or len(suffix) > 1) and _may_follow(word[place - 1], suffix):
            stem = word[:place]
            if is_in_harmony(stem, suffix):
                yield stem


def is_valid_ending(stem: str, ending: str) -> bool:
    """Say whether an ending is a chain of suffixes that fits a stem at its joint and in its vowels.

    >>> [is_valid_ending("қала", ending) for ending in ("дан", "ден", "мен")]
    [True, False, True]
    """
    return len(stem) in chain_starts(stem + ending) and is_in_harmony(stem, ending)


def is_in_harmony(stem: str, ending: str) -> bool:
    """Say whether an ending has the vowels that a stem asks for."""
    front = _has_front_vowels(ending)
    return front is None or front == is_front(stem)


@lru_cache(maxsize=100_000)  # Endings recur behind all stems.
def _has_front_vowels(ending: str) -> bool | None:
    return is_front(_INSTRUMENTAL.sub("", ending))


def is_front(word: str) -> bool | None:
    """Say whether suffixes after a Cyrillic word are front; None: it has no vowel that tells.

    The last vowel that is front or back decides (vowel harmony). у is either and is passed over; so
    is и, unless there is nothing else.

    >>> is_front("мемлекет"), is_front("қала"), is_front("кітапхана")
    (True, False, False)
    """
    for letter in reversed(word):
        if letter in "әеөіүэ":
            return True
        if letter in "аоыұяё":
            return False
    return True if "и" in word else None


def stem_splits(word: str) -> list[tuple[str, str]]:
    """Return the ways to split a Kazakh word into stem and ending, longest stem first."""
    return [(word[:place], word[place:]) for place in sorted(chain_starts(word), reverse=True)]


@lru_cache(maxsize=50_000)  # As above.
def stem_candidates(word: str, language: Language) -> tuple[str, ...]:
    """Return what an English or Russian word may be without its ending; itself too.

    >>> stem_candidates("states", "en")
    ('stat', 'state', 'states')
    """
    shortest = max(_MIN_SHARED_LETTERS, len(word) - _MAX_LISTED_LETTERS)
    places = [place for place in range(shortest, len(word)) if word[place:] in ENDINGS[language]]
    return (*(word[:place] for place in places), word)


def differ_only_in_endings(word: str, other: str, language: Language) -> bool:
    """Say whether two words may be forms of one: a shared beginning, then endings.

    >>> differ_only_in_endings("stated", "states", "en")
    True
    >>> differ_only_in_endings("grian", "grain", "en")
    False
    """
    shared = next(
        (place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b),
        min(len(word), len(other)),
    )
    return any(
        all(_ends_at(form, place, language) for form in (word, other))
        for place in range(max(_MIN_SHARED_LETTERS, len(word) - _MAX_LISTED_LETTERS), shared + 1)
    )


def _ends_at(word: str, place: int, language: Language) -> bool:
    """Say whether a word's ending, if any, may begin at a place."""
    ending = word[place:]
    if not ending:
        return True
    return place in chain_starts(word) if language == "kk" else ending in ENDINGS[language]
