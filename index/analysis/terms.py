"""What the terms of a text are: its words, folded and shortened, and the concepts they stand for.

Words without a topic (stopwords.toml) are left out; numbers are kept, with a decimal point.

In: a text or a question, and its language. Out: terms, in order, repeats kept. Knows nothing of
how terms are weighed.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from index.analysis.glossary import concepts
from ingest.document import Language

ANALYSER: Final = "prefix-5+glossary-1"
"""Name of what this module does, as an index's manifest records it; changes when terms do."""

PREFIX_LETTERS: Final = 5
"""Letters kept of a word: a beginning stands for the stem, which suits Kazakh, where endings pile
up behind it. On Kazakh exam questions nDCG@10 of this
leg rises from 0.66 to 0.78 over whole words (eval/LOG.md, 2026-11-22, "fusion")."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a question, each once.

    Within a language, words are matched with words, since concepts are coarser. Across languages,
    concepts are matched; a word that stands for none, such as a number or a name, for itself.

    Attributes:
        language: The language it is asked in.
        words: What texts in that language are searched for.
        bridge: What texts in other languages are searched for.
    """

    language: Language
    words: tuple[str, ...]
    bridge: tuple[str, ...]

    def of(self, language: Language) -> tuple[str, ...]:
        """Return what texts in a language are searched for."""
        return self.words if language == self.language else self.bridge


def terms(text: str, language: Language) -> list[str]:
    """Return the terms of a text: words and concepts.

    >>> terms("1,5 млрд. тоннадан", "kk")[0]
    '1.5'
    """
    return [term for word in _words(text) for term in _terms_of(word, language)]


def asked(question: str, language: Language) -> Asked:
    """Return the terms of a question.

    >>> bridge = asked("Шекара қайда?", "kk").bridge
    >>> asked("Шекара қайда?", "kk").words, set(bridge) <= set(terms("the border", "en"))
    (('шекар',), True)
    """
    found = [each for word in _words(question) if (each := _terms_of(word, language))]
    return Asked(
        language=language,
        words=tuple(dict.fromkeys(each[0] for each in found)),
        bridge=tuple(dict.fromkeys(term for each in found for term in each[1:] or each)),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))


@lru_cache(maxsize=200_000)
def _terms_of(word: str, language: Language) -> tuple[str, ...]:
    """Return a word's own term, then the concepts it stands for; nothing for a stop word."""
    if word[0].isdigit():
        return (word.replace(",", "."),)
    folded = word.casefold()
    if folded in _stopwords(language) and not (word.isupper() and len(word) > 1):
        return ()
    return (folded[:PREFIX_LETTERS], *concepts(word, language))


@cache
def _stopwords(language: Language) -> frozenset[str]:
    text = (resources.files("index.analysis") / "stopwords.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[language].split())
