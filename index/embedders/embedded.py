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

from index.embedders.embedder import (
    EMBEDDED,
    Progress,
    Prompts,
    Vectors,
    load_once,
    model_input,
    no_progress,
)
from index.embedders.onnx_file import manifest_sha256, open_onnx
from index.embedders.tokenizer import MAX_TOKENS
from index.embedders.weights import word_embeddings
from ingest.document import Span

MODEL: Final = Path(__file__).parents[1] / "models" / "retriever.onnx"
"""Written, with its manifest, by eval/training/export_model.py."""

VERSION: Final = 1
"""What this code expects: in `words`, float32 (1, t, 384), out `vector`, float32 (1, 384)."""

PROMPTS: Final = Prompts(query="query: ", passage="passage: ")

_STATES: Final = "/trunk/encoder/layer.7/output/LayerNorm/LayerNormalization_output_0"
"""The tokens after eight of twelve layers, float32 (1, t, 384). There they still say what they mean
in any language; further on, more and more, what the whole text is about. For mBERT and XLM-R it is
the eighth as well: Jalili Sabet et al. 2020, arXiv:2004.08728."""


class EmbeddedModel:
    """An `Embedder` over the weights that come with Dalel."""

    name = EMBEDDED
    dimension = 384
    max_tokens = MAX_TOKENS

    def __init__(self, path: Path = MODEL, *, threads: int | None = None) -> None:
        """Check the file and load it.

        Args:
            path: The file.
            threads: How many texts are embedded side by side; None for one a core.

        Raises:
            ModelError: It, or the word embeddings, are missing, damaged or of another version.
        """
        self._session = open_onnx(path, "retriever", VERSION, inner=_STATES)
        self.weights_sha256 = manifest_sha256(path)
        self._embeddings = word_embeddings()
        self._threads = threads or os.cpu_count() or 1

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, 384), unit rows."""
        return self._embed(texts, PROMPTS.query, no_progress)

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, 384), unit rows."""
        return self._embed(texts, PROMPTS.passage, progress)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included, before any are cut off."""
        return 2 + len(self._tokens(PROMPTS.passage, text))

    def token_vectors(self, text: str) -> tuple[Vectors, list[Span]]:
        """Return the vectors of a text's tokens in the middle of the model, where words align.

        Returns:
            float32 (t, 384), and the characters of the text that each stands for; of a
            text that is too long, the first tokens. The text is as `model_input` returns it.
        """
        prompt = self._tokens(PROMPTS.query.rstrip(), "")
        ids, spans = self._embeddings.tokenizer.tokens(text)
        spans = spans[: self.max_tokens - 2 - len(prompt)]
        states = self._run([*prompt, *ids[: len(spans)]], _STATES)
        return states[1 + len(prompt) : -1], spans

    def _embed(self, texts: Sequence[str], prompt: str, progress: Progress) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        # Side by side, each on one thread and by itself: a batch would be padded to its longest.
        with ThreadPoolExecutor(self._threads) as pool:
            embedded = pool.map(lambda text: self._vector(self._tokens(prompt, text)), texts)
            for row, vector in enumerate(embedded):
                vectors[row] = vector
                progress(row + 1, len(texts))
        return vectors

    def _vector(self, tokens: list[int]) -> Vectors:
        return self._run(tokens[: self.max_tokens - 2], "vector")

    def _run(self, tokens: list[int], output: str) -> Vectors:
        """Return an output for one text."""
        tokenizer = self._embeddings.tokenizer
        words = self._embeddings(np.array([[tokenizer.bos, *tokens, tokenizer.eos]], np.int64))
        (values,) = self._session.run((output,), {"words": words})
        vectors: Vectors = values[0]
        return vectors

    def _tokens(self, prompt: str, text: str) -> list[int]:
        return self._embeddings.tokenizer.tokens(prompt + model_input(text))[0]


@load_once
def embedded_model() -> EmbeddedModel:
    """Return the model that ships, loaded once: all indexes of a process share it.

    Raises:
        ModelError: It, or the word embeddings, are missing, damaged or of another version.
    """
    return EmbeddedModel()
