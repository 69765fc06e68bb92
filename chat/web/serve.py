"""Serves the page: who may reach it, on which address, until somebody stops it.

In: a site and an address. Out: nothing; it runs. On this machine alone it needs no login; anything
else needs one, and the names by which it may be asked for.
"""

import sys
from collections.abc import Sequence
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from typing import Final

from chat.web.guard import Guard
from chat.web.login import Login, read_login
from chat.web.site import UPLOAD_MEGABYTES, Site
from ingest.errors import ConfigError

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


def check_address(host: str, port: int, names: Sequence[str]) -> Login | None:
    """Refuse an address that would let in whoever comes; return the login that is asked for.

    Raises:
        ConfigError: It is reachable from elsewhere without a login or a name, or the port is none.
    """
    if not 0 < port < 65536:
        raise ConfigError(f"the port is {port}, expected 1 to 65535")
    login = read_login()
    if host not in LOOPBACK and login is None:
        raise ConfigError(
            f"the host is {host!r}, which others can reach, and there is no login",
            hint="set DALEL_LOGIN to NAME:PASSWORD, or leave --host out for this machine alone",
        )
    if host not in LOOPBACK and not names:
        raise ConfigError(
            f"the host is {host!r}, but it is not said by which name it will be asked for",
            hint="add --name, such as --name dalel.example.kz or --name 192.168.1.5",
        )
    return login


def serve(site: Site, *, host: str, port: int, names: Sequence[str] = ()) -> None:
    """Serve the page until interrupted.

    Raises:
        ConfigError: The address would let in whoever comes, or the port is taken.
    """
    login = check_address(host, port, names)
    with _listen(host, port) as listener:
        import uvicorn

        from chat.web.server import application

        app = Guard(
            application(site),
            hosts=LOOPBACK | set(names),
            upload_bytes=UPLOAD_MEGABYTES * 1_100_000 if site.uploads else 0,
            login=login,
        )
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # A page that is open keeps its line open; whoever presses Ctrl-C does not wait for it.
            timeout_graceful_shutdown=1,
        )
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"Dalel is at http://{shown}:{port} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket:
    """Take the port before anything slow begins.

    Raises:
        ConfigError: It is taken.
    """
    # Named as TCP, or asyncio would leave Nagle's delay on, and every answer take 40 ms more.
    listener = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM, IPPROTO_TCP)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot serve at {host}:{port} ({error.strerror})",
            hint="name another port with --port",
        ) from None
    return listener
