"""The web page: a plain Gradio chat with the citations listed under each answer.

In: questions from a browser. Out: answers, their sources below. The only file that imports gradio,
which takes seconds. Document text is shown letter for letter: everything in it that could be HTML
or Markdown is turned into character references first.
"""

import logging
import os
import re
import sys
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import TYPE_CHECKING, Any, Final

from chat.answer import Answer, answer
from chat.guard import Guard
from index.retrieve import IndexRetriever
from ingest.errors import ConfigError, DalelError
from prompts.render import render

if TYPE_CHECKING:
    from gradio import Blocks

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_NOT_LETTERS = re.compile(r"[^\w\s]|_")
_LOG = logging.getLogger("dalel.web")

_EXAMPLES: Final = (
    "Қытаймен мемлекеттік шекара туралы шарт қай жылы жасалды?",
    "Арал теңізінің тартылуы неге әкелді?",
    "With how many countries has Kazakhstan established diplomatic relations?",
    "In what year was the fifth anniversary conference of the Proliferation Security Initiative?",
)


def check_address(host: str, port: int) -> None:
    """Refuse an address that is not of this machine alone.

    Raises:
        ConfigError: It is reachable from elsewhere, or the port is none.
    """
    if host not in _LOOPBACK:
        raise ConfigError(
            f"the host is {host!r}, expected 127.0.0.1: the page has no login yet",
            hint="to reach it from elsewhere, put a server with a login before it",
        )
    if not 0 < port < 65536:
        raise ConfigError(f"the port is {port}, expected 1 to 65535")


def serve(
    retriever: IndexRetriever, *, host: str, port: int, threshold: float | None = None
) -> None:
    """Serve the page until interrupted.

    Raises:
        ConfigError: The address is not of this machine alone, or the port is taken.
    """
    check_address(host, port)
    listener = _listen(host, port)
    with listener:
        import uvicorn

        config = uvicorn.Config(
            guarded(build(retriever, threshold), host),
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        sys.stdout.write(f"Dalel is at http://{host}:{port} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket:
    """Take the port before anything slow begins.

    Raises:
        ConfigError: It is taken.
    """
    listener = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot serve at {host}:{port} ({error.strerror})",
            hint="name another port with --port",
        ) from None
    return listener


def guarded(page: "Blocks", host: str) -> Guard:
    """Return the page as an application that only this machine can ask."""
    import gradio
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.queue(max_size=64, default_concurrency_limit=2, api_open=False)
    gradio.mount_gradio_app(
        app,
        page,
        path="/",
        server_name=host,
        run_history=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        show_error=False,
        max_file_size=1,
        allowed_paths=[],
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        footer_links=[],
    )
    return Guard(app, hosts=_LOOPBACK | {"[::1]", host})


def build(retriever: IndexRetriever, threshold: float | None = None) -> "Blocks":
    """Build the page."""
    _forget_gradios_wishes()
    import gradio

    def reply(message: Any, _history: Any) -> str:  # noqa: ANN401  (whatever a client sends)
        return respond(message, retriever, threshold)

    return gradio.ChatInterface(
        reply,
        # No button that sends a conversation to a server, no formulas, no tags in questions.
        chatbot=gradio.Chatbot(
            show_label=False,
            height="60vh",
            buttons=["copy", "copy_all"],
            latex_delimiters=[],
            allow_tags=False,
        ),
        textbox=gradio.Textbox(
            placeholder="Сұрақ · Question · Вопрос",
            show_label=False,
            container=False,
            submit_btn=True,
        ),
        title="Dalel · дәлел",
        description="Құжаттарыңыздан қазақша, ағылшынша не орысша сұраңыз. · Ask your documents in"
        " Kazakh, English or Russian. · Спрашивайте документы по-казахски, по-английски или"
        " по-русски.",
        examples=[[example] for example in _EXAMPLES],
        cache_examples=False,
        flagging_mode="never",
        analytics_enabled=False,
        api_visibility="private",
    )


def _forget_gradios_wishes() -> None:
    """Let no variable of the environment open what is shut here: Gradio reads many, late too."""
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"


def respond(message: object, retriever: IndexRetriever, threshold: float | None = None) -> str:
    """Answer as Markdown; whatever happens, a sentence comes back.

    A handler that raises would leave Gradio's text box disabled for good.
    """
    try:
        question = message if isinstance(message, str) else ""
        return _markdown(answer(question, retriever, threshold=threshold))
    except DalelError as error:
        return escape(error.line())
    except Exception:  # noqa: BLE001  (the page must stay usable; the log has the traceback)
        _LOG.exception("question failed")
        return render("failure", "en")


def _markdown(answered: Answer) -> str:
    lines = [escape(answered.text)]
    for citation in answered.citations:
        place = f"{citation.document_id}, {citation.start}-{citation.end}"
        lines.append(
            f"**{escape(f'[{citation.mark}]')} {escape(citation.title)}** ({escape(place)})"
        )
    return "\n\n".join(lines)


def escape(text: str) -> str:
    r"""Turn everything but letters, digits and white space into character references.

    >>> escape("<b> ![x](http://a)")
    '&#60;b&#62; &#33;&#91;x&#93;&#40;http&#58;&#47;&#47;a&#41;'
    """
    return _NOT_LETTERS.sub(lambda match: f"&#{ord(match[0])};", text)
