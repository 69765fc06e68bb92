"""A source in another language on the page, in a browser: its words in pairs, a translation."""

import re

import pytest
from fakes import document
from served import serving
from speaking import said, speaking

from chat.web.i18n import Translations
from index.indexer import Indexer

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
]

QUESTION = "Шекара туралы келісім қай жылы жасалды?"
QUOTE = "The treaty on the state border <img src=x onerror=alert(1)> was made in 1994."
TRANSLATED = "Мемлекеттік шекара туралы шарт <img src=x onerror=alert(1)> 1994 жылы жасалды."
KAZAKH = Translations("kk")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cross")
    Indexer(folder).put([document(QUOTE, "treaty", "en")])
    return folder


def translated_or_refusal(asked):
    """Translate what is to be translated; else answer nothing that the documents say."""
    wants = "Аударылатын үзінді" in asked["messages"][-1]["content"]
    return said(TRANSLATED if wants else "Құжаттарда бұл сұраққа жауап жоқ.")(asked)


@pytest.fixture(scope="module")
def url(home):
    with serving(home, "--threshold", "0") as (address, _):
        yield address


@pytest.fixture
def ask(browser):
    contexts, troubles = [], []

    def asked(url, **screen):
        context = browser.new_context(locale="kk-KZ", **screen)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.goto(f"{url}/kk/")
        box = page.locator("#dalel-composer textarea")
        box.wait_for()
        box.fill(QUESTION)
        box.press("Enter")
        page.locator("#turn-1 .dalel-evidence").wait_for()
        return page

    yield asked
    told = [*troubles]  # What is on its way when a page is closed is broken off, and told, too.
    for context in contexts:
        context.close()
    assert told == []


def test_words_that_match_are_numbered_in_both_texts_and_lead_to_each_other(url, ask):
    page = ask(url, viewport={"width": 390, "height": 844})
    card = page.locator("#turn-1 .dalel-card").first
    assert card.locator("button.dalel-pair").count() == 0
    assert card.get_by_role("button", name=KAZAKH.text("translate")).count() == 0
    card.get_by_text(KAZAKH.text("why_found")).click()
    ours, theirs = (card.locator(".dalel-paired").nth(each) for each in (0, 1))
    theirs.wait_for()
    assert re.sub(r"\d$|(?<=[^\W\d_])\d", "", ours.inner_text()) == QUESTION
    assert "<img src=x onerror=alert(1)>" in theirs.inner_text()
    word = ours.get_by_role("button", name="Шекара 1 ↔ border")
    partner = theirs.get_by_role("button", name="border 1 ↔ Шекара")
    outline = "each => getComputedStyle(each).outlineStyle"
    assert partner.evaluate(outline) == "none"
    word.hover()
    assert partner.evaluate(outline) == word.evaluate(outline) == "solid"
    word.focus()
    page.keyboard.press("Enter")
    assert partner.evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")
    assert word.evaluate("each => each === document.activeElement")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_cannot_be_fetched_is_told_and_can_be_tried_again(url, ask):
    page = ask(url)
    page.route("**/alignment", lambda route: route.abort())
    card = page.locator("#turn-1 .dalel-card").first
    card.get_by_text(KAZAKH.text("why_found")).click()
    card.get_by_text(KAZAKH.text("not_loaded")).wait_for()
    page.unroute("**/alignment")
    card.get_by_text(KAZAKH.text("why_found")).click()
    card.get_by_text(KAZAKH.text("why_found")).click()
    card.locator("button.dalel-pair").first.wait_for()


def test_a_quote_is_translated_on_demand_by_the_model_and_never_cited(home, ask):
    with speaking(translated_or_refusal) as (address, server):
        options = ("--threshold", "0", "--llm", "openai:any", "--llm-base-url", address)
        with serving(home, *options) as (url, _):
            page = ask(url)
            card = page.locator("#turn-1 .dalel-card").first
            asked = len(server.asked)
            button = card.get_by_role("button", name=KAZAKH.text("translate"))
            button.focus()
            page.keyboard.press("Enter")
            card.locator(".dalel-translated").wait_for()
            assert len(server.asked) == asked + 1
            assert card.locator(".dalel-translated").inner_text() == TRANSLATED
            label = KAZAKH.text("translated_by", model="openai:any")
            assert label in card.locator(".dalel-translation").inner_text()
            assert card.locator(".dalel-translation a").count() == 0
            place = card.locator(".dalel-translation")
            assert place.evaluate("each => each === document.activeElement")
            assert not button.is_visible()
