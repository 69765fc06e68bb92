"""Tests of eval/compare.py: what differs between two runs, and whether that could be chance.

How the page looks in a browser is in tests/test_report_html.py.
"""

import json
from statistics import fmean

import pytest

from eval.compare import SIGNIFICANCE_LEVEL, compare, comparison_page
from eval.metrics.abstention import auroc
from eval.metrics.interval import holm, paired_bootstrap, randomisation
from eval.metrics.registry import MEASURES
from eval.run_store import RunFolder
from ingest.errors import EvalError

CONFIG = {
    "set": {"name": "жиын.jsonl", "sha256": "0" * 64},
    "questions": {"n": 40, "sha256": "0" * 64},
    "documents": {"n": 2, "sha256": "0" * 64},
    "embedder": "hash",
    "threshold": 0.5,
    "code_sha256": "1" * 64,
    "started": "2026-01-01T00:00:00+00:00",
}
N = 40


def record(n, metrics=None, places=(), **named):
    citations = [{"document_id": "құстар", "start": a, "end": b} for a, b in places]
    answer = {"abstained": not citations, "citations": citations, "confidence": 0.5}
    made = {
        "id": f"сұрақ-{n}",
        "question": f"Үкі {n} рет ұшты ма?",
        "language": "kk",
        "direction": "kk->kk",
        "tags": ["what", "variant-of:сұрақ-1"],
        "answerable": True,
        "answers": [],
        "response": None,
        "answer": answer | {"answer": "Былай"},
        "milliseconds": 1.0,
        "ranked": [],
        "relevant": {},
        "metrics": {"right": 1.0, "error": 0.0, "chrf": n / N} if metrics is None else metrics,
        "failures": [],
        "passages": [],
    }
    return made | named


SAME = [record(n, places=[(n, n + 5)]) for n in range(N)]


@pytest.fixture
def folder(tmp_path):
    """Return a function that makes a finished run of records."""

    def make(name, records, config=CONFIG, *, finished=True):
        found = RunFolder(tmp_path / name)
        found.begin(config)
        for each in records:
            found.append(each)
        if finished:
            found.finish(records, {"config": config}, "")
        return found

    return make


def changed(count, **metrics):
    """Return SAME with other figures in the first `count` records."""
    return [
        each | {"metrics": each["metrics"] | metrics} if n < count else each
        for n, each in enumerate(SAME)
    ]


def row(compared, name):
    (found,) = (each for each in compared["figures"] if each["name"] == name)
    return found


def told(a, b):
    with pytest.raises(EvalError) as caught:
        compare(a, b)
    line = caught.value.line()
    assert "\n" not in line
    return line


# --- the same, and not the same -------------------------------------------------------------------


def test_the_same_run_twice_differs_in_nothing(folder):
    compared = compare(folder("а", SAME), folder("ә", SAME))
    assert (compared["n"], compared["notes"], compared["changed"]) == (N, [], [])
    assert [each["name"] for each in compared["figures"]] == ["right", "error", "crag", "chrf"]
    for each in compared["figures"]:
        assert each["a"] == each["b"]
        assert each["difference"] == {"value": 0, "interval": [0, 0], "n": N}
        assert each["p"] == each["p_adjusted"] == 1
        counts = None if each["name"] == "crag" else 0
        assert (each["better"], each["worse"]) == (counts, counts)
        assert (each["changed"], each["certain"]) == (False, False)


def test_a_run_differs_from_itself_in_nothing(folder):
    found = folder("а", SAME)
    assert compare(found, found)["changed"] == []


def test_a_planted_difference_is_found(folder):
    worse = changed(10, right=0.0)
    compared = compare(folder("а", SAME), folder("ә", worse))
    found = row(compared, "right")
    assert (found["a"], found["b"]) == (1, 30 / N)
    assert found["difference"]["value"] == -10 / N
    low, high = found["difference"]["interval"]
    assert -1 < low < -10 / N < high < 0
    assert (found["better"], found["worse"], found["n"]) == (0, 10, N)
    assert found["p"] < SIGNIFICANCE_LEVEL
    assert found["certain"]
    assert not row(compared, "chrf")["certain"]


