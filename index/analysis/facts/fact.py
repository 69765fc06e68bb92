"""A fact: a number, a date or a name at one place of a text, with a key that crosses languages.

Knows nothing of how facts are found (facts.py).
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "date", "name"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One reading of one place. Facts with the same span are alternative readings of it.

    Attributes:
        kind: What it is.
        key: The same in Kazakh, English and Russian: `1500000000` and `1.5` for numbers,
            `1992-05-25`, `1992-05`, `1992`, `--05-25` and `199x` for dates, `~nsrbv` for names.
        start: Where it starts in the text, in characters.
        end: Where it ends; `text[start:end]` is what was read.
    """

    kind: Kind
    key: str
    start: int
    end: int
