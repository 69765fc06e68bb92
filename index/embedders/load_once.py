"""Loads what a process needs once, in whichever thread asks for it first."""

from collections.abc import Callable
from functools import cache, wraps
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


def load_once(load: Callable[[], T]) -> Callable[[], T]:
    """Return a function that loads at its first call, and gives what was loaded ever after.

    Threads that ask meanwhile wait for it: `functools.cache` alone would load it in each of them.
    What cannot be loaded is tried again at the next call.
    """
    lock, loaded = Lock(), cache(load)

    @wraps(load)
    def once() -> T:
        with lock:
            return loaded()

    return once
