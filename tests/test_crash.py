"""Tests of whole runs that crash: files are indexed, added, changed, removed, and something fails.

Whatever call fails, and whenever the process is killed, the index opens, holds just what it held
before or just what it was to hold, and a plain second run brings it there with nothing left over.
"""

import multiprocessing
import os
import random
import shutil
import signal
import time
from itertools import count, product
from pathlib import Path

import numpy as np
import pytest
from campaign import at_length
from fakes import HashEmbedder
from faults import ERRORS, fault_at, raising
from waiting import PATIENT_SECONDS

from index.indexer import Indexer
from index.sync import index_files
from ingest.errors import DalelError, StoreError

OLD = {
    "дала.txt": "Ұлы дала – қазақтың мекені. " * 30,
    "іші/аспан.md": "# Аспан\n\nҮкі түнде ұшады.",
}
NEW = {"теңіз.txt": "The sea is wide. Һәм Арал тартылды. " * 30, "дала.txt": "Дала өзгерді. Ғажап."}
QUESTIONS = {"kk": ["дала"], "en": ["sea"], "ru": ["дом"]}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    _be_quick(monkeypatch)


def _be_quick(patch):
    """Do not wait for the disk, and ask few and short questions of each index."""
    patch.setattr("index.calibration.off_topic_questions", lambda: QUESTIONS)
    patch.setattr(os, "fsync", os.fstat)


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        os.utime(path, ns=(1_700_000_000_123_456_789,) * 2)  # long past: it counts as settled


# What is done to an index of OLD in folder/ескі; of each: the change of the files, and the run.


def _index(library, folder):
    index_files(library, [folder / "жаңа"])


def _add(library, folder):
    index_files(library, [folder / "жаңа"], add=True)


def _change(library, folder):
    index_files(library, [folder / "ескі"])


def _remove(library, _folder):
    if "дала.txt" in contents(library)[0]:  # A second run has nothing to remove.
        library.remove(["дала.txt"])


RUNS = {"first": _index, "index": _index, "add": _add, "change": _change, "remove": _remove}


def prepared(kind, folder):
    """Return the index before a run, the files as they are when it starts."""
    library = Indexer(folder / "үй", load=HashEmbedder)
    write(folder / "ескі", OLD)
    write(folder / "жаңа", NEW)
    if kind != "first":
        index_files(library, [folder / "ескі"])
    if kind == "change":
        write(folder / "ескі", {"дала.txt": NEW["дала.txt"]})
        (folder / "ескі" / "іші" / "аспан.md").unlink()
        write(folder / "ескі", {"өзен.txt": "Өзен терең. Су мол."})
    return library


def contents(library):
    """Return all that readers see of an index, bit by bit; nothing where nothing is indexed."""
    if not library.exists:
        return {}, ()
    generation = library.store.load()
    documents = {document.id: document.text for document in generation.documents}
    vectors = [generation.chunk_vectors, generation.sentence_vectors]
    rows = [store.rows(np.arange(len(store))).tobytes() for store in vectors]
    return documents, (generation.chunks, *rows, generation.calibration)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """Return for each kind of run a folder before it, and the contents before and after it."""
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        _be_quick(patch)
        for kind, run in RUNS.items():
            folder, after = tmp_path_factory.mktemp(kind), tmp_path_factory.mktemp(f"{kind}2")
            before = contents(prepared(kind, folder))
            library = prepared(kind, after)
            run(library, after)
            made[kind] = folder, before, contents(library)
            assert before != made[kind][2]
    return made


def check_after(kind, folder, states):
    """Hold an index against the states it may be in, then do the run again."""
    library = Indexer(folder / "үй", load=HashEmbedder)
    assert contents(library) in states
    RUNS[kind](library, folder)
    assert contents(library) == states[1]
    index = folder / "үй" / "index"
    generations = [path.name for path in index.iterdir() if path.name.isdecimal()]
    assert {path.name for path in index.iterdir()} <= {"CURRENT", "lock", *generations}
    assert len(generations) <= 2


