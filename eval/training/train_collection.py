"""Trains what recognises questions about the collection, and what is said to Dalel itself.

`python -m eval.training.train_collection` embeds the sentences of `collection_questions.tsv` and
`talk_questions.tsv` (a part, an intent, a language and a sentence a line) with the embedded model,
a few minutes, and writes chat/collection.json and chat/talk.json; to be run whenever its weights
change. Those of the part `train`, with questions of the passages that the reader is taught with as
further ordinary ones, train the model; all questions about the collection are ordinary ones for
talk. How many ordinary ones of the part `choose` may be taken for another gives the threshold. The
part `report` gives the figures, and how many questions of the sets that ship are taken for one.
"""

import json
import sys
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chat import collection, talk
from chat.intent_model import ORDINARY, IntentModel, comparable
from chat.settings import read_settings
from eval.baselines import SETS
from eval.formats import read_set
from eval.training.reading_rows import OWN
from index.embedders.embedder import EMBEDDED, Embedder, load_embedder

COLLECTION: Final = Path(__file__).with_name("collection_questions.tsv")

TALK: Final = Path(__file__).with_name("talk_questions.tsv")

STRIDE: Final = 6
"""Of so many questions of the passages, one is trained with, and another chooses the threshold."""


class Choice(NamedTuple):
    """What is chosen for a model on the part `choose`.

    Attributes:
        inverse_regularisation: scikit-learn's C, among 10, 30, 100 and 300.
        taken: The share of ordinary sentences that may be taken for another.
        margin: How far the threshold stands above ordinary questions, and above where both are as
            likely: a list of documents or a reply in place of an answer is worse than a search.
    """

    inverse_regularisation: float
    taken: float
    margin: float


COLLECTION_CHOICE: Final = Choice(inverse_regularisation=100.0, taken=0.0, margin=1.0)

TALK_CHOICE: Final = Choice(inverse_regularisation=100.0, taken=0.0005, margin=0.0)


class Sentence(NamedTuple):
    """A sentence with what it asks for."""

    part: str
    intent: str
    language: str
    text: str


def read_sentences(path: Path) -> list[Sentence]:
    """Return the sentences written for a model."""
    return [Sentence(*line.split("\t")) for line in path.read_text("utf-8").splitlines()]


def talk_sentences() -> list[Sentence]:
    """Return what is said to Dalel, and ordinary questions.

    Questions about the collection are recognised first, so none of them chooses a threshold here.
    """
    asked = [
        one._replace(intent=ORDINARY)
        for one in read_sentences(COLLECTION)
        if one.part == "train" or one.intent == ORDINARY
    ]
    return read_sentences(TALK) + asked


def set_questions() -> list[str]:
    """Return the questions of the sets that ship: none is about the collection."""
    paths = sorted(SETS.glob("*.jsonl"))
    examples = [example for path in paths for example in read_set(path, strict=True).examples]
    return [example.question for example in examples]


def main() -> int:
    """Train both models and write them, with their figures."""
    embedder = load_embedder(EMBEDDED, read_settings().home / "models")
    others, asked = set_questions(), _passage_questions()
    of_passages = _ordinary(asked[::STRIDE], asked[STRIDE // 2 :: STRIDE])
    about = read_sentences(COLLECTION) + of_passages
    said = talk_sentences() + of_passages
    for path, sentences, choice in (
        (collection.TRAINED, about, COLLECTION_CHOICE),
        (talk.TRAINED, said, TALK_CHOICE),
    ):
        trained = train(sentences, others, embedder, choice)
        path.write_text(json.dumps(trained, ensure_ascii=False) + "\n", "utf-8")
        sys.stdout.write(json.dumps(trained["record"], ensure_ascii=False, indent=1) + "\n")
    return 0


def _ordinary(taught: Sequence[str], held_back: Sequence[str]) -> list[Sentence]:
    """Return questions of passages as ordinary sentences; in which language is not told."""
    parts = {"train": taught, "choose": held_back}
    return [Sentence(part, ORDINARY, "", text) for part in parts for text in parts[part]]


def train(
    sentences: Sequence[Sentence], others: Sequence[str], embedder: Embedder, choice: Choice
) -> dict[str, Any]:
    """Return a model and its record, as they are written.

    Args:
        sentences: The sentences of all parts.
        others: Ordinary questions, to report how many are taken for another.
        embedder: The embedding model that it is for.
        choice: What was chosen for it.
    """
    taught = [one for one in sentences if one.part == "train"]
    weights, intercepts = _fit(
        embed([one.text for one in taught], embedder),
        [one.intent for one in taught],
        choice.inverse_regularisation,
    )
    model = IntentModel(embedder.weights_sha256, weights, intercepts, 0.0)
    held_back = [one.text for one in sentences if (one.part, one.intent) == ("choose", ORDINARY)]
    scores = sorted((model.score(vector)[1] for vector in embed(held_back, embedder)), reverse=True)
    highest = scores[int(choice.taken * len(scores))]
    threshold = max(0.0, ceil(10 * highest) / 10) + choice.margin
    model = IntentModel(embedder.weights_sha256, weights, intercepts, threshold)
    return {
        "weights_sha256": model.weights_sha256,
        "threshold": threshold,
        "intercepts": {name: round(value, 4) for name, value in intercepts.items()},
        "weights": {
            name: [round(float(number), 4) for number in row] for name, row in weights.items()
        },
        "record": {
            "trained_on": {
                "written": sum(bool(one.language) for one in taught),
                "questions of passages": sum(not one.language for one in taught),
            },
            "chosen_on": {"ordinary": len(held_back), "highest": round(highest, 3)},
            **{
                part: _recognised(part, sentences, model, embedder) for part in ("choose", "report")
            },
            "sets": {"n": len(others), "taken": taken(others, model, embedder)},
        },
    }


def embed(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    """Return the vectors of questions as they are compared: float32 (n, d)."""
    return embedder.embed_queries([comparable(text) for text in texts])


def taken(texts: Sequence[str], model: IntentModel, embedder: Embedder) -> list[str]:
    """Return those of some questions that are taken for another."""
    scores = [model.score(vector)[1] for vector in embed(texts, embedder)]
    return [text for text, score in zip(texts, scores, strict=True) if score >= model.threshold]


def _fit(
    vectors: NDArray[np.float32], intents: Sequence[str], c: float
) -> tuple[dict[str, NDArray[np.float32]], dict[str, float]]:
    """Return the factors and the intercept of each intent, and of ordinary questions."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=c, max_iter=5_000).fit(vectors, intents)
    names = [str(name) for name in fitted.classes_]
    weights = dict(zip(names, fitted.coef_.astype(np.float32), strict=True))
    return weights, dict(zip(names, map(float, fitted.intercept_), strict=True))


def _recognised(
    part: str, sentences: Sequence[Sentence], model: IntentModel, embedder: Embedder
) -> dict[str, list[int]]:
    """Return, by intent and language, how many sentences of a part are right, and of how many."""
    own = [one for one in sentences if one.part == part and one.language]
    counts: dict[str, list[int]] = {}
    for one, vector in zip(own, embed([one.text for one in own], embedder), strict=True):
        intent, score = model.score(vector)
        found = intent if score >= model.threshold else ORDINARY
        count = counts.setdefault(f"{one.intent} {one.language}", [0, 0])
        count[0] += found == one.intent
        count[1] += 1
    return counts


def _passage_questions() -> list[str]:
    passages = map(json.loads, OWN.read_text("utf-8").splitlines())
    return [row["question"] for passage in passages for row in passage["questions"]]


if __name__ == "__main__":
    sys.exit(main())
