"""Quantities: the numbers and dates of a text, with what they count and how they are compared.

"More than 140 countries" is a number (140), a comparison (more) and what is counted (countries). A
claim's quantity is held by a text that has the number, compared in no contrary way, of the same
measure (percent, years, tonnes), and of the same things: in one language by their stems, across
languages by the concepts of the glossary, where it knows both.

The words are data: quantities.toml.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import dropwhile, groupby, takewhile
from typing import Any, Final, Literal

from index.analysis.entities import Entity
from index.analysis.entities.extractor import date_keys, numbers_and_dates
from index.analysis.entities.numbers import numeral
from index.analysis.entities.tokens import DASHES, Token, token_at, tokenize
from index.analysis.lexicon import concepts, stem, stopwords
from index.analysis.suffixes import is_suffix_chain
from ingest.document import Language

Bound = Literal["more", "least", "most", "less", "nearly", "unclear", ""]
"""How a number is compared; "" says that it is what it is, or about that."""

_IDIOMATIC: Final = frozenset(("0.5", "1", "2", "10"))
"""Numbers that idioms hold when they are written as words: one another, on the other hand."""

_PHRASE_TOKENS: Final = 4
"""Tokens of a longest phrase of comparison."""
_MAX_BOUND_DISTANCE: Final = 4
"""Tokens behind a number among which a phrase of comparison starts."""
_NEAR, _BEHIND, _BEFORE = 5, 9, 4
"""Words behind a claim's number that may say what it counts; behind and before a source's."""
_NEAR_KAZAKH: Final = 3
"""Those of them that may be the head in Kazakh, which joins few words before a case shows it."""
_TIMES: Final = frozenset("year month week day hour minute second".split())

_ABLATIVE: Final = re.compile("[дтн][ае]н$")
_DATIVE: Final = re.compile("(?:[ғгқк][ае]|н[ае]|[ае])$")
_KAZAKH_DENIAL: Final = re.compile(
    r"\w{2}[мбп][ае](?:й\w*|ды|ді|ған|ген|с|у\w{0,4}|сын|сін|ңыз|ңіз)$"
)
_CASE_MARKED: Final = re.compile(
    r"\w{2}(?:[дтн][ае]н|[ғгқк][ае]|[мпб]ен|[дтн][ыі]ң?|(?<![аей]т)[ыі]н|н[ае]|[дт][ае])$"
)
_ADJECTIVE: Final = re.compile(r"\w{2}(?:[лдт][ыі][қк]|[ғгқк][ыі]|[лдт][ыі]|саяси)$")
_COMPARATIVE: Final = re.compile(r"(?:ее|ей|[^\W\d]ше|же|че)$")
_IRREGULAR_PLURALS: Final = frozenset("people men women children percent".split())


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or a date in a text.

    Attributes:
        written: The words of it.
        keys: What it may be, such as `1600`, `1992-05`, `199x`.
        held: Those and the coarser dates that it satisfies.
        is_date: It is a date, whatever follows.
        bound: How it is compared.
        measure: What it is measured in; "" for none.
        things: Stems and concepts of the head word of what it counts, as far as that is known:
            "organizations" of "70 international political and economic organizations".
        around: Those of all words near it.
        vague: For "thousands" 1000, and no keys; else 0.
    """

    written: str
    keys: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    is_date: bool = False
    bound: Bound = ""
    measure: str = ""
    things: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    vague: int = 0

    @property
    def in_words(self) -> bool:
        """Whether it is written without a figure."""
        return not any(character.isdigit() for character in self.written)

    @property
    def is_idiom(self) -> bool:
        """Whether it may say nothing of how many: one another, the two sides, half past six."""
        return self.in_words and bool(self.keys & _IDIOMATIC) and not self.measure


@lru_cache(maxsize=20_000)  # Sentences of the passages that are read come again with each claim.
def quantities(text: str, language: Language) -> tuple[Quantity, ...]:
    """Return the quantities of a normalised text, in order.

    >>> [one] = quantities("with more than 140 countries", "en")
    >>> one.written, set(one.keys), one.bound
    ('140', {'140'}, 'more')
    """
    reader = _Reader(text, language)
    read: list[Quantity] = []
    place = 0
    for (start, end), group in groupby(
        numbers_and_dates(text, language), lambda entity: (entity.start, entity.end)
    ):
        first, after = reader.place_of(start), reader.place_of(end)
        read += reader.vague(place, first)
        read.append(reader.quantity(text[start:end], list(group), first, after))
        place = after
    return (*read, *reader.vague(place, len(reader.tokens)))


