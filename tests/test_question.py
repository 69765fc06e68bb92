"""Tests of chat/question.py: whatever is sent, a clean question or an error in one line."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.question import MAX_CHARACTERS, understand
from ingest.errors import QuestionError

ANYTHING = st.text(st.characters(exclude_categories=[])) | st.text(
    "Әқң їйǴ \x00\x1b\x7f\u0085\u0301\u0958\u200b\u200d\u202e\u2028\ufeff\ufffe\ud800\udfff\u0000?."
)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Абай кім?", "Абай кім?"),
        ("  Абай \t\r\n кім?\n\n", "Абай кім?"),
        ("Абай\u00a0кім?\u2003\u2028\u2029\u0085", "Абай кім?"),
        ("Абай\x00кім?", "Абай кім?"),
        ("\x00\x01Абай\x1b[31m кім\x7f?\x9b", "Абай [31m кім ?"),
        ("Аб\ud800ай кім\udfff", "Аб ай кім"),
        ("Абай\ufffe кім\uffff", "Абай кім"),
        ("\u202eАбай\u202c кім\u200f?\u2066\u2069", "Абай кім?"),
        ("\ufeffАб\u00adай\u200b кім?", "Абай кім?"),
        ("Ғылым\u200b\u0306", "Ғылым\u0306"),
        (unicodedata.normalize("NFD", "Қай йод, ё?"), "Қай йод, ё?"),
        ("e\u0301lan", "élan"),
        ("1991?", "1991?"),
        ("5", "5"),
        ("ә", "ә"),
        ("😀 не?", "😀 не?"),
        ("ما هي \u200fعاصمة كازاخستان؟", "ما هي عاصمة كازاخستان؟"),
        ("قازاق\u200cستان", "قازاق\u200cستان"),
        ("{{7*7}} <b>%s</b> $(id)", "{{7*7}} <b>%s</b> $(id)"),
        ("-k 5 --help", "-k 5 --help"),
    ],
)
def test_a_question_is_cleaned(raw, text):
    assert understand(raw) == text


@pytest.mark.parametrize(
    "raw", ["", " ", "\n\t\r\n", "\u00a0\u2003", "\x00\x01", "\ud800", "\u202e\ufeff"]
)
def test_an_empty_question_is_refused(raw):
    with pytest.raises(QuestionError, match="the question is empty") as caught:
        understand(raw)
    assert caught.value.hint


@pytest.mark.parametrize(
    "raw", ["?", "...", "«»—!", "😀", "\u0301", "<>{}[]$%", "–" * 100, "? \x00 ?"]
)
def test_a_question_without_words_is_refused(raw):
    with pytest.raises(QuestionError, match="has no letter and no digit") as caught:
        understand(raw)
    assert len(caught.value.line()) < 200


@pytest.mark.parametrize("letter", ["ә", "a", "й", "😀ң"])
def test_the_longest_question(letter):
    raw = letter * (MAX_CHARACTERS // len(letter))
    assert len(raw) == MAX_CHARACTERS == 2_000
    assert understand(raw) == raw


@pytest.mark.parametrize("raw", ["ә" * 2_001, "ә " * 500_000, " " * 2_001, "\x00" * 1_000_000])
def test_a_question_that_is_too_long_is_refused(raw):
    with pytest.raises(QuestionError, match=f"has {len(raw):,} characters, expected at most 2,000"):
        understand(raw)


def test_a_question_that_is_too_long_in_nfc_is_refused():
    with pytest.raises(QuestionError, match="has 4,000 characters, expected at most 2,000"):
        understand("\u0958" * 2_000)


@pytest.mark.parametrize(
    "raw", ["", "\ud800?", "\n?\n", "x" * 9_999, "\x1b]!\x07", "\ue000\u0301«"]
)
def test_an_error_is_one_line_that_can_be_printed(raw):
    with pytest.raises(QuestionError) as caught:
        understand(raw)
    line = caught.value.line()
    line.encode("utf-8")
    assert line.isprintable()
    assert len(line) < 200


@settings(deadline=None)
@given(ANYTHING)
@example("\u0344" * 1_500)
@example("\ud800\u0000\u202e1")
def test_any_string_is_a_clean_question_or_an_error(raw):
    try:
        text = understand(raw)
    except QuestionError as error:
        error.line().encode("utf-8")
        return
    text.encode("utf-8")
    assert understand(text) == text
    assert text == " ".join(text.split()) == unicodedata.normalize("NFC", text)
    assert any(character.isalnum() for character in text)
    assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in text}
    assert 0 < len(text) <= MAX_CHARACTERS
