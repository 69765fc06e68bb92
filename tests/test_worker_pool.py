"""Tests of index/embedders/worker_pool.py and worker_process.py: killed workers lose nothing.

The embedder is one of hashes that writes down what it was asked for (tests/recorded_embedder.py),
but for the last tests, which are of the real one.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from campaign import at_length
from fakes import document
from recorded_embedder import (
    KILLED,
    PAUSE,
    RAISED,
    RECORD,
    REFUSED,
    SLOW,
    VAST,
    RecordedEmbedder,
    asked,
)
from recorded_embedder import calls as calls_in
from waiting import PATIENT_SECONDS, wait_until

from eval.scale import make_passages
from index import sync, text_vectors
from index.calibration import off_topic_questions
from index.embedders import worker_pool
from index.embedders.worker_pool import WorkerPool
from index.embedders.workers import ATTEMPTS, WorkerModel
from index.indexer import Indexer
from index.sync import index_files
from ingest.errors import ModelError

TEXTS = [
    "Үкі түнде ұшады.",
    "ҚАЗАҚ ТІЛІ",
    "ұлы дала",
    "Һәм",
    "Өзенi",
    "",
    "бір\nекі\x00",
    "x\ud800",
]


@pytest.fixture(autouse=True)
def record(monkeypatch, tmp_path):
    """Let workers find their model, note what it is asked for, and start at the first text."""
    few = {language: some[:1] for language, some in off_topic_questions().items()}
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: few)
    monkeypatch.setattr(text_vectors, "_FEW_TEXTS", 1)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setenv("PARENT", str(os.getpid()))
    monkeypatch.setenv(RECORD, str(tmp_path / "сұралғаны"))
    return tmp_path / "сұралғаны"


def environment():
    """Return variables by which a new process finds the modules of this tree and of its tests."""
    folders = [Path(__file__).parent, Path(__file__).parents[1]]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders))}


def model_of(name="үлгі"):
    return WorkerModel.of(RecordedEmbedder(name), Path("жоқ"), RecordedEmbedder)


@pytest.fixture
def pool():
    made = WorkerPool(2)
    made.use(model_of())
    yield made
    pids = pids_of(made)
    made.close()
    assert not any(map(lives, pids))


def pids_of(pool):
    return [worker._process.pid for worker in [*pool._living]]


def lives(pid):
    """Return whether there is such a process; one that only waits to be looked at is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# --- one pool -------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_vectors_are_those_of_the_model_in_the_order_of_the_units(count):
    pool, here = WorkerPool(count), RecordedEmbedder("үлгі")
    pool.use(model_of())
    units = [TEXTS, TEXTS[:1], TEXTS[::-1], *([text] for text in TEXTS)]
    results = [pool.submit(unit) for unit in units]
    for unit, result in zip(units, results, strict=True):
        assert result().dtype == np.float32
        assert result().tobytes() == here.embed_queries(unit).tobytes()
    assert 1 <= len(pids_of(pool)) <= count
    pool.close()


def test_the_first_unit_starts_the_workers_and_after_the_end_it_does_so_again(pool):
    assert pids_of(pool) == []
    pool.submit(TEXTS)()
    [first] = pids_of(pool)
    pool.close()
    assert not lives(first)
    pool.close()
    assert pool.submit(TEXTS)().shape == (len(TEXTS), 16)
    assert pids_of(pool) != [first]


def test_another_model_has_other_processes(pool):
    pool.submit(TEXTS)()
    [first] = pids_of(pool)
    pool.use(model_of())
    assert pids_of(pool) == [first]
    pool.use(model_of("басқа"))
    assert not lives(first)


def test_what_is_not_done_is_forgotten_at_the_end(pool, record):
    results = [pool.submit([f"{SLOW} {number}"] * 10) for number in range(50)]
    wait_until(lambda: len(calls_in(record)) >= 2)
    started = time.monotonic()
    pool.close()
    assert time.monotonic() - started < 20, "50 units of a second each"
    assert len(calls_in(record)) < 20
    assert len(results) == 50


