"""Entities: numbers, dates and names, read alike in Kazakh, English and Russian.

An entity is what stands at one place of a text, with a key that crosses languages; extractor.py
finds them.
"""

from dataclasses import dataclass
from typing import Literal

EntityKind = Literal["number", "date", "name"]


@dataclass(frozen=True, slots=True)
class Entity:
    """One reading of one place. Entities with the same span are alternative readings of it.

    Attributes:
        kind: What it is.
        key: The same in Kazakh, English and Russian: `1500000000` and `1.5` for numbers,
            `1992-05-25`, `1992-05`, `1992`, `--05-25` and `199x` for dates, `~nsrbv` for names.
        start: Where it starts in the text, in characters.
        end: Where it ends; `text[start:end]` is what was read.
    """

    kind: EntityKind
    key: str
    start: int
    end: int
