"""Faults of a disk: the k-th call that touches it fails, or kills the process.

In: k, from 1, and what is to happen there. The calls counted are those that change the disk or wait
for it; with `home`, those that read or delete a file below it as well.
"""

import builtins
import errno
import io
import os
from contextlib import contextmanager
from functools import partial
from itertools import count

import pytest

CHANGES = ("fsync", "replace", "mkdir", "open")
DELETIONS = ("unlink", "rmdir")

ERRORS = {
    "disk full": partial(OSError, errno.ENOSPC, os.strerror(errno.ENOSPC)),
    "bad disk": partial(OSError, errno.EIO, os.strerror(errno.EIO)),
    "not allowed": partial(PermissionError, errno.EACCES, os.strerror(errno.EACCES)),
    "not permitted": partial(PermissionError, errno.EPERM, os.strerror(errno.EPERM)),
    "no memory": MemoryError,
    "interrupted": KeyboardInterrupt,
}


@contextmanager
def watching(act, home=None):
    """Call `act(name, path)` before each call that changes the disk or waits for it.

    Args:
        act: What is called.
        home: A folder: files below it that are opened to be read, or deleted, count as well.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in (*CHANGES, *(DELETIONS if home else ())):
            patch.setattr(os, name, _told(getattr(os, name), partial(act, name)))
        for module in (io, builtins):
            patch.setattr(module, "open", _open_told(module.open, act, home))
        yield


def _told(call, act):
    def wrapped(target, *rest, **named):
        act(target)
        return call(target, *rest, **named)

    return wrapped


def _open_told(call, act, home):
    def wrapped(path, mode="r", *rest, **named):
        if not set(mode).isdisjoint("wax+"):
            act("write", path)
        elif home and isinstance(path, str | os.PathLike) and str(home) in str(path):
            act("read", path)
        return call(path, mode, *rest, **named)

    return wrapped


@contextmanager
def fault_at(k, act, home=None):
    """Run `act` at the k-th call, k from 1; yields a list that then holds the call's name."""
    calls, fired = count(1), []

    def step(name, _target):
        if next(calls) == k:
            fired.append(name)
            act()

    with watching(step, home):
        yield fired


def raising(error):
    def act():
        raise error

    return act
