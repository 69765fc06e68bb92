"""Tests of chat/web/templates.py: no value marks anything up, neither in HTML nor in Markdown."""

import html
import re

import pytest
from fakes import document
from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from chat.answer import Answer, Copy, cite
from chat.sanitize import sanitize
from chat.session import Turn
from chat.web.i18n import LANGUAGES, Translations
from chat.web.templates import render_on_one_line, render_template
from chat.web.viewer import pending_html, session_markdown, turns_html

KAZAKH = Translations("kk")
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
    path = tmp_path_factory.mktemp("үлгі")
    for name, text in {
        "text.html": "<p>{{ value }}</p>",
        "attribute.html": '<p title="{{ value }}">Ғ</p>',
        "lines.html": "<p>\n{{ value }}\n</p>\n",
        "said.html": "<p>{{ t('understood_as', question=value) }} {{ i18n.language }}</p>",
        "page.html": "{% import 'card.html.jinja' as parts with context %}<p>Һ</p>",
        "text.md": "{{ value }}",
        "plain.md": "{{ value | plain }}",
        "code.md": "`{{ value | code }}`",
    }.items():
        (path / f"{name}.jinja").write_text(text, "utf-8")
    return path


def filled(folder, name, value, kind="html"):
    return render_template(name, KAZAKH, folder=folder, kind=kind, value=value)


# --- HTML -----------------------------------------------------------------------------------------


@given(texts)
def test_a_text_is_shown_as_it_is_and_marks_nothing_up(folder, text):
    for name, before, after in (
        ("text", "<p>", "</p>"),
        ("attribute", '<p title="', '">Ғ</p>'),
        ("lines", "<p>\n", "\n</p>"),
        ("said", "<p>Былай түсінілді: ", " kk</p>"),
    ):
        rendered = filled(folder, name, text)
        inside = rendered.removeprefix(before).removesuffix(after)
        assert rendered == before + inside + after
        assert not re.search("[<>\"']", inside)
        assert html.unescape(inside) == sanitize(text)


@given(texts)
def test_a_page_is_one_line_and_shows_the_same(folder, text):
    for name in ("text", "attribute", "lines", "said"):
        rendered = render_on_one_line(name, KAZAKH, folder=folder, value=text)
        assert len(rendered.splitlines()) == 1
        assert rendered.replace("&#10;", "\n") == filled(folder, name, text)


@pytest.mark.parametrize("value", [7, 0.5, None, "", "ә", ["<b>"], {"<": "Ұ"}])
def test_any_value_can_be_shown(folder, value):
    rendered = filled(folder, "text", value)
    assert html.unescape(rendered.removeprefix("<p>").removesuffix("</p>")) == sanitize(str(value))


def test_what_a_template_made_is_not_escaped_again(folder):
    assert filled(folder, "text", Markup("<b>Үкі</b>\t")) == "<p><b>Үкі</b>\t</p>"


def test_a_value_that_is_missing_is_an_error(folder):
    with pytest.raises(UndefinedError):
        render_template("text", KAZAKH, folder=folder)
    with pytest.raises(UndefinedError):
        render_template("said", None, folder=folder, value="Өзен")


def test_another_folders_templates_know_the_pages_own(folder):
    assert "<p>Һ</p>" in render_template("page", KAZAKH, folder=folder)


@given(texts, texts, st.sampled_from(LANGUAGES))
def test_turns_are_one_piece_of_html_that_markdown_leaves_alone(asked, meant, language):
    i18n = Translations(language)
    turns = [turn(asked, meant, "Т", "құжат", "Өзен"), Turn(asked, None, {}, problem="busy")]
    rendered = turns_html(turns, i18n, first=9)
    for piece in (rendered, pending_html(asked, i18n, 11)):
        assert MARKDOWN.render(piece) == piece
        assert f'<h2 class="dalel-asked">{escaped(asked)}</h2>' in piece
    assert re.findall(r'id="([a-z]+-[\d-]+)"', rendered) == ["turn-9", "source-9-1", "turn-10"]
    assert (i18n.text("understood_as", question=escaped(meant)) in rendered) == bool(meant)


def escaped(text):
    return str(escape(sanitize(text))).replace("\n", "&#10;")


# --- Markdown -------------------------------------------------------------------------------------


def tokens(text):
    """Return what Markdown finds in a text: its blocks, and of inline ones the pieces."""
    parsed = []
    for token in MARKDOWN.parse(text):
        pieces = [(child.type, child.content) for child in token.children or ()]
        parsed += pieces if token.type == "inline" else [(token.type, token.content)]
    return parsed


def paragraph(text):
    return [("paragraph_open", ""), ("text", sanitize(text)), ("paragraph_close", "")]


def numbered(text):
    return re.match(r"\d+[.)]", text.strip())


@given(texts)
def test_a_plain_text_is_one_paragraph(folder, text):
    """On one line, its white space aside."""
    words = " ".join(text.split())
    assume(words and not numbered(words))
    rendered = filled(folder, "plain", text, "md")
    assert "\n" not in rendered
    assert tokens(rendered) == [
        ("paragraph_open", ""),
        ("text", sanitize(words)),
        ("paragraph_close", ""),
    ]


@pytest.mark.parametrize("text", ["1. Үкі ұшады.", "12) Ғарыш"])
def test_a_numbered_line_is_a_line(folder, text):
    assert tokens(filled(folder, "plain", text, "md")) == paragraph(text)


@given(texts)
def test_a_code_is_code(folder, text):
    words = " ".join(text.split())
    assume(words)
    rendered = tokens(filled(folder, "code", text, "md"))
    assert rendered[1:-1] == [("code_inline", sanitize(words.replace("`", "'")))]


def turn(asked, meant, title, name, text):
    """Return an answered question, of which every text can be chosen."""
    source = document(text, name, title=title)
    short_answer = " ".join(text.split())
    copies = (Copy(document_id=name, title=title, start=0, end=len(text)),) * 6
    citation = cite(1, source, (0, len(text)), (0, len(text)))
    answered = Answer(
        question=asked,
        language="kk",
        text=f"{short_answer}\n\nҚұжаттарда былай делінген:\n\n{text} [1]",
        short_answer=short_answer,
        citations=(citation.model_copy(update={"copies": copies}),),
        passages=(),
        confidence=0.75,
        abstained=False,
        mode="extractive",
        timings_ms={},
    )
    return Turn(asked, answered, {name: source}, meant)


named = texts.filter(lambda text: text.split() and not numbered(text))


@given(st.tuples(named, named, named, named, named), st.sampled_from(LANGUAGES))
def test_a_conversation_has_the_same_shape_whatever_is_said(hostile, language):
    i18n = Translations(language)
    plain = ("Абай", "Қонаев", "Өзен", "Ұлы", "Һәм")
    rendered, usual = (
        tokens(session_markdown([turn(*texts_of_turn), turn(*texts_of_turn)], i18n))
        for texts_of_turn in (hostile, plain)
    )
    assert [kind for kind, _ in rendered] == [kind for kind, _ in usual]
    shown = "".join(text for _, text in rendered)
    spaced = [sanitize(" ".join(text.split())) for text in hostile]
    for text in (*spaced[:3], spaced[3].replace("`", "'"), f"{spaced[4]} [1]"):
        assert shown.count(text) >= 2


def test_what_went_wrong_is_told_in_a_conversation():
    rendered = tokens(session_markdown([Turn("*Үкі* қайда?", None, {}, problem="busy")], KAZAKH))
    assert ("text", "*Үкі* қайда?") in rendered
    assert ("text", KAZAKH.text("busy")) in rendered
