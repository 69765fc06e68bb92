"""Tests of chat/web/i18n.py and i18n.toml: complete, used, one language each; plurals, dates."""

import ast
import re
import string
import tomllib
import unicodedata
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.llm import FailureReason
from chat.session import TurnProblem
from chat.web import i18n as module
from chat.web.confidence_steps import ConfidenceStep
from chat.web.document_list import State
from chat.web.i18n import LANGUAGES, Translations, gradio_translations, preferred_language
from eval.dataset import mixed_words
from eval.metrics.registry import FAILURES
from eval.report.outcome import Stage
from eval.web_runs import Purpose
from eval.web_tab import SHOWN_FIGURES
from ingest.document import Language
from ingest.language import detect

ROOT = Path(__file__).parents[1]
TABLE = tomllib.loads(Path(module.__file__).with_name("i18n.toml").read_text("utf-8"))
KEYS = set(TABLE)
GRADIOS = {key for key in KEYS if re.fullmatch(r"\w+\.\w+", key)}
FORMS = {"kk": 1, "en": 2, "ru": 3}  # How many plural forms a language of the page has.
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PYTHON = [
    *sorted((ROOT / "chat" / "web").glob("*.py")),
    *(
        ROOT / "eval" / f"{name}.py"
        for name in ("web_tab", "web_runs", "web_reports", "set_form", "set_editing", "set_draft")
    ),
]
TEMPLATES = [
    *sorted((ROOT / "chat" / "web" / "pages").glob("*.jinja")),
    *(
        ROOT / "eval" / "report" / "pages" / name
        for name in (
            "results.html.jinja",
            "compared.html.jinja",
            "marked.html.jinja",
            "lost.html.jinja",
        )
    ),
]
# What stands behind the beginning of a key that code puts together.
BUILT = {
    "language_": get_args(Language),
    "written_": get_args(Language),
    "state_": get_args(State),
    "question_": {*get_args(TurnProblem)} - {"", "failed", "busy"},
    "untranslated_": get_args(FailureReason),
    "step_": {*get_args(ConfidenceStep)} - {""},
    "figure_": SHOWN_FIGURES,
    "failure_": FAILURES,
    "stage_": get_args(Stage),
    "changed_": ("better", "worse", "other"),
    "set_about_": {*get_args(Purpose)} - {""},
}
KAZAKH, ENGLISH, RUSSIAN = map(Translations, get_args(Language))
RETRIEVAL = {"nDCG", "MRR", "Recall"}
KEPT = {"Dalel", "HTML", "Markdown", *RETRIEVAL}  # Names that no alphabet changes.
LATIN, CYRILLIC = re.compile("[A-Za-z]+"), re.compile("[\u0400-\u052f]")


def forms(key, language):
    entry = TABLE[key][language]
    return entry if isinstance(entry, list) else [entry]


def texts(*languages):
    return [(key, text) for key in TABLE for language in languages for text in forms(key, language)]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def prose(text):
    """Return a text without its fields."""
    return " ".join(part for part, *_ in string.Formatter().parse(text))


def said_by(path):
    """Return the keys that a module says, and the beginnings of keys that it puts together."""
    keys, beginnings = set(), set()
    nodes = [*ast.walk(ast.parse(path.read_text("utf-8")))]
    for function in nodes:
        here = [*ast.walk(function)] if isinstance(function, FUNCTIONS) else []
        for call in here:
            match call:
                case ast.Call(ast.Attribute(_, "text" | "count"), [ast.Constant(key), *_]):
                    keys.add(key)
                case ast.Call(ast.Attribute(_, "text" | "count"), [ast.JoinedStr([start, _]), *_]):
                    beginnings.add(start.value)
                case ast.Call(ast.Name("DraftProblem"), [ast.Constant(key), *_]):
                    keys.add(key)
                case ast.Call(ast.Attribute(_, "text" | "count"), [ast.Name(), *_]):
                    keys |= {node.value for node in here if isinstance(node, ast.Constant)} & KEYS
    return keys, beginnings


