"""Tests of chat/web/cross_language.py: what a card of another language has on demand."""

import asyncio
import json
import re
from dataclasses import replace

import httpx
import pytest
from fakes import document
from fastapi import FastAPI
from test_viewer import Parsed, answered, place, shown

from chat.llm import LLM, LLMSpec
from chat.settings import Settings
from chat.web.cross_language import MAX_ALIGNED_CHARACTERS, add_cross_language
from chat.web.i18n import LANGUAGES, Translations
from chat.web.site import ConcurrencyLimit, Site
from index.indexer import Indexer, LiveIndex

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

QUESTION = "Шекара туралы шарт қай жылы жасалды?"
QUOTE = "The treaty on the border was made in 1994."
KAZAKH = "Шекара туралы шарт 1994 жылы жасалды."
TREATY = document(f"Owls fly at night. {QUOTE}", "treaty", "en")
HOSTILE = document(
    'The border <img src=x onerror=alert(1)> treaty "\'&amp; <script>1</script> [a](b) of 1994.',
    "<b>шарт", "en",
)  # fmt: skip
LONG = document("The border treaty and" + " owls" * 200, "long", "en")


class Model:
    """A `ChatModel` that writes one thing, or raises it."""

    def __init__(self, written):
        self.written = written

    def stream(self, _rules, _request):
        if isinstance(self.written, Exception):
            raise self.written
        yield from self.written


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    library = Indexer(tmp_path_factory.mktemp("cross"))
    library.put([TREATY, HOSTILE, LONG])
    return LiveIndex(library, library.open())


@pytest.fixture
def site_with(live, tmp_path):
    def made(written=None, **more):
        llm = LLM(LLMSpec("scripted:<i>"), Model(written)) if written is not None else None
        return Site(live=live, settings=Settings(home=tmp_path), llm=llm, **more)

    return made


def asked(of=TREATY, quote=QUOTE, **other):
    start = of.text.index(quote)
    card = {
        "question": QUESTION, "asked": "kk", "id": of.id, "start": start,
        "end": start + len(quote), "sha256": of.sha256[:16], "language": "kk",
    }  # fmt: skip
    return card | other


def post(site, path, card):
    async def request():
        app = FastAPI()  # The whole application takes a second to build.
        add_cross_language(app, site)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.post(path, json=card)

    return asyncio.run(request())


