"""Tests of eval/scale.py: a small collection is indexed twice, by the program that people use."""

import json

import pytest
from campaign import only_at_length

from eval.scale import main
from ingest.readers import READERS


@only_at_length
@pytest.mark.slow
@pytest.mark.model
def test_a_few_passages_are_indexed_and_some_of_them_again(tmp_path, capsys):
    out = tmp_path / "өлшем.json"
    assert main(["--passages", "110", "--out", str(out)]) == 0
    result = json.loads(out.read_text("utf-8"))
    assert json.loads(capsys.readouterr().out) == result
    assert result["passages"] == 110
    assert result["changed"] == 1  # of a hundred one, rounded
    assert 110 * 30 <= result["characters"] <= 110 * 2 * 151
    for run in (result["first"], result["second"]):
        assert run["processor_seconds"] > 0
        assert run["memory_mb"] <= run["with_mapped_files_mb"]
    first, second = (result[name]["processor_seconds"] for name in ("first", "second"))
    assert second < first
    assert result["second_of_first"] == pytest.approx(second / first, abs=1e-4)
    assert result["index_mb"] >= 1


def test_files_that_stay_the_same_are_left_alone(tmp_path):
    from eval.scale import _write

    texts = [f"Үзінді {number}, ән." for number in range(250)]
    _write(tmp_path, texts)
    before = {path: path.stat() for path in tmp_path.iterdir()}
    assert len(before) == 3
    texts[120] = "Өзгерген үзінді."
    _write(tmp_path, texts)
    after = {path: path.stat() for path in tmp_path.iterdir()}
    changed = [path for path in before if before[path] != after[path]]
    assert [path.name for path in changed] == ["00000100.jsonl"]
    rows = [row for path in sorted(after) for row in READERS[".jsonl"](path.read_bytes(), None)]
    assert [row.text for row in rows] == texts
