"""Tests of chat/answer.py: a quote is the text at its place, and nothing else passes for one."""

import pytest
from fakes import document
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.answer import Citation, cite
from eval.metrics.citations import validity

TEXT = "Ғылым\r\nа\u0301ш 😀 қос\u0301, й ≠ й. Ел.\tҰлт 𝔸𝔹 \u200bҮй"
TEXTS = st.text(st.sampled_from(TEXT) | st.characters(exclude_categories=["Cs"]), min_size=1)


def is_valid(citation, source):
    """Say whether the evaluation takes a citation for what its document says at its place."""
    place = (citation.document_id, citation.start, citation.end)
    return validity([place], [citation.quote], {source.id: source.text}) == 1


def changed(citation, **values):
    return citation.model_copy(update=values)


@st.composite
def texts_and_spans(draw):
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text) - 1))
    return text, (start, draw(st.integers(start + 1, len(text))))


def test_a_citation_has_what_a_reader_needs():
    source = document(TEXT, "қ1", "kk", title="Ұлы дала")
    assert cite(3, source, (0, 5)) == Citation(
        mark=3, document_id="қ1", title="Ұлы дала", language="kk", start=0, end=5, quote="Ғылым"
    )


def test_a_document_without_a_title_is_called_by_its_id():
    assert cite(1, document(TEXT, "қ1"), (0, 1)).title == "қ1"


@settings(deadline=None)
@given(texts_and_spans())
def test_a_quote_is_the_text_at_its_place(drawn):
    text, (start, end) = drawn
    source = document(text)
    citation = cite(1, source, (start, end))
    assert source.text[citation.start : citation.end] == citation.quote == text[start:end]
    assert citation.quote.encode("utf-8") in text.encode("utf-8")
    assert is_valid(citation, source)


@settings(deadline=None)
@given(texts_and_spans())
def test_a_changed_document_or_quote_is_not_valid(drawn):
    text, span = drawn
    citation = cite(1, document(text), span)
    assert not is_valid(citation, document(text, "басқа"))
    assert not is_valid(citation, document(text[: span[0]]))
    assert not is_valid(changed(citation, quote=citation.quote + "ә"), document(text))
    assert not is_valid(changed(citation, quote=citation.quote[:-1]), document(text))
    assert not is_valid(changed(citation, quote=""), document(text))
    assert not is_valid(changed(citation, document_id=""), document(text))


@pytest.mark.parametrize("moved", [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (50, 50)])
def test_off_by_one_is_not_valid(moved):
    citation = cite(1, document(TEXT), (8, 20))
    off = changed(citation, start=citation.start + moved[0], end=citation.end + moved[1])
    assert not is_valid(off, document(TEXT))


@pytest.mark.parametrize(
    "quote",
    [TEXT[5:9].replace("\r\n", "\n"), "\r\nа\u0301".replace("а\u0301", "á"), "\r\na\u0301"],
)
def test_another_spelling_is_not_valid(quote):
    citation = cite(1, document(TEXT), (5, 9))
    assert citation.quote == "\r\nа\u0301"
    assert not is_valid(changed(citation, quote=quote), document(TEXT))


@pytest.mark.parametrize("span", [(0, 0), (5, 5)])
def test_an_empty_citation_is_not_valid(span):
    citation = changed(cite(1, document(TEXT), (0, 5)), start=span[0], end=span[1], quote="")
    assert not is_valid(citation, document(TEXT))


@pytest.mark.parametrize("span", [(0, 0), (5, 4), (-1, 3), (0, len(TEXT) + 1), (len(TEXT),) * 2])
def test_a_place_outside_the_text_cannot_be_cited(span):
    with pytest.raises(AssertionError):
        cite(1, document(TEXT), span)
