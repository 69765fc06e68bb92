"""Trains the model of confidence that ships as chat/confidence.json.

`python -m eval.training.train_confidence SET …` asks Dalel's own development set, the questions of
its own passages that the reader was not trained on, and other development sets that are named and
are not part of the project; it writes the weights, a threshold, and the record of how they came
about. Every answerable question is asked with what answers it and without (a near miss); questions
of sets that share none are asked too (off topic). And since people's collections have any size, it
all happens in parts of each set's documents as well: some around one subject, some at random.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from chat import confidence
from chat.confidence import Features
from chat.pipeline import retrieve
from chat.reader import Evidence
from chat.settings import read_settings
from chat.terminal import progress_bar
from eval.baselines import OWN_DEV, name_of
from eval.dataset import EvalSet, Example
from eval.formats import read_set
from eval.metrics.correctness import covers, gold_places, gold_rows
from eval.runner import open_index
from eval.training.reading_rows import development_set
from index.calibration import calibrate
from index.retriever import Retriever
from ingest.errors import DalelError
from ingest.loader import read_shipped

QuestionKind = Literal["answerable", "near-miss", "off-topic"]
KINDS: Final[tuple[QuestionKind, ...]] = ("answerable", "near-miss", "off-topic")

PARTS: Final = (15, 60)
"""Passages in the parts of a set that are asked by themselves, twice each."""

MAX_QUESTIONS: Final = 120
"""Questions of each kind that are asked of a whole set."""

MAX_QUESTIONS_OF_PART: Final = 20
"""The same of a part."""

ALL: Final = float("inf")
"""The confidence until which windows are read: none reaches it."""

MAX_REFUSED: Final = 0.10
"""Share of the answerable questions that may be refused: of the own set, and on average of all."""

FOLDS: Final = 5
SEED: Final = 20261122

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """A question asked of some passages.

    Attributes:
        set: Name of its set.
        passages: How many were searched.
        whole: Whether they were all there are.
        kind: What would be right: to answer, or to refuse.
        question: Its wording, which keeps its near miss in the same fold.
        features: float64 (n, features), of the sentences that were read.
        gold: (n,), whether each answers; None where only documents are judged.
    """

    set: str
    passages: int
    whole: bool
    kind: QuestionKind
    question: str
    features: Numbers
    gold: Flags | None


def main() -> int:
    """Ask everything, train, and write the model."""
    try:
        own = development_set()
        sets = [(OWN_DEV.stem, read_set(OWN_DEV, strict=True)), (own.name, own)]
        sets += [(name_of(path), read_set(path, strict=True)) for path in map(Path, sys.argv[1:])]
        samples = [sample for number in range(len(sets)) for sample in _samples(number, sets)]
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.training.train_confidence: {error}\n")
        return 2
    trained = train(samples)
    text = json.dumps(trained, ensure_ascii=False, indent=1)
    confidence.TRAINED.write_text(text + "\n", "utf-8")
    sys.stdout.write(json.dumps(trained["record"]["risk"], indent=1) + "\n")
    return 0


# --- asking ---------------------------------------------------------------------------------------


def _samples(number: int, sets: Sequence[tuple[str, EvalSet]]) -> Iterator[Sample]:
    """Ask the questions of a set of all its documents and of parts of them."""
    name, own = sets[number]
    random = np.random.default_rng(SEED + number)
    asked = {example.question for example in own.examples}
    foreign_questions = [
        example.question
        for _, other in sets
        if not asked & {example.question for example in other.examples}
        for example in other.examples
    ]
    with progress_bar(f"index {name}") as progress:
        retriever = open_index(own.documents or read_shipped().documents, read_settings(), progress)
    parts = list(_parts(retriever, random))
    with progress_bar(f"ask {name}") as progress:
        for done, rows in enumerate(parts, start=1):
            yield from _ask(name, own, foreign_questions, retriever, rows, random)
            progress(done, len(parts))


def _parts(retriever: Retriever, random: np.random.Generator) -> Iterator[list[int]]:
    """Yield the rows of all passages, then of those nearest to one, then of some at random."""
    everything = np.arange(len(retriever))
    yield everything.tolist()
    vectors = retriever.generation.chunk_vectors.rows(everything)
    for size in PARTS:
        if 2 * size <= len(everything):
            nearest = np.argsort(-(vectors @ vectors[random.integers(len(everything))]))
            yield sorted(nearest[:size].tolist())
            yield sorted(random.choice(len(everything), size, replace=False).tolist())


def _ask(
    name: str,
    own: EvalSet,
    foreign_questions: Sequence[str],
    retriever: Retriever,
    rows: Sequence[int],
    random: np.random.Generator,
) -> Iterator[Sample]:
    """Ask some passages what they answer, what they would if they were whole, and what they not."""
    part = _with_calibration(retriever.seeing(rows))
    whole = len(part) == len(retriever)
    limit = MAX_QUESTIONS if whole else MAX_QUESTIONS_OF_PART

    def sample(kind: QuestionKind, question: str, view: Retriever, example: Example) -> Sample:
        evidence = retrieve(question, view, until=ALL).parts[0][1]
        features = np.array([astuple(one.features) for one in evidence])
        gold = np.array([_answers(one, example) for one in evidence])
        known = bool(example.gold) or kind != "answerable"
        size = len(part)
        return Sample(name, size, whole, kind, question, features, gold if known else None)

    answerable = [(e, gold_rows(e, retriever)) for e in own.examples if e.answerable]
    answerable = [(e, gold) for e, gold in answerable if gold and gold <= part.visible]
    for place in sorted(random.permutation(len(answerable))[:limit]):
        example, gold = answerable[place]
        yield sample("answerable", example.question, part, example)
        if left := part.visible - gold:
            yield sample("near-miss", example.question, part.seeing(left), _NOTHING)
    unanswerable = [e for e in own.examples if not e.answerable] if whole else []
    for place in sorted(random.permutation(len(unanswerable))[:limit]):
        example = unanswerable[place]
        yield sample(_kind(example), example.question, part, _NOTHING)
    for place in sorted(random.permutation(len(foreign_questions))[:limit]):
        yield sample("off-topic", foreign_questions[place], part, _NOTHING)


_NOTHING: Final = Example("", "", "kk", answerable=False)
"""What a question without an answer is held against."""


def _answers(evidence: Evidence, example: Example) -> bool:
    place = evidence.document.id, *evidence.span
    return any(covers(place, gold) or covers(gold, place) for gold in gold_places(example))


def _kind(example: Example) -> QuestionKind:
    return "off-topic" if {"nonsense", "off-topic"} & set(example.tags) else "near-miss"


def _with_calibration(part: Retriever) -> Retriever:
    """Return a part of an index that knows what chance reaches in it."""
    calibration = calibrate(lambda question: part.search(question, 1)[0].score)
    part.generation = replace(part.generation, calibration=calibration)
    return part


# --- learning -------------------------------------------------------------------------------------


def train(samples: Sequence[Sample]) -> dict[str, Any]:
    """Train the model; return what confidence.json holds.

    First what ranks sentences: the weights that give those that answer most of the probability
    among all that were read for a question (a conditional logit, McFadden 1974), where sentences
    are judged. Then what tells a question that is answered from one that is not, by the features of
    the sentence that is ranked first: a logistic regression in which every set and size of index
    weighs the same, but the first, the own set, as much as all others: it is about the documents
    that ship. The figures of the record are of questions that the model had not seen.
    """
    samples = [sample for sample in samples if len(sample.features)]  # Something could be read.
    kinds = np.array([sample.kind for sample in samples])
    sets = np.array([sample.set for sample in samples])
    sizes = np.array([f"{sample.set} {_octave(sample.passages)}" for sample in samples])
    whole = np.array([sample.whole for sample in samples])
    weight = _weights(sizes, kinds, sets == samples[0].set)
    sure = _unseen(samples, weight)
    ranking = fit_ranking(samples)
    factors, intercept = _fit(_first(samples, ranking), kinds == "answerable", weight)
    asked = whole & (kinds == "answerable")
    threshold = _threshold(sure[asked], sets[asked], samples[0].set)
    return {
        "ranking": _named(ranking),
        "weights": _named(factors),
        "intercept": round(intercept, 4),
        "threshold": threshold,
        "record": {
            "date": datetime.now(UTC).date().isoformat(),
            "samples": {kind: int((kinds == kind).sum()) for kind in KINDS},
            "questions": len({sample.question for sample in samples}),
            "risk": _risk(sure[whole], kinds[whole], sets[whole], threshold),
            "risk_in_parts": _mean_rates(sure[~whole], kinds[~whole], sizes[~whole], threshold),
        },
    }


def _named(factors: Numbers) -> dict[str, float]:
    return dict(zip(_NAMES, factors.round(4).tolist(), strict=True))


def fit_ranking(samples: Sequence[Sample]) -> Numbers:
    """Return the weights that rank the sentences that answer first, as far as it goes."""
    from scipy.optimize import minimize

    judged = [
        (sample.features, sample.gold)
        for sample in samples
        if sample.kind == "answerable" and sample.gold is not None and sample.gold.any()
    ]
    count = len(fields(Features))
    spread = _spread(np.vstack([np.zeros(count), *(features for features, _ in judged)]))

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        total, slope = 0.0, np.zeros(count)
        for features, gold in judged:
            scaled = features / spread
            odds = np.exp((scores := scaled @ weights) - scores.max())
            right = odds * gold
            total -= float(np.log(right.sum() / odds.sum()))
            slope -= (right / right.sum() - odds / odds.sum()) @ scaled
        size = max(1, len(judged))
        # A little ridge: two features that say the same would otherwise run off against each other.
        return (
            total / size + _RIDGE * float(weights @ weights),
            slope / size + 2 * _RIDGE * weights,
        )

    found: Numbers = minimize(loss, np.zeros(count), jac=True, method="L-BFGS-B").x / spread
    return found


_RIDGE: Final = 1e-3
_NAMES: Final = [field.name for field in fields(Features)]


def _spread(features: Numbers) -> Numbers:
    """Return how far each feature spreads; 1 where it is always the same."""
    deviation: Numbers = features.std(axis=0)
    return np.where(deviation > 0, deviation, 1.0)


def _first(samples: Sequence[Sample], ranking: Numbers) -> Numbers:
    """Return the features of what is ranked first of each: float64 (samples, features).

    Whether it asks counts in ranking only.
    """
    best = np.array([s.features[int((s.features @ ranking).argmax())] for s in samples])
    best[:, _NAMES.index("asks")] = 0  # Few first sentences ask: their weight would be chance.
    return best


def _unseen(samples: Sequence[Sample], weight: Numbers) -> Numbers:
    """Return the confidence in each sample, of a model that has not seen its question."""
    wordings = {wording: row for row, wording in enumerate({s.question: 0 for s in samples})}
    folds = np.array([wordings[sample.question] % FOLDS for sample in samples])
    wanted = np.array([sample.kind == "answerable" for sample in samples])
    sure = np.zeros(len(samples))
    for fold in range(FOLDS):
        seen = folds != fold
        ranking = fit_ranking(
            [sample for sample, is_in in zip(samples, seen, strict=True) if is_in]
        )
        features = _first(samples, ranking)
        factors, intercept = _fit(features[seen], wanted[seen], weight[seen])
        sure[~seen] = 1 / (1 + np.exp(-(features[~seen] @ factors + intercept)))
    return sure


def _octave(passages: int) -> int:
    """Return the exponent of the power of four that a size comes next to."""
    return round(float(np.log(passages) / np.log(4)))


def _weights(cells: NDArray[np.str_], kinds: NDArray[np.str_], own: Flags) -> Numbers:
    """Return weights: the own set as all others, cells alike, the kinds in each as 2 to 1 to 1."""
    weight = np.zeros(len(cells))
    for cell in np.unique(cells):
        for kind in KINDS:
            rows = (cells == cell) & (kinds == kind)
            weight[rows] = (2.0 if kind == "answerable" else 1.0) / max(1, int(rows.sum()))
    for side in (own, ~own):
        weight[side] *= len(weight) / 2 / max(weight[side].sum(), np.finfo(float).tiny)
    return weight


def _fit(features: Numbers, wanted: Flags, weight: Numbers) -> tuple[Numbers, float]:
    """Return the factors of the features, and the intercept."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), _spread(features)
    fitted = LogisticRegression().fit((features - mean) / spread, wanted, sample_weight=weight)
    factors: Numbers = fitted.coef_[0] / spread
    return factors, float(fitted.intercept_[0] - factors @ mean)


