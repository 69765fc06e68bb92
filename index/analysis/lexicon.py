"""The lexicon: stop words, and the glossary that bridges Kazakh, English and Russian.

The glossary says which words mean the same, so that a question about «шекара» shares a concept,
such as `=17`, with a text about a "border". It holds single words and knows no context: a word with
two meanings stands for both concepts.

glossary.tsv is our own, written by hand for general public vocabulary: Kazakh, English and Russian
columns, one line a concept, variants separated by semicolons, acronyms in capitals (matched with
case). stopwords.toml holds the words that carry no topic.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from index.analysis import stemmer
from index.analysis.suffixes import is_suffix_chain
from ingest.document import Language

_COLUMNS: Final[dict[Language, int]] = {"kk": 0, "en": 1, "ru": 2}
_VOICED: Final = {"п": "б", "к": "г", "қ": "ғ"}
_MIN_STEM_LETTERS: Final = 2
_CACHED_WORDS: Final = 200_000
"""Words that each function remembers: about the vocabulary of a large index."""


@cache
def stopwords(language: Language) -> frozenset[str]:
    """Return the words of a language that carry no topic, case-folded.

    >>> "және" in stopwords("kk")
    True
    """
    text = (resources.files("index.analysis") / "stopwords.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[language].split())


@lru_cache(maxsize=_CACHED_WORDS)
def concepts(word: str, language: Language) -> tuple[str, ...]:
    """Return the concepts a word may stand for, its endings notwithstanding.

    Args:
        word: One word as written, NFC; capitals matter to acronyms only.
        language: The language of the text it stands in.

    >>> shared = set(concepts("шекарасының", "kk")) & set(concepts("borders", "en"))
    >>> len(shared) > 0, concepts("us", "en") == concepts("US", "en")
    (True, False)
    """
    table = _concepts_by_stem(language)
    return table.get(word) or table.get(stem(word, language)) or ()


@lru_cache(maxsize=_CACHED_WORDS)
def stem(word: str, language: Language) -> str:
    """Return what a word's endings hang on; for Kazakh, the longest stem that the glossary knows.

    Kazakh words of which no beginning is in the glossary go to the stemmer. Its stems find what no
    chain of suffixes leads to, such as verbs that change a letter (қоюдан: қой). They are few (89
    of 25,012 word types tried), but two answers of the sets get worse without them and none gets
    better (eval/LOG.md, 2026-11-22, "stems", and what is measured there since).

    >>> stem("шекарасының", "kk"), stem("treaties", "en"), stem("договора", "ru")
    ('шекара', 'treati', 'договор')
    """
    folded = word.casefold()
    if language == "kk":
        table = _concepts_by_stem("kk")
        for length in range(len(folded), _MIN_STEM_LETTERS - 1, -1):
            if folded[:length] in table and is_suffix_chain(folded[length:]):
                return folded[:length]
        return stemmer.stem(folded)
    return _snowball_stem(folded.replace("ё", "е"), language)


@lru_cache(maxsize=_CACHED_WORDS)
def _snowball_stem(word: str, language: Language) -> str:
    """Return the stem by Snowball (Porter 2001, snowballstem.org), for English or Russian."""
    import snowballstemmer

    snowball = snowballstemmer.stemmer("english" if language == "en" else "russian")
    stemmed: str = snowball.stemWord(word)
    return stemmed


def voiced(word: str) -> str:
    """Return a Kazakh stem as it is before a suffix that begins with a vowel.

    >>> voiced("кітап")
    'кітаб'
    """
    return word[:-1] + _VOICED.get(word[-1], word[-1])


def concepts_in(language: Language) -> list[list[str]]:
    """Return the glossary: the words of a language for each concept, in order."""
    text = (resources.files("index.analysis") / "glossary.tsv").read_text("utf-8")
    return [line.split("\t")[_COLUMNS[language]].split(";") for line in text.splitlines()]


@cache
def _concepts_by_stem(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Map stems, and acronyms as they are written, to concepts."""
    table: dict[str, list[str]] = defaultdict(list)
    for number, variants in enumerate(concepts_in(language), start=1):
        for variant in variants:
            for key in _lookup_keys(variant, language):
                if f"={number}" not in table[key]:
                    table[key].append(f"={number}")
    return {key: tuple(concepts) for key, concepts in table.items()}


def _lookup_keys(variant: str, language: Language) -> set[str]:
    """Return what to look a variant up by."""
    if variant.isupper():
        return {variant}
    if language != "kk":
        # Itself too: the stem of «Назарбаев» is shorter than that of «Назарбаева».
        folded = variant.replace("ё", "е")
        return {folded, _snowball_stem(folded, language)}
    # A last п, к, қ is voiced before a suffix that begins with a vowel: кітап, кітабы.
    return {variant, voiced(variant)}
