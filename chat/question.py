"""The question as it is sent by a person or a program, checked and cleaned for searching."""

import re
import unicodedata
from typing import Final

from ingest.errors import QuestionError

MAX_CHARACTERS: Final = 2_000
"""Longest question that is accepted: a question is a sentence or a few."""

# Control characters, lone surrogates and noncharacters: models and terminals fail on them. They
# become spaces, like line ends, tabs and all other white space.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

# They have no width and no meaning in a question: soft hyphen, zero-width space, byte order mark,
# and the marks of writing direction, which can show a text in another order than it has. The
# zero-width joiners stay: Arabic and Indian scripts are spelt with them.
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def understand(raw: str) -> str:
    r"""Return a question ready for searching: NFC, on one line, without invisible characters.

    >>> understand("  Абай\x00 кім?\n")
    'Абай кім?'

    Raises:
        QuestionError: The question is empty, has no letter or digit, or is too long.
    """
    _refuse_long(raw)
    visible = _INVISIBLE.sub("", _CONTROL.sub(" ", raw))
    text = " ".join(unicodedata.normalize("NFC", visible).split())
    _refuse_long(text)  # NFC makes some letters of other scripts longer.
    if not text:
        raise QuestionError("the question is empty", hint="ask one, in Kazakh, English or Russian")
    if not any(character.isalnum() for character in text):
        raise QuestionError(
            f"the question {text!r:.60} has no letter and no digit", hint="ask one in words"
        )
    return text


def _refuse_long(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise QuestionError(
            f"the question has {len(text):,} characters, expected at most {MAX_CHARACTERS:,}",
            hint="ask a shorter one",
        )