def again(kind, standing, tmp_path, name):
    """Return a copy of a folder before a run, with the times of its files."""
    folder, *states = standing[kind]
    return Path(shutil.copytree(folder, tmp_path / str(name))), states


# --- a call that fails ----------------------------------------------------------------------------


# An interrupt keeps what is done: tests/test_interrupt.py.
FAULTS = [name for name in ERRORS if name != "interrupted"]
ALL, SOME = [*product(RUNS, FAULTS)], [*zip(RUNS, FAULTS, strict=True)]


@pytest.mark.campaign
@pytest.mark.parametrize(("kind", "error"), at_length(ALL, SOME))
def test_whatever_call_fails_the_index_is_the_old_or_the_new(kind, error, standing, tmp_path):
    """Each call under `make campaign`, else each nineteenth."""
    expected = MemoryError if error == "no memory" else StoreError
    for k in count(1 + FAULTS.index(error), at_length(1, 19)):
        folder, states = again(kind, standing, tmp_path, k)
        library = Indexer(folder / "үй", load=HashEmbedder)
        with fault_at(k, raising(ERRORS[error]()), folder / "үй") as fired:
            try:
                RUNS[kind](library, folder)
            except expected as told:
                assert "\n" not in str(told)  # noqa: PT017
        if not fired:
            break
        check_after(kind, folder, states)
        shutil.rmtree(folder)
    assert k > 20


# --- a process that is killed ---------------------------------------------------------------------

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(
    "numpy faiss bm25s pytest chat.session eval.metrics.citations index.sync prompts.render".split()
)


def _run_and_die(kind, folder, k):
    with pytest.MonkeyPatch.context() as patch:
        _be_quick(patch)
        with fault_at(k, lambda: os.kill(os.getpid(), signal.SIGKILL), folder / "үй"):
            RUNS[kind](Indexer(folder / "үй", load=HashEmbedder), folder)


def _run_slowly(kind, folder, started):
    """Run, with a moment before each call, so that a kill may come between any two."""

    def wait():
        time.sleep(0.002)

    with pytest.MonkeyPatch.context() as patch:
        _be_quick(patch)
        started.set()
        with fault_at(0, wait, folder / "үй"):
            RUNS[kind](Indexer(folder / "үй", load=HashEmbedder), folder)


def killed(child):
    child.join(PATIENT_SECONDS)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


@pytest.mark.campaign
@pytest.mark.parametrize("kind", RUNS)
def test_a_kill_at_a_call_leaves_the_old_or_the_new(kind, standing, tmp_path):
    """At each call under `make campaign`, else at some."""
    for k in count(1 + [*RUNS].index(kind), at_length(1, 97)):
        folder, states = again(kind, standing, tmp_path, k)
        child = _FORK.Process(target=_run_and_die, args=(kind, folder, k))
        child.start()
        if not killed(child):
            break
        check_after(kind, folder, states)
        shutil.rmtree(folder)
    assert k > 20


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(at_length(200, 5)))
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(seed, standing, tmp_path):
    chance = random.Random(seed)
    kind = [*RUNS][seed % len(RUNS)]
    folder, states = again(kind, standing, tmp_path, seed)
    started = _FORK.Event()
    child = _FORK.Process(target=_run_slowly, args=(kind, folder, started))
    child.start()
    assert started.wait(PATIENT_SECONDS)
    time.sleep(chance.uniform(0, 0.4))
    child.kill()
    killed(child)
    check_after(kind, folder, states)


# --- files that are not there ---------------------------------------------------------------------


def test_a_folder_that_cannot_be_reached_leaves_the_index(standing, tmp_path):
    """A share that is not mounted is empty, or not there at all."""
    folder, (before, _) = again("change", standing, tmp_path, "бос")
    library = Indexer(folder / "үй", load=HashEmbedder)
    shutil.rmtree(folder / "ескі")
    for make in (lambda: None, (folder / "ескі").mkdir):
        make()
        with pytest.raises(DalelError):
            index_files(library, [folder / "ескі"])
        assert contents(library) == before
