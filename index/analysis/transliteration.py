"""Transliteration: Kazakh words typed without the Kazakh alphabet, and how they may be spelt in it.

A word may come in a Latin alphabet (2017 with apostrophes, 2018 with acutes, 2021, or as people
type), or in the Russian letters of a keyboard that lacks the nine Kazakh ones. `to_cyrillic`
proposes spellings, most plausible first; `skeleton` is what all spellings of a word share;
`spelling_cost` says how far-fetched it is to read a word as a certain spelling.

A letter that stands for several is judged by the vowels around it: Kazakh words are back (а о ы ұ,
with қ ғ) or front (ә е ө і ү, with к г). No words are known here: whether a spelling exists, and
borrowed words, which keep no harmony, are for a vocabulary to tell.

Costs are set by hand; what comes of them is measured in eval/LOG.md, 2026-11-22, "spelling". Only
their order matters: a letter of the wrong class costs about as much as one in an unusual place, and
both outweigh the preference between two letters of one row.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

MAX_SPELLINGS: Final = 24
"""Spellings proposed for a word, at most."""

Lattice = Sequence[Sequence[tuple[str, float]]]
"""For every grapheme of a word, the letters that it may stand for, each with its cost."""

_APOSTROPHES = re.compile("['’‘ʼʻ`´ʹ′]")
# The alphabet of 2017 marks letters by an apostrophe: a' g' s' c' y' o' u' n' i'.
_WITH_APOSTROPHE: Final = dict(zip("agscyouni", "äğşçýöüñï", strict=True))
# One code point for each marked letter, that of the alphabet of 2021; the alphabet of 2018 has
# acutes, and other marks come from Turkish keyboards and from older romanisations.
_ONE_MARKED_LETTER: Final = str.maketrans(
    {
        letter: kept
        for kept, others in {
            "ä": "áəå", "ğ": "ǵġģ", "ş": "śșš", "ç": "ćč", "ö": "óøɵő", "ü": "úű", "ñ": "ńňŋņ",
            "ï": "īî", "ž": "żź", "ū": "ûůŭ",
        }.items()
        for letter in others
    }
)  # fmt: skip

# A grapheme and what it may stand for, in all alphabets at once; the likely first, since costs grow
# along the row. The alphabets disagree: i is і, or и, or й as in «qai»; y is ы, or й behind a
# vowel; h is х, or һ in few words; c is ц of loans, or a careless к or с; u without a mark is any
# of у ұ ү. Loans keep their soft sign: l, n, t may be ль, нь, ть (роль). An apostrophe that marks
# no letter is a soft or hard sign, or nothing ("-").
_LATIN: Final = {
    "a": "а ә", "ä": "ә", "b": "б", "c": "ц к с", "ç": "ч ш", "d": "д", "e": "е э", "f": "ф",
    "g": "г ғ", "ğ": "ғ", "h": "х һ", "i": "і и й ы", "ı": "і й ы и", "ï": "и й", "j": "ж й",
    "k": "к қ", "l": "л ль", "m": "м", "n": "н ң нь", "ñ": "ң", "o": "о ө", "ö": "ө", "p": "п пь",
    "q": "қ", "r": "р рь", "s": "с сь", "ş": "ш щ", "t": "т ть", "u": "у ұ ү", "ū": "ұ",
    "ü": "ү", "v": "в",
    "w": "у", "x": "х", "y": "ы й и", "ý": "у", "z": "з", "ž": "ж",
    # Pairs as English and Russian romanise: zh, kh, shch. kh is х, but қ in «Kazakhstan».
    "sh": "ш щ", "ch": "ч ш", "zh": "ж", "kh": "х қ һ", "gh": "ғ", "ts": "тс ц", "shch": "щ",
    "'": "- ь ъ",
}  # fmt: skip
# A Russian keyboard: each letter may be itself, or a Kazakh one that it is typed for (ә ғ і қ ң ө ұ
# ү һ). Both и and ы are typed for і.
_RUSSIAN: Final = {
    "а": "а ә", "г": "г ғ", "и": "і и ы", "к": "к қ", "н": "н ң", "о": "о ө", "у": "у ұ ү",
    "х": "х һ", "ы": "ы і",
}  # fmt: skip
# A glide and a vowel are one letter in Cyrillic more often than two: ia, ya, ıa are я; iu and ıý
# are ю; ii and ıi are и or ій. Behind a vowel of its own the glide is и: -iia is -ия.
_GLIDES = {
    f"{glide}{vowel}": spellings
    for glide in "iıyï"
    for vowel, spellings in {
        "a": "я ия йа ыа", "ä": "я ия йә", "u": "ю иу ыу йу йұ йү", "ý": "ю иу ыу", "o": "ё ио йо",
        "i": "и ій ий йі иі", "ı": "и йі ій ый иі", "y": "и йы ый ій ий иы", "ï": "и ій ый",
        "ia": "ия", "ıa": "ия", "ya": "ия", "ïa": "ия", "iu": "ию", "ıu": "ию", "ıý": "ию",
    }.items()
}  # fmt: skip
_SPELLINGS: Final = {
    grapheme: tuple("" if letters == "-" else letters for letters in row.split())
    for grapheme, row in {**_LATIN, **_GLIDES, **_RUSSIAN}.items()
}
# The longest grapheme first. «tsh» is т and ш (qutshylyq), not ц and h.
_GRAPHEME = re.compile(
    "|".join(
        "ts(?!h)" if grapheme == "ts" else grapheme
        for grapheme in sorted(_SPELLINGS, key=len)[::-1]
    )
    + "|.",
    re.DOTALL,
)

# Letters of a spelling that belong to back and to front words.
_BACK_LETTERS: Final = frozenset("қғаоыұ")
_FRONT_LETTERS: Final = frozenset("кгәөіүе")
# Typed graphemes that show the class of a word. q and ğ do, but not k and g, which are typed for қ
# and ғ too. a counts as back, since ә is rarer, and so does y, which is ы.
_BACK_SIGNS: Final = frozenset("ayаыұяūqğқғ")
_FRONT_SIGNS: Final = frozenset("eäöüiеәөіүэи")
_AMBIGUOUS_VOWELS: Final = frozenset("aouоуа")
"""Vowels that may be of either class; those around them tell."""
_VOWELS: Final = (
    _BACK_SIGNS - set("qğқғ") | _FRONT_SIGNS | _AMBIGUOUS_VOWELS | set("ıïýwю") | set(_GLIDES)
)
# A word's end that is a genitive, so that its last n is ң: -nyn behind y, i or a nasal, -dyn and
# -tyn behind a consonant, -dyn behind a vowel and a glide (Abaidyn, Абайдың). Other vowels are left
# out: -anyn is an accusative as well (audanyn, ауданын).
_GENITIVE = re.compile("(?:[yiınmыиінм][nн]|[^aeyiıаеыи][dtдт]|[aeouаеоу][iй]d|йд)[yiıыиі][nн]$")
# Costs: a letter of the other class than the vowels around it; each place along a row of the
# tables; a letter where it is unusual in Kazakh.
_OTHER_CLASS, _LATER_IN_ROW, _UNUSUAL = 0.5, 0.12, 0.6

# Letters that are one in the skeleton: the nine Kazakh ones fold into those of a Russian keyboard,
# Latin ones into the Cyrillic they are typed for, and ы, і, и, й into и, since all are typed i or
# y. я, ю, ё fold into glide and vowel, as they are typed in Latin. Signs without a sound are left
# out. The coarser it is, the more words share a skeleton; `spelling_cost` then tells them apart.
_SKELETON: Final = str.maketrans(
    {
        letter: folded
        for folded, others in {
            "а": "әaä", "б": "b", "в": "v", "г": "ғgğ", "д": "d", "е": "эe", "ж": "jž", "з": "z",
            "и": "ыійiıyï", "к": "қckq", "л": "l", "м": "m", "н": "ңnñ", "о": "өoö", "п": "p",
            "р": "r", "с": "s", "т": "t", "у": "ұүuūüwý", "ф": "f", "х": "һhx", "ч": "ç", "ш": "ş",
            "иа": "я", "иу": "ю", "ио": "ё", "тс": "ц", "шч": "щ", "": "ъь'",
        }.items()
        for letter in others
    }
)  # fmt: skip
_DIGRAPHS = (("shch", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("kh", "х"), ("gh", "г"))
# и and й in a row are typed as one letter or as two: «kiim», «kim» for киім.
_REPEATED_I = re.compile("и{2,}")


def to_cyrillic(word: str) -> tuple[str, ...]:
    """Return Cyrillic spellings of a word in Latin script, lower case, most plausible first.

    >>> [to_cyrillic(word)[0] for word in ("Qazaqstannyn'", "ulken", "Kazak")]
    ['қазақстанның', 'үлкен', 'қазақ']
    """
    return tuple(spelling for _, spelling in best_spellings(spelling_lattice(graphemes(word))))


def fold_letters(word: str) -> str:
    """Return a word in lower case, its marked letters as one code point of one alphabet each.

    >>> fold_letters("So'z"), fold_letters("SÓZ")
    ('söz', 'söz')
    """
    composed = unicodedata.normalize("NFC", word).replace("İ", "i")
    folded = unicodedata.normalize("NFC", composed.casefold()).translate(_ONE_MARKED_LETTER)
    letters = _APOSTROPHES.sub("'", folded)
    return re.sub("([agscyouni])'", lambda match: _WITH_APOSTROPHE[match[1]], letters)


def graphemes(word: str) -> list[str]:
    """Split a word into letters, and pairs of letters that stand for one.

    >>> graphemes("Syrtqy aişa")
    ['s', 'y', 'r', 't', 'q', 'y', ' ', 'a', 'i', 'ş', 'a']
    """
    return _GRAPHEME.findall(fold_letters(word))


@lru_cache(maxsize=50_000)  # The lexicon's words are asked for by every index that is opened.
def skeleton(word: str) -> str:
    """Return what all spellings of a word have in common.

    >>> {skeleton(word) for word in ("сыртқы", "syrtqy", "sirtki", "сырткы")}
    {'сиртки'}
    """
    folded = word
    if word[:1] < "Ѐ" or not word.islower():  # A vocabulary's words are not slowed down.
        folded = fold_letters(word)
        for pair, letter in _DIGRAPHS:
            folded = folded.replace(pair, letter)
    letters = folded.translate(_SKELETON)
    return _REPEATED_I.sub("и", letters) if "ии" in letters else letters


def spelling_lattice(typed: Sequence[str], *, front: bool | None = None) -> Lattice:
    """Return what each grapheme of a word may stand for, cheapest first.

    Args:
        typed: The graphemes.
        front: Whether front letters are expected; None: the vowels around a letter tell.
    """
    lattice = []
    for place, grapheme in enumerate(typed):
        expects_front = _is_front_at(typed, place) if front is None else front
        before = typed[place - 1] if place else ""
        after = typed[place + 1] if place + 1 < len(typed) else ""
        row = [
            (
                letters,
                _LATER_IN_ROW * order
                + _harmony_cost(letters, expects_front)
                + _place_cost(letters, typed, place, before, after),
            )
            for order, letters in enumerate(_SPELLINGS.get(grapheme, (grapheme,)))
        ]
        lattice.append(sorted(row, key=lambda choice: choice[1]))
    return lattice


def best_spellings(lattice: Lattice, max_spellings: int = MAX_SPELLINGS) -> list[tuple[float, str]]:
    """Return the cheapest spellings with their costs, cheapest first.

    A beam search; since costs only add up, whatever continues a dropped beginning is dearer than
    what continues the ones that are kept.
    """
    beam = [(0.0, "")]
    for row in lattice:
        longer = [
            (cost + letters_cost, spelling + letters)
            for cost, spelling in beam
            for letters, letters_cost in row
        ]
        beam = sorted(longer, key=lambda candidate: candidate[0])[:max_spellings]
    # One spelling may be reached in two ways; reversed, so that the cheaper one stays.
    return list({spelling: (cost, spelling) for cost, spelling in reversed(beam)}.values())[::-1]


def spelling_cost(lattice: Lattice, target: str) -> float | None:
    """Return what it costs to read a word as a certain spelling; None: it can't be read so."""
    reached = {0: 0.0}  # letters of the target that are read: the least cost of getting there
    for row in lattice:
        further: dict[int, float] = {}
        for place, cost in reached.items():
            for letters, letters_cost in row:
                if target.startswith(letters, place):
                    end = place + len(letters)
                    further[end] = min(further.get(end, cost + letters_cost), cost + letters_cost)
        reached = further
    return reached.get(len(target))


