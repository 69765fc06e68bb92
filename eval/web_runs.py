"""Sets and runs as the page has them: what can be run, the run that goes on, those that are done.

One run goes on at a time in a process, whichever page started it, and goes on when that is closed:
whoever comes back sees how far it is, and can stop it.
"""

import hashlib
import json
import logging
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Final, Literal

from chat.web.i18n import Translations
from chat.web.reasons import reason_in
from chat.web.site import Site
from eval.baselines import RESULTS, SETS
from eval.dataset import check, usable
from eval.formats import read_set
from eval.run_store import RunFolder
from eval.runner import configuration, folder_for, open_index, run
from index.embedders.embedder import no_progress
from ingest.document import Language
from ingest.errors import DalelError, EvalError
from ingest.loader import read_shipped

_LOG = logging.getLogger("dalel.web")

_RECENT_QUESTIONS: Final = 20
"""Of how many questions the pace of a run is taken: those that were done before go by at once."""

_MAX_READ_BYTES: Final = 5_000_000
"""Largest file that is read only to say what is in it."""


Purpose = Literal["", "smoke", "dev", "test", "feedback"]
"""What a set of this program's own is for: its texts are named so; empty for any other."""

_PURPOSES: Final[Mapping[str, Purpose]] = {
    "smoke.jsonl": "smoke",
    "foreign_policy.dev.jsonl": "dev",
    "foreign_policy.test.jsonl": "test",
    "feedback.jsonl": "feedback",
}


class _Cancelled(Exception):
    """Somebody pressed the button."""


@dataclass(slots=True)
class Running:
    """A run that goes on.

    Attributes:
        done, total: Questions asked, and all.
        cancelled: Whether it is to stop.
        folder: Where it goes; None before it is known.
        failure: Why it ended early.
        ended: Whether it goes on no longer.
    """

    done: int = 0
    total: int = 0
    cancelled: bool = False
    folder: RunFolder | None = None
    failure: str = ""
    ended: bool = False
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT_QUESTIONS))

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is, and stop if it is to."""
        self.done, self.total = done, total
        self._times.append(monotonic())
        if self.cancelled:
            raise _Cancelled

    @property
    def pace(self) -> float | None:
        """The seconds that a question takes of late; None before two were asked."""
        times = [*self._times]
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else None


@dataclass(slots=True)
class _OneRun:
    """What runs in this process: two runs at once would share a folder.

    Attributes:
        lock: Held while a run goes on.
        latest: The run that goes on, or the last one.
        pace: The seconds that a question took in the last run; None before there was one.
    """

    lock: Lock = field(default_factory=Lock)
    latest: Running | None = None
    pace: float | None = None


ONE_RUN: Final = _OneRun()


@dataclass(frozen=True, slots=True)
class OfferedSet:
    """A set that can be chosen.

    Attributes:
        path: Its file or folder.
        key: What the page calls it: not a place in a list, which may have changed since.
        questions: How many it has; 0 where that is not known.
        languages: The languages that it asks in.
        purpose: What it is for.
    """

    path: Path
    key: str
    questions: int
    languages: tuple[Language, ...]
    purpose: Purpose = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the tab needs to know."""

    site: Site

    @property
    def runs(self) -> Path:
        """Where runs are kept."""
        return self.site.home / "runs"

    @property
    def own_sets(self) -> Path:
        """Where sets of one's own are kept."""
        return self.site.home / "sets"

    def sets(self) -> list[Path]:
        """Return the sets that can be chosen: those that ship, smallest first, feedback, own.

        Those that ship ask about the documents that ship, and are left out where these are not.
        """
        documents = self.site.live.retriever().documents
        askable = all(
            name in documents and documents[name].sha256 == digest
            for name, digest in _shipped_hashes().items()
        )
        by_size = sorted(SETS.glob("*.jsonl"), key=lambda path: path.stat().st_size)
        shipped = by_size if askable else []
        own = [path for path in sorted(self.own_sets.glob("*")) if not path.name.startswith(".")]
        feedback = self.site.home / "feedback.jsonl"
        return [path for path in (*shipped, feedback, *own) if path.exists()]

    def offered(self) -> list[OfferedSet]:
        """Return the same, with what is in each."""
        return [_offer(path, self.own_sets) for path in self.sets()]

    def find(self, key: object) -> OfferedSet | None:
        """Return the set of a key; None if there is none."""
        return next((one for one in self.offered() if one.key == key), None)

    def finished(self) -> list[str]:
        """Return the names of the runs that are done, the latest first."""
        finished = [path for path in self.runs.glob("*") if RunFolder(path).finished]
        return [path.name for path in sorted(finished, key=lambda path: -path.stat().st_mtime)]

    def going_on(self) -> Running | None:
        """Return the run that goes on; None if none does."""
        latest = ONE_RUN.latest
        return latest if latest and not latest.ended else None

    def start(self, path: Path, i18n: Translations) -> Running:
        """Start a run in a thread of its own, if none goes on."""
        running = Running()
        if ONE_RUN.lock.acquire(blocking=False):
            ONE_RUN.latest = running
            Thread(target=self._run, args=(path, running, i18n), daemon=True).start()
        else:
            running.failure, running.ended = i18n.text("runs_already"), True
        return running

    def reason(self, error: DalelError, i18n: Translations) -> str:
        """Return what an error says, without where the server keeps its files."""
        line = error.line().replace(f"{self.site.home}{os.sep}", "")
        return reason_in(i18n.language, line)

    def _run(self, path: Path, running: Running, i18n: Translations) -> None:
        try:
            running.folder = self._run_set(path, running, i18n.language)
        except _Cancelled:
            pass
        except DalelError as error:
            running.failure = self.reason(error, i18n)
        except Exception:  # noqa: BLE001  (a thread's would be lost; the log has the traceback)
            _LOG.exception("a run failed")
            running.failure = i18n.text("failure")
        finally:
            if running.done >= _RECENT_QUESTIONS:  # Of fewer it is chance, as where some are known.
                ONE_RUN.pace = running.pace or ONE_RUN.pace
            ONE_RUN.lock.release()
            running.ended = True

    def _run_set(self, path: Path, running: Running, language: str) -> RunFolder:
        settings = self.site.settings
        dataset = read_set(path)
        retriever = self.site.live.retriever()
        if dataset.documents:
            retriever = open_index(dataset.documents, settings, no_progress)
        problems = [*dataset.problems, *check(dataset.examples, retriever.documents)]
        examples = usable(dataset.examples, problems)
        if not examples:
            raise EvalError(f"no question of {dataset.name} can be asked of what is indexed")
        config = configuration(dataset, examples, retriever, settings.threshold)
        folder = folder_for(settings.home, config)
        run(examples, retriever, folder, config, running.progress, language=language)
        return folder


