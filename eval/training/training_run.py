"""A run of training that can be stopped and gone on with: what the reader and the retriever share.

In: a network that tells its losses, and how to draw batches of examples. Out, in a folder:
`NAME.safetensors`, the state of the run beside it, and `log.jsonl`. The learning rate rises, stays,
and falls linearly to 0 over the last part of the examples (Hu et al. 2024, arXiv:2404.06395: what
was learnt before the fall can be gone on with).
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from index.storage.atomic_file import write

if TYPE_CHECKING:
    import torch

E = TypeVar("E")
E_contra = TypeVar("E_contra", contravariant=True)

SEED: Final = 20261128
POOL: Final = 2048
"""Examples that are drawn together and sorted by length, so that batches need little padding."""

HEADS: Final = 5.0
"""How much faster the heads learn, which start from nothing."""

SAVE_SECONDS: Final = 300


class Trained(Protocol[E_contra]):
    """A network as a run sees it: its type is that of an example."""

    def weights(self) -> "Mapping[str, torch.nn.Parameter]":
        """Return what is stored, by name; names of the trunk begin with "trunk."."""
        ...

    def trained(self) -> "Mapping[str, torch.nn.Parameter]":
        """Return those of them that training changes."""
        ...

    def losses(self, batch: Sequence[E_contra]) -> "Mapping[str, torch.Tensor]":
        """Return the mean loss of each task that the examples of a batch have, by its name."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a run is, and how fast it learns.

    Attributes:
        examples: Examples in all.
        rate: The highest learning rate, of AdamW.
        fall: The last part of the examples, over which it falls, 0 to 1.
        rise: Examples over which it rises.
    """

    examples: int
    rate: float
    fall: float
    rise: int

    def rate_at(self, done: int) -> float:
        """Return the share of the highest learning rate after some examples.

        >>> schedule = Schedule(100_000, 1e-4, fall=0.5, rise=4000)
        >>> [schedule.rate_at(done) for done in (0, 2000, 50_000, 75_000, 100_000)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
        """
        left = (self.examples - done) / (self.fall * self.examples) if self.fall else 1.0
        return min(1.0, done / self.rise, max(0.0, left))


class TrainingRun(Generic[E]):
    """A run in a folder; it goes on where it was."""

    def __init__(
        self,
        folder: Path,
        name: str,
        network: Trained[E],
        schedule: Schedule,
        start: "Mapping[str, torch.Tensor] | None" = None,
    ) -> None:
        """Take up the run that the folder holds, or begin one.

        Args:
            folder: Where it is, created by the caller.
            name: The file of the weights, without its ending.
            network: What is trained.
            schedule: How long and how fast.
            start: Weights to begin with; None for the network's own.
        """
        import torch
        from safetensors.torch import load_file

        self._folder, self._name = folder, name
        self._network, self._schedule = network, schedule
        # Where the processor cannot multiply in 16 bits, pretending to takes seven times as long.
        able = torch.cpu.get_capabilities()
        self._half = able.get("avx512_bf16", False) or able.get("amx_bf16", False)
        weights = network.trained()
        speeds = {name: 1 if name.startswith("trunk.") else HEADS for name in weights}
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [weights[name]], "peak": schedule.rate * speed}
                for name, speed in speeds.items()
            ],
            fused=True,
        )
        self.done = 0
        if self._state_path.exists():
            self._take_up(load_file(self._state_path))
        elif start is not None:
            for name, value in network.weights().items():
                value.data.copy_(start[name])

    @property
    def _state_path(self) -> Path:
        return self._folder / "state.safetensors"

    def train(self, batches: Callable[[int], Iterable[Sequence[E]]]) -> None:
        """Train, and save every few minutes.

        Args:
            batches: Returns the batches of a pool of `POOL` examples by its number, from 0; the
                same ones for the same number.
        """
        import torch

        first, started, saved = self.done, monotonic(), monotonic()
        while self.done < self._schedule.examples:
            number = self.done // POOL
            torch.manual_seed(SEED + number)  # A run that goes on drops out what it would have.
            losses: dict[str, list[float]] = defaultdict(list)
            for batch in batches(number):
                for group in self._optimizer.param_groups:
                    group["lr"] = group["peak"] * self._schedule.rate_at(self.done)
                for name, loss in self._step(batch).items():
                    losses[name].append(loss)
                self.done += len(batch)
            self.done = (number + 1) * POOL
            self._report((self.done - first) / (monotonic() - started), losses)
            if monotonic() - saved > SAVE_SECONDS or self.done >= self._schedule.examples:
                self._save()
                saved = monotonic()

    def _step(self, batch: Sequence[E]) -> dict[str, float]:
        import torch

        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._half):
            losses = self._network.losses(batch)
        torch.autograd.backward(torch.stack(list(losses.values())).sum())
        torch.nn.utils.clip_grad_norm_(self._network.trained().values(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _report(self, speed: float, losses: dict[str, list[float]]) -> None:
        record = {
            "examples": self.done,
            "a_second": round(speed, 1),
            "minutes_left": round((self._schedule.examples - self.done) / speed / 60),
            **{name: round(sum(values) / len(values), 4) for name, values in losses.items()},
        }
        line = json.dumps(record) + "\n"
        with (self._folder / "log.jsonl").open("a") as log:
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
        write(self._folder / f"{self._name}.safetensors", save(weights))

    def _take_up(self, state: "dict[str, torch.Tensor]") -> None:
        for name, value in self._network.weights().items():
            value.data.copy_(state[f"weights.{name}"])
        for name, value in self._network.trained().items():
            self._optimizer.state[value] = {key: state[f"{name}.{key}"] for key in _MOMENTS}
        self.done = int(state["examples"])


_MOMENTS: Final = ("exp_avg", "exp_avg_sq", "step")
