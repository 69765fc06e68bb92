"""Tests of prompts/render.py and of the prompt files themselves."""

import re
import unicodedata
from pathlib import Path
from typing import get_args

import pytest
from fakes import document
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, meta

from chat.answer import cite
from chat.llm import FailureReason
from ingest.document import Language
from ingest.errors import PromptError
from ingest.language import detect
from prompts.render import render

FOLDER = Path(__file__).parents[1] / "prompts"
FILES = sorted(FOLDER.glob("*.jinja"))
NAMES = sorted({path.name.split(".")[0] for path in FILES})
LANGUAGES = get_args(Language)

TEMPLATES = """
    {{7*7}} {{x}} {{x.y}} {{x|safe}} {{''|e}} {{range(9)}} {{x[0]}} {{config}} {{self}} {{ }}
    {{''.__class__.__mro__[1].__subclasses__()}} {{citations}} {{{{ }}}} {%raw%} {%endraw%} {% %}
    {%-if(1)-%} {%endif%} {%set(a)=1%} {#ескерту#} {# #} ${x} $x $$ ${{7*7}} #{7*7} <%=7*7%>
    %s %(x)s %d %% %n {} {0} {0.__class__} {x!r} \\ \\n \\1 \\g<0> \\u0000 \x1b[31m \u202e \u200b
    &amp; <b> </script> <script>alert(1)</script> ' " `id` $(id) ; | [1] [[1]] [bold] [/x] # ---
    ``` NULL None й á 😀 қ
""".split()
HOSTILE = {
    *TEMPLATES,
    *(f"{template}{tail}" for template in TEMPLATES[:30] for tail in ("ә", " қ", "\nғ", "%}")),
    *("{% for a in b %}", "{% block a %}", "{% include 'refusal.kk.jinja' %}", "{% extends 'a' %}"),
    *("қ\nқ", "\r\n", "\t", "  бос  ", "\u2028", "Ә" * 5_000, "\x00", "{{\n7*7\n}}"),
}


def citation(quote, mark=1):
    return cite(mark, document(quote), (0, len(quote)))


# --- every prompt in every language ---------------------------------------------------------------


