"""Reads the weights of an exported model back, so that training can go on from what ships.

In: the ONNX file that export_model.py wrote, in 8 bits. Out: the tensors that training changes,
by their names in the network. What rounding to 8 bits took is lost; it moved the logits by 0.03.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.embedders.onnx_weights import INT8, SCALE
from ingest.errors import DalelError

if TYPE_CHECKING:
    import torch


def read_weights(path: Path) -> "dict[str, torch.Tensor]":
    """Return the weights that training wrote (.safetensors), or of an exported model (.onnx).

    Raises:
        DalelError: An .onnx file is not a model that was exported in 8 bits.
    """
    from safetensors.torch import load_file

    return exported_weights(path) if path.suffix == ".onnx" else load_file(path)


def exported_weights(path: Path) -> "dict[str, torch.Tensor]":
    """Return the weights of an exported model, in 32 bits.

    Raises:
        DalelError: The file is not a model that was exported in 8 bits.
    """
    import onnx
    import torch

    try:
        tensors = onnx.load(str(path)).graph.initializer
    except Exception as error:  # protobuf's own errors share no class with onnx's.
        raise DalelError(f"{path} is no ONNX file; expected an exported model") from error
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in tensors}
    matrices = [name.removesuffix(INT8) for name in arrays if name.endswith(INT8)]
    if not matrices:
        raise DalelError(f"{path} has no 8-bit matrices; expected one without --float")
    weights = {
        name: array
        for name, array in arrays.items()
        if name.startswith(("trunk.encoder.", "tokens.", "verdict."))
        and name.endswith((".weight", ".bias"))
    }
    for name in matrices:
        blocks = arrays[name + INT8].astype(np.float32) * arrays[name + SCALE]
        weights[name] = blocks.reshape(len(blocks), -1)
    return {name: torch.from_numpy(array.copy()) for name, array in weights.items()}
