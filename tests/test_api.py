"""Tests of chat/web/api.py and server.py: the whole application, asked without a network."""

import asyncio
import json

import httpx
import pytest
from fakes import respond
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.answer import passage
from chat.pipeline import answer
from chat.session import Sessions
from chat.settings import Settings
from chat.web.app import application
from chat.web.site import ConcurrencyLimit, Site
from index.indexer import Indexer, LiveIndex

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]

ASKED = "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?"


@pytest.fixture(scope="module")
def site(shipped_home, tmp_path_factory):
    library = Indexer(shipped_home)
    home = tmp_path_factory.mktemp("api")
    return Site(live=LiveIndex(library, library.open()), settings=Settings(home=home))


@pytest.fixture(scope="module")
def app(site):
    return application(site)


def request(app, method, path, **more):
    async def asked():
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)

    return asyncio.run(asked())


def test_an_answer_is_the_one_of_the_command_line(app, retriever):
    told = request(app, "POST", "/api/ask", json={"question": ASKED, "id": "сұрақ-1"}).json()
    expected = answer(ASKED, retriever).data() | {"id": "сұрақ-1"}
    assert list(told) == list(expected)
    assert told | {"timings_ms": {}} == expected | {"timings_ms": {}}


def test_an_answer_has_its_words_with_their_place(app, retriever):
    told = request(app, "POST", "/api/ask", json={"question": ASKED}).json()
    assert "1994" in told["short_answer"]
    assert told["answer"].startswith(f"{told['short_answer']}\n\nҚұжаттарда былай делінген:\n\n")
    for cited in told["citations"]:
        words, text = cited["answer"], retriever.documents[cited["document_id"]].text
        assert set(words) == {"start", "end", "text"}
        assert cited["start"] <= words["start"] < words["end"] <= cited["end"]
        assert text[words["start"] : words["end"]] == words["text"]
    refused = request(app, "POST", "/api/ask", json={"question": ASKED, "threshold": 1}).json()
    assert (refused["short_answer"], refused["citations"]) == ("", [])


def test_a_threshold_may_come_with_the_question(app):
    for question in (ASKED, "Марста өмір бар ма?"):
        for threshold in (0, 1):
            asked = {"question": question, "threshold": threshold}
            told = request(app, "POST", "/api/ask", json=asked).json()
            assert told["abstained"] is bool(threshold)


@pytest.mark.parametrize(("k", "legs"), [(1, "both"), (3, "dense"), (10, "lexical")])
def test_a_search_is_the_one_of_the_command_line(app, retriever, k, legs):
    told = request(app, "POST", "/api/search", json={"question": ASKED, "k": k, "legs": legs})
    hits = retriever.search(ASKED, k, legs)
    assert told.json() == [passage(hit, retriever).data() for hit in hits]


def test_documents_are_listed_and_given_whole(app, retriever):
    listed = request(app, "GET", "/api/documents").json()
    assert [each["id"] for each in listed] == list(retriever.documents)
    for facts in listed:
        whole = request(app, "GET", f"/api/documents/{facts['id']}").json()
        assert whole.pop("text") == retriever.documents[facts["id"]].text
        assert whole == facts
        assert facts["added"].startswith("20")


@pytest.mark.parametrize("name", ["kk_foreign_policy", "en_foreign_policy"])
def test_only_the_documents_that_are_named_are_asked(app, name):
    asked = {"question": ASKED, "documents": [name, name], "threshold": 0}
    told = request(app, "POST", "/api/ask", json=asked).json()
    assert {cited["document_id"] for cited in told["citations"]} == {name}
    del asked["threshold"]
    found = request(app, "POST", "/api/search", json=asked).json()
    assert {hit["document_id"] for hit in found} == {name}


def test_the_collection_is_told_of(app, retriever):
    asked = {"question": "Which documents are there?"}
    told = request(app, "POST", "/api/ask", json=asked).json()
    assert (told["mode"], told["language"], told["abstained"]) == ("collection", "en", False)
    assert told["answer"].startswith("Documents: 2 (1 in Kazakh, 1 in English): ")
    for cited in told["citations"]:
        text = retriever.documents[cited["document_id"]].text
        assert text[cited["start"] : cited["end"]] == cited["quote"] != ""
    one = asked | {"documents": ["en_foreign_policy"]}
    told = request(app, "POST", "/api/ask", json=one).json()
    assert {cited["document_id"] for cited in told["citations"]} == {"en_foreign_policy"}


