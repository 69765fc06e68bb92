"""Tests of chat/answer.py: a quote is the text at its place, and nothing else passes for one."""

from unicodedata import normalize

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
        mark=3,
        document_id="қ1",
        title="Ұлы дала",
        language="kk",
        start=0,
        end=5,
        quote="Ғылым",
        sources=("қ1.txt",),
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


# --- copies ---------------------------------------------------------------------------------------

SALT = "Балқаш – тұзды әрі тұщы көл."


def copies(quote, *texts):
    """Return the numbers of the texts that are said to hold a quote, with what stands there."""
    others = [document(text, f"{number}") for number, text in enumerate(texts)]
    cited = cite(1, document(quote, "өзі"), (0, len(quote)), others=others).copies
    return {int(copy.document_id): texts[int(copy.document_id)][copy.start : copy.end]
            for copy in cited}  # fmt: skip


@pytest.mark.parametrize("change", [str, str.upper])
def test_a_quote_stands_in_other_documents(change):
    quote = change(SALT)
    assert copies(quote, f"Көл. {quote}\nӘнші.", "Ғарыш.", quote) == {0: quote, 2: quote}
    assert copies(quote, quote.swapcase()) == {}, "to the letter"
    itself = document(SALT)
    assert cite(1, itself, (0, 6), others=[itself, itself]).copies == ()


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("Балқаш", "Балқаштың суы тұщы емес.", False),
        ("Балқаш", "Ескібалқаш, ЕскіБалқаш", False),
        ("Балқаш", "Балқаштың жағасы, Балқаш", True),
        ("Балқаш", "«Балқаш»-тың", True),
        ("1999", "11999 немесе 19990", False),
        ("Үкі ұшады.", "Үкі ұшады.Ол", False),
        ("Үкі ұшады.", "Үкі ұшады. Ол", True),
        ("Абаи", "Абаи\u0306 келді.", False),  # «Абай»
        ("ә (б|в)*", "ә (б|в)* һ", True),
    ],
)
def test_only_whole_words_are_a_copy(quote, text, found):
    for form in ("NFC", "NFD"):
        there = copies(normalize(form, quote), normalize(form, text))
        assert there == ({0: normalize(form, quote)} if found else {})


def test_composed_and_decomposed_letters_are_the_same():
    quote = "Абай – ойшыл, Семейдің әйгілі ақыны, ёлка"
    for form, other in (("NFC", "NFD"), ("NFD", "NFC")):
        asked, stands = normalize(form, quote), normalize(other, quote)
        assert asked != stands
        assert copies(asked, f"{normalize(other, 'Ұйғарым.')} {stands}.") == {0: stands}
