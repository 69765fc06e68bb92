"""Tests of eval/training/train_retriever.py: a run learns, and goes on where it was stopped."""

import json

import pytest
from campaign import only_at_length
from fakes import HashEmbedder

from eval.training import train_retriever, training_run
from ingest.sentence import sentences

pytestmark = [pytest.mark.model, pytest.mark.slow]

TEXTS = {
    "қ1": "Ғарыш айлағы 1955 жылы салынды. Ол далада тұр, жанында өзен бар.",
    "қ2": "Ұста Өскенбай темір соқты. Оның дүкені көшенің басында еді.",
    "қ3": "The lake froze early. Fishermen waited for a week on the shore.",
}
QUESTIONS = {
    "қ1": ("When was the spaceport built?", "1955", "en"),
    "қ2": ("Кто ковал железо?", "Өскенбай", "ru"),
    "қ3": ("Көл қашан қатты?", "early", "kk"),
}


def row(name):
    text, (asked, answer, language) = TEXTS[name], QUESTIONS[name]
    start = text.index(answer)
    evidence = [list(sentences(text)[0])]
    question = {
        "question": asked,
        "language": language,
        "kind": "what",
        "answers": [[start, start + len(answer)]],
        "evidence": evidence,
    }
    claim = {"claim": asked[:-1], "language": language, "label": "supported", "evidence": evidence}
    return {
        "id": name,
        "language": "kk",
        "title": "",
        "text": text,
        "questions": [question],
        "claims": [claim],
    }


@pytest.fixture
def run(tmp_path, monkeypatch, unpacked_model):
    """Return a function that trains on three passages in small steps, up to a number of them."""
    for module in (train_retriever, training_run):
        monkeypatch.setattr(module, "POOL", 16)
    monkeypatch.setattr(train_retriever, "RISE", 1)
    monkeypatch.setattr(train_retriever, "held_out", lambda _: False)
    monkeypatch.setattr(train_retriever, "unpack", lambda folder: folder)
    monkeypatch.setattr(train_retriever, "EmbeddedModel", HashEmbedder)
    rows = tmp_path / "passages.jsonl"
    rows.write_text("".join(json.dumps(row(name)) + "\n" for name in TEXTS), "utf-8")
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text('{"kk": "Құжатты сақтау", "en": "Save the document"}\n', "utf-8")

    def train(name, examples):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        model = folder / "multilingual-e5-small"
        if not model.exists():
            model.symlink_to(unpacked_model)
        files = ["--questions", str(rows), "--claims", str(rows), "--translations", str(pairs)]
        sizes = [
            "--examples",
            str(examples),
            "--fall",
            "0",
            "--frozen-layers",
            "10",
            "--rate",
            "1e-3",
        ]
        monkeypatch.setattr("sys.argv", ["train", str(folder), *files, *sizes])
        assert train_retriever.main() == 0
        return folder

    return train


@only_at_length
def test_it_learns_from_rows_and_the_reader_and_goes_on_where_it_was(run):
    from safetensors.torch import load_file

    whole = run("whole", 48)
    run("parts", 16)
    parts = run("parts", 48)
    one, other = (load_file(folder / "retriever.safetensors") for folder in (whole, parts))
    assert one.keys() == other.keys()
    assert not any("word_embeddings" in name for name in one)
    for name, value in one.items():
        assert (value - other[name]).abs().max() < 1e-3
    log = [json.loads(line) for line in (parts / "log.jsonl").read_text("utf-8").splitlines()]
    assert [line["examples"] for line in log] == [16, 32, 48]
    assert log[-1]["dense"] < log[0]["dense"]
    assert "teacher" in log[0]


def test_rows_that_cannot_be_read_are_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(train_retriever, "unpack", lambda folder: folder)
    missing = str(tmp_path / "жоқ.jsonl")
    monkeypatch.setattr("sys.argv", ["train", str(tmp_path), "--questions", missing])
    assert train_retriever.main() == 2
    error = capsys.readouterr().err
    assert error.startswith("eval.training.train_retriever: ")
    assert "жоқ.jsonl" in error
    assert error.count("\n") == 1
