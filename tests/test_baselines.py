"""The committed results: made by this tree, and makeable anew by anyone."""

import json

import pytest
from campaign import at_length
from fakes import HashEmbedder

from eval import baselines
from eval.formats import read_set
from eval.robustness import TYPING_WAYS
from eval.runner import ask
from eval.summary import summarise


@pytest.mark.model
@pytest.mark.campaign
def test_the_committed_figures_are_those_of_this_tree(retriever):
    """The README's figures come from these files: measure them anew when answers change."""
    committed = json.loads((baselines.RESULTS / "smoke.json").read_text("utf-8"))["figures"]
    every = read_set(baselines.SETS / "smoke.jsonl", strict=True).examples
    examples = at_length(every, every[::8])
    measured = summarise([ask(example, retriever) for example in examples])["figures"]
    for name in ("right", "error", "hallucination", "citation_validity", "recall@10"):
        value, n = committed[name]["value"], measured[name]["n"]
        # One question may fall the other way on another processor's arithmetic; of a part of them
        # the share may differ as a random part's does, by three standard deviations at most.
        allowed = at_length(1.5 / n, 1.5 / n + 3 * (value * (1 - value) / n) ** 0.5)
        assert n == committed[name]["n"] or len(examples) < len(every)
        assert measured[name]["value"] == pytest.approx(value, abs=allowed), name


def test_everything_is_run_and_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("eval.runner.load_embedder", lambda name, _: HashEmbedder(name))
    monkeypatch.setattr(baselines, "OWN", ("own",))
    monkeypatch.setattr(baselines, "SETS", tmp_path)
    monkeypatch.setattr(baselines, "RESULTS", tmp_path)
    own = {"id": "q1", "question": "Шартқа кім қол қойды?", "answers": ["Назарбаев"]}
    (tmp_path / "own.jsonl").write_text(json.dumps(own), "utf-8")
    folder = tmp_path / "beir"
    folder.mkdir()
    texts = ["Ұлы дала кең.", "Теңіз тартылды."]
    corpus = [json.dumps({"_id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
    (folder / "corpus.jsonl").write_text("\n".join(corpus), "utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Дала қандай?"}', "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td0\t1\n", "utf-8")
    monkeypatch.setattr("sys.argv", ["baselines", str(folder)])
    assert baselines.main() == 0
    assert "own: 1 question" in capsys.readouterr().out
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in tmp_path.glob("*.json")}
    typed = found.pop(baselines.TYPED)
    assert set(typed) == {"beir"}  # The own set has no gold.
    assert set(typed["beir"]["ways"]) == set(TYPING_WAYS)
    assert typed["beir"]["clean"]["n"] == 1
    assert {name: summary["n"] for name, summary in found.items()} == {
        "own": 1,
        "beir": 2,  # Once as it is, once as a near miss.
        baselines.OFF_TOPIC: 2,
    }
    assert found["beir"]["figures"]["hallucination"]["n"] == 1


def test_a_missing_set_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(baselines, "OWN", ("жоқ",))
    monkeypatch.setattr(baselines, "SETS", tmp_path)
    monkeypatch.setattr("sys.argv", ["baselines"])
    assert baselines.main() == 2
    assert capsys.readouterr().err.count("\n") == 1