WRONG = [
    ("POST", "/api/ask", {"question": ASKED, "documents": ["kk_foreign_polisy"]}, 400,
     "no document 'kk_foreign_polisy' is indexed; did you mean 'kk_foreign_policy'"),
    ("POST", "/api/search", {"question": ASKED, "documents": ["ә" * 100_000]}, 400, "no document"),
    ("POST", "/api/ask", {"question": ASKED, "documents": "kk"}, 422, "documents"),
    ("POST", "/api/ask", {"question": ASKED, "documents": [""] * 1001}, 422, "documents"),
    ("POST", "/api/ask", {"question": ""}, 400, "empty"),
    ("POST", "/api/ask", {"question": "?!"}, 400, "no letter"),
    ("POST", "/api/ask", {"question": "қ" * 2001}, 422, "question"),
    ("POST", "/api/ask", {"question": 7}, 422, "question"),
    ("POST", "/api/ask", {"question": ASKED, "threshold": 2}, 422, "threshold"),
    ("POST", "/api/ask", [], 422, "the body"),
    ("POST", "/api/search", {"question": ASKED, "k": 0}, 422, "k"),
    ("POST", "/api/search", {"question": ASKED, "legs": "қос"}, 422, "legs"),
    ("GET", "/api/documents/жоқ", None, 404, "no such document"),
    ("GET", "/api/documents/../../etc/passwd", None, 404, ""),
    ("GET", "/api/ask", None, 405, ""),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "told"), WRONG)
def test_what_is_wrong_is_told_in_a_sentence(app, method, path, body, status, told):
    answered = request(app, method, path, json=body)
    assert answered.status_code == status
    error = answered.json()["error"]
    assert told in error
    assert "\n" not in error


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/api/ask", "/api/search"]),
    body=JSON | st.fixed_dictionaries({"question": JSON}, optional={"k": JSON, "id": JSON}),
)
def test_no_body_is_an_error_of_ours(app, path, body):
    answered = request(app, "POST", path, content=json.dumps(body).encode())
    assert answered.status_code in (200, 400, 422)
    assert answered.status_code == 200 or set(answered.json()) == {"error"}


def test_openapi_describes_it_all(app):
    described = request(app, "GET", "/api/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/ask", "/api/search", "/api/documents", "/api/documents/{name}",
    }  # fmt: skip
    answered = described["components"]["schemas"]["Answer"]
    assert "confidence" in answered["required"]
    assert answered["properties"]["short_answer"]["type"] == "string"
    assert answered["properties"]["citations"]["items"]["$ref"].endswith("/Citation")
    schemas = described["components"]["schemas"]
    words = {"$ref": "#/components/schemas/AnswerWords"}
    assert schemas["Citation"]["properties"]["answer"]["anyOf"] == [words, {"type": "null"}]
    assert set(schemas["AnswerWords"]["properties"]) == {"start", "end", "text"}
    assert set(schemas["Copy"]["required"]) == {"document_id", "title", "start", "end"}
    assert described["info"]["title"] == "Dalel"


def test_where_too_many_wait_one_is_told_to_come_back(shipped_home, tmp_path):
    library = Indexer(shipped_home)
    turnstile = ConcurrencyLimit(max_running=1, max_waiting=2)
    site = Site(LiveIndex(library, library.open()), Settings(home=tmp_path), concurrency=turnstile)
    app = application(site)

    async def all_at_once():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            asked = [client.post("/api/ask", json={"question": f"{ASKED} {n}"}) for n in range(20)]
            first = await asyncio.gather(*asked)
            return first, await client.post("/api/ask", json={"question": ASKED})

    answered, after = asyncio.run(all_at_once())
    codes = sorted(each.status_code for each in answered)
    assert codes == [200] * 3 + [503] * 17
    busy = next(each for each in answered if each.status_code == 503)
    assert "ask again" in busy.json()["error"]
    assert busy.headers["retry-after"]
    assert after.status_code == 200


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("kk-KZ,kk;q=0.9,en;q=0.8", "kk"), ("ru", "ru"), ("de, ru;q=0.1", "ru"), ("", "en")],
)
def test_the_page_comes_in_the_readers_language(app, accepted, language):
    home = request(app, "GET", "/", headers={"accept-language": accepted})
    assert (home.status_code, home.headers["location"]) == (307, f"/{language}/")
    assert request(app, "GET", f"/{language}/").status_code == 200


def test_a_document_is_shown_with_its_place_and_a_strange_one_is_not(app, retriever):
    document = retriever.documents["kk_foreign_policy"]
    start, end = 3897, 4015
    about = {"id": document.id, "start": start, "end": end, "sha256": document.sha256[:16]}
    page = request(app, "GET", "/document", params=about | {"language": "kk"})
    assert f'<mark id="cited">{document.text[start:end]}</mark>' in page.text
    lit = about | {"answer_start": start, "answer_end": start + 4}
    page = request(app, "GET", "/document", params=lit | {"language": "kk"})
    words, rest = document.text[start : start + 4], document.text[start + 4 : end]
    marked = f'<mark id="cited"><strong class="dalel-words">{words}</strong>{rest}</mark>'
    assert marked in page.text
    gone = request(app, "GET", "/document", params={"id": "../../etc/passwd", "language": "ru"})
    assert gone.status_code == 404
    assert "нет" in gone.text
    assert request(app, "GET", "/document", params=about | {"start": "x"}).status_code == 422


def test_a_conversation_is_given_to_who_has_its_key(app, site, retriever):
    key = site.sessions.new_key()
    site.sessions.add(key, respond(ASKED, [], retriever))
    saved = request(app, "GET", "/conversation", params={"key": key, "language": "kk"})
    assert saved.headers["content-disposition"] == 'attachment; filename="dalel.md"'
    assert ASKED in saved.text
    other = request(app, "GET", "/conversation", params={"key": Sessions().new_key()})
    assert other.status_code == 404
