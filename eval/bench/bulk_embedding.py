"""Many passages embedded: by Dalel, and by plain sentence-transformers in float32, in turn.

Each is a process of its own that waits for its turn, so that neither's threads get in the other's
way. `python -m eval.bench.bulk_embedding ENGINE FOLDER` is such a process: a line of JSON with
texts comes in, one with seconds, processor seconds and the first vector goes out.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np

from eval.bench.limits import trunk_flops
from eval.bench.plan import Plan
from eval.bench.spread import spreads, timed
from eval.bench.trunk_folder import write_trunk
from index.embedders.embedded import embedded_model
from index.embedders.embedder import Vectors

ENGINES: Final = ("dalel", "sentence_transformers")

_WARM_UP: Final = 8


def measure(plan: Plan, home: Path) -> dict[str, Any]:
    """Return what both take, the work of it, and how near their vectors are."""
    trunk = write_trunk(home / "models" / "trunk")
    texts = written_passages(plan.passages)
    engines = {name: _Engine(name, trunk) for name in ENGINES}
    try:
        for engine in engines.values():
            engine.embed(texts[:_WARM_UP])
        rounds = [
            {name: engine.embed(texts) for name, engine in engines.items()}
            for _ in range(plan.repeats)
        ]
    finally:
        for engine in engines.values():
            engine.end()
    tokens = list(map(embedded_model().count_tokens, texts))
    first = [np.array(took["vector"], np.float32) for took in rounds[0].values()]
    return {
        name: spreads([(took[name]["seconds"], took[name]["processor"]) for took in rounds])
        for name in ENGINES
    } | {
        "passages": len(texts),
        "tokens": sum(tokens),
        "flops": sum(map(trunk_flops, tokens)),
        "cosine": round(float(first[0] @ first[1]), 6),
    }


def written_passages(count: int) -> list[str]:
    """Return the first passages that Dalel's models were taught with, of two or three sentences."""
    rows = (resources.files("eval.training") / "search_passages.jsonl").read_text("utf-8")
    return [json.loads(row)["text"] for row in rows.splitlines()[:count]]


class _Engine:
    """A process that embeds."""

    def __init__(self, name: str, folder: Path) -> None:
        command = [sys.executable, "-m", "eval.bench.bulk_embedding", name, str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def embed(self, texts: Sequence[str]) -> dict[str, Any]:
        """Embed texts; return what it took.

        Raises:
            RuntimeError: The process has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(texts) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        took: dict[str, Any] = json.loads(line)
        return took

    def end(self) -> None:
        """End the process, and wait for it."""
        self._process.communicate()


def main() -> int:
    """Embed what comes in, line by line."""
    engine, folder = sys.argv[1:]
    embed = {"dalel": _dalel, "sentence_transformers": _sentence_transformers}[engine](folder)
    for line in sys.stdin:
        texts, vectors = json.loads(line), []
        seconds, processor = timed(lambda: vectors.append(embed(texts)))  # noqa: B023
        took = {"seconds": seconds, "processor": processor, "vector": vectors[0][0].tolist()}
        sys.stdout.write(json.dumps(took) + "\n")
        sys.stdout.flush()
    return 0


def _dalel(_folder: str) -> Callable[[Sequence[str]], Vectors]:
    return embedded_model().embed_passages


def _sentence_transformers(folder: str) -> Callable[[Sequence[str]], Vectors]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, local_files_only=True)
    return lambda texts: np.asarray(model.encode([*texts], prompt_name="passage"))


if __name__ == "__main__":
    sys.exit(main())
