"""What a question is after, told from its embedding: a linear model with a threshold.

In: the vector of a question. Out: the likeliest intent, and how far it stands above ordinary
questions. `python -m eval.training.train_collection` makes the models anew from sentences in three
languages; each belongs to one embedding model.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np

from index.embedders.embedder import Vectors
from index.retriever import Retriever

ORDINARY: Final = "ordinary"
"""The intent of a question that the documents are searched for."""


@dataclass(frozen=True, slots=True)
class IntentModel:
    """A linear model of embedded questions.

    Attributes:
        weights_sha256: Hex digest of the weights of the embedding model that it belongs to.
        weights: For each intent, and for `ordinary` questions, a factor for each number of a
            vector: float32 (d,).
        intercepts: The same's value where all numbers are 0.
        threshold: How far an intent must stand above `ordinary`.
    """

    weights_sha256: str
    weights: Mapping[str, Vectors]
    intercepts: Mapping[str, float]
    threshold: float

    def score(self, vector: Vectors) -> tuple[str, float]:
        """Return the likeliest intent of a vector (d,), and how far it stands above `ordinary`."""
        logits = {
            name: float(weights @ vector) + self.intercepts[name]
            for name, weights in self.weights.items()
        }
        ordinary = logits.pop(ORDINARY)
        likeliest = max(logits, key=lambda intent: logits[intent])
        return likeliest, logits[likeliest] - ordinary

    def recognise(self, question: str, retriever: Retriever) -> str | None:
        """Return the intent of a question; None for an ordinary one, and with other weights.

        Args:
            question: The question, on one line, in NFC.
            retriever: What embeds it, and knows how the documents spell its words.
        """
        if self.weights_sha256 != retriever.weights_sha256:
            return None
        vectors = retriever.embed_questions(wordings(question, retriever))
        intent, score = max(map(self.score, vectors), key=itemgetter(1))
        return intent if score >= self.threshold else None


def wordings(question: str, retriever: Retriever) -> list[str]:
    """Return what is embedded of a question to tell what it is after.

    Respelt, since people type Kazakh in other letters; as typed, since a right word that the
    documents lack may be respelt to one that they have.
    """
    return list(dict.fromkeys(map(comparable, (question, retriever.respell(question)))))


@cache
def read_model(path: Path) -> IntentModel:
    """Return the model of a file."""
    data = json.loads(path.read_text("utf-8"))
    weights = {name: np.array(row, np.float32) for name, row in data["weights"].items()}
    return IntentModel(data["weights_sha256"], weights, data["intercepts"], data["threshold"])


def comparable(question: str) -> str:
    """Return a question as it is compared: in small letters, without stops at its ends.

    >>> comparable("ҚАНША ҚҰЖАТ БАР?")
    'қанша құжат бар'
    """
    return question.casefold().strip(" .?!…")
