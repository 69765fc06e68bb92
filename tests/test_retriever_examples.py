"""Tests of eval/training/retriever_examples.py: which texts a question is compared with."""

from random import Random

import pytest
import token_pieces

from eval.training.reading_rows import ClaimRow, QuestionRow
from eval.training.retriever_examples import MAX_TOKENS, TEXTS, RetrievalDrawing, batches
from index.embedders.weights import word_embeddings

pytestmark = pytest.mark.model

FILLER = "Далада жел соғып, шөп қурап, көлдің суы сарқылып, құстар оңтүстікке ұшып кетті. "
TEXT = f"Ғарыш айлағы 1955 жылы салынды. {FILLER * 8}Қаласы өзен бойында."
NEAR = [f"{number}-айлақ {1960 + number} жылы салынды. Ол далада тұр." for number in range(6)]
DRAWN = 200


@pytest.fixture(scope="module")
def tokenizer():
    return word_embeddings().tokenizer


def row(text=TEXT, answer="1955", asked="Айлақ қай жылы салынды?", **values):
    start = text.index(answer)
    named = {"source": "own", "pair": "", "title": "Айлақ", "language": "kk", "group": text}
    sentence = (0, text.index(".") + 1)
    return QuestionRow(
        context=text,
        question=asked,
        answers=((start, start + len(answer)),),
        **({"evidence": (sentence,)} | named | values),
    )


def drawn(tokenizer, *rows, claims=(), pairs=(), near=NEAR, teacher=None, seed="ұ"):
    others = [row(text, text[:1]) for text in near]
    nearest = {one.question: others for one in rows}
    drawing = RetrievalDrawing(
        tokenizer, [(one, 1.0) for one in rows], claims, pairs, nearest, lambda _: 1.0, teacher
    )
    return drawing.pool(seed, DRAWN)


def said(tokenizer, ids):
    """Return what a text says, without the marks at its ends."""
    return token_pieces.said(tokenizer, ids[1:-1])


def test_the_first_text_answers_and_no_other_has_its_words(tokenizer):
    for one in drawn(tokenizer, row()):
        answering, *others = (said(tokenizer, text) for text in one.texts)
        assert "1955" in answering
        assert not any("1955" in other for other in others)
        assert all(text.startswith("passage: ") for text in (answering, *others))
        assert said(tokenizer, one.question).lower().startswith("query: айлақ қай жылы салынды")


def test_windows_and_sentences_are_drawn_with_others_of_the_same_passage_and_near_ones(tokenizer):
    pool = drawn(tokenizer, row())
    assert {len(one.texts) for one in pool} == {TEXTS}
    sentences = sum(len(one.texts[0]) < 30 for one in pool)
    assert 0.3 * DRAWN < sentences < 0.7 * DRAWN
    assert any(TEXT in one.others for one in pool)
    assert {text for one in pool for text in one.others} == {TEXT, *NEAR}


def test_a_near_passage_that_has_the_words_of_the_answer_is_left_out(tokenizer):
    pool = drawn(tokenizer, row(), near=["Айлақ 1955 жылы ашылды."])
    assert all(set(one.others) <= {TEXT} for one in pool)


def test_a_passage_and_its_translation_are_one(tokenizer):
    english = row("It was built in 1955. The steppe is wide.", asked="When?", pair="1", source="x")
    kazakh = row(pair="1", source="x")
    pool = drawn(tokenizer, kazakh, english, near=[english.context, TEXT, *NEAR])
    assert len({one.passage for one in pool}) == 1
    # Of the passage itself: what does not answer in the language that was drawn.
    assert {"When?", kazakh.question} <= {
        said(tokenizer, one.question).removeprefix("query: ").capitalize() for one in pool
    }


def test_translations_are_questions_of_each_other(tokenizer):
    pool = drawn(tokenizer, row(), pairs=[("Құжатты сақтау керек", "The document must be saved")])
    asked = {said(tokenizer, one.question) for one in pool if len(one.texts) == 1}
    assert asked == {"query: Құжатты сақтау керек", "query: The document must be saved"}


def test_a_claim_is_a_question_of_the_sentence_that_supports_it(tokenizer):
    claim = ClaimRow("own", "қ", TEXT, "The port dates from 1955.", "supported", ((0, 31),))
    pool = drawn(tokenizer, row(), claims=[claim])
    (found,) = {said(tokenizer, one.texts[0]) for one in pool if len(one.texts) == 1}
    assert found == "passage: " + TEXT[:31]


def test_the_words_are_those_of_the_question_and_of_each_text(tokenizer):
    for one in drawn(tokenizer, row()):
        assert "айлақ" in one.words.query.words
        assert one.words.weights["айлақ"] == 1.0
        assert len(one.words.texts) == len(one.texts)
        assert all(language == "kk" for language, _ in one.words.texts)


def test_the_teacher_reads_and_whoever_wrote_the_row_knows_better(tokenizer):
    pool = drawn(tokenizer, row(), teacher=lambda _, texts: [float(len(text)) for text in texts])
    assert all(one.teacher and one.teacher[0] == max(one.teacher) for one in pool)
    assert all(len(one.teacher) == len(one.texts) for one in pool)


def test_the_same_seed_draws_the_same(tokenizer):
    one, other = (drawn(tokenizer, row()) for _ in range(2))
    assert [[*map(bytes, a.texts)] for a in one] == [[*map(bytes, b.texts)] for b in other]
    assert [bytes(a.question) for a in one] != [
        bytes(b.question) for b in drawn(tokenizer, row(), seed="ү")
    ] or [[*map(bytes, a.texts)] for a in one] != [
        [*map(bytes, b.texts)] for b in drawn(tokenizer, row(), seed="ү")
    ]


def test_batches_hold_every_example_once_and_no_more_tokens_than_allowed(tokenizer):
    pool = drawn(tokenizer, row())
    cut = list(batches(pool, 2000, Random(1)))
    assert sorted(map(id, pool)) == sorted(id(one) for batch in cut for one in batch)
    for batch in cut:
        longest = max(len(text) for one in batch for text in one.texts)
        assert longest * sum(len(one.texts) for one in batch) <= 2000 or len(batch) == 1


def test_long_texts_are_cut(tokenizer):
    long = row(FILLER * 30 + "1955", evidence=None)
    assert max(len(text) for one in drawn(tokenizer, long) for text in one.texts) <= MAX_TOKENS
