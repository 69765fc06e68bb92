"""The whole web application, and the server that runs it.

Addresses:

    /               to the page in the reader's language     /kk/ /en/ /ru/   the page
    /document       a document, a cited place marked         /conversation    one, as Markdown
    /api/…          for programs; /api/openapi.json says how /page.css /page.js
    /config, /gradio_api/…   what gradio_client asks for: the English page's
    /more/…         what other folders bring

On this machine alone the page needs no login; anything else needs one, and the names by which the
server may be asked for. Gradio and uvicorn are imported where they are needed: the command line
checks an address with this module before anything slow begins.
"""

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Any, Final

from chat.pipeline import answer
from chat.web import viewer
from chat.web.api import add_api
from chat.web.i18n import LANGUAGES, Translations, gradio_translations, preferred_language
from chat.web.page import build_page
from chat.web.security import Guard, Login, UploadedFilesOnly, read_login
from chat.web.site import MAX_UPLOAD_MEGABYTES, Site
from chat.web.templates import PAGES
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from fastapi import FastAPI, Response
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})

_BYTES_PER_UPLOADED_MEGABYTE: Final = 1_100_000
"""A body that brings files is a little larger than they are: it has borders and headers."""

_CLIENT_PATHS: Final = ("/config", "/gradio_api/")
"""What gradio_client asks for without naming a language."""

# Every language that Gradio's own strings come in: each is given the page's strings, so that a
# page speaks one language, whatever the browser asks for.
_GRADIO_LANGUAGES: Final = (
    "ar ca ckb de en es et eu fa fi fr he hi id ja ko lt nb nl pl pt-BR pt ro ru sv ta th tr uk ur"
    " uz zh-CN zh-TW"
).split()

_HEAD: Final = (
    '<link rel="icon" href="/favicon.ico" type="image/svg+xml">'
    '<link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>'
)

# Rules for Gradio's own elements; Gradio puts the page's class before each. All others: page.css.
_LAYOUT_CSS: Final = """
.gradio-container { max-width: 76rem !important; margin: 0 auto !important;
  padding: 1rem !important; overflow: visible !important; width: 100% !important; }
.main.fillable { padding: 0 !important; }
#dalel-composer { position: sticky; bottom: 0; z-index: 5; padding: .6rem 0;
  background: var(--body-background-fill); }
#dalel-examples { gap: .4rem; }
#dalel-past:has(span.md:empty), #dalel-last:has(span.md:empty) { display: none; }
main.contain { padding: 0 !important; }
#dalel-examples button { font-weight: 400; font-size: .95rem; justify-content: flex-start;
  white-space: normal; text-align: left; padding: .55rem .8rem; }
#dalel-now { gap: .5rem; flex-wrap: nowrap; justify-content: flex-start; }
#dalel-now > * { flex-grow: 0; }
#dalel-now:has(.dalel-turn) { min-height: calc(100dvh - 6.5rem); }
#dalel-feedback, #dalel-explain, #dalel-tools { align-items: center; justify-content: flex-start;
  gap: .6rem; }
#dalel-feedback > *, #dalel-tools > * { flex: 0 1 auto !important; width: auto !important;
  min-width: 0 !important; }
#dalel-explain { max-width: 40rem; }
#dalel-thanks:has(span.md:empty) { display: none; }
.prose .dalel-turn p, .prose .dalel-card :is(h4, p, blockquote) { margin-top: 0; }
.prose .dalel-card :is(h4, p) { margin-bottom: .25rem; }
.prose .dalel-turn .dalel-asked { font-size: 1.15rem; }
.prose .dalel-evidence h3 { margin: 0 0 .4rem; }
"""


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

        app = Guard(
            application(site),
            hosts=LOOPBACK_HOSTS | set(names),
            upload_bytes=MAX_UPLOAD_MEGABYTES * _BYTES_PER_UPLOADED_MEGABYTE if site.uploads else 0,
            login=login,
        )
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # A page that is open keeps its line open; whoever presses Ctrl-C does not wait for it.
            timeout_graceful_shutdown=1,
        )
        printed_host = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"Dalel is at http://{printed_host}:{port} (Ctrl-C stops it)\n")
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
    for part in site.parts:
        part.routes(app, site)
    _mount_pages(app, site)
    return UploadedFilesOnly(_EnglishForClients(app), _uploads_folder(site))


