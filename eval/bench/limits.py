"""What the machine can do at most: bytes of memory read and numbers multiplied a second.

`python -m eval.bench.limits` measures with as many threads as numpy takes; `machine_limits` runs it
twice, with one thread and with all. Memory: a matrix times a vector, as a flat search of vectors
does, on a matrix that no cache holds. Arithmetic: the matrix products of the trunk of both models,
in float32, for texts of several lengths; each of the twelve layers has weights of its own, as in
the model. Of the repeats the best one counts: it is a limit, and what else runs only lowers it.

A figure's limit is the larger of both: the bytes that it cannot but read, by the one rate, and the
products that it cannot but compute, by the other.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

WIDTH: Final = 384
INNER: Final = 1536
LAYERS: Final = 12
"""The trunk of the retriever and of the reader: multilingual-e5-small."""

TRUNK_WEIGHTS: Final = LAYERS * (4 * WIDTH**2 + 2 * WIDTH * INNER)
"""Numbers in the matrices of the trunk, which each token is multiplied with: 21.2 million."""

TOKENS: Final = (16, 64, 128, 512)
"""Lengths of texts: a question, a sentence, a window that is read, the longest passage."""

ROWS: Final = 262_144
"""Vectors of the matrix that is read: 403 MB."""

_REPEATS: Final = 5

_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def trunk_flops(tokens: int) -> int:
    """Return the floating-point operations of one text in the trunk.

    Two for each weight and token; and in attention, for each layer, as many tokens squared times
    the width, twice: to compare tokens, and to add them up.

    >>> trunk_flops(100) / 1e9
    4.4310528
    """
    return 2 * TRUNK_WEIGHTS * tokens + LAYERS * 4 * tokens**2 * WIDTH


def machine_limits(
    rows: int = ROWS, tokens: Sequence[int] = TOKENS, repeats: int = _REPEATS
) -> dict[str, dict[str, Any]]:
    """Measure the machine.

    Args:
        rows: Vectors that are read.
        tokens: Lengths of texts.
        repeats: How often each is done.

    Returns:
        By "one" thread and "all": `bytes_per_second`, `flops_per_second`, and of the latter that of
        each length of text, `by_tokens`.
    """
    sizes = [*map(str, (rows, repeats, *tokens))]
    one = _in_a_process(sizes, dict.fromkeys(_THREADS, "1"))
    return {"one": one, "all": _in_a_process(sizes, {})}


def _in_a_process(sizes: list[str], threads: dict[str, str]) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name not in _THREADS}
    command = [sys.executable, "-m", "eval.bench.limits", *sizes]
    done = subprocess.run(
        command, env=environment | threads, capture_output=True, text=True, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def main() -> int:
    """Print what this process can do."""
    rows, repeats, *lengths = map(int, sys.argv[1:])
    by_tokens = {str(tokens): round(_flops_per_second(tokens, repeats)) for tokens in lengths}
    rates = {
        "bytes_per_second": round(_bytes_per_second(rows, repeats)),
        "flops_per_second": max(by_tokens.values()),
        "by_tokens": by_tokens,
    }
    sys.stdout.write(json.dumps(rates))
    return 0


def _bytes_per_second(rows: int, repeats: int) -> float:
    vectors, query = np.ones((rows, WIDTH), np.float32), np.ones(WIDTH, np.float32)
    return vectors.nbytes / _best(lambda: vectors @ query, repeats)


def _flops_per_second(tokens: int, repeats: int) -> float:
    chance = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return chance.standard_normal((rows, columns), np.float32)

    shapes = [*4 * [(WIDTH, WIDTH)], (WIDTH, INNER), (INNER, WIDTH)]
    weights = [matrix(*shape) for _ in range(LAYERS) for shape in shapes]
    inputs = {rows: matrix(tokens, rows) for rows, _ in shapes}

    def products() -> None:
        for weight in weights:
            inputs[len(weight)] @ weight

    return 2 * TRUNK_WEIGHTS * tokens / _best(products, repeats)


def _best(action: Callable[[], object], repeats: int) -> float:
    """Return the least seconds of some calls, after one that does not count."""
    seconds = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return min(seconds[1:])


if __name__ == "__main__":
    sys.exit(main())
