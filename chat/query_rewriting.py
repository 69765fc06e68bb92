"""Follow-up questions, rewritten so that they can be understood without the previous ones.

A question is a follow-up if it opens like one («ал», "and", "what about", «а», …), ends like one
(«… ше?»), says only what is asked for ("When?", «Неге?»), or has a pronoun that refers back (it,
they, ол, он, …). Then
  1. if it is a year, or a name with the same case ending or preposition as a name in the previous
     question («Қытаймен» and «Ресеймен», "with China" and "with Russia"), it replaces that one;
  2. else the previous question is put before it, and both together are searched for.
If there is a language model, it is tried first. It sees the questions, never a document, and its
text is used only if it is one question in the same language without any number, date or name that
is not in the questions; else the rule above decides. The user always sees the rewritten question.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

from chat.facts import missing_facts
from chat.llm import LLM, Deadline, LLMFailure, stream_text
from chat.question import MAX_CHARACTERS
from index.analysis.lexicon import concepts_in
from ingest.document import Language
from ingest.language import detect
from prompts.render import render

_MAX_FOLLOW_UP_WORDS: Final = 8
"""Most words of a follow-up: a longer question is complete."""

_MIN_COMPLETE_WORDS: Final = 4
"""Fewest words of a question that is taken as complete without asking the model."""

_OPENINGS: Final = re.compile(
    r"(?:ал\s+енді|ал|сонда|сонымен\s+қатар|онда|енді"
    r"|and\s+what\s+about|and\s+how\s+about|what\s+about|how\s+about|and|but|then"
    r"|а\s+что\s+насч[её]т|а\s+как\s+насч[её]т|как\s+насч[её]т|а\s+что|а\s+как|а|и|но)"
    r"(?=[\s,?!]|\Z)[\s,]*",
    re.IGNORECASE,
)
_ENDINGS: Final = re.compile(r"[\s,]+(?:ше|then|too|тоже|же)\s*[?!.…]*\s*$", re.IGNORECASE)

# Pronouns that refer to an earlier question, by language: «он» is "ten" in Kazakh. They may also
# refer to words of the same question, so one that has a name (a capital letter) is no follow-up.
_PRONOUNS: Final[dict[Language, frozenset[str]]] = {
    "kk": frozenset(
        "ол оның оған оны онда одан онымен олар олардың оларға олармен бұл бұның мұны".split()
    ),
    "en": frozenset("it its they them their he his him she her this these those".split()),
    "ru": frozenset(
        "он она оно они его её ее их ему ей им ними ним ней это этого этот эта там".split()
    ),
}

# Words that by themselves say what is asked for, and nothing of what: «Қашан?», "Since when?".
_ASKING: Final = frozenset(
    "қашан қашаннан қайда қайдан қайсысы неге неліктен кім кімге кімнен кіммен кімнің кімді не"
    " немен неден қалай қалайша қанша неше қандай қай жылы жылдан күні айда уақытта мақсатпен үшін"
    " нақты"
    " when where why how who whom whose which what many much long far often year exactly since"
    " until by for from to in at"
    " когда где куда откуда почему зачем кто кого кому кем чей чья чьё что чего чем как какой"
    " какая какие каком сколько году именно с до от из для в на".split()
)
_MAX_ASKING_WORDS: Final = 4
"""Most words of a question that says only what is asked for: "And since what year exactly?"."""

_CONJUNCTIONS: Final = frozenset("мен бен пен және and or и или".split())

# Case endings of Kazakh, one case a line, longest first, since the first match counts; a name may
# replace another one in the same case.
_CASE_ENDINGS: Final = (
    ("мен", "бен", "пен"),
    ("ның", "нің", "дың", "дің", "тың", "тің"),
    ("нан", "нен", "дан", "ден", "тан", "тен"),
    ("нда", "нде", "да", "де", "та", "те"),
    ("ға", "ге", "қа", "ке", "на", "не"),
    ("ны", "ні", "ды", "ді", "ты", "ті"),
)
_POSSESSIVE_ENDINGS: Final = ("ы", "і")
_ADJECTIVE_ENDINGS: Final = ("лық", "лік", "дық", "дік", "тық", "тік")
_PREPOSITIONS: Final = frozenset(
    "with in on at by for from to of against between under during into"
    " с в на от из к о по для при про против между".split()
)
# Russian prepositions that gain a vowel before some words.
_FULL_PREPOSITIONS: Final = {"во": "в", "со": "с", "об": "о", "обо": "о", "ко": "к"}
_CAPITAL: Final = "[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]"
_NAME: Final = rf"{_CAPITAL}[\w-]*(?:\s+{_CAPITAL}[\w-]*)*"
_NAME_WITH_ARTICLE: Final = rf"(?:the\s+)?{_NAME}"
_YEAR: Final = r"(?<!\d)(?:1\d|20)\d\d(?!\d)"
_YEAR_ALONE: Final = re.compile(
    rf"(?:in\s+|в\s+)?({_YEAR})(?:-\w{{1,3}})?(?:\s+(?:жылы|жылғы|году|год|г))?\.?", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def standalone(question: str, earlier: Sequence[str]) -> str:
    """Rewrite a follow-up question by the rule; other questions are returned as they are.

    Args:
        question: The question, as the user wrote it.
        earlier: The questions before it, rewritten, oldest first.

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
    previous = earlier[-1]
    phrase = _ENDINGS.sub("", _without_opening(composed)).strip(" \t\n?!.…,")
    replaced = _replace_like(phrase, previous) if phrase and not _only_asks(phrase) else None
    rewritten = replaced or f"{previous} {composed.strip()}"
    return rewritten if len(rewritten) <= MAX_CHARACTERS else question


