"""Writes a trained model as the ONNX file that ships: 8-bit weights, without the word embeddings.

`python -m eval.training.export_model WEIGHTS … OUTPUT.onnx` takes the weights that train_reader.py
or train_retriever.py wrote, or the mean of several (Wortsman et al. 2022, arXiv:2109.01903), such
as those before and after a run; a file that is named twice counts twice, and the folder
`multilingual-e5-small` beside them is the model before any training. Names of tensors tell which
of the two it is. Matrices are stored as
int8 in blocks with a scale each, and multiplied out when the file is opened: products in 8 bits
need processors that have them, and are slower by half on others
(eval/LOG.md, 2026-11-29, "8 bits on any processor").
"""

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.reader_model import VERSION
from eval.training.exported_weights import read_weights
from eval.training.reader_network import ReaderNetwork
from eval.training.retriever_network import RetrieverNetwork
from index.embedders import embedded
from index.embedders.embedder import UNTAUGHT
from index.embedders.onnx_weights import INT8, SCALE, SHAPE, STEPS

Network = ReaderNetwork | RetrieverNetwork

BLOCK: Final = 64
"""Weights, in a row, that share a scale."""


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("output", type=Path)
    parser.add_argument("--float", action="store_true", help="keep the weights in 32 bits")
    options = parser.parse_args()
    network = load(options.weights)
    with TemporaryDirectory() as folder:
        exact = options.output if options.float else Path(folder) / "exact.onnx"
        export(network, exact)
        fuse(exact, network)
        if not options.float:
            quantize(exact, options.output)
    data = options.output.read_bytes()
    version = VERSION if isinstance(network, ReaderNetwork) else embedded.VERSION
    manifest = {"version": version, "sha256": sha256(data).hexdigest()}
    options.output.with_suffix(".json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{options.output}: {len(data) / 1e6:.1f} MB\n")
    return 0


def load(paths: Sequence[Path]) -> Network:
    """Return the network of the mean of weights, beside which the model lies that they are of.

    The word embeddings, which never change, are in no file.

    Raises:
        ValueError: A file has not exactly the network's tensors.
    """
    folder = paths[0].with_name(UNTAUGHT)
    untaught = RetrieverNetwork(folder)
    read = [untaught.weights() if path.is_dir() else read_weights(path) for path in paths]
    network: Network = ReaderNetwork(folder) if "tokens.weight" in read[0] else untaught
    for path, tensors in zip(paths, read, strict=True):
        if differing := sorted(tensors.keys() ^ network.weights().keys()):
            raise ValueError(f"{path} lacks, or has beyond the network's: {', '.join(differing)}")
    means = {name: sum(tensors[name] for tensors in read) / len(read) for name in read[0]}
    network.load_state_dict(means, strict=False)
    return network


def export(network: Network, path: Path) -> None:
    """Write the network in 32 bits for one text of t tokens.

    In: `words`, float32 (1, t, 384). Out, of a reader: `tokens`, float32 (1, t, 3), and `verdict`,
    (1, 3); of a retriever: `vector`, (1, 384).
    """
    import torch

    network.eval()
    reads = isinstance(network, ReaderNetwork)
    lengths = {"words": {1: "length"}} | ({"tokens": {1: "length"}} if reads else {})
    torch.onnx.export(
        network,
        (torch.zeros(1, 8, network.trunk.config.hidden_size),),
        str(path),
        input_names=["words"],
        output_names=["tokens", "verdict"] if reads else ["vector"],
        dynamic_axes=lengths,
        opset_version=17,
        dynamo=False,
    )


def fuse(path: Path, network: Network) -> None:
    """Put the parts of attention, GELU and layer norm together, as onnxruntime computes them."""
    from onnxruntime.transformers.optimizer import optimize_model

    config = network.trunk.config
    fused = optimize_model(
        str(path),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
        opt_level=0,
    )
    fused.save_model_to_file(str(path))


def quantize(exact: Path, path: Path) -> None:
    """Write the 8-bit file of a 32-bit one: int8 blocks with their scales, to be multiplied.

    Each matrix W (in, out) is stored as `W.int8` (out, blocks, block) and `W.scale`
    (out, blocks, 1), and computed from them by nodes that depend on no input: any program can
    open the file. Ours multiplies them out itself (index/embedders/onnx_weights.py).
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(str(exact))
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    unfolded: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in tensors:
            continue
        tensor = tensors.pop(node.input[1])
        name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
        blocks, scale, shape = _in_blocks(numpy_helper.to_array(tensor).T)
        graph.initializer.remove(tensor)
        graph.initializer.extend(
            numpy_helper.from_array(array, name + part)
            for part, array in ((INT8, blocks), (SCALE, scale), (SHAPE, shape))
        )
        cast, scaled, rows, _ = (name + step for step in STEPS)
        unfolded += [
            helper.make_node("Cast", [name + INT8], [cast], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [cast, name + SCALE], [scaled]),
            helper.make_node("Reshape", [scaled, name + SHAPE], [rows]),
            helper.make_node("Transpose", [rows], [name], perm=[1, 0]),
        ]
        node.input[1] = name
    nodes = [*unfolded, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, str(path))


def _in_blocks(
    matrix: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Return a matrix, (out, in), as int8 (out, blocks, block), its scales, and its shape."""
    blocks = matrix.reshape(len(matrix), -1, BLOCK)
    scale = np.abs(blocks).max(axis=2, keepdims=True) / np.float32(127)
    scale[scale == 0] = 1
    return np.round(blocks / scale).astype(np.int8), scale, np.array(matrix.shape, np.int64)


if __name__ == "__main__":
    sys.exit(main())
