"""Reads the weights of an exported reader back, so that training can go on from what ships.

In: the ONNX file that export_reader.py wrote, in 8 bits. Out: the tensors that training changes,
by their names in the network. What rounding to 8 bits took is lost; it moved the logits by 0.04.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ingest.errors import DalelError

if TYPE_CHECKING:
    import onnx
    import torch

_MIDDLE: Final = 128
"""What stands for 0 in a symmetric matrix of unsigned bytes (onnxruntime, MatMulNBits)."""


def exported_weights(path: Path) -> "dict[str, torch.Tensor]":
    """Return the weights of an exported reader, in 32 bits.

    Raises:
        DalelError: The file is not a reader that was exported in 8 bits.
    """
    import onnx
    import torch

    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # protobuf's own errors share no class with onnx's.
        raise DalelError(f"{path} is no ONNX file; expected an exported reader") from error
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {
        name: torch.from_numpy(array.copy())
        for name, array in arrays.items()
        if name.startswith(("trunk.encoder.", "tokens.", "verdict."))
    }
    matrices = [node for node in graph.node if node.op_type == "MatMulNBits"]
    if not matrices:
        raise DalelError(
            f"{path} has no 8-bit matrices; expected a reader exported without --float"
        )
    for node in matrices:
        name = node.name.strip("/").removesuffix("/MatMul_Q8").replace("/", ".") + ".weight"
        weights[name] = torch.from_numpy(_matrix(node, arrays))
    return weights


def _matrix(node: "onnx.NodeProto", arrays: dict[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
    """Return a matrix, (out, in), from its bytes (out, blocks, block) and scales (out, blocks)."""
    bytes_, scales = (arrays[name] for name in node.input[1:3])
    width = next(attribute.i for attribute in node.attribute if attribute.name == "K")
    exact = (bytes_.astype(np.float32) - _MIDDLE) * scales.reshape(*bytes_.shape[:2], 1)
    return np.ascontiguousarray(exact.reshape(len(bytes_), -1)[:, :width], dtype=np.float32)
