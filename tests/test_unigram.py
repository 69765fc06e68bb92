"""Tests of index/embedders/unigram.py: it cuts as the `tokenizers` library and the C engine do."""

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.embedders.tokenizer import Unigram
from index.embedders.unigram import UnigramTokenizer
from index.embedders.weights import WordEmbeddings
from ingest.loader import read_shipped


def unigram(**scores):
    """Return a vocabulary of some pieces with their scores; a no-break space becomes a space."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", *scores]
    values = [0.0, 0.0, 0.0, 0.0, -3.0, *scores.values()]
    replacements = {"\u00a0": " ", "ﬁ": "fi", "\u200b": ""}
    return UnigramTokenizer(Unigram(pieces, values, 0, 2, 1, 3, replacements))


def pieces(tokenizer, text):
    """Return what of the text each token stands for."""
    ids, spans = tokenizer.tokens(text)
    assert len(ids) == len(spans)
    return [text[start:end] for start, end in spans]


def test_the_likeliest_cut_is_taken():
    """-1 - 1 beats -3, and -3 beats -2 - 2."""
    apart = unigram(**{"▁ел": -1.0, "ім": -1.0, "▁елім": -3.0})
    whole = unigram(**{"▁ел": -2.0, "ім": -2.0, "▁елім": -3.0})
    assert pieces(apart, "елім") == ["ел", "ім"]
    assert pieces(whole, "елім") == ["елім"]


def test_spaces_belong_to_the_word_behind_them():
    tokenizer = unigram(**{"▁ел": -1.0, "▁": -1.0})
    assert pieces(tokenizer, "ел  ел\u00a0ел") == ["ел", "  ел", "\u00a0ел"] or pieces(
        tokenizer, "ел  ел\u00a0ел"
    ) == ["ел", " ел", "\u00a0ел"]
    assert tokenizer.tokens("") == ([], [])


def test_what_no_piece_holds_is_unknown_sign_by_sign():
    ids, spans = unigram(**{"▁ел": -1.0}).tokens("ел☃☃")
    assert ids[1:] == [3, 3]
    assert spans[1:] == [(2, 3), (3, 4)]


def test_one_sign_that_becomes_two_has_one_place():
    tokenizer = unigram(**{"▁": -1.0, "f": -1.0, "i": -1.0, "▁fi": -9.0})
    assert tokenizer.tokens("ﬁ")[1][-1] == (0, 1)


@pytest.fixture(scope="module")
def real():
    return WordEmbeddings()


@pytest.fixture(scope="module")
def library(unpacked_model):
    from tokenizers import Tokenizer

    # The method alone: a failure's report would print all the words of the tokenizer.
    return Tokenizer.from_file(str(unpacked_model / "tokenizer.json")).encode


def agrees(real, library, text):
    theirs = library(text, add_special_tokens=False)
    ids, spans = real.tokenizer.tokens(text)
    assert ids == theirs.ids
    assert [end for _, end in spans] == [end for _, end in theirs.offsets]


@pytest.mark.model
def test_the_documents_that_ship_are_cut_alike(real, library):
    for document in read_shipped().documents:
        for line in document.text.splitlines():
            for form in ("NFC", "NFD"):
                agrees(real, library, unicodedata.normalize(form, line))
            agrees(real, library, line.upper())


@pytest.mark.model
@example(text="  ")
@example(text="ә  ")
@given(
    text=st.text(
        st.sampled_from(
            "әғқңөұүһі ӘҒҚҢӨҰҮҺІ абвыйщ.,-«»0123456789abcXYZ \u00a0\u0301\u200bﬁ①²☃</s>"
        ),
        max_size=60,
    )
)
def test_any_text_is_cut_alike(real, library, text):
    agrees(real, library, text)


@pytest.mark.model
def test_the_words_are_those_of_the_unpacked_model(real, unpacked_model):
    from safetensors.numpy import load_file

    table = load_file(unpacked_model / "model.safetensors")["embeddings.word_embeddings.weight"]
    ids = np.random.default_rng(1).integers(0, len(table), (3, 40))
    assert (real(ids) == table[ids]).all()
