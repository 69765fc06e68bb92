"""Tests of eval/web_tab.py: a set is run, cancelled and compared; results in each language."""

import html
import json
import re
import time
from dataclasses import replace
from threading import Event

import pytest
from fakes import HashEmbedder
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chat.settings import Settings
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval import web_tab
from eval.baselines import SETS
from eval.web_tab import (
    MAX_FAILING_SHOWN,
    SHOWN_FIGURES,
    Evaluation,
    Running,
    add_routes,
    results_html,
)
from index.indexer import Indexer, LiveIndex
from ingest.loader import read_shipped

# Of starlette's test client.
pytestmark = pytest.mark.filterwarnings("ignore")

KAZAKH = Translations("kk")
HOSTILE = "Үкі <b>қайда</b> ұшады? & ә ғ қ ң ө ұ ү һ і"
ALL = [*map(Translations, LANGUAGES)]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("бағалау")
    library = Indexer(home, load=HashEmbedder)
    library.put(read_shipped().documents)
    (home / "sets").mkdir()
    rows = (SETS / "smoke.jsonl").read_text("utf-8").splitlines()[:6]
    hostile = json.loads(rows[0]) | {"id": "hostile", "question": HOSTILE}
    rows.append(json.dumps(hostile))
    (home / "sets" / "шағын.jsonl").write_text("\n".join(rows), "utf-8")
    return Site(LiveIndex(library, library.open()), Settings(home=home))


def ended(running):
    """Wait for a run to end, however slow the machine is."""
    while not running.ended:
        time.sleep(0.01)
    return running


def own_set(evaluation):
    return next(path for path in evaluation.sets() if path.name == "шағын.jsonl")


@pytest.fixture(scope="module")
def run(site):
    evaluation = Evaluation(site)
    running = ended(evaluation.start("ә", own_set(evaluation), KAZAKH))
    assert running.failure == ""
    return running


def test_sets_are_those_that_ship_then_ones_own(site):
    names = [path.name for path in Evaluation(site).sets()]
    assert names == [*sorted(path.name for path in SETS.glob("*.jsonl")), "шағын.jsonl"]
    (site.home / "feedback.jsonl").write_text("", "utf-8")
    try:
        assert [path.name for path in Evaluation(site).sets()][-2:] == [
            "feedback.jsonl",
            "шағын.jsonl",
        ]
    finally:
        (site.home / "feedback.jsonl").unlink()


def test_a_run_is_done_to_its_end_and_then_listed(site, run):
    assert (run.done, run.total, run.cancelled) == (7, 7, False)
    assert Evaluation(site).finished() == [run.folder.path.name]
    assert run.folder.path.parent == site.home / "runs"


@pytest.mark.parametrize("i18n", ALL, ids=LANGUAGES)
def test_results_are_the_figures_and_what_went_wrong(run, i18n):
    page = results_html(run.folder, i18n)
    assert len(page.splitlines()) == 1
    assert page.count("<section") == page.count("</section>") == 1
    figures = run.folder.summary()["figures"]
    listed = [name for name in SHOWN_FIGURES if name in figures]
    assert len(listed) > 5
    headings = re.findall(r'<th scope="row">(.*?)</th>', page)
    assert headings == [i18n.text(f"figure_{name}") for name in listed]
    assert i18n.decimal(figures[listed[0]]["value"]) in page
    failing = [record for record in run.folder.records() if record["failures"]]
    shown = re.findall(r"<summary><span lang=\"\w\w\">(.*?)</span>", page)
    assert [html.unescape(each) for each in shown] == [each["question"] for each in failing]
    assert HOSTILE in [each["question"] for each in failing]
    assert "<b>" not in page


def test_of_many_failing_some_are_shown_and_all_are_counted(run, monkeypatch):
    failing = [record for record in run.folder.records() if record["failures"]]
    assert len(failing) <= MAX_FAILING_SHOWN
    monkeypatch.setattr(web_tab, "MAX_FAILING_SHOWN", 1)
    page = results_html(run.folder, KAZAKH)
    assert page.count("<details") == 1
    assert KAZAKH.text("more_failing", shown="1", total=str(len(failing))) in page


def test_while_one_run_goes_on_no_other_begins(site, run, monkeypatch):
    evaluation, going, goes_on = Evaluation(site), Event(), Event()

    def wait(*_):
        going.set()
        goes_on.wait()
        return run.folder

    monkeypatch.setattr(Evaluation, "_run_set", wait)
    first = evaluation.start("ә", own_set(evaluation), KAZAKH)
    going.wait()
    second = evaluation.start("ғ", own_set(evaluation), KAZAKH)
    assert (second.ended, second.failure) == (True, KAZAKH.text("runs_already"))
    goes_on.set()
    assert ended(first).folder == run.folder
    third = evaluation.start("қ", own_set(evaluation), KAZAKH)
    assert ended(third).folder == run.folder


def test_a_run_that_is_cancelled_stops_and_leaves_room(site):
    evaluation, running = Evaluation(site), Running(cancelled=True)
    web_tab._RUN_LOCK.acquire()
    evaluation._run(own_set(evaluation), running, "kk")
    assert running.ended
    assert running.done < running.total == 7
    assert (running.folder, running.failure) == (None, "")
    note = web_tab._end_note(KAZAKH, running)
    counts = {"done": str(running.done), "total": "7"}
    assert html.unescape(note).count(KAZAKH.text("cancelled", **counts)) == 1
    assert not web_tab._RUN_LOCK.locked()


def test_a_set_that_cannot_be_read_is_told_without_a_path_of_the_server(site):
    evaluation = Evaluation(site)
    broken = site.home / "sets" / "бұзық.jsonl"
    broken.write_text("{", "utf-8")
    try:
        running = ended(evaluation.start("ә", broken, KAZAKH))
    finally:
        broken.unlink()
    assert "бұзық.jsonl" in running.failure
    assert str(site.home) not in running.failure


def test_two_runs_are_compared_and_the_report_is_kept(site, run):
    stricter = replace(site, settings=site.settings.model_copy(update={"threshold": 0.99}))
    evaluation = Evaluation(stricter)
    other = ended(evaluation.start("ә", own_set(evaluation), KAZAKH))
    before, after = run.folder.path.name, other.folder.path.name
    assert before != after
    page = web_tab._compare(KAZAKH, evaluation, before, after)
    assert f"{before} → {after} (n 7)" in html.unescape(page)
    assert (other.folder.path / f"compared-with-{before}.html").is_file()
    for a, b in ((before, before), (before, "жоқ"), ("../x", after), (None, None)):
        assert KAZAKH.text("choose_runs") in web_tab._compare(KAZAKH, evaluation, a, b)


def test_only_reports_of_finished_runs_are_served(site, run):
    app = FastAPI()
    add_routes(app, site)
    client, name = TestClient(app), run.folder.path.name
    assert client.get(f"/more/runs/{name}/report.html").text == run.folder.report.read_text("utf-8")
    for path in (f"{name}/questions.jsonl", f"{name}/config.json", "жоқ/report.html",
                 f"{name}/compared-with-жоқ.html", f"..%2f{name}/report.html"):  # fmt: skip
        assert client.get(f"/more/runs/{path}").status_code == 404
