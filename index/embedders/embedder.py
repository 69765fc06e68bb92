"""Texts to vectors: the `Embedder` protocol, how to load one, and the prompts of each model.

Vectors are float32 (n, d) arrays of unit rows, so that an inner product is a cosine.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.document import Span
from ingest.errors import ModelError

Vectors = NDArray[np.float32]
"""float32 (n, d), C-contiguous, every row of length 1."""

Progress = Callable[[int, int], None]
"""Called with (texts done, texts in all) as long work goes on."""

EMBEDDED: Final = "embedded"
"""Name of the model that comes with Dalel, taught from multilingual-e5-small."""

UNTAUGHT: Final = "multilingual-e5-small"
"""Name of the model that it was taught from, whose weights come with the installation too."""


T = TypeVar("T")


def no_progress(_done: int, _total: int) -> None:
    """Report nothing."""


def model_input(text: str) -> str:
    r"""Return a text as models read it; the documents, and quotes from them, are not changed.

    It is composed (NFC), since a vocabulary has «й» but not «и» with a breve. It is without NUL,
    which ends a C string; without lone surrogates, which UTF-8 cannot encode; without the special
    tokens of models, since a document that contains one would be cut off there; and U+FDFA is spelt
    out in its 18 letters, as models' own normalisers do.

    >>> model_input("и\u0306 a</s>b\x00")
    'й a< /s>b '
    """
    text = unicodedata.normalize("NFC", text).replace("\ufdfa", _FDFA_LETTERS)
    return _SPECIAL_TOKEN.sub(r"< \1>", _UNENCODABLE.sub(" ", text))


def model_input_places(text: str) -> tuple[str, list[int]]:
    """Return a text as `model_input` does, and where in the text each of its characters is from.

    Returns:
        The n characters, and n + 1 places: of each the first character that it is made of, then
        the end of the text.

    >>> model_input_places("и\u0306</s>")
    ('й< /s>', [0, 2, 2, 3, 4, 5, 6])
    """
    whole = model_input(text)
    if whole == text:
        return text, list(range(len(text) + 1))
    read, places, start = "", [], 0
    special = {match.start() for match in _SPECIAL_TOKEN.finditer(text)}
    for end in range(1, len(text) + 1):
        if end < len(text) and unicodedata.combining(text[end]):
            continue  # It belongs to the letter before.
        piece = "< " if start in special else model_input(text[start:end])
        read += piece
        places += [start] * len(piece)
        start = end
    return read, [*places, len(text)]


_FDFA_LETTERS: Final = unicodedata.normalize("NFKC", "\ufdfa")
_UNENCODABLE: Final = re.compile("[\x00\ud800-\udfff]")
_SPECIAL_TOKEN: Final = re.compile(r"<(/?s|pad|mask|unk)>")


class Embedder(Protocol):
    """A model that embeds questions and passages in one space."""

    @property
    def name(self) -> str:
        """The name to load it by."""
        ...

    @property
    def weights_sha256(self) -> str:
        """Hex digest of its weights; vectors of different weights cannot be compared."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers in a vector, d."""
        ...

    @property
    def max_tokens(self) -> int:
        """Most tokens it reads of a text; the rest would be lost."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed questions: float32 (n, d), unit rows."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Progress = no_progress) -> Vectors:
        """Embed passages: float32 (n, d), unit rows."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a passage, prompt and specials included."""
        ...


@dataclass(frozen=True, slots=True)
class Prompts:
    """The words that a model was trained to read before a question and before a passage."""

    query: str = ""
    passage: str = ""


# Part of a model's name, lower case, and its prompts; the first match counts. Sources: the models'
# own cards. Their configuration files often lack them, and E5 loses 5 points and more without.
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
    """Return the prompts that a model of this name was trained with; None if it is unknown.

    >>> known_prompts("intfloat/multilingual-e5-base")
    Prompts(query='query: ', passage='passage: ')
    >>> known_prompts("BAAI/bge-m3")
    Prompts(query='', passage='')
    """
    name = model.lower()
    return next((prompts for part, prompts in _PROMPTS if part in name), None)


EmbedderLoader = Callable[[str], Embedder]
"""Loads an embedding model by its name."""


def load_once(load: Callable[[], T]) -> Callable[[], T]:
    """Return a function that loads at its first call, and gives what was loaded ever after.

    Threads that ask meanwhile wait for it: `functools.cache` alone would load it in each of them.
    What cannot be loaded is tried again at the next call.
    """
    lock, loaded = Lock(), cache(load)

    @wraps(load)
    def once() -> T:
        with lock:
            return loaded()

    return once


def load_embedder(model: str, models_folder: Path, threads: int | None = None) -> Embedder:
    """Load an embedding model; only the engine that is asked for is imported.

    Args:
        model: `embedded`, `multilingual-e5-small`, or the name or folder of a sentence-transformers
            model.
        models_folder: Where multilingual-e5-small is unpacked, if it is asked for.
        threads: On how many the model that ships embeds; None for one a core. Others go by the
            environment of torch.

    Raises:
        ModelError: There is no such model, it cannot be loaded, or its weights are not the
            expected ones.
    """
    if not model.strip():
        raise ModelError("the model's name is empty", hint=f"use {EMBEDDED!r} or a model's name")
    if model == EMBEDDED:
        from index.embedders.embedded import EmbeddedModel, embedded_model

        return EmbeddedModel(threads=threads) if threads else embedded_model()
    from index.embedders.sentence_transformer import SentenceTransformerModel

    if model == UNTAUGHT:
        from index.embedders.weights import unpack

        return SentenceTransformerModel(str(unpack(models_folder / UNTAUGHT)), name=UNTAUGHT)
    return SentenceTransformerModel(model)


def token_vectors(text: str) -> tuple[Vectors, list[Span]]:
    """Return the vectors of a text's tokens in the model that ships, whatever an index was made by.

    Args:
        text: The text, as `model_input` returns it.

    Returns:
        float32 (t, d), and the characters of the text that each stands for.

    Raises:
        ModelError: The model is missing, damaged or of another version.
    """
    from index.embedders.embedded import embedded_model

    return embedded_model().token_vectors(text)
