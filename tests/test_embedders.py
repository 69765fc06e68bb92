"""The engines: prompts explicit, two engines one model, nothing unsafe loaded."""

import json
import shutil
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from campaign import only_at_length
from hypothesis import given
from hypothesis import strategies as st

from eval.training.exported_weights import read_weights
from index.embedders.embedded import MODEL, PROMPTS, EmbeddedModel
from index.embedders.embedder import (
    UNTAUGHT,
    Prompts,
    known_prompts,
    load_embedder,
    load_once,
    model_input,
)
from index.embedders.onnx_file import manifest_sha256
from index.embedders.sentence_transformer import SentenceTransformerModel
from ingest.errors import ModelError

TEXTS = [
    "Қазақстан Республикасы егеменді ел болып, өзінің тәуелсіздігін алды.",
    "Әлемдегі барлық елдермен тең құқықты қатынастарды дамыту; һ, ұ, ү, ө, ң, ғ, і.",
    "Арал теңізі тартылып барады.150млн. тонна тұзды шаң аспанға көтерілуде.",
    "By 2008 Kazakhstan has established diplomatic relations with 140 countries.",
    "«Generals always prepare for the last war».",
    "В 1992 году был подписан договор о дружбе и сотрудничестве.",
    "Qazaqstan syrtqy saiasaty qashan qalyptasty?",
    "Шартқа АҚШ, Ресей and the UK қол қойды — 25.05.1992, 1,5 %.",
    "a",
]


@pytest.fixture(scope="module")
def embedded() -> EmbeddedModel:
    return EmbeddedModel()


@pytest.fixture(scope="module")
def transformer(unpacked_model) -> SentenceTransformerModel:
    return SentenceTransformerModel(str(unpacked_model), prompts=PROMPTS)


