"""Many people at the page at once: browser sessions, spoken to as Gradio's own front end does.

In: a command that serves a page, or the address of one, and questions. Out: what each session was
shown. Knows nothing of what is right.
"""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import httpx
from httpx import AsyncClient, Limits

COMPOSER: Final = "dalel-composer"
"""The page's row that holds the box and the button."""

OUTPUTS: Final = 10
_PAST, _LAST = 3, 4

Shown = tuple[str, str]
"""HTML of the earlier turns, and of the last, as the page shows them when all is done."""


@contextmanager
def served(
    command: Sequence[str], **environment: str
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Serve a page in a process of its own as long as it is needed; yield its address and process.

    Args:
        command: What serves it, but for the port, its last argument.
        **environment: Variables more than those here.

    Raises:
        TimeoutError: It did not come up in a minute.
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
            _wait_for(f"{url}/page.js")
            yield url, process
        finally:
            process.kill()


def _wait_for(url: str) -> None:
    for _ in range(240):
        with suppress(httpx.HTTPError):
            httpx.get(url, timeout=5)
            return
        time.sleep(0.25)
    raise TimeoutError(f"{url} did not come up in a minute")


async def ask_all(url: str, asked: Sequence[Sequence[str]]) -> list[list[Shown | None]]:
    """Let each session ask its questions one after the other, all sessions at once.

    Args:
        url: The page in one language, such as http://127.0.0.1:7860/kk.
        asked: The questions of each session.

    Returns:
        What came of each question; None where Gradio failed.
    """
    limits = Limits(max_connections=2 * len(asked) + 2)
    async with AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        function = await _function(client)

        async def session(questions: Sequence[str]) -> list[Shown | None]:
            name = secrets.token_hex(8)
            return [await ask(client, function, name, each) for each in questions]

        return await asyncio.gather(*map(session, asked))


async def ask(client: AsyncClient, function: int, session: str, question: str) -> Shown | None:
    """Ask as a session, and wait until all is shown."""
    asked = {"data": [question, None], "fn_index": function, "session_hash": session}
    (await client.post("/gradio_api/queue/join", json=asked)).raise_for_status()
    shown: list[Any] = [None] * OUTPUTS
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
                return str(shown[_PAST]), str(shown[_LAST])
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


async def _function(client: AsyncClient) -> int:
    """Return the number of the function that answers what is typed into the box."""
    config = (await client.get("/config")).json()
    row = next(
        each["id"] for each in config["components"] if each["props"].get("elem_id") == COMPOSER
    )
    inside = _below(config["layout"], row)
    return next(
        int(each["id"])
        for each in config["dependencies"]
        if any(target[0] in inside and target[1] == "submit" for target in each["targets"])
    )


def _below(node: dict[str, Any], wanted: int, *, inside: bool = False) -> set[int]:
    """Return the ids of what is laid out in a place."""
    inside = inside or node["id"] == wanted
    found = {int(node["id"])} if inside else set()
    for child in node.get("children", ()):
        found |= _below(child, wanted, inside=inside)
    return found
