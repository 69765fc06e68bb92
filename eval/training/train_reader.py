"""Trains the reader, from rows to weights.

    python -m eval.training.train_reader OUTPUT --questions FILE[:WEIGHT] … --claims FILE …

draws examples (reader_examples.py), trains the network (reader_network.py) and writes to the folder
OUTPUT: `reader.safetensors`, the state of the run beside it, and `log.jsonl`. Started again, it
goes on where it was, with whatever rows the files hold by then. The learning rate rises, stays, and
falls linearly to 0 over the last part of the examples (Hu et al. 2024, arXiv:2404.06395: what was
learnt before the fall can be gone on with, by `--start`). Rows whose group falls in the tenth that
is held out are never trained on.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import monotonic
from typing import TYPE_CHECKING, Final

from eval.training.exported_weights import read_weights
from eval.training.hard_negatives import nearest_passages
from eval.training.reader_examples import POOL, Drawing, TrainingExample, batches
from eval.training.reading_rows import OWN, held_out, read_claims, read_questions
from index.embedders.cache import PassageCache
from index.embedders.embedded import EmbeddedModel
from index.embedders.weights import WordEmbeddings, unpack
from index.storage.atomic_file import write
from ingest.errors import DalelError

if TYPE_CHECKING:
    import torch

SEED: Final = 20261128
BATCH_TOKENS: Final = 2400
RATE: Final = 1e-4
HEADS: Final = 5.0
"""How much faster the heads learn, which start from nothing."""

WARM_UP: Final = 4000
"""Examples over which the learning rate rises."""

FALL: Final = 0.4
"""The last part of the examples, over which it falls."""

DROPOUT: Final = 0.1
"""As BERT was trained with (Devlin et al. 2019); own rows are seen many times."""

SAVE_SECONDS: Final = 300


def main() -> int:
    """Train until the examples are done."""
    options = _arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    try:
        tokenizer = WordEmbeddings().tokenizer
        unpack(options.output / "multilingual-e5-small")
        questions = [
            (row, weight)
            for path, weight in map(_weighted, options.questions)
            for row in read_questions(path)
            if not held_out(row.group)
        ]
        claims = [
            (row, weight)
            for path, weight in map(_weighted, options.claims)
            for row in read_claims(path)
            if not held_out(row.group)
        ]
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.training.train_reader: {error}\n")
        return 2
    own = [row for row, _ in questions if row.evidence is not None]
    embedder = PassageCache(EmbeddedModel(options.output), options.output)
    nearest = nearest_passages(own, embedder) if own else {}
    run = _Run(options, tokenizer.pad)
    run.train(Drawing(tokenizer, questions, claims, options.claim_share, nearest))
    return 0


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


def _weighted(argument: str) -> tuple[Path, float]:
    name, _, weight = argument.partition(":")
    return Path(name), float(weight or 1)


def rate_at(done: int, total: int, peak: float, fall: float) -> float:
    """Return the learning rate after some examples.

    >>> [rate_at(done, 100_000, 1.0, 0.5) for done in (0, 2000, 50_000, 75_000, 100_000)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    left = (total - done) / (fall * total) if fall else 1.0
    return peak * min(1.0, done / WARM_UP, max(0.0, left))


class _Run:
    """A run that can be stopped and gone on with."""

    def __init__(self, options: argparse.Namespace, pad: int) -> None:
        import torch
        from safetensors.torch import load_file

        from eval.training.reader_network import ReaderNetwork

        torch.manual_seed(SEED)
        self._options = options
        self._pad = pad
        self._network = ReaderNetwork(
            options.output / "multilingual-e5-small", options.dropout, options.frozen_layers
        )
        # Where the processor cannot multiply in 16 bits, pretending to takes seven times as long.
        able = torch.cpu.get_capabilities()
        self._half = able.get("avx512_bf16", False) or able.get("amx_bf16", False)
        self._network.train()
        weights = self._network.trained()
        rates = {
            name: options.rate * (1 if name.startswith("trunk.") else HEADS) for name in weights
        }
        self._optimizer = torch.optim.AdamW(
            [{"params": [weights[name]], "peak": rate} for name, rate in rates.items()], fused=True
        )
        self._state_path = options.output / "state.safetensors"
        self.done = 0
        if self._state_path.exists():
            self._take_up(load_file(self._state_path))
        elif options.start:
            self._network.load_state_dict(read_weights(options.start), strict=False)

    def train(self, drawing: Drawing) -> None:
        """Train, and save every few minutes."""
        import torch

        first, started, saved = self.done, monotonic(), monotonic()
        total = self._options.examples
        while self.done < total:
            number = self.done // POOL
            torch.manual_seed(SEED + number)  # A run that goes on drops out what it would have.
            losses: dict[str, list[float]] = defaultdict(list)
            for batch in batches(drawing.pool(f"{SEED} {number}"), BATCH_TOKENS, Random(number)):
                for group in self._optimizer.param_groups:
                    group["lr"] = rate_at(self.done, total, group["peak"], self._options.fall)
                for name, loss in self._step(batch).items():
                    losses[name].append(loss)
                self.done += len(batch)
            self.done = (number + 1) * POOL
            self._report((self.done - first) / (monotonic() - started), losses)
            if monotonic() - saved > SAVE_SECONDS or self.done >= total:
                self._save()
                saved = monotonic()

    def _step(self, batch: Sequence[TrainingExample]) -> dict[str, float]:
        import torch

        from eval.training.reader_network import loss_of, padded

        ids, mask = padded(batch, self._pad)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._half):
            logits = self._network(self._network.embed(ids), mask)
        losses = loss_of(logits, batch)
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        torch.nn.utils.clip_grad_norm_(self._network.trained().values(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _report(self, speed: float, losses: dict[str, list[float]]) -> None:
        record = {
            "examples": self.done,
            "a_second": round(speed, 1),
            "minutes_left": round((self._options.examples - self.done) / speed / 60),
            **{name: round(sum(values) / len(values), 4) for name, values in losses.items()},
        }
        line = json.dumps(record) + "\n"
        with (self._options.output / "log.jsonl").open("a") as log:
            log.write(line)
        sys.stdout.write(line)
        sys.stdout.flush()

    def _save(self) -> None:
        """Write the weights and the state of the run; each file is whole, old or new."""
        import torch
        from safetensors.torch import save

        weights = {name: value.detach() for name, value in self._network.weights().items()}
        state = {
            f"{name}.{key}": self._optimizer.state[value][key]
            for name, value in self._network.trained().items()
            for key in _MOMENTS
        }
        state |= {f"weights.{name}": value for name, value in weights.items()}
        write(self._state_path, save(state | {"examples": torch.tensor(self.done)}))
        write(self._options.output / "reader.safetensors", save(weights))

    def _take_up(self, state: "dict[str, torch.Tensor]") -> None:
        for name, value in self._network.weights().items():
            value.data.copy_(state[f"weights.{name}"])
        for name, value in self._network.trained().items():
            self._optimizer.state[value] = {key: state[f"{name}.{key}"] for key in _MOMENTS}
        self.done = int(state["examples"])


_MOMENTS: Final = ("exp_avg", "exp_avg_sq", "step")


if __name__ == "__main__":
    sys.exit(main())
