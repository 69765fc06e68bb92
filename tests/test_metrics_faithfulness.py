"""Tests of metrics/faithfulness.py: which sentences of a model stand, and which facts do not."""

import pytest
from fakes import Scripted

from chat.answer import Statement
from chat.llm import LLM, LLMSpec
from chat.pipeline import answer
from eval.dataset import Example
from eval.metrics.case import split_answer
from eval.metrics.faithfulness import attribution_judge, named_rightly, unsupported_facts
from eval.runner import ask

pytestmark = pytest.mark.model

ASKED = "With how many countries has Kazakhstan established diplomatic relations?"
RIGHT = "By 2008 Kazakhstan has established diplomatic relations with 140 countries."
WRONG = "By 2007 Kazakhstan has established diplomatic relations with 990 countries."
EXAMPLE = Example("1", ASKED, "en", answers=("140 countries", "140"))


def llm(*said, key="right"):
    """Return a model that says some sentences, with the key of the passage that answers or not."""

    def write(shown):
        right = next(each for each in shown if "140 countries" in shown[each])
        other = next(each for each in shown if each != right)
        return " ".join(f"{each} [{right if key == 'right' else other}]" for each in said)

    return LLM(LLMSpec("scripted:test"), Scripted(write))


def figures(retriever, by):
    return ask(EXAMPLE, retriever, None, by)["metrics"]


def test_a_right_answer_of_a_model(retriever):
    found = figures(retriever, llm(RIGHT))
    for name in ("right", "citation_validity", "citation_recall", "citation_precision",
                 "named_rightly", "answer_language", "answer_in_citation@all"):  # fmt: skip
        assert found[name] == 1
    assert found["unsupported_facts"] == found["error"] == 0
    assert found["token_f1"] < 1
    assert "necessity" not in found


def test_a_wrong_sentence_beside_a_right_one(retriever):
    found = figures(retriever, llm(RIGHT, WRONG))
    assert found["citation_recall"] == found["named_rightly"] == 1 / 2
    assert found["citation_precision"] == 1
    answered = answer(ASKED, retriever, llm(RIGHT, WRONG))
    assert [each.supported for each in answered.statements] == [True, False]
    # 2008, 140 and Kazakhstan stand; 2007, 990 and Kazakhstan cite nothing.
    assert unsupported_facts(answered) == found["unsupported_facts"] == 3 / 6


def test_a_passage_named_wrongly_is_cited_anew_and_told(retriever):
    found = figures(retriever, llm(RIGHT, key="wrong"))
    assert found["named_rightly"] == 0
    assert found["citation_recall"] == found["right"] == 1


def test_quoting_is_measured_beside_it(retriever):
    found = figures(retriever, None)
    assert found["unsupported_facts"] == 0
    assert "named_rightly" not in found
    assert named_rightly(answer(ASKED, retriever)) is None


def test_the_judge_holds_a_sentence_to_what_it_cites_alone(retriever):
    answered = answer(ASKED, retriever, llm(RIGHT))
    judge = attribution_judge(answered, retriever)
    [quote] = [each.quote for each in answered.citations]
    assert judge([quote], RIGHT)
    assert not judge([quote], WRONG)
    assert not judge([], RIGHT)


def test_what_a_model_wrote_is_the_answer_s_own_words(retriever):
    answered = answer(ASKED, retriever, llm(RIGHT, WRONG))
    own, said = split_answer(answered)
    assert own == f"{RIGHT} {WRONG}"
    assert [each.text for each in said] == [RIGHT, WRONG]
    assert [len(each.quotes) for each in said] == [1, 0]
    assert isinstance(answered.statements[0], Statement)