def test_less_is_better_where_less_is_better(folder):
    worse = changed(10, error=1.0)
    there = row(compare(folder("а", SAME), folder("ә", worse)), "error")
    back = row(compare(folder("б", worse), folder("в", SAME)), "error")
    assert MEASURES["error"].better == "lower"
    assert (there["difference"]["value"], back["difference"]["value"]) == (10 / N, -10 / N)
    assert (there["better"], there["worse"]) == (back["worse"], back["better"]) == (0, 10)
    assert there["certain"]
    assert back["certain"]


def test_wins_and_losses_are_counted(folder):
    values = [0.2, 0.9, 0.5, 0.5 + 1e-12]
    before = [record(n, {"chrf": 0.5}) for n in range(4)]
    after = [record(n, {"chrf": value}) for n, value in enumerate(values)]
    found = row(compare(folder("а", before), folder("ә", after)), "chrf")
    assert (found["better"], found["worse"]) == (1, 1)
    assert found["difference"]["value"] == pytest.approx(fmean(values) - 0.5, abs=1e-4)


def test_figures_are_paired_and_tested_as_the_docstring_says(folder):
    before = [record(n, {"right": n % 2, "chrf": n / N, "error": 0.0}) for n in range(N)]
    after = [record(n, {"right": 1.0, "chrf": (n + 1) / N, "error": 0.0}) for n in range(N)]
    compared = compare(folder("а", before), folder("ә", after))
    expected = {"crag": row(compared, "crag")["p"]}
    for name in ("right", "chrf", "error"):
        a, b = ([each["metrics"][name] for each in side] for side in (before, after))
        expected[name] = randomisation(a, b)
        assert row(compared, name)["p"] == expected[name]
        assert row(compared, name)["difference"] == paired_bootstrap(a, b).data()
    assert expected.pop("error") == 1
    adjusted = holm(expected)
    assert {name: row(compared, name)["p_adjusted"] for name in expected} == adjusted
    assert adjusted != expected, "two tests cost more than one"
    assert row(compared, "error")["p_adjusted"] == 1


def test_the_sum_of_many_small_differences_is_certain_and_one_is_not(folder):
    one = changed(1, right=0.0)
    assert not row(compare(folder("а", SAME), folder("ә", one)), "right")["certain"]
    few = compare(folder("б", SAME[:3]), folder("в", changed(3, right=0.0)[:3]))
    assert not row(few, "right")["certain"], "three questions prove nothing"


def test_only_questions_that_both_measured_count_in_a_figure(folder):
    before = [record(0, {"right": 1.0}), record(1, {"right": 0.0}), record(2, {})]
    after = [record(0, {"right": 0.0}), record(1, {}), record(2, {"right": 1.0, "chrf": 0.5})]
    compared = compare(folder("а", before), folder("ә", after))
    assert [each["name"] for each in compared["figures"]] == ["right", "crag"]
    assert row(compared, "crag")["n"] == 1
    assert (row(compared, "right")["n"], row(compared, "right")["a"]) == (1, 1)


SURE = [
    record(
        n,
        {"error": 0.0, "right": float(n % 3 > 0)},
        would_be_right=n % 3 > 0,
        answer={"answer": "Ә", "abstained": False, "citations": [], "confidence": 0.5 + n % 3 / 9},
    )
    for n in range(N)
] + [
    record(
        N + n,
        {"hallucination": 0.0, "answered_near_miss": 0.0},
        answerable=False,
        would_be_right=False,
        answer={"answer": "Жоқ", "abstained": True, "citations": [], "confidence": n / N},
    )
    for n in range(N)
]


def as_sure(records, confidence):
    """Return records with another confidence in what is unanswerable."""
    return [
        each
        if each["answerable"]
        else each | {"answer": each["answer"] | {"confidence": confidence}}
        for each in records
    ]


