"""What many passages cost: `python -m eval.scale` indexes them, then again with some changed.

In: passages in all, and folders of evaluation sets whose documents are taken to pieces; without
any, the sentences that the model was trained on (eval/training/parallel_passages.jsonl) and those
of the documents that ship. Out: eval/results/scale.json, for each of both runs of `dalel index` the
seconds, the processor time and the most memory. Passages are one or two sentences of one language,
drawn anew, so that most passages are new texts.

Processor time is what to compare: seconds depend on what else runs. Memory is that of the process
itself (`RssAnon` of Linux); the vectors are mapped, and the system takes those pages back.
"""

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from eval.baselines import RESULTS
from eval.formats import read_set
from index.storage.store import Store
from ingest.loader import read_shipped
from ingest.sentence import sentences

SCALE: Final = "scale"
"""Name of the file of results."""

PASSAGES: Final = 100_000
CHANGED: Final = 0.01

_FILE: Final = 100
"""Passages in a file."""

_SHORTEST, _LONGEST = 30, 150
"""Characters of a sentence that is taken."""

_LOOK_SECONDS: Final = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Make passages, index them twice, write and print what that cost."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, help="folders of evaluation sets")
    parser.add_argument("--passages", type=int, default=PASSAGES)
    parser.add_argument("--out", type=Path, default=RESULTS / f"{SCALE}.json")
    asked = parser.parse_args(arguments)
    pool = _sentences(asked.sets)
    chance = random.Random(asked.passages)
    with TemporaryDirectory() as folder:
        home, files = Path(folder) / "home", Path(folder) / "files"
        texts = [_passage(pool, chance) for _ in range(asked.passages)]
        _write(files, texts)
        first = _index(home, files)
        changed = chance.sample(range(len(texts)), max(1, round(CHANGED * len(texts))))
        for place in changed:
            texts[place] = _passage(pool, chance)
        _write(files, texts)
        second = _index(home, files)
        store = Store(home / "index")
        generation = store.folder / store.current
        size = sum(path.stat().st_size for path in generation.rglob("*"))
    result = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}",
        "passages": asked.passages,
        "characters": sum(map(len, texts)),
        "changed": len(changed),
        "index_mb": round(size / 1e6),
        "first": first,
        "second": second,
        "second_of_first": round(second["processor_seconds"] / first["processor_seconds"], 4),
    }
    text = json.dumps(result, indent=1) + "\n"
    asked.out.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def make_passages(count: int, sets: Sequence[Path] = ()) -> list[str]:
    """Return so many passages, of one or two sentences; the same ones each time."""
    pool, chance = _sentences(sets), random.Random(count)
    return [_passage(pool, chance) for _ in range(count)]


def _sentences(sets: Iterable[Path]) -> list[list[str]]:
    """Return sentences, a list for each language, every sentence once."""
    pool: dict[str, dict[str, None]] = {}
    for text, language in _texts(sets):
        for start, end in sentences(text):
            if _SHORTEST <= end - start <= _LONGEST:
                pool.setdefault(language, {})[" ".join(text[start:end].split())] = None
    return [[*texts] for _, texts in sorted(pool.items())]


def _texts(sets: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Yield texts, each with its language."""
    documents = [document for path in sets for document in read_set(path).documents or ()]
    for document in documents or read_shipped().documents:
        yield document.text, document.language
    if not documents:
        rows = (resources.files("eval.training") / "parallel_passages.jsonl").read_text("utf-8")
        for row in map(json.loads, rows.splitlines()):
            for language, texts in row["sentences"].items():
                yield "\n".join(texts), language


def _passage(pool: Sequence[Sequence[str]], chance: random.Random) -> str:
    return " ".join(chance.sample(chance.choice(pool), chance.randint(1, 2)))


def _write(folder: Path, texts: Sequence[str]) -> None:
    """Write passages as JSON lines, some in a file; a file that stays the same is left alone."""
    folder.mkdir(exist_ok=True)
    for start in range(0, len(texts), _FILE):
        rows = (
            json.dumps({"_id": str(start + place), "text": text}, ensure_ascii=False)
            for place, text in enumerate(texts[start : start + _FILE])
        )
        path, text = folder / f"{start:08d}.jsonl", "".join(f"{row}\n" for row in rows)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def _index(home: Path, files: Path) -> dict[str, Any]:
    """Index files by the program that people use, and watch what it takes."""
    dalel = str(Path(sys.executable).with_name("dalel"))
    started = time.monotonic()
    process = subprocess.Popen(
        [dalel, "index", "--home", str(home), str(files)], stdout=subprocess.DEVNULL
    )
    memory_kb = resident_kb = 0
    while True:
        memory_kb = max(memory_kb, _memory_kb(process.pid, "RssAnon"))
        resident_kb = max(resident_kb, _memory_kb(process.pid, "VmHWM"))
        # `wait4` tells what this child took, and its own children.
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_LOOK_SECONDS)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"dalel index ended with {process.returncode}, expected 0")
    return {
        "seconds": round(time.monotonic() - started, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": round(memory_kb / 1024),
        "with_mapped_files_mb": round(resident_kb / 1024),
    }


def _memory_kb(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:  # It has just ended, or this is not Linux.
        return 0
    found = re.search(rf"^{name}:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
