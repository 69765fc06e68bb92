"""Why a sentence was found: which words of a question stand in it, in whichever language.

In: a question and a quote. Out: pairs of words that mean the same. Knows nothing of vectors: what
meaning alone has found has no pairs.
"""

import re
import unicodedata
from typing import Final

from index.analysis.terms import asked, terms
from ingest.document import Language

MOST: Final = 6
"""Pairs told at most."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


def matched(
    question: str, asked_in: Language, quote: str, written_in: Language
) -> list[tuple[str, str]]:
    """Return words of a question with those of a quote that they match, in the question's order.

    >>> matched("When was the border treaty signed?", "en", "Шекара туралы шарт жасалды.", "kk")
    [('border', 'Шекара'), ('treaty', 'шарт')]
    """
    there = [(word, frozenset(terms(word, written_in))) for word in _words(quote)]
    pairs = []
    for word in _words(question):
        sought = asked(word, asked_in)
        wanted = {*sought.of(written_in), *(sought.concepts if asked_in == written_in else ())}
        found = next((other for other, held in there if wanted & held), None)
        if found is not None:
            pairs.append((word, found))
    return pairs[:MOST]


def _words(text: str) -> list[str]:
    """Return the words of a text, each once."""
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", text))))
