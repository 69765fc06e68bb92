"""Kazakh stemmer: one word without its endings, by the rules of the grammar.

A stem is nearly always the word's beginning, its last letter put back as it stands without an
ending (кітабы: кітап), in small letters and NFC. Words in other scripts, and those with a digit or
a hyphen, come back as they are, case-folded.

Endings are taken off from the back, layer by layer in the grammar's order, again and again until
nothing comes off. An ending goes only where it could have been put: its vowels agree with the
stem's, its first letter with the stem's last sound, and what is left could be a Kazakh word.
The layers, the rules and their sources: STEMMER.md.

It has no dictionary but stemmer_exceptions.tsv. So it knows no parts of speech and no meaning: a
name that ends like a suffix may lose it, and a suffix spelt against harmony stays.

>>> [stem(word) for word in "Қазақстанның қалаларындағы кітабымызды жүрегі халқына".split()]
['қазақстан', 'қала', 'кітап', 'жүрек', 'халық']
>>> [stem(word) for word in "жазылған жазбаған жазуды жазыпты министр NATO".split()]
['жаз', 'жаз', 'жаз', 'жаз', 'министр', 'nato']
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final, NamedTuple

from index.analysis.suffixes import is_suffix_chain

_BACK: Final = frozenset("аоұыя")
_FRONT: Final = frozenset("әеөүіэё")
_VOWELS: Final = _BACK | _FRONT
_GLIDES: Final = frozenset("йуию")  # у and и take endings as consonants do: бару-ды, би-і
_DECIDING: Final = _VOWELS | frozenset("ию")  # и and ю of a loan go with either: организм-і
_NASALS: Final = frozenset("мнң")
_VOICED: Final = _GLIDES | _NASALS | frozenset("рлзжь")
_VOICELESS: Final = frozenset("пфкқтсшщчцхһбвгғдъ")  # so are the last б, в, г, д of a loan
_CONSONANTS: Final = _VOICED | _VOICELESS
_SOUNDS: Final = _VOWELS | _CONSONANTS
_DEVOICED: Final = {"б": "п", "г": "к", "ғ": "қ"}
_MIN_INFLECTED_LETTERS: Final = 4  # of an exception whose forms with endings are looked for

_HARMONY: Final = {
    # What a capital inside an ending stands for, after back and after front vowels.
    "back": {"А": "а", "Ы": "ы", "Ғ": "ғ", "К": "қ"},
    "front": {"А": "е", "Ы": "і", "Ғ": "г", "К": "к"},
}
_FIRST: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    # What a capital at an ending's beginning stands for, and the sounds that each follows.
    "Л": {
        "л": _VOWELS | _GLIDES | frozenset("рь"),
        "д": _NASALS | frozenset("лзж"),
        "т": _VOICELESS,
    },
    "Н": {"н": _VOWELS | _NASALS, "д": _VOICED, "т": _VOICELESS},
    "Д": {"д": _VOWELS | _VOICED, "т": _VOICELESS},
    "М": {
        "м": _VOWELS | _GLIDES | _NASALS | frozenset("рль"),
        "б": _NASALS | frozenset("зж"),
        "п": _VOICELESS,
    },
    "Ғ": {"Ғ": _VOWELS | _VOICED, "К": _VOICELESS},
    "А": {"А": _CONSONANTS},
    "Ы": {"Ы": _CONSONANTS},
    # Signs that say only what goes before.
    "_": {"": _VOWELS},
    "=": {"": (_VOWELS - frozenset("ыі")) | {"шы", "ші", "рғы", "ргі"}},  # ағыс-ы; оқушы-сы
    ".": {"": _CONSONANTS},
    "*": {"": _VOICED},
    "+": {"": _VOICELESS},
    ":": {"": frozenset("ыі")},
    "~": {"": _NASALS},
}


class _Layer(NamedTuple):
    """Endings of one place in the grammar's order.

    Attributes:
        endings: Their patterns; capitals vary with the stem (`_HARMONY`, `_FIRST`).
        is_verbal: What stands before these endings is a verb.
        needs_verb: They come off a verb only.
        min_stem_letters: Letters that must be left.
    """

    endings: str
    is_verbal: bool = False
    needs_verb: bool = False
    min_stem_letters: int = 2


_LAYERS: Final = (
    # Attributive: қаладағы, қаласындағы, бүгінгі, қысқы, Асандікі.
    _Layer("ДАҒЫ :ндАҒЫ"),
    _Layer("*ҒЫ +КЫ Нікі", min_stem_letters=3),
    # Of verbs alone: барамын, барады, баратын, барайық, барсақ, қарады.
    _Layer(
        """АмЫн АмЫз АсЫң АсЫз АдЫ АтЫн _ймЫн _ймЫз _йсЫң _йсЫз _йдЫ _йтЫн
        .имЫн .имЫз .исЫз .идЫ .итЫн ямын ямыз ясыз яды ятын
        АйЫн АйЫК сАм сАК сАңЫз ДЫңЫздАр ЫңЫздАр _дЫ АтЫнЫ _йтЫнЫ""",
        is_verbal=True,
    ),
    # Predicative: оқушымын, барғанбыз.
    _Layer("МЫн МЫз сЫң сЫңдАр сЫздАр", min_stem_letters=3),
    # Of verbs, though nouns have the like: бардым, барса, барыңыз, жазылды.
    _Layer("ДЫм ДЫңЫз сА сАң ЫңЫз ЫлдЫ _лдЫ"),
    # Case: -дың -ды -ға -да -дан -мен, with н after a possessive; -дай.
    _Layer("НЫң НЫ :н ҒА :нА ДА :ндА ДАн ~нАн :нАн Мен ДАй"),
    # Adjectives in -лы, where ы is no possessive: пайдалы.
    _Layer("=лЫ", min_stem_letters=4),
    # Possessive: үйіміз, үйіңіз, қаласы, үйі; not -ым and -ың, which end many nouns (білім).
    _Layer("ЫмЫз ЫңЫз _мЫз _ңЫз =сЫ Ы"),
    _Layer("ЛАр"),
    # Participles and converbs: барған, барып, бармай, барғалы, барғанша.
    _Layer("ҒАн Ып МАй МАс ҒАлЫ ҒАншА ҒАндЫК", is_verbal=True),
    _Layer("_п", is_verbal=True, min_stem_letters=4),
    _Layer("у ю", is_verbal=True),
    _Layer("МА", needs_verb=True),
    _Layer("Ыл Ын ДЫр ҒЫз", needs_verb=True),
    _Layer("=л =н", needs_verb=True, min_stem_letters=3),
)

_WORD: Final = re.compile(r"[а-яёәғқңөұүһі]+")
_NO_LAST_CONSONANTS: Final = re.compile(
    # Consonants that no Kazakh word and few loans end in, so that жақсы keeps its ы.
    r"(?!.*(?:[кпсш]т|[сз]м|ск|[тдбфп]р|кс|сс|лл|мм|тм|[мн]с|[рлйуию]с)$).*"
    r"(?:[бвгғджзкқпстфхцчшщ][бвгғджзкқлмнңпрстфхцчшщ]"
    r"|[рлмнң][ғлңрш]|[лмнң][мн]|[рнмң]ж|лз|[мң][бвзж]|уш|й[лш])$"
)


def stem(word: str) -> str:
    """Return the stem of one word.

    Args:
        word: A word in any case, composed or not; without hyphens, which the caller splits at.

    >>> stem("МЕКТЕПТЕРІМІЗДЕГІ"), stem("тәуелсіздігін"), stem("бала"), stem("2024")
    ('мектеп', 'тәуелсіздік', 'бала', '2024')
    """
    folded = unicodedata.normalize("NFC", word.casefold())
    return _stem(folded) if _WORD.fullmatch(folded) else folded


@lru_cache(maxsize=200_000)  # About the vocabulary of a large index.
def _stem(word: str) -> str:
    """Strip all layers until nothing comes off, so that a stem is its own stem."""
    before = ""
    while word != before:
        if exception := _exceptional_stem(word):
            return exception
        before, word = word, _strip_once(word)
    return word


def _exceptional_stem(word: str) -> str:
    """Return the longest exception that a word is a form of, as its stem; empty if none."""
    stems = _exceptions()
    if word in stems:
        return stems[word]
    for length in range(len(word) - 1, _MIN_INFLECTED_LETTERS - 1, -1):
        # Chains of suffixes.py have no order; р would make есепте of есептер.
        if word[:length] in stems and word[length] != "р" and is_suffix_chain(word[length:]):
            return stems[word[:length]]
    return ""


def _strip_once(word: str) -> str:
    """Take at most one ending of every layer off, from the last layer to the first."""
    has_verb_ending = False
    for layer, (ends, rules) in zip(_LAYERS, _rules(), strict=True):
        if (layer.needs_verb and not has_verb_ending) or not word.endswith(ends):
            continue
        stripped = _without_ending(word, rules, layer.min_stem_letters)
        if stripped != word:
            has_verb_ending = has_verb_ending or layer.is_verbal
            word = stripped
            if word in _exceptions():
                break
    return word


def _without_ending(word: str, rules: Mapping[str, "_Rule"], min_stem_letters: int) -> str:
    """Return a word without the longest ending that could have been put there."""
    for start in range(max(min_stem_letters, len(word) - _max_ending_letters()), len(word)):
        rule = rules.get(word[start:])
        base = _restored(word[:start], rule) if rule else ""
        if base:
            return base
    return word


def _restored(base: str, rule: "_Rule") -> str:
    """Return what an ending leaves, as it stands alone; empty if it cannot have been put there."""
    if rule.holds_glide:
        return base if base[-1] == "и" else base + "й"
    if not base.endswith(rule.after) or not _agrees(base, rule.vowels) or not _could_be_word(base):
        return ""
    return _devoiced(base)


def _agrees(base: str, vowels: frozenset[str]) -> bool:
    """Say whether the last vowel of a stem goes with an ending's vowels."""
    if not vowels or (vowels is _FRONT and base[-1] in "ькг") or base.endswith(("ә", "ов", "ев")):
        return True
    last = next((sound for sound in reversed(base) if sound in _DECIDING), None)
    return last is None or last in "ию" or last in vowels