@pytest.mark.parametrize(
    ("model", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/multilingual-e5-base", "query: ", "passage: "),
        ("BAAI/bge-m3", "", ""),
        ("sentence-transformers/LaBSE", "", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
    ],
)
def test_known_models_get_the_prompts_of_their_cards(model, query, passage):
    assert known_prompts(model) == Prompts(query=query, passage=passage)


@pytest.mark.parametrize(
    "model", ["intfloat/multilingual-e5-large-instruct", "Qwen/Qwen3-Embedding-8B"]
)
def test_instruct_models_get_an_instruction_on_questions_only(model):
    prompts = known_prompts(model)
    assert prompts.query.startswith("Instruct: ")
    assert prompts.query.endswith("\nQuery: ")
    assert prompts.passage == ""


def test_an_unknown_model_has_no_known_prompts():
    assert known_prompts("someone/some-model") is None


@pytest.mark.model
def test_rows_have_length_one_and_the_right_shape(embedded):
    for vectors in (embedded.embed_queries(TEXTS), embedded.embed_passages(TEXTS)):
        assert vectors.shape == (len(TEXTS), 384)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


@pytest.mark.model
def test_no_texts_give_no_rows(embedded):
    assert embedded.embed_queries([]).shape == (0, 384)
    assert embedded.embed_passages([]).shape == (0, 384)


@pytest.fixture(scope="module")
def taught(unpacked_model, tmp_path_factory) -> SentenceTransformerModel:
    """The trunk that ships, in torch: the other engine that can run it."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("taught") / "e5"
    shutil.copytree(unpacked_model, folder)
    tensors = load_file(folder / "model.safetensors")
    for name, value in read_weights(MODEL).items():
        tensors[name.removeprefix("trunk.")] = value.contiguous()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return SentenceTransformerModel(str(folder), prompts=PROMPTS)


@only_at_length
@pytest.mark.model
@pytest.mark.slow
def test_torch_gives_the_same_vectors_and_token_counts(embedded, taught):
    """Cosine at least 0.999, with each prompt; identical token counts, prompt included."""
    for name in ("embed_queries", "embed_passages"):
        ours, theirs = getattr(embedded, name)(TEXTS), getattr(taught, name)(TEXTS)
        assert (ours * theirs).sum(axis=1).min() >= 0.999
    counts = [embedded.count_tokens(text) for text in TEXTS]
    assert counts == [taught.count_tokens(text) for text in TEXTS]


@only_at_length
@pytest.mark.model
@pytest.mark.slow
def test_torch_gives_the_same_vectors_of_tokens_in_the_middle(embedded, taught):
    import torch

    for text in TEXTS:
        vectors, spans = embedded.token_vectors(text)
        transformer = taught._model[0]
        features = transformer.tokenizer(["query: " + text], return_tensors="pt")
        with torch.no_grad():
            states = transformer.auto_model(**features, output_hidden_states=True).hidden_states[8]
        theirs = states[0, -1 - len(spans) : -1].numpy()
        cosines = (vectors * theirs).sum(axis=1)
        cosines /= np.linalg.norm(vectors, axis=1) * np.linalg.norm(theirs, axis=1)
        assert cosines.min() >= 0.99
        assert len(vectors) == len(spans)
        assert "".join(text[slice(*span)] for span in spans) == text


@pytest.mark.model
def test_of_a_text_that_is_too_long_the_first_tokens_have_vectors(embedded):
    vectors, spans = embedded.token_vectors("Үкі түнде ұшады. " * 400)
    assert len(vectors) == len(spans) < 512
    few, first = embedded.token_vectors("Үкі")
    assert len(few) == len(first) > 0
    assert [len(each) for each in embedded.token_vectors("")] == [0, 0]


@only_at_length
@pytest.mark.model
@pytest.mark.slow
def test_a_prompt_moves_the_vector_and_weights_are_hashed_not_names(
    embedded, taught, transformer, unpacked_model
):
    """The prompts are really read: without them the engines would disagree."""
    bare = SentenceTransformerModel(str(unpacked_model), name="another name", prompts=Prompts())
    assert bare.weights_sha256 == transformer.weights_sha256
    assert taught.weights_sha256 != transformer.weights_sha256
    cosines = (transformer.embed_queries(TEXTS) * bare.embed_queries(TEXTS)).sum(axis=1)
    assert cosines.min() < 0.99


@pytest.mark.model
@pytest.mark.slow
def test_the_model_it_was_taught_from_is_loaded_by_name(transformer, tmp_path):
    old = load_embedder(UNTAUGHT, tmp_path)
    assert (tmp_path / UNTAUGHT / "model.safetensors").is_file()
    assert (old.name, old.weights_sha256) == (UNTAUGHT, transformer.weights_sha256)
    np.testing.assert_allclose(
        old.embed_queries(TEXTS), transformer.embed_queries(TEXTS), atol=1e-3
    )


@pytest.mark.model
def test_it_says_which_weights_it_has_and_how_far_it_is(embedded):
    assert embedded.weights_sha256 == manifest_sha256(MODEL)
    steps = []
    embedded.embed_passages(TEXTS, lambda done, total: steps.append((done, total)))
    assert steps == [(done, len(TEXTS)) for done in range(1, len(TEXTS) + 1)]


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "retriever.onnx"
    path.write_bytes(MODEL.read_bytes()[:-1])
    path.with_suffix(".json").write_bytes(MODEL.with_suffix(".json").read_bytes())
    with pytest.raises(ModelError, match="is damaged") as caught:
        EmbeddedModel(path)
    assert "reinstall" in caught.value.hint


@pytest.mark.model
@pytest.mark.slow
def test_a_model_that_knows_its_prompts_tells_them(transformer, unpacked_model, tmp_path):
    folder = tmp_path / "plain-name"
    folder.symlink_to(unpacked_model)
    unnamed = SentenceTransformerModel(str(folder))
    told, expected = unnamed.embed_queries(TEXTS), transformer.embed_queries(TEXTS)
    np.testing.assert_allclose(told, expected, atol=1e-5)


@pytest.mark.slow
def test_pickled_weights_are_refused_and_never_opened(tmp_path):
    marker = tmp_path / "ran"
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    # What unpickling would do: protocol 0, call os.system.
    (folder / "pytorch_model.bin").write_bytes(f"cos\nsystem\n(S'touch {marker}'\ntR.".encode())
    with pytest.raises(ModelError, match=r"no \.safetensors weights"):
        load_embedder(str(folder), tmp_path)
    assert not marker.exists()


@pytest.mark.model
@pytest.mark.slow
def test_code_that_a_model_brings_is_refused(unpacked_model, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for path in unpacked_model.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "modules.json").unlink()
    marker = tmp_path / "ran"
    (folder / "custom.py").write_text(f"open({str(marker)!r}, 'w')\nclass Custom: ...\n")
    modules = [{"idx": 0, "name": "0", "path": "", "type": "custom.Custom"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder(str(folder), tmp_path)
    assert not marker.exists()


@pytest.mark.slow
def test_a_model_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ModelError, match="'жоқ/модель' cannot be loaded") as caught:
        load_embedder("жоқ/модель", tmp_path)
    assert "\n" not in caught.value.line()


def test_an_empty_name_is_refused(tmp_path):
    with pytest.raises(ModelError, match="empty"):
        load_embedder(" ", tmp_path)


@pytest.mark.model
@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "</s>", "ә" * 5000, "\u0306" * 300])
def test_odd_texts_embed(embedded, text):
    assert np.isfinite(embedded.embed_queries([text])).all()
    assert np.isfinite(embedded.embed_passages([text])).all()


@pytest.mark.model
def test_past_its_end_nothing_is_read(embedded):
    """The beginning is read, up to the model's 512 tokens."""
    sentence = "Арал теңізі тартылып барады. "
    length = embedded.count_tokens(sentence * 2) - embedded.count_tokens(sentence)
    just_enough = sentence * (embedded.max_tokens // length + 1)
    assert embedded.count_tokens(just_enough) > embedded.max_tokens
    np.testing.assert_array_equal(
        embedded.embed_queries([just_enough]), embedded.embed_queries([just_enough * 3])
    )


@pytest.mark.model
def test_a_text_reads_the_same_composed_and_decomposed(embedded):
    composed = "Семейдің ескі полигоны"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    np.testing.assert_array_equal(
        embedded.embed_queries([composed]), embedded.embed_queries([decomposed])
    )


@given(st.text())
def test_readable_text_is_encodable_and_stays_so(text):
    once = model_input(text)
    once.encode("utf-8")
    assert "\x00" not in once
    assert "</s>" not in once
    assert model_input(once) == once


# --- once ------------------------------------------------------------------------------------

THREADS = 8


def test_threads_that_ask_at_once_get_one_thing():
    together, loaded = Barrier(THREADS), []

    @load_once
    def load():
        """Үлгіні жүктейді."""
        loaded.append(object())
        return loaded[-1]

    def ask():
        together.wait()
        return load()

    with ThreadPoolExecutor(THREADS) as threads:
        given = [each.result() for each in [threads.submit(ask) for _ in range(THREADS)]]
    assert given == THREADS * loaded
    assert load() is loaded[0]
    assert load.__doc__ == "Үлгіні жүктейді."


def test_what_could_not_be_loaded_is_tried_again():
    answers = [ModelError("файл жоқ"), "үлгі"]

    @load_once
    def load():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ModelError, match="файл жоқ"):
        load()
    assert load() == load() == "үлгі"
    assert answers == []
