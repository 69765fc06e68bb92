"""What stands before the page: which requests come in, and what every answer tells the browser.

In: an ASGI application. Out: the same behind a guard. Only requests for this machine's own name
pass (a page elsewhere cannot reach it by giving its own name this address), only small ones, only
for what the page needs of all that Gradio offers, and without claims to have been forwarded. Every
answer forbids the browser to load anything from elsewhere, so that even markup that slipped through
could call nobody. Knows nothing of questions.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 1_000_000
"""Largest body that comes in: the page sends the whole conversation with each question, and an
answer is some 3,000 bytes long."""

# What a page with a chat asks for. Uploads, files of the disk, other servers' files, streams, logs
# of the host: all else that Gradio offers is not there.
_OPEN: Final = re.compile(
    r"""/ | /config/? | /(?: favicon\.ico | theme\.css | robots\.txt | manifest\.json )
      | /(?: svelte | static | assets )/[\w./@~+-]+
      | /gradio_api/(?: config | info | app_id | cancel | reset | startup-events | run/predict
        | queue/(?: join | data ) | heartbeat/[\w-]+ | call/(?:v2/)?[\w-]+(?:/[\w-]+)? )""",
    re.VERBOSE,
)
_CLAIMS: Final = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip|x-gradio-.*|x-http-method.*")
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-src 'none'; frame-ancestors 'none';"
    " object-src 'none'; base-uri 'self'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class _TooLarge(Exception):
    """A body has outgrown its limit."""


class Guard:
    """An ASGI application behind a guard."""

    def __init__(self, app: "ASGIApp", hosts: Collection[str]) -> None:
        """Guard an application that is asked for by these host names only."""
        self._app = app
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # No web sockets: nothing here speaks them.
        guarded = _Headers(send)
        refused = self._refusal(scope)
        if refused:
            await _refuse(guarded, *refused)
            return
        scope["headers"] = [each for each in scope["headers"] if not _CLAIMS.fullmatch(each[0])]
        try:
            await self._app(scope, _Counted(receive), guarded)
        except _TooLarge:
            if not guarded.started:
                await _refuse(guarded, 413, "the request is too large")

    def _refusal(self, scope: "Scope") -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if re.sub(r":\d{1,5}$", "", host) not in self._hosts:
            return 400, "this server is not asked for by that name"
        path = scope["path"]
        if not _OPEN.fullmatch(path) or ".." in path:
            return 404, "there is nothing here"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return 413, "the request is too large"
        return None


class _Headers:
    """Sends on, with the headers that every answer has."""

    def __init__(self, send: "Send") -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            self.started = True
            ours = {name for name, _ in _HEADERS}
            theirs = [each for each in message.get("headers", ()) if each[0].lower() not in ours]
            message = {**message, "headers": [*theirs, *_HEADERS]}
        await self._send(message)


class _Counted:
    """Receives on, as long as the body stays small, whatever its length was said to be."""

    def __init__(self, receive: "Receive") -> None:
        self._receive = receive
        self._bytes = 0

    async def __call__(self) -> "Message":
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > MOST_BYTES:
            raise _TooLarge
        return message


async def _refuse(send: "Send", status: int, why: str) -> None:
    body = why.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
