"""Tests of eval/web_tab.py: a set is run, cancelled and compared; results in each language."""

import html
import json
import re
import time
from dataclasses import replace
from threading import Event
from urllib.parse import quote

import pytest
from fakes import HashEmbedder
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chat.settings import Settings
from chat.web.evidence import link_to
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from eval import web_tab
from eval.baselines import RESULTS, SETS
from eval.report.export import csv_rows
from eval.report.outcome import Place, failed_stage, gold_places
from eval.report.texts import report_texts
from eval.web_reports import add_routes, document_links
from eval.web_runs import ONE_RUN, Evaluation, Running, expected_seconds, key_of, seconds_left
from eval.web_tab import MAX_FAILING_SHOWN, SHOWN_FIGURES, results_html, run_label
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
    running = ended(evaluation.start(own_set(evaluation), KAZAKH))
    assert running.failure == ""
    return running


def test_sets_are_those_that_ship_smallest_first_then_ones_own(site):
    names = [path.name for path in Evaluation(site).sets()]
    assert names == [
        "smoke.jsonl",
        "foreign_policy.test.jsonl",
        "foreign_policy.dev.jsonl",
        "шағын.jsonl",
    ]
    assert {*names[:3]} == {path.name for path in SETS.glob("*.jsonl")}
    (site.home / "feedback.jsonl").write_text("", "utf-8")
    try:
        assert [path.name for path in Evaluation(site).sets()][-2:] == [
            "feedback.jsonl",
            "шағын.jsonl",
        ]
    finally:
        (site.home / "feedback.jsonl").unlink()


@pytest.mark.parametrize("i18n", ALL, ids=LANGUAGES)
def test_a_set_says_how_many_questions_it_has_in_which_languages(site, i18n):
    choices, first = web_tab._set_choices(i18n, Evaluation(site))
    labels = [label for label, _ in choices]
    assert labels[0].startswith(f"smoke.jsonl: {i18n.count('set_questions', 79)} (")
    assert [i18n.text(f"written_{name}") in labels[0] for name in LANGUAGES] == [True] * 3
    assert i18n.count("set_questions", 258) in labels[2]
    assert first == choices[0][1] == key_of(SETS / "smoke.jsonl")
    about = html.unescape(web_tab._about(i18n, Evaluation(site), first))
    assert i18n.text("set_about_smoke") in about
    own = key_of(own_set(Evaluation(site)))
    assert web_tab._about(i18n, Evaluation(site), own).count("<p") == 1, (
        "of others nothing is known"
    )
    assert i18n.text("takes_about", time="|").partition("|")[0] in about
    assert web_tab._about(i18n, Evaluation(site), "жоқ") == ""


def test_a_set_is_known_by_its_place_whatever_comes_before_it(site):
    evaluation = Evaluation(site)
    key = key_of(own_set(evaluation))
    other = site.home / "sets" / "ағаш.jsonl"
    other.write_text("{", "utf-8")
    try:
        assert evaluation.find(key).path == own_set(evaluation)
        [broken] = [one for one in evaluation.offered() if one.path == other]
        assert (broken.questions, broken.languages) == (0, ())
    finally:
        other.unlink()
    for strange in (None, 3, "жоқ", "0", [key], key_of(other)):
        assert evaluation.find(strange) is None


def test_a_set_that_grows_is_counted_anew(site):
    path = site.home / "sets" / "өсетін.jsonl"
    row = {"id": "1", "question": "Үкі қашан ұшады?", "answerable": False}
    try:
        for number in (1, 2):
            rows = [row | {"id": f"{n}"} for n in range(number)]
            path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
            assert Evaluation(site).find(key_of(path)).questions == number
    finally:
        path.unlink()


def test_how_long_it_takes_is_told_from_the_last_questions(monkeypatch):
    times = iter([0.0, 100.0, *(100 + 2.0 * n for n in range(1, 40))])
    monkeypatch.setattr("eval.web_runs.monotonic", lambda: next(times))
    running = Running()
    assert (running.pace, seconds_left(running)) == (None, None)
    for done in range(1, 41):
        running.progress(done, 100)
    assert (running.pace, seconds_left(running)) == (2.0, 120.0)
    monkeypatch.setattr(ONE_RUN, "pace", None)
    published = json.loads((RESULTS / "smoke.json").read_text("utf-8"))
    assert expected_seconds(published["n"]) == pytest.approx(published["seconds"])
    monkeypatch.setattr(ONE_RUN, "pace", 0.5)
    assert expected_seconds(79) == 39.5
    assert [web_tab._duration(KAZAKH, seconds) for seconds in (0, 39.5, 89, 95, 600)] == [
        "5 секунд", "40 секунд", "90 секунд", "2 минут", "10 минут",
    ]  # fmt: skip


def test_a_run_is_done_to_its_end_and_then_listed(site, run):
    assert (run.done, run.total, run.cancelled) == (7, 7, False)
    assert Evaluation(site).finished() == [run.folder.path.name]
    assert run.folder.path.parent == site.home / "runs"