def holds(source: Quantity, claim: Quantity, *, same_language: bool) -> bool:
    """Say whether what a text says of a quantity is what a claim says of it."""
    if claim.vague or source.vague:
        return (
            bool(claim.vague)
            and _is_of_size(source, claim.vague)
            and _counts_the_same(source, claim, same_language=same_language)
        )
    if claim.keys.isdisjoint(source.held):
        return False
    if claim.is_date or source.is_date:
        return True
    return source.bound not in _CONTRARY[claim.bound] and _counts_the_same(
        source, claim, same_language=same_language
    )


# --- comparing ----------------------------------------------------------------------------------


_CONTRARY: Final[Mapping[Bound, frozenset[Bound]]] = {
    "": frozenset(),
    "unclear": frozenset(),
    "more": frozenset(("", "most", "less", "nearly")),
    "least": frozenset(("most", "less", "nearly")),
    "most": frozenset(("more", "least")),
    "less": frozenset(("", "more", "least")),
    "nearly": frozenset(("more", "least")),
}
"""What a source says of a number for which a claim that compares it so does not stand."""


def _is_of_size(source: Quantity, vague: int) -> bool:
    if source.vague:
        return source.vague == vague
    values = (float(key) for key in source.keys if key.replace(".", "", 1).isdigit())
    return not source.is_date and any(vague <= value < 1000 * vague for value in values)


def _counts_the_same(source: Quantity, claim: Quantity, *, same_language: bool) -> bool:
    measures = {claim.measure, source.measure} - {""}
    if "unclear" in measures:
        return True
    if claim.measure == "percent" or (claim.measure and source.measure):
        return claim.measure == source.measure
    if not claim.things or not source.things:
        return True
    if "percent" not in measures and not claim.things.isdisjoint(source.around):
        return True
    if measures or same_language:
        return False
    known = [{key for key in keys if key[0] == "="} for keys in (claim.things, source.around)]
    return not all(known)


# --- reading ------------------------------------------------------------------------------------