def expected_seconds(questions: int) -> float:
    """Say how long a run of so many questions takes, as far as can be told beforehand."""
    return questions * (ONE_RUN.pace or _published_pace())


def seconds_left(running: Running) -> float | None:
    """Say how long a run still takes; None while nothing can be told."""
    return None if running.pace is None else running.pace * (running.total - running.done)


def key_of(path: Path) -> str:
    """Return what the page calls a set."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _offer(path: Path, own_sets: Path) -> OfferedSet:
    status = path.stat()
    questions, languages = _contents(path, status.st_mtime_ns, status.st_size)
    purpose: Purpose = "" if path.parent == own_sets else _PURPOSES.get(path.name, "")
    return OfferedSet(path, key_of(path), questions, languages, purpose)


@cache
def _published_pace() -> float:
    """Return the seconds that a question of the smallest set took where results/ were made."""
    result = json.loads((RESULTS / "smoke.json").read_text("utf-8"))
    return float(result["seconds"] / result["n"])


@cache  # Of files that ship with the program.
def _shipped_hashes() -> dict[str, str]:
    """Return the hashes of the documents that ship, by id."""
    return {document.id: document.sha256 for document in read_shipped().documents}


@lru_cache(maxsize=256)  # Of counts alone; a file that is written anew has another time or size.
def _contents(path: Path, _changed: int, size: int) -> tuple[int, tuple[Language, ...]]:
    """Return how many questions a set has, and in which languages; 0 of a large or broken one."""
    if size > _MAX_READ_BYTES or path.is_dir():
        return 0, ()
    try:
        examples = read_set(path).examples
    except DalelError:
        return 0, ()
    return len(examples), tuple(sorted({example.language for example in examples}))