def test_figures_of_all_questions_are_compared_too(folder):
    after = as_sure(SURE, 0.95)
    compared = compare(folder("а", SURE), folder("ә", after))
    known = [each["answer"]["confidence"] for each in SURE[:N]]
    unknown = [each["answer"]["confidence"] for each in SURE[N:]]
    found = row(compared, "auroc_near_miss")
    assert found["a"] == pytest.approx(auroc(known, unknown), abs=1e-4)
    assert (found["b"], found["n"]) == (0, 2 * N)
    assert found["difference"]["value"] == pytest.approx(-auroc(known, unknown), abs=1e-4)
    assert (found["changed"], found["certain"]) == (True, True)
    assert (found["better"], found["worse"]) == (None, None)
    assert row(compared, "answered_near_miss@10%refused")["b"] == 1
    assert row(compared, "answered_near_miss@10%refused")["n"] == N, "what it is a share of"
    assert row(compared, "hallucination@10%refused")["certain"]
    for name in ("ece", "aurc", "risk@50%coverage"):
        assert row(compared, name)["changed"], name
    assert not row(compared, "crag")["changed"]
    assert not [each for each in compared["figures"] if each["name"].startswith("milliseconds")]
    page = comparison_page(compared)
    assert MEASURES["auroc_near_miss"].label in page
    assert "<td>–</td><td>–</td>" in page


def test_a_figure_of_all_that_one_run_has_not_is_left_out(folder):
    unjudged = [each | {"would_be_right": None} for each in SURE]
    compared = compare(folder("а", SURE), folder("ә", unjudged))
    names = {each["name"] for each in compared["figures"]}
    assert "auroc" in names
    assert not names & {"ece", "aurc", "risk@50%coverage", "coverage@5%risk"}


def test_a_comparison_is_plain_data(folder):
    compared = compare(folder("а", SAME), folder("ә", changed(9, right=0.0)))
    assert json.loads(json.dumps(compared)) == compared
    assert (compared["a"]["name"], compared["b"]["name"]) == ("а", "ә")
    assert compared["a"]["config"] == CONFIG


# --- which questions changed ----------------------------------------------------------------------


def one(folder, before, after):
    compared = compare(folder("а", [before]), folder("ә", [after]))
    return [change["kind"] for change in compared["changed"]]


RIGHT, WRONG, UNKNOWN = {"right": 1.0}, {"right": 0.0}, {}
HERE, THERE = [(0, 5)], [(6, 9)]


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (record(1, RIGHT, HERE), record(1, RIGHT, HERE), []),
        (record(1, RIGHT, HERE), record(1, RIGHT, HERE, milliseconds=9.0), []),
        (record(1, RIGHT, HERE), record(1, WRONG, THERE), ["worse"]),
        (record(1, WRONG, HERE), record(1, RIGHT, THERE), ["better"]),
        (record(1, WRONG, HERE), record(1, RIGHT, HERE), ["better"]),
        (record(1, RIGHT, HERE), record(1, RIGHT, THERE), ["other"]),
        (record(1, RIGHT, HERE), record(1, RIGHT, HERE + THERE), ["other"]),
        (record(1, UNKNOWN, HERE), record(1, UNKNOWN, THERE), ["other"]),
        (record(1, UNKNOWN, HERE), record(1, RIGHT, HERE), ["other"]),
        (record(1, WRONG, HERE), record(1, WRONG, []), ["other"]),
        (record(1, {}, [], answerable=False), record(1, {}, HERE, answerable=False), ["worse"]),
        (record(1, {}, HERE, answerable=False), record(1, {}, [], answerable=False), ["better"]),
    ],
)
def test_a_question_got_better_or_worse_or_has_another_answer(folder, before, after, kinds):
    assert one(folder, before, after) == kinds


def test_changed_questions_hold_both_records(folder):
    after = [record(0, WRONG, THERE), *SAME[1:]]
    (change,) = compare(folder("а", SAME), folder("ә", after))["changed"]
    assert (change["a"], change["b"]) == (SAME[0], after[0])


