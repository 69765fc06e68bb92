"""The words of a report in the reader's language, and numbers as they are written in it.

The words are those of texts.toml and measures.toml; in English, figures and failures are called
what `eval.metrics` calls them, and so is what has no name in another language yet.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final

from chat.web.i18n import Translations
from eval.metrics.case import Measure
from eval.metrics.registry import FAILURES, MEASURES, format_value

TEXTS: Final = Path(__file__).with_name("texts.toml")

MEASURES_FILE: Final = Path(__file__).with_name("measures.toml")

WriteValue = Callable[..., str]
"""Writes a value, as `format_value` does: the value, and its unit."""


def report_texts(language: str) -> Translations:
    """Return the texts of a report."""
    return Translations(language, TEXTS)


def measures_in(language: str) -> Mapping[str, Measure]:
    """Return how figures are described, by name."""
    described = {name: texts[language] for name, texts in _described().items() if language in texts}
    texts = report_texts(language)
    return {
        name: replace(
            measure,
            label=described[name][0] if name in described else measure.label,
            meaning=described[name][1] if name in described else measure.meaning,
            group=_group(measure.group, texts),
        )
        for name, measure in MEASURES.items()
    }


def failures_in(language: str) -> Mapping[str, str]:
    """Return what is told of each failure, by name."""
    return {name: Translations(language).text(f"failure_{name}") for name in FAILURES}


def value_writer(texts: Translations) -> WriteValue:
    """Return what writes a value in a language; English has a point, and its thousands together."""
    return format_value if texts.language == "en" else partial(_write_value, texts)


def _write_value(texts: Translations, value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    if unit:
        return texts.text("milliseconds", n=texts.number(round(value)))
    return texts.decimal(value)


def _group(name: str, texts: Translations) -> str:
    key = f"group_{name.casefold().replace(' ', '_')}"
    return texts.text(key) if texts.knows(key) else name


@cache  # Of a file that ships with the program.
def _described() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Return measures.toml: by figure and language a label and a meaning."""
    table: Mapping[str, Mapping[str, tuple[str, str]]] = tomllib.loads(
        MEASURES_FILE.read_text("utf-8")
    )
    return table
