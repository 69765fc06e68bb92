"""What stands between the page and whoever sends it requests.

Two sets of rules:

* `Guard` refuses requests that nobody but an attacker sends, and tells the browser with every
  answer to load nothing from elsewhere, so that even markup that slipped through could call nobody.
* `Login` is one name and one password, for a page that others can reach.

What of Gradio is open, and what is not read for it, chat/web/gradio_adapter.py says.
"""

import base64
import binascii
import hmac
import os
import re
from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyio import move_on_after

from chat.web import gradio_adapter
from ingest.errors import ConfigError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES: Final = 1_000_000
"""Largest body of a request, but for uploads."""

MAX_DRAINED_BYTES: Final = 64_000_000
MAX_DRAINED_SECONDS: Final = 1.0
"""How much of a refused request is read, and for how long, before its sender is told why."""

LOGIN_VARIABLE: Final = "DALEL_LOGIN"

MIN_PASSWORD_CHARACTERS: Final = 12

MAX_WRONG_LOGINS: Final = 10
"""Wrong logins of an address within a window; after them none is looked at until it has passed."""

WINDOW_SECONDS: Final = 60.0

MAX_CLIENTS: Final = 10_000
"""Addresses whose wrong logins are remembered: whoever has many must not fill the memory."""

# All addresses that the page and its API ask for, but for those of Gradio.
_OPEN_PATHS: Final = re.compile(
    r"""/ | /page\.(?: css | js ) | /document | /conversation | /more/[^\\]*
      | /(?: alignment | translation )
      | /api/(?: ask | search | documents | openapi\.json | documents/.+ )""",
    re.VERBOSE,
)

# Headers in which a proxy says whom it speaks for. Of trusted ones chat/web/reverse_proxy.py has
# read them; they are taken away, for with them a client could choose the address that its wrong
# logins are counted for, and the one that Gradio writes into its pages.
_PROXY_HEADERS: Final = re.compile(
    rb"forwarded|x-forwarded-.*|x-real-ip|x-http-method.*|" + gradio_adapter.HEADERS
)

_PORT: Final = re.compile(r":\d{1,5}$")

_UNKNOWN_PROXY: Final = (
    "a proxy passed this on that is not trusted here: start Dalel with --trusted-proxy and the"
    " address of the proxy, or let the proxy keep the Host header"
)

# Content security policies. Gradio's page has scripts and styles of its own inline; nothing is
# loaded from, or sent to, another server, and no other page may frame this one (clickjacking).
_PAGE_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none';"
    " object-src 'none'; base-uri 'self'"
)
# A document has no script, and stands in a frame of the page.
_DOCUMENT_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'"
)
# A report brings its own policy, which allows one script by its hash; this one is there for
# whatever that forgets.
_REPORT_POLICY: Final = f"{_DOCUMENT_POLICY}; script-src 'unsafe-inline'"


@dataclass
class Login:
    """One name and one password (RFC 7617, Basic); who guesses is slowed down, address by address.

    Over plain HTTP a password can be read on its way: put a server with TLS before the page.

    Attributes:
        secret: NAME:PASSWORD in UTF-8.
    """

    secret: bytes
    _wrong_times: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def throttled(self, client: str) -> bool:
        """Say whether too many wrong logins came from an address within the window."""
        times = self._wrong_times.get(client)
        if times is None or len(times) < MAX_WRONG_LOGINS:
            return False
        return monotonic() - times[0] < WINDOW_SECONDS

    def allows(self, authorization: bytes, client: str) -> bool:
        """Say whether an Authorization header holds the name and the password."""
        scheme, _, encoded = authorization.partition(b" ")
        if scheme.lower() != b"basic":  # A browser's first request comes without a header.
            return False
        try:
            credentials = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            credentials = b""
        # In constant time: how long a comparison takes must not tell how much of it was right.
        right = hmac.compare_digest(credentials, self.secret)
        if not right:
            self._remember_wrong(client)
        return right

    def _remember_wrong(self, client: str) -> None:
        times = self._wrong_times.setdefault(client, deque(maxlen=MAX_WRONG_LOGINS))
        times.append(monotonic())
        self._wrong_times.move_to_end(client)
        while len(self._wrong_times) > MAX_CLIENTS:
            self._wrong_times.popitem(last=False)


def read_login() -> Login | None:
    """Read the login from the environment; None if there is none.

    Raises:
        ConfigError: It is not NAME:PASSWORD, or the password is short.
    """
    value = os.environ.get(LOGIN_VARIABLE, "")
    if not value:
        return None
    name, colon, password = value.partition(":")
    if not (name and colon):
        raise ConfigError(f"{LOGIN_VARIABLE} holds no NAME:PASSWORD", hint="such as reader:…")
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise ConfigError(
            f"the password of {LOGIN_VARIABLE} has {len(password)} characters, expected at least"
            f" {MIN_PASSWORD_CHARACTERS}",
            hint="take a longer one",
        )
    return Login(value.encode(errors="surrogateescape"))


class _BodyTooLarge(Exception):
    """A body has outgrown its limit."""


