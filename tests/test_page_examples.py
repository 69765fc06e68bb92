"""Tests of the example questions of chat/web/page.py: shown over the documents they are about."""

import pytest
from fakes import HashEmbedder, document
from starlette.requests import Request

from chat.session import Turn
from chat.settings import Settings
from chat.web.i18n import LANGUAGES, Translations
from chat.web.page import EXAMPLES, _open_handler, are_shipped, build_page
from chat.web.site import Site
from index.indexer import Indexer, LiveIndex
from ingest.document import text_sha256
from ingest.loader import read_shipped

# Of gradio's and its libraries' imports.
pytestmark = pytest.mark.filterwarnings("ignore")

SHIPPED = list(read_shipped().documents)
OWN = document("Үкі түнде ұшады. Өзен ақты.", "дала")


@pytest.fixture
def site(tmp_path):
    library = Indexer(tmp_path, load=HashEmbedder)
    library.put(SHIPPED)
    return Site(LiveIndex(library, library.open()), Settings(home=tmp_path))


def shown(site, key=""):
    """Say whether whoever opens the page now sees the examples."""
    import gradio

    query = f"conversation={key}".encode()
    request = gradio.Request(Request({"type": "http", "query_string": query, "headers": []}))
    *_, examples = _open_handler(Translations("kk"), site)(request)
    return examples["visible"]


def test_examples_are_shown_over_the_documents_that_ship_and_over_no_others(site):
    assert shown(site)
    site.live.indexer.add([OWN])
    site.live.reopen()
    assert not shown(site)
    site.live.indexer.remove([OWN.id])
    site.live.reopen()
    assert shown(site)
    site.live.indexer.put([OWN])
    site.live.reopen()
    assert not shown(site)


def test_where_something_was_asked_there_are_none(site):
    key = site.sessions.new_key()
    site.sessions.add(key, Turn("Үкі қашан ұшады?", None, {}, problem="failed"))
    assert not shown(site, key)
    assert shown(site)


@pytest.mark.parametrize("language", LANGUAGES)
def test_until_the_page_is_opened_they_are_hidden(site, language):
    components = build_page(Translations(language), site).config["components"]
    [column] = [each for each in components if each["props"].get("elem_id") == "dalel-examples"]
    assert column["props"]["visible"] is False
    buttons = {each["props"].get("value") for each in components if each["type"] == "button"}
    assert set(EXAMPLES) <= buttons


def test_a_document_that_was_changed_does_not_ship():
    documents = {each.id: each for each in SHIPPED}
    assert are_shipped(documents)
    [first, *rest] = SHIPPED
    assert not are_shipped({each.id: each for each in rest})
    assert not are_shipped({**documents, OWN.id: OWN})
    changed = document(first.text + " Ғ", first.id)
    assert changed.sha256 == text_sha256(changed.text)
    assert not are_shipped({**documents, first.id: changed})
    assert not are_shipped({})