def _could_be_word(base: str) -> bool:
    if len(base) == 2:
        return base[1] in (_CONSONANTS if base[0] in _VOWELS else "уи")
    has_vowel = any(sound in _VOWELS or sound in _GLIDES for sound in base)
    return has_vowel and not _NO_LAST_CONSONANTS.match(base)


def _devoiced(base: str) -> str:
    """Undo what a vowel did to a stem's last consonant: кітаб-ы, жүрег-і, балығ-ы."""
    if base in _exceptions() or base.endswith("ог"):  # педагог
        return base
    return base[:-1] + _DEVOICED.get(base[-1], base[-1])


class _Rule(NamedTuple):
    """What one ending, as it is written, may follow.

    Attributes:
        after: What the stem ends in.
        vowels: The class of vowels that the stem's last is of; empty: any.
        holds_glide: Its first letter holds the stem's й: қоя-ды, қою.
    """

    after: tuple[str, ...]
    vowels: frozenset[str]
    holds_glide: bool


@cache
def _rules() -> tuple[tuple[tuple[str, ...], Mapping[str, _Rule]], ...]:
    """Spell every layer's endings out: their surface forms, and what each may follow."""
    layers = []
    for layer in _LAYERS:
        rules: dict[str, _Rule] = {}
        for ending in layer.endings.split():
            for surface, rule in _surface_forms(ending):
                both = rules.get(surface, rule)
                rules[surface] = rule._replace(after=rule.after + both.after)
        layers.append((tuple(rules), rules))
    return tuple(layers)


