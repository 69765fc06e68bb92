"""The model that ships, as sentence-transformers reads it: the same weights, in 32 bits.

Its word embeddings and settings are those of multilingual-e5-small, which it was taught from; what
was taught is read from the ONNX file. So others embed with the same model, and what differs is the
program around it.
"""

from pathlib import Path

from eval.training.exported_weights import exported_weights
from index.embedders.embedded import MODEL
from index.embedders.weights import unpack


def write_trunk(folder: Path) -> Path:
    """Write the model to a folder, unless it is there; 480 MB.

    Raises:
        ModelError: The weights that it was taught from are missing or damaged.
        DalelError: The model that ships cannot be read.
    """
    from safetensors.torch import load_file, save_file

    written = folder / "taught"
    if not written.exists():
        tensors = load_file(unpack(folder) / "model.safetensors")
        taught = exported_weights(MODEL)
        tensors |= {name.removeprefix("trunk."): weights for name, weights in taught.items()}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        written.touch()
    return folder
