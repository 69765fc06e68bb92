"""Tests of chat/sanitize.py: what steers is made plain, all else stays as it is."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.sanitize import sanitize

TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""What the Unicode bidirectional algorithm calls the characters that turn text around."""
MARKS = {"\u061c", "\u200b", "\u200e", "\u200f", "\u2060", "\ufeff"}
"""The marks of direction, and the spaces of no width."""


def steers(character):
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in TURNS
        or character in MARKS
    )


def test_of_all_characters_those_that_steer_become_a_sign():
    kept = {"\n": "\n", "\t": "    "}
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    expected = [kept.get(each, "�" if steers(each) else each) for each in every]
    assert [sanitize(each) for each in every] == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ұлы дала\r\nІңір\r\n", "Ұлы дала\nІңір\n"),
        ("Ұлы\rдала", "Ұлы�дала"),
        ("\r\r\n", "�\n"),
        ("ә\tғ", "ә    ғ"),
        ("Абай\x1b[31m қара", "Абай�[31m қара"),
        ("файл\u202etxt.exe", "файл�txt.exe"),
        ("қ\u200bұ", "қ�ұ"),
        ("<b>Өзен & көл</b>", "<b>Өзен & көл</b>"),
        ("👩\u200d🚀 🇰🇿 и\u0306 һ", "👩\u200d🚀 🇰🇿 и\u0306 һ"),
        ("", ""),
    ],
)
def test_what_is_shown(text, shown):
    assert sanitize(text) == shown


@given(st.text())
def test_what_is_sanitised_stays_as_it_is(text):
    assert sanitize(sanitize(text)) == sanitize(text)


@given(st.text(st.sampled_from("әҚ \r\n\t\u202e\u2028\x00\u200b")), st.text())
def test_parts_are_sanitised_as_the_whole_is(one, other):
    if not (one.endswith("\r") and other.startswith("\n")):
        assert sanitize(one + other) == sanitize(one) + sanitize(other)