def pairs_of(page):
    """Return the numbered words of each text: word, number, what is said of it."""
    return [
        (text.removesuffix(attributes["data-pair"]), attributes["data-pair"], attributes["title"])
        for text, attributes in page.all("button", "dalel-pair")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_match_have_one_number_in_both_texts(site_with, language):
    told = post(site_with(), "/alignment", asked(language=language))
    assert told.headers["content-type"].startswith("text/html")
    page, i18n = Parsed(told.text), Translations(language)
    [why] = page.texts("p", "dalel-why")
    assert why.endswith(i18n.text("paired"))
    assert i18n.text("language_en") in why
    ours, theirs = (
        re.sub(r"(?<=[^\W\d_])\d", "", text) for text in page.texts("p", "dalel-paired")
    )
    assert ours == QUESTION
    words = pairs_of(page)
    half = len(words) // 2
    assert ("Шекара", "1", "border") in words[:half]
    assert ("border", "1", "Шекара") in words[half:]
    assert {number for _, number, _ in words[:half]} == {number for _, number, _ in words[half:]}
    languages = [attributes["lang"] for _, attributes in page.all("p", "dalel-paired")]
    assert languages == ["kk", "en"]
    label = next(one for text, one in page.all("button") if text.startswith("Шекара"))
    assert label["aria-label"] == "Шекара 1 ↔ border"
    assert theirs.startswith("The treaty on the border")


def test_without_a_pair_it_is_the_meaning(site_with):
    page = Parsed(post(site_with(), "/alignment", asked(question="Үкі ұша ма?")).text)
    assert page.texts("p", "dalel-why")[0].endswith(Translations("kk").text("matched_by_meaning"))
    assert page.all("button") == page.all("p", "dalel-paired") == []


def test_of_a_long_quote_the_beginning_is_shown_in_whole_words(site_with):
    told = post(site_with(), "/alignment", asked(LONG, LONG.text))
    shown_text = Parsed(told.text).texts("p", "dalel-paired")[1]
    assert shown_text.endswith("owls …")
    assert MAX_ALIGNED_CHARACTERS - 10 < len(shown_text) <= MAX_ALIGNED_CHARACTERS + 20


def test_whatever_the_texts_hold_is_text(site_with):
    question = "<b>Шекара</b> туралы <img src=x onerror=alert(2)> шарт \"'&lt;?"
    card = asked(HOSTILE, HOSTILE.text, question=question)
    told = post(
        site_with("<img src=x onerror=alert(3)> Шекара туралы шарт 1994"), "/alignment", card
    )
    page = Parsed(told.text)
    assert {tag for tag, *_ in page.elements} <= {"p", "button", "sup"}
    assert "<img src=x onerror=alert(1)>" in re.sub(r"\d", "", told.text) or "&lt;img" in told.text
    translated = post(
        site_with("<img src=x onerror=alert(3)> Шекара туралы шарт 1994"), "/translation", card
    )
    page = Parsed(translated.text)
    assert {tag for tag, *_ in page.elements} == {"p"}
    assert page.texts("p", "dalel-translated") == [
        "<img src=x onerror=alert(3)> Шекара туралы шарт 1994"
    ]
    assert "scripted:<i>" in page.texts("p", "dalel-soft")[0]


def test_a_translation_is_the_models_and_no_source(site_with):
    page = Parsed(post(site_with(KAZAKH), "/translation", asked()).text)
    assert page.texts("p", "dalel-translated") == [KAZAKH]
    assert page.all("p", "dalel-translated")[0][1]["lang"] == "kk"
    [label] = page.texts("p", "dalel-soft")
    assert label == Translations("kk").text("translated_by", model="scripted:<i>")
    assert page.all("p", "dalel-trouble") == []


def test_what_a_translation_makes_up_is_told(site_with):
    page = Parsed(post(site_with(KAZAKH.replace("1994", "1995")), "/translation", asked()).text)
    assert len(page.texts("p", "dalel-trouble")) == 2
    assert "1995" in page.texts("p", "dalel-trouble")[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("written", "reason"), [(QUOTE, "language"), ("", "nonsense"), (ValueError(), "nonsense")]
)
def test_what_goes_wrong_is_one_line(site_with, language, written, reason):
    told = post(site_with(written), "/translation", asked(language=language))
    assert told.status_code == 200
    page = Parsed(told.text)
    assert page.texts("p") == [Translations(language).text(f"untranslated_{reason}")]
    assert page.all("p")[0][1]["class"] == "dalel-note bad"


@pytest.mark.parametrize("path", ["/alignment", "/translation"])
@pytest.mark.parametrize(
    "other",
    [{"id": "жоқ"}, {"id": "../../etc/passwd"}, {"sha256": "0" * 16}, {"end": 10**9}, {"end": 3}],
)
def test_a_document_that_has_changed_or_gone_is_told(site_with, path, other):
    told = post(site_with(KAZAKH), path, asked(**other))
    assert Parsed(told.text).texts("p") == [Translations("kk").text("source_gone")]


@pytest.mark.parametrize("path", ["/alignment", "/translation"])
@pytest.mark.parametrize(
    "other",
    [{"asked": "fr"}, {"start": -1}, {"sha256": ""}, {"question": "ә" * 2_001}, {"end": None}],
)
def test_what_no_page_of_ours_sends_is_refused(site_with, path, other):
    assert post(site_with(KAZAKH), path, asked(**other)).status_code == 422


def test_without_a_model_nothing_is_translated(site_with):
    told = post(site_with(), "/translation", asked())
    assert "dalel-translated" not in told.text


@pytest.mark.parametrize("path", ["/alignment", "/translation"])
def test_where_too_many_wait_it_says_so(site_with, path):
    full = ConcurrencyLimit(max_running=0, max_waiting=0)
    told = post(site_with(KAZAKH, concurrency=full), path, asked())
    assert Parsed(told.text).texts("p") == [Translations("kk").text("busy")]


def test_a_card_of_another_language_says_what_to_ask_with():
    turn = answered(place(TREATY.text, QUOTE), source=TREATY, question=QUESTION)
    page = shown(turn)
    [asking] = [one["data-align"] for _, one in page.all("details") if "data-align" in one]
    assert json.loads(asking) == asked()
    assert page.all("button", None)
    assert [one for _, one in page.all("button") if "data-translate" in one] == []
    same = answered(place(TREATY.text, QUOTE), source=TREATY, question="Is it?", language="en")
    assert [one for _, one in shown(same).all("details") if "data-align" in one] == []


def test_where_there_is_a_model_such_a_card_can_be_translated():
    turn = answered(place(TREATY.text, QUOTE), source=TREATY, question=QUESTION)
    page = shown(replace(turn, model="scripted:test"))
    [button] = [one for _, one in page.all("button") if "data-translate" in one]
    assert json.loads(button["data-translate"]) == asked()
