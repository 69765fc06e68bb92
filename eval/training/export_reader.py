"""Writes a trained reader as the ONNX file that ships: 8-bit weights, without the word embeddings.

`python -m eval.training.export_reader WEIGHTS OUTPUT.onnx` takes the weights that
train_reader.py wrote. Matrices become int8 in blocks with a scale each, and so do activations as
they come, so no data is needed. One scale for all activations, as onnxruntime's dynamic
quantisation has it, is faster by 1.7 and costs a point (eval/LOG.md, 2026-11-28, "the reader").
"""

import argparse
import json
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from chat.reader_model import VERSION
from eval.training.reader_network import ReaderNetwork

BLOCK: Final = 64
"""Weights, in a row, that share a scale."""

_8_BIT_ACTIVATIONS: Final = 4  # What onnxruntime calls the accuracy level of 8-bit products.


def main() -> int:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--float", action="store_true", help="keep the weights in 32 bits")
    options = parser.parse_args()
    network = ReaderNetwork(options.weights.with_name("multilingual-e5-small"))
    _load(network, options.weights)
    with TemporaryDirectory() as folder:
        exact = options.output if options.float else Path(folder) / "reader.onnx"
        export(network, exact)
        fuse(exact, network)
        if not options.float:
            quantize(exact, options.output)
    data = options.output.read_bytes()
    manifest = {"version": VERSION, "sha256": sha256(data).hexdigest()}
    options.output.with_suffix(".json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    sys.stdout.write(f"{options.output}: {len(data) / 1e6:.1f} MB\n")
    return 0


def _load(network: ReaderNetwork, weights: Path) -> None:
    """Load what was trained; the word embeddings, which never change, are not in the file.

    Raises:
        ValueError: The file has not exactly the network's tensors.
    """
    from safetensors.torch import load_file

    tensors = load_file(weights)
    if differing := sorted(tensors.keys() ^ network.weights().keys()):
        raise ValueError(f"{weights} lacks, or has beyond the network's: {', '.join(differing)}")
    network.load_state_dict(tensors, strict=False)


def export(network: ReaderNetwork, path: Path) -> None:
    """Write the network in 32 bits for one window of t tokens.

    In: `words`, float32 (1, t, 384). Out: `tokens`, float32 (1, t, 3), and `verdict`, (1, 3).
    """
    import torch

    network.eval()
    torch.onnx.export(
        network,
        (torch.zeros(1, 8, network.trunk.config.hidden_size),),
        str(path),
        input_names=["words"],
        output_names=["tokens", "verdict"],
        dynamic_axes={"words": {1: "length"}, "tokens": {1: "length"}},
        opset_version=17,
        dynamo=False,
    )


def fuse(path: Path, network: ReaderNetwork) -> None:
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
    """Write the 8-bit file of a 32-bit one."""
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    quantizer = MatMulNBitsQuantizer(
        str(exact), bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=_8_BIT_ACTIVATIONS
    )
    quantizer.process()
    quantizer.model.save_model_to_file(str(path))


if __name__ == "__main__":
    sys.exit(main())
