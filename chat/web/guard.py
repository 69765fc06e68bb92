"""What stands before the page: which requests come in, and what every answer tells the browser.

In: an ASGI application. Out: the same behind a guard. Only requests for this server's own names
pass (a page elsewhere cannot reach it by giving its own name this address), changes only from its
own pages, only small bodies, only what the page needs of all that Gradio offers, and no claims to
have been forwarded. Every answer forbids the browser to load anything from elsewhere, so that even
markup that slipped through could call nobody. Knows nothing of questions.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyio import move_on_after

from chat.web.login import Login

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 1_000_000
"""Largest body that comes in, but for files."""

DRAINED_BYTES: Final = 64_000_000
DRAINED_SECONDS: Final = 1.0
"""How much of a refused request is read, and for how long, before it is told why."""

# What the page asks for. Files of the disk, other servers' files, streams, logs of the host: all
# else that Gradio offers is not there. `info` lists functions; gradio_client needs it.
_OPEN: Final = re.compile(
    r"""/ | /page\.(?: css | js ) | /document | /conversation | /more/[\w/.-]*
      | /api/(?: ask | search | documents | openapi\.json | documents/.+ )
      | (?: /kk | /en | /ru )?(?:
          / | /config/? | /(?: favicon\.ico | theme\.css | robots\.txt | manifest\.json )
        | /(?: svelte | static | assets )/[\w./@~+-]+
        | /gradio_api/(?: config | info | app_id | cancel | reset | startup-events | run/predict
          | queue/(?: join | data ) | heartbeat/[\w-]+ | call/(?:v2/)?[\w-]+(?:/[\w-]+)? ))""",
    re.VERBOSE,
)
_UPLOAD: Final = re.compile(r"/(?:kk|en|ru)/gradio_api/upload(?:_progress)?")
_CLAIMS: Final = re.compile(rb"forwarded|x-forwarded-.*|x-real-ip|x-gradio-.*|x-http-method.*")
_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none';"
    " object-src 'none'; base-uri 'self'"
)
# A document has no script, and stands in a frame of the page. A report brings its own policy,
# which allows one script by its hash; this one is there for whatever that forgets.
_DOCUMENT: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
_MORE: Final = f"{_DOCUMENT}; script-src 'unsafe-inline'"


class _TooLarge(Exception):
    """A body has outgrown its limit."""


class Guard:
    """An ASGI application behind a guard."""

    def __init__(
        self,
        app: "ASGIApp",
        hosts: Collection[str],
        *,
        upload_bytes: int = 0,
        login: Login | None = None,
    ) -> None:
        """Guard an application.

        Args:
            app: What is guarded.
            hosts: The names by which it may be asked for, without ports.
            upload_bytes: Largest body that files may come in; 0 if none may.
            login: Who is let in; None for everybody who gets here.
        """
        self._app = app
        self._hosts = {host.lower() for host in hosts}
        self._upload_bytes = upload_bytes
        self._login = login

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # No web sockets: nothing here speaks them.
        guarded = _Headers(send, scope["path"])
        refused = self._refusal(scope)
        if refused:
            await _drain(receive)
            await _refuse(guarded, *refused)
            return
        scope["headers"] = [each for each in scope["headers"] if not _CLAIMS.fullmatch(each[0])]
        try:
            await self._app(scope, _Counted(receive, self._most(scope["path"])), guarded)
        except _TooLarge:
            if not guarded.started:
                await _refuse(guarded, 413, "the request is too large")

    def _most(self, path: str) -> int:
        return self._upload_bytes if _UPLOAD.fullmatch(path) else MOST_BYTES

    def _refusal(self, scope: "Scope") -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        if not self._is_ours(headers.get(b"host", b"")):
            return 400, "this server is not asked for by that name"
        path = scope["path"]
        if not self._is_open(path):
            return 404, "there is nothing here"
        if scope["method"] not in ("GET", "HEAD") and not self._is_from_here(headers):
            return 403, "another site's page may change nothing here"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._most(path):
            return 413, "the request is too large"
        return self._shut_out(headers, (scope.get("client") or ("",))[0])

    def _is_open(self, path: str) -> bool:
        if _UPLOAD.fullmatch(path):
            return self._upload_bytes > 0
        return bool(_OPEN.fullmatch(path)) and (".." not in path or path.startswith("/api/doc"))

    def _is_ours(self, host: bytes) -> bool:
        name = re.sub(r":\d{1,5}$", "", host.decode("latin-1").lower())
        return name in self._hosts

    def _is_from_here(self, headers: dict[bytes, bytes]) -> bool:
        """Say whether the page that sends this is ours; programs do not name one."""
        if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            return False
        origin = headers.get(b"origin")
        asked = headers.get(b"host", b"").decode("latin-1").lower()
        return origin is None or urlsplit(origin.decode("latin-1").lower()).netloc == asked

    def _shut_out(self, headers: dict[bytes, bytes], client: str) -> tuple[int, str] | None:
        if self._login is None:
            return None
        if self._login.throttled(client):
            return 429, "too many wrong logins; wait a minute"
        if not self._login.allows(headers.get(b"authorization", b""), client):
            return 401, "log in with the name and the password of this server"
        return None


class _Headers:
    """Sends on, with the headers that every answer has."""

    def __init__(self, send: "Send", path: str) -> None:
        self._send = send
        self._ours = _headers(path)
        self.started = False

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            self.started = True
            ours = {name for name, _ in self._ours}
            theirs = [each for each in message.get("headers", ()) if each[0].lower() not in ours]
            message = {**message, "headers": [*theirs, *self._ours]}
        await self._send(message)


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    policy, frames = _POLICY, b"DENY"
    if path == "/document" or path.startswith("/more/"):
        policy, frames = _MORE if path.startswith("/more/") else _DOCUMENT, b"SAMEORIGIN"
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", frames),
    ]


class _Counted:
    """Receives on, as long as the body stays small, whatever its length was said to be."""

    def __init__(self, receive: "Receive", most: int) -> None:
        self._receive = receive
        self._most = most
        self._bytes = 0

    async def __call__(self) -> "Message":
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._most:
            raise _TooLarge
        return message


async def _drain(receive: "Receive") -> None:
    """Read what comes with a refused request: else whoever sends it never reads why."""
    left = DRAINED_BYTES
    with move_on_after(DRAINED_SECONDS):
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b"")) + 1
            if message["type"] != "http.request" or not message.get("more_body", False):
                return


async def _refuse(send: "Send", status: int, why: str) -> None:
    body = why.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Dalel", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
