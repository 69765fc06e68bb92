"""Trains the reader, from rows to weights.

    python -m eval.training.train_reader OUTPUT --questions FILE[:WEIGHT] … --claims FILE …

draws examples (reader_examples.py), trains the network (reader_network.py) and writes to the folder
OUTPUT what training_run.py says, `reader.safetensors` among it. Started again, it goes on where it
was, with whatever rows the files hold by then; `--start` goes on from other weights. Rows whose
group falls in the tenth that is held out are never trained on.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

from eval.training.exported_weights import read_weights
from eval.training.hard_negatives import nearest_passages
from eval.training.reader_examples import Drawing, TrainingExample, batches
from eval.training.reading_rows import OWN, held_out, read_claims, read_questions, weighted
from eval.training.training_run import POOL, SEED, Schedule, TrainingRun
from index.embedders.embedded import EmbeddedModel
from index.embedders.embedder import UNTAUGHT
from index.embedders.weights import unpack, word_embeddings
from ingest.errors import DalelError

BATCH_TOKENS: Final = 2400
RATE: Final = 1e-4
FALL: Final = 0.4
RISE: Final = 4000
DROPOUT: Final = 0.1
"""As BERT was trained with (Devlin et al. 2019); own rows are seen many times."""


def main() -> int:
    """Train until the examples are done."""
    options = _arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        tokenizer = word_embeddings().tokenizer
        unpack(options.output / UNTAUGHT)
        questions = [
            (row, weight)
            for path, weight in map(weighted, options.questions)
            for row in read_questions(path)
            if not held_out(row.group)
        ]
        claims = [
            (row, weight)
            for path, weight in map(weighted, options.claims)
            for row in read_claims(path)
            if not held_out(row.group)
        ]
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.training.train_reader: {error}\n")
        return 2
    own = [row for row, _ in questions if row.evidence is not None]
    nearest = nearest_passages(own, EmbeddedModel(), options.output) if own else {}
    drawing = Drawing(tokenizer, questions, claims, options.claim_share, nearest)
    _run(options).train(lambda number: _batches(drawing, number))
    return 0


def _run(options: argparse.Namespace) -> TrainingRun[TrainingExample]:
    import torch

    from eval.training.reader_network import ReaderNetwork

    torch.manual_seed(SEED)  # The heads begin at random.
    folder: Path = options.output
    model = folder / UNTAUGHT
    network = ReaderNetwork(model, options.dropout, options.frozen_layers)
    schedule = Schedule(options.examples, options.rate, options.fall, RISE)
    start = read_weights(options.start) if options.start else None
    return TrainingRun(folder, "reader", network.train(), schedule, start)


def _batches(drawing: Drawing, number: int) -> Iterator[list[TrainingExample]]:
    pool = drawing.pool(f"{SEED} {number}", POOL)
    return batches(pool, BATCH_TOKENS, Random(number))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--start", type=Path, help="weights to start from, .safetensors or .onnx")
    parser.add_argument(
        "--questions", nargs="+", default=[str(OWN)], metavar="FILE[:WEIGHT]", help="default: own"
    )
    parser.add_argument("--claims", nargs="*", default=[str(OWN)], metavar="FILE[:WEIGHT]")
    parser.add_argument("--claim-share", type=float, default=0.3)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--fall", type=float, default=FALL)
    parser.add_argument("--dropout", type=float, default=DROPOUT)
    parser.add_argument("--frozen-layers", type=int, default=0, help="lowest layers left alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
