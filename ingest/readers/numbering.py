"""The numbers of numbered lists, which office files leave to the program that shows them.

In: for each list the pattern of each of its levels, and the items as they come. Out: what stands
before each item: "3.", «2-бап.», "1.4", "-".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

_PLACE = re.compile(r"%([1-9])")
_ROMAN: Final = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN: Final = "абвгдежзиклмнопрстуфхцчшщэюя"  # without ё, й, ъ, ы, ь, as Word counts
_UNNUMBERED: Final = frozenset(["bullet", "none"])


def ordinal(number: int, kind: str) -> str:
    """Return a number as a kind of list writes it; kinds that are not known count in digits.

    >>> ordinal(4, "upperRoman"), ordinal(3, "russianLower"), ordinal(28, "lowerLetter")
    ('IV', 'в', 'bb')
    """
    written = str(number)
    if "Roman" in kind:
        written = _roman(number)
    elif "Letter" in kind or "russian" in kind:
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
        levels: For each list, by its id, its levels from the outermost: the kind of number as
            DOCX names it, the pattern of what stands before an item ("%1.%2."), and the first
            number.
    """

    def __init__(self, levels: Mapping[str, Sequence[tuple[str, str, int]]]) -> None:
        self._levels = levels
        self._counts: dict[str, list[int]] = {}

    def next(self, name: str, level: int) -> str:
        """Count an item, and return what stands before it: "-" for a bullet, "" if it has none.

        Args:
            name: The id of the list.
            level: How many lists it lies inside.

        >>> lists = Numbering({"1": [("decimal", "%1-бап.", 1), ("decimal", "%1.%2", 1)]})
        >>> lists.next("1", 0), lists.next("1", 1), lists.next("1", 1), lists.next("1", 0)
        ('1-бап.', '1.1', '1.2', '2-бап.')
        """
        levels = self._levels.get(name, [])
        if level >= len(levels):
            return ""
        kind, pattern, _ = levels[level]
        counts = self._counts.setdefault(name, [])
        counts.extend(start - 1 for _, _, start in levels[len(counts) : level + 1])
        del counts[level + 1 :]
        counts[level] += 1
        # A level that has no item of its own yet counts as its first.
        for outer in range(level):
            counts[outer] = max(counts[outer], levels[outer][2])
        if kind in _UNNUMBERED:
            return "-" if kind == "bullet" else ""

        def number(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            return ordinal(counts[at], levels[at][0]) if at <= level else ""

        return _PLACE.sub(number, pattern).strip()
