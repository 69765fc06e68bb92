"""How tests wait for another process or thread: for its state, however busy the machine is."""

import time

PATIENT_SECONDS = 300
"""After so long something hangs: a limit for what comes in a second or two on a free machine."""

HANGING_SECONDS = 2 * PATIENT_SECONDS
"""How long a stand-in hangs that nobody is to wait for."""


def wait_until(is_so, process=None):
    """Wait until a function says so; a process that was to make it so must live."""
    end = time.monotonic() + PATIENT_SECONDS
    while not is_so():
        assert process is None or process.poll() is None, "the process ended"
        assert time.monotonic() < end, f"not so after {PATIENT_SECONDS} seconds"
        time.sleep(0.01)
