"""The analyzer: what a text is indexed by and a question searched for.

Terms are words shortened to their beginnings, without stop words, and what crosses languages, each
with a sign before it: `=17` a concept of the glossary, `#1992-05` a number or a date, `~nsrbv` a
name by its sound. How terms are weighed is for the ranking to say.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final
from zlib import crc32

from index.analysis.entities import Entity
from index.analysis.entities.dates import date_keys
from index.analysis.entities.extractor import entities, numbers_and_dates
from index.analysis.entities.names import name_keys
from index.analysis.lexicon import concepts, stopwords
from ingest.document import Language
from ingest.look_alikes import MIXED, in_one_script


def _letters() -> str:
    """Return the checksum of the counts of letters by which texts are told and respelt."""
    tables = {"index.analysis": "kazakh_letters.tsv", "ingest": "kazakh_in_latin.tsv"}
    data = b"".join((resources.files(one) / name).read_bytes() for one, name in tables.items())
    return f"{crc32(data):08x}"


ANALYZER: Final = f"prefix-5+glossary-2+facts-1+script-1-{_letters()}"
"""Name of what becomes of a text until it is terms (index/searched_text.py too), as an index's
manifest records it; changes when terms do."""

PREFIX_LETTERS: Final = 5
"""Letters kept of a word: a beginning stands for the stem, which suits Kazakh, where endings pile
up behind it. On Kazakh exam questions nDCG@10 of this
leg rises from 0.66 to 0.78 over whole words (eval/LOG.md, 2026-11-22, "fusion")."""

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class QueryTerms:
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
    """Return the terms of a text, repeats kept; look-alike letters are put right before.

    >>> kazakh, english = terms("1992 жылғы 25 мамырда", "kk"), terms("on May 25, 1992", "en")
    >>> sorted({"#1992-05-25", "#1992-05"} & set(kazakh) & set(english))
    ['#1992-05', '#1992-05-25']
    """
    text = unicodedata.normalize("NFC", text)
    if MIXED.search(text):
        text = in_one_script(text)
    word_terms = [term for word in _words(text) for term in _word_terms(word, language)]
    return word_terms + _entity_terms(entities(text, language))


@lru_cache(maxsize=1_000)  # One question is analysed for several parts of its answer.
def query_terms(question: str, language: Language) -> QueryTerms:
    """Return the terms of a question.

    >>> bridge = query_terms("Шекара қайда?", "kk").bridge
    >>> query_terms("Шекара қайда?", "kk").words, set(bridge) <= set(terms("the border", "en"))
    (('шекар',), True)
    """
    # Of each word that is no stop word: its own term first, then its concepts.
    words = [
        (word, own_and_concepts)
        for word in _words(question)
        if (own_and_concepts := _word_terms(word, language))
    ]
    numbers = _entity_terms(numbers_and_dates(question, language))
    own_terms = [own for _, (own, *_) in words]
    concepts_or_own = [
        term for _, (own, *word_concepts) in words for term in word_concepts or (own,)
    ]
    bridge = [
        term
        for word, (own, *word_concepts) in words
        for term in word_concepts or _terms_abroad(word, own, language)
    ]
    return QueryTerms(
        language=language,
        words=tuple(dict.fromkeys(own_terms + numbers)),
        bridge=tuple(dict.fromkeys(bridge + numbers)),
        concepts=tuple(dict.fromkeys(concepts_or_own + numbers)),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))


def _entity_terms(text_entities: Iterable[Entity]) -> list[str]:
    """Return the terms of numbers, dates and names; a date is also its year, month and day."""
    placed = {
        (entity.start, f"#{key}" if entity.kind != "name" else key)
        for entity in text_entities
        for key in (date_keys(entity.key) if entity.kind == "date" else (entity.key,))
    }
    return [term for _, term in sorted(placed)]


def _terms_abroad(word: str, own: str, language: Language) -> tuple[str, ...]:
    """Return what a word without a concept is searched for abroad: itself, and a name's sound."""
    keys = name_keys(word, language) if word[0].isupper() else ()
    return (*keys[-1:], own)  # The last key is without endings, as one of a text's always is.


@lru_cache(maxsize=200_000)  # About the vocabulary of a large index.
def _word_terms(word: str, language: Language) -> tuple[str, ...]:
    """Return a word's own term, then the concepts it stands for; nothing for a stop word."""
    folded = word.casefold()
    # Capitals tell the acronym from the stop word: US, us.
    if folded in stopwords(language) and not (word.isupper() and len(word) > 1):
        return ()
    return (folded[:PREFIX_LETTERS], *concepts(word, language))
