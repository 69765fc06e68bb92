"""What was asked and answered on the page, conversation by conversation, in memory only.

In: questions. Out: `Turn`s, kept under a key that nobody can guess, until newer conversations take
their place or the server ends. Knows nothing of HTML.
"""

import logging
import secrets
import unicodedata
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Literal

from chat.answer import Answer
from chat.author import Author
from chat.compose import answers
from chat.hear import Patience
from chat.question import MAX_CHARACTERS
from chat.rewrite import understood
from index.retrieve import IndexRetriever
from ingest.document import Document, Language
from ingest.errors import DalelError, QuestionError

CONVERSATIONS: Final = 1_000
"""Conversations kept; the one that was asked longest ago goes first."""

TURNS: Final = 100
"""Turns kept of a conversation; the oldest go first."""

SHOWN_HITS: Final = 3
"""Passages shown when it abstains."""

_LOG = logging.getLogger("dalel.web")

Trouble = Literal["", "empty", "long", "wordless", "failed", "busy"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it.

    Attributes:
        asked: What was asked, as far as it can be shown.
        answer: The answer; None if there is none.
        documents: The documents that it quotes or shows, by id, as they were then.
        meant: What was searched for instead; empty if it was the question as asked.
        searched: The question in the letters and the spelling of the documents.
        trouble: Why there is no answer.
        characters: How long the question was, where it was too long.
        html: How it is shown once it is whole, by language of the page, when it has been.
    """

    asked: str
    answer: Answer | None
    documents: Mapping[str, Document]
    meant: str = ""
    searched: str = ""
    trouble: Trouble = ""
    characters: int = 0
    html: dict[tuple[Language, int], str] = field(default_factory=dict, compare=False)


class Conversations:
    """The conversations of a server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: OrderedDict[str, list[Turn]] = OrderedDict()
        self._writing: dict[str, Patience] = {}
        self._lock = Lock()

    def begin(self) -> str:
        """Return a key for a conversation, 128 bits of chance; it is kept once it has a turn."""
        return secrets.token_urlsafe(16)

    @contextmanager
    def writing(self, key: str, patience: Patience | None) -> Iterator[None]:
        """Let `stop` end what a model writes for a conversation; so does whoever leaves."""
        if patience:
            self._writing[key] = patience
        try:
            yield
        finally:
            if patience:
                patience.stopped.set()
                if self._writing.get(key) is patience:
                    del self._writing[key]

    def stop(self, key: object) -> None:
        """End what a model writes for a conversation, if it does."""
        if isinstance(key, str) and (patience := self._writing.get(key)):
            patience.stopped.set()

    def known(self, key: object) -> bool:
        """Say whether a conversation is kept."""
        return isinstance(key, str) and key in self._kept

    def turns(self, key: str) -> list[Turn]:
        """Return the turns of a conversation, oldest first; none if it is not kept."""
        with self._lock:
            return list(self._kept.get(key, ()))

    def add(self, key: str, turn: Turn) -> None:
        """Add a turn; one to a conversation that is not kept begins it again."""
        with self._lock:
            turns = self._kept.setdefault(key, [])
            self._kept.move_to_end(key)
            turns.append(turn)
            del turns[:-TURNS]
            while len(self._kept) > CONVERSATIONS:
                self._kept.popitem(last=False)


def responding(
    message: object,
    earlier: list[Turn],
    retriever: IndexRetriever,
    threshold: float | None = None,
    author: Author | None = None,
    patience: Patience | None = None,
) -> Iterator[Turn]:
    """Yield a turn as it grows, the last one whole; whatever happens, one comes.

    A handler that raises would leave Gradio's text box disabled for good.
    """
    asked = message if isinstance(message, str) else ""
    trouble: Trouble = "failed"
    try:
        before = [turn.answer.question for turn in earlier if turn.answer]
        patience = patience or (author.patience() if author else None)
        meant = asked
        if len(asked) <= MAX_CHARACTERS:
            meant = understood(asked, before, author, patience)
        searched = ""
        for answered in answers(author, meant, retriever, threshold=threshold, patience=patience):
            searched = searched or retriever.respell(answered.question)
            yield Turn(
                asked=asked,
                answer=answered,
                documents=_shown(answered, retriever),
                meant="" if meant == asked else answered.question,
                searched=searched,
            )
        return
    except QuestionError:
        trouble = _why_not(asked)
    except DalelError:
        _LOG.exception("a question failed")
    except Exception:  # noqa: BLE001  (the page must stay usable; the log has the traceback)
        _LOG.exception("a question failed")
    yield Turn(asked[:MAX_CHARACTERS], None, {}, trouble=trouble, characters=len(_composed(asked)))


def _shown(answered: Answer, retriever: IndexRetriever) -> dict[str, Document]:
    cited = {citation.document_id for citation in answered.citations}
    near = {hit.chunk.document_id for hit in answered.hits[:SHOWN_HITS]}
    return {name: retriever.documents[name] for name in sorted(cited or near)}


def _why_not(asked: str) -> Trouble:
    if len(_composed(asked)) > MAX_CHARACTERS:
        return "long"
    return "wordless" if asked.strip() else "empty"


def _composed(asked: str) -> str:
    """Return a question as its length is counted: NFC spells some letters longer."""
    return max(asked, unicodedata.normalize("NFC", asked), key=len)
