"""Questions as people type them: what a set is worth when its questions are not spelt well.

Kazakh questions lose their alphabet: to one of the Latin ones, official or not, or to a Russian
keyboard; any question can have a slip, one wrong letter in its longest word, always the same one.
The ids stay, so `dalel compare` holds a run of typed questions against one of clean ones.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from eval.dataset import Example
    from index.retriever import Retriever

_BASE: Final = dict(zip("абвгдезйклмнопрстуфхһцыэі", "abvgdezıklmnoprstufhhsyei", strict=True)) | {
    "ъ": "",
    "ь": "",
    "щ": "şş",
    "ё": "io",
    "ю": "iu",
    "я": "ia",
}
_2021: Final = _BASE | dict(zip("әғжийқңөұүчшіы", "äğjiiqñöūüçşıy", strict=True))
_2018: Final = _BASE | dict(zip("әғжийқңөуұүі", "áǵjııqńóýuúi", strict=True)) | {
    "ч": "ch", "ш": "sh", "щ": "shsh", "ы": "y",
}  # fmt: skip
_2017: Final = _BASE | dict(zip("жқұіы", "jquiy", strict=True)) | {
    "ә": "a'", "ғ": "g'", "и": "i'", "й": "i'", "ң": "n'", "ө": "o'", "у": "y'", "ү": "u'",
    "ч": "c'", "ш": "s'", "щ": "s's'",
}  # fmt: skip
_INFORMAL: Final = _BASE | dict(zip("әғийқңөұүіы", "agiiqnouuiy", strict=True)) | {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ё": "yo",
}  # fmt: skip
_RUSSIAN: Final = dict(zip("әғқңөұүһі", "агкноуухи", strict=True))

_ALPHABETS: Final[Mapping[str, Mapping[str, str]]] = {
    "latin-2017": _2017,
    "latin-2018": _2018,
    "latin-2021": _2021,
    "latin": _INFORMAL,
    "russian": _RUSSIAN,
}

TYPING_WAYS: Final = (*_ALPHABETS, "slip")
"""The ways of typing, by name."""

_WORD = re.compile(r"[^\W\d_]+")
_MIN_SLIP_LETTERS: Final = 5
"""Letters of a word that people mistype without noticing."""

RECALL_DEPTH: Final = 5
"""Where the cost of typing is measured: Recall@5."""


def retype(example: "Example", way: str) -> "Example":
    """Return an example whose question is typed in a way.

    >>> from eval.dataset import Example
    >>> retype(Example("1", "Қай жылы жасалды?", "kk"), "latin").question
    'Qai zhyly zhasaldy?'
    >>> retype(Example("1", "When was it signed?", "en"), "latin").question
    'When was it signed?'
    """
    if way == "slip":
        return replace(example, question=_mistype(example.question))
    if example.language != "kk":
        return example
    return replace(example, question=transliterate(example.question, way))


def transliterate(text: str, way: str) -> str:
    """Spell every letter as it is in a way of typing, other than a slip; what it lacks stays."""
    alphabet = _ALPHABETS[way]
    letters = []
    for letter in text:
        other = alphabet.get(letter.lower(), letter)
        letters.append(other.capitalize() if letter.isupper() and other != letter else other)
    return "".join(letters)


def _mistype(text: str) -> str:
    """Mistype a letter in the middle of the longest word, as the text itself decides."""
    word = max(_WORD.finditer(text), key=lambda match: len(match[0]), default=None)
    if word is None or len(word[0]) < _MIN_SLIP_LETTERS:
        return text
    generator = random.Random(text)
    place = word.start() + generator.randrange(1, len(word[0]) - 2)
    first, second = text[place], text[place + 1]
    swapped, left_out, doubled = second + first, first, first + first + second
    replaced = first + generator.choice(word[0].lower())
    slip = generator.choice([swapped, left_out, doubled, replaced])
    return text[:place] + slip + text[place + 2 :]


def typing_cost(examples: Sequence["Example"], retriever: "Retriever") -> dict[str, Any]:
    """Return what each way of typing costs Kazakh questions that have an answer.

    Returns:
        `{clean, ways: {way: {recall, change}}}`: Recall@5 of the questions as they are and as they
        are typed, and the paired change, each with n and interval; empty if none is Kazakh.
    """
    # The ways of typing are listed for --help, which waits for none of these.
    from eval.metrics.interval import mean, paired_bootstrap
    from eval.metrics.ranking import recall
    from eval.runner import rank, relevant_to

    kazakh = [e for e in examples if e.language == "kk" and e.answerable]
    relevant = {example.id: relevant_to(example, retriever) for example in kazakh}
    kazakh = [example for example in kazakh if relevant[example.id]]
    if not kazakh:
        return {}

    def recalls(asked: Sequence["Example"]) -> list[float]:
        rankings = ((e.id, rank(e, retriever, RECALL_DEPTH)) for e in asked)
        return [
            recall([name for name, _ in ranked], relevant[example_id], RECALL_DEPTH)
            for example_id, ranked in rankings
        ]

    clean = recalls(kazakh)
    by_way = {way: recalls([retype(e, way) for e in kazakh]) for way in TYPING_WAYS}
    return {
        "clean": mean(clean).data(),
        "ways": {
            way: {"recall": mean(typed).data(), "change": paired_bootstrap(clean, typed).data()}
            for way, typed in by_way.items()
        },
    }