class Guard:
    """An ASGI application that passes on what may come in, and refuses the rest in one line.

    Requests must ask for this server by one of its own names, for an address that the page needs,
    with a small body and, where they change something, from no other site's page. All answers,
    refusals too, have the security headers.
    """

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
            hosts: The names by which it may be asked for, without ports; IPv6 in brackets.
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
        secured = _SecurityHeaders(send, scope["path"])
        refusal = self._refusal(scope)
        if refusal:
            await _drain(receive)
            await _refuse(secured, *refusal)
            return
        scope["headers"] = [
            pair for pair in scope["headers"] if not _PROXY_HEADERS.fullmatch(pair[0])
        ]
        body = _LimitedBody(receive, self._max_body_bytes(scope["path"]))
        try:
            await self._app(scope, body, secured)
        except _BodyTooLarge:
            if not secured.started:
                await _refuse(secured, 413, "the request is too large")

    def _refusal(self, scope: "Scope") -> tuple[int, str] | None:
        """Return the status and the reason with which a request is refused; None if it is not."""
        headers = dict(scope["headers"])
        if not self._is_own_host(headers.get(b"host", b"")):
            return 400, "this server is not asked for by that name"
        if self._is_through_unknown_proxy(headers):
            return 421, _UNKNOWN_PROXY
        path = scope["path"]
        if not self._is_open(path):
            return 404, "there is nothing here"
        if scope["method"] not in ("GET", "HEAD") and not _is_same_origin(headers):
            return 403, "another site's page may change nothing here"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._max_body_bytes(path):
            return 413, "the request is too large"
        return self._login_refusal(headers, (scope.get("client") or ("",))[0])

    # Not starlette's TrustedHostMiddleware: --name '*' would open it, and it drains without end.
    def _is_own_host(self, host: bytes) -> bool:
        """Say whether a Host header names this server.

        A page elsewhere may give its own name this machine's address (DNS rebinding); the browser
        then takes it for the same site, but still sends the name.
        """
        name = _PORT.sub("", host.decode("latin-1").lower())
        return name in self._hosts

    def _is_through_unknown_proxy(self, headers: dict[bytes, bytes]) -> bool:
        """Say whether a proxy that is not trusted asks by another name than it was asked by.

        Half a page would come: it would look for the rest where only the proxy finds it. Only who
        names this server by a name of its own is told so, and what anybody else claims is ignored.
        """
        asked = headers.get(b"x-forwarded-host", b"").rpartition(b",")[2].strip()
        return asked != headers.get(b"host", b"") and self._is_own_host(asked)

    def _is_open(self, path: str) -> bool:
        if gradio_adapter.UPLOAD_PATHS.fullmatch(path):
            return self._upload_bytes > 0
        # Only an id of a document may hold "..": it is looked up, never opened.
        climbs = ".." in path and not path.startswith("/api/doc")
        is_open = _OPEN_PATHS.fullmatch(path) or gradio_adapter.PATHS.fullmatch(path)
        return bool(is_open) and not climbs

    def _max_body_bytes(self, path: str) -> int:
        return self._upload_bytes if gradio_adapter.UPLOAD_PATHS.fullmatch(path) else MAX_BODY_BYTES

    def _login_refusal(self, headers: dict[bytes, bytes], client: str) -> tuple[int, str] | None:
        if self._login is None:
            return None
        if self._login.throttled(client):
            return 429, "too many wrong logins; wait a minute"
        if not self._login.allows(headers.get(b"authorization", b""), client):
            return 401, "log in with the name and the password of this server"
        return None


def _is_same_origin(headers: dict[bytes, bytes]) -> bool:
    """Say whether the page that sends a request is ours; programs do not name one.

    Else any page that somebody has open could send questions, or remove documents, in their name
    (cross-site request forgery). Old browsers send Origin alone, newer ones Sec-Fetch-Site too:
    where these know that it is the same origin, a proxy may have left the port out of Host.
    """
    site = headers.get(b"sec-fetch-site", b"none")
    if site not in (b"none", b"same-origin"):
        return False
    origin = headers.get(b"origin")
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if origin is None:
        return True
    netloc = urlsplit(origin.decode("latin-1").lower()).netloc
    return netloc == host or (site == b"same-origin" and _PORT.sub("", netloc) == host)


class _SecurityHeaders:
    """Sends on, with the headers that every answer has; `started` once an answer has begun."""

    def __init__(self, send: "Send", path: str) -> None:
        self._send = send
        self._headers = _security_headers(path)
        self.started = False

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            self.started = True
            ours = {name for name, _ in self._headers}
            theirs = [pair for pair in message.get("headers", ()) if pair[0].lower() not in ours]
            message = {**message, "headers": [*theirs, *self._headers]}
        await self._send(message)


def _security_headers(path: str) -> list[tuple[bytes, bytes]]:
    policy, framing = _PAGE_POLICY, b"DENY"
    if path == "/document":
        policy, framing = _DOCUMENT_POLICY, b"SAMEORIGIN"
    elif path.startswith("/more/"):
        policy, framing = _REPORT_POLICY, b"SAMEORIGIN"
    return [
        (b"content-security-policy", policy.encode()),
        # A document that is sent as text must not be taken for a script.
        (b"x-content-type-options", b"nosniff"),
        # An address of ours may hold the key of a session.
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", framing),
    ]


class _LimitedBody:
    """Receives on as long as the body stays small, whatever Content-Length says of it."""

    def __init__(self, receive: "Receive", max_bytes: int) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._bytes = 0

    async def __call__(self) -> "Message":
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._max_bytes:
            raise _BodyTooLarge
        return message


async def _drain(receive: "Receive") -> None:
    """Read what comes with a refused request: else whoever sends it never reads why."""
    left = MAX_DRAINED_BYTES
    with move_on_after(MAX_DRAINED_SECONDS):
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b"")) + 1
            if message["type"] != "http.request" or not message.get("more_body", False):
                return


async def _refuse(send: "Send", status: int, reason: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="Dalel", charset="UTF-8"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason.encode()})