def is_follow_up(question: str) -> bool:
    """Return whether a question depends on the previous one."""
    words = _WORD.findall(question)
    if not words or len(words) > _MAX_FOLLOW_UP_WORDS:
        return False
    if _without_opening(question) != question.strip() or _ENDINGS.search(question):
        return True
    return _only_asks(question) or refers_back(question)


def refers_back(question: str) -> bool:
    """Return whether a question has a pronoun that no name of its own explains."""
    words = _WORD.findall(question)
    named = any(word[0].isupper() and word != "I" for word in words[1:])
    pronouns = _PRONOUNS[detect(question)]
    folded = [word.casefold() for word in words]
    # After "and" a pronoun refers to the words before that.
    return not named and any(
        word in pronouns and before not in _CONJUNCTIONS for before, word in pairwise(["", *folded])
    )


def _only_asks(question: str) -> bool:
    """Return whether a question says nothing but what is asked for, as "When?" does."""
    words = [word.casefold() for word in _WORD.findall(question)]
    return 0 < len(words) <= _MAX_ASKING_WORDS and _ASKING.issuperset(words)


def may_be_follow_up(question: str) -> bool:
    """Return whether a question may depend on the previous one, so that a model should decide."""
    words = [word.casefold() for word in _WORD.findall(question)]
    pronouns = _PRONOUNS[detect(question)]
    is_short = len(words) < _MIN_COMPLETE_WORDS
    return is_follow_up(question) or is_short or not pronouns.isdisjoint(words)


def _without_opening(question: str) -> str:
    """Return a question without the opening words that mark it as a follow-up."""
    stripped = question.strip()
    opening = _OPENINGS.match(stripped)
    return stripped[opening.end() :] if opening else stripped


def _replace_like(phrase: str, previous: str) -> str | None:
    """Return the previous question with its year or name replaced by the phrase.

    None if the phrase is more than a year or a name, or the question has none like it.
    """
    years = set(re.findall(_YEAR, previous))
    year = _YEAR_ALONE.fullmatch(phrase)
    if year and len(years) == 1:
        return re.sub(_YEAR, year[1], previous)
    replace = _replace_by_case if detect(previous) == "kk" else _replace_by_preposition
    return replace(phrase, previous)


def _replace_by_case(phrase: str, previous: str) -> str | None:
    """Replace «Ресеймен» with «Қытаймен»: the last name that has the same case as the phrase.

    Of capitalised words in a row only the last one is replaced, unless its own ending or that of
    the word before shows that they are one name: «Ресей Федерациясымен», «Еуропалық Одақпен».
    """
    case = _case_of(phrase)
    if not re.fullmatch(_NAME, phrase) or case is None or phrase.casefold() in _uninflected():
        return None
    names = [
        match
        for match in re.finditer(_NAME, previous)
        if _case_of(match[0]) == case and match[0].casefold() not in _uninflected()
    ]
    if not names:
        return None
    start, end = names[-1].span()
    *first_words, last = names[-1][0].split()
    is_one_name = _stem(last).endswith(_POSSESSIVE_ENDINGS) or (
        bool(first_words) and first_words[-1].endswith(_ADJECTIVE_ENDINGS)
    )
    if first_words and not is_one_name:
        start = end - len(last)
    return previous[:start] + phrase + previous[end:]


