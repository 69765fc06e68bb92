"""Opens a model that ships as an ONNX file, after holding it against its manifest. No torch.

Beside NAME.onnx lies NAME.json with its sha256 and the version of its inputs and outputs. Whoever
opens it runs texts side by side, each on one thread.
"""

import ctypes
import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from index.embedders.onnx_weights import MULTIPLIED, field, multiplied_out
from ingest.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

_REINSTALL: Final = "reinstall Dalel, so that its models are whole"


def open_onnx(
    path: Path, kind: str, version: int, inner: str = ""
) -> "onnxruntime.InferenceSession":
    """Check a file and load it.

    Args:
        path: The file.
        kind: What it is, for messages: "reader".
        version: What the caller expects of inputs and outputs.
        inner: A value inside its graph that is to be an output too.

    Raises:
        ModelError: It is missing, damaged, of another version, or cannot be loaded.
    """
    import onnxruntime

    model, matrices = multiplied_out(_checked(path, kind, version))
    model += _output(inner) if inner else b""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # Texts are read side by side, each by one thread.
    if matrices.size:  # They are copied: a session keeps none of them.
        options.add_external_initializers_from_files_in_memory(
            [MULTIPLIED], [matrices], [matrices.nbytes]
        )
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class for each of its states.
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"cannot load the {kind} {str(path)!r}: {reason}", hint=_REINSTALL
        ) from error
    _return_memory()
    return session


def _return_memory() -> None:
    """Give the system back what opening took beyond what is left: glibc would keep it."""
    with suppress(AttributeError, OSError, TypeError):  # Other libraries, other systems.
        ctypes.CDLL(None).malloc_trim(0)


def manifest_sha256(path: Path) -> str:
    """Return the hash that a file's manifest gives, which `open_onnx` holds the file to."""
    return str(json.loads(path.with_suffix(".json").read_bytes())["sha256"])


def _output(name: str) -> bytes:
    """Return what makes a value of a graph an output of it, put at the end of a model.

    Protocol buffers merge what comes twice: it is a ModelProto with a graph (field 7) with an
    output (12) with a name (1), and nothing else (onnx.proto3).
    """
    message = name.encode()
    for number in (1, 12, 7):
        message = field(number, message)
    return message


def _checked(path: Path, kind: str, version: int) -> bytes:
    """Read the file and hold it against its manifest."""
    manifest = path.with_suffix(".json")
    try:
        expected = dict(json.loads(manifest.read_bytes()))
        data = path.read_bytes()
    except (OSError, ValueError, TypeError) as error:
        reason = getattr(error, "strerror", None) or f"{manifest.name} is not a JSON object"
        raise ModelError(
            f"cannot read the {kind} {str(path)!r}: {reason}", hint=_REINSTALL
        ) from error
    if expected.get("version") != version:
        raise ModelError(
            f"the {kind} {str(path)!r} is of version {expected.get('version')!r},"
            f" expected {version}",
            hint=_REINSTALL,
        )
    digest = hashlib.sha256(data).hexdigest()
    if digest != expected.get("sha256"):
        raise ModelError(
            f"the {kind} {str(path)!r} is damaged: its sha256 is {digest[:12]}…, expected"
            f" {str(expected.get('sha256'))[:12]}…",
            hint=_REINSTALL,
        )
    return data