def test_a_killed_worker_is_replaced_and_its_unit_done(pool, record):
    slow = [f"{SLOW} {number}" for number in range(10)]
    result = pool.submit(slow)
    wait_until(lambda: calls_in(record))
    [killed] = pids_of(pool)
    os.kill(killed, signal.SIGKILL)
    assert result().tobytes() == RecordedEmbedder("үлгі").embed_queries(slow).tobytes()
    assert [texts for _, texts in calls_in(record)] == [slow, slow]
    [other] = pids_of(pool)
    assert [pid for pid, _ in calls_in(record)] == [killed, other]


def test_idle_workers_that_are_killed_are_no_fault_of_the_next_unit(record):
    pool = WorkerPool(ATTEMPTS)
    pool.use(model_of())
    for result in [pool.submit([f"{SLOW} {number}"] * 5) for number in range(ATTEMPTS)]:
        result()
    killed = pids_of(pool)
    assert len(killed) == ATTEMPTS
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(lives, killed)))
    assert len(pool.submit(TEXTS)()) == len(TEXTS)
    assert [texts for _, texts in calls_in(record)].count(TEXTS) == 1
    pool.close()


HALF = """#!{python}
import os, sys
if os.path.exists({marker!r}):
    os.execv({python!r}, [{python!r}, *sys.argv[1:]])
open({marker!r}, "w").close()
for answer in (b'{{"ready": 1}}\\n', b'{{"bytes": 512}}\\n' + bytes(500)):
    sys.stdin.buffer.readline()
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
"""


def test_a_worker_that_ends_within_its_answer_is_replaced(pool, tmp_path, monkeypatch):
    script, marker = tmp_path / "жартылай", str(tmp_path / "болды")
    script.write_text(HALF.format(python=sys.executable, marker=marker), "utf-8")
    script.chmod(0o700)
    monkeypatch.setattr(worker_pool.sys, "executable", str(script))
    vectors = pool.submit(TEXTS)()
    assert os.path.exists(marker)
    assert vectors.tobytes() == RecordedEmbedder("үлгі").embed_queries(TEXTS).tobytes()


@pytest.mark.parametrize(("text", "code"), [(KILLED, -9), (VAST, 1)])
def test_a_unit_that_ends_three_workers_is_told(pool, record, text, code):
    texts = [f"Ұлы дала {text}", "екінші"]
    with pytest.raises(ModelError) as told:
        pool.submit(texts)()
    assert told.value.line() == (
        f"2 texts, the first of them {texts[0]!r}, ended the process that embeds them 3 times"
        f" (exit code {code}); free memory or name fewer workers; what was indexed before is"
        " untouched"
    )
    assert [given for _, given in calls_in(record)] == [texts] * ATTEMPTS
    assert len({pid for pid, _ in calls_in(record)}) == ATTEMPTS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (REFUSED, "the model refuses a text; leave it out"),
        (
            RAISED,
            "a worker cannot embed 1 texts, the first of them '{құла}' (ValueError: өкінішке орай"
            " екінші жол)",
        ),
    ],
)
def test_what_cannot_be_embedded_is_told_at_once_and_the_worker_goes_on(pool, record, text, line):
    with pytest.raises(ModelError) as told:
        pool.submit([text])()
    assert told.value.line() == line
    assert len(calls_in(record)) == 1
    assert len(pool.submit(TEXTS)()) == len(TEXTS)


def test_a_model_that_a_worker_cannot_load_is_told(pool):
    pool.use(model_of()._replace(name="жоқ"))
    with pytest.raises(ModelError, match="the model 'жоқ' cannot be loaded"):
        pool.submit(TEXTS)()


def test_a_model_that_ends_its_workers_as_it_loads_is_told(pool):
    pool.use(model_of("өледі"))
    with pytest.raises(ModelError, match=r"ended 3 times before it had loaded the model 'өледі'"):
        pool.submit(TEXTS)()


