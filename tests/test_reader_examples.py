"""Tests of eval/training/reader_examples.py: which windows are drawn, and what is right in them."""

from random import Random

import pytest
import token_pieces
from fakes import HashEmbedder

from eval.training.hard_negatives import nearest_passages
from eval.training.passage_windows import window_with, window_without
from eval.training.reader_examples import IGNORED, Drawing, batches
from eval.training.reading_rows import VERDICTS, ClaimRow, QuestionRow
from eval.training.training_run import POOL
from index.embedders.weights import word_embeddings
from ingest.sentence import sentences

pytestmark = pytest.mark.model

FILLER = "Далада жел соғып, шөп қурап, көлдің суы сарқылып, құстар оңтүстікке ұшып кетті. "
TEXT = f"Ғарыш айлағы 1955 жылы салынды. {FILLER * 8}Бұл 1955 жылғы іс еді. Қаласы өзен бойында."
ANSWER = TEXT.index("1955")
AGAIN = TEXT.index("1955", ANSWER + 1)


@pytest.fixture(scope="module")
def tokenizer():
    return word_embeddings().tokenizer


def question(text=TEXT, answers=((ANSWER, ANSWER + 4),), evidence=((0, 31),), group="қ1", **values):
    named = {"source": "own", "pair": "", "title": "Айлақ", "language": "kk"} | values
    return QuestionRow(
        group=group,
        context=text,
        question=named.pop("asked", "Айлақ қай жылы салынды?"),
        answers=answers,
        evidence=evidence,
        **named,
    )


def drawing(tokenizer, *rows, claims=()):
    return Drawing(tokenizer, [(row, 1.0) for row in rows], [(c, 1.0) for c in claims], 0.5)


def said(tokenizer, example, start, end):
    """Return what some tokens of an example say."""
    return token_pieces.said(tokenizer, example.ids[start:end])


def test_the_answer_is_marked_to_the_token(tokenizer):
    one = drawing(tokenizer, question()).question_example(question(), range(2))
    assert [said(tokenizer, one, a, b + 1) for a, b in zip(one.starts, one.ends, strict=True)] == [
        "1955"
    ]
    assert one.needed == [1.0, 0.0]
    assert said(tokenizer, one, *one.sentences[0]) == TEXT[:31]


def test_equal_words_elsewhere_in_the_window_are_right_too(tokenizer):
    """But their sentence is neither needed nor not: nobody marked it."""
    text = "Айлақ 1955 жылы салынды. Бұл 1955 жылғы іс еді."
    row = question(text, ((6, 10),), ((0, 24),))
    one = drawing(tokenizer, row).question_example(row, range(2))
    assert len(one.starts) == 2
    assert one.needed == [1.0, IGNORED]


def test_a_window_without_the_answer_answers_at_the_first_token(tokenizer):
    one = drawing(tokenizer, question()).question_example(question(), range(1, 3))
    assert one.starts == one.ends == [0]
    assert set(one.needed) == {0.0}


def test_what_is_drawn_holds_its_evidence_or_says_that_nothing_does(tokenizer):
    pool = drawing(tokenizer, question()).pool("ұ", POOL)
    assert len(pool) == POOL
    nothing = [one for one in pool if one.starts == [0]]
    assert 0.05 * POOL < len(nothing) < 0.4 * POOL
    for one in pool:
        assert one.verdict == -1
        assert (1.0 in one.needed) == (one.starts != [0])


def test_the_same_seed_draws_the_same(tokenizer):
    one, other = (drawing(tokenizer, question()).pool("7", POOL) for _ in range(2))
    assert [a.ids.tolist() for a in one] == [b.ids.tolist() for b in other]


def test_questions_are_put_to_other_passages_of_their_article(tokenizer):
    other = question("Көл тұзды. Тереңдігі 26 метр.", (), (), asked="Көл қандай?")
    pool = drawing(tokenizer, question(), other).pool("3", POOL)
    lake = tokenizer.tokens("Тереңдігі")[0][0]
    year = tokenizer.tokens("салынды?")[0][0]
    asked_elsewhere = [one for one in pool if {lake, year} <= set(one.ids.tolist())]
    assert asked_elsewhere
    assert all(one.starts == [0] for one in asked_elsewhere)


