"""The reranker, an optional second stage: a cross-encoder reads question and text together.

It is off unless a model is named, since it reads every pair anew, which takes a large model long.
Only safetensors weights are loaded, and no code that a model brings.

The second stage decides the order, the first keeps the scale: the scores of the first stage stay at
their ranks, and the texts move. So what was learnt about scores (fusion, margins, confidence) is
valid with a reranker too. Nogueira and Cho 2019, arXiv:1901.04085.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedders.embedder import model_input
from ingest.errors import ModelError

DEPTH: Final = 30
"""How many of the best texts are reranked; the rest keep their places."""

_MAX_TOKENS: Final = 512
"""A pair longer than this is cut: most cross-encoders were trained on no more."""

T = TypeVar("T")


class Reranker(Protocol):
    """A model that reads a question and a text together."""

    @property
    def name(self) -> str:
        """The name to load it by."""
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
        from index.embedders.sentence_transformer import checked_folder, loading

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
        pairs = [(model_input(question), model_input(text)) for text in texts]
        scores = self._model.predict(pairs, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(scores, np.float32)


def rerank(
    reranker: Reranker,
    question: str,
    ranked: Sequence[T],
    text_of: Callable[[T], str],
    placed: Callable[[T, int], T],
) -> list[T]:
    """Put the best `DEPTH` results of the first stage into the order of a reranker.

    Args:
        reranker: The second stage.
        question: The question.
        ranked: The results of the first stage, best first.
        text_of: Returns the text that the reranker reads of a result.
        placed: Returns a result as it is at a place (from 0), with the score of that place.

    Returns:
        The same results, best first.
    """
    candidates, rest = ranked[:DEPTH], ranked[DEPTH:]
    if not candidates:
        return []
    scores = reranker.scores(question, [text_of(candidate) for candidate in candidates])
    order = np.argsort(-scores, kind="stable")
    return [*(placed(candidates[row], place) for place, row in enumerate(order)), *rest]


def load_reranker(model: str | None) -> Reranker | None:
    """Load a reranker, the name or folder of a CrossEncoder; None if none is named.

    Raises:
        ModelError: There is no such model, or it does not rank.
    """
    return None if model is None else CrossEncoderReranker(model)
