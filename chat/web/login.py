"""One name and one password, for a page that others can reach; wrong ones are slowed down.

In: the environment, and the header that a browser sends (RFC 7617). Out: yes or no. Knows nothing
of addresses and pages. Over plain HTTP a password can be read on its way: put a server with TLS
before the page.
"""

import base64
import binascii
import hmac
import os
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from ingest.errors import ConfigError

VARIABLE: Final = "DALEL_LOGIN"

SHORTEST_PASSWORD: Final = 12

WRONG_AT_MOST: Final = 10
"""Wrong logins within a window; after them none is looked at until it has passed."""

WINDOW_SECONDS: Final = 60.0

CLIENTS: Final = 10_000
"""Addresses whose wrong logins are remembered."""


@dataclass
class Login:
    """Who is let in.

    Attributes:
        secret: NAME:PASSWORD in UTF-8.
    """

    secret: bytes
    _wrong: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def throttled(self, client: str) -> bool:
        """Say whether too many wrong logins came from an address of late."""
        wrong = self._wrong.get(client)
        if wrong is None or len(wrong) < WRONG_AT_MOST:
            return False
        return monotonic() - wrong[0] < WINDOW_SECONDS

    def allows(self, authorization: bytes, client: str) -> bool:
        """Say whether an Authorization header holds the name and the password."""
        kind, _, encoded = authorization.partition(b" ")
        if kind.lower() != b"basic":
            return False
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            given = b""
        right = hmac.compare_digest(given, self.secret)
        if not right:
            self._wrong.setdefault(client, deque(maxlen=WRONG_AT_MOST)).append(monotonic())
            self._wrong.move_to_end(client)
            while len(self._wrong) > CLIENTS:
                self._wrong.popitem(last=False)
        return right


def read_login() -> Login | None:
    """Read the login from the environment; None if there is none.

    Raises:
        ConfigError: It is not NAME:PASSWORD, or the password is short.
    """
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    name, colon, password = value.partition(":")
    if not (name and colon):
        raise ConfigError(f"{VARIABLE} holds no NAME:PASSWORD", hint="such as reader:…")
    if len(password) < SHORTEST_PASSWORD:
        raise ConfigError(
            f"the password of {VARIABLE} has {len(password)} characters, expected at least"
            f" {SHORTEST_PASSWORD}",
            hint="take a longer one",
        )
    return Login(value.encode(errors="surrogateescape"))
