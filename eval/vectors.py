"""Vectors kept by the hash of their text, so that a set's documents are embedded once.

In: an embedder and a file. Out: an `Embedder` that only embeds what it has not seen. The file is
rows of 32 bytes of SHA-256 and the vector, appended; a torn last row is dropped. One file a model.
Knows nothing of documents. A row whose vector is not of length 1 is not believed.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from filelock import FileLock

from index.embed import Embedder, Progress, Vectors, no_progress
from index.recent import Recent
from ingest.errors import EvalError

_BATCH: Final = 256
"""Passages embedded between two writes: what is lost when the work is interrupted."""


class Remembered(Recent):
    """An `Embedder` that remembers: passages in a file, questions of late in memory."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Read what is remembered below a folder; nothing yet is fine."""
        super().__init__(embedder)
        # The name too: prompts hang on it, and another prompt makes another vector.
        made_by = hashlib.sha256(f"{embedder.name} {embedder.weights_sha256}".encode()).hexdigest()
        self._path = folder / f"{made_by[:16]}.vectors"
        self._row = np.dtype([("key", "V32"), ("vector", np.float32, embedder.dimension)])
        self._passages = self._load()

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages that are new, longest first, and remember them.

        Raises:
            EvalError: They cannot be written down.
        """
        keys = {text: _key(text) for text in texts}
        new = sorted((t for t in keys if keys[t] not in self._passages), key=len, reverse=True)
        if new:
            self._learn(new, keys, progress)
        rows = [self._passages[keys[text]] for text in texts]
        return np.vstack([np.empty((0, self.dimension), np.float32), *rows])

    def _learn(self, new: list[str], keys: dict[str, bytes], progress: Progress) -> None:
        # The engine decides by how much there is whether to start its faster half.
        step = len(new) if len(new) < 2 * _BATCH else max(_BATCH, len(new) // 8)
        for start in range(0, len(new), step):
            batch = new[start : start + step]

            def told(done: int, _: int, start: int = start) -> None:
                progress(start + done, len(new))

            vectors = self._embedder.embed_passages(batch, told)
            self._append([keys[text] for text in batch], vectors)

    def _append(self, keys: list[bytes], vectors: Vectors) -> None:
        rows = np.empty(len(keys), self._row)
        rows["key"] = np.frombuffer(b"".join(keys), "V32")
        rows["vector"] = vectors
        self._passages.update(zip(keys, vectors, strict=True))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self._path}.lock"), self._path.open("ab") as file:
                file.truncate(file.tell() - file.tell() % self._row.itemsize)
                file.write(rows.tobytes())
        except OSError as error:
            raise EvalError(
                f"vectors cannot be kept in {str(self._path)!r}: {error.strerror}",
                hint="name another folder with --home",
            ) from None

    def _load(self) -> dict[bytes, Vectors]:
        try:
            data = self._path.read_bytes()
        except OSError:
            return {}
        rows = np.frombuffer(data[: len(data) - len(data) % self._row.itemsize], self._row)
        with np.errstate(over="ignore", invalid="ignore"):  # A damaged row may hold anything.
            sound = np.abs(np.linalg.norm(rows["vector"], axis=1) - 1) < 1e-3
        keys = (key.tobytes() for key in rows["key"][sound])
        return dict(zip(keys, rows["vector"][sound], strict=True))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
