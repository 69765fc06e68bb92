"""The page over somebody's own documents, in Russian alone: nothing of those that ship is on it."""

import re
import tomllib

import pytest
from campaign import at_length
from fakes import document
from served import serving

from chat.web.i18n import TEXTS, Translations
from index.indexer import Indexer
from ingest.loader import read_shipped

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.slow,
    pytest.mark.model,
]

STORY = """Совы охотятся ночью: их глаза видят в темноте.

Гнездо сипухи было найдено на колокольне в 1987 году. Хранитель музея Пётр Ильин описал его."""
QUESTION = "В каком году нашли гнездо сипухи?"


def words(text):
    """Return the words of a text of more than three letters, as they are compared."""
    return {word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 3}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    home = tmp_path_factory.mktemp("own")
    Indexer(home).put([document(STORY, "совы", "ru", "О совах")])
    with serving(home) as (address, _):
        yield address


@pytest.fixture(scope="module")
def theirs():
    """Return the words that only the documents that ship have."""
    shipped = read_shipped().documents
    told = {word for each in shipped for word in words(f"{each.id} {each.name} {each.text}")}
    table = tomllib.loads(TEXTS.read_text("utf-8"))
    page = {
        word for texts in table.values() for each in texts.values() for word in words(str(each))
    }
    return told - page - words(STORY)


@pytest.mark.campaign
@pytest.mark.parametrize("language", at_length(["kk", "en", "ru"], ["en"]))
def test_no_word_of_the_documents_that_ship_is_shown(browser, url, theirs, language):
    t = Translations(language).text
    context = browser.new_context(locale=language)
    page = context.new_page()
    page.goto(f"{url}/{language}/")
    box = page.locator("#dalel-composer textarea")
    box.wait_for()
    seen = set()

    def look():
        seen.update(words(page.locator("body").inner_text()))

    look()
    box.fill(QUESTION)
    box.press("Enter")
    page.locator("#turn-1 .dalel-evidence").wait_for()
    assert "1987" in page.locator(".dalel-short").inner_text()
    look()
    box.fill("Фотосинтез деген не?")
    box.press("Enter")
    page.locator("#turn-2 .dalel-evidence").wait_for()
    look()
    for tab in ("documents_tab", "evaluate_tab"):
        page.get_by_role("tab", name=t(tab)).click()
        page.get_by_role("tab", name=t(tab), selected=True).wait_for()
        look()
    page.get_by_label(t("set"), exact=True).click()
    look()
    context.close()
    assert {"совы", "сипухи"} <= seen
    assert len(theirs) > 500
    assert seen & theirs == set()
