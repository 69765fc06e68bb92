"""The page behind reverse proxies: which are believed, below which path it lies, with real ones."""

import asyncio
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from campaign import at_length
from hypothesis import given
from hypothesis import strategies as st
from proxies import CADDY_SITE, NGINX_SITE, documented, running
from served import serving
from waiting import PATIENT_SECONDS

from chat.settings import read_settings
from chat.web.reverse_proxy import AtRootPath, BehindProxies
from chat.web.security import Guard
from eval.load import ask_event
from index.storage.store import Store
from ingest.errors import ConfigError

NAME = "dalel.test"
OURS = {"127.0.0.1", NAME}


async def echo(scope, _receive, send):
    """Answer with what came in."""
    headers = dict(scope["headers"])
    told = {
        "path": scope["path"],
        "root": scope.get("root_path", ""),
        "host": headers.get(b"host", b"").decode(),
        "scheme": scope["scheme"],
        "client": scope["client"][0],
        "forwarded": ",".join(each.decode() for each in headers if each.startswith(b"x-forw")),
    }
    pairs = [(name.encode(), value.encode("utf-8")) for name, value in told.items()]
    pairs.append((b"content-type", b"text/event-stream; charset=utf-8"))
    await send({"type": "http.response.start", "status": 200, "headers": pairs})
    await send({"type": "http.response.body", "body": b""})


def ask(path="/", *, peer="127.0.0.1", trusted=("127.0.0.1",), root="", method="GET", **headers):
    """Ask through everything that stands before the page."""

    async def asked():
        app = BehindProxies(Guard(AtRootPath(echo, root), OURS), trusted=trusted, root_path=root)
        transport = httpx.ASGITransport(app, client=(peer, 7))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named)

    return asyncio.run(asked())


FORWARDED = {"x_forwarded_for": "203.0.113.9", "x_forwarded_proto": "https"}


def test_a_trusted_proxy_says_who_asks_and_for_what():
    told = ask(x_forwarded_host=NAME, **FORWARDED).headers
    assert (told["host"], told["scheme"], told["client"]) == (NAME, "https", "203.0.113.9")
    assert told["forwarded"] == ""
    assert told["x-accel-buffering"] == "no"


@pytest.mark.parametrize("trusted", [(), ("127.0.0.2",), ("10.0.0.0/8",)])
def test_what_others_claim_is_not_believed(trusted):
    told = ask(x_forwarded_host="evil.example", trusted=trusted, **FORWARDED).headers
    assert (told["host"], told["scheme"], told["client"]) == ("127.0.0.1", "http", "127.0.0.1")
    assert told["forwarded"] == ""


@pytest.mark.parametrize(
    ("trusted", "peer", "status"),
    [
        (("10.1.0.0/16",), "10.1.2.3", 200),
        (("10.1.0.0/16",), "10.2.2.3", 421),
        (("fd00::1",), "fd00:0::0001", 200),
        (("127.0.0.1",), "::ffff:127.0.0.1", 200),
        (("127.0.0.1",), "::ffff:127.0.0.2", 421),
        ((), "127.0.0.1", 421),
    ],
)
def test_a_proxy_that_is_not_trusted_is_told_so_instead_of_half_a_page(trusted, peer, status):
    told = ask(x_forwarded_host=NAME, trusted=trusted, peer=peer)
    assert told.status_code == status
    assert ("--trusted-proxy" in told.text) == (status == 421)
    assert ask(host=NAME, x_forwarded_host=NAME, trusted=trusted, peer=peer).status_code == 200


@pytest.mark.parametrize(
    "claimed", ["evil.example", f"{NAME}, evil.example", f"{NAME}.evil.example"]
)
def test_a_trusted_proxy_cannot_be_asked_for_by_another_name(claimed):
    """What comes before the last comma may be what a page elsewhere has sent (DNS rebinding)."""
    assert ask(x_forwarded_host=claimed).status_code == 400


def test_wrong_logins_are_counted_for_the_address_that_no_proxy_has():
    trusted = ("127.0.0.1", "10.0.0.0/8")
    said = "198.51.100.7, 203.0.113.9, 10.0.0.5"
    assert ask(x_forwarded_for=said, trusted=trusted).headers["client"] == "203.0.113.9"


