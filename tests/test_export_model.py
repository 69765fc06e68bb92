"""Tests of eval/training/export_model.py: the file computes what was trained, or there is none."""

import json
from hashlib import sha256

import numpy as np
import pytest

from eval.training.exported_weights import exported_weights
from ingest.errors import DalelError

HIDDEN = 64


@pytest.fixture
def network(tmp_path):
    """Return a small network whose trunk is in the folder where the exporter looks for it."""
    import torch
    from transformers import BertConfig, BertModel

    from eval.training.reader_network import ReaderNetwork

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=8,
        hidden_size=HIDDEN,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=HIDDEN,
        max_position_embeddings=32,
    )
    folder = tmp_path / "multilingual-e5-small"
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return ReaderNetwork(folder)


@pytest.fixture
def exported(tmp_path, network, monkeypatch):
    """Return a function that exports tensors of the network and returns the path of the file."""
    from safetensors.torch import save_file

    from eval.training import export_model

    def export(tensors, *options, before_output=()):
        save_file(tensors, tmp_path / "reader.safetensors")
        weights = [str(tmp_path / "reader.safetensors"), *before_output]
        paths = [*weights, str(tmp_path / "шығыс.onnx")]
        monkeypatch.setattr("sys.argv", ["export", *paths, *options])
        assert export_model.main() == 0
        return tmp_path / "шығыс.onnx"

    return export


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Torch's older exporter.
@pytest.mark.parametrize(("options", "close"), [(["--float"], 1e-4), ([], 0.2)])
def test_the_file_computes_what_the_network_does(network, exported, options, close):
    import onnxruntime
    import torch

    path = exported(network.weights(), *options)
    session = onnxruntime.InferenceSession(path)
    for tokens in (1, 9):
        words = torch.randn(1, tokens, HIDDEN)
        found = session.run(["tokens", "verdict"], {"words": words.numpy()})
        assert [(one.dtype, one.shape) for one in found] == [
            (np.float32, (1, tokens, 3)),
            (np.float32, (1, 3)),
        ]
        with torch.no_grad():
            expected = network.eval()(words)
        for one, other in zip(found, expected, strict=True):
            assert np.abs(one - other.numpy()).max() < close
    manifest = json.loads(path.with_suffix(".json").read_text("utf-8"))
    assert manifest["sha256"] == sha256(path.read_bytes()).hexdigest()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("options", "close"), [(["--float"], 1e-4), ([], 0.05)])
def test_a_retriever_gives_the_vector_of_a_text(network, exported, tmp_path, options, close):
    """Names of tensors tell that it is one; the vector is the mean of the states, of length 1."""
    import onnxruntime
    import torch

    from eval.training.retriever_network import RetrieverNetwork

    network = RetrieverNetwork(tmp_path / "multilingual-e5-small")
    session = onnxruntime.InferenceSession(exported(network.weights(), *options))
    words = torch.randn(1, 9, HIDDEN)
    (vector,) = session.run(["vector"], {"words": words.numpy()})
    with torch.no_grad():
        states = network.eval().trunk(inputs_embeds=words).last_hidden_state[0].numpy()
    mean = states.mean(axis=0)
    assert vector.shape == (1, HIDDEN)
    assert np.abs(vector[0] - mean / np.linalg.norm(mean)).max() < close


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_exported_can_be_trained_further(network, exported):
    import torch

    # As after training: no two tensors are the same, or the exporter would write them once.
    tensors = {name: torch.randn_like(value) for name, value in network.weights().items()}
    read = exported_weights(exported(tensors))
    assert read.keys() == tensors.keys()
    for name, tensor in tensors.items():
        blocks = tensor.reshape(-1, min(tensor.shape[-1], HIDDEN))
        step = blocks.abs().amax(dim=1) / 127
        assert ((read[name].reshape(blocks.shape) - blocks).abs().amax(dim=1) <= step).all(), name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_of_several_the_mean_is_written(network, exported, tmp_path):
    import torch
    from safetensors.torch import save_file

    one = {name: torch.randn_like(value) for name, value in network.weights().items()}
    other = {name: torch.randn_like(value) for name, value in one.items()}
    save_file(other, tmp_path / "басқа.safetensors")
    read = exported_weights(exported(one, before_output=[str(tmp_path / "басқа.safetensors")]))
    for name, tensor in one.items():
        assert (read[name] - (tensor + other[name]) / 2).abs().max() < 4 / 127, name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_folder_of_the_model_counts_as_its_weights_before_training(exported, tmp_path):
    import torch

    from eval.training.retriever_network import RetrieverNetwork

    folder = tmp_path / "multilingual-e5-small"
    before = {name: value.detach() for name, value in RetrieverNetwork(folder).weights().items()}
    after = {name: torch.randn_like(value) for name, value in before.items()}
    read = exported_weights(exported(after, before_output=[str(folder)]))
    for name, tensor in after.items():
        assert (read[name] - (tensor + before[name]) / 2).abs().max() < 4 / 127, name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_no_exported_reader_is_refused(network, exported, tmp_path):
    with pytest.raises(DalelError, match="no 8-bit matrices"):
        exported_weights(exported(network.weights(), "--float"))
    (tmp_path / "мәтін.onnx").write_text("бұл модель емес", "utf-8")
    with pytest.raises(DalelError, match=r"мәтін\.onnx is no ONNX file"):
        exported_weights(tmp_path / "мәтін.onnx")


@pytest.mark.parametrize("name", ["verdict.weight", "tokens.bias"])
def test_a_file_without_a_trained_tensor_is_refused(network, exported, tmp_path, name):
    tensors = network.weights()
    del tensors[name]
    with pytest.raises(ValueError, match=name):
        exported(tensors, "--float")
    assert not (tmp_path / "шығыс.onnx").exists()


def test_a_file_with_a_tensor_of_another_network_is_refused(network, exported):
    import torch

    with pytest.raises(ValueError, match=r"қосымша\.bias"):
        exported(network.weights() | {"қосымша.bias": torch.zeros(3)}, "--float")
