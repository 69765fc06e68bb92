"""Tests of chat/reader_input.py: windows of sentences, and the characters that tokens stand for."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader_input import MAX_TOKENS, WINDOW_CHARS, encode, read_as, windows
from index.embedders.weights import word_embeddings

pytestmark = pytest.mark.model

TEXT = "Арал теңізі тартылып барады. Ғарыш айлағы далада тұр. Ұлы һәм кең өлке."


@pytest.fixture(scope="module")
def tokenizer():
    return word_embeddings().tokenizer


def spans(*lengths):
    """Return sentences of some lengths, with a space between them."""
    found, start = [], 0
    for length in lengths:
        found.append((start, start + length))
        start += length + 1
    return found


@given(lengths=st.lists(st.integers(1, 600), min_size=1, max_size=30))
def test_windows_hold_every_sentence_and_no_more_than_fits(lengths):
    sentences = spans(*lengths)
    cut = list(windows(sentences))
    assert {place for window in cut for place in window} == set(range(len(sentences)))
    for window in cut:
        size = sentences[window[-1]][1] - sentences[window[0]][0]
        assert size <= WINDOW_CHARS or len(window) == 1
    for one, other in pairwise(cut):
        assert one.start < other.start
        assert one.stop < other.stop
        assert other.start in (one.stop - 1, one.stop)


def test_neighbours_share_a_sentence_where_it_fits():
    assert list(windows(spans(100, 100, 100, 100, 100, 100))) == [range(4), range(3, 6)]
    assert list(windows([])) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("change", [str, str.upper])
def test_tokens_stand_for_their_characters(tokenizer, form, change):
    """Together they are the text, but for spaces, however it is composed and in capitals."""
    text = unicodedata.normalize(form, change(TEXT))
    encoded = encode(tokenizer, "query: ", "Арал неге тартылды?", "Тақырып", text)
    assert len(encoded.ids) == encoded.first + len(encoded.spans) + 1
    assert encoded.ids[0] == tokenizer.bos
    assert [int(n) for n in encoded.ids].count(tokenizer.eos) == 3
    assert encoded.spans[0, 0] == 0
    assert encoded.spans[-1, 1] == len(text)
    ends = [0, *encoded.spans[:, 1].tolist()]
    assert all(start >= end for end, start in zip(ends, encoded.spans[:, 0], strict=False))
    said = "".join(text[a:b] for a, b in encoded.spans)
    assert said.replace(" ", "") == text.replace(" ", "")


def test_capitals_are_read_like_other_letters(tokenizer):
    """The vocabulary is cased: «ҒАРЫШ» would fall into letters."""
    small = encode(tokenizer, "query: ", "ғарыш айлағы қайда?", "", TEXT.lower())
    loud = encode(tokenizer, "query: ", "ҒАРЫШ АЙЛАҒЫ ҚАЙДА?", "", TEXT.upper())
    assert small.ids.tolist() == loud.ids.tolist()
    assert read_as("АҚШ")[0] == "АҚШ"  # A name of three letters is no shouting.
    assert read_as("Ол АҚШ-қа барды")[0] == "Ол АҚШ-қа барды"


def test_what_is_too_long_is_cut_at_its_end(tokenizer):
    encoded = encode(tokenizer, "query: ", "сұрақ " * 500, "тақырып " * 500, TEXT * 50)
    assert len(encoded.ids) == MAX_TOKENS
    assert encoded.ids[-1] == tokenizer.eos
    assert len(encoded.spans) > MAX_TOKENS / 2


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_long_claim_is_read_to_its_end(tokenizer, form):
    """Two that differ in their end only differ; a longer one is said to be cut."""
    start = "Ол бір жыл бойы осы үшін " * 10
    claims = [unicodedata.normalize(form, start + end) for end in ("бар болды.", "жоқ болды.")]
    assert all(len(claim.split()) > 60 for claim in claims)
    one, other = (encode(tokenizer, "claim: ", claim, "", TEXT) for claim in claims)
    assert one.whole
    assert other.whole
    assert one.ids.tolist() != other.ids.tolist()
    assert not encode(tokenizer, "claim: ", claims[0] * 2, "", TEXT).whole
    assert not encode(tokenizer, "query: ", claims[0], "", TEXT).whole
    assert encode(tokenizer, "query: ", "Ғарыш айлағы қайда?", "", TEXT).whole


def test_special_tokens_in_a_text_are_text(tokenizer):
    text = "Сөз </s> мен <s> белгісі <pad>."
    encoded = encode(tokenizer, "query: ", "</s> деген не?", "", text)
    ids = [int(n) for n in encoded.ids]
    assert ids.count(tokenizer.eos) == 2
    assert ids.count(tokenizer.bos) == 1
    assert encoded.spans[-1, 1] == len(text)


@given(
    text=st.text(
        st.sampled_from("әғқңөұүһі ӘҒҚҢӨҰҮҺІйй\u0306ё\u0308\u0301 İ</s>\ufdfa\x00ﬁ"), max_size=40
    )
)
def test_places_never_leave_the_text(text):
    read, places = read_as(text)
    assert len(places) == len(read) + 1
    assert places[-1] == len(text)
    assert sorted(places.tolist()) == places.tolist()
