"""A process that embeds for another one: a unit in, vectors out, until its input ends.

In, by standard input: a line of JSON for the model (`WorkerModel`), then one for each unit, a list
of texts. Out, by standard output: for each a line of JSON, for a unit followed by its vectors,
float32, little endian. The input ends with the process that asks, however that ends.
index/embedders/worker_pool.py starts it and knows the other end.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from index.embedders.embedder import Embedder
from index.embedders.workers import WorkerModel, embed_unit
from ingest.errors import DalelError


def main() -> None:
    """Embed what standard input brings, until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    # Whatever a library prints must not come between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # Where memory runs out Linux ends a worker, and not the process that keeps what is done.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    with suppress(BrokenPipeError):  # Who asked is gone.
        _serve(sys.stdin.buffer, answers)


def _serve(requests: BinaryIO, answers: BinaryIO) -> None:
    embedder: Embedder | None = None
    # A line without its end is of a process that was killed as it wrote.
    while (line := requests.readline()).endswith(b"\n"):
        try:
            if embedder is None:
                embedder = WorkerModel(**json.loads(line)).load()
                _write(answers, {"ready": os.getpid()})
                continue
            data = embed_unit(embedder, json.loads(line)).tobytes()
        except DalelError as error:
            _write(answers, {"error": str(error), "hint": error.hint})
        else:
            _write(answers, {"bytes": len(data)}, data)


def _write(answers: BinaryIO, header: dict[str, Any], data: bytes = b"") -> None:
    rest = memoryview(json.dumps(header).encode() + b"\n" + data)
    while rest:
        rest = rest[answers.write(rest) :]


if __name__ == "__main__":
    main()
