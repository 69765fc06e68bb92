"""Gradio, and what is done so that it shows what is ours and opens nothing else.

Where Gradio has a setting, that is used; what else is here says why it has to be.
"""

import inspect
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chat.sanitize import sanitize
from chat.session import MAX_SESSIONS
from chat.web.i18n import LANGUAGES, gradio_translations
from chat.web.site import MAX_UPLOAD_MEGABYTES

if TYPE_CHECKING:
    from fastapi import FastAPI
    from gradio import Blocks, Component
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# --- what is open ---------------------------------------------------------------------------------

_LANGUAGE: Final = "|".join(LANGUAGES)

PATHS: Final = re.compile(
    rf"""(?: /(?:{_LANGUAGE}) )?(?:
          / | /config/? | /(?: favicon\.ico | theme\.css | robots\.txt | manifest\.json )
        | /(?: svelte | static | assets )/[\w./@~+-]+
        | /gradio_api/(?: config | info | app_id | cancel | reset | startup-events | run/predict
          | queue/(?: join | data ) | heartbeat/[\w-]+ | call/(?:v2/)?[\w-]+(?:/[\w-]+)? ))""",
    re.VERBOSE,
)
"""What Gradio's front end and gradio_client ask for; `info`, a list of functions, is the latter's.

Gradio offers more and cannot be told not to: files of the disk, files fetched from other servers,
streams, logs, monitoring, MCP. A list of what is open stays right when it adds something.
"""

UPLOAD_PATHS: Final = re.compile(rf"/(?:{_LANGUAGE})/gradio_api/upload(?:_progress)?")
"""Where files come in: of any size and number, if it were for Gradio."""

HEADERS: Final = rb"x-gradio-.*"
"""Headers in which anybody can tell Gradio its own address, and who is logged in."""

_CLIENT_PATHS: Final = ("/config", "/gradio_api/")


class EnglishForClients:
    """Sends a client of Gradio to the English page: it names no language, and knows no redirect."""

    def __init__(self, app: "ASGIApp") -> None:
        """Take the application that the pages are mounted in."""
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["path"].startswith(_CLIENT_PATHS):
            scope["path"] = f"/en{scope['path']}"
            scope["raw_path"] = b"/en" + scope.get("raw_path", b"")
        await self._app(scope, receive, send)


class UploadedFilesOnly:
    """An ASGI application of Gradio's that can be given no files but those below a folder.

    Any function of Gradio takes, in place of any value, an object that names a file of the server
    or of another one, and fetches it before the function is called (its FileData). So every body
    is looked through first, and refused where it names a file that was not uploaded here.
    """

    def __init__(self, app: "ASGIApp", folder: Path) -> None:
        """Take the application, and the folder of uploads."""
        self._app = app
        self._folder = os.path.realpath(folder)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or "/upload" in scope["path"]:
            await self._app(scope, receive, send)
            return
        messages, body = [], b""
        while True:  # The guard limits the body: it is small.
            messages.append(await receive())
            body += messages[-1].get("body", b"")
            if messages[-1]["type"] != "http.request" or not messages[-1].get("more_body", False):
                break
        if not self.is_harmless(body):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"that file is not to be read"})
            return
        replay = iter(messages)

        async def receive_again() -> "Message":
            return next(replay, None) or await receive()

        await self._app(scope, receive_again, send)

    def is_harmless(self, body: bytes) -> bool:
        """Say whether a body names no file, or only uploaded ones."""
        try:
            data = json.loads(body) if body else None
        except (ValueError, RecursionError):
            return True  # It is refused further on: nothing here reads anything but JSON.
        left = [data]
        while left:
            value = left.pop()
            if isinstance(value, list):
                left += value
            elif isinstance(value, dict):
                if not self._is_uploaded(value):
                    return False
                left += value.values()
        return True

    def _is_uploaded(self, value: dict[str, Any]) -> bool:
        """Say whether an object is no FileData of Gradio's, or one of an uploaded file."""
        if not {"path", "url", "meta", "is_stream"} & value.keys():
            return True
        path, url = value.get("path"), value.get("url")
        if path is None and url is None:
            return True
        if not isinstance(path, str) or "://" in path or "\0" in path:
            return False
        return os.path.realpath(path).startswith(self._folder + os.sep)


# --- how pages are mounted ------------------------------------------------------------------------

# Every language that Gradio's own strings come in: each is given the page's strings, since Gradio
# goes by the browser, knows no Kazakh, and cannot be told which language a page is in.
_GRADIO_LANGUAGES: Final = (
    "ar ca ckb de en es et eu fa fi fr he hi id ja ko lt nb nl pl pt-BR pt ro ru sv ta th tr uk ur"
    " uz zh-CN zh-TW"
).split()

