"""What axe-core finds on every page, light and dark, wide and narrow: nothing serious.

A page is looked at as somebody left it who opened all that can be opened, since what is folded is
not looked at. Motion is left out: colours are looked at when they are what they stay.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
from campaign import at_length
from served import serving
from waiting import wait_until

from chat.web.i18n import Translations
from eval.compare import compare, comparison_page
from eval.formats import read_set
from eval.run_store import RunFolder
from eval.runner import configuration, run
from eval.web_tab import run_label
from index.embedders.embedder import no_progress

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
    pytest.mark.campaign,
]

T = Translations("kk").text
SERIOUS = {"serious", "critical"}

RUNS = {"бұрынғы": None, "кейінгі": 0.99}
"""Two runs of a small set, the second with a threshold that hardly any answer reaches."""

COMPARED = "compared-with-бұрынғы.html"


@pytest.fixture(scope="module")
def home(shipped_home, retriever, few_windows, tmp_path_factory):
    """Return a home of the two documents in which a set was run twice."""
    found = Path(shutil.copytree(shipped_home, tmp_path_factory.mktemp("a11y") / "home"))
    own = found / "sets" / "шағын.jsonl"
    own.parent.mkdir()
    shipped = Path(__file__).parent.parent / "eval/sets/smoke.jsonl"
    own.write_text("\n".join(shipped.read_text("utf-8").splitlines()[:8]), "utf-8")
    examples = read_set(own).examples
    for name, threshold in RUNS.items():
        config = configuration(read_set(own), examples, retriever, threshold)
        run(examples, retriever, RunFolder(found / "runs" / name), config, no_progress)
    before, after = (RunFolder(found / "runs" / name) for name in RUNS)
    (after.path / COMPARED).write_text(comparison_page(compare(before, after), "kk"), "utf-8")
    return found


@pytest.fixture(scope="module")
def served(home):
    with serving(home) as (url, _):
        yield url


@pytest.fixture(scope="module")
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


class Looker:
    """Somebody who goes from page to page, and keeps what axe-core says of each."""

    def __init__(self, page, url, axe):
        self.page, self.url, self.found, self._axe = page, url, {}, axe

    def look(self, name):
        """Keep what is serious on the page as it is now, all that is folded opened."""
        self.page.evaluate("document.querySelectorAll('details').forEach((e) => (e.open = true))")
        # A list of Gradio's fades in, and is paler meanwhile.
        still = "document.getAnimations().every((each) => each.playState !== 'running')"
        wait_until(lambda: self.page.evaluate(still))
        # A frame's page is looked at by itself: no script may run in the frame.
        options = {"resultTypes": ["violations"], "iframes": False}
        for rule in self._axe.run(self.page, options=options).response["violations"]:
            for node in rule["nodes"]:
                if node["impact"] in SERIOUS:
                    told = (rule["id"], node["target"], node["failureSummary"])
                    self.found.setdefault(name, []).append(told)

    def open(self, address, waited_for):
        self.page.goto(address)
        self.page.locator(waited_for).first.wait_for()

    def ask(self, question, number):
        box = self.page.locator("#dalel-composer textarea")
        box.fill(question)
        box.press("Enter")
        self.page.locator(f"#turn-{number} .dalel-evidence").wait_for()

    def tab(self, key):
        self.page.get_by_role("tab", name=T(key)).click()
        self.page.get_by_role("tab", name=T(key), selected=True).wait_for()

    def press(self, key):
        self.page.get_by_role("button", name=re.compile(f"^{re.escape(T(key))}")).first.click()

    def choose(self, key, option):
        self.page.get_by_label(T(key), exact=True).click()
        self.page.get_by_role("option", name=option).first.click()


WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


SCREENS = [
    ("light", WIDE), ("dark", NARROW), *at_length([("light", NARROW), ("dark", WIDE)], []),
]  # fmt: skip


@pytest.fixture(params=SCREENS, ids=lambda screen: f"{screen[0]}-{screen[1]['width']}")
def looker(browser, served, axe, request):
    scheme, size = request.param
    context = browser.new_context(
        locale="kk-KZ", viewport=size, color_scheme=scheme, reduced_motion="reduce"
    )
    found = Looker(context.new_page(), served, axe)
    yield found
    context.close()
    assert json.dumps(found.found, ensure_ascii=False, indent=1) == "{}"


def test_asking(looker):
    looker.open(f"{looker.url}/kk/", "#dalel-examples button")
    looker.look("empty")
    looker.ask("Қазақстан сыртқы саясатының мақсаттары қандай?", 1)
    looker.look("answered")
    looker.press("no")
    looker.page.get_by_placeholder(T("reason")).wait_for()
    looker.look("judged")
    looker.ask("Фотосинтез деген не?", 2)
    looker.look("refused")
    looker.page.locator("#turn-1 a.dalel-mark").first.click()
    looker.page.frame_locator("#dalel-document iframe").locator("mark#cited").wait_for()
    looker.look("panel")


def test_documents(looker):
    looker.open(f"{looker.url}/kk/", "#dalel-composer textarea")
    looker.tab("documents_tab")
    looker.page.locator("#dalel-documents tbody tr").nth(1).wait_for()
    looker.look("documents")
    looker.choose("choose_documents", "en_foreign_policy")
    looker.page.keyboard.press("Escape")
    looker.page.get_by_role("button", name=T("remove"), exact=True).last.click()
    looker.page.get_by_role("button", name=T("remove_yes")).wait_for()
    looker.look("removing")
    looker.page.get_by_label(T("encoding"), exact=True).click()
    looker.page.get_by_role("option").first.wait_for()
    looker.look("choosing")


def test_evaluation(looker, home):
    before, after = (
        run_label(RunFolder(home / "runs" / name), Translations("kk")) for name in RUNS
    )
    looker.open(f"{looker.url}/kk/", "#dalel-composer textarea")
    looker.tab("evaluate_tab")
    looker.press("make_set")
    looker.choose("draft_document", re.compile("kk_foreign_policy"))
    boxes = looker.page.locator("#dalel-sentences input")
    boxes.nth(3).check()
    looker.page.locator(".dalel-card mark").wait_for()
    looker.look("making a set")
    looker.choose("results_of", after)
    looker.press("show_results")
    looker.page.locator(".dalel-results details").first.wait_for()
    looker.press("compare_runs")
    looker.choose("run_before", before)
    looker.choose("run_after", after)
    looker.page.get_by_role("button", name=T("compare"), exact=True).click()
    looker.page.get_by_text(f"{before} → {after}").first.wait_for()
    looker.look("results and comparison")


def test_pages_that_stand_alone(looker):
    runs = f"{looker.url}/more/runs"
    looker.open(f"{looker.url}/document?id=kk_foreign_policy&language=kk&start=10&end=90"
                "&answer_start=20&answer_end=40", "mark#cited")  # fmt: skip
    looker.look("document")
    looker.open(f"{looker.url}/document?id=жоқ&language=kk", ".dalel-trouble")
    looker.look("no document")
    looker.open(f"{runs}/кейінгі/report.html?language=kk", "details.question")
    looker.look("report")
    looker.open(f"{runs}/кейінгі/{COMPARED}", "details.question")
    looker.look("comparison")


# --- by keyboard ----------------------------------------------------------------------------------

MOST_PRESSES = 60
"""Nothing on a page is further away than so many presses of Tab."""

FOCUSED = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return {ring: ring || style.boxShadow !== 'none', name: at.outerHTML.slice(0, 120)};
}"""


