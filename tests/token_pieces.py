"""What token ids say, as text."""

from functools import cache


@cache
def _pieces(tokenizer):
    # A quarter of a million of them: made once, or making them takes longer than the tests.
    return {number: piece for piece, number in tokenizer._ids.items()}


def said(tokenizer, ids):
    """Return the text of tokens; "?" for one that has none."""
    pieces = _pieces(tokenizer)
    return "".join(pieces.get(int(number), "?") for number in ids).replace("▁", " ").strip()
