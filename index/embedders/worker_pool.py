"""Workers that are processes of this machine: who is killed is replaced, and its unit done again.

The processes start with the first units. They have pipes to this process and nothing else in
common with it, speak JSON and bytes (index/embedders/worker_process.py), and end when it ends,
however it ends.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np

from index.embedders.embedder import Vectors
from index.embedders.workers import ATTEMPTS, WorkerModel
from ingest.errors import ModelError

_ROOT: Final = Path(__file__).resolve().parents[2]

_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
) | {"TOKENIZERS_PARALLELISM": "false"}
"""What keeps a library from starting a thread for each core in each process."""

_END_SECONDS: Final = 10
"""How long a process may take to end that has closed its output."""

_HINT: Final = "free memory or name fewer workers; what was indexed before is untouched"


class WorkerPool:
    """`Workers` that are processes of this machine."""

    def __init__(self, count: int) -> None:
        """Name how many; none is started yet."""
        self.count = count
        self._model: WorkerModel | None = None
        self._threads: ThreadPoolExecutor | None = None  # One waits for each process.
        self._lock = Lock()  # Of what follows.
        self._idle: list[_Worker] = []
        self._living: set[_Worker] = set()
        self._is_open = False

    def use(self, model: WorkerModel) -> None:
        """Name the model for all texts to come."""
        if model != self._model:
            self.close()
            self._model = model

    def submit(self, texts: Sequence[str]) -> Callable[[], Vectors]:
        """Give out a unit of work; return what waits for its vectors."""
        if self._threads is None:
            self._is_open = True
            self._threads = ThreadPoolExecutor(self.count, "worker")
        return self._threads.submit(self._embed, texts).result

    def close(self) -> None:
        """Kill the processes, and forget what is not done."""
        with self._lock:
            self._is_open = False
            self._idle = []
            living = [*self._living]
        threads, self._threads = self._threads, None
        for worker in living:
            worker.kill()
        if threads:
            threads.shutdown(cancel_futures=True)
        for worker in living:  # No thread waits for any of them now.
            self._end(worker)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        assert self._model
        for _ in range(ATTEMPTS):
            worker = self._take()
            vectors = worker.embed(texts, self._model.dimension)
            if vectors is not None:
                with self._lock:
                    self._idle.append(worker)
                return vectors
            code = self._end(worker)
        raise ModelError(
            f"{len(texts)} texts, the first of them {texts[0]!r:.60}, ended the process that embeds"
            f" them {ATTEMPTS} times (exit code {code})",
            hint=_HINT,
        )

    def _take(self) -> "_Worker":
        """Return a process that has loaded the model.

        Raises:
            ModelError: None can be had.
            CancelledError: Nobody waits for it any more.
        """
        assert self._model
        for _ in range(ATTEMPTS):
            with self._lock:
                if not self._is_open:
                    raise CancelledError
                worker = self._living_idle()
                if worker:
                    return worker
                worker = _Worker()
                self._living.add(worker)
            if worker.loads(self._model):
                return worker
            code = self._end(worker)
        raise ModelError(
            f"the process that embeds ended {ATTEMPTS} times before it had loaded the model"
            f" {self._model.name!r} (exit code {code})",
            hint=_HINT,
        )

    def _living_idle(self) -> "_Worker | None":
        """Return a process that has nothing to do; one that ended meanwhile is no unit's fault."""
        while self._idle:
            worker = self._idle.pop()
            if worker.lives():
                return worker
            self._living.discard(worker)
            worker.end()
        return None

    def _end(self, worker: "_Worker") -> int:
        with self._lock:
            self._living.discard(worker)
        return worker.end()


class _Worker:
    """One process, which answers one request after the other."""

    def __init__(self) -> None:
        """Start it.

        Raises:
            ModelError: It does not start.
        """
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        try:
            # -P: no module of the folder that Dalel was started in, which may hold a stranger's
            # files. A session of its own: Ctrl-C is for the process that asks.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "index.embedders.worker_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _ONE_THREAD | {"PYTHONPATH": path},
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(
                f"the process that embeds does not start ({error.strerror})", hint=_HINT
            ) from None

    def loads(self, model: WorkerModel) -> bool:
        """Load the model; return False if the process has ended.

        Raises:
            ModelError: The model cannot be loaded.
        """
        return self._ask(model._asdict()) is not None

    def embed(self, texts: Sequence[str], dimension: int) -> Vectors | None:
        """Return the vectors of texts; None if the process has ended.

        Raises:
            ModelError: The texts cannot be embedded.
        """
        header = self._ask(texts)
        if header is None or self._process.stdout is None:
            return None
        data = self._process.stdout.read(header["bytes"])
        if len(data) < header["bytes"]:
            return None
        return np.frombuffer(data, "<f4").reshape(len(texts), dimension)

    def _ask(self, request: object) -> dict[str, Any] | None:
        """Return the first line of the answer; None if the process has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both ends were asked for")
        with suppress(BrokenPipeError):  # It ended; the line below is then none.
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            return None
        header: dict[str, Any] = json.loads(line)
        if "error" in header:
            raise ModelError(header["error"], hint=header["hint"])
        return header

    def lives(self) -> bool:
        """Return whether the process has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()

    def end(self) -> int:
        """Wait until the process has ended, and return its exit code."""
        try:
            code = self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # Bytes that it never took are left.
                    pipe.close()
        return code