def test_a_process_that_does_not_start_is_told(pool, monkeypatch):
    monkeypatch.setattr(worker_pool.sys, "executable", "/nowhere/python")
    with pytest.raises(ModelError, match=r"does not start \(No such file or directory\)"):
        pool.submit(TEXTS)()


def test_a_worker_imports_no_module_of_the_folder_it_starts_in(pool, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", "utf-8")
    monkeypatch.chdir(tmp_path)
    pool.submit(TEXTS)()
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not os.path.exists("/proc/self/oom_score_adj"), reason="another system")
def test_where_memory_runs_out_a_worker_ends_first(pool):
    pool.submit(TEXTS)()
    [pid] = pids_of(pool)
    workers, ours = (int(Path(f"/proc/{each}/oom_score_adj").read_text()) for each in (pid, "self"))
    assert workers == 500 > ours


def test_a_terminal_interrupts_no_worker(pool):
    pool.submit(TEXTS)()
    [pid] = pids_of(pool)
    assert os.getsid(pid) == pid != os.getsid(0)


def test_a_worker_answers_no_line_that_was_cut_off(record):
    """The process that asked was killed as it wrote."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "index.embedders.worker_process"],
        input=json.dumps(model_of()._asdict()).encode() + b'\n["\xd2\xb1"]\n["cut',
        capture_output=True,
        env=environment(),
        check=True,
    )
    ready, header, rest = done.stdout.split(b"\n", 2)
    assert json.loads(ready)["ready"]
    assert json.loads(header) == {"bytes": 64} == {"bytes": len(rest)}
    assert done.stderr == b""


# --- whole indexes --------------------------------------------------------------------------------

PASSAGES = at_length(20_000, 300)


class Killer(Thread):
    """Kills a worker whenever so many units are begun, but never one at its first unit.

    A unit that was lost is the first of the worker that takes it up: so none is lost three times.
    """

    def __init__(self, pool, record, every):
        super().__init__()
        self._pool, self._record, self._every = pool, record, every
        self._chance, self._ended = random.Random(every), Event()
        self.killed = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self.join()

    def run(self):
        after = self._every
        while not self._ended.wait(at_length(0.1, 0.01)):
            given = Counter(pid for pid, _ in whole_calls(self._record))
            settled = [pid for pid in pids_of(self._pool) if given[pid] > 1 and lives(pid)]
            if given.total() >= after and settled:
                self.killed.append(self._chance.choice(settled))
                os.kill(self.killed[-1], signal.SIGKILL)
                after = given.total() + self._every


def whole_calls(record):
    """Return what was asked for while more is being asked."""
    lines = record.read_bytes().rpartition(b"\n")[0].splitlines() if record.exists() else []
    return map(json.loads, lines)


@pytest.mark.campaign
def test_killed_workers_lose_nothing_and_nothing_is_kept_twice(tmp_path, record, monkeypatch):
    """An index of 20,000 passages under `make campaign`, else of some hundred."""
    documents = [document(text, f"{row}") for row, text in enumerate(make_passages(PASSAGES))]
    alone = Indexer(tmp_path / "жалғыз", load=RecordedEmbedder)
    alone.put(documents)
    expected = asked(record)
    assert set(expected.values()) == {1}
    record.unlink()
    monkeypatch.setattr(text_vectors, "_TEXTS_OF_A_UNIT", at_length(16, 8))
    indexer = Indexer(tmp_path / "көп", load=RecordedEmbedder, workers="2")
    monkeypatch.setenv(PAUSE, "0.02")
    with Killer(indexer._workers, record, every=at_length(25, 10)) as killer:
        indexer.put(documents)
    assert len(killer.killed) >= at_length(20, 3)
    assert files_of(indexer) == files_of(alone)
    given = asked(record)
    assert given.keys() == expected.keys()
    units = [(pid, tuple(texts)) for pid, texts in calls_in(record)]
    assert os.getpid() not in {pid for pid, _ in units}
    for unit, times in Counter(texts for _, texts in units).items():
        # All but the last of those that were asked were killed.
        *lost, _ = [pid for pid, texts in units if texts == unit]
        assert set(lost) <= {*killer.killed}, unit
        assert len(lost) == times - 1
    assert sum(given.values()) - len(given) <= len(killer.killed) * text_vectors._TEXTS_OF_A_UNIT
    assert pids_of(indexer._workers) == []


def files_of(indexer):
    """Return the files of an index, but for those that say when it was made, and checked."""
    folder = indexer.store.folder / indexer.store.current
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.name not in ("manifest.json", "documents.added.npy", "checked.json")
    }


def test_few_texts_start_no_worker(tmp_path, record, monkeypatch):
    monkeypatch.setattr(text_vectors, "_FEW_TEXTS", 11)
    indexer = Indexer(tmp_path / "үй", load=RecordedEmbedder, workers="2")
    texts = [f"Өзен {row}." for row in range(20)]
    indexer.put([document(text, text) for text in texts[:5]])
    assert {pid for pid, _ in calls_in(record)} == {os.getpid()}
    indexer.put([document(text, text) for text in texts])
    assert {pid for pid, _ in calls_in(record)} > {os.getpid()}
    assert set(asked(record).values()) == {1}


def test_texts_count_as_few_until_they_are_many(tmp_path, record, monkeypatch):
    """They come some at a time: each time few, together many."""
    monkeypatch.setattr(text_vectors, "_FEW_TEXTS", 11)
    monkeypatch.setattr(sync, "_BATCHES_OF_A_WORKER", 0)
    monkeypatch.setattr(sync, "_BATCH", 1)
    folder = tmp_path / "құжаттар"
    folder.mkdir()
    for row in range(12):
        (folder / f"{row:02}.txt").write_text(f"Үкі {row} түнде ұшады.", "utf-8")
    indexer = Indexer(tmp_path / "үй", load=RecordedEmbedder, workers="1")
    index_files(indexer, [folder])
    here = [texts for pid, texts in calls_in(record) if pid == os.getpid()]
    assert sum(map(len, here)) < 12
    assert len({pid for pid, _ in calls_in(record)}) == 2
    assert set(asked(record).values()) == {1}


def test_texts_that_cannot_be_embedded_leave_the_index_as_it_was(tmp_path):
    indexer = Indexer(tmp_path / "үй", load=RecordedEmbedder, workers="2")
    indexer.put([document("Ұлы дала.", "дала")])
    before = files_of(indexer)
    with pytest.raises(ModelError, match="ended the process that embeds them 3 times"):
        indexer.put([document(f"Үкі {KILLED}.", "үкі")])
    assert files_of(indexer) == before
    assert pids_of(indexer._workers) == []
    indexer.add([document("Өзен терең.", "өзен")])
    assert len(indexer.store.load().documents) == 2


def test_a_worker_with_other_weights_is_told_and_nothing_is_indexed(tmp_path):
    indexer = Indexer(tmp_path / "үй", model="өзге", load=RecordedEmbedder, workers="2")
    with pytest.raises(ModelError, match="a worker has other weights of 'өзге': 111111111111"):
        indexer.put([document("Ұлы дала.", "дала")])
    assert not indexer.exists


def slow_folder(tmp_path, files=6):
    """Return a folder of files that take a second or more each to embed."""
    folder = tmp_path / "құжаттар"
    folder.mkdir()
    for row in range(files):
        text = "\n\n".join(f"Бұл {row} {line} {SLOW}." for line in range(12))
        (folder / f"{row}.txt").write_text(text, "utf-8")
    return folder


@pytest.fixture
def file_by_file(monkeypatch):
    monkeypatch.setattr(sync, "_BATCH", 1)
    monkeypatch.setattr(sync, "_BATCHES_OF_A_WORKER", 0)


@pytest.mark.usefixtures("file_by_file")
def test_an_interrupt_keeps_what_is_done_and_leaves_no_worker(tmp_path):
    folder, seen = slow_folder(tmp_path, files=3), []
    indexer = Indexer(tmp_path / "үй", load=RecordedEmbedder, workers="2")

    def stop(done, total):
        seen.extend(pids_of(indexer._workers))
        if done > total * 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="1 of 3 files are done and indexed"):
        index_files(indexer, [folder], progress=stop)
    assert seen
    assert not any(map(lives, seen))
    assert [one.id for one in indexer.store.load().documents] == ["0.txt"]


def test_a_reading_that_fails_leaves_no_worker(tmp_path, monkeypatch):
    folder = slow_folder(tmp_path, files=2)
    indexer = Indexer(tmp_path / "үй", load=RecordedEmbedder, workers="2")
    embedded = Indexer.embed

    def embed_and_fail(self, documents, *rest, **named):
        embedded(self, documents, *rest, **named)
        assert pids_of(self._workers)
        raise ModelError("сынақ")

    monkeypatch.setattr(Indexer, "embed", embed_and_fail)
    with pytest.raises(ModelError, match="сынақ"):
        index_files(indexer, [folder])
    assert pids_of(indexer._workers) == []


# --- a process that is killed with its workers at work --------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from recorded_embedder import RecordedEmbedder
from index import text_vectors
from index.indexer import Indexer
from index.sync import index_files
text_vectors._FEW_TEXTS = 1
index_files(Indexer(Path(sys.argv[1]), load=RecordedEmbedder, workers="2"), [Path(sys.argv[2])])
"""


