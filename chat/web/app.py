"""The whole web application, and the server that runs it.

Addresses:

    /               to the page in the reader's language     /kk/ /en/ /ru/   the page
    /document       a document, a cited place marked         /conversation    one, as Markdown
    /alignment /translation   what a card of another language has on demand
    /api/…          for programs; /api/openapi.json says how /page.css /page.js
    /config, /gradio_api/…   what gradio_client asks for: the English page's
    /more/…         what other folders bring

On this machine alone the page needs no login; anything else needs one, and the names by which the
server may be asked for. Gradio and uvicorn are imported where they are needed: the command line
checks an address with this module before anything slow begins.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Any, Final

from chat.pipeline import answer
from chat.web import gradio_adapter, viewer
from chat.web.api import add_api
from chat.web.cross_language import add_cross_language
from chat.web.document_questions import CONVERSATION_COOKIE, questions_of
from chat.web.gradio_adapter import EnglishForClients, UploadedFilesOnly
from chat.web.i18n import LANGUAGES, Translations, preferred_language, translations_in
from chat.web.page import build_page
from chat.web.reverse_proxy import AtRootPath, BehindProxies
from chat.web.security import Guard, Login, read_login
from chat.web.site import MAX_UPLOAD_MEGABYTES, Site
from chat.web.templates import PAGES
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from fastapi import FastAPI, Response
    from starlette.types import ASGIApp

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})

_BYTES_PER_UPLOADED_MEGABYTE: Final = 1_100_000
"""A body that brings files is a little larger than they are: it has borders and headers."""


def check_address(host: str, port: int, names: Sequence[str]) -> Login | None:
    """Refuse an address that would let in whoever comes; return the login that is asked for.

    Args:
        host: The address to listen at.
        port: The port, 1 to 65535.
        names: Further names by which the server may be asked for.

    Raises:
        ConfigError: It is reachable from elsewhere without a login or a name, or the port is none.
    """
    if not 0 < port < 65536:
        raise ConfigError(f"the port is {port}, expected 1 to 65535")
    login = read_login()
    if host not in LOOPBACK_HOSTS and login is None:
        raise ConfigError(
            f"the host is {host!r}, which others can reach, and there is no login",
            hint="set DALEL_LOGIN to NAME:PASSWORD, or leave --host out for this machine alone",
        )
    if host not in LOOPBACK_HOSTS and not names:
        raise ConfigError(
            f"the host is {host!r}, but it is not said by which name it will be asked for",
            hint="add --name, such as --name dalel.example.kz or --name 192.168.1.5",
        )
    return login


def serve(site: Site, *, host: str, port: int, names: Sequence[str] = ()) -> None:
    """Serve the page until interrupted; arguments as for `check_address`.

    Raises:
        ConfigError: The address would let in whoever comes, or the port is taken.
    """
    login = check_address(host, port, names)
    with _listen(host, port) as listener:
        import uvicorn

        guarded = Guard(
            application(site),
            hosts=LOOPBACK_HOSTS | set(names),
            upload_bytes=MAX_UPLOAD_MEGABYTES * _BYTES_PER_UPLOADED_MEGABYTE if site.uploads else 0,
            login=login,
        )
        settings = site.settings
        app = BehindProxies(guarded, trusted=settings.trusted_proxies, root_path=settings.root_path)
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `BehindProxies` reads them, of those that are trusted.
            # A page that is open keeps its line open; whoever presses Ctrl-C does not wait for it.
            timeout_graceful_shutdown=1,
        )
        printed_host = f"[{host}]" if ":" in host else host
        address = f"http://{printed_host}:{port}{settings.root_path}"
        sys.stdout.write(f"Dalel is at {address} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket:
    """Take the port before anything slow begins.

    Raises:
        ConfigError: It is taken.
    """
    # Named as TCP, or asyncio would leave Nagle's delay on, and every answer take 40 ms more.
    listener = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM, IPPROTO_TCP)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot serve at {host}:{port} ({error.strerror})",
            hint="name another port with --port",
        ) from None
    return listener


def application(site: Site) -> "ASGIApp":
    """Return the whole application, not yet behind the `Guard`.

    Raises:
        ConfigError: A part of the page cannot be built.
    """
    from fastapi import FastAPI

    app = FastAPI(
        title="Dalel",
        version=version("dalel"),
        summary="Ask your documents; every sentence of the answer is a quote with its place.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    add_api(app, site)
    _add_assets(app)
    _add_views(app, site)
    add_cross_language(app, site)
    for part in site.parts:
        part.routes(app, site)
    _mount_pages(app, site)
    below = AtRootPath(app, site.settings.root_path)
    return UploadedFilesOnly(EnglishForClients(below), _uploads_folder(site))


def _add_assets(app: "FastAPI") -> None:
    """Add the way to the page, and the files that it is made of."""
    from fastapi import Request
    from fastapi.responses import FileResponse, RedirectResponse

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> "Response":
        language = preferred_language(request.headers.get("accept-language", ""))
        page = f"{request.scope['root_path']}/{language}/"
        return RedirectResponse(page, 307, {"vary": "accept-language"})

    @app.get("/page.css", include_in_schema=False)
    async def style() -> "Response":
        return FileResponse(PAGES / "page.css")

    @app.get("/page.js", include_in_schema=False)
    async def script() -> "Response":
        return FileResponse(PAGES / "page.js")

    @app.get("/favicon.ico", include_in_schema=False)
    async def icon() -> "Response":
        return FileResponse(PAGES / "icon.svg")


def _add_views(app: "FastAPI", site: Site) -> None:
    """Add a document, and a session as Markdown."""
    from fastapi import Request
    from fastapi.responses import HTMLResponse, PlainTextResponse

    @app.get("/document", include_in_schema=False)
    async def document(
        request: Request,
        id: str,  # noqa: A002  (the name in the address)
        language: str = "",
        start: int = 0,
        end: int = 0,
        answer_start: int = 0,
        answer_end: int = 0,
        sha256: str = "",
    ) -> "Response":
        retriever, i18n = site.live.retriever(), translations_in(language)
        shown = retriever.documents.get(id)
        turns = site.sessions.turns(request.cookies.get(CONVERSATION_COOKIE, ""))
        page = viewer.document_page(
            shown,
            (start, end),
            i18n,
            answer=(answer_start, answer_end),
            sha256=sha256,
            added=retriever.added_at(id),
            asked=questions_of(id, turns, i18n.language),
        )
        # What was asked is for whoever asked it.
        headers = {"cache-control": "no-store", "vary": "cookie"}
        return HTMLResponse(page, 200 if shown else 404, headers)

    @app.get("/conversation", include_in_schema=False)
    async def conversation(key: str, language: str = "") -> "Response":
        i18n = translations_in(language)
        if not site.sessions.exists(key):
            return PlainTextResponse(i18n.text("expired"), 404)
        text = viewer.session_markdown(site.sessions.turns(key), i18n)
        headers = {"content-disposition": 'attachment; filename="dalel.md"'}
        return PlainTextResponse(text, 200, headers, "text/markdown; charset=utf-8")


def _mount_pages(app: "FastAPI", site: Site) -> None:
    """Mount the page once for each language."""
    gradio_adapter.set_environment(_uploads_folder(site))
    with gradio_adapter.made_once():
        from gradio.events import api

        for language in LANGUAGES:
            page = build_page(Translations(language), site)
            with page:
                api(_ask_for_clients(site), api_name="ask")
            gradio_adapter.mount(app, page, language)


def _ask_for_clients(site: Site) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    def ask(question: str) -> dict[str, Any]:
        """Answer a question; the keys are those of POST /api/ask."""
        retriever = site.live.retriever()
        threshold = site.settings.threshold
        return answer(question, retriever, site.llm, threshold=threshold).data()

    return ask


def _uploads_folder(site: Site) -> Path:
    """Return where uploaded files are kept until they are read."""
    return site.home / "uploads"