# --- what can be compared -------------------------------------------------------------------------


def test_runs_without_a_common_question_cannot_be_compared(folder):
    a = folder("а", SAME[:2])
    assert "have no question in common" in told(a, folder("ә", SAME[2:]))
    asked = [each | {"question": "Басқа?"} for each in SAME[:2]]
    assert "have no question in common" in told(a, folder("б", asked))
    known = [each | {"answerable": False} for each in SAME[:2]]
    assert "have no question in common" in told(a, folder("в", known))
    assert "have no question in common" in told(a, folder("г", []))


def test_only_common_questions_count_and_that_is_told(folder):
    compared = compare(folder("а", SAME[:30]), folder("ә", SAME[10:]))
    assert compared["n"] == 20
    assert compared["notes"] == ["Only the 20 questions of both count; A has 30, B has 30."]
    assert row(compared, "right")["n"] == 20


@pytest.mark.parametrize("which", [0, 1])
def test_an_unfinished_run_cannot_be_compared(folder, tmp_path, which):
    good = folder("а", SAME)
    for other in (folder("ә", SAME, finished=False), RunFolder(tmp_path / "жоқ")):
        line = told(*((good, other) if which else (other, good)))
        assert repr(str(other.path)) in line
        assert "expected a folder that `dalel eval` has filled" in line


@pytest.mark.parametrize("name", ["summary.json", "questions.jsonl"])
@pytest.mark.parametrize("text", ["{\n", "[]\n", "{}\n", "\x00\n"])
def test_a_damaged_run_cannot_be_compared(folder, name, text):
    good, bad = folder("а", SAME), folder("ә", SAME)
    (bad.path / name).write_text(text, "utf-8")
    assert f"{name}' is damaged" in told(good, bad)


@pytest.mark.parametrize(
    ("differing", "note"),
    [
        ({}, None),
        ({"started": "2026-02-02"}, None),
        ({"versions": {"numpy": "9"}}, None),
        ({"threshold": 0.25}, "threshold"),
        ({"given": True}, "given"),
        ({"embedder": "басқа", "code_sha256": "2" * 64}, "embedder, code"),
        ({"set": {"name": "басқа"}, "documents": {"n": 3}}, "set, documents"),
    ],
)
def test_what_two_runs_differ_in_is_told(folder, differing, note):
    compared = compare(folder("а", SAME), folder("ә", SAME, CONFIG | differing))
    assert compared["notes"] == ([f"The runs differ in: {note}."] if note else [])


# --- the page -------------------------------------------------------------------------------------


def test_a_page_shows_worse_before_better_and_bold_what_is_certain(folder):
    before = [record(n, RIGHT if n % 4 else WRONG, HERE) for n in range(N)]
    after = [record(n, RIGHT if n % 4 == 0 else WRONG, HERE) for n in range(N)]
    page = comparison_page(compare(folder("а", before), folder("ә", after)))
    kinds = [part.split('"', 1)[0] for part in page.split('data-failures="')[1:]]
    assert kinds == ["worse"] * 30 + ["better"] * 10
    assert '<tr class="all"><th scope="row" title=' in page
    assert '<td class="worse">-0.500</td>' in page
    assert '<option value="what">what</option>' in page
    assert "variant-of" not in page.split("<details")[0]


def test_less_is_green_where_less_is_better(folder):
    worse = changed(10, error=1.0)
    there = comparison_page(compare(folder("а", SAME), folder("ә", worse)))
    back = comparison_page(compare(folder("б", worse), folder("в", SAME)))
    assert '<td class="worse">+0.250</td>' in there
    assert '<td class="better">-0.250</td>' in back


def test_a_page_of_no_change_says_so(folder):
    page = comparison_page(compare(folder("а", SAME), folder("ә", SAME)))
    assert "None: every answer is the same." in page
    assert "<details" not in page
