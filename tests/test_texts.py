"""Tests of eval/report/texts.py: a report speaks one language, in which each figure has a name."""

import re
import string
import tomllib
import unicodedata

import pytest

from chat.web.i18n import LANGUAGES
from eval.dataset import mixed_words
from eval.metrics.registry import FAILURES, MEASURES, format_value
from eval.report.html import PAGES
from eval.report.texts import (
    MEASURES_FILE,
    TEXTS,
    failures_in,
    measures_in,
    report_texts,
    value_writer,
)
from ingest.language import detect

TABLE = tomllib.loads(TEXTS.read_text("utf-8"))
DESCRIBED = tomllib.loads(MEASURES_FILE.read_text("utf-8"))
FORMS = {"kk": 1, "en": 2, "ru": 3}
NAMES = {"Dalel", "Recall", "MRR", "nDCG", "AUROC", "ECE", "F", "chrF", "Success", "p", "k", "j",
         "Enter"}  # fmt: skip
"""What no alphabet changes."""
BUILT = ("entry_", "group_", "kind_")


def forms(key, language):
    entry = TABLE[key][language]
    return entry if isinstance(entry, list) else [entry]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TABLE)
def test_a_text_is_there_in_each_language_with_the_same_braces(key):
    assert list(TABLE[key]) == [*LANGUAGES]
    for language in LANGUAGES:
        entry = TABLE[key][language]
        assert isinstance(entry, str) or len(entry) == FORMS[language]
        for text in forms(key, language):
            assert text == text.strip() == unicodedata.normalize("NFC", text) != ""
            assert fields(text) == fields(forms(key, "kk")[0])


def test_no_text_is_left_over_and_none_is_missing():
    sources = [
        *PAGES.glob("*.jinja"),
        *PAGES.parent.glob("*.py"),
        PAGES.parent.parent / "compare.py",
    ]
    said = set()
    for source in sources:
        said |= set(re.findall(r'(?:\bt|count|text)\("([^"]+)"', source.read_text("utf-8")))
    page = {"better", "worse", "other"}  # Said of a change by its kind.
    keys = {key for key in TABLE if not key.startswith(BUILT)}
    assert keys - page <= said
    assert {f"group_{m.group.casefold().replace(' ', '_')}" for m in MEASURES.values()} == {
        key for key in TABLE if key.startswith("group_")
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_and_failure_is_described(language):
    described = measures_in(language)
    assert list(described) == list(MEASURES)
    for name, measure in described.items():
        assert measure.label.strip()
        assert measure.meaning.strip()
        assert (measure.better, measure.unit) == (MEASURES[name].better, MEASURES[name].unit)
        if language != "en":
            assert measure.meaning != MEASURES[name].meaning, name
    labels = [measure.label for measure in described.values()]
    assert len(set(labels)) == len(labels)
    assert list(failures_in(language)) == list(FAILURES)


def test_english_is_what_the_metrics_say():
    assert measures_in("en") == MEASURES
    assert failures_in("en") == FAILURES


def test_no_figure_is_described_that_is_not_there():
    assert list(DESCRIBED) == list(MEASURES)
    assert all(list(texts) == ["kk", "ru"] for texts in DESCRIBED.values())


def prose(language):
    pairs = [(key, text) for key in TABLE for text in forms(key, language)]
    pairs += [(name, text) for name in DESCRIBED for text in DESCRIBED[name].get(language, ())]
    parse = string.Formatter().parse
    return [(key, " ".join(part for part, *_ in parse(text))) for key, text in pairs]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_kazakh_and_russian_are_no_mixture(language):
    words = {word for _, text in prose(language) for word in re.findall("[A-Za-z]+", text)}
    assert words <= NAMES
    assert [word for _, text in prose(language) for word in mixed_words(text)] == []
    long = [text for _, text in prose(language) if len(text.split()) > 5]
    assert len(long) > 40
    assert [text for text in long if detect(text) != language] == []


@pytest.mark.parametrize(
    ("language", "share", "time"),
    [
        ("en", "0.500", "1234 ms"),
        ("kk", "0,500", "1\u00a0234 мс"),
        ("ru", "0,500", "1\u00a0234 мс"),
    ],
)
def test_values_are_written_as_people_there_write_them(language, share, time):
    write = value_writer(report_texts(language))
    assert (write(0.5), write(1234.4, "ms"), write(None)) == (share, time, "–")
    assert (format_value(0.5), format_value(None)) == ("0.500", "–")