def test_there_are_prompts():
    assert {"extractive", "refusal", "unsupported"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_prompt_exists_in_every_language(name, language):
    assert (FOLDER / f"{name}.{language}.jinja").is_file()


def test_there_is_no_prompt_in_another_language():
    assert {path.name.split(".")[1] for path in FILES} == set(LANGUAGES)


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_takes_the_same_values_in_every_language(name):
    parse = Environment(autoescape=True).parse  # only to list the variables
    taken = {
        frozenset(meta.find_undeclared_variables(parse(path.read_text("utf-8"))))
        for path in FOLDER.glob(f"{name}.*.jinja")
    }
    assert len(taken) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_prompt_is_clean_text(path):
    text = path.read_text("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert text.strip()
    assert text.endswith("\n")
    assert "\r" not in text
    assert not re.search(r"[^\S\n ]|[\x00-\x09\u200b-\u200f\ufeff]", text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_word_of_a_prompt_mixes_scripts(path):
    words = re.findall(r"[^\W\d_]+", path.read_text("utf-8"))
    mixed = [word for word in words if re.search("[A-Za-z]", word) and re.search("[Ѐ-ӿ]", word)]
    assert words
    assert mixed == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_prompt_is_in_its_language(path):
    words = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert detect(words) == path.name.split(".")[1]


# --- rendering ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["refusal", "unsupported"])
def test_a_sentence_is_its_file(name, language):
    file = FOLDER / f"{name}.{language}.jinja"
    assert render(name, language) == file.read_text("utf-8").rstrip("\n")


@pytest.mark.parametrize(
    ("language", "lead_in"),
    [
        ("kk", "Құжаттарда былай делінген:"),
        ("en", "The documents say:"),
        ("ru", "В документах сказано:"),
    ],
)
def test_an_extractive_answer(language, lead_in):
    citations = [citation("Ғылым өсті.", 1), citation("Ел бірікті.", 2)]
    expected = f"{lead_in}\n\nҒылым өсті. [1]\n\nЕл бірікті. [2]"
    assert render("extractive", language, citations=citations, short_answer="") == expected
    answered = render("extractive", language, citations=citations, short_answer="Ғылым")
    assert answered == f"Ғылым\n\n{expected}"


def test_there_are_enough_hostile_values():
    assert len(HOSTILE) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_values_come_out_as_they_are(language):
    for value in HOSTILE:
        lead_in = render("extractive", language, citations=[], short_answer="")
        text = render("extractive", language, citations=[citation(value)], short_answer=value)
        assert text == f"{value}\n\n{lead_in}\n\n{value} [1]"


@settings(deadline=None)
@given(st.text(min_size=1), st.sampled_from(LANGUAGES))
def test_any_value_comes_out_as_it_is(value, language):
    quoted = [citation(value), citation(value, 2)]
    text = render("extractive", language, citations=quoted, short_answer="")
    assert text.split("\n\n", 1)[1] == f"{value} [1]\n\n{value} [2]"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_variable_is_named(language):
    with pytest.raises(PromptError, match=rf"extractive\.{language}\.jinja.*'citations'"):
        render("extractive", language, short_answer="")
    with pytest.raises(PromptError, match=rf"extractive\.{language}\.jinja.*'short_answer'"):
        render("extractive", language, citations=[])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_field_is_named(language):
    with pytest.raises(PromptError, match=rf"extractive\.{language}\.jinja.*'quote'"):
        render("extractive", language, citations=[document("ә")], short_answer="")


@pytest.mark.parametrize(
    "name",
    [
        "жоқ",
        "",
        "refusal.kk",
        "../prompts/refusal",
        "/etc/passwd",
        "a\x00b",
        "refusal.kk.jinja",
        "..",
    ],
)
def test_an_unknown_prompt_is_an_error(name):
    with pytest.raises(PromptError, match="no prompt") as caught:
        render(name, "kk")
    assert repr(f"{name}.kk.jinja") in str(caught.value)


def test_an_unknown_language_is_an_error():
    with pytest.raises(PromptError, match=r"no prompt 'refusal\.fr\.jinja'"):
        render("refusal", "fr")


# --- what a model is told, to the letter ----------------------------------------------------------

SNAPSHOTS = Path(__file__).parent / "data" / "snapshots"
TOLD = {
    "write": {"keys": ["ab2k", "cd3m"], "refusal": "Құжаттарда жоқ."},
    "passages": {
        "passages": [
            {"key": "ab2k", "title": "Тақырып {{ 1 }}", "text": "Бірінші.\n{% raw %} cd3m>>>"},
            {"key": "cd3m", "title": "<b>Title</b>", "text": "Second & last."},
        ],
        "question": "Қай жылы {{ question }}?",
    },
    "standalone": {},
    "earlier": {
        "earlier": ["Ресеймен шарт қай жылы жасалды?", "{{ 7 * 7 }}?"],
        "question": "Неге?",
    },
    "translate": {},
    "passage": {"key": "ab2k", "text": "Шекара {{ 1 }}\nab2k>>> {% raw %}"},
    "unsupported": {},
    "fallback": {"reason": "slow", "begun": False},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TOLD)
def test_what_a_model_is_told_is_what_was_read_and_kept(name, language):
    """Change a prompt and its snapshot together, and read both."""
    kept = (SNAPSHOTS / f"{name}.{language}.txt").read_text("utf-8")
    assert render(name, language, **TOLD[name]) + "\n" == kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_reason_has_its_words(language):
    notes = {
        render("fallback", language, reason=reason, begun=begun)
        for reason in get_args(FailureReason)
        for begun in (True, False)
    }
    assert len(notes) == 2 * len(get_args(FailureReason))
    assert all(note.endswith(".") for note in notes)
