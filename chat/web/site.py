"""What all parts of the page share: the index, the conversations, and what is allowed.

In: settings. Out: `Site`, handed to whatever builds a part of the page. Knows nothing of Gradio.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chat.author import Author
from chat.config import Settings
from chat.hear import Patience
from chat.web.turns import Conversations, Turn, responding
from chat.web.turnstile import Turnstile
from chat.web.words import Words
from index.live import Live
from index.retrieve import IndexRetriever

if TYPE_CHECKING:
    from fastapi import FastAPI

Respond = Callable[
    [object, list[Turn], IndexRetriever, float | None, Author | None, Patience | None],
    Iterator[Turn],
]

UPLOAD_MEGABYTES: Final = 20
"""Largest file that can be added on the page."""


@dataclass(frozen=True, slots=True)
class Site:
    """One served page.

    Attributes:
        live: The index.
        settings: What the command was given.
        uploads: Whether documents can be added and removed on the page.
        parts: What else the page has: other tabs.
        author: The language model that writes; None to quote.
        conversations: What was asked.
        turnstile: Who is let in.
        respond: What answers; another one only where the page is measured by itself.
    """

    live: Live
    settings: Settings
    uploads: bool = True
    parts: "tuple[Part, ...]" = ()
    author: Author | None = None
    conversations: Conversations = field(default_factory=Conversations)
    turnstile: Turnstile = field(default_factory=Turnstile)
    respond: Respond = responding

    @property
    def home(self) -> Path:
        """Where the index and what people thought of answers are kept."""
        return self.settings.home


@dataclass(frozen=True, slots=True)
class Part:
    """A tab that another folder brings.

    Attributes:
        tab: Builds it in the page that is being built.
        routes: Adds the addresses it needs, all below /more/.
    """

    tab: Callable[[Words, Site], None]
    routes: "Callable[[FastAPI, Site], None]"
