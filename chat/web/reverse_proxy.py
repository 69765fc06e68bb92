"""Reverse proxies before the page: which of them are believed, and below which path it is found.

A proxy says in headers for whom it asks: X-Forwarded-For names the address, X-Forwarded-Proto the
scheme, X-Forwarded-Host the name that was asked for. Anybody can send these, so they count only in
requests from an address that was named as a proxy's; chat/web/security.py takes all others away.
"""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FORWARDED_HOST: Final = b"x-forwarded-host"


class BehindProxies:
    """An ASGI application that is asked as proxies were asked, with paths as if it lay at the root.

    Whether a proxy takes the path below which the page lies away, as nginx does where `proxy_pass`
    ends in a slash, or leaves it, makes no difference.
    """

    def __init__(self, app: "ASGIApp", *, trusted: Sequence[str] = (), root_path: str = "") -> None:
        """Put an application behind proxies.

        Args:
            app: The application.
            trusted: The proxies that are believed: addresses, or networks such as 10.0.0.0/8.
            root_path: The path below which they publish it, such as /dalel; empty for none.
        """
        from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

        inside: Any = app  # uvicorn has types of its own for what is the same.
        self._proxies: Any = ProxyHeadersMiddleware(inside, [*trusted])
        self._root_path = root_path

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, as it was before a proxy passed it on."""
        if scope["type"] == "http":
            scope = {**scope, **_paths_below(scope, self._root_path)}
            address, port = scope.get("client") or ("", 0)
            address = _as_ipv4(address)
            scope["client"] = (address, port)
            if address in self._proxies.trusted_hosts:
                scope["headers"] = _with_own_host(scope["headers"])
                send = _Unbuffered(send)
        await self._proxies(scope, receive, send)


class AtRootPath:
    """An ASGI application that is told the path below which it lies, as ASGI wants it told."""

    def __init__(self, app: "ASGIApp", root_path: str) -> None:
        """Take the application, and the path, such as /dalel; empty for none."""
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on: links that are made of it lead below the path."""
        if scope["type"] == "http" and self._root_path:
            root = self._root_path
            raw = root.encode() + scope.get("raw_path", b"")
            scope = {**scope, "root_path": root, "path": root + scope["path"], "raw_path": raw}
        await self._app(scope, receive, send)


class _Unbuffered:
    """Sends on; a stream of events is to be passed on as it comes, which nginx must be told."""

    def __init__(self, send: "Send") -> None:
        self._send = send

    async def __call__(self, message: "Message") -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ())]
            kind = dict(headers).get(b"content-type", b"")
            if kind.startswith(b"text/event-stream"):
                message = {**message, "headers": [*headers, (b"x-accel-buffering", b"no")]}
        await self._send(message)


def _paths_below(scope: "Scope", root_path: str) -> dict[str, Any]:
    """Return the paths of a request without the one that it lies below, if they have it."""
    path = scope["path"]
    if not root_path or not f"{path}/".startswith(f"{root_path}/"):
        return {}
    raw = scope.get("raw_path", b"").removeprefix(root_path.encode())
    return {"path": path[len(root_path) :] or "/", "raw_path": raw or b"/"}


def _as_ipv4(address: str) -> str:
    """Return the IPv4 address that a socket of IPv6 shows as ::ffff:127.0.0.1; others as is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or address)


def _with_own_host(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers in which Host is what the proxy was asked for.

    Of several names the last is the one that this proxy wrote; those before it came from outside.
    """
    claimed = [value for name, value in headers if name == _FORWARDED_HOST]
    host = claimed[-1].rpartition(b",")[2].strip() if claimed else b""
    if not host:
        return [*headers]
    others = [pair for pair in headers if pair[0] not in (b"host", _FORWARDED_HOST)]
    return [(b"host", host), *others]
