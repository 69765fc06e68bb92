"""Multiplies out the 8-bit weights of an ONNX file: in, its bytes; out, what onnxruntime opens.

eval/training/export_model.py stores a matrix W (in, out) as `W.int8` (out, blocks, block) and
`W.scale` (out, blocks, 1), with nodes that compute W. onnxruntime would run those when it opens
the file, each with copies of its own: twice the time and three times the memory of numpy, which
gets the same bits. The file is read as the protocol buffer it is: the package `onnx` takes longer
to import than all of this takes.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

INT8: Final = ".int8"
"""What the name of a matrix's int8 blocks, (out, blocks, block), ends in."""

SCALE: Final = ".scale"
"""What the name of their scales, float32 (out, blocks, 1), ends in."""

SHAPE: Final = ".shape"
"""What the name of the matrix's shape, int64 (out, in), ends in."""

STEPS: Final = (".cast", ".blocks", ".rows", "")
"""What the names of values end in that lead from those to the matrix, itself the last."""

MULTIPLIED: Final = "multiplied"
"""The name under which onnxruntime is given the matrices, as if it were a file's."""

# Numbers of fields, and of types, in onnx.proto3.
_GRAPH: Final = 7
_NODE, _NODE_OUTPUT = 1, 2
_INITIALIZER: Final = 5
_DIMENSION, _TYPE, _NAME, _RAW, _EXTERNAL, _LOCATION = 1, 2, 8, 9, 13, 14
_KEY, _VALUE = 1, 2
_FLOAT, _IN_A_FILE = 1, 1

# How a field is written: as a number, or as bytes after their length.
_NUMBER, _BYTES = 0, 2

Floats = npt.NDArray[np.float32]


class _Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: Which one.
        value: Its bytes, without its number and length; empty for a number.
        whole: All of its bytes.
    """

    number: int
    value: memoryview
    whole: memoryview


def multiplied_out(data: bytes) -> tuple[bytes, Floats]:
    """Return a model without the nodes that compute its matrices, and those, one after the other.

    Args:
        data: The bytes of a file that is known to be whole.

    Returns:
        The model, whose matrices lie in a file called `MULTIPLIED`, and float32, what that file
        holds. As it was, and nothing, where it has no 8-bit matrices.
    """
    parts = [*_fields(memoryview(data))]
    graph = [each for part in parts if part.number == _GRAPH for each in _fields(part.value)]
    tensors = {_text(each, _NAME): each for each in graph if each.number == _INITIALIZER}
    names = [name.removesuffix(INT8) for name in tensors if name.endswith(INT8)]
    if not names:
        return data, np.empty(0, np.float32)
    shapes = {name: _raw(tensors[name + SHAPE], np.int64).tolist() for name in names}
    matrices = np.empty(sum(rows * columns for rows, columns in shapes.values()), np.float32)
    at, declared = 0, []
    for name, (outs, ins) in shapes.items():
        blocks = _raw(tensors[name + INT8], np.int8).reshape(outs, -1)
        scale = _raw(tensors[name + SCALE], np.float32).reshape(outs, -1, 1)
        matrix = matrices[at : at + blocks.size]
        rows = np.multiply(blocks.reshape(outs, scale.shape[1], -1), scale, dtype=np.float32)
        np.copyto(matrix.reshape(ins, outs), rows.reshape(outs, ins).T)
        declared.append(_declared(name, (ins, outs), matrices.itemsize * at))
        at += matrix.size
    dropped = {name + part for name in names for part in (*STEPS, INT8, SCALE, SHAPE)}
    kept = [each.whole for each in graph if _made_by(each) not in dropped]
    others = [part.whole for part in parts if part.number != _GRAPH]
    return b"".join([*others, field(_GRAPH, b"".join([*kept, *declared]))]), matrices


def _made_by(part: _Field) -> str:
    """Return the name of what a field of a graph makes: a node, or an initializer."""
    name = {_NODE: _NODE_OUTPUT, _INITIALIZER: _NAME}.get(part.number)
    return _text(part, name) if name else ""


def _declared(name: str, shape: tuple[int, int], offset: int) -> bytes:
    """Return an initializer of a graph, float32, whose numbers lie in a file from a byte on."""
    size = 4 * shape[0] * shape[1]
    places = {"location": MULTIPLIED, "offset": str(offset), "length": str(size)}
    tensor = [_number(_DIMENSION, length) for length in shape]
    tensor += [_number(_TYPE, _FLOAT), field(_NAME, name.encode())]
    for key, value in places.items():
        pair = field(_KEY, key.encode()) + field(_VALUE, value.encode())
        tensor.append(field(_EXTERNAL, pair))
    return field(_INITIALIZER, b"".join([*tensor, _number(_LOCATION, _IN_A_FILE)]))


# --- protocol buffers: protobuf.dev/programming-guides/encoding -----------------------------------


def _fields(message: memoryview) -> Iterator[_Field]:
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        begin = at
        if key & 7 == _NUMBER:
            at = begin = _varint(message, at)[1]
        elif key & 7 == _BYTES:
            length, begin = _varint(message, at)
            at = begin + length
        else:  # Eight bytes, or four.
            at = begin = at + (8 if key & 7 == 1 else 4)
        yield _Field(key >> 3, message[begin:at], message[start:at])


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number, seven bits a byte and the lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return value, at


def _value(message: _Field, number: int) -> memoryview:
    """Return the first field of a number in a message; empty where there is none."""
    found = (each.value for each in _fields(message.value) if each.number == number)
    return next(found, memoryview(b""))


def _text(message: _Field, number: int) -> str:
    return bytes(_value(message, number)).decode()


def _raw(tensor: _Field, kind: type[np.generic]) -> npt.NDArray[np.generic]:
    return np.frombuffer(_value(tensor, _RAW), kind)


def _encoded(number: int) -> bytes:
    low = []
    while number > 127:
        low.append(number & 127 | 128)
        number >>= 7
    return bytes([*low, number])


def _number(number: int, value: int) -> bytes:
    return _encoded(number << 3 | _NUMBER) + _encoded(value)


def field(number: int, value: bytes) -> bytes:
    """Return a field that holds bytes: a message in a message, or a text."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value
