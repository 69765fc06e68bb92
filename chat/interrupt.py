"""Ends from outside: to a long run, `kill`, a shutdown and a closed terminal are what Ctrl-C is."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ENDS: Final = ("SIGTERM", "SIGHUP")
"""Signals that end a process and can be heeded; Windows has the first only."""


@contextmanager
def ends_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt for signals that would end the process before it has saved its work.

    What the program was started to ignore, as by nohup, it goes on to ignore. Only the main thread
    of a process may call this.
    """
    heeded = {
        number: signal.signal(number, signal.default_int_handler)
        for name in _ENDS
        if (number := getattr(signal, name, None)) and signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, before in heeded.items():
            signal.signal(number, before)
