"""The two documents that ship, indexed: by the command, in homes that are new."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.plan import Plan
from eval.bench.spread import processes
from eval.bench.work import counted
from index.indexer import Indexer
from ingest.loader import read_shipped

# Run in a process, since each run needs a home of its own.
_INDEX = (
    "import sys, tempfile; from chat.cli import main\n"
    "with tempfile.TemporaryDirectory() as home:\n"
    " sys.argv = ['dalel', 'index', '--home', home]; sys.exit(main())"
)


def measure(plan: Plan, _home: Path) -> dict[str, Any]:
    """Return what indexing takes, and its work."""
    with TemporaryDirectory() as folder, counted() as work:
        contents = Indexer(Path(folder)).put(read_shipped().documents)
    return {
        **processes({"index": [sys.executable, "-c", _INDEX]}, plan.repeats),
        "passages": len(contents.chunks),
        "texts_embedded": len(work.embedded),
        "tokens_embedded": sum(work.embedded),
        "flops": work.flops_embedded,
    }
