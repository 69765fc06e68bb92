"""Tests of index/embedders/ray_workers.py on a cluster of this machine: what is lost is done again.

The cluster has two nodes, each with processes of its own, as two machines would have. Where Ray is
not installed (it is no part of what the tests install), only that is told.
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

import pytest
from campaign import at_length
from fakes import document
from recorded_embedder import KILLED, RAISED, RECORD, REFUSED, SLOW, VAST, RecordedEmbedder, asked
from recorded_embedder import calls as calls_in
from waiting import wait_until

from eval.scale import make_passages
from index import text_vectors
from index.calibration import off_topic_questions
from index.embedders.ray_workers import RayWorkers
from index.embedders.workers import ATTEMPTS, WorkerModel
from index.indexer import Indexer
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


def test_without_ray_that_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ModelError, match="Ray is not installed") as told:
        assert RayWorkers("бас:6379").count
    assert "pip install -e '.[ray]'" in told.value.line()


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Return the file where processes of Ray note what they are asked for; they start with it."""
    with pytest.MonkeyPatch.context() as patch:
        path = tmp_path_factory.mktemp("ray") / "сұралғаны"
        folders = [Path(__file__).parent, Path(__file__).parents[1]]
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, folders)))
        patch.setenv("PARENT", str(os.getpid()))
        patch.setenv(RECORD, str(path))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield path


@pytest.fixture(scope="module")
def cluster(record):
    pytest.importorskip("ray", reason="Ray is not installed")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args=_node())
    made.add_node(**_node())
    yield made
    made.shutdown()


def _node():
    return {"num_cpus": 1, "include_dashboard": False}


@pytest.fixture
def workers(cluster, record):
    record.unlink(missing_ok=True)
    made = RayWorkers(address_of(cluster))
    made.use(WorkerModel.of(RecordedEmbedder("үлгі"), Path("жоқ"), RecordedEmbedder))
    yield made
    made.close()


def address_of(cluster):
    """Return its address on this machine, where tests may connect to."""
    return f"127.0.0.1:{cluster.address.rpartition(':')[2]}"


def expected(texts):
    return RecordedEmbedder("үлгі").embed_queries(texts).tobytes()


def test_vectors_are_those_of_the_model_in_the_order_of_the_units(workers):
    assert workers.count == 2
    units = [TEXTS, TEXTS[:1], TEXTS[::-1], *([text] for text in TEXTS)]
    results = [workers.submit(unit) for unit in units]
    for unit, result in zip(units, results, strict=True):
        assert result().tobytes() == expected(unit)


def test_the_command_goes_on_to_end_as_it_did_and_nothing_is_written_into_its_output(
    workers, record, capfd
):
    ended = signal.getsignal(signal.SIGTERM)
    slow = [f"{SLOW} {number}" for number in range(10)]
    result = workers.submit(slow)
    wait_until(lambda: calls_in(record))
    os.kill(calls_in(record)[0][0], signal.SIGKILL)
    assert result().tobytes() == expected(slow)
    assert [texts for _, texts in calls_in(record)] == [slow, slow]
    assert len({pid for pid, _ in calls_in(record)}) == 2
    assert signal.getsignal(signal.SIGTERM) == ended
    assert capfd.readouterr() == ("", "")


def test_a_unit_that_ends_three_processes_is_told(workers, record):
    with pytest.raises(ModelError, match="were not embedded by Ray in 3 attempts") as told:
        workers.submit([f"Ұлы дала {KILLED}"])()
    assert "\n" not in told.value.line()
    assert len({pid for pid, _ in calls_in(record)}) == ATTEMPTS


def test_a_unit_for_which_there_is_no_memory_is_tried_again(workers, record):
    with pytest.raises(ModelError, match="were not embedded by Ray in 3 attempts"):
        workers.submit([VAST])()
    assert len(calls_in(record)) == ATTEMPTS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (REFUSED, "the model refuses a text; leave it out"),
        (RAISED, "a worker cannot embed 1 texts, the first of them '{құла}' (ValueError: өкінішке"
         " орай екінші жол)"),
    ],
)  # fmt: skip
def test_what_cannot_be_embedded_is_told_at_once(workers, record, text, line):
    with pytest.raises(ModelError) as told:
        workers.submit([text])()
    assert told.value.line() == line
    assert len(calls_in(record)) == 1


def test_a_cluster_that_cannot_be_reached_is_told():
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(ModelError, match=r"the Ray cluster '127\.0\.0\.1:1' cannot be reached"):
        assert RayWorkers("127.0.0.1:1").count


def test_what_is_connected_already_stays_so(workers):
    import ray

    assert workers.count == 2
    other = RayWorkers()
    assert other.count == 2
    other.close()
    assert ray.is_initialized()
    workers.close()
    assert not ray.is_initialized()


@pytest.mark.slow
@pytest.mark.campaign
def test_killed_processes_lose_nothing_and_nothing_is_kept_twice(
    cluster, record, tmp_path, monkeypatch
):
    few = {language: some[:1] for language, some in off_topic_questions().items()}
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: few)
    monkeypatch.setattr(text_vectors, "_FEW_TEXTS", 1)
    passages = make_passages(at_length(2_000, 200))
    documents = [document(text, f"{row}") for row, text in enumerate(passages)]
    record.unlink(missing_ok=True)
    alone = Indexer(tmp_path / "жалғыз", load=RecordedEmbedder)
    alone.put(documents)
    texts = asked(record)
    record.unlink()
    killed, steps = [], count(1)

    def kill(_done, _total):
        settled = {pid for pid, _ in calls_in(record)} - {*killed}
        if next(steps) % at_length(20, 5) == 0 and settled:
            killed.append(max(settled))
            os.kill(killed[-1], signal.SIGKILL)

    indexer = Indexer(tmp_path / "көп", load=RecordedEmbedder, workers=f"ray:{address_of(cluster)}")
    indexer.put(documents, kill)
    assert killed
    assert files_of(indexer) == files_of(alone)
    assert asked(record).keys() == texts.keys()
    assert os.getpid() not in {pid for pid, _ in calls_in(record)}


def files_of(indexer):
    """Return the files of an index, but for the one that says when it was made."""
    folder = indexer.store.folder / indexer.store.current
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.name != "manifest.json"
    }


@pytest.mark.slow
def test_a_lost_machine_loses_nothing(cluster, workers, record):
    """The last test: its node is gone for all after it."""
    units = [[f"{SLOW} {row} {place}" for place in range(20)] for row in range(6)]
    results = [workers.submit(unit) for unit in units]
    wait_until(lambda: len({pid for pid, _ in calls_in(record)}) == 2)
    [lost] = cluster.worker_nodes
    cluster.remove_node(lost, allow_graceful=False)
    for unit, result in zip(units, results, strict=True):
        assert result().tobytes() == expected(unit)
    assert len(calls_in(record)) > len(units)
