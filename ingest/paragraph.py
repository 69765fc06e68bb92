"""Where the paragraphs of a text are, so that people can be told where a quote stands.

In: a text. Out: spans. A paragraph is a line, or, in a text whose lines are wrapped, what stands
between blank lines. Knows nothing of sentences.
"""

import re

from ingest.document import Span

_LINE = r"\S(?:[^\r\n]*\S)?"
_LINES = re.compile(_LINE)
_BLOCKS = re.compile(rf"{_LINE}(?:(?:\r\n|\r|\n)[^\S\r\n]*{_LINE})*")


def paragraphs(text: str) -> list[Span]:
    r"""Return the span of each paragraph, in order, white space around it left out.

    >>> paragraphs("Бір.\nЕкі.\n"), paragraphs("ұзын\nжол\nекі\n\nүш")
    ([(0, 4), (5, 9)], [(0, 12), (14, 16)])
    """
    lines = [match.span() for match in _LINES.finditer(text)]
    # Wrapped text goes on in lower case on most of its lines; other text starts a sentence there.
    lower = sum(text[start].islower() for start, _ in lines[1:])
    if 2 * lower <= len(lines) - 1:
        return lines
    return [match.span() for match in _BLOCKS.finditer(text)]
