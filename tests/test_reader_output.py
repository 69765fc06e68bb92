"""Tests of chat/reader_output.py: from logits to sentences, words and verdicts."""

import re
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader_input import MAX_TOKENS, encode
from chat.reader_model import ReaderModel, reader_model
from chat.reader_output import MAX_ANSWER_TOKENS, VERDICT_PLACES, Window, judge, read
from index.embedders.weights import word_embeddings

pytestmark = pytest.mark.model

TEXT = "Ғарыш айлағы 1955 жылы салынды. Ол далада тұр. Қаласы өзен бойында."
SENTENCES = [(0, 31), (32, 46), (47, 67)]


class Written:
    """A model whose logits are written by hand: for the tokens of a window, then of the claim."""

    def __init__(self, logits):
        self.logits = logits
        self.tokenizer = word_embeddings().tokenizer

    def run(self, inputs):
        return [self.logits(encoded) for encoded in inputs]


@pytest.fixture(scope="module")
def tokenizer():
    return word_embeddings().tokenizer


def readings(logits_of, text=TEXT, sentences=SENTENCES):
    model = Written(lambda encoded: (logits_of(encoded), np.zeros(3, np.float32)))
    (window,) = read(model, "Қашан салынды?", [Window("", text, sentences)])
    return window


def flat(encoded, value=-9.0):
    return np.full((len(encoded.ids), 3), value, np.float32)


def token_at(encoded, char):
    (places,) = np.nonzero((encoded.spans[:, 0] <= char) & (char < encoded.spans[:, 1]))
    return encoded.first + int(places[-1])


def test_the_words_between_start_and_end_answer():
    def logits(encoded):
        values = flat(encoded)
        values[token_at(encoded, 13), 0] = values[token_at(encoded, 21), 1] = 5
        return values

    first, second, third = readings(logits)
    assert TEXT[slice(*first.answer)] == "1955 жылы"
    assert first.found > second.found
    assert first.found > third.found


def test_found_is_the_log_odds_of_all_spans_against_none(tokenizer):
    """With all logits 0 but «none» n each: log(spans) - 2 n."""
    none = 1.5

    def logits(encoded):
        values = flat(encoded, 0.0)
        values[0, :2] = none
        return values

    encoded = encode(tokenizer, "query: ", "Қашан салынды?", "", TEXT)
    for sentence, reading in zip(SENTENCES, readings(logits), strict=True):
        inside = (encoded.spans[:, 1] > sentence[0]) & (encoded.spans[:, 1] <= sentence[1])
        count = int(inside.sum())
        assert count <= MAX_ANSWER_TOKENS
        assert reading.found == pytest.approx(np.log(count * (count + 1) / 2) - 2 * none, abs=1e-4)
        assert reading.needed == 0


def test_no_answer_ends_before_it_starts_or_leaves_its_sentence():
    def logits(encoded):
        values = flat(encoded)
        values[token_at(encoded, 34), 0] = 9  # «Ол» is a start; an end stands only before it.
        values[token_at(encoded, 13), 1] = 9
        return values

    for sentence, reading in zip(SENTENCES, readings(logits), strict=True):
        start, end = reading.answer
        assert sentence[0] <= start < end <= sentence[1]


def test_a_sentence_is_needed_as_much_as_its_words_on_average():
    def logits(encoded):
        values = flat(encoded, 0.0)
        values[encoded.first : encoded.first + len(encoded.spans), 2] = np.arange(
            len(encoded.spans)
        )
        return values

    first, second, third = readings(logits)
    assert first.needed < second.needed < third.needed


