"""The real command serves the page: to this machine alone, or to whoever logs in."""

import signal
import socket
from http.client import HTTPConnection

import httpx
import pytest
from served import HOSTILE, serving
from waiting import PATIENT_SECONDS

from chat.web.app import check_address, serve
from ingest.errors import ConfigError

# Of gradio's and its libraries' imports.
pytestmark = pytest.mark.filterwarnings("ignore")

PASSWORD = "құпия-сөз-ұзын"


@pytest.fixture(autouse=True)
def no_login(monkeypatch):
    monkeypatch.delenv("DALEL_LOGIN", raising=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org", "192.168.1.2", ""])
def test_without_a_login_it_serves_this_machine_only(host):
    with pytest.raises(ConfigError) as told:
        check_address(host, 7860, ["dalel.example.kz"])
    assert "DALEL_LOGIN" in told.value.line()


def test_with_a_login_it_must_know_its_name(monkeypatch):
    monkeypatch.setenv("DALEL_LOGIN", f"оқырман:{PASSWORD}")
    with pytest.raises(ConfigError) as told:
        check_address("0.0.0.0", 7860, [])
    assert "--name" in told.value.line()
    login = check_address("0.0.0.0", 7860, ["dalel.example.kz"])
    assert login is not None
    assert login.secret == f"оқырман:{PASSWORD}".encode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_needs_no_login(host):
    assert check_address(host, 7860, []) is None


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_must_be_one(port):
    with pytest.raises(ConfigError, match="expected 1 to 65535"):
        check_address("127.0.0.1", port, [])


def test_a_port_that_is_taken_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"cannot serve at 127.0.0.1:{port}"):
            serve(None, host="127.0.0.1", port=port)


@pytest.mark.slow
@pytest.mark.model
def test_the_page_is_served_and_ends_when_told(shipped_home):
    """Asked as a browser asks, with an environment that wants it wide open."""
    with serving(shipped_home, **HOSTILE) as (url, server), visitor(url) as site:
        home = site.get("/", headers={"accept-language": "kk-KZ, en;q=0.5"})
        assert home.headers["location"] == "/kk/"
        page = site.get("/kk/")
        assert "evil.example" not in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert site.get("/", headers={"host": "evil.example"}).status_code == 400
        elsewhere = {"origin": "http://evil.example"}
        asked = {"question": "Арал теңізі неге тартылды?"}
        assert site.post("/api/ask", json=asked, headers=elsewhere).status_code == 403
        assert "Арал теңізі" in site.post("/api/ask", json=asked).json()["answer"]
        assert _status_of_a_large_request(url) == 413
        _ask_as_gradios_own_client(url, site)
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENT_SECONDS) == 130


@pytest.mark.slow
@pytest.mark.model
def test_who_does_not_log_in_sees_nothing(shipped_home):
    name = "оқырман"
    with (
        serving(shipped_home, DALEL_LOGIN=f"{name}:{PASSWORD}") as (url, _),
        visitor(url) as site,
    ):
        for path in ("/", "/kk/", "/api/documents", "/page.js", "/kk/config"):
            refused = site.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic")
        login = (name.encode(), PASSWORD.encode())
        assert len(site.get("/api/documents", auth=login).json()) == 2
        wrong = (name.encode(), PASSWORD.encode() + b"!")
        codes = [site.get("/api/documents", auth=wrong).status_code for _ in range(20)]
        assert set(codes) == {401, 429}
        assert codes == sorted(codes)
        assert site.get("/api/documents", auth=login).status_code == 429


def visitor(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=PATIENT_SECONDS)


def _ask_as_gradios_own_client(url: str, site: httpx.Client) -> None:
    """Ask as Gradio's documentation has people do it: the address, the function's name."""
    from gradio_client import Client

    client = Client(
        url, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": PATIENT_SECONDS}
    )
    answered = client.predict("Арал теңізі неге тартылды?", api_name="/ask")
    told = site.post("/api/ask", json={"question": "Арал теңізі неге тартылды?"}).json()
    assert {**answered, "timings_ms": {}} == {**told, "timings_ms": {}}
    assert answered["citations"]


def _status_of_a_large_request(url: str) -> int:
    """Say that a body is large, and send none: the answer comes before it is read."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=PATIENT_SECONDS)
    connection.putrequest("POST", "/kk/gradio_api/queue/join")
    connection.putheader("Content-Length", "1100000")
    connection.endheaders()
    return connection.getresponse().status