def _harmony_cost(letters: str, front: bool | None) -> float:
    if front is None:
        return 0.0
    other_class = _BACK_LETTERS if front else _FRONT_LETTERS
    return _OTHER_CLASS * any(letter in other_class for letter in letters)


def _is_front_at(typed: Sequence[str], place: int) -> bool | None:
    """Tell the class of a place by the next vowel of a class, or else by the one before."""
    around = [*range(place + 1, len(typed)), *range(place - 1, -1, -1)]
    if typed[place] in _VOWELS and typed[place] not in _AMBIGUOUS_VOWELS:
        around.insert(0, place)
    classes = (_class_of(typed, near) for near in around)
    nearest = next((front for front in classes if front is not None), None)
    if nearest is not None:
        return nearest
    # Without another sign, o is о: ө is the rarer one.
    return False if any(letter in "oо" for letter in typed) else None


def _class_of(typed: Sequence[str], place: int) -> bool | None:
    """Say whether a grapheme shows a front word, or a back one; None: it shows neither."""
    letter = typed[place]
    if place and typed[place - 1] in _VOWELS and letter in "iıïyи":
        return None  # a glide
    if letter in _FRONT_SIGNS:
        return True
    return False if letter in _BACK_SIGNS else None


def _place_cost(letters: str, typed: Sequence[str], place: int, before: str, after: str) -> float:
    """Return what a letter costs for where it stands; less than nothing where it is expected."""
    is_first_syllable = not any(grapheme in _VOWELS for grapheme in typed[:place])
    match letters:
        case "у" | "ұ" | "ү":
            return _u_cost(letters, place, before, after, is_first_syllable=is_first_syllable)
        case "й" | "я" | "ю" | "ё" | "йы" | "йі":
            return _glide_cost(letters, before, typed[place])
        case "ө" | "ә":  # They are written in first syllables only.
            return 0.0 if is_first_syllable else _UNUSUAL
        case "і":  # Before a vowel it would be й or и.
            return _UNUSUAL if after in _VOWELS else 0.0
        case "э":  # Of loans, at their beginning.
            return _UNUSUAL if place else 0.0
    return _consonant_cost(letters, typed, place, after)