@pytest.mark.parametrize("i18n", ALL, ids=LANGUAGES)
def test_results_are_the_figures_and_what_went_wrong(site, run, i18n):
    page = results_html(run.folder, i18n, site)
    assert len(page.splitlines()) == 1
    assert page.count("<section") == page.count("</section>") == 1
    figures = run.folder.summary()["figures"]
    listed = [name for name in SHOWN_FIGURES if name in figures]
    assert len(listed) > 5
    headings = re.findall(r'<th scope="row">(.*?)<small>', page)
    assert headings == [i18n.text(f"figure_{name}") for name in listed]
    assert i18n.decimal(figures[listed[0]]["value"]) in page
    failing = [record for record in run.folder.records() if record["failures"]]
    shown = re.findall(r"<summary><span lang=\"\w\w\">(.*?)</span>", page)
    assert [html.unescape(each) for each in shown] == [each["question"] for each in failing]
    assert HOSTILE in [each["question"] for each in failing]
    assert "<b>" not in page
    stages = {i18n.text(f"stage_{failed_stage(each)}") for each in failing}
    assert stages
    assert all(stage in html.unescape(page) for stage in stages)


def test_what_went_wrong_says_what_was_expected_and_leads_to_its_place(site, run):
    page = results_html(run.folder, KAZAKH, site)
    [one] = [each for each in run.folder.records() if each["question"] == HOSTILE]
    [place, *_] = gold_places(one)
    document = site.live.retriever().documents[place.document_id]
    assert document.text[place.start : place.start + len(place.text)] == place.text
    links = {html.unescape(link) for link in re.findall(r'class="dalel-open" href="(.*?)"', page)}
    assert link_to(document, (place.start, place.start + len(place.text)), "kk") in links
    assert html.escape(" · ".join(one["answers"])) in page


def test_a_place_that_has_changed_is_not_marked_and_one_that_is_gone_not_linked(site):
    documents = site.live.retriever().documents
    name, document = next(iter(documents.items()))
    links = document_links(site, "kk")
    text = document.text[5:20]
    assert links(Place(name, "", 5, text)) == link_to(document, (5, 20), "kk")
    assert links(Place(name, "", 6, text)) == link_to(document, None, "kk")
    assert links(Place("жоқ", "", 5, text)) == ""


def test_of_many_failing_some_are_shown_and_all_are_counted(site, run, monkeypatch):
    failing = [record for record in run.folder.records() if record["failures"]]
    assert len(failing) <= MAX_FAILING_SHOWN
    monkeypatch.setattr(web_tab, "MAX_FAILING_SHOWN", 1)
    page = results_html(run.folder, KAZAKH, site)
    assert page.count("<details") == 1
    assert KAZAKH.text("more_failing", shown="1", total=str(len(failing))) in page


def test_while_one_run_goes_on_no_other_begins(site, run, monkeypatch):
    evaluation, going, goes_on = Evaluation(site), Event(), Event()

    def wait(*_):
        going.set()
        goes_on.wait()
        return run.folder

    monkeypatch.setattr(Evaluation, "_run_set", wait)
    first = evaluation.start(own_set(evaluation), KAZAKH)
    going.wait()
    second = evaluation.start(own_set(evaluation), KAZAKH)
    assert (second.ended, second.failure) == (True, KAZAKH.text("runs_already"))
    assert Evaluation(site).going_on() is first, "whoever comes back sees it"
    watched = web_tab._watch(KAZAKH, Evaluation(site))
    note, stop, *_ = next(watched)
    assert KAZAKH.text("preparing") in html.unescape(note)
    assert stop["visible"], "whoever comes back can stop it"
    web_tab._stop(KAZAKH, Evaluation(site))
    assert first.cancelled, "from any page"
    goes_on.set()
    assert ended(first).folder == run.folder
    third = evaluation.start(own_set(evaluation), KAZAKH)
    assert ended(third).folder == run.folder
    assert Evaluation(site).going_on() is None
    note = web_tab._stop(KAZAKH, Evaluation(site))
    assert KAZAKH.text("nothing_runs") in html.unescape(note)


def test_a_run_that_is_cancelled_stops_and_leaves_room(site):
    evaluation, running = Evaluation(site), Running(cancelled=True)
    ONE_RUN.lock.acquire()
    evaluation._run(own_set(evaluation), running, KAZAKH)
    assert running.ended
    assert running.done < running.total == 7
    assert (running.folder, running.failure) == (None, "")
    note = web_tab._end_note(KAZAKH, running)
    counts = {"done": str(running.done), "total": "7"}
    assert html.unescape(note).count(KAZAKH.text("cancelled", **counts)) == 1
    assert not ONE_RUN.lock.locked()


