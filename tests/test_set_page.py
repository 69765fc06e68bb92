"""A set made on the page in a real browser: marked, written, saved, run, and its report opened."""

import json
import re
import shutil
from pathlib import Path

import pytest
from campaign import at_length
from served import serving
from waiting import PATIENT_SECONDS

from chat.web.i18n import Translations
from eval.formats import read_set
from ingest.loader import read_shipped

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
]

WIDE = {"width": 1280, "height": 900}
SHIPPED = {document.id: document for document in read_shipped().documents}


@pytest.fixture(scope="module")
def home(shipped_home, tmp_path_factory):
    """Return a home of the two documents that may be written to."""
    return Path(shutil.copytree(shipped_home, tmp_path_factory.mktemp("set"), dirs_exist_ok=True))


@pytest.fixture(scope="module")
def url(home):
    with serving(home) as (address, _):
        yield address


class Visitor:
    """Somebody at the tab, in one language, who sees what the console says."""

    def __init__(self, context, url, language):
        self.t = Translations(language).text
        self.context = context
        self.page = context.new_page()
        self.troubles = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console", lambda said: said.type == "error" and self.troubles.append(said.text)
        )
        self.page.goto(f"{url}/{language}/")
        self.page.get_by_role("tab", name=self.t("evaluate_tab")).click()

    def press(self, key):
        # The whole name, but for the arrow that an accordion has behind it.
        name = re.compile(re.escape(self.t(key)) + r"( \W)?")
        buttons = self.page.get_by_role("button", name=name)
        buttons.filter(has_text=re.compile(rf"^\s*{name.pattern}\s*$")).click()

    def has_chosen(self, name):
        """Wait until the set that is chosen is called so."""
        from playwright.sync_api import expect

        chosen = self.page.get_by_label(self.t("set"), exact=True)
        label = re.compile(f"^{re.escape(name)}")
        expect(chosen).to_have_value(label, timeout=1000 * PATIENT_SECONDS)

    def choose(self, name):
        self.page.get_by_label(self.t("set"), exact=True).click()
        self.page.get_by_role("option", name=name).click()
        self.has_chosen(name)

    def opens(self, name):
        """Open a saved set to be changed."""
        self.page.get_by_label(self.t("draft_saved_set")).click()
        self.page.get_by_role("option", name=name, exact=True).click()
        self.press("draft_open")

    def leaves(self, go):
        """Leave the page: what is on its way is broken off, and Gradio tells the console so."""
        before = [*self.troubles]
        go()
        self.troubles[:] = before

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for()


@pytest.fixture(scope="module")
def contexts(browser):
    """Return browsers by language and screen; each keeps a cache of the page."""
    return {}


@pytest.fixture
def visit(browser, contexts, url):
    visitors = []

    def opened(language, viewport=WIDE):
        person = language, str(viewport)
        if person not in contexts:
            contexts[person] = browser.new_context(locale=language, viewport=viewport)
        visitors.append(Visitor(contexts[person], url, language))
        return visitors[-1]

    yield opened
    told = [trouble for visitor in visitors for trouble in visitor.troubles]
    for visitor in visitors:  # What is on its way meanwhile is broken off, and told, too.
        visitor.page.close()
    assert told == []


def test_a_set_is_made_saved_run_and_its_report_opened(visit, home):
    one = visit("kk", viewport={"width": 390, "height": 844})
    page, t = one.page, one.t
    one.press("make_set")
    page.get_by_label(t("draft_document")).click()
    page.get_by_role("option", name=re.compile("kk_foreign_policy")).click()
    sentences = page.locator("#dalel-sentences")
    sentences.locator("input").nth(3).wait_for()
    # As somebody without a mouse does it.
    sentences.locator("input").nth(3).focus()
    page.keyboard.press("Space")
    page.locator(".dalel-card mark").wait_for()
    quote = page.locator(".dalel-card mark").inner_text()
    one.press("draft_add")
    one.sees(t("draft_question_empty"))
    assert page.locator(".dalel-card mark").inner_text() == quote, "nothing is lost"
    question = "Қазақстан қай ұйымның толық құқылы мүшесі болды?"
    page.get_by_label(t("draft_question"), exact=True).fill(question)
    page.get_by_label(t("draft_answers")).fill("Біріккен Ұлттар Ұйымы; БҰҰ")
    one.press("draft_add")
    one.sees(t("draft_added", questions="1 сұрақ"))
    page.get_by_label(t("draft_question"), exact=True).fill("Айда қанша адам тұрады?")
    page.get_by_label(t("draft_unanswerable")).check()
    one.press("draft_add")
    one.sees(t("draft_added", questions="2 сұрақ"))
    one.press("draft_save")
    one.sees(t("draft_nameless"))
    page.get_by_label(t("draft_name"), exact=True).fill("Менің жиыным")
    one.press("draft_save")
    one.sees(t("draft_saved", name="Менің-жиыным", questions="2 сұрақ"))
    made = read_set(home / "sets" / "Менің-жиыным.jsonl", strict=True)
    [gold] = made.examples[0].gold
    assert SHIPPED[gold.document_id].text[gold.start : gold.end] == gold.quote == quote
    one.has_chosen("Менің-жиыным.jsonl: 2 сұрақ")
    one.press("run")
    page.locator(".dalel-results").wait_for()
    one.sees(t("results", set="Менің-жиыным.jsonl", n="2"))
    with one.context.expect_page() as opening:
        page.get_by_role("link", name=t("full_report")).click()
    report = opening.value
    report.locator("details.question").nth(1).wait_for()
    assert report.evaluate("document.documentElement.lang") == "kk"
    asked = report.locator(".ask").all_inner_texts()
    assert {*asked} == {example.question for example in made.examples}
    assert report.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_download() as getting:
        page.get_by_role("link", name=t("download_rows", kind="JSONL")).click()
    rows = Path(getting.value.path()).read_text("utf-8").splitlines()
    assert [json.loads(row)["question"] for row in rows] == [e.question for e in made.examples]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.campaign
