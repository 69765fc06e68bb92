"""Drafts of sets that are not saved yet: in memory, so that a page that is loaded anew has its own.

A draft is kept under a key that nobody can guess and the browser remembers, until newer ones take
its place or the server ends.
"""

import secrets
from collections import OrderedDict
from threading import Lock
from typing import Final

from eval.set_draft import Draft

MAX_DRAFTS: Final = 100
"""Drafts kept; the one that was changed longest ago goes first."""


class KeptDrafts:
    """The drafts of a server; safe to use from several threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._drafts: OrderedDict[str, Draft] = OrderedDict()
        self._lock = Lock()

    def find(self, key: object) -> tuple[str, Draft]:
        """Return a key and its draft; for what is no key a new one, and an empty draft."""
        if isinstance(key, str) and (draft := self._drafts.get(key)):
            return key, draft
        return secrets.token_urlsafe(16), Draft()

    def keep(self, key: str, draft: Draft) -> None:
        """Keep a draft under a key that `find` has given."""
        with self._lock:
            self._drafts[key] = draft
            self._drafts.move_to_end(key)
            while len(self._drafts) > MAX_DRAFTS:
                self._drafts.popitem(last=False)


KEPT_DRAFTS: Final = KeptDrafts()
"""Those of this process: the page of each language shows the same ones."""

STORAGE_SECRET: Final = secrets.token_urlsafe(16)
"""What Gradio scrambles the key with in a browser: the same for the page of each language."""
