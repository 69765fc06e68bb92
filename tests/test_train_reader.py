"""Tests of eval/training/train_reader.py: a run learns, and goes on where it was stopped."""

import json

import pytest
from campaign import only_at_length
from fakes import HashEmbedder

from eval.training import train_reader, training_run

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROW = {
    "id": "қ1",
    "language": "kk",
    "title": "Айлақ",
    "text": "Ғарыш айлағы 1955 жылы салынды. Ол далада тұр.",
    "questions": [
        {
            "question": "Айлақ қашан салынды?",
            "language": "kk",
            "kind": "when",
            "answers": [[13, 22]],
            "evidence": [[0, 31]],
        }
    ],
    "claims": [
        {
            "claim": "Айлақ 1965 жылы салынды.",
            "language": "kk",
            "label": "refuted",
            "evidence": [[0, 31]],
        }
    ],
}


@pytest.fixture
def run(tmp_path, monkeypatch, unpacked_model):
    """Return a function that trains on one passage in small steps, up to a number of them."""
    monkeypatch.setattr(train_reader, "POOL", 8)
    monkeypatch.setattr(training_run, "POOL", 8)
    monkeypatch.setattr(train_reader, "RISE", 1)
    monkeypatch.setattr(train_reader, "held_out", lambda _: False)
    monkeypatch.setattr(train_reader, "unpack", lambda folder: folder)
    monkeypatch.setattr(train_reader, "EmbeddedModel", HashEmbedder)
    rows = tmp_path / "passages.jsonl"
    rows.write_text(json.dumps(ROW, ensure_ascii=False), "utf-8")

    def train(name, examples):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        model = folder / "multilingual-e5-small"
        if not model.exists():
            model.symlink_to(unpacked_model)
        arguments = [str(folder), "--questions", str(rows), "--claims", f"{rows}:2"]
        monkeypatch.setattr(
            "sys.argv", ["train", *arguments, "--examples", str(examples), "--fall", "0"]
        )
        assert train_reader.main() == 0
        return folder

    return train


@only_at_length
def test_it_learns_and_goes_on_where_it_was(run):
    from safetensors.torch import load_file

    whole = run("whole", 24)
    run("parts", 8)
    parts = run("parts", 24)
    one, other = (load_file(folder / "reader.safetensors") for folder in (whole, parts))
    assert one.keys() == other.keys()
    assert not any("word_embeddings" in name for name in one)
    for name, value in one.items():
        assert (value - other[name]).abs().max() < 1e-3
    log = [json.loads(line) for line in (parts / "log.jsonl").read_text("utf-8").splitlines()]
    assert [row["examples"] for row in log] == [8, 16, 24]
    assert log[-1]["span"] < log[0]["span"]
    assert log[-1]["claim"] < log[0]["claim"]


def test_rows_that_cannot_be_read_are_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_reader, "unpack", lambda folder: folder)
    arguments = [str(tmp_path), "--questions", str(tmp_path / "жоқ.jsonl")]
    monkeypatch.setattr("sys.argv", ["train", *arguments])
    assert train_reader.main() == 2
    error = capsys.readouterr().err
    assert error.startswith("eval.training.train_reader: ")
    assert "жоқ.jsonl" in error
    assert error.count("\n") == 1