def _rates(sure: Numbers, kinds: NDArray[np.str_], threshold: float) -> list[float]:
    """Return which share is refused of the answerable, and answered of the near and far misses."""
    refused = [float((sure[kinds == kind] < threshold).mean()) for kind in KINDS]
    return [refused[0], 1 - refused[1], 1 - refused[2]]


def _by_set(
    sure: Numbers, kinds: NDArray[np.str_], sets: NDArray[np.str_], threshold: float
) -> dict[str, list[float]]:
    return {
        str(name): _rates(sure[sets == name], kinds[sets == name], threshold)
        for name in np.unique(sets)
        if all(((sets == name) & (kinds == kind)).any() for kind in KINDS)
    }


def _mean_rates(
    sure: Numbers, kinds: NDArray[np.str_], sets: NDArray[np.str_], threshold: float
) -> dict[str, float]:
    return _named_rates(
        np.mean(list(_by_set(sure, kinds, sets, threshold).values()), axis=0).tolist()
    )


def _threshold(sure: Numbers, sets: NDArray[np.str_], own: str) -> float:
    """Return the highest threshold, in hundredths, that refuses few enough answerable questions."""
    for step in range(99, 0, -1):
        refused = {
            name: float((sure[sets == name] < step / 100).mean()) for name in np.unique(sets)
        }
        if max(refused[own], float(np.mean(list(refused.values())))) <= MAX_REFUSED:
            return step / 100
    return 0.0


def _risk(
    sure: Numbers, kinds: NDArray[np.str_], sets: NDArray[np.str_], threshold: float
) -> dict[str, Any]:
    """Return what thresholds cost: by set at the chosen one, then the mean of the sets."""
    steps = sorted({threshold, *(step / 10 for step in range(2, 9))})
    return {
        "by_set": {
            name: _named_rates(r) for name, r in _by_set(sure, kinds, sets, threshold).items()
        },
        "by_threshold": {f"{step:.2f}": _mean_rates(sure, kinds, sets, step) for step in steps},
    }


def _named_rates(rates: Sequence[float]) -> dict[str, float]:
    names = ("answerable_refused", "near_miss_answered", "off_topic_answered")
    return {name: round(rate, 3) for name, rate in zip(names, rates, strict=True)}


if __name__ == "__main__":
    sys.exit(main())
