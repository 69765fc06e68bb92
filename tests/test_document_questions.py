"""Tests of chat/web/document_questions.py: what a conversation asked of a document; no other."""

import html
import re
import shutil
from pathlib import Path

import pytest
from campaign import at_length
from fakes import HashEmbedder, document
from fastapi.testclient import TestClient
from served import serving

from chat.answer import Answer, cite
from chat.session import Turn
from chat.settings import Settings
from chat.web.app import application
from chat.web.document_questions import CONVERSATION_COOKIE, questions_of
from chat.web.evidence import link_to
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import Site
from index.indexer import Indexer, LiveIndex

# Of gradio's and its libraries' imports.
pytestmark = pytest.mark.filterwarnings("ignore")

TEXT = "Үкі түнде ұшады. Һәм <b>ғарыш</b> алыс.\nІні мен ағасы қалада тұрады: ә ғ қ ң ө ұ ү һ і."
OWL = document(TEXT, "үкі & <i>")
OTHER = document("Өзен таудан ағады.", "өзен")
NIGHT = (0, len("Үкі түнде ұшады."))
FAR = (NIGHT[1] + 1, TEXT.index("\n"))


def answered(question, source, *spans, words=None):
    """Return a turn whose answer cites these places of a document; `words` answer, in the first."""
    citations = tuple(
        cite(mark, source, span, words if mark == 1 else None)
        for mark, span in enumerate(spans, start=1)
    )
    answer = Answer(question=question, language="kk", text="", short_answer="", passages=(),
                    citations=citations, abstained=not citations, timings_ms={},
                    confidence=0.7, mode="extractive")  # fmt: skip
    return Turn(question, answer, {source.id: source})


def test_questions_are_those_that_cite_the_document_each_with_its_first_place():
    night = answered("Үкі <қашан> ұшады?", OWL, FAR, NIGHT)
    words = (4, 4 + len("түнде"))
    when = answered("КІМ ҰШАДЫ?", OWL, NIGHT, words=words)
    river = answered("Өзен қайда?", OTHER, (0, 18))
    refused = answered("Айда кім бар?", OWL)
    found = questions_of(OWL.id, [night, river, when, refused, when], "ru")
    assert [one.question for one in found] == ["Үкі <қашан> ұшады?", "КІМ ҰШАДЫ?"]
    links = [link_to(OWL, FAR, "ru"), link_to(OWL, NIGHT, "ru", words)]
    assert [f"../{one.link}" for one in found] == links
    assert questions_of("жоқ", [night, when], "ru") == []


@pytest.fixture
def client(tmp_path):
    library = Indexer(tmp_path, load=HashEmbedder)
    library.put([OWL, OTHER])
    site = Site(LiveIndex(library, library.open()), Settings(home=tmp_path))
    site.sessions.add("бірінші-әңгіме", answered("Үкі <қашан>?", OWL, NIGHT))
    site.sessions.add("one", answered("Үкі <қашан> ұшады?", OWL, NIGHT))
    site.sessions.add("one", answered("Ғарыш қайда?", OWL, FAR))
    site.sessions.add("two", answered("Өзен қайда?", OTHER, (0, 18)))
    return TestClient(application(site))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_documents_page_lists_what_its_conversation_asked_of_it(client, language):
    address = {"id": OWL.id, "language": language}
    cookie = {"cookie": f"{CONVERSATION_COOKIE}=one"}
    answer = client.get("/document", params=address, headers=cookie)
    page = answer.text
    assert html.escape(Translations(language).count("asked_of_document", 2)) in page
    assert "Үкі &lt;қашан&gt; ұшады?" in page
    assert "Ғарыш қайда?" in page
    [first, _] = re.findall(r'<li><a href="(.*?)"', page)
    shown = client.get(f"/{html.unescape(first)}", headers=cookie).text
    assert re.search(r'<mark id="cited">(.*?)</mark>', shown)[1] == "Үкі түнде ұшады."
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("key", ["two", "жоқ", "", None])
def test_nobody_sees_what_others_asked(client, key):
    sent = f"{CONVERSATION_COOKIE}={key}".encode()
    cookie = {} if key is None else {b"cookie": sent}
    page = client.get("/document", params={"id": OWL.id, "language": "kk"}, headers=cookie).text
    assert "Үкі түнде ұшады." in page
    assert "dalel-asked-of" not in page
    assert "қашан" not in page


