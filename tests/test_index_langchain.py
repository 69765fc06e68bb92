"""Dalel inside LangChain: the README's example runs, metadata points at the text."""

import re
from pathlib import Path

import pytest
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import ValidationError

from index.langchain import DalelEmbeddings, DalelRetriever
from ingest.errors import CorpusError

pytestmark = [
    pytest.mark.model,
    # Of LangChain's own imports.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.parametrize("readme", ["README.md", "README.kk.md"])
def test_the_example_of_the_readme_runs(readme, shipped_home, monkeypatch, capsys):
    text = (Path(__file__).parent.parent / readme).read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.setenv("DALEL_HOME", str(shipped_home))
    for name in ("DalelRetriever", "DalelAnswers"):
        (code,) = [block for block in blocks if name in block]
        exec(compile(code, readme, "exec"), {})
        assert "Арал теңізі" in capsys.readouterr().out


def test_metadata_says_where_a_passage_stands(retriever):
    passages = DalelRetriever(index=retriever, k=5).invoke("Арал теңізі")
    assert len(passages) == 5
    for passage in passages:
        text = retriever.documents[passage.metadata["source"]].text
        start, end = passage.metadata["start"], passage.metadata["end"]
        assert text[start:end] == passage.page_content
        assert passage.metadata["language"] in ("kk", "en")
    scores = [passage.metadata["score"] for passage in passages]
    assert scores == sorted(scores, reverse=True)


def test_it_batches_and_runs_asynchronously(retriever):
    import asyncio

    adapter = DalelRetriever(index=retriever, k=2)
    once = adapter.invoke("Aral Sea")
    assert adapter.batch(["Aral Sea"]) == [once]
    assert asyncio.run(adapter.ainvoke("Aral Sea")) == once


def test_only_the_documents_that_are_named_are_searched(retriever):
    named = DalelRetriever(index=retriever, k=5, documents=("en_foreign_policy",))
    assert {one.metadata["source"] for one in named.invoke("Арал теңізі")} == {"en_foreign_policy"}
    unknown = DalelRetriever(index=retriever, documents=("en_foreign_polisy",))
    with pytest.raises(CorpusError, match="no document 'en_foreign_polisy' is indexed"):
        unknown.invoke("Арал теңізі")


def test_k_must_be_positive(retriever):
    with pytest.raises(ValidationError):
        DalelRetriever(index=retriever, k=0)


def test_the_embeddings_keep_questions_and_passages_apart(retriever):
    embeddings = DalelEmbeddings(retriever.embedder)
    (passage,), query = (
        embeddings.embed_documents(["Арал теңізі"]),
        embeddings.embed_query("Арал теңізі"),
    )
    assert len(passage) == len(query) == 384
    assert passage != query
    store = InMemoryVectorStore(embeddings)
    store.add_texts(["Арал теңізі тартылып барады.", "Шартқа қол қойылды."])
    assert store.similarity_search("Қай теңіз тартылды?", k=1)[0].page_content.startswith("Арал")