def said_in(path):
    """Return the same of a template."""
    said = re.findall(r'\b(?:t|count)\("([^"]+)"( ~)?', path.read_text("utf-8"))
    return {key for key, more in said if not more}, {key for key, more in said if more}


SAID = {path: said_by(path) for path in PYTHON} | {path: said_in(path) for path in TEMPLATES}


@pytest.mark.parametrize("key", TABLE)
def test_a_text_is_there_in_each_language_with_the_same_braces(key):
    assert list(TABLE[key]) == [*LANGUAGES]
    for language in LANGUAGES:
        entry = TABLE[key][language]
        assert isinstance(entry, str) or len(entry) == FORMS[language]
        for text in forms(key, language):
            assert text == text.strip() != ""
            assert text == unicodedata.normalize("NFC", text)
            assert fields(text) == fields(forms(key, "kk")[0])


@pytest.mark.parametrize("path", SAID, ids=lambda path: path.name)
def test_what_is_said_is_in_the_table(path):
    keys, beginnings = SAID[path]
    assert keys <= KEYS
    assert beginnings <= set(BUILT)


@pytest.mark.parametrize("beginning", BUILT)
def test_keys_that_are_put_together_are_those_of_the_table(beginning):
    there = {key for key in KEYS if key.startswith(beginning)}
    assert there == {f"{beginning}{end}" for end in BUILT[beginning]}
    assert any(beginning in beginnings for _, beginnings in SAID.values())


def test_no_text_is_left_over():
    said = set.union(*(keys for keys, _ in SAID.values()))
    assert len(said) > 90
    assert {key for key in KEYS if not key.startswith(tuple(BUILT))} - GRADIOS == said - GRADIOS


@pytest.mark.parametrize("key", sorted(GRADIOS))
def test_gradio_has_such_a_text(key):
    """A key that Gradio renames would leave its English on a Kazakh page."""
    [assets] = find_spec("gradio").submodule_search_locations
    [core] = Path(assets, "templates", "frontend", "assets").glob("core-*.js")
    assert re.search(rf"\b{key.partition('.')[2]}:[`\"']", core.read_text("utf-8"))


def test_gradios_texts_are_handed_on():
    translations = gradio_translations()
    assert [set(translations[language]) for language in LANGUAGES] == [GRADIOS] * len(LANGUAGES)
    assert translations["kk"]["common.error"] == "Қате"


def test_there_is_no_latin_word_in_a_kazakh_or_russian_text_but_names():
    latin = {(key, word) for key, text in texts("kk", "ru") for word in LATIN.findall(prose(text))}
    assert {word for _, word in latin} == KEPT
    assert all(key.startswith("figure_") for key, word in latin if word in RETRIEVAL)


def test_no_word_mixes_alphabets():
    assert [word for _, text in texts(*LANGUAGES) for word in mixed_words(prose(text))] == []
    english = [(key, text) for key, text in texts("en") if CYRILLIC.search(prose(text))]
    assert [key for key, _ in english] == ["title"]


def test_long_texts_are_in_their_language():
    for language in get_args(Language):  # Of others, `detect` knows nothing.
        long = [text for _, text in texts(language) if len(text.split()) > 5]
        assert len(long) > 10
        assert [text for text in long if detect(prose(text)) != language] == []


@pytest.mark.parametrize(
    ("form", "number"),
    [*((0, n) for n in (1, 21, 101, 1001)), *((1, n) for n in (2, 4, 22, 122)),
     *((2, n) for n in (0, 5, 11, 12, 14, 25, 111, 112, 1000))],
)  # fmt: skip
@pytest.mark.parametrize("key", [key for key in TABLE if isinstance(TABLE[key]["ru"], list)])
def test_russian_has_three_forms(key, form, number):
    expected = TABLE[key]["ru"][form].format(n=RUSSIAN.number(number))
    assert RUSSIAN.count(key, number) == expected


@pytest.mark.parametrize(("number", "form"), [(0, 1), (1, 0), (2, 1), (11, 1), (21, 1), (1000, 1)])
def test_english_has_two_forms(number, form):
    expected = TABLE["documents_count"]["en"][form].format(n=f"{number:,}")
    assert ENGLISH.count("documents_count", number) == expected


