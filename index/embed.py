"""Texts to vectors: the `Embedder` protocol, the prompts of each model, and which engine to load.

In: questions and passages. Out: float32 (n, d) arrays of unit rows, so that an inner product is a
cosine. Prompts live here and nowhere else. Knows nothing of documents or of how vectors are kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ModelError

Vectors = NDArray[np.float32]
"""float32 (n, d), C-contiguous, every row of length 1."""

Progress = Callable[[int, int], None]
"""Called with (done, of all) as long work goes on."""

EMBEDDED: Final = "embedded"
"""Name of the model whose weights come with the installation: multilingual-e5-small."""


def no_progress(_done: int, _total: int) -> None:
    """Tell no one."""


class Embedder(Protocol):
    """A model that places questions and passages in one space.

    Attributes:
        name: What to load it by again.
        weights_sha256: Hex digest of its weights; vectors of different weights do not mix.
        dimension: Numbers in a vector.
        max_tokens: Most tokens it reads of a text; the rest would be lost.
    """

    @property
    def name(self) -> str:
        """What to load it by again."""
        ...

    @property
    def weights_sha256(self) -> str:
        """Hex digest of its weights."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Most tokens it reads of a text."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included."""
        ...


@dataclass(frozen=True, slots=True)
class Prompts:
    """What a model wants to read before a question and before a passage."""

    query: str = ""
    passage: str = ""


# Name part, lower case, to prompts; the first that fits counts. Sources: the models' own cards.
# A model's configuration often lacks them, and E5 without its prompts loses 5 points and more.
_INSTRUCT = Prompts(
    query="Instruct: Given a question, retrieve passages that answer the question\nQuery: "
)
_PROMPTS: Final[tuple[tuple[str, Prompts], ...]] = (
    ("e5-large-instruct", _INSTRUCT),
    ("e5-mistral", _INSTRUCT),
    ("qwen3-embedding", _INSTRUCT),
    ("e5-", Prompts(query="query: ", passage="passage: ")),
    ("arctic-embed", Prompts(query="query: ")),
    (
        "embeddinggemma",
        Prompts(query="task: search result | query: ", passage="title: none | text: "),
    ),
    ("bge-m3", Prompts()),
    ("labse", Prompts()),
)


def known_prompts(model: str) -> Prompts | None:
    """Return the prompts a model was trained with, told by its name; None for an unknown model.

    >>> known_prompts("intfloat/multilingual-e5-base")
    Prompts(query='query: ', passage='passage: ')
    >>> known_prompts("BAAI/bge-m3")
    Prompts(query='', passage='')
    """
    name = model.lower()
    return next((prompts for part, prompts in _PROMPTS if part in name), None)


def load_embedder(model: str, models_folder: Path) -> Embedder:
    """Load an embedding model.

    Args:
        model: `embedded`, or the name or folder of a sentence-transformers model.
        models_folder: Where the embedded weights may be unpacked for bulk work.

    Raises:
        ModelError: There is no such model, or it is not the one expected.
    """
    if not model.strip():
        raise ModelError("the model's name is empty", hint=f"use {EMBEDDED!r} or a model's name")
    if model == EMBEDDED:
        from index.embedded import EmbeddedModel

        return EmbeddedModel(models_folder)
    from index.transformer import TransformerModel

    return TransformerModel(model)
