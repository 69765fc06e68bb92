"""What a command takes from its start to its end: --help, and a question on an index that is there.

A Python that does nothing is the least that any program in Python takes. Importing
sentence-transformers and loading the same model is what a program would do that asks it once.
"""

import sys
from pathlib import Path
from typing import Any, Final

from chat.pipeline import answer
from chat.reader_model import reader_model
from eval.bench.plan import Plan
from eval.bench.spread import processes
from eval.bench.trunk_folder import write_trunk
from eval.bench.work import counted
from index.indexer import Indexer

QUESTION: Final = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"

_LOAD: Final = (
    "import sys; from sentence_transformers import SentenceTransformer;"
    " SentenceTransformer(sys.argv[1], local_files_only=True)"
)


def measure(plan: Plan, home: Path) -> dict[str, Any]:
    """Return what each command takes, and the work of the question."""
    dalel = str(Path(sys.executable).with_name("dalel"))
    trunk = write_trunk(home / "models" / "trunk")
    commands = {
        "python": [sys.executable, "-c", "pass"],
        "help": [dalel, "--help"],
        "ask": [dalel, "ask", "--home", str(home), QUESTION],
    }
    others = {"sentence_transformers": [sys.executable, "-c", _LOAD, str(trunk)]}
    retriever = Indexer(home).open()
    reader_model().forget()  # As in a new process.
    with counted(retriever) as work:
        answer(QUESTION, retriever)
    return {
        **processes(commands, plan.processes),
        **processes(others, plan.repeats),
        "flops": work.flops_embedded + work.flops_read,
        "vector_bytes": work.vector_bytes,
    }
