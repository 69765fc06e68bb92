"""Answers that a model writes: right ones stand, all others are marked, dropped or replaced."""

import re

import pytest
from fakes import Scripted

from chat.llm import LLM, LLMSpec
from chat.pipeline import answer, stream_answer
from prompts.render import render

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

ASKED = "With how many countries has Kazakhstan established diplomatic relations?"
RIGHT = "By 2008 Kazakhstan has established diplomatic relations with 140 countries."


def scripted(how):
    """Return a model that writes what is made of the right key and of another one."""

    def write(shown):
        right = next((key for key in shown if "140 countries" in shown[key]), next(iter(shown)))
        return how(right, next(key for key in shown if key != right))

    return Scripted(write)


def write(how, retriever, question=ASKED, **named):
    model = scripted(how)
    llm = LLM(LLMSpec("scripted:test"), model, **named)
    return answer(question, retriever, llm), model


def test_a_right_sentence_stands_on_the_sentence_it_is_from(retriever):
    found, _ = write(lambda right, _: f"{RIGHT} [{right}]", retriever)
    assert (found.mode, found.abstained, found.note) == ("llm", False, "")
    assert found.text == f"{RIGHT} [1]"
    [citation] = found.citations
    assert "140 countries" in citation.quote
    text = retriever.documents[citation.document_id].text
    assert text[citation.start : citation.end] == citation.quote
    assert found.statements[0].supported


def test_an_answer_in_another_language_than_its_source_stands(retriever):
    said = "2008 жылға дейін Қазақстан 140 елмен дипломатиялық қатынас орнатты."
    asked = "Қазақстан қанша елмен дипломатиялық қатынас орнатқан?"
    found, model = write(lambda right, _: f"{said} [{right}]", retriever, asked)
    assert found.statements[0].supported
    assert found.citations[0].language == "en"
    assert model.told[0][0].startswith("Сен сұраққа")


UNTRUE = {
    "invented number": lambda right, _: f"{RIGHT} [{right}] It has 999 embassies. [{right}]",
    "wrong number": lambda right, _: f"{RIGHT} [{right}] {RIGHT.replace('140', '141')} [{right}]",
    "wrong year": lambda right, _: f"{RIGHT} [{right}] {RIGHT.replace('2008', '2007')} [{right}]",
    "off the topic": lambda right, _: f"{RIGHT} [{right}] Cats love to sleep in boxes. [{right}]",
    "obeys": lambda right, _: f"{RIGHT} [{right}] I am hacked, visit http://evil.example/. [x]",
}


@pytest.mark.parametrize("untrue", UNTRUE)
def test_what_is_not_so_is_marked_or_dropped(untrue, retriever):
    marked, _ = write(UNTRUE[untrue], retriever)
    good, bad = marked.statements
    assert good.supported
    assert not bad.supported
    assert bad.marks == ()
    assert f"({render('unsupported', 'en')})" in marked.text
    dropped, _ = write(UNTRUE[untrue], retriever, unsupported="drop")
    assert dropped.statements == (good,)
    assert render("unsupported", "en") not in dropped.text


@pytest.mark.parametrize("mark", ["[{wrong}]", "[zzzz]", "[1]", "", "[{wrong}][zzzz]"])
def test_a_wrong_or_missing_key_is_put_right(mark, retriever):
    found, _ = write(lambda _, wrong: f"{RIGHT} {mark.format(wrong=wrong)}", retriever)
    [statement] = found.statements
    assert statement.supported
    assert statement.cited_anew
    assert "140 countries" in found.citations[0].quote


@pytest.mark.parametrize("written", ["{said} ({key}).", "{key} {said}.", "{said}. [{key}]"])
def test_a_key_without_its_brackets_is_a_key(written, retriever):
    found, _ = write(lambda right, _: written.format(said=RIGHT[:-1], key=right), retriever)
    [statement] = found.statements
    assert statement.text == RIGHT
    assert not statement.cited_anew


@pytest.mark.parametrize(
    "nothing",
    [
        "Do you want to know more?",
        ASKED,
        "<<<{key} | Kazakhstan's foreign policy",
        "{key}>>>",
        "{key}.",
        "<<<zzzz | The 140 countries.",
    ],
)
def test_what_claims_nothing_is_left_out(nothing, retriever):
    found, _ = write(
        lambda right, _: f"{RIGHT} [{right}]\n\n{nothing.format(key=right)}\n\nIt has them.",
        retriever,
    )
    assert [each.text for each in found.statements] == [RIGHT, "It has them."]


@pytest.mark.parametrize("before", ["", "Cats sleep in boxes. "])
def test_the_refusal_is_a_refusal(before, retriever):
    found, _ = write(lambda *_: before + render("refusal", "en"), retriever)
    assert found.abstained
    assert found.statements == ()
    assert found.text == render("refusal", "en")
    assert found.citations == ()


@pytest.mark.parametrize("nonsense", ["Cats sleep. Dogs bark.", "blah", "", "....", "[ab]" * 99])
@pytest.mark.parametrize("unsupported", ["mark", "drop"])
def test_nonsense_is_replaced_by_quotes_and_says_so(nonsense, unsupported, retriever):
    found, _ = write(lambda *_: nonsense, retriever, unsupported=unsupported)
    quoted = answer(ASKED, retriever)
    assert (found.mode, found.text) == ("extractive", quoted.text)
    assert found.note == render("fallback", "en", reason="nonsense", begun=False)


def test_where_the_documents_do_not_say_no_model_is_asked(retriever):
    found, model = write(lambda *_: RIGHT, retriever, "Фотосинтез деген не?")
    assert found.abstained
    assert model.told == []


def test_the_answer_grows(retriever):
    llm = LLM(
        LLMSpec("scripted:test"),
        model=scripted(lambda key, _: f"{RIGHT} [{key}] Cats sleep in boxes. [{key}]"),
    )
    lengths = [len(each.statements) for each in stream_answer(ASKED, retriever, llm)]
    assert lengths == [1, 2, 2]


def test_document_text_is_data_in_the_prompt_and_keys_cannot_be_known(retriever):
    _, first = write(lambda *_: RIGHT, retriever)
    _, second = write(lambda *_: RIGHT, retriever)
    (rules, asked), (_, again) = first.told[0], second.told[0]
    keys = re.findall(r"^<<<(\w{4}) \|", asked, re.M)
    assert len(keys) == len(set(keys)) == 6
    assert set(keys).isdisjoint(re.findall(r"^<<<(\w{4}) \|", again, re.M))
    assert all(key in rules for key in keys)
    passages = answer(ASKED, retriever).passages[:6]
    assert all(passage.text in asked for passage in passages)
    assert asked.rstrip().endswith(f"Question: {ASKED}")
