"""Kazakh endings: could the rest of a word be nothing but suffixes?

In: what follows a stem. Out: yes or no. Knows no stems. Kazakh piles suffixes up behind a stem in a
fixed order (plural, possessive, case, predicative); here any order will do, since a stem is only
looked for among the words of the glossary, and a chance chain behind a chance stem is rare.

The list: Kazakh grammar as in Muhamedowa 2016, Kazakh: A Comprehensive Grammar, chapters 3-5, in
all the shapes that vowel harmony and the consonant before give them.
"""

from functools import cache
from typing import Final

MOST: Final = 5
"""Suffixes in a row, at most; longer chains are rare in writing."""

_SUFFIXES: Final = frozenset(
    """лар лер дар дер тар тер
    ым ім м ың ің ң ымыз іміз мыз міз ыңыз іңіз ңыз ңіз ы і сы сі
    ның нің дың дің тың тің ны ні ды ді ты ті н ға ге қа ке на не а е да де та те нда нде
    дан ден тан тен нан нен мен бен пен
    дағы дегі тағы тегі ндағы ндегі ғы гі қы кі нікі дікі тікі
    лық лік дық дік тық тік лы лі сыз сіз шы ші дай дей тай тей ша ше
    у ған ген қан кен ып іп п ар ер р ады еді йды йді атын етін йтын йтін са се сын сін
    ыл іл л ын ін ыс іс с тыр тір дыр дір ма ме ба бе па пе ғанда генде қанда кенде
    ушы уші мақ мек бақ бек пақ пек малы мелі йын йін айын ейін
    лан лен дан ден тан тен лас лес дас дес тас тес ла ле да де та те
    """.split()
)
_LONGEST: Final = max(map(len, _SUFFIXES))


@cache
def is_suffixes(rest: str, most: int = MOST) -> bool:
    """Say whether a string is a chain of Kazakh suffixes; the empty one is.

    >>> is_suffixes("ымыздағы"), is_suffixes("граф")  # қала-мыз-дағы
    (True, False)
    """
    if not rest:
        return True
    return most > 0 and any(
        rest[:length] in _SUFFIXES and is_suffixes(rest[length:], most - 1)
        for length in range(1, min(_LONGEST, len(rest)) + 1)
    )
