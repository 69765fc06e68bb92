"""Whatever a document, its name or a question holds is shown letter for letter and calls nobody.

A browser meets each text of payloads.txt as passage, title, id, file name and question, with the
page's policy and without it: escaping alone must hold. Pages that are broken on purpose show that
all of this could fail. `make campaign` shows every conversation and document, else a part is shown.
"""

import re
import sys
import threading
from contextlib import contextmanager
from socketserver import BaseRequestHandler, TCPServer
from types import SimpleNamespace
from urllib.parse import urljoin

import hostile
import httpx
import pytest
from campaign import at_length
from fakes import HashEmbedder
from hostile import HANDLER, POLICY, conversations, corpus, payloads, write_sets
from waiting import PATIENT_SECONDS, wait_until

from chat.question import MAX_CHARACTERS
from chat.sanitize import sanitize
from chat.web.evidence import link_to
from chat.web.i18n import Translations
from eval.formats import read_set
from eval.load import served
from index.indexer import Indexer

# The first: of gradio's and its libraries' imports.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow, pytest.mark.campaign]


@contextmanager
def serving_as(how, indexed):
    with served([sys.executable, hostile.__file__, how, indexed.home, indexed.origin]) as (url, _):
        assert (POLICY in httpx.get(f"{url}/page.js", timeout=PATIENT_SECONDS).headers) == (
            how == "guarded"
        )
        yield url


class Listener(TCPServer):
    """Another site, which is not to hear of any reader: a connection is too much already."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), BaseRequestHandler)
        self.heard = []

    def verify_request(self, _, client):
        self.heard.append(client)
        return False


# What our own templates do not hold. Style is where a bar begins, how wide it or a column is; links
# lead to this server's pages.
STRANGE = r"""() => {
  const tags = new Set(("a article aside blockquote button details div h1 h2 h3 h4 header i li"
    + " main mark nav p section small span strong summary table tbody td th thead tr u ul")
    .split(" "));
  const names = new Set(("class dir download hreflang id lang rel role scope tabindex target type"
    + " aria-current aria-hidden aria-label data-align data-ask data-close data-conversation"
    + " data-copied data-copy data-copy-label data-document data-error data-label data-language"
    + " data-mark data-next data-not-copied data-not-loaded data-place data-previous data-quote"
    + " data-tab data-title data-too-large").split(" "));
  const leads = /^(\.\.\/((document|conversation|kk\/|en\/|ru\/)\?|more\/runs\/)|#cited$)/;
  const ours = ({ name, value }) => names.has(name) || name === "href" && leads.test(value)
    || name === "style" && /^(left:[\d.]+%;)?(min-)?width:[\d.]+(%|rem)$/.test(value);
  const inside = [...document.querySelectorAll(".md *, .dalel-page *")]
    .filter((each) => !tags.has(each.localName) || ![...each.attributes].every(ours));
  const around = document.querySelectorAll("img, iframe, form, object, embed, audio, video");
  const head = document.querySelector(".dalel-page") ? [...document.head.children].slice(6) : [];
  return [...inside, ...around, ...head].map((each) => each.outerHTML.slice(0, 200));
}"""

DOCUMENT = """[...document.querySelectorAll("h1, .dalel-whole")].map((each) => each.textContent)"""

TURNS = r"""() => {
  const all = (selector, read) => [...document.querySelectorAll(selector)].map(read);
  const text = (each) => each.textContent;
  return {
    asked: all(".dalel-asked", text),
    again: all("[data-ask]", (each) => each.dataset.ask),
    meant: all(".dalel-meant", text),
    titles: all(".dalel-card h4 > span", text),
    quotes: all("blockquote", (each) => text(each.querySelector("mark") ?? each)),
    labels: all("h4 > a", (each) => each.getAttribute("aria-label")),
    named: all(".dalel-do [data-title]", (each) => each.dataset.title),
    quoted: all(".dalel-do [data-quote]", (each) => each.dataset.quote.replace(/ ¶ \d+\)$/, "")),
    copied: all("[data-copy]", (each) => each.dataset.copy.replace(/ ¶ \d+\)$/, "")),
    ids: all(".dalel-do a", (each) => new URL(each.href).searchParams.get("id")),
  };
}"""


class Reader:
    """Somebody's browser, and what it did besides what they did."""

    def __init__(self, context, url, indexed):
        self.page, self.url = context.new_page(), url
        self.ran, self.sought, self.heard = [], [], indexed.listener.heard
        self.heard.clear()
        self.page.on("dialog", self._ran)
        self.page.on("request", self._sought)

    def _ran(self, dialog):
        self.ran.append(dialog.message)
        dialog.dismiss()

    def _sought(self, request):
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.sought.append(request.url)

    def open(self, key, turns):
        self.page.goto(f"{self.url}/en/?conversation={key}")
        self.page.locator(".dalel-turn").nth(len(turns) - 1).wait_for()
        return self.page.evaluate(TURNS)

    def seen(self):
        """Return what should not be there, after a while for what comes late."""
        self.page.wait_for_timeout(200)
        self.ran += self.page.evaluate("window.__xss ? ['__xss'] : []")
        strange = self.page.evaluate(STRANGE)
        return {"ran": self.ran, "sought": self.sought, "heard": self.heard, "strange": strange}


