"""A question from a sentence: the year or the number that it states is what is asked.

In goes a sentence of a document, out comes the question that it answers, or nothing, where the
sentence is not plain enough to be turned. In Kazakh the question word stands where the answer
stood; in Russian the phrase with it comes first; in English the auxiliary follows it. Question
words, auxiliaries and prepositions are few in each language and do not grow. What is made here may
still read badly or be nonsense: it is for the reader to say whether it finds the same answer again
(chat/suggested_questions.py).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from chat.question import PREPOSITIONS
from index.analysis.entities.dates import month_of
from index.analysis.lexicon import concepts, stopwords
from ingest.document import Language

MIN_WORDS: Final = 4
"""A shorter sentence says too little of what it is about."""

MAX_CHARACTERS: Final = 110
"""A longer sentence makes no question that is read at a glance: two lines on a telephone."""

_NOT_PLAIN: Final = re.compile(
    r"[,;:()\[\]{}<>«»“”„\"|/\\*_=#@?!…—–№%$€₸\r\n]|\s-\s|\d[.,:-]\d|\b[^\W\d_]\."
)
"""Signs of a list, markup, an abbreviation or a quotation: turned, it would not read."""

_END: Final = re.compile(r"\s*\.\s*$")
_FIGURE: Final = r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)"
_YEAR: Final = r"(?:1\d|20)\d\d"
_ARTICLES: Final = frozenset(("the", "a", "an"))
_CONNECTIVES: Final = frozenset(
    "сондықтан сонымен тіпті нәтижесінде керісінше дегенмен кейін кейінірек мысалы"
    " however therefore thus later then moreover meanwhile finally"
    " поэтому однако затем потом позже например кроме наконец".split()
)
"""Words, besides stop words, that tie a sentence to the one before."""


@dataclass(frozen=True, slots=True)
class ClozeQuestion:
    """A question made of a sentence.

    Attributes:
        text: The question.
        answer: The figure in the sentence that it asks for.
    """

    text: str
    answer: str


def cloze_question(
    sentence: str, language: Language, small: Collection[str] = ()
) -> ClozeQuestion | None:
    """Return the question that a sentence answers with a year or a number; None if none is made.

    Args:
        sentence: The sentence.
        language: Its language.
        small: Words that its document has in small letters: where one of them begins the sentence,
            its capital is the sentence's and no name's.

    >>> cloze_question("Аудандық кітапхана 1957 жылы ашылды.", "kk").text
    'Аудандық кітапхана қай жылы ашылды?'
    >>> cloze_question("Районная библиотека открылась в 1957 году.", "ru", {"районная"}).text
    'В каком году районная библиотека открылась?'
    >>> cloze_question("The district library was opened in 1957.", "en").text
    'In what year was the district library opened?'
    """
    plain = normalize("NFC", _END.sub("", sentence).strip())
    figures = re.findall(_FIGURE, plain)
    fits = len(plain) <= MAX_CHARACTERS and len(plain.split()) >= MIN_WORDS
    if not fits or len(figures) != 1 or _NOT_PLAIN.search(plain) or not plain[0].isupper():
        return None
    first = plain.split()[0]
    if _leans(first, language) or _before_month(plain, language):
        return None
    if language != "kk" and _is_common(first, language, small):  # In Kazakh it stays first.
        plain = plain[0].lower() + plain[1:]
    text = {"kk": _kazakh, "ru": _russian, "en": _english}[language](plain)
    return ClozeQuestion(f"{text[0].upper()}{text[1:]}?", figures[0]) if text else None


def _leans(first: str, language: Language) -> bool:
    """Say whether a sentence begins with «Ол», "This" or «Поэтому», and leans on the one before."""
    word = first.casefold()
    if re.fullmatch(PREPOSITIONS[language], word) or word in _ARTICLES:
        return False
    return word in stopwords(language) or word in _CONNECTIVES


def _before_month(plain: str, language: Language) -> bool:
    """Say whether the figure is the day of a month, or the year of one."""
    words = re.findall(r"(?:(\w+)\s+)?\d+\S*(?:\s+(\w+))?(?:\s+(\w+))?", plain)
    return any(month_of(word, language) for found in words for word in found if word)


def _is_common(word: str, language: Language, small: Collection[str]) -> bool:
    """Say whether a word is no name: it is written small elsewhere, or is general vocabulary."""
    folded = word.casefold()
    known = folded in small or folded in stopwords(language) or bool(concepts(folded, language))
    return known and not word[1:].isupper()


def _kazakh(plain: str) -> str:
    """Put the question word in the place of the figure: «1957 жылы» becomes «қай жылы»."""
    year = re.search(rf"(?<!\S){_YEAR}(?=\s+жыл)", plain)
    number = re.search(rf"(?<!\S){_FIGURE}(?=\s+[^\W\d_]{{2,}})", plain)
    if not (found := year or number):
        return ""
    return f"{plain[: found.start()]}{'қай' if year else 'неше'}{plain[found.end() :]}"


_FROM_FIVE: Final = r"(?:[\d\s]*1\d|[\d\s]*[05-9])(?!\d)"
"""Numbers after which a Russian noun has the form that it has after «сколько»."""

_OBLIQUE: Final = ("ам", "ям", "ами", "ями", "ах", "ях")
"""Ends of Russian nouns in the cases in which «сколько» would change as well."""


def _russian(plain: str) -> str:
    """Put what is asked first: «в каком году», «сколько сотрудников»."""
    year = re.search(rf"(?<!\S)[вВ]\s+{_YEAR}\s+году(?!\w)", plain)
    number = re.search(
        rf"(?<!\S)(?:(?P<before>{PREPOSITIONS['ru']})\s+)?{_FROM_FIVE}\s+(?P<noun>[а-яё]{{3,}})",
        plain,
        re.IGNORECASE,
    )
    if not (found := year or number) or _is_bound(plain[: found.start()], "ru"):
        return ""
    asked = "в каком году"
    if not year:
        before, noun = found["before"] or "", found["noun"]
        if noun.endswith(_OBLIQUE):
            return ""
        asked = f"{before} сколько {noun}"
    return " ".join(f"{asked} {plain[: found.start()]} {plain[found.end() :]}".split())


def _is_bound(before: str, language: Language) -> bool:
    """Say whether the word before a figure limits it and must stay there: «не более 10 дней»."""
    last = before.split()[-1:]
    return bool(last) and last[0].casefold() in stopwords(language)


_AUXILIARY: Final = r"was|were|is|are|has|have|had|will|can|may|must|should|would"
_CLAUSE: Final = r"(?<!\S)(?:that|which|who|and|but|if|when|where|because|since)(?!\S)"


def _english(plain: str) -> str:
    """Put what is asked first and the auxiliary after it; without an auxiliary there is nothing."""
    auxiliary = re.search(rf"(?<=\s)(?:{_AUXILIARY})(?=\s)", plain)
    year = re.search(rf"(?<=\s)in\s+{_YEAR}(?!\w)", plain)
    number = re.search(
        rf"(?<=\s)(?P<before>{PREPOSITIONS['en']})\s+{_FIGURE}\s+(?P<noun>[a-z]{{3,}})(?!\w)", plain
    )
    found = year or number
    if not auxiliary or not found or found.start() < auxiliary.end():
        return ""
    subject = plain[: auxiliary.start()]
    if re.search(_CLAUSE, subject) or _is_bound(plain[auxiliary.end() : found.start()], "en"):
        return ""
    asked = "in what year" if year else f"{found['before']} how many {found['noun']}"
    rest = f"{plain[auxiliary.end() : found.start()]} {plain[found.end() :]}"
    return " ".join(f"{asked} {auxiliary[0]} {subject} {rest}".split())