def _add_assets(app: "FastAPI") -> None:
    """Add the way to the page, and the files that it is made of."""
    from fastapi import Request
    from fastapi.responses import FileResponse, RedirectResponse

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> "Response":
        language = preferred_language(request.headers.get("accept-language", ""))
        return RedirectResponse(f"/{language}/", 307, {"vary": "accept-language"})

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
    from fastapi.responses import HTMLResponse, PlainTextResponse

    @app.get("/document", include_in_schema=False)
    async def document(
        id: str,  # noqa: A002  (the name in the address)
        language: str = "",
        start: int = 0,
        end: int = 0,
        answer_start: int = 0,
        answer_end: int = 0,
        sha256: str = "",
    ) -> "Response":
        retriever = site.live.retriever()
        shown, added = retriever.documents.get(id), retriever.added_at(id)
        page = viewer.document_page(
            shown,
            (start, end),
            _translations(language),
            answer=(answer_start, answer_end),
            sha256=sha256,
            added=added,
        )
        return HTMLResponse(page, 200 if shown else 404)

    @app.get("/conversation", include_in_schema=False)
    async def conversation(key: str, language: str = "") -> "Response":
        i18n = _translations(language)
        if not site.sessions.exists(key):
            return PlainTextResponse(i18n.text("expired"), 404)
        text = viewer.session_markdown(site.sessions.turns(key), i18n)
        headers = {"content-disposition": 'attachment; filename="dalel.md"'}
        return PlainTextResponse(text, 200, headers, "text/markdown; charset=utf-8")


def _translations(language: str) -> Translations:
    return next((Translations(name) for name in LANGUAGES if name == language), Translations("en"))


def _mount_pages(app: "FastAPI", site: Site) -> None:
    """Mount the page once for each language: all of its strings, Gradio's too, are in one."""
    _set_gradio_environment(site)
    import gradio
    from gradio.events import api

    strings = gradio_translations()
    for language in LANGUAGES:
        page = build_page(Translations(language), site)
        with page:
            api(_ask_for_clients(site), api_name="ask")
        # Mounted, it is never launched, and Gradio would copy any file that a request names.
        page.has_launched = True
        page.queue(max_size=1_000, default_concurrency_limit=16, api_open=False)
        gradio.mount_gradio_app(
            app,
            page,
            path=f"/{language}",
            server_name="127.0.0.1",
            run_history=False,
            app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
            show_error=False,
            max_file_size=f"{MAX_UPLOAD_MEGABYTES}mb",
            allowed_paths=[],
            blocked_paths=[],
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            footer_links=[],
            i18n=gradio.I18n(**{name: strings[language] for name in _GRADIO_LANGUAGES}),
            head=_HEAD,
            css=_LAYOUT_CSS,
            theme=_theme(),
        )


def _ask_for_clients(site: Site) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    def ask(question: str) -> dict[str, Any]:
        """Answer a question; the keys are those of POST /api/ask."""
        retriever = site.live.retriever()
        threshold = site.settings.threshold
        return answer(question, retriever, site.llm, threshold=threshold).data()

    return ask


def _theme() -> Any:  # noqa: ANN401  (Gradio's own)
    """Return plain looks: the system's own letters, which know Kazakh, and nothing from outside."""
    from gradio.themes import Base

    fonts = ("system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    return Base(primary_hue="cyan", neutral_hue="slate", font=fonts, font_mono=("monospace",))


def _set_gradio_environment(site: Site) -> None:
    """Let no variable of the environment open what is shut here: Gradio reads many, late too."""
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    folder = _uploads_folder(site)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)


def _uploads_folder(site: Site) -> Path:
    """Return where uploaded files are kept until they are read."""
    return site.home / "uploads"


class _EnglishForClients:
    """Sends a client of Gradio that names no language to the English page."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http" and scope["path"].startswith(_CLIENT_PATHS):
            scope["path"] = f"/en{scope['path']}"
            scope["raw_path"] = b"/en" + scope.get("raw_path", b"")
        await self._app(scope, receive, send)
