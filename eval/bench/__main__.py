"""How fast it is: `python -m eval.bench` measures and writes eval/results/bench.json.

Each part is measured with what the machine can do beside it, in the same run, and says when and
with which version: `--only PART …` measures some parts anew and leaves the others. Others that find
passages are asked in the Python that `--peers-python` names, where they are installed.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from eval.baselines import RESULTS
from eval.bench import (
    bulk_embedding,
    indexing_time,
    page_load,
    peers,
    query_path,
    start_up,
    warm_answer,
)
from eval.bench.limits import machine_limits
from eval.bench.plan import FULL, SMALL, Plan
from index.indexer import Indexer
from ingest.loader import read_shipped

BENCH: Final = "bench"
"""Name of the file of results."""

PARTS: Final[dict[str, Callable[[Plan, Path], dict[str, Any]]]] = {
    "start_up": start_up.measure,
    "warm_answer": warm_answer.measure,
    "bulk_embedding": bulk_embedding.measure,
    "indexing": indexing_time.measure,
    "query_path": query_path.measure,
    "page": page_load.measure,
    "peers": peers.measure,
}
"""What is measured, by name: by a plan, in a home where the documents that ship are indexed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write after each part, and print; 1 if a peer that is there could not be asked."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--small", action="store_true", help="only to see that all of it runs")
    parser.add_argument("--out", type=Path, default=RESULTS / f"{BENCH}.json")
    parser.add_argument("--peers-python", type=Path, default=Path(sys.executable))
    asked = parser.parse_args(arguments)
    plan = replace(SMALL if asked.small else FULL, peers_python=asked.peers_python)
    result = json.loads(asked.out.read_text("utf-8")) if asked.out.exists() else {}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        Indexer(home).put(read_shipped().documents)
        for name in PARTS:
            if name in asked.only:
                sys.stdout.write(f"{name} …\n")
                sys.stdout.flush()
                result[name] = part = measured(name, plan, home)
                parts = {one: result[one] for one in PARTS if one in result}
                asked.out.write_text(json.dumps(parts, indent=1) + "\n", "utf-8")
                sys.stdout.write(json.dumps(part, indent=1) + "\n")
    ran = result.get("peers", {}).get("peers", {}) if "peers" in asked.only else {}
    return int(any("failed" in took for took in ran.values()))


def measured(name: str, plan: Plan, home: Path) -> dict[str, Any]:
    """Measure a part, and the machine before it."""
    started = time.monotonic()
    limits = machine_limits(plan.rows, plan.tokens, plan.repeats)
    figures = PARTS[name](plan, home)
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": version("dalel"),
        "machine": f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "took_seconds": round(time.monotonic() - started, 1),
        "limits": limits,
        **figures,
    }


def _processor() -> str:
    """Return what the processor is called; its architecture where it has no name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:  # Not Linux.
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(filter(None, names), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
