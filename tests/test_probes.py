"""The real command gives out nothing but its own pages, however it is asked and wherever it runs.

Asked with raw requests: what a well-behaved client would tidy up in an address is sent as it is.
"""

import json
import shutil
from collections import namedtuple
from contextlib import closing
from http.client import HTTPConnection

import pytest
from served import HOSTILE, serving
from waiting import PATIENT_SECONDS

pytestmark = [pytest.mark.model, pytest.mark.slow]

CANARY, EVIL = "canary-5f0c2b", "evil.example"
Told = namedtuple("Told", "status headers body")

# None of these is an address of ours. {home} is where the index is.
SHUT = """
    /gradio_api/file=/etc/passwd /kk/gradio_api/file=/etc/passwd /en/gradio_api/file=/etc/passwd
    /ru/gradio_api/file=%2Fetc%2Fpasswd /en/gradio_api/file%3D/etc/passwd /en/file=/etc/passwd
    /gradio_api/file/etc/passwd /en/gradio_api/file=/proc/self/environ /file=/etc/passwd
    /en/gradio_api/file=file:///etc/passwd /en/gradio_api/file=http://127.0.0.1:9/
    /gradio_api/file={home}/.env /en/gradio_api/file={home}/uploads /en/gradio_api/file=.env
    /proxy=http://127.0.0.1:9/ /kk/gradio_api/proxy=http://127.0.0.1:9/ /en/gradio_api/stream/a/b/c
    /en/static/../../../../../../../etc/passwd /en/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd
    /en/assets/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd /en/assets/..%5c..%5cetc%5cpasswd
    /en/static/%252e%252e/%252e%252e/etc/passwd /en/svelte/....//....//etc/passwd
    /en/static//etc/passwd /en/assets//etc/passwd /en/assets/%00 /en/assets/index.js%00.html
    //etc/passwd /../../../etc/passwd /%2e%2e/%2e%2e/etc/passwd /etc/passwd {home}/.env
    /.env /en/.env /.git/config /index/current /uploads/ /feedback.jsonl /de/ /EN/ /en//
    /more/runs/../.. /more/runs/../../.env /more/runs/%2e%2e/.env /more/runs/..%2f..%2f.env/x
    /more/runs/x/..%2f..%2f.env /more/runs/%2e%2e/report.html /more/.env /more/%00 /more/runs/
    /document?id=../../etc/passwd /document?id=/etc/passwd /document?id={home}/.env /document
    /document?id=file:///etc/passwd /document?id=%00 /document?id=%ff /document?id=a&start=x
    /conversation?key=../../etc/passwd /conversation?key=%00 /conversation?key= /conversation
    /api/documents/../../../../etc/passwd /api/documents/%2e%2e/%2e%2e/etc/passwd
    /api/documents//etc/passwd /api/documents/{home}/.env /docs /redoc /openapi.json /login
    /token /en/gradio_api/token /en/monitoring /mcp /en/gradio_api/mcp/sse /en/gradio_api/runs
    /en/gradio_api/vibe-code /en/gradio_api/dev/reload /en/pwa_icon
""".split()

# These are, and say nothing of where they run.
OURS = """
    / /en/ /kk/?conversation=../../etc/passwd /ru/?__theme=dark&x=<script> /en/?view=api /page.js
    /config /en/config /gradio_api/info /en/gradio_api/info /en/gradio_api/app_id /en/theme.css
    /page.css /api/documents /api/openapi.json /en/manifest.json /favicon.ico /en/robots.txt
""".split()

CHANGES = """
    /api/ask /api/search /en/gradio_api/queue/join /gradio_api/call/ask /alignment /translation
""".split()
UPLOADS = [f"/{language}/gradio_api/upload" for language in ("kk", "en", "ru")]
NEVER = "/upload /gradio_api/upload /en/upload /en/gradio_api/stream/a /login".split()


@pytest.fixture(scope="module", params=["open", "shut"])
def server(request, shipped_home, tmp_path_factory):
    """Serve from a home with a secret in it: as it is, or where all wants it wide open."""
    home = tmp_path_factory.mktemp("probed") / "home"
    shutil.copytree(shipped_home, home)
    (home / ".env").write_text(CANARY)
    (home / "secret.md").write_text(f"# {CANARY}\n\n{CANARY} root:x:0:0")
    hostile = request.param == "open"
    options = () if hostile else ("--no-uploads",)
    with serving(home, *options, **(HOSTILE if hostile else {}), DALEL_CANARY=CANARY) as (url, _):
        yield url.removeprefix("http://"), home, options