CALM = {"ran": [], "sought": [], "heard": [], "strange": []}


def as_they_are(turns):
    """Return what `TURNS` finds where these are shown letter for letter."""
    places = [
        (turn.documents[each.document_id], each)
        for turn in turns
        for each in turn.answer.citations or [hit.chunk for hit in turn.answer.hits]
    ]
    names = [document.name for document, _ in places]
    quotes = [document.text[each.start : each.end] for document, each in places]
    labelled = [] if turns[0].answer.abstained else names
    t = Translations("en").text
    shown = {
        "asked": [turn.question for turn in turns],
        "again": [turn.question for turn in turns],
        "meant": [t("understood_as", question=turn.rewritten) for turn in turns],
        "titles": names,
        "quotes": quotes,
        "labels": [t("source_label", mark=1, title=name) for name in labelled],
        "named": names,
        "copied": [f"“{quote}” ({name}," for quote, name in zip(quotes, names, strict=True)],
    }
    shown["quoted"] = shown["copied"]
    ids = [document.id for document, _ in places]
    return {name: [*map(sanitize, texts)] for name, texts in shown.items()} | {"ids": ids}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory, few_windows):
    home = tmp_path_factory.mktemp("payloads")
    with Listener() as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{listener.server_address[1]}"
        library = Indexer(home, load=HashEmbedder)
        library.put(corpus(home, origin))
        index = library.store.load()
        write_sets(home, origin)
        turns = conversations(index, origin)
        yield SimpleNamespace(
            home=home, documents=index.documents, turns=turns, origin=origin, listener=listener
        )
        listener.shutdown()


@pytest.fixture(scope="module", params=["guarded", "bare"])
def url(request, indexed):
    with serving_as(request.param, indexed) as found:
        yield found


@pytest.fixture(scope="module")
def contexts(browser):
    """Return a browser for each server, by its address; it keeps a cache of the page."""
    return {}


@pytest.fixture
def reader(browser, contexts, url, indexed):
    if url not in contexts:
        contexts[url] = browser.new_context()
    found = Reader(contexts[url], url, indexed)
    yield found
    found.page.close()


def test_there_are_many_payloads_and_each_is_an_id_a_title_and_a_text(indexed):
    texts = payloads(indexed.origin)
    assert len(set(texts)) == len(texts) >= 150
    for name in ("id", "title", "text"):
        held = [getattr(document, name) for document in indexed.documents]
        # Readers drop NUL: no text file holds it.
        sought = [text.replace("\0", "") for text in texts]
        assert [text for text in sought if not any(text in each for each in held)] == []
    assert sum(document.id.endswith(".txt") for document in indexed.documents) >= 30


EITHER_WAY = pytest.mark.parametrize("url", at_length(["guarded", "bare"], ["bare"]), indirect=True)
"""Without the policy alone, but under `make campaign`: it is the harder way."""


@EITHER_WAY
def test_turns_and_their_evidence_are_shown_letter_for_letter(reader, indexed):
    for key, turns in [*indexed.turns.items()][:: at_length(1, 4)]:
        assert reader.open(key, turns) == as_they_are(turns)
        assert reader.seen() == CALM