def _surface_forms(ending: str) -> Iterator[tuple[str, _Rule]]:
    for vowels, letters in ((_BACK, _HARMONY["back"]), (_FRONT, _HARMONY["front"])):
        firsts = _FIRST.get(ending[0], {ending[0]: _SOUNDS})
        for first, after in firsts.items():
            pattern = first + ending[1:]
            surface = "".join(letters.get(letter, letter) for letter in pattern)
            agrees = vowels if surface != pattern else frozenset[str]()
            yield surface, _Rule(tuple(after), agrees, surface[0] in "яю")


@cache
def _max_ending_letters() -> int:
    return max(len(surface) for endings, _ in _rules() for surface in endings)


@cache
def _exceptions() -> Mapping[str, str]:
    """Map forms to stems, and words kept whole to themselves."""
    stems: dict[str, str] = {}
    text = (resources.files("index.analysis") / "stemmer_exceptions.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            stem_or_sign, forms = line.split("\t")
            if stem_or_sign != "=":
                stems[stem_or_sign] = stem_or_sign
            stems |= {form: form if stem_or_sign == "=" else stem_or_sign for form in forms.split()}
    # A form is also met with its last letter voiced, before a vowel.
    voiced = {plain: letter for letter, plain in _DEVOICED.items()}
    for form in list(stems):
        stems.setdefault(form[:-1] + voiced.get(form[-1], form[-1]), stems[form])
    return stems
