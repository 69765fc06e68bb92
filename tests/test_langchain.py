"""Tests of chat/langchain.py: Dalel in other people's LangChain chains."""

import asyncio

import pytest
from fakes import Scripted
from langchain_core.runnables import RunnableLambda

from chat.langchain import DalelAnswers
from chat.llm import LLM, LLMSpec

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

ASKED = "With how many countries has Kazakhstan established diplomatic relations?"
RIGHT = "By 2008 Kazakhstan has established diplomatic relations with 140 countries."


@pytest.fixture
def answers(retriever):
    """Return the Runnable of a model that is right, and says one thing more."""

    def write(shown):
        key = next(each for each in shown if "140 countries" in shown[each])
        return f"{RIGHT} [{key}] Cats sleep in boxes. [{key}]"

    return DalelAnswers(retriever, LLM(LLMSpec("scripted:test"), Scripted(write), "drop"))


def test_it_answers_in_a_chain(answers):
    chain = answers | RunnableLambda(lambda found: found["answer"])
    assert chain.invoke(ASKED) == f"{RIGHT} [1]"
    assert chain.batch([ASKED, ASKED]) == [f"{RIGHT} [1]"] * 2


def test_it_streams_the_answer_as_it_grows(answers):
    grown = list(answers.stream(ASKED))
    assert grown[-1] == answers.invoke(ASKED) | {"timings_ms": grown[-1]["timings_ms"]}
    assert all(each["mode"] == "llm" for each in grown)


def test_it_answers_asynchronously(answers):
    async def everything():
        [batch] = await answers.abatch([ASKED])
        grown = [each async for each in answers.astream(ASKED)]
        return await answers.ainvoke(ASKED), batch, grown[-1]

    assert {each["answer"] for each in asyncio.run(everything())} == {f"{RIGHT} [1]"}


def test_the_collection_is_told_of_and_some_documents_can_be_asked(retriever):
    told = DalelAnswers(retriever).invoke("Қандай құжаттар бар?")
    assert (told["mode"], told["abstained"]) == ("collection", False)
    assert [cited["document_id"] for cited in told["citations"]] == [
        "kk_foreign_policy",
        "en_foreign_policy",
    ]
    [streamed] = DalelAnswers(retriever).stream("Қандай құжаттар бар?")
    assert streamed == told
    found = DalelAnswers(retriever.within(["kk_foreign_policy"]), threshold=0.0).invoke(ASKED)
    assert {cited["document_id"] for cited in found["citations"]} == {"kk_foreign_policy"}


def test_without_a_model_it_quotes(retriever):
    found = DalelAnswers(retriever).invoke(ASKED)
    assert found["mode"] == "extractive"
    cited = found["citations"][0]
    assert "140 countries" in cited["quote"]
    assert found["short_answer"] in found["answer"].partition("\n\n")[0]
    text = retriever.documents[cited["document_id"]].text
    words = cited["answer"]
    assert text[words["start"] : words["end"]] == words["text"] in cited["quote"]
    assert DalelAnswers(retriever, threshold=1.0).invoke(ASKED)["abstained"]
