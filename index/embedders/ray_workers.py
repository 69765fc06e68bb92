"""Workers that Ray starts, on this machine or on the machines of a cluster.

Each unit is a task, which Ray gives to another process, or another machine, when one is lost. The
machines have the same Dalel installed: they are sent texts, and send vectors. This is the only file
that imports ray; Moritz et al. 2018, arXiv:1712.05889.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from threading import current_thread, main_thread
from typing import Any, Final

from index.embedders.embedder import Embedder, Vectors
from index.embedders.workers import ATTEMPTS, WorkerModel, embed_unit
from ingest.errors import DalelError, ModelError

_KNOCK_SECONDS: Final = 10


class RayWorkers:
    """`Workers` of a Ray cluster."""

    def __init__(self, address: str = "") -> None:
        """Name the cluster; it is connected to when it is needed.

        Args:
            address: HOST:PORT, or ray://HOST:PORT of its client server; empty for the cluster that
                RAY_ADDRESS names, or that runs here, or else for this machine alone.
        """
        self._address = address
        self._model: WorkerModel | None = None
        self._ray: Any = None
        self._task: Any = None
        self._is_own = False  # Whether it was connected to here, and not by the program before.

    @property
    def count(self) -> int:
        """How many units are embedded at a time: one a processor of the cluster.

        Raises:
            ModelError: The cluster cannot be reached.
        """
        return max(1, int(self._connected().cluster_resources().get("CPU", 1)))

    def use(self, model: WorkerModel) -> None:
        """Name the model for all texts to come."""
        self._model = model

    def submit(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        """Give out a unit of work; return what waits for its vectors."""
        self._connected()
        result = self._task.remote(self._model, list(texts))
        return lambda: self._vectors(result, texts)

    def close(self) -> None:
        """Leave the cluster, which forgets what is not done; one that was started here ends."""
        ray, self._ray = self._ray, None
        if ray and self._is_own:
            ray.shutdown()

    def _vectors(self, result: Any, texts: Sequence[str]) -> Vectors:  # noqa: ANN401
        try:
            done: Vectors | tuple[str, str] = self._ray.get(result)
        except self._ray.exceptions.RayError as error:
            raise ModelError(
                f"{len(texts)} texts, the first of them {texts[0]!r:.60}, were not embedded by Ray"
                f" in {ATTEMPTS} attempts ({type(error).__name__})",
                hint="see the state of the cluster; what was indexed before is untouched",
            ) from error
        if isinstance(done, tuple):
            message, hint = done
            raise ModelError(message, hint=hint)
        return done

    def _connected(self) -> Any:  # noqa: ANN401  (ray is not everywhere)
        if self._ray is None:
            self._ray, self._is_own = _connect(self._address)
            # A task whose process or machine is lost, or full, is done again.
            again = {"max_retries": ATTEMPTS - 1, "retry_exceptions": [MemoryError]}
            self._task = self._ray.remote(num_cpus=1, **again)(_embed)
        return self._ray


def _connect(address: str) -> tuple[Any, bool]:
    """Return ray, connected to a cluster, and whether it was not before."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # It would report home.
    try:
        import ray
    except ImportError:
        raise ModelError(
            "Ray is not installed", hint="pip install -e '.[ray]', or use --workers N without it"
        ) from None
    if ray.is_initialized():
        return ray, False
    try:
        _knock(address)
        with _own_end():
            ray.init(address=address or None, logging_level=logging.ERROR, log_to_driver=False)
    # What an address that is none, or a cluster of another version, raise is not documented.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"the Ray cluster {address or 'of this machine'!r} cannot be reached ({reason:.200})",
            hint="check its address and `ray status`, or use --workers N without it",
        ) from error
    # It would write into the output of the command that a worker was replaced.
    ray._private.worker._worker_logs_enabled = False
    return ray, True


def _knock(address: str) -> None:
    """See that somebody listens at an address: Ray itself tries again for many minutes.

    Raises:
        OSError: Nobody does.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if host and port.isdecimal():
        with socket.create_connection((host.strip("[]"), int(port)), _KNOCK_SECONDS):
            pass


@contextmanager
def _own_end() -> Iterator[None]:
    """Keep what the process does on SIGTERM: Ray would end it at once, with nothing saved."""
    ended = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if current_thread() is main_thread():  # No other may, and Ray does not.
            signal.signal(signal.SIGTERM, ended)


def _embed(model: WorkerModel, texts: Sequence[str]) -> Vectors | tuple[str, str]:
    """Embed a unit in a process of Ray: its vectors, or message and hint of an error."""
    try:
        return embed_unit(_loaded(model), texts)
    except DalelError as error:
        return str(error), error.hint


@cache
def _loaded(model: WorkerModel) -> Embedder:
    return model.load()
