"""The page without its answers: `python -m eval.echo HOME PORT` says back what it is asked.

In: a home, a port. Out: the same components, the same guard, nothing looked up. What the page can
do at most on a machine: eval/bench.py holds the real one against it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from chat.config import Settings
from chat.web.serve import serve
from chat.web.site import Site
from chat.web.turns import Turn
from index.library import Library
from index.live import Live
from index.retrieve import IndexRetriever


def echo(
    message: object, _earlier: list[Turn], _index: IndexRetriever, *_more: object
) -> Iterator[Turn]:
    """Yield a turn that only says what was asked."""
    yield Turn(str(message), None, {})


def main() -> int:
    """Serve until interrupted."""
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    library = Library(home)
    site = Site(live=Live(library, library.open()), settings=Settings(home), respond=echo)
    serve(site, host="127.0.0.1", port=port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
