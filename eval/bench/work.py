"""How much work is done, counted: texts that a model runs over, bytes of vectors that are read.

Counts hold on any machine, however busy: tests hold them fast, and a figure's limit is worked out
from them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from eval.bench.limits import trunk_flops
from index.embedders.embedder import Vectors
from index.faiss_index import FaissIndex, VectorStore
from index.retriever import Retriever

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


@dataclass(slots=True)
class Work:
    """What was done.

    Attributes:
        embedded: Tokens of each text that was embedded.
        read: Tokens of each window that was read.
        vector_bytes: Bytes of vectors and of their codes that were compared with a question or read
            back.
    """

    embedded: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    vector_bytes: int = 0

    @property
    def flops_embedded(self) -> int:
        """Floating-point operations of embedding."""
        return sum(map(trunk_flops, self.embedded))

    @property
    def flops_read(self) -> int:
        """Floating-point operations of reading."""
        return sum(map(trunk_flops, self.read))


@contextmanager
def counted(retriever: Retriever | None = None) -> Iterator[Work]:
    """Count what both models do inside this context, and what is read of an index's vectors.

    Args:
        retriever: The index; None to count the models' work only.
    """
    from onnxruntime import InferenceSession

    work = Work()

    def ran(
        session: "InferenceSession",
        _names: object,
        inputs: dict[str, npt.NDArray[np.float32]],
        *_: object,
    ) -> None:
        (words,) = inputs.values()
        texts, tokens = words.shape[:2]
        embeds = "vector" in {output.name for output in session.get_outputs()}
        (work.embedded if embeds else work.read).extend(texts * [tokens])

    def searched(vectors: VectorStore, queries: Vectors, k: int) -> None:
        work.vector_bytes += len(queries) * _searched_bytes(vectors, k)

    def read_back(vectors: VectorStore, rows: npt.NDArray[np.int64]) -> None:
        work.vector_bytes += len(rows) * _row_bytes(vectors)

    with ExitStack() as stack:
        stack.enter_context(_counting(InferenceSession, "run", ran))
        for store in _stores(retriever) if retriever else ():
            stack.enter_context(_counting(store, "search", searched))
            stack.enter_context(_counting(store, "rows", read_back))
        yield work


def _stores(retriever: Retriever) -> set[type]:
    generation = retriever.generation
    return {type(vectors) for vectors in (generation.chunk_vectors, generation.sentence_vectors)}


def _searched_bytes(vectors: VectorStore, k: int) -> int:
    if isinstance(vectors, FaissIndex):
        return vectors.code_bytes + vectors.compared(k) * _row_bytes(vectors)
    return len(vectors) * _row_bytes(vectors)


def _row_bytes(vectors: VectorStore) -> int:
    return 4 * vectors.dimension


@contextmanager
def _counting(owner: type, name: str, count: Callable[..., None]) -> Iterator[None]:
    """Call something before each call of a method, with the same arguments."""
    method = getattr(owner, name)

    @wraps(method)
    def counting(*arguments: object, **named: object) -> object:
        count(*arguments)
        return method(*arguments, **named)

    setattr(owner, name, counting)
    try:
        yield
    finally:
        setattr(owner, name, method)