def children_of(pid):
    """Return the processes that embed for another one."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = path.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid and b"worker_process" in path.joinpath("cmdline").read_bytes():
                found.append(int(path.name))
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the system shows no processes")
def test_a_killed_process_leaves_no_workers_and_the_old_index(tmp_path, record):
    home = tmp_path / "үй"
    indexer = Indexer(home, load=RecordedEmbedder)
    indexer.put([document("Ұлы дала.", "дала")])
    before, asked_before = files_of(indexer), len(calls_in(record))
    parent = subprocess.Popen(
        [sys.executable, "-P", "-c", SCRIPT, str(home), str(slow_folder(tmp_path))],
        env=environment(),
    )
    wait_until(lambda: len(calls_in(record)) >= asked_before + 2, parent)
    workers = children_of(parent.pid)
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(lives, workers)))
    assert files_of(indexer) == before
    assert [one.id for one in indexer.store.load().documents] == ["дала"]


# --- the real model -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.campaign
def test_the_real_model_makes_the_same_index_with_and_without_killed_workers(tmp_path, monkeypatch):
    monkeypatch.setattr(text_vectors, "_TEXTS_OF_A_UNIT", 8)
    documents = [
        document(text, f"{row}") for row, text in enumerate(make_passages(at_length(300, 25)))
    ]
    alone = Indexer(tmp_path / "жалғыз")
    alone.put(documents)
    indexer, killed = Indexer(tmp_path / "көп", workers="2"), []

    def kill_once(done, _total):
        if done >= 16 and not killed:
            killed.append(pids_of(indexer._workers)[0])
            os.kill(killed[0], signal.SIGKILL)

    indexer.put(documents, kill_once)
    assert killed
    assert files_of(indexer) == files_of(alone)


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the system shows no processes")
def test_ctrl_c_in_a_terminal_is_told_as_ever_and_ends_the_workers(tmp_path):
    """A terminal interrupts all processes that it has in front."""
    folder, home = tmp_path / "құжаттар", tmp_path / "үй"
    folder.mkdir()
    texts = make_passages(2_000)
    for start in range(0, len(texts), 100):
        text = "\n\n".join(texts[start : start + 100])
        (folder / f"{start}.txt").write_text(text, "utf-8")
    command = [sys.executable, "-m", "chat.cli", "index", str(folder), "--home", str(home)]
    child = subprocess.Popen(
        [*command, "--workers", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=environment(),
    )  # fmt: skip
    wait_until(lambda: len(children_of(child.pid)) == 2, child)
    workers = children_of(child.pid)
    os.killpg(child.pid, signal.SIGINT)
    _, said = child.communicate(timeout=PATIENT_SECONDS)
    assert child.returncode == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("dalel: interrupted: ")
    wait_until(lambda: not any(map(lives, workers)))
