"""What every test gets: an empty home, no keys, no network; and the shared index of the session."""

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from campaign import at_length
from filelock import FileLock
from hypothesis import settings
from waiting import PATIENT_SECONDS

from index.embedders.weights import unpack
from index.indexer import Indexer, LiveIndex
from index.ranking_weights import WEIGHTS
from index.retriever import Retriever
from ingest.loader import read_shipped

# A busy machine is no failure; speed belongs in `make bench`.
settings.register_profile("dalel", deadline=None, max_examples=at_length(2_000, 30))
settings.load_profile("dalel")

COSTLY = ("slow", "model")
"""Markers of what takes long, the longest first."""

LONGEST = ("test_page", "test_report_html", "test_smollm")
"""Files to start with; only one of them waits for the index of the documents that ship."""

SHARING = {
    "torch": ("embedders", "export_model", "reranker", "retriever_network", "train_reader",
              "train_retriever"),
    "gradio": ("load", "page_examples", "set_draft", "web_tab"),
}  # fmt: skip
"""Test files that one process runs, by what takes it seconds to load."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


class ModulesWithExamples:
    """Looks for doctests where there are any: other modules are not loaded for it."""

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out a module that is no test and holds no example."""
        if collection_path.suffix != ".py" or collection_path.name.startswith("test_"):
            return None
        return ">>>" not in collection_path.read_text("utf-8") or None


def pytest_configure(config: pytest.Config) -> None:
    """Look at modules of all folders: hooks that stand here themselves see this folder alone."""
    config.pluginmanager.register(ModulesWithExamples())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any | None:
    """Keep files together that share what is loaded, where each file is kept in one process."""
    from xdist.scheduler import LoadFileScheduling

    if config.getvalue("dist") != "loadfile":
        return None

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            name = Path(path).stem.removeprefix("test_")
            return next((each for each in SHARING if name in SHARING[each]), path)

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that take long first, so that all processes of a run end at about the same time.

    How long one takes is told by what its tests use: a browser, then much time, then a model.
    The longest are known.
    """
    needs: dict[Path, set[str]] = {}
    for item in items:
        markers = {marker.name for marker in item.iter_markers()}
        needs.setdefault(item.path, set()).update(markers, getattr(item, "fixturenames", ()))

    def rank(item: pytest.Item) -> list[bool]:
        uses = [name not in needs[item.path] for name in ("browser", *COSTLY)]
        return [item.path.stem != each for each in LONGEST] + uses

    items.sort(key=rank)


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


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield folders that do not exist; making one for each test would take as long as the test."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def empty_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point DALEL_HOME at an empty folder and forget the developer's own settings."""
    home = next(homes)
    monkeypatch.setenv("DALEL_HOME", str(home))
    names = (
        "MODEL",
        "STORE",
        "WORKERS",
        "MILVUS_TOKEN",
        "RERANKER",
        "THRESHOLD",
        "LOGIN",
        "LLM",
        "LLM_BASE_URL",
        "ROOT_PATH",
    )
    for name in (
        f"DALEL_{each}" for each in (*names, "TRUSTED_PROXIES", "LLM_SECONDS", "LLM_UNSUPPORTED")
    ):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def shipped_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home where the two documents that ship are indexed; do not write there.

    It is one for all processes of a run.
    """
    shared = _shared(tmp_path_factory)
    home = shared / "shipped"
    with FileLock(shared / "shipped.lock"):
        if not home.exists():
            Indexer(home).put(read_shipped().documents)
    return home


@pytest.fixture(scope="session")
def unpacked_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the unpacked model, one for all processes; do not write there."""
    return unpack(_shared(tmp_path_factory) / "multilingual-e5-small")


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def retriever(shipped_home: Path) -> Retriever:
    """Return the index of the two documents that ship, with the real model.

    As on the page, each question is embedded once.
    """
    library = Indexer(shipped_home)
    return LiveIndex(library, library.open()).retriever()


@pytest.fixture(scope="module")
def few_windows() -> Iterator[None]:
    """Let the reader read two windows of a question, where reading is not what is tested."""
    patch = pytest.MonkeyPatch()
    patch.setattr("chat.reader.WEIGHTS", replace(WEIGHTS, windows_read=2))
    yield
    patch.undo()


def _chromium() -> str | None:
    named = os.environ.get("DALEL_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome")
    return named or next(filter(None, map(shutil.which, names)), None)


class Browser:
    """A browser in which whatever is waited for may take long."""

    def __init__(self, launched: Any) -> None:
        self._launched = launched

    def new_context(self, **options: Any) -> Any:
        """Return somebody's own cookies, cache, language and screen."""
        context = self._launched.new_context(**options)
        context.set_default_timeout(1000 * PATIENT_SECONDS)
        return context


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium; skip what needs one where there is none."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium: install the package chromium, or name one in DALEL_CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=path, timeout=1000 * PATIENT_SECONDS)
        yield Browser(launched)
        launched.close()
