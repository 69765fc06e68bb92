"""Kazakh stemmer: one word without its endings, by the rules of the grammar.

In: one Kazakh word in Cyrillic. Out: its stem in small letters, NFC; nearly always the word's
beginning, its last letter put back as it stands without an ending (кітабы: кітап). Words in other
scripts, and those with a digit or a hyphen, come back as they are, casefolded.

Endings are taken off from the back, layer by layer in the grammar's order, again and again until
nothing comes off. An ending goes only where it could have been put: its vowels agree with the
stem's, its first letter with the stem's last sound, and what is left could be a Kazakh word.
The layers, the rules and their sources: KAZAKH.md.

It has no dictionary but kazakh_exceptions.tsv. So it knows no parts of speech and no meaning: a
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

from index.analysis.suffix import is_suffixes

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
_PLAIN: Final = {"б": "п", "г": "к", "ғ": "қ"}
_SHORTEST: Final = 4  # letters of an exception whose forms are looked for

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
    endings: str
    verb: bool = False  # what stands before these endings is a verb
    of_verb: bool = False  # they come off a verb only
    least: int = 2  # letters that must be left


_LAYERS: Final = (
    # Attributive: қаладағы, қаласындағы, бүгінгі, қысқы, Асандікі.
    _Layer("ДАҒЫ :ндАҒЫ"),
    _Layer("*ҒЫ +КЫ Нікі", least=3),
    # Of verbs alone: барамын, барады, баратын, барайық, барсақ, қарады.
    _Layer(
        """АмЫн АмЫз АсЫң АсЫз АдЫ АтЫн _ймЫн _ймЫз _йсЫң _йсЫз _йдЫ _йтЫн
        .имЫн .имЫз .исЫз .идЫ .итЫн ямын ямыз ясыз яды ятын
        АйЫн АйЫК сАм сАК сАңЫз ДЫңЫздАр ЫңЫздАр _дЫ АтЫнЫ _йтЫнЫ""",
        verb=True,
    ),
    # Predicative: оқушымын, барғанбыз.
    _Layer("МЫн МЫз сЫң сЫңдАр сЫздАр", least=3),
    # Of verbs, though nouns have the like: бардым, барса, барыңыз, жазылды.
    _Layer("ДЫм ДЫңЫз сА сАң ЫңЫз ЫлдЫ _лдЫ"),
    # Case: -дың -ды -ға -да -дан -мен, with н after a possessive; -дай.
    _Layer("НЫң НЫ :н ҒА :нА ДА :ндА ДАн ~нАн :нАн Мен ДАй"),
    # Adjectives in -лы, where ы is no possessive: пайдалы.
    _Layer("=лЫ", least=4),
    # Possessive: үйіміз, үйіңіз, қаласы, үйі; not -ым and -ың, which end many nouns (білім).
    _Layer("ЫмЫз ЫңЫз _мЫз _ңЫз =сЫ Ы"),
    _Layer("ЛАр"),
    # Participles and converbs: барған, барып, бармай, барғалы, барғанша.
    _Layer("ҒАн Ып МАй МАс ҒАлЫ ҒАншА ҒАндЫК", verb=True),
    _Layer("_п", verb=True, least=4),
    _Layer("у ю", verb=True),
    _Layer("МА", of_verb=True),
    _Layer("Ыл Ын ДЫр ҒЫз", of_verb=True),
    _Layer("=л =н", of_verb=True, least=3),
)

_WORD: Final = re.compile(r"[а-яёәғқңөұүһі]+")
_NOT_LAST: Final = re.compile(
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


@lru_cache(maxsize=200_000)
def _stem(word: str) -> str:
    """Strip all layers until nothing comes off, so that a stem is its own stem."""
    before = ""
    while word != before:
        known = _known(word)
        if known:
            return known
        before, word = word, _strip_once(word)
    return word


def _known(word: str) -> str:
    """Return the longest exception that a word is a form of, as its stem; empty if none."""
    known = _exceptions()
    for length in range(len(word), 0, -1):
        if (
            word[:length] in known
            and (
                length == len(word)
                # suffix.py knows no order; р would make есепте of есептер.
                or (length >= _SHORTEST and word[length] != "р" and is_suffixes(word[length:]))
            )
        ):
            return known[word[:length]]
    return ""


def _strip_once(word: str) -> str:
    """Take at most one ending of every layer off, from the last layer to the first."""
    is_verb = False
    for layer, (ends, rules) in zip(_LAYERS, _rules(), strict=True):
        if (layer.of_verb and not is_verb) or not word.endswith(ends):
            continue
        left = _without_ending(word, rules, layer.least)
        if left != word:
            is_verb = is_verb or layer.verb
            word = left
            if word in _exceptions():
                break
    return word


def _without_ending(word: str, rules: Mapping[str, "_Rule"], least: int) -> str:
    """Return a word without the longest ending that could have been put there."""
    for start in range(max(least, len(word) - _LONGEST), len(word)):
        rule = rules.get(word[start:])
        left = _left(word[:start], rule) if rule else ""
        if left:
            return left
    return word


def _left(left: str, rule: "_Rule") -> str:
    """Return what an ending leaves, as it stands alone; empty if it cannot have been put there."""
    if rule.glide:
        return left if left[-1] == "и" else left + "й"
    if not left.endswith(rule.after) or not _agrees(left, rule.vowels) or not _could_be_word(left):
        return ""
    return _plain(left)


def _agrees(left: str, vowels: frozenset[str]) -> bool:
    """Say whether the last vowel of a stem goes with an ending's vowels."""
    if not vowels or (vowels is _FRONT and left[-1] in "ькг") or left.endswith(("ә", "ов", "ев")):
        return True
    last = next((sound for sound in reversed(left) if sound in _DECIDING), None)
    return last is None or last in "ию" or last in vowels


