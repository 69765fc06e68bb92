"""Sessions of the page: what was asked and answered, session by session, in memory only.

A session is kept under a key that nobody can guess, until newer ones take its place or the server
ends. Nothing of it is written to disk.
"""

import logging
import secrets
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Literal

from chat.answer import Answer
from chat.collection import recognise
from chat.llm import LLM, Deadline
from chat.pipeline import stream_answer
from chat.query_rewriting import refers_back, rewrite_query
from chat.question import MAX_CHARACTERS, understand
from chat.talk import hear
from index.retriever import Retriever
from ingest.document import Document
from ingest.errors import DalelError, QuestionError

MAX_SESSIONS: Final = 1_000
"""Sessions kept; the one that was asked longest ago goes first."""

MAX_KEY_CHARACTERS: Final = 64
"""Longest key under which something is kept; ours have 22."""

MAX_TURNS_IN_ALL: Final = 5_000
"""Turns kept of all sessions together, some 40 KB each: what a server's memory grows by at most."""

MAX_TURNS: Final = 100
"""Turns kept of a session; the oldest go first."""

MAX_SHOWN_PASSAGES: Final = 3
"""Passages shown with a refusal."""

_LOG = logging.getLogger("dalel.web")

TurnProblem = Literal["", "empty", "long", "wordless", "failed", "busy"]
"""Why a turn has no answer: its question is empty, too long or without a word; answering it failed;
or too many others were waiting. Empty for a turn that has an answer."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it.

    Attributes:
        question: The question as it was typed, shortened if it is too long to be shown.
        answer: The answer; None if there is none.
        documents: The documents that the answer quotes or shows, by id, as they were then: a
            document that is removed later can still be shown with the turn.
        rewritten: What was searched for instead, a follow-up made whole; empty if it was the
            question as typed.
        context: What a follow-up is put after: the question that says all, and the last one that
            leant on it and can be leant on («Ол не өсіреді?»); empty where there is no answer.
        respelled: The question in the letters and the spelling of the documents.
        problem: Why there is no answer.
        characters: Length of the question, where there is no answer.
        model: The language model that may be asked to translate a source; empty if there is none.
        html: The finished turn as HTML, by language of the page, number of the turn and whether it
            is folded. Filled in by chat/web/viewer.py, since the earlier turns are sent again with
            each new one.
    """

    question: str
    answer: Answer | None
    documents: Mapping[str, Document]
    rewritten: str = ""
    context: tuple[str, ...] = ()
    respelled: str = ""
    problem: TurnProblem = ""
    characters: int = 0
    model: str = ""
    html: dict[tuple[str, int, bool], str] = field(default_factory=dict, compare=False)


