"""The process in which files are parsed: a file that breaks its parser breaks nothing else.

In, by standard input: for each file a line of JSON (its ending, an encoding, its size), then its
bytes. Out, by standard output: for each a line of JSON, what was read or why not. It has no secrets
in its environment, and limits to its memory and processor time; ingest/readers/isolation.py starts
it and knows the other end.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO, Final

from ingest.errors import CorpusError
from ingest.readers import READERS

MAX_MEMORY: Final = 1 << 30
"""Bytes of address space that a file may take, besides eight times its own size."""

CPU_SECONDS: Final = 60
"""Processor time that a file may take, besides five seconds a megabyte."""

_REUSABLE_GROWTH: Final = 256 << 20  # bytes; what grew by more starts anew with the next file


def main() -> None:
    """Parse what standard input names, until it ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not come between the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    requests = sys.stdin.buffer
    before = _peak()  # Linux counts what the process held that started this one.
    while line := requests.readline():
        answer = _answer(json.loads(line), requests)
        answer["last"] = answer["last"] or _peak() - before > _REUSABLE_GROWTH
        answers.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        answers.flush()
        if answer["last"]:
            return


def _answer(request: dict[str, Any], requests: BinaryIO) -> dict[str, Any]:
    size = request["size"]
    _limit(size)
    reader = READERS[request["ending"]]
    try:
        data = requests.read(size)
        parsed = [asdict(each) for each in reader(data, request["encoding"])]
    except CorpusError as error:
        return {"error": str(error), "hint": error.hint, "last": False}
    except MemoryError:
        return _refusal("it takes too much memory, expected under 1 GB")
    except RecursionError:
        return _refusal("it is nested too deeply, expected under 1,000 levels")
    except Exception as error:  # noqa: BLE001  (at hostile bytes, a library may raise anything)
        return _refusal(f"a damaged file ({type(error).__name__}: {str(error)[:200]})")
    return {"parsed": parsed, "last": False}


def _refusal(message: str) -> dict[str, Any]:
    # What failed may have left the libraries in any state.
    return {"error": message, "hint": "open it and save it anew, or cut it in parts", "last": True}


def _limit(size: int) -> None:
    """Limit what the next file may take; systems without such limits are left without them."""
    try:
        import resource
    except ImportError:  # Windows
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime) + 1
    for what, soft in (
        (resource.RLIMIT_AS, MAX_MEMORY + 8 * size),
        (resource.RLIMIT_CPU, spent + CPU_SECONDS + 5 * (size >> 20)),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        within = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
        try:
            resource.setrlimit(what, (within, hard))
        except (OSError, ValueError):  # macOS refuses some.
            continue


def _peak() -> int:
    """Return the most bytes of memory that the process has held; 0 where no one counts them."""
    try:
        import resource
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
