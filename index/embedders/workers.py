"""Workers that embed texts beside the process that makes an index: processes here, or Ray's.

A unit of work is some texts, its result their vectors. Embedding changes nothing, so a unit that
was lost with its worker is embedded by another; and only who gave it out keeps the result, so that
nothing is kept twice.
"""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple, Protocol, Self

import numpy as np

from index.embedders.embedder import Embedder, EmbedderLoader, Vectors, load_embedder
from ingest.errors import ConfigError, DalelError, ModelError

MAX_WORKERS: Final = 256
"""Processes of one machine: each takes 0.2 GB of memory, and 0.5 GB as it starts."""

ATTEMPTS: Final = 3
"""How often a unit is given out that ends its worker."""

_RAY: Final = "ray"


class WorkerModel(NamedTuple):
    """What a worker is told of the model that an index is made with.

    Attributes:
        name: Its name.
        weights_sha256: Hex digest of the weights that it must have.
        dimension: Numbers in a vector, d.
        folder: Where multilingual-e5-small is unpacked.
        loader: MODULE:NAME of an `EmbedderLoader`; empty for `load_embedder`.
        version: Of the Dalel that asks.
    """

    name: str
    weights_sha256: str
    dimension: int
    folder: str
    loader: str
    version: str

    @classmethod
    def of(cls, embedder: Embedder, folder: Path, load: EmbedderLoader | None) -> Self:
        """Return how an embedder is loaded that was loaded here by `load`.

        Raises:
            ConfigError: A worker cannot find what loads it.
        """
        return cls(
            name=embedder.name,
            weights_sha256=embedder.weights_sha256,
            dimension=embedder.dimension,
            folder=str(folder),
            loader=_name_of(load) if load else "",
            version=version("dalel"),
        )

    def load(self) -> Embedder:
        """Load it, to embed on one thread.

        Raises:
            ModelError: It cannot be loaded, or is another one than was asked for.
        """
        if self.loader:
            module, _, name = self.loader.partition(":")
            embedder: Embedder = getattr(import_module(module), name)(self.name)
        else:
            embedder = load_embedder(self.name, Path(self.folder), threads=1)
        for what, here, expected in (
            ("weights", embedder.weights_sha256[:12], self.weights_sha256[:12]),
            ("dalel", version("dalel"), self.version),
        ):
            if here != expected:
                raise ModelError(
                    f"a worker has other {what} of {self.name!r}: {here}, expected {expected}",
                    hint="install the same Dalel and the same model there",
                )
        return embedder


def embed_unit(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Embed a unit in a worker: float32 (len(texts), d).

    Raises:
        ModelError: It cannot be embedded, for whatever reason.
        MemoryError: There is no room; another worker may have more.
    """
    try:
        return np.ascontiguousarray(embedder.embed_passages(texts), "<f4")
    except (DalelError, MemoryError):
        raise
    except Exception as error:  # A model's library may raise anything.
        raise ModelError(
            f"a worker cannot embed {len(texts)} texts, the first of them {texts[0]!r:.60}"
            f" ({type(error).__name__}: {str(error)[:200]})"
        ) from error


class Workers(Protocol):
    """Processes that embed side by side, here or elsewhere."""

    @property
    def count(self) -> int:
        """How many units they embed at a time.

        Raises:
            ModelError: They cannot be reached.
        """
        ...

    def use(self, model: WorkerModel) -> None:
        """Name the model for all texts to come."""
        ...

    def submit(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        """Give out a unit of work.

        Returns:
            What waits for its result, float32 (len(texts), d), and raises `ModelError` where the
            texts cannot be embedded.
        """
        ...

    def close(self) -> None:
        """End the workers, and forget what is not done; the next unit starts them anew."""
        ...


def workers_at(setting: str | None) -> Workers | None:
    """Return the workers that a setting names; None where the process itself embeds.

    Args:
        setting: A number of processes, ray, ray:ADDRESS, or None.

    Raises:
        ConfigError: It is none of these.
    """
    if not setting:
        return None
    kind, colon, address = setting.partition(":")
    if kind == _RAY and bool(colon) == bool(address):
        from index.embedders.ray_workers import RayWorkers

        return RayWorkers(address)
    if re.fullmatch("[0-9]{1,3}", setting) and 1 <= int(setting) <= MAX_WORKERS:
        from index.embedders.worker_pool import WorkerPool

        return WorkerPool(int(setting))
    raise ConfigError(
        f"the workers are {setting!r:.80}, expected a number of processes from 1 to {MAX_WORKERS},"
        " ray or ray:ADDRESS",
        hint="leave it out, and the process itself embeds on all cores",
    )


def _name_of(load: EmbedderLoader) -> str:
    """Return MODULE:NAME of what loads models."""
    module, name = getattr(load, "__module__", ""), getattr(load, "__qualname__", "")
    if module in ("", "__main__") or not name.isidentifier():
        raise ConfigError(
            f"workers cannot find {name or repr(load)!r:.80}, which loads the model",
            hint="make it a function with a name of its own in a module, or do without workers",
        )
    return f"{module}:{name}"
