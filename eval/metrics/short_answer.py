"""The short answer, held against the known ones as SQuAD does: exact match and token F1.

Rajpurkar et al. 2016, arXiv:1606.05250: case and punctuation do not count, nor do articles in
English, and of several known answers the best counts. Texts are NFKC first. Both are strict: a
Kazakh word with another ending is another word, and figures can be held against those published.
F1 of stems is the same with endings taken off.
"""

import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from eval.dataset import Example
from eval.metrics.case import Case, Figures, Measure
from index.analysis.stemmer import stem

MEASURES: Final = {
    "short_answer_exact": Measure(
        "short answer, exact match",
        "Short answer",
        "The short answer is a known one, but for case and punctuation.",
    ),
    "short_answer_f1": Measure(
        "short answer, token F1", "Short answer", "Words shared with the best of the known answers."
    ),
    "short_answer_stem_f1": Measure(
        "short answer, F1 of stems", "Short answer", "The same without Kazakh endings."
    ),
}

_ARTICLES: Final = frozenset({"a", "an", "the"})


def figures(case: Case) -> Figures:
    """Return the figures of one answer; none where there is no short answer to expect.

    None where yes or no is asked, which no document says in these words, and where a language model
    writes: it gives no short answer. A refusal has none of the words.
    """
    example, answer = case.example, case.answer
    known = reference_answers(example)
    if not example.answerable or not known or case.has_llm or "yes-no" in example.tags:
        return {}
    english = bool(answer.citations) and answer.citations[0].language == "en"
    said, expected = words(answer.short_answer, english), [words(one, english) for one in known]
    return {
        "short_answer_exact": _best(said, expected, exact_match),
        "short_answer_f1": _best(said, expected, token_f1),
        "short_answer_stem_f1": _best(
            [*map(stem, said)], [[*map(stem, one)] for one in expected], token_f1
        ),
    }


def reference_answers(example: Example) -> list[str]:
    """Return the short answers that are each good enough.

    Where all gold sentences are needed, a set names the parts, then one answer that holds them all
    (eval/sets/README.md): a part alone is not enough, all parts together are.
    """
    *parts, whole = example.answers or ("",)
    if example.need == "all" and parts:
        return [whole, " ".join(parts)]
    return list(example.answers)


def words(text: str, english: bool = False) -> list[str]:
    """Return what of a text is compared: its words, NFKC, case-folded, without punctuation.

    Punctuation is what Unicode or ASCII has as such. It is left out, not put a space for, as in
    SQuAD: «НАТО-ның» is one word.

    Args:
        text: A short answer.
        english: Whether it is English, or held against English: articles are left out.

    >>> words("«Қазақ елі», НАТО-ның 25%-ы"), words("The Irtysh.", english=True)
    (['қазақ', 'елі', 'натоның', '25ы'], ['irtysh'])
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(char for char in plain if not _is_punctuation(char))
    bare = unicodedata.normalize("NFKC", bare)  # A letter may now meet its accent.
    return [word for word in bare.split() if not (english and word in _ARTICLES)]


def exact_match(said: Sequence[str], expected: Sequence[str]) -> float:
    """Return 1.0 if the words are the same in the same order, else 0.0."""
    return float([*said] == [*expected])


def token_f1(said: Sequence[str], expected: Sequence[str]) -> float:
    """Return F1 = 2PR / (P + R) = 2 · shared / (|said| + |expected|) of words, 0 to 1.

    A word that is repeated is shared as often as both have it. Where there are no words, nothing
    said is right, as in SQuAD 2.0, arXiv:1806.03822.
    """
    if not said or not expected:
        return float(not said and not expected)
    shared = (Counter(said) & Counter(expected)).total()
    return 2 * shared / (len(said) + len(expected))


def _best(
    said: Sequence[str],
    expected: Sequence[Sequence[str]],
    score: Callable[[Sequence[str], Sequence[str]], float],
) -> float:
    return max(score(said, one) for one in expected)


def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")
