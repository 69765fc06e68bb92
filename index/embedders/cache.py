"""Caches of vectors, so that nothing is embedded twice: questions in memory, passages in a file.

`QueryCache` remembers the most recent questions, since many people ask the same. `PassageCache`
remembers passages as well, by the hash of their text, so that the documents of an evaluation set
are embedded once. It has one file for each model; a row is the 32 bytes of a SHA-256 and the vector
(float32, d numbers). Rows are appended. A torn last row is dropped, and a row whose vector is not
of length 1 is ignored.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from filelock import FileLock

from index.embedders.embedder import Embedder, Progress, Vectors, no_progress
from ingest.errors import EvalError

MAX_QUESTIONS: Final = 2_000
"""Questions remembered: 3 MB of vectors with 384 numbers."""


class QueryCache:
    """An `Embedder` that remembers the last `MAX_QUESTIONS` questions, in memory.

    Safe to use from several threads.
    """

    def __init__(self, embedder: Embedder) -> None:
        """Wrap an embedder."""
        self.name = embedder.name
        self.weights_sha256 = embedder.weights_sha256
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self._embedder = embedder
        self._questions: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, d), unit rows; new ones together."""
        with self._lock:
            known = {text: self._questions[text] for text in texts if text in self._questions}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, self._embedder.embed_queries(new), strict=True))
        with self._lock:
            for text in texts:
                self._questions[text] = known[text]
                self._questions.move_to_end(text)
            while len(self._questions) > MAX_QUESTIONS:
                self._questions.popitem(last=False)
        rows = [known[text] for text in texts]
        return np.vstack([np.empty((0, self.dimension), np.float32), *rows])

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, d), unit rows."""
        return self._embedder.embed_passages(texts, progress)


_PASSAGES_PER_WRITE: Final = 256
"""Passages embedded between two writes: so many are lost if the work is interrupted."""


class PassageCache(QueryCache):
    """An `Embedder` that remembers passages in a file, and recent questions in memory."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        """Wrap an embedder and read its file in a folder; neither need exist yet."""
        super().__init__(embedder)
        # The name too: prompts depend on it, and another prompt makes another vector.
        model_id = hashlib.sha256(f"{embedder.name} {embedder.weights_sha256}".encode()).hexdigest()
        self._path = folder / f"{model_id[:16]}.vectors"
        self._row = np.dtype([("key", "V32"), ("vector", np.float32, embedder.dimension)])
        self._passages = self._load()

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, d), unit rows; only new ones are given to the model.

        Raises:
            EvalError: The new vectors cannot be written.
        """
        keys = {text: text_key(text) for text in texts}
        unknown = [text for text in keys if keys[text] not in self._passages]
        if unknown:
            # Longest first: a model pads a batch to its longest text.
            self._embed(sorted(unknown, key=len, reverse=True), keys, progress)
        rows = [self._passages[keys[text]] for text in texts]
        return np.vstack([np.empty((0, self.dimension), np.float32), *rows])

    def _embed(self, new: list[str], keys: dict[str, bytes], progress: Progress) -> None:
        for start in range(0, len(new), _PASSAGES_PER_WRITE):
            batch = new[start : start + _PASSAGES_PER_WRITE]

            def batch_progress(done: int, _: int, start: int = start) -> None:
                progress(start + done, len(new))

            vectors = self._embedder.embed_passages(batch, batch_progress)
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


def text_key(text: str) -> bytes:
    """Return the 32 bytes that a text is found by: the SHA-256 of its UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
