"""Which modules of ours run while something is done: `python tests/executed_modules.py [QUESTION]`.

Counts modules of which a function runs, not those that are only imported. Without a question, it
asks one of the two documents that ship, in a home of its own.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

ROOT = Path(__file__).parent.parent
PACKAGES = ("ingest", "index", "prompts", "chat", "eval")


def executed_modules(action: Callable[[], object]) -> list[str]:
    """Return the Python files of ours of which something runs during an action, sorted."""
    folders = tuple(f"{ROOT / package}/" for package in PACKAGES)
    seen: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(folders) and name.endswith(".py"):
            seen.add(Path(name).relative_to(ROOT).as_posix())

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(before)
    return sorted(seen)


def main() -> int:
    """Print the modules of one quoted answer, and how many the pipeline imports in all."""
    from chat.pipeline import answer

    reached = [name for name in sys.modules if name.split(".")[0] in PACKAGES]
    from index.indexer import Indexer
    from ingest.loader import read_shipped

    question = sys.argv[1] if len(sys.argv) > 1 else "Қытаймен шарт қай жылы жасалды?"
    with TemporaryDirectory() as home:
        indexer = Indexer(Path(home))
        indexer.put(read_shipped().documents)
        retriever = indexer.open()
        answer("Арал теңізі неге тартылды?", retriever)
        modules = executed_modules(lambda: answer(question, retriever))
    sys.stdout.write("\n".join(modules) + "\n")
    sys.stdout.write(f"{len(modules)} modules run; chat/pipeline.py imports {len(reached)}\n")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
