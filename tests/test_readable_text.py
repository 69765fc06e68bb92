"""Tests of ingest/readers/readable_text.py: blocks, rows with their header, what nobody sees."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.document import Block
from ingest.errors import CorpusError
from ingest.readers import readable_text
from ingest.readers.readable_text import (
    ReadableText,
    could_be_names,
    labelled_rows,
    one_line,
    visible,
)

KINDS = st.sampled_from(["heading", "paragraph", "item", "code", "record"])


def test_blocks_lie_in_the_text():
    text = ReadableText()
    text.heading("Ұлы  дала", 1)
    text.paragraph("Бірінші\nсөйлем.")
    text.item("ғылым")
    text.item("өнер", mark="2.", depth=1)
    text.code("if ә:\n\n\treturn 1\n")
    text.table([["Қала", "Жылы", "Өзені"], ["Орал", "1613", "Жайық"], ["", "", ""]])
    text.paragraph("  \n")
    parsed = text.parsed(" Тақырып\n", ["бірдеңе"])
    assert parsed.text == (
        "Ұлы дала\n\nБірінші сөйлем.\n\n- ғылым\n  2. өнер\n\nif ә:\n    return 1\n\n"
        "Қала: Орал; Жылы: 1613; Өзені: Жайық"
    )
    assert parsed.title == "Тақырып"
    assert parsed.left_out == ("бірдеңе",)
    assert parsed.blocks == (
        Block(0, 8, "heading", 1),
        Block(10, 25, "paragraph"),
        Block(27, 34, "item"),
        Block(37, 44, "item", 1),
        Block(46, 64, "code"),
        Block(66, 102, "row"),
    )


@given(st.lists(st.tuples(KINDS, st.text())))
def test_any_blocks_lie_in_the_text_in_order(parts):
    text = ReadableText()
    for kind, words in parts:
        if kind == "heading":
            text.heading(words, 2)
        else:
            getattr(text, kind)(words)
    parsed = text.parsed()
    parsed.text.encode("utf-8")  # no lone surrogates
    assert "\x00" not in parsed.text
    at = 0
    for block in parsed.blocks:
        assert at <= block.start < block.end
        assert not parsed.text[at : block.start].strip()
        at = block.end
    assert at == len(parsed.text)


def test_pages_begin_where_they_are_said_to():
    text = ReadableText()
    text.start_page()
    text.paragraph("Бірінші.")
    text.start_page()
    text.start_page()
    text.paragraph("Үшінші.")
    text.paragraph("Соңы.")
    parsed = text.parsed()
    pages = [parsed.text[start:end] for start, end in parsed.pages]
    assert pages == ["Бірінші.\n\n", "", "Үшінші.\n\nСоңы."]
    assert ReadableText().parsed().pages == ()


def test_a_text_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(readable_text, "MAX_CHARACTERS", 20)
    text = ReadableText()
    text.paragraph("ә" * 20)
    with pytest.raises(CorpusError, match="over 20 characters of text, expected fewer"):
        text.paragraph("ә")


# --- what nobody sees -----------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    "unseen",
    ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u202e", "\U000e0041", "\x00", "\x1b", "\ud800"],
)
def test_what_nobody_sees_is_left_out(unseen, form):
    word = unicodedata.normalize(form, "йод ғылымы ә")
    assert visible(f"{word[:2]}{unseen}{word[2:]}{unseen}") == word


@pytest.mark.parametrize("seen", ["\u0301", "\u0306", "\u200d", "\u200c", "😀", "\n", "\t", "қ"])
def test_what_is_seen_stays(seen):
    assert visible(f"а{seen}б") == f"а{seen}б"


def test_spaces_become_one():
    assert one_line("\u00a0Ұлы \t\u2003дала\r\n көк\u2028аспан\u2011ай ") == "Ұлы дала көк аспан-ай"


# --- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([], []),
        ([["Орал"]], ["Орал"]),
        ([["Директор", "Ү. Һ."]], ["Директор: Ү. Һ."]),
        ([["Директор:", "Ү. Һ."], ["Хатшы:", ""]], ["Директор: Ү. Һ.", "Хатшы"]),
        ([["Қала", "Халқы"], ["Орал", "203 мың"]], ["Қала: Орал; Халқы: 203 мың"]),
        ([["Қала", "2009"], ["Орал", "203"]], ["Қала: 2009", "Орал: 203"]),
        ([["а", "ә", "б"], ["1", "", "3"]], ["а: 1; б: 3"]),
        ([["Орал", "Жайық", "203"], ["Абай", "", "3"]], ["Орал; Жайық; 203", "Абай; 3"]),
        ([["Директор", "Ахметов Ә.", "каб. 5"], ["Хатшы", "Болатова Д.", "каб. 6"]],
         ["Директор; Ахметов Ә.; каб. 5", "Хатшы; Болатова Д.; каб. 6"]),
        ([["Облыс", "2022", "2023"], ["Абай", "612", "610"]],
         ["Облыс: Абай; 2022: 612; 2023: 610"]),
        ([["Әли", "Орал", "1985"], ["Болат", "Абай", "1990"]],
         ["Әли; Орал; 1985", "Болат; Абай; 1990"]),
        ([["а", "а", "б"], ["1", "2", "3"]], ["а; а; б", "1; 2; 3"]),
        ([["Қала", "", "Жылы"], ["Орал", "бар", "1613", "артық"]],
         ["Қала: Орал; бар; Жылы: 1613; артық"]),
    ],
)  # fmt: skip
def test_a_row_can_be_understood_without_the_others(rows, lines):
    assert labelled_rows(rows) == lines


@pytest.mark.parametrize(
    ("has_header", "lines"),
    [(True, ["1: 3; 2: 4"]), (False, ["1: 2", "3: 4"]), (None, ["1: 2", "3: 4"])],
)
def test_a_format_may_say_whether_there_is_a_header(has_header, lines):
    assert labelled_rows([["1", "2"], ["3", "4"]], has_header) == lines


@pytest.mark.parametrize(
    ("row", "names"),
    [
        (["Облыс", "2023", "1-тоқсан"], True),
        (["№", "Аты", "Жөні"], True),
        (["Орал", "203"], False),
        (["Аты", "a@b.kz"], False),
        (["Аты", "Аты"], False),
        (["Аты", "ә" * 81], False),
        (["Аты"], False),
        (["Аты", "", ""], False),
        ([], False),
    ],
)
def test_which_rows_may_name_columns(row, names):
    assert could_be_names(row) is names
