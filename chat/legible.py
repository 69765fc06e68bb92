"""Document text as it can be shown: what would steer a terminal or turn text around is made plain.

In: text. Out: text. Knows nothing of terminals, pages and their markup.
"""

import re

# Control characters but the line feed, and halves of characters; marks of writing direction,
# zero-width spaces, and line separators, with which a text can be made to look like another.
_STEERS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069"
    r"\ud800-\udfff\ufeff]"
)


def legible(text: str) -> str:
    r"""Return a text with a sign in place of each character that would steer what shows it.

    >>> legible("Абай\x1b[31m\u202eиабА")
    'Абай�[31m�иабА'
    """
    return _STEERS.sub("�", text.replace("\r\n", "\n").replace("\t", "    "))
