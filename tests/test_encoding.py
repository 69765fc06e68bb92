"""Tests of ingest/encoding.py: the right letters or an error, never wrong letters."""

import codecs
import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.encoding import decode, refuse_misdeclared
from ingest.errors import CorpusError

TEXT = "Әлем, ғылым, қала, таң, өнер, ұлт, үй, һәм, іс. ӘҒҚҢӨҰҮҺІ"
MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
EIGHT_BIT = ["kz1048", "ptcp154", "koi8-t", "cp1251", "koi8-r", "mac-cyrillic"]
RUSSIAN = "Внешняя политика: дружба, труд, объём"
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\r\n й ё 😀\t\n", "", "a", "\u00a0", "ә\ufeffң"])
def test_utf8_is_told(text, form):
    text = unicodedata.normalize(form, text)
    assert decode(text.encode()) == text


@pytest.mark.parametrize("codec", MARKED)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", [None, "utf-8", "utf-16", "utf-16-le", "kz1048", "cp1251"])
def test_a_byte_order_mark_tells_the_encoding_whatever_was_named(codec, form, named):
    text = unicodedata.normalize(form, f"{TEXT}\nй 😀")
    assert decode(MARKED[codec] + text.encode(codec), named) == text


@settings(deadline=None)
@given(TEXTS, st.sampled_from(sorted(MARKED)))
def test_any_text_comes_back(text, codec):
    # UTF-16's little-endian mark before U+0000 would be UTF-32's; TEXTS has no NUL.
    assert decode(MARKED[codec] + text.encode(codec)) == text
    assert decode(text.encode()) == text


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154", "KZ-1048", "strk1048-2002", "PT154"])
def test_kazakh_code_pages_are_read_when_named(codec):
    assert decode(TEXT.encode(codec), codec) == TEXT


@pytest.mark.parametrize("codec", EIGHT_BIT)
def test_russian_code_pages_are_read_when_named(codec):
    assert decode(RUSSIAN.encode(codec), codec) == RUSSIAN


@pytest.mark.parametrize("codec", [None, *EIGHT_BIT])
@pytest.mark.parametrize("text", [TEXT, RUSSIAN, "қ", "plain ASCII"])
def test_utf8_among_files_in_a_code_page_is_not_spoilt(codec, text):
    assert decode(text.encode("utf-8"), codec) == text


@pytest.mark.parametrize("text", [TEXT, "Ресей", "plain ASCII", "ә"])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-7"])
def test_other_encodings_are_read_when_named(text, codec):
    assert decode(text.encode(codec), codec) == text


@pytest.mark.parametrize("codec", EIGHT_BIT[:2])
@settings(deadline=None)
@given(text=st.text(TEXT + "абвгдежзийклмнопрстуфхцчшщъыьэюя .,\n", max_size=200))
def test_prose_in_a_code_page_never_looks_like_utf8(codec, text):
    # Upper-case letters alone can: «Сі» in KZ-1048 is U+0473 in UTF-8. And «яю» or «юя», with
    # which no word starts, is UTF-16's mark.
    lower = f"қазақ {text.lower()}"
    assert decode(lower.encode(codec), codec) == lower


@pytest.mark.parametrize("codec", EIGHT_BIT)
@pytest.mark.parametrize("text", ["Казакстан", RUSSIAN, RUSSIAN + " text " * 500])
def test_a_code_page_that_is_not_named_is_an_error(codec, text):
    first = text.encode(codec).index(RUSSIAN[0].encode(codec)) if RUSSIAN in text else 0
    with pytest.raises(CorpusError, match=rf"not utf-8 text \(byte {first} cannot") as caught:
        decode(text.encode(codec))
    assert "--encoding kz1048" in caught.value.hint


@pytest.mark.parametrize("codec", [None, "utf-8", "ascii", "utf-16", "utf-32"])
@pytest.mark.parametrize("data", ["қазақ".encode("kz1048"), b"ab\xff", "ә".encode()[:1]])
def test_bytes_of_another_encoding_are_an_error(codec, data):
    with pytest.raises(CorpusError, match=r"not .* text|a binary file"):
        decode(data, codec)


@pytest.mark.parametrize("mark", MARKED.values())
def test_a_marked_text_that_is_cut_is_an_error(mark):
    with pytest.raises(CorpusError, match="cannot be decoded"):
        decode(mark + "қ".encode()[:1])


@pytest.mark.parametrize(
    "name",
    ["қазақша", "utf-9", " ", "hex", "rot13", "base64", "../../x", "a\x00b", "x" * 9_000],
)
@pytest.mark.parametrize("data", [b"", b"abc", "қ".encode(), "қ".encode("kz1048")])
def test_an_unknown_encoding_is_an_error_for_any_file(name, data):
    with pytest.raises(CorpusError, match="unknown encoding") as caught:
        decode(data, name)
    assert repr(name) in str(caught.value)


def test_lone_surrogates_are_no_text():
    with pytest.raises(CorpusError, match="not utf-7 text"):
        decode(b"+2AA-", "utf-7")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        "Қазақ\x00стан".encode(),
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00",
        b"PK\x03\x04\x14\x00\x08\x08\x08\x00",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        random.Random(3).randbytes(4_000),
        TEXT.encode("utf-16-le"),
        bytes(1_000),
    ],
)
@pytest.mark.parametrize("named", [None, "kz1048", "latin-1"])
def test_binary_files_are_called_so(data, named):
    with pytest.raises(CorpusError, match="a binary file"):
        decode(data, named)


# --- files that declare their encoding ------------------------------------------------------------


@pytest.mark.parametrize("letter", "ҚқҺһҰұӘәӨөҒғҮүҢң")
@pytest.mark.parametrize("declared", ["windows-1251", "cp1251", "CP1251"])
def test_a_kazakh_letter_that_was_read_as_another_is_refused(letter, declared):
    text = f"сө{letter}з бар".encode("kz1048").decode("cp1251")
    with pytest.raises(CorpusError, match=f"the file declares {declared}, but seems to be written"):
        refuse_misdeclared(text, declared)


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("Қазақ әліпбиі", "cp1251"),
        ("Съешь ещё булок", "cp1251"),
        ("Ќазаќ", "utf-8"),
        ("", "cp1251"),
    ],
)
def test_what_is_declared_rightly_is_no_error(text, declared):
    refuse_misdeclared(text, declared)
