"""Abbreviations of Kazakh, Russian and English, and what a full stop after each can mean.

In: a dotted piece of text such as "т.б" or "Mr" (without its last full stop).
Out: one Ending, or None for what is no known abbreviation; the words that only start sentences.
It does not know the context: the segmenter looks at what follows and decides.

Every choice here leans one way: a wrong merge only makes a passage longer, a wrong split leaves a
fragment that nobody can check. So an abbreviation is given the most reluctant class that still
lets ordinary sentences end.
"""

import re
from enum import Enum, auto
from functools import lru_cache
from unicodedata import combining, normalize


class Ending(Enum):
    """What it takes for a full stop after an abbreviation to end the sentence."""

    NEVER = auto()
    """Stands before a name, a title of a work or a clause: nothing makes it an end."""
    FUNCTION_WORD = auto()
    """Ends before a capitalised function word only: «1994 ж. Бұл», not «1994 ж. Қазақстан»."""
    CAPITAL = auto()
    """Closes a list or a phrase: ends before any capital letter, «және т.б. Қазақстан»."""
    UNLESS_NUMBER = auto()
    """Also a whole word: an abbreviation before a digit ("No. 5"), else like any other word."""
    INITIAL = auto()
    """One capital letter: before a name, unless a function word of three letters or more follows
    (shorter ones are surnames too: "K. He")."""


# Titles and openers. A capital letter after them is a name or a title ("e.g. The Economist").
_NEVER = """
    Mr Mrs Ms Messrs Mme Dr Prof Gen Col Sen Rep Hon Lt Capt Maj Sgt Adm Cmdr Gov Pres Amb Rev Mt
    vs v.s e.g i.e cf viz approx ca p pp
    Sh Ch Zh Kh Yu Ya Ts Дж Др
    акад проф доц т.е т.к т.н т.ч напр св о
"""

# ж., г., ғ. follow a year or a century and a name often comes next in the same sentence
# («1994 ж. Қазақстан», «в 1992 г. Назарбаев», «XV ғ. Қазақ хандығы»); г. is also a city.
# млн. and the like: «10 млн. АҚШ доллары». мыс., бет., көш., рис., им., см. are whole words as
# well (copper, face, caravan, rice, "to them", centimetre), so a function word may follow them.
_FUNCTION_WORD = """
    ж жж ғ ғғ б.з.б б.з қ обл ауд көш даң мкр респ бет мыс ред құраст шығ т.ғ.д т.ғ.к
    млн млрд трлн тыс мин сек сағ чел долл род
    г гг в вв н.э до.н.э пр им ул пер пл д с стр рис см табл гл разд прим прил изд сб вып кн
    ст п пп ч т кв корп оф каб тел экз илл ср ок гос рук зам
    mln mlrd trln jj ğ ğğ mys prof akad
    St Ave Blvd Rd Ft Jr Sr Bros Dept Univ Vol Vols Fig Figs Eq Eqs Ed Eds ed eds al fig vol eq
    янв фев февр апр июн июл авг сент окт нояб дек қаң ақп сәу мау шіл ағыл лат англ қаз каз букв
    ibid cit incl resp max min avg ext tel Tel est
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
    U.S U.K U.N U.S.A E.U D.C U.S.S.R Ph.D M.D B.C A.D B.C.E C.E
"""

# They close an enumeration, a sum, a time or a firm's name; a name after them in the same
# sentence is rare ("Apple Inc. CEO").
_CAPITAL = """
    т.б тб т.с.с т.т т.с.б басқ т.д т.п др руб коп тг
    t.b t.s.s t.t
    etc a.m p.m A.M P.M Inc Ltd Co Corp LLC Llc
"""

_UNLESS_NUMBER = "No Nos no nos Art Arts Sec Secs Pt art sec ch pt"  # words of English too

ABBREVIATIONS: dict[str, Ending] = {
    name: ending
    for ending, names in (
        (Ending.UNLESS_NUMBER, _UNLESS_NUMBER),
        (Ending.NEVER, _NEVER),
        (Ending.FUNCTION_WORD, _FUNCTION_WORD),
        (Ending.CAPITAL, _CAPITAL),
    )
    for name in names.split()
}

_LONGEST = max(len(name) for name in ABBREVIATIONS)

