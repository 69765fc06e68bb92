"""Where the sentences of a text are: Kazakh, Russian and English mixed, scanned or typed.

First the line ends cut the text into blocks, which no sentence leaves (headings, table rows, list
items, paragraphs). Then every run of . ! ? … in a block is a candidate, unless a lower-case letter
follows, and the functions in _RULES look at it in their order; the first one with an opinion
decides. A rule sees a bounded neighbourhood only, so the time is linear in the text.

The rules use no grammar, no meaning and no dictionary but the word lists of abbreviations.toml. In
doubt they do not split: a wrong merge only makes a passage longer, a wrong split leaves a fragment
that nobody can check.

>>> text = "Шартқа қол қойылды.1998 жылдың 12 қазанында Н.Ә. Назарбаев келді. Бұл т.б. маңызды."
>>> [text[start:end] for start, end in sentences(text)][1:]
['1998 жылдың 12 қазанында Н.Ә. Назарбаев келді.', 'Бұл т.б. маңызды.']
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple
from unicodedata import category, combining, normalize

from ingest.document import Span

# --- words: what a full stop after an abbreviation can mean ---------------------------------------


class Ending(Enum):
    """What it takes for a full stop after an abbreviation to end the sentence."""

    NEVER = auto()  # before a name, a title of a work or a clause: nothing makes it an end
    FUNCTION_WORD = auto()  # before a function word: «1994 ж. Бұл», not «1994 ж. Қазақстан»
    CAPITAL = auto()  # closes a list or a phrase: before any capital, «және т.б. Қазақстан»
    UNLESS_NUMBER = auto()  # a whole word too: goes on before a digit ("No. 5") only
    # One capital letter: goes on, unless a function word of three letters or more follows
    # (shorter ones are surnames too: "K. He").
    INITIAL = auto()


class WordLists(NamedTuple):
    """The word lists of abbreviations.toml, which says what belongs in each."""

    abbreviations: Mapping[str, Ending]  # without their last full stop
    function_words: frozenset[str]  # capitalised: they only start sentences
    name_endings: frozenset[str]  # of file names and hosts, in lower case


@cache
def word_lists() -> WordLists:
    """Read abbreviations.toml, once."""
    data = tomllib.loads((resources.files("ingest") / "abbreviations.toml").read_text("utf-8"))
    abbreviations = {
        name: Ending[ending.upper()]
        for ending, names in data["abbreviations"].items()
        for name in names.split()
    }
    return WordLists(
        abbreviations,
        frozenset(data["function_words"].split()),
        frozenset(data["name_endings"].split()),
    )


# Scanned text has Latin letters inside Cyrillic words: "т.c.c." reads as «т.с.с.».
_LOOK_ALIKES = str.maketrans("acekopxyihəABCEHKMOPTXYI", "асекорхуіһәАВСЕНКМОРТХУІ")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")


def _has_cyrillic(text: str) -> bool:
    """Return whether any letter of the text is Cyrillic."""
    return _CYRILLIC.search(text) is not None


def _is_function_word(word: str) -> bool:
    """Return whether a capitalised word, scanned or not, is sure to start a sentence."""
    if _has_cyrillic(word):
        word = normalize("NFC", word).translate(_LOOK_ALIKES)
    return word in word_lists().function_words


@lru_cache(maxsize=4096)
def ending_of(name: str) -> Ending | None:
    """Return what a full stop after this abbreviation can mean, or None if it is not known.

    Cyrillic is compared without case and with Latin look-alikes put right. Latin keeps its case,
    because "Sen." is a senator and "sen." is the Kazakh word for "you"; all capitals are allowed.
    `name` is written without its last full stop and without white space, as "т.с.с".

    >>> ending_of("Т.б"), ending_of("қазақ")
    (<Ending.CAPITAL: 3>, None)
    """
    if _has_cyrillic(name):
        name = name.translate(_LOOK_ALIKES)
    known = word_lists().abbreviations
    if name in known:
        return known[name]
    if "." in name and name.upper() == name:
        return None  # «Т.Б. Иванов» has initials, though «т.б.» is in the table.
    if _has_cyrillic(name):
        return known.get(name.lower())
    return known.get(name.capitalize()) if len(name) > 1 and name.isupper() else None


def _word_before(text: str, start: int, at: int) -> tuple[str, int]:
    """Return the word that ends at a position, and the index of its first character.

    It is composed (NFC) and has at most 40 letters and digits, none of them before `start`. A scan
    may have put one space between the word and its full stop.
    """
    end = at - 1 if at > start and text[at - 1] in " \u00a0" else at
    first = end
    while first > max(start, end - 40) and (
        text[first - 1].isalnum() or combining(text[first - 1])
    ):
        first -= 1
    word = text[first:end]
    return (word if word.isascii() else normalize("NFC", word)), first


def _ending_before(text: str, start: int, at: int) -> Ending | None:
    """Return what the full stop at `at` can mean, None after a plain word; reads from `start` on.

    >>> _ending_before("1949-1963 жж. соңы", 0, 12), _ending_before("Н. Ә.", 0, 4)
    (<Ending.FUNCTION_WORD: 2>, <Ending.INITIAL: 5>)
    """
    word, first = _word_before(text, start, at)
    letters = word.lstrip("0123456789")  # «1994ж.», «150млн.»
    if not letters:
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
        part, first = _word_before(text, start, stop)
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


# --- blocks: what no sentence leaves --------------------------------------------------------------

# A form feed after a line end is a page break inside a paragraph, not an empty line.
_LINE = re.compile(
    r"[^\n\r\x0b\x0c\x85\u2028\u2029]*+(?:(?:\r\n|[\n\r])\x0c?|[\x0b\x0c\x85\u2028\u2029])?"
)
# A heading, a table row or a rule: neither neighbour continues it.
_ALONE = re.compile(r"\#{1,6}(?:\s|\Z)|\|[^|]*+\||[-=*_~•·\s]{3,}+\Z")
_LIST_ITEM = re.compile(
    r"""
      [-–—―•▪●◦‣·]
    | \*(?:\s|[^*]*+\Z)                            # not the *emphasis* of Markdown
    | \d{1,3}(?:[.-]\d{1,3})*+(?:\)|\.(?!\d))      # four digits are a year
    | [^\W\d_]\)
    """,
    re.VERBOSE,
)
_CLOSERS = "»”’›)]}\"'“*_"
_MIN_WRAP_WIDTH, _MAX_WRAP_WIDTH = 40, 100  # the longest line of a text that counts as hard-wrapped
_FULL_LINE_SHARE = 0.85  # a proportional font leaves lines of unequal length


class _Line(NamedTuple):
    start: int
    text: str  # without the white space around it
    alone: bool  # neither neighbour can continue it


def _is_filled(line: _Line, following: _Line, width: int) -> bool:
    """Return whether the next line's first word had no room left on this line."""
    first_word = following.text[:_MAX_WRAP_WIDTH].split(maxsplit=1)[0]
    full = len(line.text) + 1 + len(first_word) > width * _FULL_LINE_SHARE
    return full and not _is_function_word(first_word)  # a capital there: the line was a heading


