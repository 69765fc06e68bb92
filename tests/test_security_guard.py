"""Tests of `Guard` in chat/web/security.py: what comes in, what each answer tells the browser."""

import asyncio
import base64

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web.security import MAX_BODY_BYTES, MAX_DRAINED_BYTES, Guard, Login

HOST = "127.0.0.1"
OURS = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options")


async def inside(scope, receive, send):
    """Answer with what came in, after reading all of it."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    names = b",".join(name for name, _ in scope["headers"])
    headers = [(b"content-type", b"text/plain"), (b"X-Frame-Options", b"ALLOWALL")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"%d %s" % (size, names)})


def ask(path="/", *, method="GET", host=HOST, uploads=0, login=None, **more):
    async def asked():
        guard = Guard(inside, {HOST, "localhost", "[::1]"}, upload_bytes=uploads, login=login)
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            headers = {"host": host, **more.pop("headers", {})}
            return await client.request(method, path, headers=headers, **more)

    return asyncio.run(asked())


@pytest.mark.parametrize("host", [HOST, f"{HOST}:7860", "localhost:1", "LOCALHOST", "[::1]:7860"])
def test_this_machine_is_asked_by_its_names(host):
    assert ask(host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:7860", "", "localhost:x", "0.0.0.0",
     "localhost@evil.example", "192.168.1.2", "127.0.0.1:7860:1", "[::2]"],
)  # fmt: skip
def test_another_name_is_refused(host):
    """A page elsewhere may give its own name this machine's address (DNS rebinding)."""
    assert ask(host=host).status_code == 400


OPEN = [
    "/", "/config", "/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json",
    "/assets/index-BxY_1.js", "/static/fonts/a/b-Regular.woff2", "/svelte/x.js",
    "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/heartbeat/abc-1",
    "/gradio_api/call/reply", "/gradio_api/call/reply/0f3a", "/gradio_api/run/predict",
    "/gradio_api/info", "/gradio_api/reset", "/gradio_api/cancel", "/kk/", "/en/", "/ru/",
    "/kk/gradio_api/queue/join", "/ru/config", "/en/assets/index-BxY_1.js", "/page.css", "/page.js",
    "/document", "/conversation", "/api/ask", "/api/search", "/api/documents", "/api/openapi.json",
    "/api/documents/kk_foreign_policy", "/api/documents/қалта/../Ғарыш.txt",
    "/more/runs/a-1/report.html", "/alignment", "/translation",
    "/more/runs/Менің жиыным (2) &=<b>-1/report.html",
]  # fmt: skip
SHUT = [
    "/gradio_api/upload", "/upload", "/gradio_api/upload_progress", "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=http://evil.example/a", "/gradio_api/file/etc/passwd", "/file=/etc/passwd",
    "/gradio_api/proxy=http://evil.example", "/proxy=http://evil.example", "/monitoring",
    "/gradio_api/stream/a/b/c", "/gradio_api/process_recording", "/gradio_api/vibe-code/",
    "/gradio_api/component_server", "/gradio_api/dev/reload", "/gradio_api/deep_link", "/login",
    "/monitoring/summary", "/monitoring/key", "/openapi.json", "/docs", "/redoc", "/logout",
    "/gradio_api/run/reply", "/gradio_api/api/reply", "/custom_component/1/a/b", "/token",
    "//gradio_api/upload", "/gradio_api//upload", "/GRADIO_API/UPLOAD", "/./gradio_api/upload",
    "/gradio_api/../gradio_api/upload", "/static/../../etc/passwd", "/static/%2e%2e/%2e%2e/a",
    "/static/..%2f..%2fetc/passwd", "/assets/%5c..%5cwindows", "/static/%00", "/.env",
    "/gradio_api/", "/gradio_api/heartbeat/", "/gradio_api/heartbeat/a/b", "/gradio_api/call/",
    "/gradio_api/queue/status", "/pwa_icon", "/mcp", "/gradio_api/mcp/sse", "/%2fgradio_api/upload",
    "/config/../gradio_api/upload", "/gradio_api/file%3D/etc/passwd", "/login/callback",
    "/index.html", "/kk/gradio_api/upload", "/kk/gradio_api/file=/etc/passwd", "/kz/", "/kk/en/",
    "/en/gradio_api/proxy=http://evil.example", "/kk", "/page.py", "/api/", "/api/run",
    "/api/openapi.json/", "/documents",
]  # fmt: skip


@pytest.mark.parametrize("path", OPEN)
def test_what_a_page_needs_is_there(path):
    assert ask(path).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", SHUT)
def test_what_it_does_not_need_is_not_there(path, method):
    assert ask(path, method=method).status_code == 404


