"""Files that a request names: only those that were sent to this server, in this folder.

In: an ASGI application made by Gradio. Out: the same, with what it is asked looked through first.
Any function of Gradio takes, in place of any value, an object that names a file of the server or of
another one, and fetches it before the function is called. Knows nothing of what is asked.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class OwnFilesOnly:
    """An application that is asked with no files but those below a folder."""

    def __init__(self, app: "ASGIApp", folder: Path) -> None:
        """Take the application, and where files that were sent are kept."""
        self._app = app
        self._folder = os.path.realpath(folder)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or scope["method"] != "POST" or "/upload" in scope["path"]:
            await self._app(scope, receive, send)
            return
        messages, body = [], b""
        while True:  # The guard has counted it: it is small.
            messages.append(await receive())
            body += messages[-1].get("body", b"")
            if messages[-1]["type"] != "http.request" or not messages[-1].get("more_body", False):
                break
        if not self.harmless(body):
            head = {"type": "http.response.start", "status": 403, "headers": []}
            await send(head)
            await send({"type": "http.response.body", "body": b"that file is not to be read"})
            return
        again = iter(messages)

        async def replayed() -> "Message":
            return next(again, None) or await receive()

        await self._app(scope, replayed, send)

    def harmless(self, body: bytes) -> bool:
        """Say whether a body names no file, or only such as were sent here."""
        try:
            found = json.loads(body) if body else None
        except (ValueError, RecursionError):
            return True  # It is refused further on: nothing here reads anything but JSON.
        left = [found]
        while left:
            each = left.pop()
            if isinstance(each, list):
                left += each
            elif isinstance(each, dict):
                if not self._own(each):
                    return False
                left += each.values()
        return True

    def _own(self, found: dict[str, Any]) -> bool:
        """Say whether an object is no file, or one of ours."""
        if not {"path", "url", "meta", "is_stream"} & found.keys():
            return True
        path, url = found.get("path"), found.get("url")
        if path is None and url is None:
            return True
        if not isinstance(path, str) or "://" in path or "\0" in path:
            return False
        return os.path.realpath(path).startswith(self._folder + os.sep)