def _could_be_word(left: str) -> bool:
    if len(left) == 2:
        return left[1] in (_CONSONANTS if left[0] in _VOWELS else "уи")
    has_vowel = any(sound in _VOWELS or sound in _GLIDES for sound in left)
    return has_vowel and not _NOT_LAST.match(left)


def _plain(left: str) -> str:
    """Undo what a vowel did to a stem's last consonant: кітаб-ы, жүрег-і, балығ-ы."""
    if left in _exceptions() or left.endswith("ог"):  # педагог
        return left
    return left[:-1] + _PLAIN.get(left[-1], left[-1])


class _Rule(NamedTuple):
    after: tuple[str, ...]
    vowels: frozenset[str]
    glide: bool  # its first letter holds the stem's й: қоя-ды, қою


@cache
def _rules() -> tuple[tuple[tuple[str, ...], Mapping[str, _Rule]], ...]:
    """Spell every layer's endings out: their surface forms, and what each may follow."""
    layers = []
    for layer in _LAYERS:
        rules: dict[str, _Rule] = {}
        for ending in layer.endings.split():
            for surface, rule in _spelt(ending):
                both = rules.get(surface, rule)
                rules[surface] = rule._replace(after=rule.after + both.after)
        layers.append((tuple(rules), rules))
    return tuple(layers)


def _spelt(ending: str) -> Iterator[tuple[str, _Rule]]:
    for vowels, letters in ((_BACK, _HARMONY["back"]), (_FRONT, _HARMONY["front"])):
        firsts = _FIRST.get(ending[0], {ending[0]: _SOUNDS})
        for first, after in firsts.items():
            pattern = first + ending[1:]
            surface = "".join(letters.get(letter, letter) for letter in pattern)
            agrees = vowels if surface != pattern else frozenset[str]()
            yield surface, _Rule(tuple(after), agrees, surface[0] in "яю")


@cache
def _exceptions() -> Mapping[str, str]:
    """Map forms to stems, and words kept whole to themselves."""
    found: dict[str, str] = {}
    text = (resources.files("index.analysis") / "kazakh_exceptions.tsv").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kept, forms = line.split("\t")
            if kept != "=":
                found[kept] = kept
            found |= {form: form if kept == "=" else kept for form in forms.split()}
    voiced = {v: k for k, v in _PLAIN.items()}
    for form in list(found):
        found.setdefault(form[:-1] + voiced.get(form[-1], form[-1]), found[form])
    return found


_LONGEST: Final = max(len(surface) for ends, _ in _rules() for surface in ends)
