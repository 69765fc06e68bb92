"""Wordings, compared: is what was said what was expected, and does a quote hold it?

What was said or quoted is held against short answers, each good enough (aliases). A Kazakh word
goes on with suffixes («Назарбаев», «Назарбаевтың»), so an expected word also counts as found in a
longer one: the tolerance. Not understood are meaning, synonyms, stems that change («кітап»,
«кітабы»), numbers in words, and whether a comma separates thousands or decimals. The strict figures
of short answers are in `short_answer`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from unicodedata import normalize

from eval.metrics.case import Case, Figures, Measure, split_answer

if TYPE_CHECKING:  # eval/dataset.py compares wordings itself.
    from eval.dataset import Example

MEASURES: Final = {
    "token_f1": Measure(
        "token F1 of all that is said",
        "Wording",
        "Words of the quotes, or of a model, shared with the best short answer; Kazakh endings"
        " allowed. Low for whole sentences.",
    ),
    "chrf": Measure(
        "chrF of all that is said",
        "Wording",
        "Runs of 1-6 characters shared with the best short answer.",
    ),
    "response_token_f1": Measure(
        "token F1, given response", "Wording", "The same for the responses that came with the set."
    ),
    "response_chrf": Measure(
        "chrF, given response", "Wording", "The same for the responses that came with the set."
    ),
}

MAX_SHORT_ANSWER_WORDS: Final = 10
"""A longer reference is a sentence of its own: nobody quotes it, so it is not looked for."""

MAX_SUFFIX: Final = 8
"""Most letters that a word may go on with and still be the expected one."""

_VARIANTS: Final = str.maketrans(
    dict.fromkeys("«»“”„‟″〝〞＂", '"')
    | dict.fromkeys("‘’‚‛‹›′´`ʼ＇", "'")
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")
)
_SIGNS: Final = "%‰°№$€£₸₽"
_UNCOUNTED: Final = frozenset({"a", "an", "the", *_SIGNS})
_CHARACTER: Final = r"(?:[^\W_][\u0300-\u036f]*+)"
_WORD: Final = re.compile(rf"\d++(?:[.,]\d++)*+{_CHARACTER}*+|{_CHARACTER}++|[{_SIGNS}]")
_APOSTROPHE: Final = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_HYPHEN: Final = re.compile(rf"(?<!\w)(\d++|\w{{2,}}+)-(?=([^\W\d_]{{1,{MAX_SUFFIX}}})(?!\w))")


def figures(case: Case) -> Figures:
    """Return the figures of one answer; none where no wording of an answer is known."""
    example = case.example
    if not example.answerable or not example.answers:
        return {}
    quotes = " ".join(citation.quote for citation in case.answer.citations)
    said = split_answer(case.answer)[0] if case.answer.mode == "llm" else quotes
    values = {
        "token_f1": token_f1(said, example.answers),
        "chrf": chrf(said, example.answers),
    }
    if example.response is not None:
        values["response_token_f1"] = token_f1(example.response, example.answers)
        values["response_chrf"] = chrf(example.response, example.answers)
    return values


def short_answers(example: "Example") -> list[str]:
    """Return the answers that are short enough to be looked for in a quote."""
    return [a for a in example.answers if len(a.split()) <= MAX_SHORT_ANSWER_WORDS]


def normalised(text: str) -> str:
    """Return N(text): how a text reads, whatever its code points.

    NFC, white space collapsed to one space and none at the ends, variants of quotation marks,
    apostrophes and dashes folded; nothing else, so case, letters and digits stay. Empty gives
    empty.
    """
    return " ".join(normalize("NFC", text).translate(_VARIANTS).split())


def folded(text: str) -> str:
    """Return the words of a text, in lower case, with one space between them; perhaps none.

    A word is a run of letters and digits; all that stands between words is left out, but % ‰ ° №
    and signs of currency are words. A decimal comma is a point. Inside a word apostrophes are left
    out, and so is the hyphen before the suffix of digits or capitals.

    >>> folded("«Қазақ елі» – 1,5 млн., 25-ші, НАТО-ның, әскери-саяси")
    'қазақ елі 1.5 млн 25ші натоның әскери саяси'
    """
    return " ".join(_words(text))


def token_f1(said: str, answers: Sequence[str]) -> float:
    """Return the F1 of the words said against those of the best answer, 0 to 1.

    F1 = 2PR / (P + R) = 2m / (|said| + |answer|), m = most pairs of a word said and a word of the
    answer that is found in it, each in one pair at most. An expected word is found in one that
    begins with it and goes on with at most MAX_SUFFIX letters; words are those of `folded`, less
    English articles and signs. Where no answer has a word, saying nothing is right; else it is
    wrong.

    Args:
        said: What was said.
        answers: Short answers, each good enough.
    """
    words = _answer_words(said)
    return max(_f1(words, expected) for expected in _expected(answers))


def chrf(said: str, answers: Sequence[str]) -> float:
    """Return chrF2 against the best answer, 0 to 1.

    chrF = (1 + β²) · P · R / (β² · P + R), β = 2; P and R are precision and recall of character
    n-grams without white space, averaged over those n = 1..6 that both texts are long enough for.
    Popović 2015, doi:10.18653/v1/W15-3049; as sacrebleu 2.6.0 computes it for a sentence, divided
    by 100. Case and punctuation count; spelling is NFC. Nothing said or nothing expected gives 0.
    """
    plain = normalize("NFC", said)
    return max((_chrf(plain, normalize("NFC", answer)) for answer in answers), default=0.0)


def contains_answer(quote: str, answers: Sequence[str]) -> bool:
    """Say whether a quote holds an answer: its words, in a row, each found with the tolerance.

    Words are those of `folded`; each may go on with at most MAX_SUFFIX letters. So "25" is in "25%"
    and "25-і", not in "250", "1925" or "2.5"; "25%" is not in "25 мың". An answer without a word is
    ignored; an empty quote holds nothing.

    Args:
        quote: Text of a document.
        answers: Short answers, each good enough.
    """
    words = _words(quote)
    return any(_in_a_row(words, _words(answer)) for answer in answers)


def _words(text: str) -> list[str]:
    plain = normalize("NFC", _HYPHEN.sub(_drop_suffix_hyphen, normalised(text)).casefold())
    return [word.replace(",", ".") for word in _WORD.findall(_APOSTROPHE.sub("", plain))]


def _drop_suffix_hyphen(match: re.Match[str]) -> str:
    """Drop the hyphen of «25-ші» and «НАТО-ның», keep that of «әскери-саяси» and "Asia-Pacific"."""
    before, after = match.groups()
    marks_suffix = before.isdigit() or (before.isupper() and after.islower())
    return before if marks_suffix else match[0]


def _answer_words(text: str) -> list[str]:
    return [word for word in _words(text) if word not in _UNCOUNTED]


def _expected(answers: Sequence[str]) -> list[list[str]]:
    """Return the words of each answer that has any; without one, nothing is expected."""
    return [words for answer in answers if (words := _answer_words(answer))] or [[]]


def _is_found(expected: str, word: str) -> bool:
    """Say whether a word is the expected one, or goes on with at most MAX_SUFFIX letters."""
    rest = word[len(expected) :]
    return word.startswith(expected) and (not rest or (len(rest) <= MAX_SUFFIX and rest.isalpha()))


def _same(words: Sequence[str], expected: Sequence[str]) -> bool:
    return len(words) == len(expected) and all(map(_is_found, expected, words))


def _in_a_row(words: Sequence[str], expected: Sequence[str]) -> bool:
    n = len(expected)
    starts = range(len(words) - n + 1)
    return n > 0 and any(_same(words[start : start + n], expected) for start in starts)


def _f1(words: Sequence[str], expected: Sequence[str]) -> float:
    if not words or not expected:
        return float(not words and not expected)
    return 2 * _pairs(words, expected) / (len(words) + len(expected))


def _pairs(words: Sequence[str], expected: Sequence[str]) -> int:
    """Return how many expected words are found, each in a word of its own.

    The longest expected word first takes the longest word it is found in: no shorter one has more
    use for that, so the count is the highest there is.
    """
    left = sorted(words, key=len, reverse=True)
    for expected_word in sorted(expected, key=len, reverse=True):
        taken = next((word for word in left if _is_found(expected_word, word)), None)
        if taken is not None:
            left.remove(taken)
    return len(words) - len(left)


def _chrf(said: str, answer: str) -> float:
    precisions, recalls = [], []
    for n in range(1, 7):
        ours, theirs = _ngrams(said, n), _ngrams(answer, n)
        if ours and theirs:
            shared = (ours & theirs).total()
            precisions.append(shared / ours.total())
            recalls.append(shared / theirs.total())
    if not any(precisions):
        return 0.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 5 * precision * recall / (4 * precision + recall)


def _ngrams(text: str, n: int) -> Counter[str]:
    bare = "".join(text.split())
    return Counter(bare[start : start + n] for start in range(len(bare) - n + 1))
