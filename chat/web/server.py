"""All addresses of the page in one application: the page in three languages, documents, the API.

In: a site. Out: an ASGI application, not yet guarded. Addresses:

    /               to the page in the reader's language     /kk/ /en/ /ru/   the page
    /document       a document, a cited place marked         /conversation    one, as Markdown
    /api/…          for programs; /api/openapi.json says how /page.css /page.js
    /config, /gradio_api/…   what gradio_client asks for: the English page's
    /more/…         what other folders bring
"""

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chat.compose import answer_by
from chat.output import answer_data
from chat.web import view
from chat.web.api import add_api
from chat.web.filedata import OwnFilesOnly
from chat.web.page import build
from chat.web.site import UPLOAD_MEGABYTES, Site
from chat.web.template import PAGES
from chat.web.words import LANGUAGES, Words, gradios_words, preferred

if TYPE_CHECKING:
    from fastapi import FastAPI, Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_ROOT: Final = ("/config", "/gradio_api/")

# Every language that Gradio's own strings come in: a page speaks one language, its reader's.
_GRADIOS_LANGUAGES: Final = (
    "ar ca ckb de en es et eu fa fi fr he hi id ja ko lt nb nl pl pt-BR pt ro ru sv ta th tr uk ur"
    " uz zh-CN zh-TW"
).split()


def application(site: Site) -> "ASGIApp":
    """Return the whole application.

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
    _add_pages(app, site)
    for part in site.parts:
        part.routes(app, site)
    _mount(app, site)
    return OwnFilesOnly(_Rooted(app), _sent(site))


def _add_pages(app: "FastAPI", site: Site) -> None:
    """Add what is no Gradio and no JSON."""
    from fastapi import Request
    from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse

    @app.get("/", include_in_schema=False)
    async def home(request: Request) -> "Response":
        language = preferred(request.headers.get("accept-language", ""))
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

    @app.get("/document", include_in_schema=False)
    async def document(
        id: str,  # noqa: A002  (the name in the address)
        language: str = "",
        start: int = 0,
        end: int = 0,
        sha256: str = "",
    ) -> "Response":
        index = site.live.retriever()
        found = index.documents.get(id)
        added = index.generation.added.get(id, "")
        page = view.document_page(found, (start, end), _words(language), sha256=sha256, added=added)
        return HTMLResponse(page, 200 if found else 404)

    @app.get("/conversation", include_in_schema=False)
    async def conversation(key: str, language: str = "") -> "Response":
        words = _words(language)
        if not site.conversations.known(key):
            return PlainTextResponse(words.say("expired"), 404)
        text = view.conversation_markdown(site.conversations.turns(key), words)
        headers = {"content-disposition": 'attachment; filename="dalel.md"'}
        return PlainTextResponse(text, 200, headers, "text/markdown; charset=utf-8")


def _words(language: str) -> Words:
    return next((Words(each) for each in LANGUAGES if each == language), Words("en"))


def _mount(app: "FastAPI", site: Site) -> None:
    """Mount the page once for each language: all of its strings, Gradio's too, are in one."""
    _forget_gradios_wishes(site)
    import gradio
    from gradio.events import api

    strings = gradios_words()
    for language in LANGUAGES:
        page = build(Words(language), site)
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
            max_file_size=f"{UPLOAD_MEGABYTES}mb",
            allowed_paths=[],
            blocked_paths=[],
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            footer_links=[],
            i18n=gradio.I18n(**{each: strings[language] for each in _GRADIOS_LANGUAGES}),
            head=_HEAD,
            css=_LAYOUT,
            theme=_theme(),
        )


def _ask_for_clients(site: Site) -> Any:  # noqa: ANN401  (a function that Gradio inspects)
    def ask(question: str) -> dict[str, Any]:
        """Answer a question; the keys are those of POST /api/ask."""
        retriever = site.live.retriever()
        answered = answer_by(site.author, question, retriever, threshold=site.settings.threshold)
        return answer_data(answered, retriever.documents)

    return ask


def _theme() -> Any:  # noqa: ANN401  (Gradio's own)
    """Return plain looks: the system's own letters, which know Kazakh, and nothing from outside."""
    from gradio.themes import Base

    letters = ("system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    return Base(primary_hue="cyan", neutral_hue="slate", font=letters, font_mono=("monospace",))


_HEAD: Final = (
    '<link rel="icon" href="/favicon.ico" type="image/svg+xml">'
    '<link rel="stylesheet" href="/page.css"><script src="/page.js" defer></script>'
)

# Gradio puts the page's class before every rule.
_LAYOUT: Final = """
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
#dalel-feedback { align-items: center; }
#dalel-feedback > :first-child { flex: 0 1 auto; min-width: 12rem !important; }
.prose .dalel-card blockquote { margin: .4rem 0; }
#dalel-tools { align-items: center; }
.prose .dalel-turn p, .prose .dalel-card :is(h4, p, blockquote) { margin-top: 0; }
.prose .dalel-card :is(h4, p) { margin-bottom: .25rem; }
.prose .dalel-evidence h3 { margin: 0 0 .4rem; }
"""


def _forget_gradios_wishes(site: Site) -> None:
    """Let no variable of the environment open what is shut here: Gradio reads many, late too."""
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    folder = _sent(site)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)


def _sent(site: Site) -> Path:
    """Return where files that were sent are kept until they are read."""
    return site.home / "uploads"


class _Rooted:
    """Sends a client of Gradio that names no language to the English page."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http" and scope["path"].startswith(_ROOT):
            scope["path"] = f"/en{scope['path']}"
            scope["raw_path"] = b"/en" + scope.get("raw_path", b"")
        await self._app(scope, receive, send)