def ask(server, path, method="GET", body=None, **headers):
    address, home, _ = server
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection(address, timeout=PATIENT_SECONDS)) as connection:
        connection.request(method, path.format(home=home), body, headers)
        answer = connection.getresponse()
        return Told(answer.status, str(answer.headers), answer.read().decode("utf-8", "replace"))


def post(server, path, body):
    return ask(server, path, "POST", json.dumps(body), Content_Type="application/json")


def betrayed(server, told):
    """Return the secrets that an answer holds."""
    secrets = ("root:", str(server[1]), CANARY, EVIL)
    return [each for each in secrets if each in told.body + told.headers]


@pytest.mark.parametrize("path", SHUT)
def test_what_is_not_ours_is_not_there(path, server):
    told = ask(server, path)
    assert 400 <= told.status < 500
    assert betrayed(server, told) == []


@pytest.mark.parametrize("path", OURS)
def test_what_is_ours_says_nothing_of_where_it_runs(path, server):
    told = ask(server, path, X_Forwarded_Host=EVIL, X_Forwarded_Proto="https", Forwarded=EVIL)
    assert told.status in (200, 307)
    assert betrayed(server, told) == []


@pytest.mark.parametrize("path", ["/en/", "/config", "/document?id=x", "http://evil.example/en/"])
@pytest.mark.parametrize("host", [EVIL, f"127.0.0.1.{EVIL}", f"127.0.0.1@{EVIL}", "", "0.0.0.0"])
def test_by_another_name_it_is_not_asked_for(path, host, server):
    assert ask(server, path, Host=host).status == 400


@pytest.mark.parametrize("path", [*CHANGES, *UPLOADS])
@pytest.mark.parametrize("site", [f"http://{EVIL}", "null", f"http://127.0.0.1.{EVIL}", "x-site"])
def test_another_sites_page_changes_nothing(path, site, server):
    claim = {"Sec_Fetch_Site": "cross-site"} if site == "x-site" else {"Origin": site}
    expected = 404 if path in UPLOADS and server[2] else 403
    assert ask(server, path, "POST", **claim).status == expected


@pytest.mark.parametrize("path", [*UPLOADS, *NEVER])
def test_files_come_in_only_where_they_may_and_under_no_name_of_their_own(path, server):
    home, refused = server[1], bool(server[2]) or path in NEVER
    head = 'Content-Disposition: form-data; name="files"; filename="../../../escaped.md"'
    # Who refuses does not read on: a body that comes after that may reset the connection.
    body = None if refused else f"--x\r\n{head}\r\n\r\nа\r\n--x--\r\n".encode()
    told = ask(server, path, "POST", body, Content_Type="multipart/form-data; boundary=x")
    assert told.status == (404 if refused else 200)
    assert all(home / "uploads" in each.parents for each in home.parent.rglob("*escaped*"))


def named_file(path):
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


def test_no_file_is_read_because_a_question_names_it(server):
    told = post(server, "/gradio_api/call/ask", {"data": [named_file("/etc/passwd")]})
    if told.status == 200:
        ask(server, f"/gradio_api/call/ask/{json.loads(told.body)['event_id']}")
    assert [*server[1].rglob("passwd")] == []


@pytest.mark.parametrize("server", ["open"], indirect=True)
def test_no_file_of_the_server_is_added_because_somebody_names_it(server):
    config = json.loads(ask(server, "/en/config").body)
    places = {each["id"] for each in config["components"] if each["type"] == "file"}
    [add] = [each["id"] for each in config["dependencies"] if places & {*each["inputs"]}]
    data = [[named_file(server[1] / "secret.md")], "", None]
    asked = {"data": data, "fn_index": add, "session_hash": "a"}
    if post(server, "/en/gradio_api/queue/join", asked).status == 200:
        ask(server, "/en/gradio_api/queue/data?session_hash=a")
    assert CANARY not in ask(server, "/api/documents").body


STRANGE = [
    named_file("/dev/zero"), named_file("http://evil.example/a.md"), named_file("\0"),
    {"path": "../../etc/passwd"}, {"url": "http://evil.example/a"}, {"path": 7, "meta": {}},
    {"path": "uploads/../../secret.md", "meta": {"_type": "gradio.FileData"}},
    {"deep": [[{"x": named_file("/etc/hosts")}]]},
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize("way", ["queue/join", "call/ask", "call/v2/ask", "run/predict"])
def test_a_request_that_names_a_strange_file_is_refused_and_the_server_lives(strange, way, server):
    asked = {"data": [strange], "fn_index": 0, "session_hash": "a"}
    for prefix in ("", "/kk"):
        assert post(server, f"{prefix}/gradio_api/{way}", asked).status in (403, 404)
    assert ask(server, "/api/documents").status == 200
