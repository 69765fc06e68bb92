"""Tests of training the confidence: what is asked of which passages, and what is learnt."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from fakes import HashEmbedder, document
from hypothesis import given
from hypothesis import strategies as st

import eval.runner
from chat import confidence
from chat.confidence import Features
from eval.training import train_confidence as training
from eval.training.reading_rows import development_set, held_out
from eval.training.train_confidence import KINDS, MAX_REFUSED, Sample, fit_ranking, main, train

SEED = 5

NAMES = [field.name for field in fields(Features)]


def samples(count=600, apart=1.0):
    """Five sentences a question, their features by chance, higher where one answers.

    One in five does where the question is answerable, none elsewhere; in three sizes of index.
    """
    random = np.random.default_rng(SEED)
    for number in range(count):
        kind = KINDS[number % 3]
        gold = np.arange(5) == (number % 5 if kind == "answerable" else 9)
        features = random.normal(apart * gold[:, None], 0.5, (5, len(NAMES)))
        size, whole = [10, 50, 200][number % 7 % 3], number % 7 > 2
        yield Sample("ab"[number % 2], size, whole, kind, f"{number}", features, gold)


def test_what_tells_the_kinds_apart_gets_weight():
    trained = train(list(samples()))
    assert list(trained["ranking"]) == list(trained["weights"]) == NAMES
    assert trained["weights"].pop("asks") == 0  # It counts in ranking only.
    assert min(*trained["ranking"].values(), *trained["weights"].values()) > 0
    nothing = train(list(samples(apart=0.0)))
    least = min(trained["ranking"].values())
    assert max(map(abs, nothing["ranking"].values())) < least / 2


def test_a_feature_that_ranks_gets_weight_and_one_of_chance_none():
    random = np.random.default_rng(SEED)
    gold = np.arange(6) == 2
    many = []
    for number in range(200):
        features = random.normal(0, 1, (6, len(NAMES)))
        features[:, 0] += 2 * gold
        many.append(Sample("a", 6, True, "answerable", f"{number}", features, gold))
    found, *others = fit_ranking(many)
    assert found > 4 * max(map(abs, others))
    # What nobody judged says nothing of ranking.
    assert (fit_ranking([replace(one, gold=None) for one in many]) == 0).all()


@given(own=st.lists(st.floats(0, 1), min_size=1), others=st.lists(st.floats(0, 1), min_size=1))
def test_the_threshold_is_the_highest_that_refuses_few_enough(own, others):
    sure = np.array(own + others)
    sets = np.array(["own"] * len(own) + ["others"] * len(others))

    def error(threshold):
        """Of the own set, or the mean of both, whichever is more."""
        refused = [float((np.array(part) < threshold).mean()) for part in (own, others)]
        return max(refused[0], sum(refused) / 2)

    threshold = training._threshold(sure, sets, "own")
    assert error(threshold) <= MAX_REFUSED
    assert threshold == 0.99 or error(round(threshold + 0.01, 2)) > MAX_REFUSED


def test_the_record_says_what_thresholds_risk():
    trained = train(list(samples()))
    risk = trained["record"]["risk"]
    assert risk["by_set"]["a"]["answerable_refused"] <= MAX_REFUSED
    assert f"{trained['threshold']:.2f}" in risk["by_threshold"]
    assert all(0 <= share <= 1 for row in risk["by_threshold"].values() for share in row.values())


def test_figures_are_of_questions_not_seen():
    """Features without meaning cannot tell anything, however long one looks at them."""
    row = train(list(samples(90, apart=0.0)))["record"]["risk"]["by_threshold"]["0.50"]
    told_apart = 1 - row["answerable_refused"] - row["off_topic_answered"]
    assert abs(told_apart) < 0.3


def test_the_record_counts():
    found = list(samples())
    record = train(found)["record"]
    assert sum(record["samples"].values()) == len(found)
    assert record["questions"] == len({sample.question for sample in found})


BIRDS = "үкі қарға бүркіт қаршыға аққу тырна құр кептер торғай сұңқар".split()
FISH = "шортан сазан алабұға жайын көксерке табан мөңке бекіре нәлім шабақ".split()


HELD_OUT = next(name for name in map(str, range(99)) if held_out(name))
PASSAGE = {
    "id": HELD_OUT,
    "language": "kk",
    "title": "Көл",
    "text": "Көл тұзды. Тереңдігі 26 метр.",
    "questions": [
        {
            "question": "Көлдің тереңдігі қанша?",
            "language": "kk",
            "kind": "howmany",
            "answers": [[21, 28]],
            "evidence": [[11, 29]],
        },
        {
            "question": "Көлдің ұзындығы қанша?",
            "language": "kk",
            "kind": "howmany",
            "answers": [],
            "evidence": [],
        },
    ],
    "claims": [],
}


def written(path, animals, verb):
    """Write a BEIR folder in which each animal has a document and a question."""
    path.mkdir()
    rows = {
        "corpus": [
            {"_id": a, "text": f"{a.capitalize()} {verb}. Оны бәрі біледі."} for a in animals
        ],
        "queries": [{"_id": f"q-{a}", "text": f"{a.capitalize()} не істейді?"} for a in animals],
    }
    for name, lines in rows.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lines)
        (path / f"{name}.jsonl").write_text(text, "utf-8")
    qrels = "".join(f"q-{animal}\t{animal}\t1\n" for animal in animals)
    (path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels, "utf-8")
    return path


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Run the whole of it over two small sets and a smaller own one; return the samples."""
    confidence.confidence_model()  # Read once, before another file is to be written.
    with pytest.MonkeyPatch.context() as monkeypatch:
        return _asked(tmp_path_factory.mktemp("sets"), monkeypatch)