# --- in a browser ---------------------------------------------------------------------------------

ASKED = (
    "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
    "Арал теңізінің тартылуы неге әкелді?",
)


@pytest.fixture(scope="module")
def url(shipped_home, tmp_path_factory):
    home = Path(shutil.copytree(shipped_home, tmp_path_factory.mktemp("asked") / "home"))
    with serving(home) as (address, _):
        yield address


@pytest.fixture
def visit(browser, url):
    contexts, troubles = [], []

    def opened(language, **screen):
        contexts.append(browser.new_context(locale=language, **screen))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
        page.goto(f"{url}/{language}/")
        page.locator(".dalel-head[data-conversation]:not([data-conversation=''])").wait_for()
        return page

    yield opened
    # What is on its way when a page is closed is broken off, and Gradio tells the console so.
    told = [*troubles]
    for context in contexts:
        context.close()
    # The frame lets no script run, the driver's neither; a page that is left at once breaks off.
    expected = ("Blocked script execution", "AbortError", "errored out")
    assert [said for said in told if not any(each in said for each in expected)] == []


def ask(page, question, number):
    page.locator("#dalel-composer textarea").fill(question)
    page.locator("#dalel-composer textarea").press("Enter")
    page.locator(f"#turn-{number} .dalel-evidence").wait_for()


def panel_of(page, number):
    """Open the first place of an answer; return the frame that shows its document."""
    page.locator(f"#turn-{number} .dalel-answer a.dalel-mark").first.click()
    frame = page.frame_locator("#dalel-document iframe")
    frame.locator("mark#cited").wait_for()
    page.locator("#dalel-document iframe.dalel-loaded").wait_for()
    return frame


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.campaign
@pytest.mark.parametrize(
    ("language", "width"), at_length([("kk", 390), ("ru", 1280)], [("kk", 390)])
)
def test_the_panel_leads_from_each_question_to_its_lit_sentence(visit, url, language, width):
    page = visit(language, viewport={"width": width, "height": 844})
    t = Translations(language)
    for number, question in enumerate(ASKED, start=1):
        ask(page, question, number)
    frame = panel_of(page, 2)
    frame.locator(".dalel-asked-of summary", has_text=t.count("asked_of_document", 2)).focus()
    page.keyboard.press("Enter")
    links = frame.locator(".dalel-asked-of a")
    assert links.all_inner_texts() == [*ASKED]
    entries = page.evaluate("history.length")
    links.first.focus()
    page.keyboard.press("Enter")
    frame.locator("mark", has_text="1994").wait_for()
    assert page.evaluate("history.length") == entries, "Back leaves the document, not the list"
    tab = page.locator("#dalel-panel-tab")
    assert "dalel-conversation" not in tab.get_attribute("href")
    key = page.locator(".dalel-head").get_attribute("data-conversation")
    assert key not in tab.get_attribute("href"), "who gets the link does not get the conversation"
    with page.context.expect_page() as opening:
        tab.click()
    alone = opening.value
    alone.locator(".dalel-asked-of").wait_for()
    assert alone.evaluate("document.documentElement.scrollWidth") <= width
    link = alone.url
    stranger = visit(language)
    stranger.goto(link)
    stranger.locator("mark#cited").wait_for()
    assert stranger.locator(".dalel-asked-of").count() == 0


@pytest.mark.slow
@pytest.mark.model
def test_a_new_conversation_has_asked_nothing_and_each_tab_its_own(visit):
    page = visit("en", viewport={"width": 1280, "height": 900})
    ask(page, ASKED[0], 1)
    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".dalel-head[data-conversation]:not([data-conversation=''])").wait_for()
    ask(other, ASKED[1], 1)
    assert panel_of(other, 1).locator(".dalel-asked-of a").all_text_contents() == [ASKED[1]]
    assert panel_of(page, 1).locator(".dalel-asked-of a").all_text_contents() == [ASKED[0]]
    page.locator("#dalel-panel-close").click()
    page.get_by_role("button", name="New conversation").click()
    page.locator(".dalel-turn").first.wait_for(state="detached")
    before = page.locator("nav a[hreflang=ru]").get_attribute("href")
    assert before.endswith(page.locator(".dalel-head").get_attribute("data-conversation"))
    ask(page, ASKED[1], 1)
    assert panel_of(page, 1).locator(".dalel-asked-of a").all_text_contents() == [ASKED[1]]