@pytest.mark.parametrize("language", at_length(["kk", "en", "ru"], ["ru"]))
def test_a_run_is_cancelled_and_goes_on_for_whoever_comes_back(visit, home, language):
    one = visit(language)
    page, t = one.page, one.t
    one.has_chosen("smoke.jsonl: 79")
    one.choose("foreign_policy.dev.jsonl: 258")  # It goes on for as long as others come.
    one.sees(t("takes_about", time="|").partition("|")[0].strip())
    one.press("run")
    begun = re.compile(
        re.escape(t("asked_of", done="|", total="|").partition("|")[0]) + r"\d*[1-9]"
    )
    page.get_by_text(begun).first.wait_for()
    other = visit(language)
    other.page.get_by_text(begun).first.wait_for()
    other.press("cancel")
    stopped = re.compile(re.escape(t("cancelled", done="|", total="|").partition("|")[0]))
    for each in (one, other):
        each.page.get_by_text(stopped).first.wait_for(timeout=1000 * PATIENT_SECONDS)
    unfinished = [path for path in (home / "runs").glob("foreign_policy.dev-*")]
    assert len(unfinished) == 1, "each goes on where the one before stopped"


def row(name, question, quote, start):
    gold = {"document_id": "kk_foreign_policy", "start": start, "end": start + len(quote)}
    return {
        "id": name,
        "question": question,
        "gold": [gold | {"quote": quote}],
        "tags": ["kk->kk", "what"],
    }


def test_a_saved_set_is_changed_and_a_reload_loses_nothing(visit, home):
    text = SHIPPED["kk_foreign_policy"].text
    start = text.index("Арал")
    quote = text[start : text.index(".", start) + 1]
    gone = "Бұл сөйлем құжатта жоқ: ә ғ қ ң ө ұ ү һ і."
    path = home / "sets" / "бұрынғы.jsonl"
    path.parent.mkdir(exist_ok=True)
    rows = [
        row("арал-1", "Арал туралы не айтылған?", quote, start),
        row("жоқ-1", "Не жоқ?", gone, 0),
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), "utf-8")
    one = visit("ru", viewport={"width": 1280, "height": 900})
    page, t = one.page, one.t
    one.press("make_set")
    one.opens("бұрынғы")
    one.sees(t("draft_opened", name="бұрынғы", questions="2 вопроса"))
    one.sees(t("draft_lost"))
    one.sees(gone)
    questions = page.locator("#dalel-set-questions")
    questions.get_by_label("Арал туралы не айтылған?").check()
    one.press("draft_change")
    one.sees(t("draft_changing", question="Арал туралы не айтылған?"))
    assert page.locator(".dalel-card mark").inner_text() == quote
    box = page.get_by_label(t("draft_question"), exact=True)
    box.fill("АРАЛ теңізі туралы не айтылған?")
    one.press("draft_keep_change")
    one.sees(t("draft_question_changed", questions="2 вопроса"))
    questions.get_by_label("Не жоқ?").check()
    one.press("draft_remove")
    one.sees(t("draft_removed", questions="1 вопрос"))
    page.get_by_text(t("draft_lost")).wait_for(state="detached")
    box.fill("Аяқталмаған сұрақ")
    box.press("Tab")
    # Things are done in turn: when this is told, what was written before it is kept.
    one.press("draft_change")
    one.sees(t("draft_one"))
    kept_name = page.get_by_label(t("draft_name"), exact=True).input_value()
    one.leaves(page.reload)
    page.get_by_role("tab", name=t("evaluate_tab")).click()
    one.sees(t("draft_restored", questions="1 вопрос"))
    assert box.input_value() == "Аяқталмаған сұрақ"
    assert questions.locator("label").all_inner_texts() == ["АРАЛ теңізі туралы не айтылған?"]
    assert page.get_by_label(t("draft_name"), exact=True).input_value() == kept_name == "бұрынғы"
    one.leaves(lambda: page.goto(page.url.replace("/ru/", "/kk/")))
    one.t = Translations("kk").text
    page.get_by_role("tab", name=one.t("evaluate_tab")).click()
    one.sees(one.t("draft_restored", questions="1 сұрақ"))
    one.press("draft_save")
    one.sees(one.t("draft_saved", name="бұрынғы", questions="1 сұрақ"))
    [saved] = read_set(path, strict=True).examples
    assert (saved.id, saved.question) == ("арал-1", "АРАЛ теңізі туралы не айтылған?")
    assert (saved.tags, saved.gold[0].quote) == (("kk->kk", "what"), quote)
    one.press("draft_begin")
    one.press("draft_discard")
    page.get_by_text(one.t("draft_unsaved")).wait_for(state="hidden")
    assert page.get_by_label(one.t("draft_name"), exact=True).input_value() == ""
