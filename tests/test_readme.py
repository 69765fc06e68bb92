"""Tests of eval/readme.py: figures that no result has yet leave no trace, others have a table."""

import json
import shutil

import pytest

from eval import readme
from eval.baselines import OWN, RESULTS

READ = ("sentence_precision", "short_answer_exact", "short_answer_f1")
SURE = ("answered_near_miss@10%refused", "auroc_near_miss", "ece", "risk@50%coverage")
KINDS = ("answered_near_miss", "answered_near_miss@10%refused", "answered_off_topic")


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Return a function that puts figures into the results of a set, of a copy of all results."""
    folder = tmp_path / "results"
    shutil.copytree(RESULTS, folder)
    monkeypatch.setattr(readme, "RESULTS", folder)
    for path in folder.glob("*.json"):
        data = json.loads(path.read_text("utf-8"))
        for name in [*readme._READ_FIGURES, *readme._SURE_FIGURES, *data.get("figures", {})]:
            if name.startswith("answered_") or name in readme._READ_FIGURES + readme._SURE_FIGURES:
                data.get("figures", {}).pop(name, None)
        path.write_text(json.dumps(data), "utf-8")

    def put(name, figures):
        path = folder / f"{name}.json"
        data = json.loads(path.read_text("utf-8"))
        data["figures"] |= {
            figure: {"value": value, "interval": [0.0, 1.0], "n": 7}
            for figure, value in figures.items()
        }
        path.write_text(json.dumps(data), "utf-8")

    return put


@pytest.mark.parametrize("language", ["en", "kk"])
def test_without_the_figures_there_are_no_tables(results, language):
    words, text = readme._WORDS[language], readme.measured(language)
    assert words["read"] not in text
    assert words["sure"] not in text
    assert words["kind"] not in text.split("|")


@pytest.mark.parametrize("language", ["en", "kk"])
def test_each_figure_has_its_column_where_it_was_measured(results, language):
    results(OWN[0], dict.fromkeys((*READ, *SURE, *KINDS), 0.25))
    results(OWN[1], {"short_answer_f1": 0.75})
    words, text = readme._WORDS[language], readme.measured(language)
    cell, other = "0.250 (0.00–1.00)", "0.750 (0.00–1.00)"
    assert words["parts_cited"] not in text, "nobody measured it"
    for name, row in (
        ("read", f"| {OWN[1]} | – | – | {other} |"),
        ("read", f"| {OWN[0]} | {' | '.join([cell] * len(READ))} |"),
        ("sure", f"| {OWN[0]} | {' | '.join([cell] * len(SURE))} |"),
    ):
        table = text.split(f"\n{words[name]}\n\n")[1].split("\n\n")[0]
        assert row in table.splitlines(), name
    kinds = text.split(words["kinds"].format(name=OWN[0]))[1].split("\n\n")[1]
    assert kinds.splitlines()[2:] == [
        f"| {words['near-miss']} | 7 | {cell} | {cell} |",
        f"| {words['off-topic']} | 7 | {cell} | – |",
    ]


def test_both_languages_say_as_much():
    assert readme._WORDS["en"].keys() == readme._WORDS["kk"].keys()
