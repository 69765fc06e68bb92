"""The numbers of numbered lists, which office files leave to the program that shows them.

In: for each list the pattern of each of its levels, and the items as they come. Out: what stands
before each item: "3.", «2-бап.», "1.4", "-".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_PLACE = re.compile(r"%([1-9])")
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN: Final = "абвгдежзиклмнопрстуфхцчшщэюя"  # without ё, й, ъ, ы, ь, as Word counts
_UNNUMBERED: Final = frozenset(["bullet", "none"])
_MAX_LETTERED: Final = 780  # as Word: its letters end at thirty z
_MAX_ROMAN: Final = 32_767


class Level(NamedTuple):
    """One level of a list.

    Attributes:
        kind: The kind of number, as DOCX names it.
        pattern: What stands before an item: "%1.%2." has the numbers of the levels 1 and 2.
        start: The first number.
        restart: The deepest level, from 1, whose items let this one begin anew; 0 if none does,
            None if all outer ones do.
        legal: Whether the numbers of outer levels are written in digits.
    """

    kind: str
    pattern: str
    start: int = 1
    restart: int | None = None
    legal: bool = False


class CountedList(NamedTuple):
    """A list of a document.

    Attributes:
        levels: Its levels, the outermost first.
        counter: Lists with the same counter go on where the other one stopped.
        anew: The levels that begin at their first number where the list does.
    """

    levels: Sequence[Level]
    counter: str
    anew: frozenset[int] = frozenset()


def ordinal(number: int, kind: str) -> str:
    """Return a number as a kind of list writes it; kinds that are not known count in digits.

    >>> ordinal(4, "upperRoman"), ordinal(3, "russianLower"), ordinal(28, "lowerLetter")
    ('IV', 'в', 'bb')
    """
    written = f"{number:02}" if kind == "decimalZero" else str(number)
    if "Roman" in kind and number <= _MAX_ROMAN:
        written = _roman(number)
    elif ("Letter" in kind or "russian" in kind) and number <= _MAX_LETTERED:
        letters = _RUSSIAN if "russian" in kind else _LATIN
        times, at = divmod(number - 1, len(letters))
        written = letters[at] * (times + 1)  # after z comes aa, then bb
    return written.upper() if kind.startswith("upper") or kind.endswith("Upper") else written


def _roman(number: int) -> str:
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


class Numbering:
    """Counts the items of the lists of one document.

    Args:
        lists: Each list by its id.
    """

    def __init__(self, lists: Mapping[str, CountedList]) -> None:
        self._lists = lists
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def next(
        self, name: str, level: int, *, counter: str | None = None, at: int | None = None
    ) -> str:
        """Count an item, and return what stands before it: "-" for a bullet, "" if it has none.

        Args:
            name: The id of the list.
            level: How many lists it lies inside.
            counter: What counts it, if not the list's own counter.
            at: The number that the item itself says it has.

        >>> levels = [Level("decimal", "%1-бап."), Level("decimal", "%1.%2")]
        >>> lists = Numbering({"1": CountedList(levels, "а")})
        >>> lists.next("1", 0), lists.next("1", 1), lists.next("1", 1), lists.next("1", 0)
        ('1-бап.', '1.1', '1.2', '2-бап.')
        """
        counted = self._lists.get(name)
        if counted is None or level >= len(counted.levels):
            return ""
        counts = self._counts.setdefault(counted.counter if counter is None else counter, {})
        if level in counted.anew and (name, level) not in self._begun:
            counts.pop(level, None)
        self._begun.add((name, level))
        counts[level] = counts.get(level, counted.levels[level].start - 1) + 1
        if at is not None:
            counts[level] = at
        self._settle(counted.levels, counts, level)
        return _mark(counted.levels, counts, level)

    @staticmethod
    def _settle(levels: Sequence[Level], counts: dict[int, int], level: int) -> None:
        """Let the levels below an item begin anew, and those above it have one item at least."""
        for inner in [each for each in counts if each > level]:
            restart = levels[inner].restart if inner < len(levels) else None
            if restart is None or level < restart:
                del counts[inner]
        for outer in range(level):
            counts.setdefault(outer, levels[outer].start)


def _mark(levels: Sequence[Level], counts: Mapping[int, int], level: int) -> str:
    if levels[level].kind in _UNNUMBERED:
        return "-" if levels[level].kind == "bullet" else ""

    def number(place: re.Match[str]) -> str:
        at = int(place[1]) - 1
        if at > level:
            return ""
        return ordinal(counts[at], "decimal" if levels[level].legal else levels[at].kind)

    return _PLACE.sub(number, levels[level].pattern).strip()