def test_questions_are_put_to_what_a_retriever_finds_for_them(tokenizer):
    near = question("Порт 1955 жылы ашылды. Көл тұзды.", (), (), group="қ2", asked="Порт қандай?")
    far = question("Көл тұзды. Тереңдігі 26 метр.", (), (), group="қ3", asked="Көл қандай?")
    row = question()
    nearest = {row.question: (far,)}
    drawn = Drawing(tokenizer, [(row, 1.0), (near, 0.0)], [], 0.0, nearest).pool("4", POOL)
    lake, port = (tokenizer.tokens(word)[0][0] for word in ("Тереңдігі", "Порт"))
    assert any(lake in one.ids.tolist() for one in drawn)
    assert not any(port in one.ids.tolist() for one in drawn)
    # What holds the words of the answer may answer: it is not drawn as if it did not.
    nearest = {row.question: (near,)}
    drawn = Drawing(tokenizer, [(row, 1.0)], [], 0.0, nearest).pool("4", POOL)
    assert not any(port in one.ids.tolist() for one in drawn)


def test_the_nearest_passages_are_of_other_groups_and_nearest_first(tmp_path):
    rows = [
        question("Арал теңізі тартылып барады.", group="1", asked="Арал теңізі қайда?"),
        question("Арал теңізі туралы екінші мәтін.", group="2", asked="Абай кім?"),
        question("Абай Шыңғыстауда туған ақын.", group="3", asked="Абай қайда туған?"),
    ]
    nearest = nearest_passages(rows, HashEmbedder(), tmp_path)
    assert set(nearest) == {row.question for row in rows}
    assert [row.group for row in nearest["Арал теңізі қайда?"]] == ["2", "3"]
    assert [row.group for row in nearest["Абай кім?"]] == ["3", "1"]


def test_languages_of_one_question_are_mixed(tokenizer):
    rows = [
        question(pair="1", source="xquad", asked=asked)
        for asked in ("Айлақ қай жылы салынды?", "When was the port built?")
    ]
    pool = drawing(tokenizer, *rows).pool("5", POOL)
    english = tokenizer.tokens("When")[0][0]
    share = sum(english in one.ids.tolist() for one in pool) / POOL
    assert 0.3 < share < 0.7


def test_a_claim_without_its_evidence_is_unstated(tokenizer):
    claim = ClaimRow("own", "қ1", TEXT, "Айлақ 1965 жылы салынды.", "refuted", ((0, 31),))
    pool = drawing(tokenizer, question(), claims=[claim]).pool("2", POOL)
    claims = [one for one in pool if one.verdict >= 0]
    assert 0.4 < len(claims) / POOL < 0.6
    space_port = tokenizer.tokens("Ғарыш")[0][0]
    for one in claims:
        held = space_port in one.ids.tolist()
        assert VERDICTS[one.verdict] == ("refuted" if held else "unstated")
    assert {one.verdict for one in claims} == {1, 2}


def test_batches_hold_each_once_and_no_more_than_fits(tokenizer):
    pool = drawing(tokenizer, question()).pool("1", POOL)
    cut = list(batches(pool, 1000, Random(1)))
    assert sorted(map(id, pool)) == sorted(id(one) for batch in cut for one in batch)
    for batch in cut:
        longest = max(len(one.ids) for one in batch)
        assert len(batch) == 1 or len(batch) * longest <= 1000


def test_windows_hold_what_is_needed(tokenizer):
    spans = sentences(TEXT)
    for seed in range(200):
        window = window_with(TEXT, ((AGAIN, AGAIN + 4),), Random(seed))
        assert any(spans[n][0] <= AGAIN < spans[n][1] for n in window)
        without = window_without(TEXT, ((AGAIN, AGAIN + 4),), Random(seed))
        assert without is not None
        assert not any(spans[n][0] <= AGAIN < spans[n][1] for n in without)
    assert window_without("Бір сөйлем.", ((0, 3),), Random(1)) is None
