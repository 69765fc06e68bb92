"""Many people at the page at once: browser sessions, spoken to as Gradio's own front end does.

`python -m eval.load HOME PORT` serves the page without its answers: it says back what it is asked.
That is what the page can do at most on a machine; eval/bench/page_load.py holds the real one
against it.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
from httpx import AsyncClient, Limits

if TYPE_CHECKING:
    from chat.session import Turn
    from index.retriever import Retriever

COMPOSER: Final = "dalel-composer"
"""The page's row that holds the box and the button."""

EARLIER_TURNS: Final = "dalel-past"
LAST_TURN: Final = "dalel-last"
"""The page's components that show what was asked before, and what is asked now."""

START_SECONDS: Final = 300
"""Longer than any machine needs, however busy: who waits for it, waits for its state."""

ShownTurns = tuple[str, str]
"""HTML of the earlier turns, and of the last, as the page shows them when all is done."""


class AskEvent(NamedTuple):
    """What the page does with what is typed into its box, as its configuration tells.

    Attributes:
        function: Its number.
        outputs: How many components it changes.
        earlier: The place of the earlier turns among them.
        last: The place of the last turn.
    """

    function: int
    outputs: int
    earlier: int
    last: int


@contextmanager
def served(
    command: Sequence[str], **environment: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve a page in a process of its own as long as it is needed; yield its address and process.

    Args:
        command: What serves it, but for the port, its last argument.
        **environment: Variables more than those here.

    Raises:
        RuntimeError: It ended instead.
        TimeoutError: It did not come up in START_SECONDS.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [*command, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
        # Whoever starts this in the background may have it ignore what Ctrl-C sends.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        try:
            _wait_for(f"{url}/page.js", process)
            yield url, process
        finally:
            process.kill()


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"what was to serve {url} ended with code {process.returncode}")
        with suppress(httpx.HTTPError):
            httpx.get(url, timeout=START_SECONDS)
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not come up in {START_SECONDS} seconds")


async def ask_all(url: str, questions: Sequence[Sequence[str]]) -> list[list[ShownTurns | None]]:
    """Let each session ask its questions one after the other, all sessions at once.

    Args:
        url: The page in one language, such as http://127.0.0.1:7860/kk.
        questions: Those of each session.

    Returns:
        What came of each question; None where Gradio failed.
    """
    limits = Limits(max_connections=2 * len(questions) + 2)
    async with AsyncClient(base_url=url, timeout=START_SECONDS, limits=limits) as client:
        event = await ask_event(client)

        async def session(own: Sequence[str]) -> list[ShownTurns | None]:
            name = secrets.token_hex(8)
            return [await ask(client, event, name, question) for question in own]

        return await asyncio.gather(*map(session, questions))


async def ask(
    client: AsyncClient, event: AskEvent, session: str, question: str
) -> ShownTurns | None:
    """Ask as a session, and wait until all is shown; None where Gradio failed."""
    body = {"data": [question, None], "fn_index": event.function, "session_hash": session}
    (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
    shown: list[Any] = [None] * event.outputs
    about = {"session_hash": session}
    async with client.stream("GET", "/gradio_api/queue/data", params=about) as stream:
        async for line in stream.aiter_lines():
            message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if message.get("msg") not in ("process_generating", "process_completed"):
                continue
            if not message["success"]:
                return None
            _take_over(shown, message["output"].get("data", []))
            if message["msg"] == "process_completed":
                return str(shown[event.earlier]), str(shown[event.last])
    return None


def _take_over(shown: list[Any], values: Sequence[Any]) -> None:
    """Take over what changed: Gradio sends whole values first, then differences."""
    for place, value in enumerate(values):
        if isinstance(value, list):
            for action, _, new in value:
                if isinstance(new, str):  # Else it tells that nothing changed, or of visibility.
                    shown[place] = (shown[place] or "") + new if action == "append" else new
        elif isinstance(value, str):
            shown[place] = value


async def ask_event(client: AsyncClient) -> AskEvent:
    """Return what the page does with what is typed into its box."""
    config = (await client.get("/config")).json()
    ids = {c["props"].get("elem_id"): c["id"] for c in config["components"]}
    composer = _ids_below(config["layout"], ids[COMPOSER])
    event = next(
        function
        for function in config["dependencies"]
        if any(target[0] in composer and target[1] == "submit" for target in function["targets"])
    )
    outputs = list(event["outputs"])
    earlier, last = (outputs.index(ids[name]) for name in (EARLIER_TURNS, LAST_TURN))
    return AskEvent(int(event["id"]), len(outputs), earlier, last)


def _ids_below(node: dict[str, Any], wanted: int, *, inside: bool = False) -> set[int]:
    """Return the ids of what is laid out in a place."""
    inside = inside or node["id"] == wanted
    ids = {int(node["id"])} if inside else set()
    for child in node.get("children", ()):
        ids |= _ids_below(child, wanted, inside=inside)
    return ids


def echo(
    message: object, _earlier: "list[Turn]", _index: "Retriever", *_more: object
) -> "Iterator[Turn]":
    """Yield a turn that only says what was asked."""
    from chat.session import Turn

    yield Turn(str(message), None, {})


def main() -> int:
    """Serve the page that echoes, until interrupted."""
    from chat.settings import Settings
    from chat.web.app import serve
    from chat.web.site import Site
    from index.indexer import Indexer, LiveIndex

    home, port = Path(sys.argv[1]), int(sys.argv[2])
    indexer = Indexer(home)
    site = Site(live=LiveIndex(indexer, indexer.open()), settings=Settings(home=home), respond=echo)
    serve(site, host="127.0.0.1", port=port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
