"""Tests of chat/web/examples.py: which questions to begin with the page shows, and when."""

import asyncio

import gradio
import pytest
from fakes import HashEmbedder, document

from chat.session import Turn
from chat.settings import Settings
from chat.suggested_questions import MAX_SUGGESTED
from chat.web import examples
from chat.web.examples import EXAMPLES, Examples, are_shipped
from chat.web.i18n import LANGUAGES, Translations
from chat.web.page import build_page
from chat.web.site import ConcurrencyLimit, Site
from index.indexer import Indexer, LiveIndex
from ingest.document import text_sha256
from ingest.loader import read_shipped

# Of gradio's and its libraries' imports.
pytestmark = pytest.mark.filterwarnings("ignore")

SHIPPED = list(read_shipped().documents)
OWN = document("Үкі түнде ұшады. Өзен ақты.", "дала", title="Үлкен дала")
OTHER = document("Ғарышкер Әлия ән айтты.", "ғарыш", title="Ғарыш")


@pytest.fixture
def site(tmp_path):
    library = Indexer(tmp_path, load=HashEmbedder)
    library.put(SHIPPED)
    return Site(LiveIndex(library, library.open()), Settings(home=tmp_path))


@pytest.fixture
def made(monkeypatch):
    """Note for which documents questions are made, in which language."""
    asked = []

    def suggest(retriever, language):
        ids = [one.id for one in retriever.visible_documents]
        asked.append((ids, language))
        return [f"{name}?" for name in ids]

    monkeypatch.setattr(examples, "suggest_questions", suggest)
    return asked


def begin(site, language="kk"):
    with gradio.Blocks():
        return Examples(Translations(language), site)


def shown(begun, key=""):
    return asyncio.run(begun.questions(key))


def put(site, *documents):
    site.live.indexer.put(documents)
    site.live.reopen()


def test_over_the_documents_that_ship_they_are_chosen_by_hand(site, made):
    begun = begin(site)
    assert shown(begun) == list(EXAMPLES)
    assert made == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_over_any_others_they_are_made_once_in_the_language_of_the_page(site, made, language):
    begun = begin(site, language)
    put(site, OWN)
    assert shown(begun) == shown(begun) == ["дала?"]
    assert made == [(["дала"], language)]
    put(site, OWN, OTHER)
    assert shown(begun) == ["дала?", "ғарыш?"]
    put(site, *SHIPPED, OWN)
    assert not {*EXAMPLES} & {*shown(begun)}
    put(site, *SHIPPED)
    assert shown(begun) == list(EXAMPLES)


def test_who_chose_documents_is_shown_what_those_answer(site, made):
    begun = begin(site)
    put(site, OWN, OTHER)
    key = site.sessions.choose(site.sessions.new_key(), [OTHER.id])
    assert shown(begun, key) == ["ғарыш?"]
    assert shown(begun) == ["дала?", "ғарыш?"]
    put(site, *SHIPPED)
    chosen = site.sessions.choose(key, [SHIPPED[0].id])
    assert shown(begun, chosen) == [f"{SHIPPED[0].id}?"]


def test_where_something_was_asked_there_are_none(site):
    begun = begin(site)
    key = site.sessions.new_key()
    site.sessions.add(key, Turn("Үкі қашан ұшады?", None, {}, problem="failed"))
    assert shown(begun, key) == []
    assert shown(begun, site.sessions.new_key()) == list(EXAMPLES)


def test_who_asks_while_they_are_made_is_not_shown_them_below_the_answer(site, monkeypatch):
    begun = begin(site)
    put(site, OWN)
    key = site.sessions.new_key()

    def suggest(*_):
        site.sessions.add(key, Turn("Үкі қашан ұшады?", None, {}, problem="failed"))
        return ["Үкі?"]

    monkeypatch.setattr(examples, "suggest_questions", suggest)
    assert shown(begun, key) == []
    assert shown(begun) == ["Үкі?"]


@pytest.mark.parametrize("key", [None, 7, "", ["ғ"], {"path": "/etc/passwd"}])
def test_whatever_is_sent_as_a_key_is_a_session_of_its_own(site, key):
    assert shown(begin(site), key) == list(EXAMPLES)


def test_while_too_many_people_ask_there_are_none(site, made, tmp_path):
    put(site, OWN)
    full = Site(site.live, site.settings, concurrency=ConcurrencyLimit(0, 0))
    assert shown(begin(full)) == made == []


def test_few_choices_are_remembered(site, made, monkeypatch):
    monkeypatch.setattr(examples, "_REMEMBERED", 1)
    begun = begin(site)
    put(site, OWN, OTHER)
    key = site.sessions.choose(site.sessions.new_key(), [OTHER.id])
    for session in ("", key, ""):
        shown(begun, session)
    assert [ids for ids, _ in made] == [["дала", "ғарыш"], ["ғарыш"], ["дала", "ғарыш"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_until_the_page_is_opened_they_are_hidden(site, language):
    components = build_page(Translations(language), site).config["components"]
    [column] = [each for each in components if each["props"].get("elem_id") == "dalel-examples"]
    assert column["props"]["visible"] is False


def test_there_are_buttons_for_all_of_them(site):
    assert len(begin(site).buttons) == MAX_SUGGESTED >= len(EXAMPLES)


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
