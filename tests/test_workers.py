"""Tests of index/embedders/workers.py: what names workers, and what they are told of a model."""

import json

import pytest
from recorded_embedder import RecordedEmbedder

from chat.cli import main
from index.embedders import ray_workers
from index.embedders.embedder import EMBEDDED
from index.embedders.ray_workers import RayWorkers
from index.embedders.worker_pool import WorkerPool
from index.embedders.workers import WorkerModel, workers_at
from index.indexer import Indexer
from ingest.errors import ConfigError, ModelError


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_setting_the_process_itself_embeds(setting, tmp_path):
    assert workers_at(setting) is None
    assert Indexer(tmp_path, workers=setting).workers == 0


@pytest.mark.parametrize("setting", ["1", "16", "256", "08"])
def test_a_number_is_one_of_processes(setting, tmp_path):
    made = workers_at(setting)
    assert isinstance(made, WorkerPool)
    assert Indexer(tmp_path, workers=setting).workers == made.count == int(setting)


@pytest.mark.parametrize("setting", ["ray", "ray:бас:6379", "ray:ray://бас:10001"])
def test_ray_is_named_with_and_without_an_address(setting, monkeypatch):
    """It is not imported before it is needed."""
    named = []
    monkeypatch.setattr(
        ray_workers, "_connect", lambda address: named.append(address) or (_Ray(), True)
    )
    workers = workers_at(setting)
    assert isinstance(workers, RayWorkers)
    assert named == []
    assert workers.count == 24
    assert named == [setting.partition(":")[2]]


class _Ray:
    """As much of Ray as is asked how large the cluster is."""

    def cluster_resources(self):
        return {"CPU": 24.0, "memory": 1e9}

    def remote(self, **_options):
        return lambda function: function


BAD = ["0", "000", "-1", "+2", "257", "9" * 5_000, "2.5", "екі", " 2", "2 ", "１２", "٣", "rayx",
       "ray:", "Ray", "all", "2:ray"]  # fmt: skip


@pytest.mark.parametrize("setting", BAD, ids=lambda setting: setting[:5])
def test_what_names_no_workers_is_told_in_one_line(setting, tmp_path):
    with pytest.raises(ConfigError) as told:
        Indexer(tmp_path, workers=setting)
    line = told.value.line()
    assert line.startswith(
        f"the workers are {setting!r:.80}, expected a number of processes from 1"
    )
    assert "\n" not in line
    assert not list(tmp_path.iterdir())


# --- the command line -----------------------------------------------------------------------------


def test_the_option_goes_before_the_environment(tmp_path, monkeypatch, capsys):
    (tmp_path / "а.txt").write_text("Ұлы дала.", "utf-8")
    monkeypatch.setenv("DALEL_WORKERS", "екі")
    assert main(["index", str(tmp_path)]) == 2
    expected = "dalel: the workers are 'екі', expected a number of processes from 1 to 256, ray or"
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith(expected)
    assert main(["index", str(tmp_path), "--workers", "0"]) == 2
    assert capsys.readouterr().err.startswith(expected.replace("екі", "0"))
    assert main(["info", "--json"]) == 2


def test_what_embeds_is_told(monkeypatch, capsys):
    assert main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workers"] == "none, this process embeds"
    monkeypatch.setenv("DALEL_WORKERS", "3")
    assert main(["info", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["workers"] == "3"


# --- what workers are told of the model -----------------------------------------------------------


def test_a_model_is_found_by_the_name_of_what_loads_it(tmp_path):
    model = WorkerModel.of(RecordedEmbedder("үлгі"), tmp_path, RecordedEmbedder)
    assert model.loader == "recorded_embedder:RecordedEmbedder"
    assert isinstance(model.load(), RecordedEmbedder)
    assert model.load().name == "үлгі"
    assert WorkerModel(*model) == model


def _inner():
    return lambda name: RecordedEmbedder(name)


@pytest.mark.parametrize("load", [lambda name: RecordedEmbedder(name), _inner()])
def test_what_has_no_name_of_its_own_cannot_be_found_by_workers(tmp_path, load):
    indexer = Indexer(tmp_path, load=load, workers="2")
    with pytest.raises(ConfigError, match=r"workers cannot find .*lambda.*, which loads"):
        indexer.embed([])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"weights_sha256": "f" * 64}, r"other weights of 'үлгі': 0{12}, expected f{12}"),
        ({"version": "0.0.1"}, r"other dalel of 'үлгі': [\d.]+, expected 0\.0\.1"),
    ],
)
def test_a_worker_with_something_else_is_told(tmp_path, changed, told):
    model = WorkerModel.of(RecordedEmbedder("үлгі"), tmp_path, RecordedEmbedder)
    with pytest.raises(ModelError, match=told):
        model._replace(**changed).load()


@pytest.mark.model
def test_the_model_that_ships_embeds_on_one_thread_in_a_worker(tmp_path):
    from index.embedders.embedded import embedded_model

    model = WorkerModel.of(embedded_model(), tmp_path, None)
    assert (model.name, model.loader) == (EMBEDDED, "")
    texts = ["Үкі түнде ұшады.", "ҮКІ ТҮНДЕ ҰШАДЫ.", "Өзен һәм ғалым"]
    loaded = model.load()
    assert loaded._threads == 1
    there = loaded.embed_passages(texts)
    assert there.tobytes() == embedded_model().embed_passages(texts).tobytes()
