"""Texts, numbers and dates of the page in the reader's language.

The texts are those of i18n.toml; plural forms, numbers and dates are those of the Unicode CLDR,
through Babel.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

LANGUAGE_NAMES: Final[Mapping[str, str]] = {"kk": "Қазақша", "en": "English", "ru": "Русский"}
"""The languages of the page, in the order in which they are offered: what each calls itself."""

LANGUAGES: Final = tuple(LANGUAGE_NAMES)

TEXTS: Final = Path(__file__).with_name("i18n.toml")
"""The texts of the page."""

_PLURAL_CATEGORIES: Final = ("zero", "one", "two", "few", "many", "other")
"""Those of the CLDR; the lists of i18n.toml have a language's forms in this order."""

_MAX_ACCEPT_LANGUAGE_CHARACTERS: Final = 1_000
"""How much of an Accept-Language header is read; browsers send under a hundred characters."""


@dataclass(frozen=True, slots=True)
class Translations:
    """The texts of the page, or of something else that is told in its languages, in one of them."""

    language: str
    """One of LANGUAGES."""

    source: Path = TEXTS
    """The file that the texts are in, which ships with the program."""

    def knows(self, key: str) -> bool:
        """Say whether there is such a text."""
        return key in _table(self.source)

    def text(self, key: str, /, **values: object) -> str:
        """Return a text, with its braces filled in.

        >>> Translations("kk").text("place", number=7, total=14)
        '7-абзац, барлығы 14'

        Raises:
            KeyError: There is no such text, or a value is missing.
        """
        text = _table(self.source)[key][self.language]
        assert isinstance(text, str)
        return text.format(**values)

    def count(self, key: str, number: int) -> str:
        """Return a text about a number of things, in the plural form that the number asks for.

        >>> Translations("ru").count("documents_count", 2)
        '2 документа'
        >>> Translations("en").count("documents_count", 1000)
        '1,000 documents'
        """
        forms = _table(self.source)[key][self.language]
        if isinstance(forms, str):
            forms = [forms]
        plural_form = Locale(self.language).plural_form
        known = {*plural_form.tags, "other"}
        categories: list[str] = [name for name in _PLURAL_CATEGORIES if name in known]
        # Kazakh has one form, and Russian none for fractions, which no count has.
        place = min(categories.index(plural_form(number)), len(forms) - 1)
        return forms[place].format(n=self.number(number))

    def number(self, number: int) -> str:
        """Write a whole number, its thousands apart."""
        return str(format_decimal(number, locale=self.language))

    def decimal(self, number: float) -> str:
        """Write a number with three decimals, for tables."""
        return str(format_decimal(number, format="0.000", locale=self.language))

    def percent(self, share: float) -> str:
        """Write a share of 1 as a whole percentage; 100 % and 0 % only for all and nothing."""
        rounded = min(max(round(share, 2), 0.01), 0.99) if 0 < share < 1 else share
        return str(format_percent(rounded, locale=self.language))

    def date(self, iso_time: str) -> str:
        """Write the day of an ISO 8601 time; empty for an empty one."""
        if not iso_time:
            return ""
        return str(format_date(datetime.fromisoformat(iso_time), "long", self.language))

    def moment(self, moment: datetime) -> str:
        """Write a day and a time of day shortly, as in a list."""
        return str(format_datetime(moment, "short", locale=self.language))


def translations_in(language: str) -> Translations:
    """Return the texts of the page in a language; in English for one that it is not in."""
    return Translations(language if language in LANGUAGES else "en")


def gradio_translations() -> dict[str, dict[str, str]]:
    """Return the strings of Gradio's own components, by language and by Gradio's key.

    Gradio has no Kazakh, and chooses by the browser's language, not by the page's. Its keys are
    the ones with a dot.
    """
    return {
        language: {key: str(texts[language]) for key, texts in _table(TEXTS).items() if "." in key}
        for language in LANGUAGES
    }


def preferred_language(accept_language: str) -> str:
    """Return the language that a browser asks for (RFC 9110, Accept-Language); else English.

    >>> preferred_language("de, kk-KZ;q=0.8, en;q=0.5"), preferred_language("tr")
    ('kk', 'en')
    """
    ranges = []
    for position, language_range in enumerate(
        accept_language[:_MAX_ACCEPT_LANGUAGE_CHARACTERS].split(",")
    ):
        tag, _, parameter = language_range.partition(";")
        value = parameter.strip().casefold().removeprefix("q=")
        quality = float(value) if value.replace(".", "", 1).isdecimal() else 1.0
        ranges.append((-quality, position, tag.strip().casefold().partition("-")[0]))
    acceptable = (name for quality, _, name in sorted(ranges) if quality)
    return next((lang for name in acceptable for lang in LANGUAGES if name == lang), "en")


@cache  # Of files that ship with the program: no content of a user is kept.
def _table(source: Path) -> Mapping[str, Mapping[str, str | list[str]]]:
    """Return a file of texts: by key and language a text, or the list of its plural forms."""
    table: Mapping[str, Mapping[str, str | list[str]]] = tomllib.loads(source.read_text("utf-8"))
    return table
