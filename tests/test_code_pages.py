"""Tests of ingest/code_pages.py: what is told is right, and what is not sure is not told."""

import pytest

from eval.letter_pairs import LENGTHS, outcomes
from ingest.code_pages import CODE_PAGES, Doubt, better_encoding, code_page, mended, wide_encoding

DOCUMENT = "Әр ауылда өз дүкені мен кітапханасы бар, үйлер таза, көше кең, ғимарат жаңа."
CAPITALS = "ҰЛТТЫҢ ӨНЕРІ, ҮЗІК, ӘН, ҒАЖАП, ҚАЛА, ГАУҺАР"


@pytest.mark.parametrize("length", LENGTHS[1:5])
def test_pieces_of_passages_that_were_not_counted_are_told_right_or_not_at_all(length):
    counts = outcomes(length)
    assert counts["wrong"] == 0
    assert counts["right"] > 0.8 * counts.total()


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154"])
def test_what_people_call_a_code_page_is_a_name_that_can_be_given(codec):
    told = code_page(DOCUMENT.encode(codec))
    assert (told.codec, told.name) == (codec, CODE_PAGES[codec])
    for python_name, name in CODE_PAGES.items():
        assert "ж".encode(python_name, "replace") == "ж".encode(name, "replace")


def test_two_readings_that_are_as_good_are_both_shown():
    found = code_page("Юг, почистить лошадь и только через час".encode("cp1251"))
    assert isinstance(found, Doubt)
    assert found.reason.startswith("may be windows-1251 («Юг») or mac-cyrillic («ёг»); tried:")


@pytest.mark.parametrize("data", [b"", b"ASCII only", b"\x00\x01\x02\x03" * 99, b"\x04" * 64])
def test_what_is_no_text_beyond_ascii_is_told_as_nothing(data):
    assert wide_encoding(data) is None
    assert isinstance(code_page(data), Doubt)
    assert better_encoding(data, "kz1048") is None


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154"])
def test_mending_gives_each_letter_for_one_and_leaves_signs_at_numbers(codec):
    misread = f"{DOCUMENT} {CAPITALS}".encode(codec).decode("cp1251")
    text = f"{misread} 5 ± 3, 5‰ ¤ ¦"
    assert mended(text, codec) == f"{DOCUMENT} {CAPITALS} 5 ± 3, 5‰ ¤ ¦"