# A capitalised function word inside a sentence is next to impossible: it proves that a new
# sentence starts. Names and nouns stay out, and the letters that number things («корп. А»).
FUNCTION_WORDS: frozenset[str] = frozenset(
    """
    Бұл Бұлар Бұның Бұған Бұдан Мұны Мұның Мұнда Мұндай Мұнымен Ол Олар Оның Оған Онда Одан Оны
    Олардың Осы Осының Осыған Осыдан Осындай Осылайша Сол Соның Соған Содан Сонда Сондай Сондықтан
    Сонымен Сөйтіп Бірақ Алайда Дегенмен Біз Біздің Сіз Сіздің Егер Егерде Және Ал Әрі Яғни Демек
    Өйткені Себебі Мысалы Қазір Енді Тек Тағы Барлық Әрбір Әлбетте Кейін Біріншіден Екіншіден
    Үшіншіден Төртіншіден
    Он Она Оно Они Это Этот Эта Эти Этого Этим Его Её Ее Их Мы Вы В Во На С Со Ко О Об От До По
    При Для Из За Под У И Но Однако Поэтому Также Тогда Затем После Если Когда Как Так Такой Такая
    Такие Что Чтобы Кроме Все Всего Среди Между Через Сейчас Сегодня Там Здесь Тем Согласно
    Благодаря Несмотря Хотя Например Где Ранее Впоследствии Который Наш Наша Наши
    Bul Ol Olar Onyñ Osy Sol Biraq Alaida Sondyqtan Sonymen Biz Bizdiñ
    The This That These Those It Its They Their There He She His Her We Our You In On At By But And
    As For From If When While However After Before During Since Then Thus Also Although According
    Because With Such Some Many Most Both Each To Under Another Today Here What How Why An So
    """.split()
)

# The full stop of «1. Кіріспе», «IV. Қорытынды», «Статья 1. Понятия», «1-бап. Негізгі ұғымдар»
# belongs to a heading or a caption, not to a sentence.
_ITEM = re.compile(
    r"""
    (?:[-–—•*(\[«"]\s?){0,8}+
    (?:                                            # twice in «1-бап. 1. Қазақстан»
    (?: \d{1,3}(?:[.-]\d{1,3})* | [IVX\u0406\u0425]{1,6} | [^\W\d_]
      | (?: Статья|Глава|Раздел|Часть|Пункт|Параграф|Приложение|Таблица|Рисунок|Рис\.|Табл\.
          | Бөлім|Тарау|Бап|Кесте|Сурет|Қосымша
          | Article|Chapter|Section|Part|Annex|Appendix|Table|Figure|Fig\.|§|№
        )\s?[\dIVX\u0406\u0425.–-]{1,9}
      | (?:\d{1,3}(?:[–-]\d{1,3})?|[IVX\u0406\u0425]{1,6})[\s–-]{0,2}
        (?:бап|тарау|бөлім|тармақ|тақырып|параграф|кесте|сурет|қосымша|сабақ)
    )[.)]\s?){1,2}
    """,
    re.VERBOSE | re.IGNORECASE,
)

# What follows the full stop of a file name or of a host: "Report.Pdf", "Akorda.Kz".
NAME_TAILS: frozenset[str] = frozenset(
    """
    com org net gov edu info kz ru uk us eu io html htm php pdf doc docx xls xlsx ppt pptx txt csv
    json xml yaml yml toml md zip rar tar gz jpg jpeg png gif svg mp exe dll py js ts java cpp css
    """.split()
)

# Scanned text has Latin letters inside Cyrillic words: "т.c.c." reads as «т.с.с.».
_LOOK_ALIKES = str.maketrans("acekopxyihəABCEHKMOPTXYI", "асекорхуіһәАВСЕНКМОРТХУІ")
_LETTER = re.compile(r"[^\W_]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")


def has_cyrillic(text: str) -> bool:
    """Return whether any letter of the text is Cyrillic."""
    return _CYRILLIC.search(text) is not None


def is_function_word(word: str) -> bool:
    """Return whether a capitalised word, scanned or not, is sure to start a sentence."""
    if has_cyrillic(word):
        word = normalize("NFC", word).translate(_LOOK_ALIKES)
    return word in FUNCTION_WORDS


@lru_cache(maxsize=4096)
def ending_of(name: str) -> Ending | None:
    """Return what a full stop after this abbreviation can mean, or None if it is not known.

    Cyrillic is compared without case and with Latin look-alikes put right. Latin keeps its case,
    because "Sen." is a senator and "sen." is the Kazakh word for "you"; all capitals are allowed.

    Args:
        name: The abbreviation without its last full stop and without white space, as "т.с.с".

    >>> ending_of("Т.б"), ending_of("қазақ")
    (<Ending.CAPITAL: 3>, None)
    """
    if has_cyrillic(name):
        name = name.translate(_LOOK_ALIKES)
    if name in ABBREVIATIONS:
        return ABBREVIATIONS[name]
    if "." in name and name.upper() == name:
        return None  # «Т.Б. Иванов» has initials, though «т.б.» is in the table.
    if has_cyrillic(name):
        return ABBREVIATIONS.get(name.lower())
    return ABBREVIATIONS.get(name.capitalize()) if len(name) > 1 and name.isupper() else None


