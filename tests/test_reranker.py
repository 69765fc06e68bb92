"""Tests of index/reranker.py: order by the second model, scores by the first; a real CrossEncoder.

The CrossEncoder is made here, tiny and untrained: what it says is arbitrary, but always the same.
"""

import os
import pickle

import numpy as np
import pytest
from fakes import HashEmbedder, document
from hypothesis import given
from hypothesis import strategies as st

from chat.pipeline import answer
from index.indexer import Indexer
from index.reranker import DEPTH, load_reranker, rerank
from ingest.errors import ModelError

QUESTION = "Қарға қайда ұшады?"
BIRDS = "үкі қарға бүркіт қаршыға аққу тырна құр кептер торғай сұңқар".split()
DOCUMENTS = [
    document(f"{bird.capitalize()} биік тауда ұшады. Оны бәрі біледі. Ұясы үлкен.", bird)
    for bird in BIRDS
]


class Shortest:
    """A second stage that likes short texts."""

    name = "shortest"

    def __init__(self):
        self.read = []

    def scores(self, question, texts):
        self.read.append((question, tuple(texts)))
        return -np.array([len(text) for text in texts], np.float32)


@pytest.fixture(scope="module")
def indexer(tmp_path_factory):
    indexer = Indexer(tmp_path_factory.mktemp("home"), load=lambda _: HashEmbedder())
    indexer.put(DOCUMENTS)
    return indexer


@pytest.fixture
def looking_again(indexer):
    reranking = indexer.open()
    reranking.reranker = Shortest()
    return reranking


@given(lengths=st.lists(st.integers(0, 9), max_size=2 * DEPTH))
def test_the_order_is_the_second_models_and_the_scores_stay_in_their_places(lengths):
    ranked = [(float(-place), "ә" * length) for place, length in enumerate(lengths)]
    again = rerank(
        Shortest(),
        "?",
        ranked,
        lambda result: result[1],
        lambda result, place: (ranked[place][0], result[1]),
    )
    assert [score for score, _ in again] == [score for score, _ in ranked]
    assert [text for _, text in again[:DEPTH]] == sorted((t for _, t in ranked[:DEPTH]), key=len)
    assert again[DEPTH:] == ranked[DEPTH:]


def test_hits_come_in_the_second_models_order(indexer, looking_again):
    first = indexer.open().search(QUESTION, 10)
    again = looking_again.search(QUESTION, 10)
    lengths = [len(hit.chunk.document_id) for hit in again]
    assert lengths == sorted(lengths) != [len(hit.chunk.document_id) for hit in first]
    assert [hit.score for hit in again] == [hit.score for hit in first]
    assert [hit.rank for hit in again] == list(range(1, 11))
    assert {hit.row for hit in again} == {hit.row for hit in first}
    assert [hit.rank for hit in looking_again.search(QUESTION, 3)] == [1, 2, 3]


def test_what_the_first_stage_had_past_the_end_can_come_first(indexer, looking_again):
    first = indexer.open().search(QUESTION, 10)
    shortest = min((hit.chunk.document_id for hit in first), key=len)
    assert looking_again.search(QUESTION, 1)[0].chunk.document_id == shortest
    hits = looking_again.search_documents(QUESTION, 10)
    assert hits[0].chunk.document_id == shortest
    assert [hit.rank for hit in hits] == list(range(1, 11))


@pytest.mark.parametrize("legs", ["dense", "lexical"])
def test_one_leg_alone_is_left_alone(indexer, looking_again, legs):
    assert looking_again.search(QUESTION, 10, legs) == indexer.open().search(QUESTION, 10, legs)


def test_citations_hold_whatever_the_order(looking_again):
    answered = answer(QUESTION, looking_again, threshold=0)
    assert answered.citations
    for citation in answered.citations:
        cited = looking_again.documents[citation.document_id]
        assert cited.text[citation.start : citation.end] == citation.quote


# --- a real one -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a CrossEncoder of 20 thousand numbers, and save it as such models are."""
    return _save(tmp_path_factory.mktemp("model"), labels=1)


def _save(path, labels):
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    words = "[PAD] [UNK] [CLS] [SEP] [MASK]".split() + BIRDS
    tokenizer = Tokenizer(
        models.WordLevel({word: row for row, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **{f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")},
    )
    fast.save_pretrained(path)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(path, safe_serialization=True)
    return path


@pytest.mark.slow
def test_a_cross_encoder_ranks(indexer, folder):
    with_reranker = Indexer(
        indexer.store.folder.parent, load=lambda _: HashEmbedder(), reranker=str(folder)
    )
    retriever = with_reranker.open()
    model = retriever.reranker
    texts = [f"{bird} ұшады" for bird in BIRDS]
    scores = model.scores("қарға", texts)
    assert scores.shape == (len(texts),)
    assert scores.dtype == np.float32
    assert len(set(scores.tolist())) > 1
    np.testing.assert_allclose(model.scores("қарға", texts[::-1]), scores[::-1], atol=1e-5)
    hits = retriever.search(QUESTION, 10)
    again = model.scores(QUESTION, [retriever.documents[h.chunk.document_id].text for h in hits])
    assert again.tolist() == pytest.approx(sorted(again.tolist(), reverse=True), abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", "\ud800", "қарға " * 3000, "</s>", "\x00"])
def test_odd_texts_are_scored(folder, text):
    assert np.isfinite(load_reranker(str(folder)).scores(text, [text, "қарға"])).all()


@pytest.mark.slow
def test_a_model_that_does_not_rank_is_refused(tmp_path):
    with pytest.raises(ModelError, match="gives 3 scores a text, expected 1"):
        load_reranker(str(_save(tmp_path, labels=3)))


@pytest.mark.slow
def test_a_reranker_that_is_not_there_is_one_line():
    with pytest.raises(ModelError, match="the reranker 'жоқ/модель' cannot be loaded") as caught:
        load_reranker("жоқ/модель")
    assert "\n" not in caught.value.line()


class Mischief:
    def __reduce__(self):
        return os.mkdir, ("ran",)


@pytest.mark.slow
def test_pickled_weights_are_refused_and_never_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model" / "pytorch_model.bin").write_bytes(pickle.dumps(Mischief()))
    with pytest.raises(ModelError, match=r"no \.safetensors weights"):
        load_reranker(str(tmp_path / "model"))
    assert not (tmp_path / "ran").exists()


def test_none_is_none_and_an_empty_name_is_refused():
    assert load_reranker(None) is None
    with pytest.raises(ModelError, match="reranker's name is empty"):
        load_reranker(" ")