@given(st.text())
def test_no_path_is_an_error(path):
    host = (b"host", HOST.encode())
    scope = {"type": "http", "method": "GET", "path": f"/{path}", "headers": [host]}
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    asyncio.run(Guard(inside, {HOST})(scope, receive, send))
    assert sent[0]["status"] in (200, 404)


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)])
def test_a_body_has_a_limit(size, status):
    assert ask(method="POST", content=b"x" * size).status_code == status


@pytest.mark.parametrize(("pieces", "status"), [(64, 200), (65, 413)])
def test_a_body_of_unknown_length_has_it_too(pieces, status):
    async def body():
        for _ in range(pieces):
            yield b"x" * (MAX_BODY_BYTES // 64)

    assert ask(method="POST", content=body()).status_code == status


@pytest.mark.parametrize("length", ["-1", "1e3", "х", "", "1, 1"])
def test_a_length_that_is_no_number_is_refused(length):
    headers = {"content-length": length.encode()}
    assert ask(method="POST", headers=headers).status_code == 413


def test_nothing_claims_to_be_forwarded():
    claims = {
        name: "evil.example"
        for name in (
            "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP",
            "X-Gradio-Server", "X-Gradio-User", "X-HTTP-Method-Override",
        )
    }  # fmt: skip
    told = ask(headers={**claims, "accept-language": "kk"}).text
    assert "accept-language" in told
    assert not any(name.lower() in told for name in claims)


@pytest.mark.parametrize("path", ["/kk/gradio_api/upload", "/en/gradio_api/upload_progress"])
def test_files_come_in_where_they_may(path):
    assert ask(path, method="POST", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 404
    large = b"x" * (MAX_BODY_BYTES + 1)
    assert ask(path, method="POST", content=large, uploads=len(large)).status_code == 200
    assert ask(path, method="POST", content=large + b"x", uploads=len(large)).status_code == 413
    assert ask(method="POST", content=large, uploads=len(large)).status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": f"http://{HOST}:7860", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": f"http://{HOST}:9"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"http://{HOST}.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_another_sites_page_may_change_nothing(headers, status):
    asked = ask("/api/ask", method="POST", host=f"{HOST}:7860", headers=headers)
    assert asked.status_code == status
    assert ask("/kk/", headers=headers).status_code == 200


def test_only_who_logs_in_is_let_in():
    login = Login("оқырман:құпия-сөз-ұзын".encode())
    assert ask(login=login).status_code == 401
    for password, status in (("құпия-сөз-ұзын", 200), ("құпия", 401)):
        header = {"authorization": _basic("оқырман", password)}
        assert ask(login=login, headers=header).status_code == status


def _basic(name, password):
    return b"Basic " + base64.b64encode(f"{name}:{password}".encode())


@pytest.mark.parametrize(("path", "host"), [("/", HOST), ("/upload", HOST), ("/", "evil.example")])
def test_every_answer_tells_the_browser_to_load_nothing_from_elsewhere(path, host):
    headers = ask(path, host=host).headers
    for name in OURS:
        assert len(headers.get_list(name)) == 1
    assert headers["x-frame-options"] == "DENY"
    policy = _policy(headers)
    assert policy["default-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert "http" not in headers[OURS[0]]
    assert "unsafe-eval" not in headers[OURS[0]]


@pytest.mark.parametrize("path", ["/document", "/more/runs/a/report.html"])
def test_a_document_stands_in_a_frame_of_the_page_and_calls_nobody(path):
    headers = ask(path).headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    policy = _policy(headers)
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert ("script-src" in policy) == path.startswith("/more/")


def _policy(headers):
    return dict(part.strip().split(" ", 1) for part in headers[OURS[0]].split(";"))


def test_web_sockets_get_no_answer_and_lifespans_go_through():
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope["type"])

    for kind in ("websocket", "lifespan"):
        asyncio.run(Guard(app, {HOST})({"type": kind}, None, None))
    assert seen == ["lifespan"]


@pytest.mark.parametrize("name", ["*", "*.example", "*.*"])
def test_no_name_stands_for_others(name):
    """`dalel chat --name '*'` must not let everybody in, as some servers' settings do."""

    async def asked():
        transport = httpx.ASGITransport(Guard(inside, {name}))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            return await client.get("/", headers={"host": "evil.example"})

    assert asyncio.run(asked()).status_code == 400


def test_a_refused_body_without_end_is_not_read_for_ever():
    host = (b"host", b"evil.example")
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [host]}
    received, sent = [0], []

    async def receive():
        received[0] += 1
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    async def send(message):
        sent.append(message)

    asyncio.run(Guard(inside, {HOST})(scope, receive, send))
    assert sent[0]["status"] == 400
    assert (b"connection", b"close") in sent[0]["headers"]
    assert 1 <= received[0] <= MAX_DRAINED_BYTES // 1_000_000