@EITHER_WAY
def test_the_list_of_documents_is_shown_letter_for_letter(reader, indexed):
    reader.page.goto(f"{reader.url}/en/")
    reader.page.get_by_role("tab", name="Documents").click()
    rows = reader.page.locator(".dalel-table tbody th")
    rows.nth(len(indexed.documents) - 1).wait_for()
    names = [each.name for each in indexed.documents]
    ids = [each.id for each in indexed.documents if each.title]
    assert rows.locator("a").all_text_contents() == [*map(sanitize, names)]
    assert rows.locator("small").all_text_contents() == [*map(sanitize, ids)]
    reader.page.get_by_label("Choose documents").click()
    reader.page.get_by_role("option").first.wait_for()
    assert reader.seen() == CALM


@pytest.mark.parametrize("url", at_length(["guarded"], ["bare"]), indirect=True)
def test_the_names_to_choose_from_are_shown_letter_for_letter(reader, indexed):
    reader.page.goto(f"{reader.url}/en/")
    reader.page.get_by_role("tab", name="Documents").click()
    reader.page.get_by_label("Choose documents").click()
    choices = reader.page.get_by_role("option")
    choices.first.wait_for()
    labels = choices.evaluate_all("all => all.map((each) => each.ariaLabel)")
    named = {f"{each.name} ({each.id})" if each.title else each.id for each in indexed.documents}
    # A word joiner, which nobody sees, may keep Gradio from it.
    assert {each.replace("\u2060", "") for each in labels} <= set(map(sanitize, named))


@EITHER_WAY
def test_each_document_is_shown_letter_for_letter(reader, indexed):
    for document in indexed.documents[:: at_length(1, 6)]:
        reader.page.goto(urljoin(f"{reader.url}/en/", link_to(document, (5, 9), "en")))
        shown, strange = reader.page.evaluate(f"[{DOCUMENT}, ({STRANGE})()]")
        assert shown == [sanitize(document.name), sanitize(document.text)]
        assert strange == []
    assert reader.seen() == CALM


@EITHER_WAY
def test_questions_are_shown_letter_for_letter(reader, indexed):
    asked = [""]
    for payload in payloads(indexed.origin)[:: at_length(1, 4)]:
        if len(asked[-1]) + len(payload) >= MAX_CHARACTERS:
            asked.append("")
        asked[-1] += f"{payload}\n"
    reader.page.goto(f"{reader.url}/en/")
    for number, question in enumerate(asked, start=1):
        reader.page.locator("#dalel-composer textarea").fill(question)
        reader.page.locator("#dalel-composer button").click()
        reader.page.locator(f"#turn-{number} .dalel-evidence").wait_for()
    shown = reader.page.locator(".dalel-asked").all_text_contents()
    # A text box makes all line ends one kind.
    assert shown == [sanitize(re.sub("\r\n?", "\n", question)) for question in asked]
    assert reader.seen() == CALM


# --- sets, runs and their reports -----------------------------------------------------------------

# What eval/report/pages holds more than the pages of chat/web; links lead into the report or up.
STRANGE_IN_REPORT = r"""() => {
  const tags = new Set(("a b blockquote body button dd details div dl dt figcaption figure footer"
    + " form h1 h2 h3 header input li line main mark option output p polyline rect script section"
    + " select small span strong summary sup svg table tbody td text th thead title tr ul")
    .split(" "));
  const strange = ({ name, value }) => /^(on|style|src|action|formaction|ping|xlink)/.test(name)
    || name === "href" && !/^(#|\.\.\/\.\.\/\.\.\/document\?)/.test(value);
  return [...document.querySelectorAll("body, body *")]
    .filter((each) => !tags.has(each.localName) || [...each.attributes].some(strange))
    .concat([...document.querySelectorAll("script")].slice(1))
    .map((each) => each.outerHTML.slice(0, 200));
}"""

T = Translations("en").text


def open_tab(reader):
    reader.page.goto(f"{reader.url}/en/")
    reader.page.get_by_role("tab", name=T("evaluate_tab")).click()
    chosen = reader.page.get_by_label(T("set"), exact=True)
    chosen.wait_for()
    return chosen


