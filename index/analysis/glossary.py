"""The bridge between languages: words of glossary.tsv that mean the same.

In: a word and its language. Out: the concepts it may stand for, such as `=17`. So a question about
«шекара» shares a term with a text about a "border". Knows single words only, and knows no context:
a word with two meanings stands for both.

glossary.tsv is our own, written by hand for general public vocabulary: Kazakh, English and Russian
columns, variants separated by semicolons, acronyms in capitals (matched with case).
"""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from index.analysis import kazakh
from index.analysis.suffix import is_suffixes
from ingest.document import Language

_COLUMNS: Final[dict[Language, int]] = {"kk": 0, "en": 1, "ru": 2}
_VOICED: Final = {"п": "б", "к": "г", "қ": "ғ"}
_SHORTEST_STEM: Final = 2


@cache
def concepts(word: str, language: Language) -> tuple[str, ...]:
    """Return the concepts a word may stand for, its endings notwithstanding.

    Args:
        word: One word as written, NFC; capitals matter to acronyms only.
        language: The language of the text it stands in.

    >>> shared = set(concepts("шекарасының", "kk")) & set(concepts("borders", "en"))
    >>> len(shared) > 0, concepts("us", "en") == concepts("US", "en")
    (True, False)
    """
    table = _table(language)
    return table.get(word) or table.get(stem(word, language)) or ()


@cache
def stem(word: str, language: Language) -> str:
    """Return what a word's endings hang on; for Kazakh, the longest stem that the glossary knows.

    >>> stem("шекарасының", "kk"), stem("treaties", "en"), stem("договора", "ru")
    ('шекара', 'treati', 'договор')
    """
    folded = word.casefold()
    if language == "kk":
        table = _table("kk")
        for length in range(len(folded), _SHORTEST_STEM - 1, -1):
            if folded[:length] in table and is_suffixes(folded[length:]):
                return folded[:length]
        return kazakh.stem(folded)
    return _snowball(folded.replace("ё", "е"), language)


@cache
def _snowball(word: str, language: Language) -> str:
    import snowballstemmer

    stemmer = snowballstemmer.stemmer("english" if language == "en" else "russian")
    stemmed: str = stemmer.stemWord(word)
    return stemmed


def concepts_in(language: Language) -> list[list[str]]:
    """Return the glossary: the words of a language for each concept, in order."""
    text = (resources.files("index.analysis") / "glossary.tsv").read_text("utf-8")
    return [line.split("\t")[_COLUMNS[language]].split(";") for line in text.splitlines()]


@cache
def _table(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Map stems, and acronyms as they are written, to concepts."""
    table: dict[str, list[str]] = defaultdict(list)
    for number, variants in enumerate(concepts_in(language), start=1):
        for variant in variants:
            for key in _keys(variant, language):
                if f"={number}" not in table[key]:
                    table[key].append(f"={number}")
    return {key: tuple(found) for key, found in table.items()}


def _keys(variant: str, language: Language) -> set[str]:
    """Return what to look a variant up by."""
    if variant.isupper():
        return {variant}
    if language != "kk":
        # Itself too: the stem of «Назарбаев» is shorter than that of «Назарбаева».
        folded = variant.replace("ё", "е")
        return {folded, _snowball(folded, language)}
    # A last п, к, қ is voiced before a suffix that begins with a vowel: кітап, кітабы.
    return {variant, voiced(variant)}


def voiced(word: str) -> str:
    """Return a Kazakh stem as it is before a suffix that begins with a vowel.

    >>> voiced("кітап")
    'кітаб'
    """
    return word[:-1] + _VOICED.get(word[-1], word[-1])