def _asked(tmp_path, monkeypatch):
    own = tmp_path / "own.jsonl"
    rows = [
        {
            "id": "1",
            "question": "Абай қайда туған?",
            "language": "kk",
            "answerable": True,
            "tags": ["kk->kk"],
            "answers": [],
            "gold": [
                {"document_id": "абай", "start": 0, "end": 24, "quote": "Абай Шыңғыстауда туған. "}
            ],
        },
        {"id": "2", "question": "Мұхтар кім?", "language": "kk", "answerable": False, "tags": []},
        {
            "id": "3",
            "question": "Зырғақ бұрғақ па?",
            "language": "kk",
            "answerable": False,
            "tags": ["nonsense"],
        },
    ]
    own.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    passages = tmp_path / "passages.jsonl"
    passages.write_text(json.dumps(PASSAGE, ensure_ascii=False), "utf-8")
    shipped = [document("Абай Шыңғыстауда туған. Ол ақын болған.", "абай")]
    monkeypatch.setattr(training, "OWN_DEV", own)
    monkeypatch.setattr(training, "development_set", lambda: development_set(passages))
    monkeypatch.setattr(training, "PARTS", (3,))
    monkeypatch.setattr(training, "read_shipped", lambda: type("R", (), {"documents": shipped}))
    monkeypatch.setattr(eval.runner, "load_embedder", lambda *_: HashEmbedder())
    monkeypatch.setattr(confidence, "TRAINED", tmp_path / "confidence.json")
    found = []
    monkeypatch.setattr(
        training, "train", lambda many: found.extend(many) or {"record": {"risk": 1}}
    )
    sets = [written(tmp_path / "birds", BIRDS, "ұшады"), written(tmp_path / "fish", FISH, "жүзеді")]
    monkeypatch.setattr("sys.argv", ["train", *map(str, sets)])
    assert main() == 0
    assert json.loads((tmp_path / "confidence.json").read_text("utf-8")) == {"record": {"risk": 1}}
    return found


def of(found, name, kind, *, whole):
    return [s for s in found if (s.set, s.kind, s.whole) == (name, kind, whole)]


def test_every_question_is_asked_with_its_answer_and_without(asked):
    for name, animals in (("birds", BIRDS), ("fish", FISH)):
        wordings = {f"{animal.capitalize()} не істейді?" for animal in animals}
        assert {s.question for s in of(asked, name, "answerable", whole=True)} == wordings
        assert {s.question for s in of(asked, name, "near-miss", whole=True)} == wordings
        assert {s.passages for s in of(asked, name, "answerable", whole=True)} == {10}


def test_sets_ask_each_other_what_they_cannot_answer(asked):
    strangers = {s.question for s in of(asked, "birds", "off-topic", whole=True)}
    assert {f"{fish.capitalize()} не істейді?" for fish in FISH} <= strangers
    assert not {f"{bird.capitalize()} не істейді?" for bird in BIRDS} & strangers


def test_the_own_sets_unanswerable_questions_count_by_their_kind(asked):
    assert {s.question for s in of(asked, "own", "answerable", whole=True)} == {"Абай қайда туған?"}
    assert [s.question for s in of(asked, "own", "near-miss", whole=True)] == ["Мұхтар кім?"]
    assert "Зырғақ бұрғақ па?" in {s.question for s in of(asked, "own", "off-topic", whole=True)}


def test_passages_that_are_held_out_are_asked_too(asked):
    (sample,) = of(asked, "passages", "answerable", whole=True)
    assert sample.question == "Көлдің тереңдігі қанша?"
    assert sample.gold.tolist().count(True) == 1
    (near,) = of(asked, "passages", "near-miss", whole=True)
    assert near.question == "Көлдің ұзындығы қанша?"
    assert not near.gold.any()


def test_parts_are_asked_what_they_hold(asked):
    parts = of(asked, "birds", "answerable", whole=False)
    assert {s.passages for s in parts} == {3}
    assert len(parts) == 2 * 3  # One part around a passage, one at random, three passages each.
    assert len(of(asked, "birds", "near-miss", whole=False)) == len(parts)


def test_a_set_that_cannot_be_read_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["train", str(tmp_path / "жоқ")])
    monkeypatch.setattr(confidence, "TRAINED", tmp_path / "confidence.json")
    assert main() == 2
    assert capsys.readouterr().err.startswith("eval.training.train_confidence: ")
    assert not (tmp_path / "confidence.json").exists()
