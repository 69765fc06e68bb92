"""Trains the retriever, from rows to weights.

    python -m eval.training.train_retriever OUTPUT --questions FILE[:WEIGHT] … --claims FILE …

draws examples (retriever_examples.py), trains the network (retriever_network.py) and writes to the
folder OUTPUT what training_run.py says, `retriever.safetensors` among it. Started again, it goes on
where it was; `--start` goes on from other weights. The reader that ships is the teacher of own
questions. Rows whose group falls in the tenth that is held out are never trained on.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Final

from chat.reader_model import ReaderModel, reader_model
from chat.reader_output import Window, read
from eval.training.augmentation import term_pairs
from eval.training.exported_weights import read_weights
from eval.training.hard_negatives import nearest_passages
from eval.training.lexical_match import Weight
from eval.training.reading_rows import (
    OWN,
    OWN_PARALLEL,
    OWN_SEARCH,
    ClaimRow,
    QuestionRow,
    held_out,
    read_claims,
    read_questions,
    read_translations,
    weighted,
)
from eval.training.retriever_examples import RetrievalDrawing, RetrievalExample, batches
from eval.training.training_run import POOL, SEED, Schedule, TrainingRun
from index.bm25 import BM25Index
from index.embedders.embedded import EmbeddedModel
from index.embedders.embedder import UNTAUGHT
from index.embedders.weights import unpack, word_embeddings
from ingest.errors import DalelError
from ingest.language import detect
from ingest.sentence import sentences

BATCH_TOKENS: Final = 8000
"""Of the texts, with their padding: the more texts, the more there is to tell apart."""

NOTHING: Final = -10.0
"""Log-odds of a text without words."""

RATE: Final = 5e-5
FALL: Final = 0.5
RISE: Final = 2048


def main() -> int:
    """Train until the examples are done."""
    options = _arguments()
    folder: Path = options.output
    folder.mkdir(parents=True, exist_ok=True)
    try:
        tokenizer = word_embeddings().tokenizer
        unpack(folder / UNTAUGHT)
        questions = list(_questions(options.questions))
        claims = list(_claims(options.claims))
        pairs = term_pairs() if options.terms else []
        pairs += (pair for path in options.translations for pair in read_translations(path))
        teacher = None if options.no_teacher else _Teacher(reader_model())
        nearest = nearest_passages([row for row, _ in questions], EmbeddedModel(), folder)
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.training.train_retriever: {error}\n")
        return 2
    weight = _term_weight(questions)
    drawing = RetrievalDrawing(tokenizer, questions, claims, pairs, nearest, weight, teacher)
    _train(options, drawing)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--start", type=Path, help="weights to start from, .safetensors or .onnx")
    parser.add_argument(
        "--questions",
        nargs="+",
        default=[f"{OWN}:3", f"{OWN_SEARCH}:4", f"{OWN_PARALLEL}:4"],
        metavar="FILE[:WEIGHT]",
        help="default: own",
    )
    parser.add_argument("--claims", type=Path, nargs="*", default=[OWN], metavar="FILE")
    parser.add_argument(
        "--translations", type=Path, nargs="*", default=[OWN_PARALLEL], metavar="FILE"
    )
    parser.add_argument("--terms", action="store_true", help="the glossary's words are pairs too")
    parser.add_argument("--no-teacher", action="store_true", help="learn from the rows alone")
    parser.add_argument("--examples", type=int, default=20_480)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--fall", type=float, default=FALL)
    parser.add_argument("--frozen-layers", type=int, default=0, help="lowest layers left alone")
    return parser.parse_args()


def _questions(arguments: Sequence[str]) -> Iterator[tuple[QuestionRow, float]]:
    for path, weight in map(weighted, arguments):
        for row in read_questions(path):
            if row.answers and not held_out(row.group):
                yield row, weight


def _claims(paths: Sequence[Path]) -> Iterator[ClaimRow]:
    for path in paths:
        for row in read_claims(path):
            if row.verdict == "supported" and row.evidence and not held_out(row.group):
                yield row


def _term_weight(questions: Sequence[tuple[QuestionRow, float]]) -> Weight:
    """Return what says how rare a term is in the passages."""
    passages = {row.context: None for row, _ in questions}
    return lru_cache(None)(BM25Index.build([(text, detect(text)) for text in passages]).idf)


class _Teacher:
    """The reader, asked how surely a text answers."""

    def __init__(self, model: ReaderModel) -> None:
        self._model = model

    def __call__(self, question: str, texts: Sequence[str]) -> list[float]:
        windows = [Window("", text, sentences(text)) for text in texts]
        readings = read(self._model, question, windows)
        return [max((one.found for one in found if one), default=NOTHING) for found in readings]


def _train(options: argparse.Namespace, drawing: RetrievalDrawing) -> None:
    from eval.training.retriever_network import RetrieverNetwork

    network = RetrieverNetwork(options.output / UNTAUGHT, frozen_layers=options.frozen_layers)
    schedule = Schedule(options.examples, options.rate, options.fall, RISE)
    start = read_weights(options.start) if options.start else None
    run: TrainingRun[RetrievalExample] = TrainingRun(
        options.output, "retriever", network.eval(), schedule, start
    )

    def drawn(number: int) -> Iterator[list[RetrievalExample]]:
        pool = drawing.pool(f"{SEED} {number}", POOL)
        return batches(pool, BATCH_TOKENS, Random(number))

    run.train(drawn)


if __name__ == "__main__":
    sys.exit(main())