def test_a_set_that_cannot_be_read_is_told_without_a_path_of_the_server(site):
    evaluation = Evaluation(site)
    broken = site.home / "sets" / "бұзық.jsonl"
    broken.write_text("{", "utf-8")
    try:
        running = ended(evaluation.start(broken, KAZAKH))
    finally:
        broken.unlink()
    assert "бұзық.jsonl" in running.failure
    assert str(site.home) not in running.failure
    assert "ішінде жарамды сұрақ жоқ; бұзық.jsonl, 1-жол: JSON емес" in running.failure


def test_two_runs_are_compared_and_the_report_is_kept(site, run):
    stricter = replace(site, settings=site.settings.model_copy(update={"threshold": 0.99}))
    evaluation = Evaluation(stricter)
    other = ended(evaluation.start(own_set(evaluation), KAZAKH))
    before, after = run.folder.path.name, other.folder.path.name
    assert before != after
    page = web_tab._compare(KAZAKH, evaluation, before, after)
    labels = [run_label(folder, KAZAKH) for folder in (run.folder, other.folder)]
    assert " → ".join(labels) in html.unescape(page)
    links = {html.unescape(link) for link in re.findall(r'class="dalel-open" href="(.*?)"', page)}
    assert links
    assert all(link.startswith("../document?") for link in links)
    assert (other.folder.path / f"compared-with-{before}.html").is_file()
    told = f"compared-with-{before}.html"
    app = FastAPI()
    add_routes(app, site)
    client, address = TestClient(app), f"/more/runs/{after}/{told}"
    assert "/document?" not in client.get(address).text, "the file is read where no page is"
    for language in LANGUAGES:
        served = client.get(f"{address}?language={language}").text
        assert f'<html lang="{language}">' in served
        assert {
            f"../../{link.replace('language=kk', f'language={language}')}" for link in links
        } <= {html.unescape(link) for link in re.findall(r'<a href="(.*?)"', served)}
    kept = client.get(f"{address}?language=ru&download=true")
    assert "/document?" not in kept.text
    assert quote(f"{after}-{told}") in kept.headers["content-disposition"]
    for a, b in ((before, before), (before, "жоқ"), ("../x", after), (None, None)):
        assert KAZAKH.text("choose_runs") in web_tab._compare(KAZAKH, evaluation, a, b)


def test_only_reports_of_finished_runs_are_served(site, run):
    app = FastAPI()
    add_routes(app, site)
    client, name = TestClient(app), run.folder.path.name
    assert client.get(f"/more/runs/{name}/report.html").text == run.folder.report.read_text("utf-8")
    for language in LANGUAGES:
        page = client.get(f"/more/runs/{name}/report.html?language={language}").text
        assert f'<html lang="{language}">' in page
        assert report_texts(language).text("by_direction") in page
        assert '<a href="../../../document?' in page
    other = client.get(f"/more/runs/{name}/report.html?language=tr").text
    assert other == run.folder.report.read_text("utf-8")
    for path in (f"{name}/questions.jsonl", f"{name}/config.json", "жоқ/report.html",
                 f"{name}/compared-with-жоқ.html", f"..%2f{name}/report.html"):  # fmt: skip
        assert client.get(f"/more/runs/{path}").status_code == 404
    assert client.get("/more/runs/жоқ/report.html?language=kk").text == KAZAKH.text("no_report")


def test_a_report_and_the_rows_can_be_kept(site, run):
    app = FastAPI()
    add_routes(app, site)
    client, name = TestClient(app), run.folder.path.name
    kept = client.get(f"/more/runs/{name}/report.html?language=kk&download=true")
    assert "/document?" not in kept.text, "where it is read, there is no such page"
    rows = client.get(f"/more/runs/{name}/rows.jsonl")
    assert rows.content == (run.folder.path / "questions.jsonl").read_bytes()
    table = client.get(f"/more/runs/{name}/rows.csv")
    assert table.content == csv_rows(run.folder.records())
    for answer, ending in ((kept, "html"), (rows, "jsonl"), (table, "csv")):
        how, _, kept_as = answer.headers["content-disposition"].partition("; filename*=")
        assert how == "attachment"
        assert kept_as.casefold() == f"utf-8''{quote(f'{name}.{ending}')}".casefold()


@pytest.mark.parametrize("i18n", ALL, ids=LANGUAGES)
def test_a_run_is_called_by_its_set_and_time_and_how_much_was_right(site, run, i18n):
    label = run_label(run.folder, i18n)
    assert label.startswith("шағын.jsonl · ")
    assert i18n.percent(run.folder.summary()["figures"]["right"]["value"]) in label
    _, first, *_ = web_tab._lists(i18n, Evaluation(site), "")[1:]
    assert (label, run.folder.path.name) in first["choices"]


def test_an_earlier_run_is_shown_again(site, run):
    evaluation, name = Evaluation(site), run.folder.path.name
    assert web_tab._show(KAZAKH, evaluation, name) == results_html(run.folder, KAZAKH, site)
    for other in (None, "", "жоқ", "../sets", [name], 3):
        assert KAZAKH.text("choose_run") in html.unescape(web_tab._show(KAZAKH, evaluation, other))