class _Reader:
    """A text that quantities are read in."""

    def __init__(self, text: str, language: Language) -> None:
        self.tokens = tokenize(text)
        self._language = language
        self._starts = [token.start for token in self.tokens]
        self._is_denied = any(map(self._denies, self.tokens))

    def place_of(self, offset: int) -> int:
        """Return the place of the first token that starts at a character or behind it."""
        return bisect_left(self._starts, offset)

    def quantity(
        self, written: str, readings: Sequence[Entity], first: int, after: int
    ) -> Quantity:
        """Return what was read at some tokens, with what stands around it."""
        keys = frozenset(reading.key for reading in readings)
        held = keys.union(
            *(date_keys(reading.key) for reading in readings if reading.kind == "date")
        )
        if all(reading.kind == "date" for reading in readings):
            return Quantity(written, keys, held, is_date=True)
        if share := self._half(written, after):
            return Quantity(
                written, share, share, bound=self._bound(first, after, ""), measure="percent"
            )
        measure, things, around = "", frozenset[str](), frozenset[str]()
        if not self._is_label(first, after):
            measure = self._measure(first, after)
            things = self._meanings(self._counted(after))
            around = things | self._meanings(
                [*self._words(after, _BEHIND), *self._words_before(first)]
            )
        return Quantity(
            written,
            keys,
            held,
            bound=self._bound(first, after, measure),
            measure=measure,
            things=things,
            around=around,
        )

    def vague(self, first: int, after: int) -> Iterator[Quantity]:
        """Give what says among some tokens that there are many: «мыңдаған», tens of thousands."""
        place = first
        while place < after:
            start, size = place, 1
            while place < after and (scale := self._scale(place, is_first=place == start)):
                size *= scale
                place += 1 + (token_at(self.tokens, place + 1).text == "of")
            if place == start:
                place += 1
                continue
            things = self._meanings(self._counted(place))
            around = things | self._meanings([*self._words(place, _BEHIND)])
            yield Quantity(self.tokens[start].text, vague=size, things=things, around=around)

    def _scale(self, place: int, *, is_first: bool) -> int:
        """Return of what size a word says that there are many; behind one, also «мыңнан»."""
        word = re.sub(r"(?<=ған)ы.*|(?<=ген)і.*", "", token_at(self.tokens, place).text)
        many: int = _words()["vague"].get(word, 0)
        known = None if is_first else numeral(word, self._language)
        return many or (known.value if known and known.role == "scale" else 0)

    # --- what it counts -------------------------------------------------------------------------

    def _is_label(self, first: int, after: int) -> bool:
        """Say whether a number counts nothing: school No. 23, Henry 8, the 5th, «үшеуі»."""
        before = token_at(self.tokens, first - 1)
        if before.text == ".":  # No. 23
            before = token_at(self.tokens, first - 2)
        is_named = before.capital and before.text not in stopwords(self._language)
        return (
            before.text in ("№", "no", "number")
            or (is_named and before.kind == "word" and self._language != "kk")
            or self._is_ordinal(after)
            or self._stands_alone(after)
        )

    def _is_ordinal(self, after: int) -> bool:
        tail = token_at(self.tokens, after + (token_at(self.tokens, after).text in DASHES))
        if tail.tight and tail.text in _words()["ordinal"][self._language]:
            return True
        known = numeral(token_at(self.tokens, after - 1).text, self._language)
        return known is not None and known.ordinal

    def _stands_alone(self, after: int) -> bool:
        """Say whether a Kazakh number has an ending: «78-і», but «1600-ден астам келісім»."""
        known = numeral(token_at(self.tokens, after - 1).text, "kk")
        behind = after + 2 * self._has_ending(after)
        return (
            self._language == "kk"
            and (behind > after or (known is not None and known.last))
            and token_at(self.tokens, behind).text not in _words()["passed"]["kk"]
        )

    def _has_ending(self, after: int) -> bool:
        dash, tail = token_at(self.tokens, after), token_at(self.tokens, after + 1)
        return (
            self._language == "kk"
            and dash.text in DASHES
            and tail.tight
            and tail.kind == "word"
            and len(tail.text) < 9
            and is_suffix_chain(tail.text)
        )

    def _half(self, written: str, after: int) -> frozenset[str]:
        """Return the share that a half of something is, as a number and in percent."""
        word = written.casefold()
        is_share = word.startswith(("жартыс", "половин")) or (
            word == "half" and token_at(self.tokens, after).text in ("of", "the", "its", "their")
        )
        return frozenset(("0.5", "50")) if is_share else frozenset()

    def _measure(self, first: int, after: int) -> str:
        for place in (first - 1, after):
            if sign := _measures("").get(token_at(self.tokens, place).text):
                return sign
        return next(
            filter(None, (_measure_of(word, self._language) for word in self._words(after, 2))), ""
        )

    def _counted(self, after: int) -> list[str]:
        """Return the head words of what is counted, as far as a language shows them.

        English: the first plurals that follow each other, "sports clubs"; Kazakh: the words up to
        the first with an ending of case, without adjectives; Russian: all that may be it.
        """
        words = list(self._words(after, _NEAR))
        if self._language == "en":
            behind = dropwhile(lambda word: not _is_plural(word), words)
            return list(takewhile(_is_plural, behind))
        if self._language == "kk":
            near = words[:_NEAR_KAZAKH]
            marked = [n for n, word in enumerate(near) if _CASE_MARKED.search(word)]
            phrase = near[: marked[0] + 1] if marked else near[:2]
            return [word for word in phrase if not _ADJECTIVE.search(word)] or phrase
        return words

    def _words(self, place: int, count: int) -> Iterator[str]:
        """Give the words from a place on, up to a mark, a number or what ends a noun phrase."""
        passed, stops = _words()["passed"][self._language], stopwords(self._language)
        abbreviated = _words()["abbreviated"][self._language]
        conjunctions = _words()["conjunction"][self._language]
        place += 2 * self._has_ending(place)
        while count:
            token = token_at(self.tokens, place)
            place += 1
            if token.text in DASHES or token.text in ("«", '"', "“", "%"):
                continue
            if token.text == "." and token_at(self.tokens, place - 2).text in abbreviated:
                continue
            if token.kind != "word":
                return
            if token.text in passed or token.text in conjunctions:
                continue
            if token.text in stops:
                if self._language == "kk":
                    continue
                return
            count -= 1
            yield token.text

    def _words_before(self, first: int) -> list[str]:
        words: list[str] = []
        for token in reversed(self.tokens[:first]):
            if token.kind != "word" or len(words) == _BEFORE:
                break
            if token.text not in stopwords(self._language):
                words.append(token.text)
        return words

    def _meanings(self, words: Collection[str]) -> frozenset[str]:
        language = self._language
        return frozenset(
            key for word in words for key in (stem(word, language), *concepts(word, language))
        )

    # --- how it is compared ---------------------------------------------------------------------

    def _bound(self, first: int, after: int, measure: str) -> Bound:
        bound = self._bound_before(first) or self._bound_behind(after)
        word = token_at(self.tokens, first - 1).text
        if self._is_denied and bound in ("more", "less"):
            return "unclear"
        if word == "over" and (measure in _TIMES or token_at(self.tokens, first).kind == "word"):
            return "unclear"  # It may be "during".
        return bound

    def _bound_before(self, first: int) -> Bound:
        for length in range(min(_PHRASE_TOKENS, first), 0, -1):
            phrase = " ".join(token.text for token in self.tokens[first - length : first])
            if bound := _phrases("before", self._language).get(phrase):
                return bound
        word, before = token_at(self.tokens, first - 1).text, token_at(self.tokens, first - 2).text
        is_comparative = (self._language == "en" and word == "than") or (
            self._language == "ru" and bool(_COMPARATIVE.search(before if word == "чем" else word))
        )
        return "unclear" if is_comparative else ""

    def _bound_behind(self, after: int) -> Bound:
        is_ablative = False
        for place in range(after, after + _MAX_BOUND_DISTANCE):
            token = token_at(self.tokens, place)
            if token.kind == "number" or (
                token.kind == "mark" and token.text not in {*DASHES, "%", "."}
            ):
                break
            if bound := self._phrase_at(place, "behind"):
                return bound
            is_ablative |= place > after - 1 and bool(_ABLATIVE.search(token.text))
        is_ablative |= bool(_ABLATIVE.search(token_at(self.tokens, after - 1).text))
        return "unclear" if is_ablative and self._language == "kk" else ""

    def _phrase_at(self, place: int, side: str) -> Bound:
        """Return what a phrase behind a number says; in Kazakh, the case before it decides."""
        sides = [side]
        if self._language == "kk":
            before = token_at(self.tokens, place - 1).text
            sides = (
                ["ablative"]
                if _ABLATIVE.search(before)
                else ["dative"]
                if _DATIVE.search(before)
                else ["bare"]
            )
        for length in range(_PHRASE_TOKENS, 0, -1):
            phrase = " ".join(token.text for token in self.tokens[place : place + length])
            for name in sides:
                if bound := _phrases(name, self._language).get(phrase):
                    return bound
        return ""

    def _denies(self, token: Token) -> bool:
        if token.text in _words()["denied"][self._language]:
            return True
        if self._language != "kk" or token.text in _phrases("dative", "kk"):
            return False  # «жетпейтін», less than it, denies nothing else.
        return bool(_KAZAKH_DENIAL.search(token.text))


