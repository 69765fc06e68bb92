"""Tests of chat/reading.py: from logits to sentences, words and verdicts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader_input import encode
from chat.reader_model import reader_model
from chat.reading import MAX_ANSWER_TOKENS, Window, judge, read
from index.embedders.weights import WordEmbeddings

pytestmark = pytest.mark.model

TEXT = "Ғарыш айлағы 1955 жылы салынды. Ол далада тұр. Қаласы өзен бойында."
SENTENCES = [(0, 31), (32, 46), (47, 67)]


class Written:
    """A model whose logits are written by hand: for the tokens of a window, then of the claim."""

    def __init__(self, logits):
        self.logits = logits
        self.tokenizer = WordEmbeddings().tokenizer

    def run(self, inputs):
        return [self.logits(encoded) for encoded in inputs]


@pytest.fixture(scope="module")
def tokenizer():
    return WordEmbeddings().tokenizer


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
        assert reading.score == pytest.approx(-2 * none)


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


def test_a_sentence_beyond_the_models_reach_is_not_read():
    text = TEXT + " сөз" * 400 + ". Соңғы сөйлем."
    sentences = [*SENTENCES, (len(text) - 14, len(text))]
    assert readings(flat, text, sentences)[-1] is None


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
    assert found[0].argmax() == int(np.argmax(logits)) or len(set(logits)) < 3
    assert judge(model, "Бос.", []).shape == (0, 3)


def test_the_model_that_ships_reads_kazakh():
    window = Window("", TEXT, SENTENCES)
    (found,) = read(reader_model(), "Ғарыш айлағы қай жылы салынды?", [window])
    best = max(found, key=lambda reading: reading.found)
    assert "1955" in TEXT[slice(*best.answer)]


def test_windows_read_together_are_read_nearly_as_alone():
    """Activations are quantised for a batch as a whole, so the last digits depend on it."""
    long = Window("", TEXT, SENTENCES)
    short = Window("", TEXT[:31], SENTENCES[:1])
    together = read(reader_model(), "Айлақ қай жылы салынды?", [long, short])
    apart = [read(reader_model(), "Айлақ қай жылы салынды?", [w])[0] for w in (long, short)]
    for one, other in zip(together, apart, strict=True):
        assert [r.found for r in one] == pytest.approx([r.found for r in other], abs=2)