def _case_of(name: str) -> int | None:
    """Return a Kazakh name's case, a row of `_CASE_ENDINGS`; None if it has no ending, or no stem.

    >>> _case_of("Қытаймен") == _case_of("Ресеймен"), _case_of("мен")
    (True, None)
    """
    folded = name.casefold()
    for number, endings in enumerate(_CASE_ENDINGS):
        if folded.endswith(endings) and len(folded) > len(endings[0]) + 2:
            return number
    return None


def _stem(name: str) -> str:
    """Return a name, case-folded, without its case ending."""
    folded = name.casefold()
    case = _case_of(name)
    endings = () if case is None else sorted(_CASE_ENDINGS[case], key=len, reverse=True)
    return folded.removesuffix(next((e for e in endings if folded.endswith(e)), ""))


@cache
def _uninflected() -> frozenset[str]:
    """Return the Kazakh words of the glossary: «Канада» has no case ending, though it looks so."""
    return frozenset(word.casefold() for words in concepts_in("kk") for word in words)


def _replace_by_preposition(phrase: str, previous: str) -> str | None:
    """Replace "with Russia" with "with China": the last name with the same preposition."""
    first, _, name = phrase.partition(" ")
    preposition = _FULL_PREPOSITIONS.get(first.casefold(), first.casefold())
    if preposition not in _PREPOSITIONS or not re.fullmatch(_NAME_WITH_ARTICLE, name):
        return None
    full = [full for full, short in _FULL_PREPOSITIONS.items() if short == preposition]
    variants = "|".join([preposition, *full])
    phrases = list(re.finditer(rf"(?<!\w)(?i:{variants})\s+({_NAME_WITH_ARTICLE})", previous))
    if not phrases:
        return None
    start, end = phrases[-1].span()
    first_letter = phrase[0].upper() if start == 0 else phrase[0].lower()
    return previous[:start] + first_letter + phrase[1:] + previous[end:]


# --- rewriting by a language model ----------------------------------------------------------------

EARLIER_QUESTIONS: Final = 3
"""Earlier questions that the model sees: the subject is mostly in the last one."""

REWRITE_SECONDS: Final = 10.0
"""Most seconds for rewriting, out of the time for the answer; the rule needs none."""

MAX_REWRITE_CHARACTERS: Final = 400
"""Characters that are read of the model's text."""


def rewrite_query(
    question: str, earlier: Sequence[str], llm: LLM | None, deadline: Deadline | None = None
) -> str:
    """Rewrite a follow-up question, by the model if there is one; others are returned as they are.

    Args:
        question: The question, as the user wrote it.
        earlier: The questions before it, rewritten, oldest first.
        llm: The language model; None for the rule alone.
        deadline: Until when the model is read; None for the time that its settings allow.
    """
    by_rule = standalone(question, earlier)
    if llm is None or not earlier or not may_be_follow_up(question):
        return by_rule
    language = detect(f"{question} {earlier[-1]}" if len(question.split()) < 3 else question)
    recent = list(earlier[-EARLIER_QUESTIONS:])
    prompt = (
        render("standalone", language),
        render("earlier", language, earlier=recent, question=question),
    )
    text = ""
    try:
        limit = (deadline or llm.deadline()).at_most(REWRITE_SECONDS)
        for piece in stream_text(llm.model, prompt, limit):
            text += piece
            if len(text) > MAX_REWRITE_CHARACTERS:
                break
    except LLMFailure:
        return by_rule
    rewritten = text.strip().strip("\"'«»“”").strip()
    return rewritten if _is_acceptable(rewritten, [*recent, question], language) else by_rule


def _is_acceptable(rewritten: str, questions: Sequence[str], language: Language) -> bool:
    """Return whether a model's text is one question, with no facts that are not in the others."""
    if not 0 < len(rewritten) <= min(MAX_REWRITE_CHARACTERS, MAX_CHARACTERS) or "\n" in rewritten:
        return False
    if not rewritten.endswith("?") or detect(rewritten) != language:
        return False
    return not missing_facts(rewritten, language, [(question, language) for question in questions])