def _is_plural(word: str) -> bool:
    return word in _IRREGULAR_PLURALS or (
        len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    )


# --- words --------------------------------------------------------------------------------------


@cache
def _words() -> Mapping[str, Any]:
    tables = tomllib.loads((resources.files("chat") / "quantities.toml").read_text("utf-8"))
    for name in ("passed", "conjunction", "abbreviated", "ordinal", "denied"):
        tables[name] = {key: frozenset(words.split()) for key, words in tables[name].items()}
    tables["vague"] = {
        word: int(size) for size, words in tables["vague"].items() for word in words.split()
    }
    return tables


@cache
def _measures(language: Language | Literal[""]) -> Mapping[str, str]:
    """Map words, and the stems of words, to what they measure; for no language, the signs."""
    table: dict[str, str] = {}
    for measure, words in _words()["measure"].items():
        for word in words.split():
            if word.isalpha() != bool(language):
                continue
            table[word] = measure
            if language and language != "kk":
                table.setdefault(stem(word, language), measure)
    return table


@lru_cache(maxsize=20_000)  # Words recur.
def _measure_of(word: str, language: Language) -> str:
    table = _measures(language)
    if language != "kk":
        return table.get(word) or table.get(stem(word, language), "")
    if word in table:
        return table[word]
    for length in range(len(word) - 1, 1, -1):  # «ж», «т» and «м» take no endings.
        if word[:length] in table and is_suffix_chain(word[length:]):
            return table[word[:length]]
    return ""


@cache
def _phrases(side: str, language: Language) -> Mapping[str, Bound]:
    return {
        phrase.strip(): bound
        for bound, phrases in _words()[side].get(language, {}).items()
        for phrase in phrases.split(";")
    }
