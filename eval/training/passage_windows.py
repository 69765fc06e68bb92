"""Windows of whole sentences of a passage, with or without what is needed to answer.

In: a passage, and where in it is what answers. Out: a range of its sentences, drawn at random.
"""

from collections.abc import Sequence
from functools import lru_cache
from random import Random

from chat.reader_input import WINDOW_CHARS
from ingest.document import Span
from ingest.sentence import sentences


@lru_cache(maxsize=100_000)
def sentence_spans(context: str) -> tuple[Span, ...]:
    """Return the sentences of a passage, remembered; all of it if it has none."""
    return tuple(sentences(context)) or ((0, len(context)),)


def window_with(context: str, needed: Sequence[Span], random: Random) -> range:
    """Draw a window that holds what is needed if it is not too long, at a random place."""
    spans = sentence_spans(context)
    if needed:
        inside = [n for n, s in enumerate(spans) if any(meet(s, need) for need in needed)]
        first, last = (min(inside), max(inside)) if inside else (0, 0)
        if spans[last][1] - spans[first][0] > 2 * WINDOW_CHARS:
            last = first
    else:
        first = last = random.randrange(len(spans))
    limit = WINDOW_CHARS * random.uniform(0.6, 1.2)
    while True:
        sides = []
        if first and spans[last][1] - spans[first - 1][0] <= limit:
            sides.append(-1)
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= limit:
            sides.append(1)
        if not sides:
            return range(first, last + 1)
        if random.choice(sides) < 0:
            first -= 1
        else:
            last += 1


def window_without(context: str, needed: Sequence[Span], random: Random) -> range | None:
    """Draw a window that holds nothing of what is needed, if the passage has one."""
    spans = sentence_spans(context)
    free = [not any(meet(s, need) for need in needed) for s in spans]
    starts = [n for n, is_free in enumerate(free) if is_free]
    if not starts:
        return None
    first = last = random.choice(starts)
    while (
        last + 1 < len(spans)
        and free[last + 1]
        and spans[last + 1][1] - spans[first][0] <= WINDOW_CHARS
    ):
        last += 1
    while first and free[first - 1] and spans[last][1] - spans[first - 1][0] <= WINDOW_CHARS:
        first -= 1
    return range(first, last + 1)


def meet(a: Span, b: Span) -> bool:
    """Say whether two ranges share a character."""
    return a[0] < b[1] and b[0] < a[1]
