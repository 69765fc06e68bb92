"""A progress bar on a terminal, silence in a pipe.

In: (done, of all) as work goes on. Out: a bar with an estimate on standard error.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from index.embed import Progress, no_progress


@contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """Show how far some work has come while the block runs."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
