"""Tests of eval/bench/work.py, and what a question may cost: counts, which hold on any machine."""

import numpy as np
import pytest

from chat.pipeline import answer
from eval.bench.limits import WIDTH
from eval.bench.work import counted
from eval.sizing import ChanceEmbedder, made_documents
from index.embedders.embedded import embedded_model
from index.indexer import Indexer
from index.ranking_weights import WEIGHTS

QUESTIONS = (
    "Тәуелсіздіктің алғашқы жылдарында қай елдермен шекара келісілді?",
    "Which treaty made the border with China final?",
)
NUMBER = 4
"""Bytes of a number of a vector."""

MOST_TOKENS = 512

EMBEDDED = 2
"""Texts embedded for a question: to know what is asked for, and to search."""


@pytest.mark.model
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_costs_no_more_than_it_did(question, retriever):
    answer("Неше ел таныды?", retriever)  # What is worked out once, at the first, is no part of it.
    with counted(retriever) as work:
        answer(question, retriever)
    assert 1 <= len(work.embedded) <= EMBEDDED
    assert max(work.embedded) < 64, "the question alone is embedded"
    assert 1 <= len(work.read) <= WEIGHTS.windows_read
    assert max(work.read) <= MOST_TOKENS
    assert 0 < work.vector_bytes <= bytes_of_a_question(retriever)
    with counted(retriever) as again:
        answer(question, retriever)
    assert (again.embedded, again.read) == ([], []), "what was asked lately is remembered"


@pytest.mark.model
def test_a_question_that_is_asked_alone_costs_no_more_than_it_did(shipped_home):
    retriever = Indexer(shipped_home).open()
    with counted(retriever) as work:
        answer("Қай жылы шекараны делимитациялау бітті, оны кім жүргізді?", retriever)
    # Two questions in one: its parts are embedded and read, too.
    parts = 2
    assert 1 <= len(work.embedded) <= EMBEDDED + parts
    assert 1 <= len(work.read) <= parts * WEIGHTS.windows_read


def bytes_of_a_question(retriever):
    """Return the bytes of vectors that a question may read.

    All are compared once; of the passages that come into question they are read back, with their
    sentences; and the sentences of those that are read are compared with it again.
    """
    generation = retriever.generation
    vectors = len(generation.chunk_vectors) + len(generation.sentence_vectors)
    most = max(len(chunk.sentences) for chunk in generation.chunks)
    proposed = min(3 * WEIGHTS.candidates_per_leg, len(generation.chunks)) * (1 + most)
    return NUMBER * WIDTH * (vectors + proposed + WEIGHTS.passages_read * most)


@pytest.mark.slow
def test_a_search_of_more_passages_reads_all_vectors_once_and_few_again(tmp_path):
    passages = 4 * WEIGHTS.candidates_per_leg
    indexer = Indexer(tmp_path / "үй", load=lambda _: ChanceEmbedder())
    indexer.put(made_documents(passages))
    retriever = indexer.open()
    query = retriever.analyse("Арал теңізі неге тартылды?")
    retriever.search(query, WEIGHTS.passages_read)  # What is worked out once is no part of it.
    with counted(retriever) as work:
        retriever.search(query, WEIGHTS.passages_read)
    vectors = passages + len(retriever.generation.sentence_vectors)
    again = 3 * WEIGHTS.candidates_per_leg * 3  # Each leg's, with one or two sentences.
    assert NUMBER * WIDTH * vectors <= work.vector_bytes <= NUMBER * WIDTH * (vectors + again)
    assert (work.embedded, work.read) == ([], [])


@pytest.mark.model
def test_each_text_and_its_tokens_are_counted_and_nothing_changes():
    model, texts = embedded_model(), ["Арал теңізі.", "Ән мен күй, дастан мен жыр."]
    before = model.embed_passages(texts)
    with counted() as work:
        during = model.embed_passages(texts)
    assert sorted(work.embedded) == sorted(map(model.count_tokens, texts))
    assert work.flops_embedded > 2 * 21_000_000 * sum(work.embedded)
    assert (work.read, work.flops_read, work.vector_bytes) == ([], 0, 0)
    np.testing.assert_array_equal(before, during)
    model.embed_passages(texts)
    assert len(work.embedded) == len(texts), "after it nothing is counted"