@pytest.mark.parametrize("asked", ["/dalel/kk/", "/kk/"])
def test_a_proxy_may_leave_the_root_path_or_take_it_away(asked):
    told = ask(asked, root="/dalel").headers
    assert (told["path"], told["root"]) == ("/dalel/kk/", "/dalel")


@pytest.mark.parametrize(
    ("asked", "status"),
    [("/dalel", 200), ("/dalel/", 200), ("/dalelx/kk/", 404), ("/dalel/dalel/kk/", 404),
     ("/dalel//kk/", 404), ("/other/kk/", 404), ("/dalel/upload", 404)],
)  # fmt: skip
def test_below_the_root_path_the_same_is_open(asked, status):
    assert ask(asked, root="/dalel").status_code == status


@given(st.text(), st.sampled_from(["", "/dalel", "/a/b"]))
def test_no_path_is_an_error(path, root):
    scope = {
        "type": "http", "method": "GET", "path": f"/{path}", "scheme": "http",
        "headers": [(b"host", NAME.encode())],
    }  # fmt: skip
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    async def inside(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200})

    app = BehindProxies(Guard(AtRootPath(inside, root), OURS), root_path=root)
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] in (200, 404)


@pytest.mark.parametrize(
    ("origin", "site", "status"),
    [
        (f"https://{NAME}", None, 200),
        (f"https://{NAME}:8443", "same-origin", 200),
        (f"https://{NAME}:8443", None, 403),
        (f"https://{NAME}:8443", "same-site", 403),
        ("https://evil.example", "same-origin", 403),
        (f"https://{NAME}.evil.example:8443", "same-origin", 403),
    ],
)
def test_a_proxy_may_leave_the_port_out_where_the_browser_knows_the_origin(origin, site, status):
    more = {"sec_fetch_site": site} if site else {}
    told = ask("/api/ask", method="POST", x_forwarded_host=NAME, origin=origin, **more)
    assert told.status_code == status


@pytest.mark.parametrize(
    "path",
    ["dalel", "//", "/a//b", "/../a", "/.a", "/a b", "/a?b", "/kk", "/api/x", "/қазақ", "http://a"],
)
def test_what_is_no_root_path_is_an_error(path):
    with pytest.raises(ConfigError, match="the root path is"):
        read_settings(root_path=path)


@pytest.mark.parametrize(
    "proxy", ["*", "localhost", "10.0.0.1/8", "127.0.0.1:80", "прокси", "1.2.3"]
)
def test_what_is_no_address_of_a_proxy_is_an_error(proxy):
    with pytest.raises(ConfigError, match="the trusted proxy is"):
        read_settings(trusted_proxies=f"127.0.0.1,{proxy}")


def test_the_settings_of_a_proxy_come_from_the_environment_too(monkeypatch):
    monkeypatch.setenv("DALEL_ROOT_PATH", "/docs/")
    monkeypatch.setenv("DALEL_TRUSTED_PROXIES", "127.0.0.1, fd00::/8")
    settings = read_settings()
    assert settings.root_path == "/docs"
    assert settings.trusted_proxies == ("127.0.0.1", "fd00::/8")
    assert read_settings(root_path="/dalel").root_path == "/dalel"


# --- real ones ------------------------------------------------------------------------------------


@contextmanager
def proxy(program, folder, upstream):
    """Start a proxy configured as README.md has it, for the path /dalel; yield where it listens."""
    template, language = (NGINX_SITE, "nginx") if program == "nginx" else (CADDY_SITE, "caddyfile")
    written = documented("README.md", language).replace("127.0.0.1:7860", upstream)
    with running(program, template, written, folder) as url:
        yield url


@pytest.fixture(scope="module")
def behind(shipped_home, tmp_path_factory):
    """Serve the page as README.md says for proxies; give its address and home."""
    home = Path(shutil.copytree(shipped_home, tmp_path_factory.mktemp("proxied") / "home"))
    options = ("--root-path", "/dalel", "--trusted-proxy", "127.0.0.1")
    with serving(home, *options) as (url, _):
        yield url.removeprefix("http://"), home


