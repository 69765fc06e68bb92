"""What the terms of a text are: words shortened, concepts, numbers, dates and names.

Words without a topic (stopwords.toml) are left out. What crosses languages has a sign before it:
`=17` a concept of glossary.tsv, `#1992-05` a number or a date, `~nsrbv` a name by its sound.

In: a text or a question, and its language. Out: terms. Knows nothing of how they are weighed.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from index.analysis.facts.find import Fact, date_keys, facts, figures
from index.analysis.facts.phonetic import name_keys
from index.analysis.glossary import concepts
from index.analysis.stopwords import stopwords
from ingest.document import Language

ANALYSER: Final = "prefix-5+glossary-2+facts-1"
"""Name of what this module does, as an index's manifest records it; changes when terms do."""

PREFIX_LETTERS: Final = 5
"""Letters kept of a word: a beginning stands for the stem, which suits Kazakh, where endings pile
up behind it. On Kazakh exam questions nDCG@10 of this
leg rises from 0.66 to 0.78 over whole words (eval/LOG.md, 2026-11-22, "fusion")."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a question, each once.

    Within a language, words are matched with words, since concepts are coarser. Across languages,
    concepts are matched; a name by its sound; any other word that stands for none, for itself.
    Numbers and dates are matched everywhere.

    Attributes:
        language: The language it is asked in.
        words: What texts in that language are searched for.
        bridge: What texts in other languages are searched for.
        concepts: What a sentence in that language may say in other words.
    """

    language: Language
    words: tuple[str, ...]
    bridge: tuple[str, ...]
    concepts: tuple[str, ...]

    def of(self, language: Language) -> tuple[str, ...]:
        """Return what texts in a language are searched for."""
        return self.words if language == self.language else self.bridge


def terms(text: str, language: Language) -> list[str]:
    """Return the terms of a text, repeats kept.

    >>> kazakh, english = terms("1992 жылғы 25 мамырда", "kk"), terms("on May 25, 1992", "en")
    >>> sorted({"#1992-05-25", "#1992-05"} & set(kazakh) & set(english))
    ['#1992-05', '#1992-05-25']
    """
    words = [term for word in _words(text) for term in _terms_of(word, language)]
    return words + _keys(facts(text, language))


@lru_cache(maxsize=1_000)
def asked(question: str, language: Language) -> Asked:
    """Return the terms of a question.

    >>> bridge = asked("Шекара қайда?", "kk").bridge
    >>> asked("Шекара қайда?", "kk").words, set(bridge) <= set(terms("the border", "en"))
    (('шекар',), True)
    """
    found = [(word, each) for word in _words(question) if (each := _terms_of(word, language))]
    numbers = _keys(figures(question, language))
    own = [each[0] for _, each in found]
    concepts_or_own = [term for _, each in found for term in each[1:] or each]
    bridge = [term for word, each in found for term in each[1:] or _abroad(word, each, language)]
    return Asked(
        language=language,
        words=tuple(dict.fromkeys(own + numbers)),
        bridge=tuple(dict.fromkeys(bridge + numbers)),
        concepts=tuple(dict.fromkeys(concepts_or_own + numbers)),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))


def _keys(found: Iterable[Fact]) -> list[str]:
    """Return the keys of numbers, dates and names; a date is also its year, its month, its day."""
    keys = {
        (fact.start, f"#{key}" if fact.kind != "name" else key)
        for fact in found
        for key in (date_keys(fact.key) if fact.kind == "date" else (fact.key,))
    }
    return [key for _, key in sorted(keys)]


def _abroad(word: str, own: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """Return what a word without a concept is searched for abroad: itself, and a name's sound."""
    keys = name_keys(word, language) if word[0].isupper() else ()
    return (*keys[-1:], *own)  # The last key is without endings, as one of a text's always is.


@lru_cache(maxsize=200_000)
def _terms_of(word: str, language: Language) -> tuple[str, ...]:
    """Return a word's own term, then the concepts it stands for; nothing for a stop word."""
    folded = word.casefold()
    if folded in stopwords(language) and not (word.isupper() and len(word) > 1):
        return ()
    return (folded[:PREFIX_LETTERS], *concepts(word, language))
