"""Facts: the numbers, dates, names and addresses of a claim that what it cites does not hold.

    quantity  a number with what it counts and how it is compared, or a date (chat/quantities.py)
    name      a capitalised word, or one in small letters that the passages know as a name; by its
              letters, its sound or its concept, so that Черчилль meets Churchill, and Ресей Russia
    address   what a browser or a mail program could open (chat/addresses.py)

Both sides are normalised first (chat/normalisation.py).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from chat.addresses import missing_addresses
from chat.normalisation import normalised
from chat.quantities import Quantity, holds, quantities
from index.analysis.analyzer import PREFIX_LETTERS, terms
from index.analysis.entities.names import name_keys, names
from index.analysis.lexicon import concepts, stopwords
from ingest.document import Language

Text = tuple[str, Language]
"""A text with the language it is in."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_SURNAME: Final = re.compile(
    r".{3}(?:[оеё]в|[оеё]ва|[oe]va?|ұлы|қызы|улы|кызы|uly|kyzy)"
    r"(?:[ауеы]|ой|ым|[тд][ыі]ң|н[ыі]ң|[ғқг][ае]|[дт][ае]н?|[тд][ыі]|[мпб]ен|['’]s)?$"
)
"""Words formed as surnames of the region are, with a case: their spelling follows their sound."""
_MIN_KEY: Final = 4
"""Signs of a key by sound that tells a name from any word: ~ and three consonants."""
_MIN_GLUED: Final = 5
"""Letters of the shortest name that is looked for inside a longer word."""


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What some passages know of names.

    Attributes:
        keys: The names by their sound.
        concepts: The concepts they stand for.
        forms: Them as they are written, in small letters.
        common: The beginnings of the words that stand there in small letters.
    """

    keys: frozenset[str] = frozenset()
    concepts: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[Text]) -> "KnownNames":
        """Return what some texts know."""
        read = [_names_in(normalised(*text), text[1]) for text in texts]
        return cls(
            keys=frozenset().union(*(each.keys for each in read)),
            concepts=frozenset().union(*(each.concepts for each in read)),
            forms=frozenset().union(*(each.forms for each in read)),
            common=frozenset().union(*(each.common for each in read)),
        )


def missing_facts(
    claim: str,
    language: Language,
    sources: Sequence[Text],
    context: Sequence[Text] = (),
    known: KnownNames | None = None,
) -> list[str]:
    """Return the numbers, dates, names and addresses of a claim that some texts do not hold.

    A name may be translated (Жаңа Зеландия, New Zealand), so of texts in another language only
    those names are asked for that have figures, are known to the glossary or the passages, or are
    formed as surnames are.

    Args:
        claim: A sentence.
        language: The language it is in.
        sources: Texts, each with its language.
        context: Texts that may hold its names too, such as the title above the sources.
        known: What the passages around know of names.
    """
    text = normalised(claim, language)
    held = [
        (quantity, source_language)
        for source, source_language in sources
        for quantity in quantities(normalised(source, source_language), source_language)
    ]
    missing = [
        asked.written for asked in quantities(text, language) if not _is_held(asked, held, language)
    ]
    missing += _missing_names(text, language, sources, context, known or KnownNames())
    return missing + missing_addresses(text, [normalised(*source) for source in sources])


def _is_held(
    asked: Quantity, held: Sequence[tuple[Quantity, Language]], language: Language
) -> bool:
    """Say whether a claim's quantity stands among some; of an idiom, that nothing speaks against.

    "One another" counts nothing; but «он банк» does where ten countries are told of.
    """
    of_it = [one for one in held if not asked.is_idiom or not asked.keys.isdisjoint(one[0].held)]
    return (asked.is_idiom and not of_it) or any(
        holds(quantity, asked, same_language=source_language == language)
        for quantity, source_language in of_it
    )


# --- names --------------------------------------------------------------------------------------


def _missing_names(
    text: str,
    language: Language,
    sources: Sequence[Text],
    context: Sequence[Text],
    known: KnownNames,
) -> list[str]:
    held = frozenset[str]().union(*(_terms(*source) for source in (*sources, *context)))
    is_abroad = bool(sources) and all(source_language != language for _, source_language in sources)
    missing = []
    for written, keys in _names(text, language, known):
        own_concepts = frozenset(concepts(written, language))
        # What one language calls by a word another may call by a different one: Өлі теңіз.
        may_be_translated = known.keys.isdisjoint(keys) and known.concepts.isdisjoint(own_concepts)
        if is_abroad and may_be_translated and not _SURNAME.match(written.casefold()):
            continue
        words = {term for word in written.split() for term in terms(word, language)}
        if held.isdisjoint({*words, *keys, *own_concepts}):
            missing.append(written)
    return missing


def _names(
    text: str, language: Language, known: KnownNames
) -> Iterator[tuple[str, frozenset[str]]]:
    """Give the names of a text with their keys by sound, those in small letters too."""
    for (start, end), readings in groupby(
        names(text, language), lambda name: (name.start, name.end)
    ):
        keys = frozenset(reading.key for reading in readings)
        # A first word owes its capital to its place.
        if start or _SURNAME.match(text[:end].casefold()) or not known.keys.isdisjoint(keys):
            yield text[start:end], keys
    for match in _WORD.finditer(text):
        word = match[0]
        hidden = word.islower() and _hidden_name(word, language, known)
        if hidden:
            yield word, frozenset(name_keys(hidden, language))


def _hidden_name(word: str, language: Language, known: KnownNames) -> str:
    """Return the name that a word in small letters is, or holds; empty if it is none."""
    if _is_ordinary(word, language, known):
        return ""
    alike = any(word.startswith(form[:PREFIX_LETTERS]) for form in known.forms)
    keys = {key for key in name_keys(word, language) if alike or len(key) > _MIN_KEY}
    if not known.keys.isdisjoint(keys) or (language != "ru" and _SURNAME.match(word)):
        return word
    return next((form for form in known.forms if form in word), "")


def _is_ordinary(word: str, language: Language, known: KnownNames) -> bool:
    """Say whether a word in small letters is known to be no name."""
    return (
        word in stopwords(language)
        or word[:PREFIX_LETTERS] in known.common
        or bool(concepts(word, language))
    )


@lru_cache(maxsize=20_000)  # Sentences of the passages that are read come again with each claim.
def _terms(text: str, language: Language) -> frozenset[str]:
    return frozenset(terms(normalised(text, language), language))


@lru_cache(maxsize=1_000)  # Passages are shown again.
def _names_in(text: str, language: Language) -> KnownNames:
    found = names(text, language)
    forms = {text[name.start : name.end].casefold() for name in found}
    small = {word[:PREFIX_LETTERS] for word in _WORD.findall(text) if word.islower()}
    return KnownNames(
        keys=frozenset(name.key for name in found if len(name.key) >= _MIN_KEY),
        concepts=frozenset(concept for form in forms for concept in concepts(form, language)),
        forms=frozenset(form for form in forms if len(form) >= _MIN_GLUED),
        common=frozenset(small),
    )
