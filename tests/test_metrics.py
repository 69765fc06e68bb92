"""Metrics and the run scorer: expected values written as formulas."""

from math import log2

import pytest

from eval.metrics import bootstrap_interval, mean_with_interval, ndcg
from eval.score import main, read_qrels, read_run, score
from ingest.errors import EvalError


@pytest.mark.parametrize(
    ("ranked", "relevant", "expected"),
    [
        (["a"], {"a": 1}, 1),
        (["x", "a"], {"a": 1}, (1 / log2(3)) / 1),
        (["x", "a", "b"], {"a": 1, "b": 1}, (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3))),
        (["b", "a"], {"a": 2, "b": 1}, (1 + 2 / log2(3)) / (2 + 1 / log2(3))),
        ([*"xyzuvwrstq", "a"], {"a": 1}, 0),
        ([], {"a": 1}, 0),
    ],
)
def test_ndcg(ranked, relevant, expected):
    assert ndcg(ranked, relevant) == pytest.approx(expected)


def test_the_depth_counts_in_the_ideal_too():
    relevant = {name: 1 for name in "abc"}
    assert ndcg(["a", "b"], relevant, k=2) == 1


def test_an_interval_holds_its_mean_and_is_the_same_twice():
    values = [0.0, 1.0, 1.0, 1.0] * 20
    low, high = bootstrap_interval(values)
    assert 0 < low < 0.75 < high < 1
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval([0.5] * 9) == (0.5, 0.5)


def test_a_mean_comes_with_its_interval_and_n():
    assert mean_with_interval([1.0, 1.0]) == {"mean": 1.0, "interval": [1.0, 1.0], "n": 2}
    assert mean_with_interval([]) == {"mean": None, "interval": None, "n": 0}


@pytest.fixture
def files(tmp_path):
    run, qrels = tmp_path / "run.trec", tmp_path / "qrels.tsv"
    run.write_text("q1 Q0 құжат 2 0.5 dalel\nq1 Q0 x 1 0.9 dalel\n", "utf-8")
    qrels.write_text("query-id\tcorpus-id\tscore\nq1\tқұжат\t1\nq2\ty\t1\nq2\tz\t0\n", "utf-8")
    return run, qrels


def test_a_question_that_the_run_does_not_answer_counts_as_nothing(files):
    assert read_run(files[0]) == {"q1": ["x", "құжат"]}
    assert read_qrels(files[1]) == {"q1": {"құжат": 1}, "q2": {"y": 1}}
    result = score(*files)
    assert result["ndcg@10"] == round((1 / log2(3) + 0) / 2, 4)
    assert result["n"] == 2


@pytest.mark.parametrize("line", ["q1 Q0 d 1 0.5", "q1 Q0 d one 0.5 dalel"])
def test_a_line_that_is_no_run_is_named(files, line):
    files[0].write_text(f"q1 Q0 d 1 0.5 dalel\n{line}\n", "utf-8")
    with pytest.raises(EvalError, match="line 2"):
        score(*files)


def test_the_command_line(files, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["score", *map(str, files)])
    assert main() == 0
    assert '"n": 2' in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["score", "жоқ", "жоқ"])
    assert main() == 2
    assert "жоқ" in capsys.readouterr().err
