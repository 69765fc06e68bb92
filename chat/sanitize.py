"""Removal of the characters with which a document could steer whatever displays its text.

The terminal, the page and its Markdown export all pass document text through `sanitize` first.
"""

import re
from typing import Final

_STEERING_CHARACTERS: Final = re.compile(
    "["
    # Control characters but the line feed: escape sequences move a terminal's cursor, a carriage
    # return writes over the line.
    r"\x00-\x09\x0b-\x1f\x7f-\x9f"
    # Marks of writing direction and zero-width characters: with them a text reads as another one
    # ("Trojan source", CVE-2021-42574).
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    # Line and paragraph separators: they end a line where ours expect none to end.
    r"\u2028\u2029"
    # Halves of surrogate pairs: no encoding can write them.
    r"\ud800-\udfff"
    "]"
)


def sanitize(text: str) -> str:
    r"""Return a text with U+FFFD in place of each character that would steer what displays it.

    Tabs become four spaces, and CR LF a line feed.

    >>> sanitize("Абай\x1b[31m\u202eиабА")
    'Абай�[31m�иабА'
    """
    return _STEERING_CHARACTERS.sub("�", text.replace("\r\n", "\n").replace("\t", "    "))
