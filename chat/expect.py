"""What kind of thing a question asks for, and whether a sentence holds such a thing.

In: a question; then sentences. Out: kinds, and yes or no. Knows nothing of what a sentence means:
it only looks for a date where a date was asked for, for a number where a number was.
"""

import re
from typing import Final, Literal

Kind = Literal["when", "count"]

# Question words in Kazakh, English and Russian. Kazakh ones take endings, so beginnings suffice.
_ASKS: Final[dict[Kind, re.Pattern[str]]] = {
    "when": re.compile(
        r"""\b(?: қашан | қай\s+(?:жыл|күн|ай\b|айда|уақыт|кез|мезгіл|ғасыр)
        | нешінші\s+(?:жыл|ғасыр)
        | when\b | (?:what|which)\s+(?:year|date|month|day|decade|century|period)s?\b
        | когда\b | как(?:ом|ой|ого|ие)\s+(?:год|месяц|век|числ) )""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "count": re.compile(
        r"""\b(?: қанша | неше(?!нші)
        | how\s+(?:many|much|old|long|large)\b
        | (?:what|which)\s+(?:number|percentage|percent|share|proportion|amount)\b
        | сколько\b | какая\s+дол )""",
        re.IGNORECASE | re.VERBOSE,
    ),
}
_HOLDS: Final[dict[Kind, re.Pattern[str]]] = {
    "when": re.compile(
        r"""\b(?: [12]\d{3}\b | \w+\s+ғасыр | century
        | қаңтар | ақпан | наурыз | сәуір | мамыр | шілде | тамыз | қыркүйек | қараша | желтоқсан
        | january | february | april | june | july | august | september | october | november
        | december | январ | феврал | апрел | июн | июл | август | сентябр | октябр | ноябр
        | декабр )""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "count": re.compile(
        r"""\d | \b(?: екі | үш | төрт | бес | алты | жеті | сегіз | тоғыз | жүз | мың | млн | млрд
        | миллион | миллиард | жарты | two | three | four | five | six | seven | eight | nine | ten
        | hundred | thousand | million | billion | half | два | две | три | четыре | пять | шесть
        | семь | восемь | девять | десять | сто | тысяч | половин )""",
        re.IGNORECASE | re.VERBOSE,
    ),
}


def asked_for(question: str) -> frozenset[Kind]:
    """Return what a question asks for, as far as its question words tell.

    >>> sorted(asked_for("Шарт қай жылы жасалды, неше ел қол қойды?"))
    ['count', 'when']
    """
    return frozenset(kind for kind, pattern in _ASKS.items() if pattern.search(question))


def lacks(kinds: frozenset[Kind], sentence: str) -> int:
    """Count the kinds of things that a sentence does not hold.

    >>> lacks(frozenset({"when"}), "1994 жылғы сәуір айында шартқа қол қойылды.")
    0
    >>> lacks(frozenset({"count"}), "Бұл құжаттың маңызы өте зор.")
    1
    """
    return sum(not _HOLDS[kind].search(sentence) for kind in kinds)
