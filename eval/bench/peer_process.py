"""One peer in a process of its own: `python -m eval.bench.peer_process NAME REQUEST ANSWER`.

REQUEST is a file of JSON: `model`, `k`, `questions` and `passages`; Dalel itself gets `documents`.
ANSWER is written: what it took, what was found, how much memory that is; or what is `missing`.
Nothing of Dalel is imported where another Python runs a peer.
"""

import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from eval.bench.ready_peers import READY_PEERS, PassageSearch
from eval.bench.spread import spread, timed

DALEL: Final = "dalel"

_WARM_UP: Final = 20
"""Questions that do not count, and are asked again: torch is slow at first."""


def main() -> int:
    """Ask a peer, and write what it took."""
    name, request, answer = sys.argv[1:]
    asked = json.loads(Path(request).read_text("utf-8"))
    missing = [] if name == DALEL else _missing(READY_PEERS[name].needs)
    took = {"missing": missing} if missing else _measured(name, asked)
    Path(answer).write_text(json.dumps(took), "utf-8")
    return 0


def _missing(needs: dict[str, str]) -> list[str]:
    """Return the packages whose module is not there."""

    def is_there(module: str) -> bool:
        try:
            return find_spec(module) is not None
        except ModuleNotFoundError:  # A package above it is not there.
            return False

    return [package for package, module in needs.items() if not is_there(module)]


def _measured(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    opened: list[PassageSearch] = []
    load = timed(lambda: opened.append(_opens(name)(asked["model"])))
    (peer,) = opened
    given = asked["documents" if name == DALEL else "passages"]
    index = timed(lambda: peer.index(given))
    for question in asked["questions"][:_WARM_UP]:
        peer.search(question, asked["k"])
    ranked: list[list[str]] = []
    asking = [
        timed(lambda: ranked.append(peer.search(question, asked["k"])[: asked["k"]]))  # noqa: B023
        for question in asked["questions"]
    ]
    more = peer.told(asked["judged"]) if name == DALEL else {}  # type: ignore[attr-defined]
    return {
        "load_seconds": round(load[0], 3),
        "index_seconds": round(index[0], 3),
        "index_processor_seconds": round(index[1], 3),
        "query_seconds": spread([seconds for seconds, _ in asking]),
        "query_processor_seconds": spread([worked for _, worked in asking]),
        "memory_mb": _memory_mb("RssAnon"),
        "most_memory_mb": _memory_mb("VmHWM"),
        "versions": {} if name == DALEL else _versions(READY_PEERS[name].needs),
        "ranked": ranked,
        **more,
    }


def _opens(name: str) -> Callable[[str], PassageSearch]:
    if name == DALEL:
        from eval.bench.dalel_peer import DalelPeer

        return DalelPeer
    return READY_PEERS[name].opens


def _versions(packages: dict[str, str]) -> dict[str, str]:
    versions = {}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:  # It comes with another package.
            continue
    return versions


def _memory_mb(field: str) -> int:
    """Return the memory that is this process's own (RssAnon), or the most with files (VmHWM)."""
    status = Path("/proc/self/status").read_text("utf-8")
    found = re.search(rf"^{field}:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    sys.exit(main())
