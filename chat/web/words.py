"""What the page says, in the reader's language: words, numbers, dates.

In: the name of a text of words.toml, and what fills it in. Out: plain text. Knows nothing of HTML.
Plural forms, numbers and dates are those of the Unicode CLDR, through Babel.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final, get_args

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from ingest.document import Language

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages of the page, in the order in which they are offered."""

NAMES: Final[Mapping[Language, str]] = {"kk": "Қазақша", "en": "English", "ru": "Русский"}
"""What each language calls itself."""

_FORMS: Final[Mapping[Language, tuple[str, ...]]] = {
    "kk": ("other",),
    "en": ("one", "other"),
    "ru": ("one", "few", "many"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The page's words in one language."""

    language: Language

    def say(self, name: str, /, **values: object) -> str:
        """Return a text, with its braces filled in.

        >>> Words("kk").say("place", number=7, total=14)
        '7-абзац, барлығы 14'

        Raises:
            KeyError: There is no such text, or a value is missing.
        """
        text = _table()[name][self.language]
        assert isinstance(text, str)
        return text.format(**values)

    def count(self, name: str, number: int) -> str:
        """Return a text about a number of things, in the form that the number asks for.

        >>> Words("ru").count("documents_count", 2), Words("en").count("documents_count", 1000)
        ('2 документа', '1,000 documents')
        """
        forms = _table()[name][self.language]
        if isinstance(forms, str):
            forms = [forms]
        form = Locale(self.language).plural_form(number)
        names = _FORMS[self.language]
        place = names.index(form) if form in names else len(names) - 1
        return forms[place].format(n=self.number(number))

    def number(self, number: int) -> str:
        """Write a number, its thousands apart."""
        return str(format_decimal(number, locale=self.language))

    def decimal(self, number: float) -> str:
        """Write a number with three decimals, for tables."""
        return str(format_decimal(number, format="0.000", locale=self.language))

    def percent(self, share: float) -> str:
        """Write a share of 1 as a whole percentage; 100 % and 0 % only for all and nothing."""
        whole = min(max(round(share, 2), 0.01), 0.99) if 0 < share < 1 else share
        return str(format_percent(whole, locale=self.language))

    def date(self, when: str) -> str:
        """Write the day of an ISO 8601 time; nothing where it is not known."""
        return str(format_date(datetime.fromisoformat(when), "long", self.language)) if when else ""


def gradios_words() -> dict[Language, dict[str, str]]:
    """Return the strings of Gradio's own, by language and Gradio's key."""
    return {
        language: {name: str(texts[language]) for name, texts in _table().items() if "." in name}
        for language in LANGUAGES
    }


def preferred(accepted: str) -> Language:
    """Return the language that a browser asks for (RFC 9110, Accept-Language); else English.

    >>> preferred("de, kk-KZ;q=0.8, en;q=0.5"), preferred("tr")
    ('kk', 'en')
    """
    wishes = []
    for place, wish in enumerate(accepted[:1_000].split(",")):
        name, _, quality = wish.partition(";")
        value = quality.strip().casefold().removeprefix("q=")
        weight = float(value) if value.replace(".", "", 1).isdecimal() else 1.0
        wishes.append((-weight, place, name.strip().casefold().partition("-")[0]))
    known = (name for weight, _, name in sorted(wishes) if weight)
    return next((language for name in known for language in LANGUAGES if name == language), "en")


@cache
def _table() -> Mapping[str, Mapping[Language, str | list[str]]]:
    """Return words.toml."""
    found: Mapping[str, Mapping[Language, str | list[str]]] = tomllib.loads(
        Path(__file__).with_name("words.toml").read_text("utf-8")
    )
    return found
