"""Tests of eval/training/augmentation.py: slots that are changed, words that are exchanged."""

from dataclasses import replace
from random import Random

import pytest

from eval.training.augmentation import SlotChanges, code_switched
from eval.training.reading_rows import QuestionRow
from index.analysis.lexicon import concepts

TEXT = "In 1954 the engineer Anna Berg built a bridge of steel over the Ural. It has a border post."
ANSWER = TEXT.index("a bridge of steel")


def row(question="What did Anna Berg build in 1954?", context=TEXT, group="1", language="en"):
    return QuestionRow(
        source="public",
        group=group,
        pair="",
        title="",
        context=context,
        question=question,
        answers=((ANSWER, ANSWER + len("a bridge of steel")),),
        evidence=None,
        language=language,
    )


OTHER = row("Who met Karl Lindberg?", "Somebody met Karl Lindberg.", group="2")


def test_a_name_or_a_number_of_the_question_is_another_and_nothing_answers():
    changes = SlotChanges([row(), OTHER])
    made = {changes.changed(row(), Random(seed)).question for seed in range(60)}
    assert "What did Karl Lindberg build in 1954?" in made
    numbers = made - {"What did Karl Lindberg build in 1954?"}
    assert len(numbers) > 10
    for question in numbers:
        assert question.startswith("What did Anna Berg build in ")
        year = int(question[-5:-1])
        assert 0 < abs(year - 1954) <= 30
    changed = changes.changed(row(), Random(1))
    assert changed.answers == ()
    assert changed.evidence == ()
    assert changed.context == TEXT


def test_a_name_that_the_passage_has_is_no_other_one():
    known = row("Who met Karl Lindberg?", "Somebody met Karl Lindberg.", group="2")
    asked = replace(row(), context=f"{TEXT} Karl Lindberg came.", question="What did Anna Berg do?")
    assert SlotChanges([asked, known]).changed(asked, Random(1)) is None


@pytest.mark.parametrize("question", ["What was built?", "WHAT WAS BUILT?", "не салынды?", ""])
def test_a_question_without_a_slot_is_left(question):
    assert SlotChanges([OTHER]).changed(row(question), Random(1)) is None


def test_a_name_at_the_start_is_one_if_the_passage_writes_it_so():
    text = "Көпірді 1954 жылы Айнұр Бекова салды. Қала кеңейді."
    asked = row("Айнұр Бекова не салды?", text, language="kk")
    other = row("Кеше Гүлнар Сапарова қайда барды?", "Кеше Гүлнар Сапарова келді.", "2", "kk")
    changed = SlotChanges([asked, other]).changed(asked, Random(1))
    assert changed.question == "Гүлнар Сапарова не салды?"
    whole = row("Қала қашан кеңейді?", text, language="kk")
    assert SlotChanges([whole, other]).changed(whole, Random(1)) is None


def test_exchanged_words_mean_the_same_and_the_answer_is_where_it_was():
    seen = set()
    for seed in range(40):
        new = code_switched(row("Where is the border post?"), "kk", Random(seed))
        ((start, end),) = new.answers
        said = new.context[start:end]
        assert said.startswith("a ")
        assert new.context[start - 1] == " "
        assert new.context[end] == " "
        words = zip(TEXT.split(), new.context.split(), strict=True)
        for old, exchanged in words:
            if old != exchanged:
                seen.add(old)
                same = concepts(old.strip(".,").lower(), "en")
                assert set(same) & set(concepts(exchanged.strip(".,").lower(), "kk"))
    assert "border" in seen
    assert "the" not in seen


def test_words_of_a_language_that_the_glossary_does_not_know_stay():
    asked = row("Köprü nerede?", language="tr")
    assert code_switched(asked, "kk", Random(1)).context == TEXT
