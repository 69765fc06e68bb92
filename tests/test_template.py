"""Tests of chat/web/template.py: no value marks anything up, neither in HTML nor in Markdown."""

import html
import re

import pytest
from fakes import document
from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from chat.answer import Answer
from chat.cite import cite
from chat.legible import legible
from chat.web.template import fill, on_one_line
from chat.web.turns import Turn
from chat.web.view import conversation_markdown, pending_html, turns_html
from chat.web.words import LANGUAGES, Words

KAZAKH = Words("kk")
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = (
    "Үкі ң ә ғ < > & \" ' ` `` ``` ~~~ * ** _ __ [ ] ( ) [a](b) ![a](b) <b> </p> <!-- --> # ## -"
    " --- + = === | |-|-| ~~ \\ \\\\ &amp; &#10; http://a.b <http://a.b> [1]: $x$ {{x}} 1. 2) ! : ^"
).split(" ")
texts = st.lists(
    st.sampled_from([*PIECES, "\n", "\n\n", "    ", "\t", "\r\n", "\u2028", "\x1c", "\u202e"]),
    max_size=12,
).map("".join) | st.text(max_size=30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with templates that put values wherever a template may."""
    found = tmp_path_factory.mktemp("үлгі")
    for name, text in {
        "text.html": "<p>{{ value }}</p>",
        "attribute.html": '<p title="{{ value }}">Ғ</p>',
        "lines.html": "<p>\n{{ value }}\n</p>\n",
        "said.html": "<p>{{ say('understood_as', question=value) }} {{ words.language }}</p>",
        "page.html": "{% import 'card.html.jinja' as parts with context %}<p>Һ</p>",
        "text.md": "{{ value }}",
        "plain.md": "{{ value | plain }}",
        "code.md": "`{{ value | code }}`",
    }.items():
        (found / f"{name}.jinja").write_text(text, "utf-8")
    return found


def filled(folder, name, value, kind="html"):
    return fill(name, KAZAKH, folder=folder, kind=kind, value=value)


# --- HTML -----------------------------------------------------------------------------------------


@given(texts)
def test_a_text_is_shown_as_it_is_and_marks_nothing_up(folder, text):
    for name, before, after in (
        ("text", "<p>", "</p>"),
        ("attribute", '<p title="', '">Ғ</p>'),
        ("lines", "<p>\n", "\n</p>"),
        ("said", "<p>Былай түсінілді: ", " kk</p>"),
    ):
        told = filled(folder, name, text)
        inside = told.removeprefix(before).removesuffix(after)
        assert told == before + inside + after
        assert not re.search("[<>\"']", inside)
        assert html.unescape(inside) == legible(text)


@given(texts)
def test_a_page_is_one_line_and_shows_the_same(folder, text):
    for name in ("text", "attribute", "lines", "said"):
        told = on_one_line(name, KAZAKH, folder=folder, value=text)
        assert len(told.splitlines()) == 1
        assert told.replace("&#10;", "\n") == filled(folder, name, text)


@pytest.mark.parametrize("value", [7, 0.5, None, "", "ә", ["<b>"], {"<": "Ұ"}])
def test_any_value_can_be_shown(folder, value):
    told = filled(folder, "text", value)
    assert html.unescape(told.removeprefix("<p>").removesuffix("</p>")) == legible(str(value))


def test_what_a_template_made_is_not_escaped_again(folder):
    assert filled(folder, "text", Markup("<b>Үкі</b>\t")) == "<p><b>Үкі</b>\t</p>"


def test_a_value_that_is_missing_is_an_error(folder):
    with pytest.raises(UndefinedError):
        fill("text", KAZAKH, folder=folder)
    with pytest.raises(UndefinedError):
        fill("said", None, folder=folder, value="Өзен")


def test_another_folders_templates_know_the_pages_own(folder):
    assert "<p>Һ</p>" in fill("page", KAZAKH, folder=folder)


@given(texts, texts, st.sampled_from(LANGUAGES))
def test_turns_are_one_piece_of_html_that_markdown_leaves_alone(asked, meant, language):
    words = Words(language)
    turns = [turn(asked, meant, "Т", "құжат", "Өзен"), Turn(asked, None, {}, trouble="busy")]
    told = turns_html(turns, words, first=9)
    for each in (told, pending_html(asked, words, 11)):
        assert MARKDOWN.render(each) == each
        assert f'<h2 class="dalel-asked">{escaped(asked)}</h2>' in each
    assert re.findall(r'id="([a-z]+-[\d-]+)"', told) == ["turn-9", "source-9-1", "turn-10"]
    assert (words.say("understood_as", question=escaped(meant)) in told) == bool(meant)


def escaped(text):
    return str(escape(legible(text))).replace("\n", "&#10;")


# --- Markdown -------------------------------------------------------------------------------------


def tokens(text):
    """Return what Markdown finds in a text: its blocks, and of inline ones the pieces."""
    found = []
    for token in MARKDOWN.parse(text):
        pieces = [(each.type, each.content) for each in token.children or ()]
        found += pieces if token.type == "inline" else [(token.type, token.content)]
    return found


def paragraph(text):
    return [("paragraph_open", ""), ("text", legible(text)), ("paragraph_close", "")]


def numbered(text):
    return re.match(r"\d+[.)]", text.strip())


@given(texts)
def test_a_plain_text_is_one_paragraph(folder, text):
    """On one line, its white space aside."""
    words = " ".join(text.split())
    assume(words and not numbered(words))
    told = filled(folder, "plain", text, "md")
    assert "\n" not in told
    assert tokens(told) == [
        ("paragraph_open", ""),
        ("text", legible(words)),
        ("paragraph_close", ""),
    ]


@pytest.mark.parametrize("text", ["1. Үкі ұшады.", "12) Ғарыш"])
def test_a_numbered_line_is_a_line(folder, text):
    assert tokens(filled(folder, "plain", text, "md")) == paragraph(text)


@given(texts)
def test_a_code_is_code(folder, text):
    words = " ".join(text.split())
    assume(words)
    told = tokens(filled(folder, "code", text, "md"))
    assert told[1:-1] == [("code_inline", legible(words.replace("`", "'")))]


def turn(asked, meant, title, name, text):
    """Return an answered question, of which every text can be chosen."""
    source = document(text, name, title=title)
    citation = cite(1, source, (0, len(text)))
    answered = Answer(
        question=asked,
        language="kk",
        text=f"Құжаттарда былай делінген:\n\n{text} [1]",
        citations=(citation,),
        hits=(),
        confidence=0.75,
        abstained=False,
        mode="extractive",
        timings_ms={},
    )
    return Turn(asked, answered, {name: source}, meant)


named = texts.filter(lambda text: text.split() and not numbered(text))


@given(st.tuples(named, named, named, named, named), st.sampled_from(LANGUAGES))
def test_a_conversation_has_the_same_shape_whatever_is_said(hostile, language):
    words = Words(language)
    plain = ("Абай", "Қонаев", "Өзен", "Ұлы", "Һәм")
    told, usual = (
        tokens(conversation_markdown([turn(*each), turn(*each)], words))
        for each in (hostile, plain)
    )
    assert [kind for kind, _ in told] == [kind for kind, _ in usual]
    shown = "".join(text for _, text in told)
    spaced = [legible(" ".join(each.split())) for each in hostile]
    for each in (*spaced[:3], spaced[3].replace("`", "'"), f"{spaced[4]} [1]"):
        assert shown.count(each) >= 2


def test_what_went_wrong_is_told_in_a_conversation():
    told = tokens(conversation_markdown([Turn("*Үкі* қайда?", None, {}, trouble="busy")], KAZAKH))
    assert ("text", "*Үкі* қайда?") in told
    assert ("text", KAZAKH.say("busy")) in told
