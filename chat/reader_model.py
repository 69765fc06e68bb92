"""The trained model of the reader, in onnxruntime: token ids in, logits out. No torch.

The file is chat/models/reader.onnx, beside the card that tells where it comes from and what it can
do. It starts from the word embeddings of the embedded model (index/embedders/weights.py), so that
one table serves both.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.reader_input import Encoded
from index.embedders.embedder import EMBEDDED, load_embedder, load_once
from index.embedders.onnx_file import open_onnx
from index.embedders.unigram import UnigramTokenizer
from index.embedders.weights import word_embeddings
from ingest.errors import ModelError

MODEL: Final = Path(__file__).with_name("models") / "reader.onnx"
MANIFEST: Final = MODEL.with_suffix(".json")
"""Its sha256 and its version; written with it by eval/training/export_model.py."""

VERSION: Final = 1
"""What this code expects of inputs and outputs."""

_REMEMBERED: Final = 2_000
"""Windows whose logits are kept, at most 5 KB each."""

Floats = npt.NDArray[np.float32]

Logits = tuple[Floats, Floats]
"""Of a window's t tokens, float32 (t, 3): start, end, sentence needed; and of the claim, float32
(3,): supported, refuted, unstated."""


class ReaderModel:
    """The model, loaded."""

    def __init__(self, path: Path = MODEL) -> None:
        """Check the file and load it.

        Raises:
            ModelError: It is missing, damaged, of another version, or cannot be loaded.
        """
        self._session = open_onnx(path, "reader", VERSION)
        self._embeddings = word_embeddings()
        self._threads = ThreadPoolExecutor(os.cpu_count() or 1)
        self._read = lru_cache(_REMEMBERED)(self._run)

    @property
    def tokenizer(self) -> UnigramTokenizer:
        """What cuts the texts that it reads."""
        return self._embeddings.tokenizer

    def run(self, inputs: Sequence[Encoded]) -> list[Logits]:
        """Read windows, several at once; return the logits of each, in their order.

        What was read lately is remembered, for questions are asked again.
        """
        return list(self._threads.map(lambda encoded: self._read(encoded.ids.tobytes()), inputs))

    def forget(self) -> None:
        """Forget what was read lately: what reading takes can then be measured."""
        self._read.cache_clear()

    def _run(self, data: bytes) -> Logits:
        # One window at a time: a batch would be padded to its longest.
        ids = np.frombuffer(data, np.int64)[None]
        words = {"words": self._embeddings(ids)}
        tokens, verdicts = self._session.run(("tokens", "verdict"), words)
        return tokens[0], verdicts[0]


@load_once
def reader_model() -> ReaderModel:
    """Return the model that ships, loaded once.

    Raises:
        ModelError: It is missing, damaged, of another version, or cannot be loaded.
    """
    return ReaderModel()


def load_in_background(*, embedder: bool = False) -> None:
    """Begin to load the model that ships, while other things are opened.

    A process that ends waits until it is loaded: onnxruntime's own code, stopped while it loads,
    ends the process with "terminate called".

    Args:
        embedder: Load the embedded model too, beside it.
    """
    # It comes with Dalel and is unpacked nowhere.
    loads = [lambda: load_embedder(EMBEDDED, Path())] if embedder else []
    for load in (*loads, reader_model):
        Thread(target=_load, args=(load,)).start()


def _load(load: Callable[[], object]) -> None:
    with suppress(ModelError):  # Whoever asks for a model is told.
        load()
