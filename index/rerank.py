"""An optional second stage: a cross-encoder reads question and text together, and ranks again.

In: a question and what the first stage found, best first. Out: the same, in another order. Off
unless a model is named: it reads every pair anew, which a large one does not do at once. Knows
nothing of documents. Only safetensors weights are loaded, and no code that a model brings.

The second stage decides the order, the first keeps the scale: the scores stay, and go to the places
they belong to. So what was learnt about scores (fusion, margins, confidence) holds with it too.
Nogueira and Cho 2019, arXiv:1901.04085.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embed import readable
from ingest.errors import ModelError

DEPTH: Final = 30
"""How many of the best are read again; the rest stay where they are."""

_MAX_TOKENS: Final = 512
"""A pair longer than this is cut: most cross-encoders were trained on no more."""

Found = TypeVar("Found")


class Reranker(Protocol):
    """A model that reads a question and a text together."""

    @property
    def name(self) -> str:
        """What to load it by again."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text answers: float32 (n,), higher is better."""
        ...


class CrossEncoderReranker:
    """A `Reranker` over a sentence-transformers CrossEncoder."""

    def __init__(self, model: str) -> None:
        """Load a model: its name, or the path of a folder that holds one.

        Raises:
            ModelError: It cannot be found or loaded, ranks nothing, or needs code or pickles.
        """
        from index.transformer import checked_folder, loading

        folder = checked_folder(model, "reranker")
        self.name = model
        with loading("reranker", model):
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(
                str(folder or model),
                trust_remote_code=False,
                local_files_only=folder is not None,
                model_kwargs={"use_safetensors": True},
                max_length=_MAX_TOKENS,
            )
        if self._model.num_labels != 1:
            raise ModelError(
                f"the reranker {model!r} gives {self._model.num_labels} scores a text, expected 1",
                hint="use a model that was trained to rank, such as BAAI/bge-reranker-v2-m3",
            )

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text answers: float32 (n,), higher is better."""
        pairs = [(readable(question), readable(text)) for text in texts]
        found = self._model.predict(pairs, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, np.float32)


def second_look(
    reranker: Reranker,
    question: str,
    found: Sequence[Found],
    text_of: Callable[[Found], str],
    placed: Callable[[Found, int], Found],
) -> list[Found]:
    """Put the best of what was found into the order that a second model sees.

    Args:
        reranker: The second model.
        question: What was asked.
        found: What the first stage found, best first.
        text_of: What the second model reads of each.
        placed: Returns one as it is in the place (from 0) where another stood.
    """
    again, rest = found[:DEPTH], found[DEPTH:]
    if not again:
        return []
    scores = reranker.scores(question, [text_of(each) for each in again])
    order = np.argsort(-scores, kind="stable")
    return [*(placed(again[row], place) for place, row in enumerate(order)), *rest]
