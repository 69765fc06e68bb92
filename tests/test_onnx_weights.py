"""Tests of index/embedders/onnx_weights.py: it computes, to the bit, what onnxruntime would."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from chat.reader_model import MODEL as READER
from chat.reader_model import VERSION
from eval.training.export_model import quantize
from index.embedders.embedded import MODEL as RETRIEVER
from index.embedders.onnx_file import open_onnx
from index.embedders.onnx_weights import INT8, MULTIPLIED, SCALE, SHAPE, multiplied_out

OUTS, INS = 128, 192


def two_layers(seed=7):
    """Return x · W₁ through a leaky ReLU, whose slope is a field of four bytes, and · W₂."""
    chance = np.random.default_rng(seed)
    weights = [
        numpy_helper.from_array(chance.standard_normal(shape).astype(np.float32), f"W{number}")
        for number, shape in enumerate([(INS, OUTS), (OUTS, INS)], start=1)
    ]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["сөз", "W1"], ["a"], name="/қабат/1/MatMul"),
            helper.make_node("LeakyRelu", ["a"], ["b"], alpha=0.25),
            helper.make_node("MatMul", ["b", "W2"], ["шығыс"], name="/қабат/2/MatMul"),
        ],
        "two",
        [helper.make_tensor_value_info("сөз", TensorProto.FLOAT, ["t", INS])],
        [helper.make_tensor_value_info("шығыс", TensorProto.FLOAT, ["t", INS])],
        weights,
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


@pytest.fixture
def whole(tmp_path):
    """Return the bytes of a small model in 32 bits."""
    onnx.save(two_layers(), tmp_path / "whole.onnx")
    return (tmp_path / "whole.onnx").read_bytes()


@pytest.fixture
def small(whole, tmp_path):
    """Return the bytes of the same model in 8 bits."""
    quantize(tmp_path / "whole.onnx", tmp_path / "small.onnx")
    return (tmp_path / "small.onnx").read_bytes()


def session_of(model, matrices=None):
    options = onnxruntime.SessionOptions()
    if matrices is not None:
        options.add_external_initializers_from_files_in_memory(
            [MULTIPLIED], [matrices], [matrices.nbytes]
        )
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def test_the_matrices_stand_where_nodes_computed_them(small):
    model, matrices = multiplied_out(small)
    read = onnx.load_from_string(model)
    assert [node.op_type for node in read.graph.node] == ["MatMul", "LeakyRelu", "MatMul"]
    assert matrices.shape == (2 * INS * OUTS,)
    left = {each.name: tuple(each.dims) for each in read.graph.initializer}
    assert left == {"қабат.1.weight": (INS, OUTS), "қабат.2.weight": (OUTS, INS)}
    words = np.random.default_rng(1).standard_normal((5, INS)).astype(np.float32)
    (found,) = session_of(model, matrices).run(None, {"сөз": words})
    (expected,) = session_of(small).run(None, {"сөз": words})
    assert np.array_equal(found, expected)


def test_each_number_is_the_product_of_its_own_two(small):
    _, matrices = multiplied_out(small)
    tensors = {
        each.name: numpy_helper.to_array(each)
        for each in onnx.load_from_string(small).graph.initializer
    }
    blocks, scale = tensors["қабат.1.weight" + INT8], tensors["қабат.1.weight" + SCALE]
    assert tensors["қабат.1.weight" + SHAPE].tolist() == [OUTS, INS]
    expected = (blocks.astype(np.float32) * scale).reshape(OUTS, INS).T
    assert np.array_equal(matrices[: INS * OUTS].reshape(INS, OUTS), expected)


def test_a_model_in_32_bits_stays_as_it_is(whole):
    model, matrices = multiplied_out(whole)
    assert model == whole
    assert matrices.size == 0


@pytest.mark.model
@pytest.mark.parametrize("path", [READER, RETRIEVER])
def test_what_ships_computes_what_any_program_gets_from_the_file(path):
    ours, plain = open_onnx(path, "model", VERSION), session_of(path.read_bytes())
    assert [each.name for each in ours.get_outputs()] == [each.name for each in plain.get_outputs()]
    words = np.random.default_rng(3).standard_normal((1, 70, 384)).astype(np.float32) / 16
    for one, other in zip(
        ours.run(None, {"words": words}), plain.run(None, {"words": words}), strict=True
    ):
        assert np.array_equal(one, other)
