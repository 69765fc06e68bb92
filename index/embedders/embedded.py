"""The embedded model, taught for Dalel from multilingual-e5-small: no torch, network or server.

Its trunk is index/models/retriever.onnx, beside the card that tells where it comes from and what it
can do; it runs in onnxruntime, like the reader, and starts from the same word embeddings
(index/embedders/weights.py). Wang et al. 2024, arXiv:2402.05672.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from index.embedders.embedder import EMBEDDED, Progress, Prompts, Vectors, model_input, no_progress
from index.embedders.onnx_file import manifest_sha256, open_onnx
from index.embedders.tokenizer import MAX_TOKENS
from index.embedders.weights import word_embeddings

MODEL: Final = Path(__file__).parents[1] / "models" / "retriever.onnx"
"""Written, with its manifest, by eval/training/export_model.py."""

VERSION: Final = 1
"""What this code expects: in `words`, float32 (1, t, 384), out `vector`, float32 (1, 384)."""

PROMPTS: Final = Prompts(query="query: ", passage="passage: ")


class EmbeddedModel:
    """An `Embedder` over the weights that come with Dalel."""

    name = EMBEDDED
    dimension = 384
    max_tokens = MAX_TOKENS

    def __init__(self, path: Path = MODEL) -> None:
        """Check the file and load it.

        Raises:
            ModelError: It, or the word embeddings, are missing, damaged or of another version.
        """
        self._session = open_onnx(path, "retriever", VERSION)
        self.weights_sha256 = manifest_sha256(path)
        self._embeddings = word_embeddings()

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, 384), unit rows."""
        return self._embed(texts, PROMPTS.query, no_progress)

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, 384), unit rows."""
        return self._embed(texts, PROMPTS.passage, progress)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included, before any are cut off."""
        return 2 + len(self._tokens(PROMPTS.passage, text))

    def _embed(self, texts: Sequence[str], prompt: str, progress: Progress) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # Side by side, each on one thread and by itself: a batch would be padded to its longest.
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            embedded = pool.map(lambda text: self._vector(self._tokens(prompt, text)), texts)
            for row, vector in enumerate(embedded):
                vectors[row] = vector
                progress(row + 1, len(texts))
        return vectors

    def _vector(self, tokens: list[int]) -> Vectors:
        tokenizer = self._embeddings.tokenizer
        read = [tokenizer.bos, *tokens[: self.max_tokens - 2], tokenizer.eos]
        words = self._embeddings(np.array([read], np.int64))
        (vectors,) = self._session.run(("vector",), {"words": words})
        vector: Vectors = vectors[0]
        return vector

    def _tokens(self, prompt: str, text: str) -> list[int]:
        return self._embeddings.tokenizer.tokens(prompt + model_input(text))[0]