_PAGES: Final = Path(__file__).parent / "pages"

# Relative, since the page may lie below any path; Gradio serves no file of ours but the styles.
_HEAD: Final = (
    '<link rel="icon" href="../favicon.ico" type="image/svg+xml">'
    '<link rel="stylesheet" href="../page.css"><script src="../page.js" defer></script>'
)

_ACCENT: Final = "var(--d-accent)"
"""The colour of links, from page.css."""


def set_environment(uploads: Path) -> None:
    """Let no variable of the environment open what is shut here: Gradio reads many, late too.

    Args:
        uploads: Where uploaded files are kept until they are read; Gradio takes it from a variable.
    """
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)


@contextmanager
def made_once() -> Iterator[None]:
    """While pages are made, keep Gradio from work that nothing comes of: a third of a start.

    It makes an application of a page each time somebody has left it or queued it, though only
    `mount` has one that is served; and when it is loaded it writes, for editors, a file beside each
    of its components, but for those that no file holds.
    """
    where: Any = inspect.getfile
    inspect.getfile = _of_no_file(where)
    try:
        blocks: Any = import_module("gradio.blocks")
    finally:
        inspect.getfile = where
    made = blocks.App
    blocks.App = _NoApplication
    try:
        yield
    finally:
        blocks.App = made


def _of_no_file(getfile: Callable[[Any], str]) -> Any:  # noqa: ANN401
    """Return a function that says of a class of Gradio that no file holds it."""

    def found(described: Any) -> str:  # noqa: ANN401  (what Python can describe)
        if isinstance(described, type) and described.__module__.startswith("gradio."):
            raise OSError(f"{described} is in no file")
        return getfile(described)

    return found


class _NoApplication:
    """Stands where Gradio would make an application that is never served."""

    @staticmethod
    def create_app(*_page: Any, **_options: Any) -> None:  # noqa: ANN401  (Gradio's own)
        """Make none."""


def mount(app: "FastAPI", page: "Blocks", language: str) -> None:
    """Mount the page of one language: all of its strings, Gradio's too, are in that one."""
    import gradio

    strings = gradio_translations()[language]
    # Mounted, it is never launched, and Gradio would copy any file that a request names.
    page.has_launched = True
    # It keeps what each page shows, and by default of ten times as many.
    page.state_session_capacity = MAX_SESSIONS
    # Only `api` functions are open to clients: `QUIET` keeps the page's own from them.
    page.queue(max_size=1_000, default_concurrency_limit=16, api_open=False)
    gradio.mount_gradio_app(
        app,
        page,
        path=f"/{language}",
        server_name="127.0.0.1",
        run_history=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        show_error=False,  # It would tell whoever asks what went wrong inside.
        max_file_size=f"{MAX_UPLOAD_MEGABYTES}mb",
        enable_monitoring=False,
        ssr_mode=False,  # It would start Node where that is installed.
        mcp_server=False,
        pwa=False,
        footer_links=[],
        i18n=gradio.I18n(**dict.fromkeys(_GRADIO_LANGUAGES, strings)),
        head=_HEAD,
        css_paths=_PAGES / "gradio.css",
        theme=_theme(),
    )


def _theme() -> Any:  # noqa: ANN401  (Gradio's own)
    """Return plain looks: the system's own letters, which know Kazakh, and nothing from outside."""
    from gradio.themes import Base

    fonts = ("system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
    theme = Base(primary_hue="cyan", neutral_hue="slate", font=fonts, font_mono=("monospace",))
    # Where Gradio's own colours are too pale to be read: WCAG 2.2 asks for 4.5 to 1 (1.4.3), and
    # they have 2.4. Links and what is chosen have the page's colour, which knows light and dark.
    links = ("", "_hover", "_visited", "_active")
    return theme.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_600",
        input_placeholder_color_dark="*neutral_300",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_800",
        color_accent=_ACCENT,
        **{f"link_text_color{state}{mode}": _ACCENT for state in links for mode in ("", "_dark")},
    )


# --- what pages are made of -----------------------------------------------------------------------

QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
"""How events are set up: the page itself tells how things go, and programs use the API."""


def html_block(html: str = "", **options: Any) -> "Component":  # noqa: ANN401  (Gradio's own)
    """Return a component that shows HTML of chat/web/viewer.py, in which all text is escaped.

    It is Gradio's for Markdown: the one for HTML evaluates a template in the browser, which the
    page's content security policy forbids.
    """
    import gradio

    return gradio.Markdown(
        html, sanitize_html=False, latex_delimiters=[], container=False, **options
    )


def choice_label(name: str) -> str:
    """Return a name for a list of Gradio's, which would translate what looks like its own keys."""
    return sanitize(name).replace("__i18n__", "__i18n__\u2060")
