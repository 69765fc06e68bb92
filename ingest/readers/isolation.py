"""Parsing in a process of its own, with limits to its time and memory.

In: a file's bytes and its name's ending. Out: what its reader gives, or a `CorpusError` that says
why not: whatever the file does to its parser, this process goes on. One process reads file after
file, until one breaks it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from ingest.document import Block, Parsed
from ingest.errors import CorpusError

SECONDS: Final = 90
"""Time that a file may take, besides ten seconds a megabyte."""

RECOGNITION_SECONDS: Final = 660
"""Time that a PDF may take, since tesseract may read its pages."""

# No key, token or password of this process is for a parser to see.
_ENVIRONMENT: Final = frozenset(
    "PATH LD_LIBRARY_PATH LANG LC_ALL SYSTEMROOT TESSDATA_PREFIX TMPDIR".split()
)
_ROOT: Final = Path(__file__).resolve().parents[2]


class ParsingProcess:
    """Reads files in another process, which starts with the first one. To be used with `with`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, and what it has started."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):  # Bytes that it never took are left.
                        pipe.close()

    def read(self, ending: str, data: bytes, encoding: str | None) -> list[Parsed]:
        """Read a file.

        Args:
            ending: A key of READERS.
            data: The whole file.
            encoding: Codec of text files that are not Unicode; None to go by their bytes.

        Raises:
            CorpusError: The reader refused the file, it broke the parser, or it took too long.
        """
        seconds = RECOGNITION_SECONDS if ending == ".pdf" else SECONDS + 10 * (len(data) >> 20)
        answer = self._ask(ending, data, encoding, seconds)
        if answer["last"]:
            self.close()
        if "error" in answer:
            raise CorpusError(answer["error"], hint=answer["hint"])
        return [_parsed(row) for row in answer["parsed"]]

    def _ask(self, ending: str, data: bytes, encoding: str | None, seconds: float) -> Any:  # noqa: ANN401
        process = self._process = self._process or _start()
        if process.stdin is None or process.stdout is None:
            raise AssertionError("both ends were asked for")
        late = threading.Event()

        def stop() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            request = {"ending": ending, "encoding": encoding, "size": len(data)}
            with contextlib.suppress(BrokenPipeError):  # Its last words are read below.
                process.stdin.write(json.dumps(request).encode() + b"\n" + data)
                process.stdin.flush()
            line = process.stdout.readline()
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            raise self._broken(process, seconds if late.is_set() else 0)
        if late.is_set():  # It answered as its time ended: it is killed, and no use any more.
            self.close()
        return json.loads(line)

    def _broken(self, process: subprocess.Popen[bytes], seconds: float) -> CorpusError:
        code = process.wait()
        self.close()
        if seconds:
            reason = f"it was not read in {seconds:.0f} s"
        elif code == -getattr(signal, "SIGXCPU", 0):
            reason = "it takes too much processor time"
        else:
            reason = f"it breaks the program that reads it (exit code {code})"
        return CorpusError(reason, hint="open it and save it anew, or cut it in parts")


def _start() -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        # -P: no module of the folder that Dalel was started in, which may hold a stranger's files.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.readers.parsing_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # One thread: numpy, which openpyxl loads, takes address space for each.
            env=kept | {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )
    except OSError as error:
        raise CorpusError(
            f"the process that parses files does not start ({error.strerror})",
            hint="close other programs, then try again",
        ) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _parsed(row: dict[str, Any]) -> Parsed:
    return Parsed(
        **row
        | {
            "pages": tuple((start, end) for start, end in row["pages"]),
            "blocks": tuple(Block(*block) for block in row["blocks"]),
            "left_out": tuple(row["left_out"]),
            "notes": tuple(row["notes"]),
        }
    )