class Sessions:
    """The sessions of a server; safe to use from several threads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._turns: OrderedDict[str, list[Turn]] = OrderedDict()
        self._count = 0  # Turns of all of them.
        self._chosen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._pages: OrderedDict[str, str] = OrderedDict()
        self._deadlines: dict[str, Deadline] = {}
        self._lock = Lock()

    def new_key(self, like: object = "") -> str:
        """Return a key of 128 random bits; the session is kept from its first turn on.

        Args:
            like: The key of a session whose documents it is to ask, too; any value may be sent.
        """
        key = secrets.token_urlsafe(16)
        chosen = self.chosen(like)
        return self.choose(key, chosen) if chosen else key

    def key_of_page(self, page: str, named: str = "") -> str:
        """Return the key of a page's session, the same one whichever of its requests comes first.

        Args:
            page: What tells an open page from others, but is too short to be a key.
            named: The key that its address names; where none is kept under it, it gets a new one.
        """
        if self.exists(named):
            return named
        with self._lock:
            key = self._pages.setdefault(page, secrets.token_urlsafe(16))
            while len(self._pages) > MAX_SESSIONS:
                self._pages.popitem(last=False)
        return key

    def choose(self, key: object, document_ids: Iterable[str]) -> str:
        """Let a session ask some documents only, or all if none are named.

        Args:
            key: The key of the session; any value may be sent.
            document_ids: The ids of the documents.

        Returns:
            The key, or a new one in the place of what cannot be one.
        """
        if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY_CHARACTERS:
            key = secrets.token_urlsafe(16)
        with self._lock:
            self._chosen[key] = tuple(document_ids)
            self._chosen.move_to_end(key)
            while len(self._chosen) > MAX_SESSIONS:
                self._chosen.popitem(last=False)
        return key

    def chosen(self, key: object) -> tuple[str, ...]:
        """Return the ids of the documents that a session asks; none if it asks all."""
        return self._chosen.get(key, ()) if isinstance(key, str) else ()

    @contextmanager
    def generating(self, key: str, deadline: Deadline | None) -> Iterator[None]:
        """Let `stop` end what an LLM writes for a session; leaving the context ends it too."""
        if deadline:
            self._deadlines[key] = deadline
        try:
            yield
        finally:
            if deadline:
                deadline.stopped.set()
                if self._deadlines.get(key) is deadline:
                    del self._deadlines[key]

    def stop(self, key: object) -> None:
        """End what an LLM writes for a session, if it is writing; any value may be sent as key."""
        if isinstance(key, str) and (deadline := self._deadlines.get(key)):
            deadline.stopped.set()

    def exists(self, key: object) -> bool:
        """Say whether a session is kept; any value may be sent as key."""
        return isinstance(key, str) and (key in self._turns or key in self._chosen)

    def turns(self, key: str) -> list[Turn]:
        """Return the turns of a session, oldest first; none if it is not kept."""
        with self._lock:
            return list(self._turns.get(key, ()))

    def add(self, key: str, turn: Turn) -> None:
        """Add a turn; one to a session that is not kept begins it again."""
        with self._lock:
            turns = self._turns.setdefault(key, [])
            self._turns.move_to_end(key)
            turns.append(turn)
            self._count += 1 - len(turns[:-MAX_TURNS])
            del turns[:-MAX_TURNS]
            while len(self._turns) > MAX_SESSIONS or self._count > MAX_TURNS_IN_ALL:
                self._count -= len(self._turns.popitem(last=False)[1])


def respond(
    message: object,
    earlier: list[Turn],
    retriever: Retriever,
    threshold: float | None = None,
    llm: LLM | None = None,
    deadline: Deadline | None = None,
) -> Iterator[Turn]:
    """Yield a turn as it grows, the last one whole; whatever happens, at least one comes.

    A handler that raises would leave Gradio's text box disabled for good.

    Args:
        message: What was typed; a client may send any JSON.
        earlier: The turns before it, oldest first: a follow-up leans on them.
        retriever: The index to answer from.
        threshold: The confidence below which it abstains; None for the default.
        llm: What writes the answer; None to quote.
        deadline: Until when the LLM may write; None for the LLM's own.
    """
    question = message if isinstance(message, str) else ""
    problem: TurnProblem = "failed"
    try:
        deadline = deadline or (llm.deadline() if llm else None)
        yield from _answered_turns(question, earlier, retriever, threshold, llm, deadline)
        return
    except QuestionError:
        problem = _question_problem(question)
    except DalelError:
        _LOG.exception("a question failed")
    except Exception:  # noqa: BLE001  (the page must stay usable; the log has the traceback)
        _LOG.exception("a question failed")
    characters = len(_longest_form(question))
    yield Turn(question[:MAX_CHARACTERS], None, {}, problem=problem, characters=characters)


def _answered_turns(
    question: str,
    earlier: list[Turn],
    retriever: Retriever,
    threshold: float | None,
    llm: LLM | None,
    deadline: Deadline | None,
) -> Iterator[Turn]:
    rewritten = question
    context: tuple[str, ...] = ()
    if len(question) <= MAX_CHARACTERS:
        rewritten, context = _made_whole(question, earlier, retriever, llm, deadline)
    respelled = ""
    answers = stream_answer(rewritten, retriever, llm, threshold=threshold, deadline=deadline)
    for answer in answers:
        respelled = respelled or retriever.respell(answer.question)
        yield Turn(
            question=question,
            answer=answer,
            documents=_documents_of(answer, retriever),
            rewritten="" if rewritten == question else answer.question,
            context=context or (answer.question,),
            respelled=respelled,
            model=llm.spec.name if llm else "",
        )


def _made_whole(
    question: str,
    earlier: list[Turn],
    retriever: Retriever,
    llm: LLM | None,
    deadline: Deadline | None,
) -> tuple[str, tuple[str, ...]]:
    """Return a follow-up with what it leans on, and its context; other questions as they are.

    It leans on the last question that was answered, or where none was, on the last one. A question
    about the collection («Олар не туралы?») leans on one about it alone, and one about what the
    documents say on one about that. The context is empty for a question that says all.
    """
    # Nothing leans on «рахмет», nor «рахмет» on anything; a lone «Неге?» may lean on a question.
    asked = [turn for turn in earlier if turn.answer and turn.answer.mode != "talk"]
    said = hear(understand(question), retriever) if asked else None
    if not asked or (said and said.intent != "bare"):
        return question, ()
    leant_on = [turn for turn in asked if turn.answer and not turn.answer.abstained] or asked
    rewritten, context = _leaning(question, leant_on, llm, deadline)
    if rewritten == question:
        return question, ()
    follows_collection = _is_about_collection(leant_on[-1])
    if follows_collection and recognise(understand(rewritten), retriever):
        return rewritten, context
    if recognise(understand(question), retriever):
        return question, ()
    if follows_collection:
        others = [turn for turn in leant_on if not _is_about_collection(turn)]
        return _leaning(question, others, None, None)
    return rewritten, context


def _leaning(
    question: str, turns: list[Turn], llm: LLM | None, deadline: Deadline | None
) -> tuple[str, tuple[str, ...]]:
    """Return a question with what it leans on in the last of some turns, and its context."""
    # A pronoun stands for what the question that says all is about.
    depth = 1 if refers_back(question) else None
    before = [" ".join(turn.context[:depth]) for turn in turns]
    rewritten = rewrite_query(question, before, llm, deadline)
    if rewritten == question or not rewritten.startswith(f"{before[-1]} "):
        return rewritten, ()
    context = turns[-1].context
    return rewritten, (context[0], question) if depth else context


def _is_about_collection(turn: Turn) -> bool:
    return turn.answer is not None and turn.answer.mode == "collection"


def _documents_of(answer: Answer, retriever: Retriever) -> dict[str, Document]:
    """Return the documents that an answer cites, with their copies; where none, the nearest."""
    cited = {citation.document_id for citation in answer.citations}
    cited |= {copy.document_id for citation in answer.citations for copy in citation.copies}
    nearest = {passage.document_id for passage in answer.passages[:MAX_SHOWN_PASSAGES]}
    return {name: retriever.documents[name] for name in sorted(cited or nearest)}


def _question_problem(question: str) -> TurnProblem:
    if len(_longest_form(question)) > MAX_CHARACTERS:
        return "long"
    return "wordless" if question.strip() else "empty"


def _longest_form(question: str) -> str:
    """Return a question as its length is counted: NFC spells some letters longer, as U+0958."""
    return max(question, unicodedata.normalize("NFC", question), key=len)