def _wrap_width(lines: list[_Line]) -> int:
    """Return the width that the text is hard-wrapped to, 0 if each line is a paragraph.

    Wrapped means: no line over 100 characters, and two thirds of the lines that another one
    follows are full. From three such lines on, one of the followers must start in lower case,
    or it is a list of headings of like length.
    """
    prose = (line.text for line in lines if " " in line.text and not line.alone)
    width = max(map(len, prose), default=0)
    if not _MIN_WRAP_WIDTH <= width <= _MAX_WRAP_WIDTH:
        return 0
    pairs = [
        (line, following)
        for line, following in pairwise(lines)
        if line.text and following.text and not (line.alone or following.alone)
        if line.text[-1] not in ".!?…:;" and not _LIST_ITEM.match(following.text)
    ]
    full = [following for line, following in pairs if _is_filled(line, following, width)]
    runs_on = len(full) < 3 or any(line.text[0].islower() for line in full)
    return width if len(full) * 3 >= len(pairs) * 2 and runs_on else 0


# The full stop of «1. Кіріспе», «IV. Қорытынды», «Статья 1. Понятия», «1-бап. Негізгі ұғымдар»
# belongs to a heading or a caption, not to a sentence.
_ITEM_NUMBER = re.compile(
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
_LETTER = re.compile(r"[^\W_]")


def _wording_from(text: str, start: int, end: int) -> int:
    """Return the index of the first letter or digit after the number of an item, or the end.

    No mark before it ends the sentence.

    >>> _wording_from("1-бап. 1. Қазақстан", 0, 19), _wording_from("… Иә", 0, 4)
    (10, 2)
    """
    number = _ITEM_NUMBER.match(text, start, end)
    letter = _LETTER.search(text, number.end() if number else start, end)
    return letter.start() if letter else end


def _separates(line: _Line, following: _Line, width: int) -> bool:
    """Return whether the newline between two lines ends the sentence."""
    if not following.text or line.alone or following.alone:
        return True
    if _wording_from(line.text, 0, len(line.text)) == len(line.text):
        return False  # «1.» and its heading, as pdf readers give them
    if _LIST_ITEM.match(following.text):
        return True
    bare = line.text.rstrip(_CLOSERS)
    if bare.endswith("."):
        ending = _ending_before(bare, 0, len(bare) - 1)
        if ending in (Ending.NEVER, Ending.INITIAL, None):
            return ending is None
    elif bare.endswith(("!", "?", "…", ":", ";")):
        return True
    return not (following.text[0].islower() or (width and _is_filled(line, following, width)))


def _blocks(text: str) -> Iterator[Span]:
    """Yield the spans that no sentence leaves."""
    lines = [
        _Line(match.start() + match.group().find(bare), bare, bool(_ALONE.match(bare)))
        for match in _LINE.finditer(text)  # the last match is empty
        for bare in [match.group().strip()]
    ]
    width = _wrap_width(lines)
    start = -1
    for line, following in pairwise(lines):
        if line.text and start < 0:
            start = line.start
        if line.text and _separates(line, following, width):
            yield start, line.start + len(line.text)
            start = -1


# --- candidates: marks that may end a sentence, and the rules that decide -------------------------

# The zero-width characters stay with the mark before them.
_MARK = re.compile(
    r"""
    [.!?…]++
    (?: [.!?…»”’›)\]}"'*_\u200b-\u200f\u2060\ufeff]
      | \[\d{1,3}\]                                # the number of a footnote
      | [ \u00a0][»)\]]                            # a space too many before a bracket
      | [ ]"(?=\s)                                 # a quote between two spaces
    )*+
    """,
    re.VERBOSE,
)
_NEXT = re.compile(
    r"""
    (?P<gap>\s*+)
    (?P<opener>(?:[«“„‟‘‹”"'(\[{¿¡*_]|[-–—―][ \t\u00a0]?){0,6}+)
    (?P<word>(?:[^\W_][\u0300-\u036f]*+){0,40}+)
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(
    r"""
      (?:https?://|ftp://|www\.)[!\#-;=?-Z\\\]_a-z~]++
    | (?<![\w.+-])[\w.+-]{1,64}+@[a-z0-9-]{1,63}+(?:\.[a-z0-9-]{1,63}+)*+
    """,
    re.VERBOSE | re.IGNORECASE,
)


class _Stop(NamedTuple):
    """A candidate: a run of marks with the quotes that close after it, and what comes next."""

    text: str
    start: int  # of the sentence so far
    at: int  # of the first mark
    tail: str  # the marks and the closing quotes and brackets
    gap: str  # the white space that follows
    opener: str  # quotes, brackets and dashes before the next word
    word: str  # the next word, empty if a symbol follows
    after: str  # the two characters after that word

    @property
    def strong(self) -> bool:
        """Return whether a mark other than one full stop is here: «болды?», «т.б.).», "Oh..."."""
        tail = self.tail
        return tail != "." and (tail.count(".") > 1 or not set("!?…").isdisjoint(tail))

    @property
    def proven(self) -> bool:
        """Return whether the next word is sure to start a sentence; «В» is, «В.» an initial."""
        whole = len(self.word) > 1 or self.after[:1].isspace()
        return whole and not self.opener and _is_function_word(self.word)


# Each rule returns True (the sentence ends), False (it goes on) or None (no opinion).


def _weak_start(stop: _Stop) -> bool | None:
    """A digit after a dash goes on, and any symbol but those of "$5", «№ 5» and the like."""
    if stop.word:
        return False if stop.word[0].isdigit() and stop.opener[:1] in tuple("-–—―") else None
    symbol = stop.after[:1] if stop.gap else ""
    return None if symbol and (symbol in "№§#@" or category(symbol) in ("Sc", "So")) else False


def _aside(stop: _Stop) -> bool | None:
    """A bracket or a title opened in mid-sentence does not end it: роман «Что делать?» Н. Г."""
    opening_mark = {")": "(", "]": "[", "»": "«", "”": "“"}.get(stop.tail[-1])
    if opening_mark is None:
        return None
    opening = stop.text.rfind(opening_mark, max(stop.start, stop.at - 300), stop.at)
    before = stop.text[max(stop.start, opening - 3) : max(stop.start, opening)].rstrip()
    if not before:
        return None
    speech = before[-1] in ":,;–—-" or not stop.strong
    return None if speech and opening_mark in "«“" else stop.proven


def _strong_mark(stop: _Stop) -> bool | None:
    """! ? … and repeated dots end it before any start; without a space only after a word."""
    if not stop.strong:
        return None
    before = stop.text[max(stop.start, stop.at - 1) : stop.at]
    return bool(stop.gap) or (stop.word[:1].isupper() and (before.islower() or before in _CLOSERS))


def _abbreviation(stop: _Stop) -> bool | None:
    """By the abbreviation's class: Mr. never, т.б. before a capital letter, ж. before «Бұл»."""
    ending = _ending_before(stop.text, stop.start, stop.at)
    if ending is None or ending is Ending.UNLESS_NUMBER:
        return False if ending and stop.word[:1].isdigit() else None
    if ending is Ending.NEVER:
        return False
    if stop.proven:
        return ending is not Ending.INITIAL or len(stop.word) > 2
    if ending is not Ending.CAPITAL or stop.opener or not stop.word[:1].isupper():
        return False
    return bool(stop.gap) or _has_cyrillic(stop.word)


def _number(stop: _Stop) -> bool | None:
    """«25. 05. 1992» and «Күн тәртібі: 1. Есеп» go on, «1991. 16 ел» does not."""
    before, first = _word_before(stop.text, stop.start, stop.at)
    listed = stop.text[max(stop.start, first - 2) : first].strip() in (":", ";")
    if before.isdigit() and (listed or stop.word[:1].isdigit()):
        return bool(stop.gap) and len(before) > 2
    return None


def _missing_space(stop: _Stop) -> bool | None:
    """«етті.Бұған», «отыр.150млн.», 'ended."Next'; else it is one word: "Node.Js"."""
    if stop.gap:
        return None
    quotes = stop.opener + stop.tail[1:]
    before, first = _word_before(stop.text, stop.start, stop.at)
    if not _has_cyrillic(before + stop.word):
        if quotes and len(before) > 1 and stop.word[1:2].islower():
            return True
        return _is_glued_latin(stop, before, stop.text[max(stop.start, first - 1) : first])
    lower = len(before) > 1 and before[-2:].isalpha() and before[-2:].islower()
    if stop.word[:1].isdigit():
        return lower and not quotes
    if stop.text[stop.at - 1].isspace() and not _has_cyrillic(stop.word):
        return False  # «тілі .Net»
    year = before.isdigit() and len(before) > 2
    closed = quotes or not before or year or (len(before) > 1 and before.isupper())
    return lower or (bool(closed) and stop.word[1:2].islower())


def _is_glued_latin(stop: _Stop, before: str, joint: str) -> bool:
    """Return whether a space is missing between two Latin words; "os.Path" is one word.

    `before` is the word before the full stop, `joint` the character before it; both may be empty.
    """
    word, after = stop.word, stop.after
    capitalised = word[:1].isupper() and word[1:].islower()
    if not capitalised and not (word in ("A", "I") and after[:1].isspace()):
        return False
    attribute = after[:1] == "." and after[1:].isalnum()
    if attribute or word.lower() in word_lists().name_endings:
        return False
    if joint in tuple("._@/\\$#") or after[:1] in tuple("_(@/\\=["):
        return False
    if len(before) > 2 and before.isalpha() and before.islower():
        return True  # two letters may be a module: "os.Path"
    return word in word_lists().function_words and not (before.isdigit() and len(before) < 3)


_RULES: tuple[Callable[[_Stop], bool | None], ...] = (
    _weak_start,
    _aside,
    _strong_mark,
    _abbreviation,
    _number,
    _missing_space,
)


def _closing_end(stop: _Stop) -> int:
    """Return where the sentence ends: before a straight quote if it opens the next one."""
    paired = stop.text.count('"', max(stop.start, stop.at - 400), stop.at) % 2 == 0
    opens = paired and not stop.gap and stop.tail[-1] == '"'
    return stop.at + len(stop.tail) - opens


def _split(text: str, start: int, end: int, no_marks: set[int]) -> Iterator[Span]:
    """Yield the sentences of one block."""
    wording = _wording_from(text, start, end)
    for mark in _MARK.finditer(text, start, end):
        following = _NEXT.match(text, mark.end(), end)
        if not following or mark.start() < wording:
            continue
        gap, opener, word = following.groups()
        if word[:1].islower() or (not gap and mark.start() in no_marks):
            continue
        after = text[following.end() : min(following.end() + 2, end)]
        stop = _Stop(text, start, mark.start(), mark.group(), gap, opener, word, after)
        if next((verdict for rule in _RULES if (verdict := rule(stop)) is not None), True):
            yield start, _closing_end(stop)
            start = following.end("gap") if gap else _closing_end(stop)
            wording = _wording_from(text, start, end)
    yield start, end


def sentences(text: str) -> list[Span]:
    """Return the half-open character spans of the sentences of a text.

    Args:
        text: Any text, in any mixture of Kazakh, Russian and English.

    Returns:
        Spans in order, disjoint, not empty, without white space at either end. Every character
        that is not white space lies in exactly one of them.
    """
    no_marks = {
        address.start() + offset
        for address in _ADDRESS.finditer(text)
        for offset, character in enumerate(address.group().rstrip(".,:;!?)"))
        if character in ".!?"
    }
    spans: list[Span] = []
    for start, end in _blocks(text):
        whole = _ALONE.match(text, start, end)
        spans += [(start, end)] if whole else _split(text, start, end, no_marks)
    return spans


# --- lines that are «Label: value» ----------------------------------------------------------------

_FIELD = re.compile(r"[*_\s]*[^\W\d_][^\n.!?:;]{0,39}:[*_]*[ \t\u00a0]+\S")


def is_field(line: str) -> bool:
    """Return whether a line begins with a short label and a colon, and its value after them.

    >>> is_field("Хатшы: Динара"), is_field("хатшы: Динара"), is_field("Сағат 12:30-да")
    (True, False, False)
    """
    return bool(_FIELD.match(line)) and line.lstrip("*_ \t")[:1].isupper()
