"""What every test gets: an empty home, no keys, no network; and the shared index of the session."""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from index.library import Library
from index.live import Live
from index.retrieve import IndexRetriever
from ingest.read import read_shipped

# A busy machine is no failure; speed belongs in `make bench`.
settings.register_profile("dalel", deadline=None)
# `make campaign`: the same properties, held against far more examples.
settings.register_profile("campaign", deadline=None, max_examples=2_000)
settings.load_profile("campaign" if "DALEL_CAMPAIGN" in os.environ else "dalel")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


# Fast files first; then those that take long, the longest of them first, so that all processes of
# a run end at about the same time.
_LONG = (
    "page", "payloads", "smollm", "cli", "weights", "embed", "report", "scripted", "eval_cli",
    "store", "library", "probes", "serve", "answer", "api", "model", "poison", "load", "baselines",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in that order."""
    places = {f"test_{name}": place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, -1))


def _refuse(address: Any) -> None:
    if isinstance(address, tuple) and address[0] not in _LOOPBACK:
        raise AssertionError(f"a test wanted to reach {address!r}, expected no network")


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse(address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse(address)
    return _connect_ex(self, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse every connection that leaves the machine, name look-ups too."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _guarded_connect)
    patch.setattr(socket.socket, "connect_ex", _guarded_connect_ex)
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        if host not in (None, "", *_LOOPBACK):
            raise AssertionError(f"a test wanted to look up {host!r}, expected no network")
        return look_up(host, *rest, **named)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    patch.setenv("HF_HUB_OFFLINE", "1")
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point DALEL_HOME at an empty folder and forget the developer's own settings."""
    home = tmp_path / "dalel-home"
    monkeypatch.setenv("DALEL_HOME", str(home))
    names = ("MODEL", "RERANKER", "THRESHOLD", "LOGIN", "LLM", "LLM_BASE_URL")
    for name in (f"DALEL_{each}" for each in (*names, "LLM_SECONDS", "LLM_UNSUPPORTED")):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home where the two documents that ship are indexed; do not write there.

    It is one for all processes of a run.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "shipped"
    with FileLock(shared / "shipped.lock"):
        if not home.exists():
            Library(home).put(read_shipped().documents)
    return home


@pytest.fixture(scope="session")
def retriever(shipped_home: Path) -> IndexRetriever:
    """Return the index of the two documents that ship, with the real model.

    As on the page, each question is embedded once.
    """
    library = Library(shipped_home)
    return Live(library, library.open()).retriever()


def _chromium() -> str | None:
    named = os.environ.get("DALEL_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome")
    return named or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Return a headless Chromium; skip what needs one where there is none."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium: install the package chromium, or name one in DALEL_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path)
        yield found
        found.close()