def _u_cost(letters: str, place: int, before: str, after: str, *, is_first_syllable: bool) -> float:
    """Tell у, which stands beside vowels and at the end, from ұ and ү, of a first syllable."""
    is_by_vowel = before in _VOWELS or after in _VOWELS
    if letters == "у":
        is_usual = (is_by_vowel and place) or not after or not is_first_syllable
        return 0.0 if is_usual else _UNUSUAL / 2
    # ұ and ү stand before й too, which is typed as a vowel: «uiym» is ұйым.
    may_be_vowel = not is_by_vowel or after[:1] in {"i", "y", "ı"}
    return 0.0 if is_first_syllable and may_be_vowel else _UNUSUAL


def _glide_cost(letters: str, before: str, typed: str) -> float:
    """Expect й and what begins with it behind a vowel."""
    if letters != "й":
        return -_UNUSUAL / 2 if before in _VOWELS else _UNUSUAL
    if before not in _VOWELS or typed == "j":
        return 2 * _UNUSUAL
    # «uy» may be уы as well as уй: no preference.
    return 0.0 if before in "uýw" and typed == "y" else -_UNUSUAL


def _consonant_cost(letters: str, typed: Sequence[str], place: int, after: str) -> float:
    if letters == "ң":
        # At the end of a genitive, and before г and ғ (соңғы), n is ң more often than н.
        is_genitive = place + 1 == len(typed) and _GENITIVE.search("".join(typed))
        return -_UNUSUAL / 2 if is_genitive or after in {"g", "ğ", "г"} else _UNUSUAL / 2
    if letters in {"қ", "ғ"}:
        return _UNUSUAL if typed[place] in {"k", "g"} and _is_plain(typed, place) else 0.0
    return _UNUSUAL if letters[1:] == "ь" else 0.0


def _is_plain(typed: Sequence[str], place: int) -> bool:
    """Say whether k is к and g is г: the word has q or ğ besides, or a front vowel is before."""
    before = [front for near in range(place) if (front := _class_of(typed, near)) is not None]
    return "q" in typed or "ğ" in typed or (bool(before) and before[-1])