def test_what_is_beyond_the_models_reach_is_read_by_itself():
    """Of many numbers in few characters, the window holds more tokens than are read at once."""
    text = "Ғ.\n" + "\n".join(f"№{n}: 12,73; 3.38% (x{n}≠3q)." for n in range(40))
    sentences = [match.span() for match in re.finditer(".+", text)]

    def logits(encoded):
        values = flat(encoded)
        values[encoded.first + len(encoded.spans) - 1, :2] = 5  # The last token that is read.
        return values

    found = readings(logits, text, sentences)
    assert len(encode(word_embeddings().tokenizer, "query: ", "", "", text).ids) == MAX_TOKENS
    assert None not in found
    for sentence, reading in zip(sentences, found, strict=True):
        assert sentence[0] <= reading.answer[0] < reading.answer[1] <= sentence[1]


def test_a_line_of_signs_is_not_read():
    text = "Ғарыш айлағы.\n```bash\nҚаласы бар."
    first, fence, last = readings(flat, text, [(0, 13), (14, 21), (22, 33)])
    assert fence is None
    assert None not in (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "Жылы **1994** болды.",
        "Жылы `1994` болды.",
        "Пайғамбар \ufdfa айтты.",  # One character that is read as eighteen.
        "Ең </s> көп.",
        unicodedata.normalize("NFD", "Қай ел? Өй, **ұй**."),
    ],
)
def test_whichever_token_is_chosen_the_answer_has_words_and_no_marks_at_its_ends(text):
    count = len(encode(word_embeddings().tokenizer, "query: ", "", "", text).spans)
    for token in range(count):

        def logits(encoded, token=token):
            values = flat(encoded)
            values[encoded.first + token, :2] = 5
            return values

        (reading,) = readings(logits, text, [(0, len(text))])
        answer = text[slice(*reading.answer)]
        assert any(map(str.isalnum, answer))
        assert answer == text or answer == answer.strip(" *`")


def test_an_answer_has_no_stop_or_space_at_its_ends():
    def logits(encoded):
        values = flat(encoded)
        values[token_at(encoded, 47), 0] = values[token_at(encoded, 66), 1] = 5
        return values

    last = readings(logits)[-1]
    assert TEXT[slice(*last.answer)] == "Қаласы өзен бойында"


@given(logits=st.lists(st.floats(-50, 50, width=32), min_size=3, max_size=3))
def test_verdicts_are_probabilities(logits):
    model = Written(lambda _: (np.zeros((1, 3), np.float32), np.array(logits, np.float32)))
    found = judge(model, "Айлақ 1955 жылы салынды.", [TEXT, TEXT])
    assert found.shape == (2, 3)
    assert found.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert logits[found[0].argmax()] == pytest.approx(max(logits), abs=1e-5)
    assert judge(model, "Бос.", []).shape == (0, 3)


@pytest.mark.parametrize("logits", np.eye(3, dtype=np.float32).tolist())
def test_a_claim_that_is_cut_is_unstated(logits):
    """Whatever its beginning is worth: its end may be a lie."""
    model = Written(lambda _: (np.zeros((1, 3), np.float32), np.array(logits, np.float32)))
    claim = "Ғарыш айлағы 1955 жылы салынды, ол далада тұр, қаласы өзен бойында. "
    unstated = np.eye(3)[VERDICT_PLACES["unstated"]].tolist()
    assert judge(model, claim * 9, [TEXT, TEXT]).tolist() == [unstated, unstated]
    assert judge(model, claim, [TEXT])[0].argmax() == np.argmax(logits)


def test_the_model_that_ships_reads_kazakh():
    window = Window("", TEXT, SENTENCES)
    (found,) = read(reader_model(), "Ғарыш айлағы қай жылы салынды?", [window])
    best = max(found, key=lambda reading: reading.found)
    assert "1955" in TEXT[slice(*best.answer)]


def test_a_window_is_read_alike_whatever_is_read_beside_it():
    windows = [Window("", TEXT, SENTENCES), Window("", TEXT[:31], SENTENCES[:1])]
    one, other = (
        read(ReaderModel(), "Айлақ қай жылы салынды?", order) for order in (windows, windows[::-1])
    )
    assert one == other[::-1]
