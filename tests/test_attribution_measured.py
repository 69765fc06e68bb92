"""Tests of eval/verification.py: what is committed is of this verifier, and meets the bars."""

import json
import random
import re
from pathlib import Path

import pytest

import chat.attribution
from eval.baselines import OWN_DEV, RESULTS, VERIFICATION
from eval.formats import read_set
from eval.verification import CONTROL, LIES, MECHANICAL, VERIFIER, claims, state, with_other_numbers
from ingest.language import detect

COMMITTED = json.loads((RESULTS / f"{VERIFICATION}.json").read_text("utf-8"))


def test_what_is_committed_is_of_the_verifier_as_it_is():
    """Measure anew when one of VERIFIER changes: python -m eval.verification SET."""
    assert COMMITTED["of_sha256"] == state()


def test_all_that_attribution_is_made_of_counts_as_the_verifier():
    root = Path(chat.attribution.__file__).parents[1]
    parts = [root / name for name in VERIFIER]
    used = {
        name.replace(".", "/") + ".py"
        for path in parts
        if path.suffix == ".py"
        for name in re.findall(r"^from (chat\.\w+) import", path.read_text("utf-8"), re.M)
    }
    assert used - set(VERIFIER) == {"chat/answer.py", "chat/reader_model.py"}


@pytest.mark.parametrize("name", sorted(COMMITTED["sets"].keys() - {"off_topic"}))
def test_it_keeps_what_is_right_and_finds_out_what_is_not(name):
    figures = COMMITTED["sets"][name]
    assert figures["right"]["value"] >= 0.92  # No less than now; the goal is below.
    assert figures["number"]["value"] >= 0.99
    assert figures["number"]["n"] >= 200
    assert figures["passage"]["value"] >= 0.95


@pytest.mark.xfail(strict=True, reason="what the claim head does not reach yet (eval/LOG.md)")
@pytest.mark.parametrize(
    ("figures", "name", "least"),
    [
        (COMMITTED["sets"][OWN_DEV.stem], "right", 0.95),
        (COMMITTED["sets"][OWN_DEV.stem], "false", 0.60),
    ],
)
def test_the_goals_of_what_stands_and_what_is_found_out(figures, name, least):
    assert figures[name]["value"] >= least


@pytest.mark.xfail(strict=True, reason="what the claim head does not reach yet (eval/LOG.md)")
@pytest.mark.parametrize(("name", "most"), [("mechanical", 0.0), ("all", 0.10)])
def test_the_goals_of_lies(name, most):
    assert COMMITTED["lies"][name]["value"] <= most


def test_the_sentences_are_those_of_the_dev_set_in_the_language_asked():
    asked = {each.id: each for each in read_set(OWN_DEV).examples if each.gold}
    written = claims()
    assert list(written) == list(asked)
    for name, said in written.items():
        assert said["right"] != said["false"]
        assert detect(said["right"]) == detect(said["false"]) == asked[name].language


def test_the_lies_are_many_of_each_kind_and_most_are_found_out():
    figures = COMMITTED["lies"]
    rows = list(map(json.loads, LIES.read_text("utf-8").splitlines()))
    assert sum(not row["supported"] for row in rows) == figures["all"]["n"] >= 240
    assert {row["kind"] for row in rows if row["supported"]} == {CONTROL}
    assert len({row["claim"] for row in rows}) == len(rows)
    assert set(figures) - {"all", "mechanical"} == {row["kind"] for row in rows}
    assert min(figure["n"] for figure in figures.values()) >= 10
    assert set(MECHANICAL) < set(figures)
    assert all(figures[kind]["value"] == 0 for kind in ("address", "digits_disguised", "invisible"))
    assert figures["mechanical"]["value"] <= 0.08
    assert figures["all"]["value"] <= 0.38
    assert figures[CONTROL]["value"] >= 0.9


def test_other_numbers_are_other_numbers():
    chance = random.Random(1)
    one, other = with_other_numbers("1994 жылы 12 шарт жасалды.", "kk", chance)
    assert one.endswith(" жылы 12 шарт жасалды.")
    assert not one.startswith("1994")
    assert other.startswith("1994 жылы ")
    assert other != "1994 жылы 12 шарт жасалды."
    assert with_other_numbers("Шарт жасалды.", "kk", chance) == ["1873 жылы шарт жасалды."]
