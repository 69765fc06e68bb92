"""The question as it is sent by a person or a program: checked, cleaned, and cut into its parts.

"How large is the country, and what does its place require of it?" has two answers, often in two
documents, and no sentence holds both (question decomposition: Min et al. 2019, arXiv:1906.02916).
"""

import re
import unicodedata
from typing import Final

from index.analysis.lexicon import stopwords
from ingest.document import Language
from ingest.errors import QuestionError

MAX_CHARACTERS: Final = 2_000
"""Longest question that is accepted: a question is a sentence or a few."""

# Control characters, lone surrogates and noncharacters: models and terminals fail on them. They
# become spaces, like line ends, tabs and all other white space.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# They have no width and no meaning in a question: soft hyphen, zero-width space, byte order mark,
# and the marks of writing direction, which can show a text in another order than it has. The
# zero-width joiners stay: Arabic and Indian scripts are spelt with them.
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def understand(raw: str) -> str:
    r"""Return a question ready for searching: NFC, on one line, without invisible characters.

    >>> understand("  Абай\x00 кім?\n")
    'Абай кім?'

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    _refuse_long(raw)
    visible = _INVISIBLE.sub("", _CONTROL.sub(" ", raw))
    text = " ".join(unicodedata.normalize("NFC", visible).split())
    _refuse_long(text)  # NFC makes some letters of other scripts longer.
    if not text:
        raise QuestionError("the question is empty", hint="ask one, in Kazakh, English or Russian")
    if not any(character.isalnum() for character in text):
        raise QuestionError(
            f"the question {text!r:.60} has no letter and no digit", hint="ask one in words"
        )
    return text


def _refuse_long(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(text):,} characters, expected at most {MAX_CHARACTERS:,}",
            hint="ask a shorter one",
        )


# --- two questions in one -----------------------------------------------------------------------
#
# It is cut at a conjunction or a stop between two parts that each have a question word and two
# other words, one of which carries a topic; an English or Russian part also starts with its
# question word, or with a preposition before it, since there they join clauses, too ("the man who
# …, and who …"). Question words, like prepositions, are few in each language and do not grow.

MAX_PARTS: Final = 3
"""Parts at most: each takes as long to answer as a question."""

_CUTS: Final[dict[Language, str]] = {
    "kk": r"және|әрі|ал|бірақ",
    "en": r"and|but",
    "ru": r"и|а|но",
}
_QUESTION_WORDS: Final[dict[Language, str]] = {
    "kk": r"кім\w*|не|нені\w*|неге|неден|немен|нелер\w*|нендей|неше\w*|нешінші\w*|неліктен"
    r"|қай|қайда|қайдан|қайсы\w*|қалай|қалайша|қандай|қанша\w*|қашан\w*",
    "en": r"who|whom|whose|what|which|when|where|why|how",
    "ru": r"кто|кого|кому|кем|ком|что|чего|чему|чем|чём|чей|чья|чьё|чье|чьи|как|когда|где|куда"
    r"|откуда|почему|зачем|сколько|как(?:ой|ая|ое|ие|ого|ому|им|ом|ую|их|ими)"
    r"|скольк(?:их|им|ими)|котор(?:ый|ая|ое|ые|ого|ому|ом|ую)",
}
PREPOSITIONS: Final[dict[Language, str]] = {
    "kk": "",
    "en": r"about|after|at|before|between|by|during|for|from|in|into|of|on|since|than|to|under"
    r"|until|with|within",
    "ru": r"без|в|во|для|до|за|из|из-за|к|ко|на|над|о|об|обо|от|перед|по|под|при|про|с|со|у|через",
}
_WORD: Final = re.compile(r"[^\W_]+")


def decompose(question: str, language: Language) -> list[str]:
    """Cut a question into the parts that it asks; itself alone, if it asks one thing.

    Args:
        question: The question, as `understand` returns it.
        language: Its language.

    Returns:
        At most `MAX_PARTS` parts; the last one has the rest.

    >>> decompose("Шетелде қанша өкілдік бар және қандай мақсат қойылған?", "kk")
    ['Шетелде қанша өкілдік бар', 'қандай мақсат қойылған?']
    >>> decompose("How many dams are there, and in which year was the last one built?", "en")
    ['How many dams are there', 'in which year was the last one built?']
    >>> decompose("When and where was Abai born?", "en")
    ['When and where was Abai born?']
    """
    parts = [question]
    for cut in _cuts(question, language):
        end = len(question) - len(parts[-1])
        before, after = question[end : cut.start()], question[cut.end() :]
        if len(parts) == MAX_PARTS:
            break
        two = before.strip(" ,;"), after
        if all(asks(part, language) for part in two) and not _shares_verb(*two):
            parts[-1:] = two
    return parts


def _cuts(question: str, language: Language) -> list[re.Match[str]]:
    pattern = rf"\s*[,;]?\s+(?:{_CUTS[language]})\s+|(?<=\?)\s+|;\s+"
    return list(re.finditer(pattern, question, re.IGNORECASE))


def asks(part: str, language: Language) -> bool:
    """Return whether a part has a question word where it must stand, and something to ask for."""
    words = _QUESTION_WORDS[language]
    if language == "kk":
        asking = re.search(rf"(?<!\w)(?:{words})(?!\w)", part, re.IGNORECASE)
    else:
        front = rf"(?:(?:{PREPOSITIONS[language]})\s+)?"
        asking = re.match(rf"{front}(?:{words})(?!\w)", part, re.IGNORECASE)
    if not asking:
        return False
    others = _WORD.findall(part[: asking.start()] + part[asking.end() :])
    # "In which year" alone has no verb of its own.
    return len(others) > 1 and any(word.casefold() not in stopwords(language) for word in others)


def _shares_verb(first: str, second: str) -> bool:
    """Return whether two Kazakh parts have one verb: «ол қай жылы» and «қай жерде туды?»."""
    which = "қай|қандай|неше|қанша|нешінші"
    return bool(
        re.search(rf"(?<!\w)(?:{which})\s+\w+$", first, re.IGNORECASE)
        and re.match(rf"(?:{_QUESTION_WORDS['kk']})(?!\w)", second, re.IGNORECASE)
    )