class Typist:
    """Somebody without a mouse, who has to see where they are."""

    def __init__(self, page):
        self.page, self.key = page, page.keyboard.press

    def reach(self, wanted, step="Tab"):
        """Press Tab until something has the focus; whatever had it on the way could be seen."""
        wanted.wait_for()
        for _ in range(MOST_PRESSES):
            self.key(step)
            focused = self.page.evaluate(FOCUSED)
            assert focused["ring"] or "<body" in focused["name"], focused["name"]
            if wanted.evaluate("wanted => wanted === document.activeElement"):
                return
        raise AssertionError(f"{wanted} is more than {MOST_PRESSES} presses away")

    def press(self, wanted, key="Enter", step="Tab"):
        self.reach(wanted, step)
        self.key(key)


@pytest.fixture
def typist(browser, served):
    context = browser.new_context(locale="kk-KZ", viewport=WIDE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    found = Typist(context.new_page())
    found.page.goto(f"{served}/kk/")
    found.page.locator("#dalel-examples button").first.wait_for()
    yield found
    context.close()


def test_asking_reading_copying_and_judging_need_no_mouse(typist):
    page, turn = typist.page, typist.page.locator("#turn-1")
    page.locator("body").evaluate("() => document.activeElement.blur()")
    typist.press(page.locator("#dalel-examples button").nth(1))
    turn.locator(".dalel-evidence").wait_for()
    mark = turn.locator(".dalel-answer a.dalel-mark").first
    typist.press(mark)
    panel = page.get_by_role("dialog")
    panel.wait_for()
    typist.press(page.locator("#dalel-panel-copy"))
    quote = turn.locator(".dalel-said span").first.inner_text()
    copied = "navigator.clipboard.readText()"
    wait_until(lambda: quote in page.evaluate(copied))
    typist.key("Escape")
    panel.wait_for(state="hidden")
    assert mark.evaluate("mark => mark === document.activeElement")
    page.evaluate("navigator.clipboard.writeText('')")
    typist.press(turn.locator("button[data-copy]").first, "Space")
    wait_until(lambda: quote in page.evaluate(copied))
    why = turn.locator(".dalel-card details").first
    typist.press(why.locator("summary"), "Space")
    why.locator("p").first.wait_for()
    typist.press(page.get_by_role("button", name=T("yes")), "Space")
    typist.reach(page.get_by_placeholder(T("reason")))
    page.keyboard.type("дұрыс")
    typist.press(page.get_by_role("button", name=T("send_reason"), exact=True))
    page.get_by_placeholder(T("reason")).wait_for(state="hidden")
    typist.reach(page.locator("#dalel-composer textarea"))
    page.keyboard.type("Фотосинтез деген не?")
    typist.key("Enter")
    page.locator("#turn-2 .dalel-evidence").wait_for()
    earlier = page.locator("details#turn-1 > summary")
    typist.press(earlier, "Space", step="Shift+Tab")
    mark.wait_for()


def test_places_of_an_answer_are_gone_through_with_the_panels_buttons(typist):
    page, turn = typist.page, typist.page.locator("#turn-1")
    typist.reach(page.locator("#dalel-composer textarea"), step="Shift+Tab")
    page.keyboard.type("Қазақстан сыртқы саясатының мақсаттары қандай?")
    typist.press(page.locator("#dalel-composer button").first, "Space")
    turn.locator(".dalel-evidence").wait_for()
    marks = turn.locator(".dalel-answer a.dalel-mark")
    typist.press(marks.first, step="Shift+Tab")
    lit = page.frame_locator("#dalel-document iframe").locator("mark#cited")
    quotes = turn.locator(".dalel-said span").all_inner_texts()
    wait_until(lambda: lit.inner_text() == quotes[0])
    typist.press(page.locator("#dalel-panel-next"), "Space")
    wait_until(lambda: lit.inner_text() == quotes[1])
    typist.press(page.locator("#dalel-panel-previous"), step="Shift+Tab")
    wait_until(lambda: lit.inner_text() == quotes[0])
    typist.press(page.locator("#dalel-panel-close"))
    assert marks.first.evaluate("mark => mark === document.activeElement")


def test_tabs_and_what_is_in_them_need_no_mouse(typist):
    page = typist.page
    page.locator("body").evaluate("() => document.activeElement.blur()")
    tabs = page.get_by_role("tab")
    typist.reach(tabs.first)
    typist.press(page.get_by_role("tab", name=T("documents_tab")))
    page.locator("#dalel-documents tbody tr").nth(1).wait_for()
    typist.reach(page.get_by_label(T("choose_documents")))
    typist.key("ArrowDown")
    typist.key("Enter")
    typist.key("Escape")
    typist.press(page.get_by_role("button", name=T("ask_only")), "Space")
    page.get_by_text(T("asked_only", documents="|", names="").partition("|")[0]).first.wait_for()
    typist.press(page.get_by_role("tab", name=T("evaluate_tab")), "Space", step="Shift+Tab")
    typist.press(page.get_by_role("button", name=re.compile(f"^{re.escape(T('make_set'))}")))
    typist.reach(page.get_by_label(T("draft_document")))


def test_nothing_moves_where_somebody_asks_for_that(browser, served):
    context = browser.new_context(locale="kk-KZ", viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{served}/kk/")
    page.locator("#dalel-examples button").first.wait_for()
    assert page.evaluate(MOVING) == []
    page.locator("#dalel-examples button").first.click()
    page.locator("#turn-1 a.dalel-mark").first.click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate(MOVING) == []
    context.close()


# What takes longer than a hundredth of a second to come to rest, if anything sets it going.
MOVING = """() => {
    const seconds = (list) => Math.max(...list.split(',').map(parseFloat));
    const moves = (style) => seconds(style.transitionDuration) > .01
        || style.animationName !== 'none' && seconds(style.animationDuration) > .01
        || style.scrollBehavior === 'smooth';
    const parts = [null, '::before', '::after'];
    return [...document.querySelectorAll('*')]
        .filter((each) => parts.some((part) => moves(getComputedStyle(each, part))))
        .map((each) => each.outerHTML.slice(0, 99));
}"""
