"""Which of the sentences that may answer are quoted.

In: sentences ranked by chat/evidence.py. Out: up to three of them, in the order to be quoted. The
best comes first. After it, a sentence counts for more if it holds what the question asks and no
chosen one does, so that lists and questions of several parts get all their parts; and if it goes on
where a chosen one stops, so that «Ол …» is read with the sentence it speaks of. Carbonell and
Goldstein 1998, doi:10.1145/290941.291025, choose so by what is new; here the new is what was asked.
Every constant: eval/LOG.md, 2026-11-22, "choosing".
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from chat.evidence import Evidence

MOST: Final = 3
"""Sentences quoted at most: an answer is to be read, not searched."""

NEW_WEIGHT: Final = 0.2
"""What holding all of the question, where the chosen ones hold nothing, is worth, in cosine."""

NEIGHBOUR_WEIGHT: Final = 0.05
"""What going on where a chosen sentence stops is worth."""

MARGIN: Final = 0.2
"""How far below the best a sentence may come out and still be quoted beside it."""

REACH: Final = 0.1
"""How far below the best the best sentence of another document may score."""

_AMONG: Final = 30
"""How far down the ranking one looks."""

# Words that speak of what was said before, at the beginning of a sentence.
_SPEAKS_OF = re.compile(
    r"""[\W_]*(?: бұл | осы | ол\b | оның | оған | олар | сол\b | аталған | мұндай
    | it\b | its\b | this\b | these\b | they\b | their\b | such\b | he\b | she\b | his\b | her\b
    | это | этот | эта\b | эти | он\b | она\b | они\b | его\b | её\b | их\b )""",
    re.IGNORECASE | re.VERBOSE,
)


def choose(ranked: Sequence[Evidence]) -> list[Evidence]:
    """Return the best sentence and those to be quoted beside it, best first.

    Args:
        ranked: What `evidence.rank` returned, at least one.
    """
    chosen = [ranked[0]]
    left = list(ranked[1:_AMONG])
    while left and len(chosen) < MOST:
        worth = [_worth(each, chosen) for each in left]
        best = max(range(len(left)), key=worth.__getitem__)
        if worth[best] < ranked[0].score - MARGIN:
            break
        chosen.append(left.pop(best))
    return chosen


def hear_others(
    chosen: list[Evidence], ranked: Sequence[Evidence], answers_alone: Callable[[str], bool]
) -> list[Evidence]:
    """Let another document be heard where all chosen sentences are from one.

    Its best sentence has the last place if it comes within reach of the best of all and its
    document would be answer enough by itself.

    Args:
        chosen: What `choose` returned.
        ranked: What `evidence.rank` returned.
        answers_alone: Whether a document, by its id, would be answer enough by itself.
    """
    best = chosen[0]
    if any(each.document.id != best.document.id for each in chosen):
        return chosen
    other = next((each for each in ranked if each.document.id != best.document.id), None)
    if other and other.score >= best.score - REACH and answers_alone(other.document.id):
        return [*chosen[: MOST - 1], other]
    return chosen


def _worth(each: Evidence, chosen: Sequence[Evidence]) -> float:
    """Return what a sentence is worth beside those that are chosen."""
    said = {term for other in chosen for term in other.holds}
    new = sum(share for term, share in each.holds.items() if term not in said)
    near = any(_goes_on(each, other) or _goes_on(other, each) for other in chosen)
    return each.score + NEW_WEIGHT * new + NEIGHBOUR_WEIGHT * near


def _goes_on(second: Evidence, first: Evidence) -> bool:
    """Say whether a sentence goes on where another, right before it, stops."""
    follows = second.row == first.row and second.position == first.position + 1
    return follows and (bool(_SPEAKS_OF.match(second.text)) or first.text.endswith(":"))