@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
@pytest.mark.model
@pytest.mark.campaign
@pytest.mark.parametrize("program", at_length(["nginx", "caddy"], ["nginx"]))
def test_behind_a_proxy_below_a_path_it_answers_streams_uploads_and_opens(
    behind, program, tmp_path, browser
):
    """With nginx, and under `make campaign` with Caddy too."""
    upstream, home = behind
    name = f"{program} көпірі.txt"
    # More bytes than nginx takes by itself, but little to index.
    told = f"{program} көпірі 1987 жылы салынған."
    (tmp_path / name).write_text(told + "\n" * 1_500_000, "utf-8")
    (tmp_path / "proxy").mkdir()
    troubles = []
    with proxy(program, tmp_path / "proxy", upstream) as url:
        page = browser.new_context(locale="kk-KZ").new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        # Before it has read the page, a browser asks the site for an icon; the site is not ours.
        page.on(
            "response",
            lambda answer: (
                answer.status >= 400 and "/dalel/" in answer.url and troubles.append(answer.url)
            ),
        )
        page.goto(f"{url}/dalel/")
        assert page.url == f"{url}/dalel/kk/"
        box = page.locator("#dalel-composer textarea")
        box.fill("Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?")
        box.press("Enter")
        turn = page.locator("#turn-1")
        turn.locator(".dalel-evidence").wait_for()
        assert "1994" in turn.locator(".dalel-answer").inner_text()
        link = turn.locator("a.dalel-mark").first.evaluate("mark => mark.href")
        assert link.startswith(f"{url}/dalel/document?")
        cited = browser.new_context().new_page()
        assert cited.goto(link).status == 200
        assert cited.locator("mark#cited").inner_text() in turn.inner_text()
        assert "1994" in cited.locator("mark#cited").inner_text()
        page.get_by_role("tab", name="Құжаттар").click()
        page.locator("input[type=file]").first.set_input_files([tmp_path / name])
        page.get_by_text("Дайын: индексте").wait_for()
        page.get_by_role("link", name="Русский").click()
        page.locator("#turn-1 .dalel-evidence").wait_for()
        assert page.url.startswith(f"{url}/dalel/ru/?conversation=")
        _programs_are_answered(f"{url}/dalel")
        assert troubles == []
        with ThreadPoolExecutor() as apart:  # In this thread runs the browser's event loop.
            address = url.replace("localhost", "127.0.0.1")
            streamed = apart.submit(asyncio.run, _seconds_of_streaming(f"{address}/dalel/kk"))
            assert streamed.result() > 0
    assert name in {each.id for each in Store(home / "index").load().documents}


async def _seconds_of_streaming(url):
    """Ask as the page does; return how long before its end an answer had begun to come."""
    async with httpx.AsyncClient(base_url=url, timeout=PATIENT_SECONDS) as client:
        about = {"session_hash": "ағын"}
        function = (await ask_event(client)).function
        asked = {"data": ["Арал теңізі неге тартылды?", None], "fn_index": function}
        (await client.post("/gradio_api/queue/join", json=asked | about)).raise_for_status()
        times = []
        async with client.stream("GET", "/gradio_api/queue/data", params=about) as stream:
            async for piece in stream.aiter_raw():
                # In one piece, all would have come at once.
                times += [time.monotonic()] if b"process_" in piece else []
        return times[-1] - times[0]


def _programs_are_answered(url):
    from gradio_client import Client

    asked = {"question": "Арал теңізі неге тартылды?"}
    told = httpx.post(f"{url}/api/ask", json=asked, timeout=PATIENT_SECONDS).json()
    client = Client(
        url, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": PATIENT_SECONDS}
    )
    assert client.predict(asked["question"], api_name="/ask")["answer"] == told["answer"]
    schema = httpx.get(f"{url}/api/openapi.json", timeout=PATIENT_SECONDS).json()
    assert [each["url"] for each in schema["servers"]] == ["/dalel"]
