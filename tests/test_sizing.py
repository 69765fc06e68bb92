"""Tests of eval/sizing.py: what is measured adds up, and the tables are worked out from it."""

import json

import pytest
from campaign import only_at_length

from eval.baselines import RESULTS
from eval.scale import make_passages
from eval.sizing import main, per_passage, sizing

SCALE = {
    "passages": 1_000,
    "first": {"processor_seconds": 20.0, "memory_mb": 8},
    "second": {"processor_seconds": 1.0, "memory_mb": 10},
}
QUARTER = {
    "passages": 100,
    "faiss": {"memory_bytes": 1_000_000, "search_ms": 4.0, "open_ms": 11.0},
}
WHOLE = {
    "passages": 400,
    "sentences": 800,
    "terms": 4_000,
    "bytes": {"texts": 400_000, "vectors": 1_843_200, "lexical": 200_000, "tables": 60_000},
    "faiss": {"memory_bytes": 1_600_000, "search_ms": 7.0, "open_ms": 12.0},
    "milvus": {"load_seconds": 2.0, "search_ms": 50.0, "bytes": 3_000_000},
}


def test_one_passage_takes_what_is_measured():
    one = per_passage(SCALE, {"quarter": QUARTER, "whole": WHOLE})
    assert (one.texts, one.lexical, one.tables) == (1_000, 500, 150)
    assert one.vectors == 3 * 384 * 4, "its own, and two of sentences"
    assert one.codes == 3 * (384 / 8 + 8)
    assert one.disk == one.texts + one.vectors + one.lexical + one.tables + one.codes == 6_426
    assert one.open == 29 + one.codes
    assert one.scan == pytest.approx(0.003 / 300)
    assert one.indexing == 10 * 2**20 / 1_000
    assert one.milvus == 3 * (384 * 4 + 2 * 16 * 4) + 10 * 8
    assert (one.embedding, one.loading) == (0.02, 0.005)


def test_the_tables_are_multiples_of_it(tmp_path, monkeypatch):
    monkeypatch.setattr("eval.sizing.RESULTS", tmp_path)
    (tmp_path / "scale.json").write_text(json.dumps(SCALE), "utf-8")
    (tmp_path / "sizing.json").write_text(json.dumps({"quarter": QUARTER, "whole": WHOLE}), "utf-8")
    text = sizing()
    for row in (
        "| vectors on the disk | 4,608 B | both files of vectors / 400 |",
        "| memory of Milvus | 5,072 B | 3.00 vectors · (384 · 4 + 128) + 10 terms · 8 |",
        "| tables on the disk | 150 B | all others / 400 |",
        "| index on the disk | 64 GB | 643 GB | 6.4 TB |",
        "| memory of Milvus | 51 GB | 507 GB | 5.1 TB |",
        "| … machines of 64 GB for that | 2 | 12 | 114 |",
        "| … machines of 256 GB for that | 1 | 3 | 29 |",
        "| to embed, on one core | 2 days | 23 days | 231 days |",
        "| to load into Milvus, on one core here | 14 hours | 6 days | 58 days |",
        "| … requests to list what is there, at each change | 1,875 | 18,750 | 187,500 |",
        "| one question by comparing all, on one core | 100 s | 1,000 s | 10,000 s |",
        "| a question takes one core a second, comparing all | 0.1 million |",
        "| an open index fills 64 GB | 227.4 million |",
    ):
        assert row in text.splitlines(), row
    assert "with 100 passages 11 ms of one core, and 1 MB of memory once it has been asked" in text
    assert "with 400 passages 12 ms of one core, and 2 MB of" in text
    assert "with 400 passages a question takes 50 ms of one core (7 ms with faiss)" in text
    limits = text.split("| what is reached")[1].split("\n\n")[0].splitlines()[2:]
    counts = [float(line.split("|")[2].split()[0].replace(",", "")) for line in limits]
    assert counts == sorted(counts)


def test_passages_are_the_same_each_time():
    first = make_passages(50)
    assert first == make_passages(50) != make_passages(51)[:50]
    assert any(letter in "әғқңөұүһі" for letter in "".join(first))


@only_at_length
@pytest.mark.slow
def test_a_few_passages_are_measured(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("index.calibration.off_topic_questions", lambda: {"kk": ["дала"]})
    out = tmp_path / "өлшем.json"
    assert main(["--passages", "80", "--out", str(out)]) == 0
    measured = json.loads(out.read_text("utf-8"))
    assert json.loads(capsys.readouterr().out) == measured
    committed = json.loads((RESULTS / "sizing.json").read_text("utf-8"))
    for name, passages in (("quarter", 20), ("whole", 80)):
        run = measured[name]
        assert run.keys() == committed[name].keys()
        assert run["passages"] == passages <= run["sentences"] <= 2 * passages
        assert run["bytes"]["vectors"] >= (passages + run["sentences"]) * 384 * 4
        assert run["terms"] > 5 * passages
        assert run["bytes"]["tables"] > 100 * passages
        assert run["milvus"]["bytes"] > run["bytes"]["vectors"]
        assert min(run["faiss"]["search_ms"], run["milvus"]["search_ms"]) > 0
    assert per_passage(SCALE, measured).milvus > 3_000