def word_before(text: str, start: int, at: int) -> tuple[str, int]:
    """Return the word that ends at a position, and where it starts.

    Args:
        text: The whole text.
        start: Where to stop looking.
        at: The end of the word; a scan may have put one space before the full stop.

    Returns:
        At most 40 letters and digits, composed (NFC), and the index of the first.
    """
    end = at - 1 if at > start and text[at - 1] in " \u00a0" else at
    first = end
    while first > max(start, end - 40) and (
        text[first - 1].isalnum() or combining(text[first - 1])
    ):
        first -= 1
    word = text[first:end]
    return (word if word.isascii() else normalize("NFC", word)), first


def ending_before(text: str, start: int, at: int) -> Ending | None:
    """Return what the full stop at a position can mean, None if a plain word stands before it.

    Args:
        text: The whole text.
        start: Where the sentence starts.
        at: The index of the full stop.

    >>> ending_before("1949-1963 жж. соңы", 0, 12), ending_before("Н. Ә.", 0, 4)
    (<Ending.FUNCTION_WORD: 2>, <Ending.INITIAL: 5>)
    """
    word, first = word_before(text, start, at)
    letters = word.lstrip("0123456789")  # «1994ж.», «150млн.»
    if not letters or len(letters) > _LONGEST:
        return None
    for name in _dotted_names(text, start, first, letters):
        if ending := ending_of(name):
            return ending
    if len(letters) > 1 or _is_suffix(text, start, first, letters):
        return None
    if letters.islower():
        return Ending.FUNCTION_WORD  # «т.ғ.к.», «к.э.н.» and every other letter with a full stop
    return Ending.INITIAL if word == letters else None  # «5А.» is no initial


def _dotted_names(text: str, start: int, first: int, letters: str) -> list[str]:
    """Return "до.н.э", "н.э" and "э" for «до н. э.»: the longest first, no lone capital letter."""
    name = letters
    names = [name] if len(name) > 1 or name.islower() else []
    while len(names) < 4:
        stop = first - 2 if first > start and text[first - 1] in " \u00a0" else first - 1
        if stop <= start or text[stop] != ".":
            break
        part, first = word_before(text, start, stop)
        if not part or len(part) > 3:
            break
        name = f"{part}.{name}"
        names.insert(0, name)
    return names


def _is_suffix(text: str, start: int, first: int, letter: str) -> bool:
    """Return whether the letter ends a longer word: «78-і», "1990's"; not «Ж.-Ж.» or «д-р»."""
    joint = text[first - 1] if first > start else ""
    if joint == "-":
        return letter not in "рн" and not text.startswith(".", max(start, first - 2))
    return joint in ("'", "’")


def wording_from(text: str, start: int, end: int) -> int:
    """Return the index of the first letter or digit after the number of an item, or the end.

    No mark before it ends the sentence.

    >>> wording_from("1-бап. 1. Қазақстан", 0, 19), wording_from("… Иә", 0, 4)
    (10, 2)
    """
    number = _ITEM.match(text, start, end)
    letter = _LETTER.search(text, number.end() if number else start, end)
    return letter.start() if letter else end


def is_glued(text: str, start: int, at: int, quotes: str, word: str, after: str) -> bool:
    """Return whether a space is missing after a full stop: «етті.Бұған», not "Node.Js".

    Args:
        text: The whole text.
        start: Where the sentence starts.
        at: The index of the full stop.
        quotes: The quotes and brackets between the full stop and the next word.
        word: The next word, capitalised or a number.
        after: The two characters after that.
    """
    before, first = word_before(text, start, at)
    if not has_cyrillic(before + word):
        spoken = quotes and len(before) > 1 and word[1:2].islower()  # 'ended."Next'
        joint = text[max(start, first - 1) : first]
        return bool(spoken) or _is_glued_latin(joint, before, word, after)
    lower = len(before) > 1 and before[-2:].isalpha() and before[-2:].islower()
    if word[:1].isdigit():
        return lower and not quotes  # «отыр.150млн.»
    if text[at - 1].isspace() and not has_cyrillic(word):
        return False  # «тілі .Net»
    year = before.isdigit() and len(before) > 2
    closed = quotes or not before or year or (len(before) > 1 and before.isupper())
    return lower or (bool(closed) and word[1:2].islower())


def _is_glued_latin(joint: str, before: str, word: str, after: str) -> bool:
    """Return the same for two Latin words; a dotted name of a program or a file is one word.

    Args:
        joint: The character before the first word; empty at the start of the sentence.
        before: The word before the full stop, empty if a symbol stands there.
        word: The word after it.
        after: The two characters after that.
    """
    capitalised = word[:1].isupper() and word[1:].islower()
    if not capitalised and not (word in ("A", "I") and after[:1].isspace()):
        return False
    attribute = after[:1] == "." and after[1:].isalnum()
    if attribute or word.lower() in NAME_TAILS:
        return False
    if joint in tuple("._@/\\$#") or after[:1] in tuple("_(@/\\=["):
        return False
    if len(before) > 2 and before.isalpha() and before.islower():
        return True  # two letters may be a module: "os.Path"
    return word in FUNCTION_WORDS and not (before.isdigit() and len(before) < 3)