def run_chosen_set(reader, questions):
    """Run what is chosen; look at what the tab shows of it, then at its report."""
    page = reader.page
    page.get_by_role("button", name=T("run"), exact=True).click()
    page.locator(".dalel-results").wait_for()
    assert len(questions) > 5
    asked = [sanitize(question) for question in questions]
    questions_shown = page.locator(".dalel-results details > summary > span[lang]")
    questions_shown.first.wait_for()
    shown = questions_shown.all_text_contents()
    assert {*shown} <= {*asked}
    assert reader.seen() == CALM
    page.goto(page.get_by_role("link", name=T("full_report")).evaluate("link => link.href"))
    assert sorted(page.locator(".ask").all_text_contents()) == sorted(asked)
    told = reader.seen()
    assert told | {"strange": page.evaluate(STRANGE_IN_REPORT)} == CALM


@EITHER_WAY
def test_sets_are_offered_and_run_letter_for_letter(reader, indexed):
    chosen = open_tab(reader)
    sets = [path.name for path in (indexed.home / "sets").glob("[!.]*")]
    assert len(sets) > 30
    chosen.click()
    options = reader.page.get_by_role("option")
    options.nth(len(sets) - 1).wait_for()
    labels = options.evaluate_all("all => all.map((each) => each.ariaLabel)")
    names = {re.split(r": (?=\d+ questions? \()", label)[0] for label in labels}
    assert {each.replace("\u2060", "") for each in names} == {*map(sanitize, sets)}
    reader.page.get_by_role("option", name=f"{HANDLER}.jsonl").click()
    run_chosen_set(reader, [each.question for each in read_set(all_of_them(indexed)).examples])
    assert reader.page.locator("h1").text_content() == f"{HANDLER}.jsonl"


def labels_of(boxes):
    return boxes.locator("label").all_text_contents()


def all_of_them(indexed):
    return indexed.home / "sets" / f"{HANDLER}.jsonl"


@EITHER_WAY
def test_a_set_is_made_and_run_letter_for_letter(reader, indexed):
    open_tab(reader)
    page = reader.page
    page.get_by_role("button", name=T("make_set")).click()
    sentences, before = page.locator("#dalel-sentences"), []
    marked = page.locator("#dalel-set-form .dalel-card mark")
    some = [each.question for each in read_set(all_of_them(indexed)).examples]
    # A set leaves white space around an id out.
    known = [n for n, each in enumerate(indexed.documents) if each.id == each.id.strip()]
    for number, (question, place) in enumerate(zip(some, known, strict=False), start=1):
        page.get_by_label(T("draft_document")).click()
        page.get_by_role("option").nth(place).click()
        wait_until(lambda before=before: labels_of(sentences) not in ([], before))
        before = labels_of(sentences)
        sentences.locator("input").first.check()
        marked.wait_for()
        checked = sentences.locator("label", has=page.locator(":checked"))
        checked.wait_for()
        [told] = checked.all_text_contents()
        assert marked.text_content().strip() == told.strip()
        assert any(marked.text_content() in sanitize(each.text) for each in indexed.documents)
        page.get_by_label(T("draft_question"), exact=True).fill(question)
        page.get_by_label(T("draft_answers")).fill(question)
        page.get_by_role("button", name=T("draft_add")).click()
        page.get_by_text(re.compile(rf"now has {number} question")).wait_for()
    name = page.get_by_label(T("draft_name"), exact=True)
    save = page.get_by_role("button", name=T("draft_save"))
    name.fill(HANDLER)
    save.click()
    page.get_by_text(T("draft_name_odd", most=60)).wait_for()
    name.fill("Зиян")
    save.click()
    page.get_by_text("The set Зиян is saved").wait_for()
    assert reader.seen() == CALM
    made = read_set(indexed.home / "sets" / "Зиян.jsonl", strict=True).examples
    assert page.locator("label", has_text="Үкі").count() >= len(made)
    run_chosen_set(reader, [each.question for each in made])


def test_a_page_that_neither_escapes_nor_stays_on_one_line_is_found_out(browser, indexed):
    with serving_as("broken", indexed) as url:
        reader = Reader(browser.new_context(), url, indexed)
        turns = indexed.turns["two-0"]
        assert reader.open("two-0", turns) != as_they_are(turns)
        seen = reader.seen()
    assert "5" in seen["ran"]
    assert f"{indexed.origin}/blank" in seen["sought"]
    assert seen["heard"]
    assert any("onerror=" in each for each in seen["strange"])