@pytest.mark.parametrize("number", [0, 1, 2, 5, 21, 999])
def test_a_kazakh_noun_stays_as_it_is(number):
    assert KAZAKH.count("documents_count", number) == f"{number} құжат"


@given(st.integers(-(10**15), 10**15))
def test_a_number_is_its_digits(number):
    for i18n, between in ((KAZAKH, "\u00a0"), (ENGLISH, ","), (RUSSIAN, "\u00a0")):
        assert i18n.number(number) == f"{number:,}".replace(",", between)


@pytest.mark.parametrize(
    ("share", "percent"),
    [(0, 0), (0.0, 0), (1e-9, 1), (0.004, 1), (0.006, 1), (0.1, 10), (0.5, 50), (0.994, 99),
     (0.996, 99), (1 - 1e-9, 99), (1, 100), (1.0, 100)],
)  # fmt: skip
def test_all_and_nothing_are_said_only_of_all_and_nothing(share, percent):
    written = [i18n.percent(share) for i18n in (KAZAKH, ENGLISH, RUSSIAN)]
    assert written == [f"{percent}%", f"{percent}%", f"{percent}\u00a0%"]


def test_a_decimal_has_three_places_and_the_languages_sign():
    written = [[i18n.decimal(number) for i18n in (KAZAKH, ENGLISH)] for number in (0, 2 / 3, -0.25)]
    assert written == [["0,000", "0.000"], ["0,667", "0.667"], ["-0,250", "-0.250"]]
    assert RUSSIAN.decimal(1 / 8) == "0,125"


def test_a_date_is_written_out():
    written = [i18n.date("2026-11-22T18:57:29+00:00") for i18n in (KAZAKH, ENGLISH, RUSSIAN)]
    dates = [" ".join(date.split()) for date in written]  # The spaces are narrow ones of late.
    assert dates == ["2026 ж. 22 қараша", "November 22, 2026", "22 ноября 2026 г."]
    assert [i18n.date("") for i18n in (KAZAKH, ENGLISH, RUSSIAN)] == [""] * 3


def test_a_moment_is_written_shortly():
    moment = datetime(2026, 11, 22, 18, 7)
    written = [" ".join(i18n.moment(moment).split()) for i18n in (KAZAKH, ENGLISH, RUSSIAN)]
    assert written == ["22.11.26, 18:07", "11/22/26, 6:07 PM", "22.11.2026, 18:07"]


def test_what_is_filled_in_is_not_filled_in_again():
    assert KAZAKH.text("understood_as", question="{n} Үкі {0}") == "Былай түсінілді: {n} Үкі {0}"


@pytest.mark.parametrize("name", ["жоқ", "", "place"])
def test_a_text_that_is_not_there_is_an_error(name):
    with pytest.raises(KeyError):
        KAZAKH.text(name)


ACCEPTED = {
    "en": ["", "*", "de, fr;q=0.9", "tr", ",,;;", "kk;q=0", "қазақша", "kazakh",
           "x" * 999 + "k,kk"],
    "kk": ["kk", "KK-kz", "kk-KZ,kk;q=0.9,ru;q=0.8", "en;q=0.5, kk;q=0.8, de", "kk;q=ә,ru;q=0.9"],
    "ru": ["ru-RU,ru;q=0.9,en-US;q=0.8", "kk ; q=0.3 , ru ; q=0.4", "kk;q=0, ru;q=0.1",
           "ru;q=0.5,kk;q=0.5", "ru, kk"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        *((header, language) for language, headers in ACCEPTED.items() for header in headers),
        ("kk;Q=0.1, ru", "ru"),
    ],
)
def test_a_browser_gets_the_language_that_it_asks_for(accepted, language):
    assert preferred_language(accepted) == language


@given(st.text() | st.lists(st.sampled_from("kk en ru , ; q= 0.5 1 0 . - * ә ² ٣".split())).map(
    "".join))  # fmt: skip
def test_whatever_a_browser_asks_for_there_is_a_page(accepted):
    assert preferred_language(accepted) in LANGUAGES
    if not re.search("kk|ru", accepted, re.IGNORECASE):
        assert preferred_language(accepted) == "en"
