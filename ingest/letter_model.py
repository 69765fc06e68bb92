"""The letter model: how likely a letter is behind the letters before it, learnt from texts.

A word is a chain of letters between `START` and `END`. The probability of a letter is that after
the last letters, up to `ORDER - 1` of them, mixed with that after fewer, by how many different
letters follow them (Witten and Bell 1991, doi:10.1109/18.87000). The counts are data, made from
Dalel's own training passages by `python -m eval.training.train_letters`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from math import log
from typing import Final

START, END = "^", "$"
"""What stands before and behind a word."""

ORDER: Final = 5
"""Letters that are looked at together, the one that is judged among them."""

_LETTERS: Final = 50
"""About how many letters there are: what a letter gets that was never seen is one in so many."""

Counts = Mapping[str, Mapping[str, int]]
"""For letters in a row, how often each letter stood behind them."""


class LetterModel:
    """Says how likely words are, letter by letter."""

    def __init__(self, counts: Counts) -> None:
        """Take the counts."""
        self._counts = counts
        self._totals = {before: sum(row.values()) for before, row in counts.items()}
        self._logarithms: dict[tuple[str, str], float] = {}

    def log_probability(self, before: str, letter: str) -> float:
        """Return the logarithm of how likely a letter is behind some letters of its word.

        Args:
            before: The letters before it, with `START`; only the last ones count.
            letter: The letter, or `END`.
        """
        key = before[1 - ORDER :], letter
        if key not in self._logarithms:
            self._logarithms[key] = log(self._probability(*key))
        return self._logarithms[key]

    def of_word(self, word: str) -> float:
        """Return the logarithm of how likely a case-folded word is.

        >>> model = read_letter_model("ingest", "kazakh_in_latin.tsv")
        >>> model.of_word("qazaq") > model.of_word("zaqqa")
        True
        """
        letters = START + word + END
        return sum(
            self.log_probability(letters[:place], letters[place])
            for place in range(1, len(letters))
        )

    def per_letter(self, words: Iterable[str]) -> float:
        """Return the mean of that by letter, ends of words counted; 0 for no words."""
        letters = total = 0.0
        for word in words:
            letters += len(word) + 1
            total += self.of_word(word)
        return total / letters if letters else 0.0

    def _probability(self, before: str, letter: str) -> float:
        shorter = self._probability(before[1:], letter) if before else 1 / _LETTERS
        total = self._totals.get(before)
        if total is None:
            return shorter
        row = self._counts[before]
        return (row.get(letter, 0) + len(row) * shorter) / (total + len(row))


@cache
def read_letter_model(package: str, name: str) -> LetterModel:
    """Return the letter model of a data file: a line for letters in a row, with what follows them.

    Args:
        package: The package that the file lies in.
        name: Its name. A line is «^қаз», a tab, «а412 д3»: the letters, then each that follows
            with how often it did.
    """
    lines = (resources.files(package) / name).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return LetterModel(
        {before: {one[0]: int(one[1:]) for one in row.split()} for before, row in rows}
    )
