"""The language model: its name and server, its deadline, and its text, piece by piece.

A model is named PROVIDER:MODEL, such as `openai:gpt-4.1-mini` or `ollama:qwen3`, and opened through
LangChain. Only `openai` and servers with its protocol (vLLM, llama.cpp, LM Studio, Ollama) work as
installed; other providers need their LangChain package. Keys come from the environment under their
usual names and are never shown.

`stream_text` yields the model's text until a deadline. A server that refuses, hangs, breaks off or
sends no text, and a user who stops it, become an `LLMFailure` with the reason.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Literal, Protocol

from ingest.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from chat.settings import Settings

UnsupportedPolicy = Literal["mark", "drop"]
"""What happens to a sentence of a language model that the sources do not support."""

LLM_SECONDS: Final = 60.0
"""How long an answer may take by default."""

OLLAMA_URL: Final = "http://127.0.0.1:11434/v1"
"""Where Ollama listens by default; OLLAMA_HOST overrides it."""

CONNECT_TIMEOUT_SECONDS: Final = 5.0
"""How long connecting to a server may take."""

READ_TIMEOUT_SECONDS: Final = 20.0
"""How long a model may send nothing: a small one on a CPU takes that long to read a prompt."""

MAX_TOKENS: Final = 700
"""Most tokens of an answer: some twenty sentences."""


@dataclass(frozen=True, slots=True)
class LLMSpec:
    """A model's name and server, and how long it may take.

    Attributes:
        name: PROVIDER:MODEL.
        base_url: A server with OpenAI's protocol; None for the provider's own.
        read_timeout_seconds: How long it may send nothing.
        deadline_seconds: How long an answer may take in all.
    """

    name: str
    base_url: str | None = None
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    deadline_seconds: float = LLM_SECONDS


class ChatModel(Protocol):
    """A model that streams text."""

    def stream(self, rules: str, request: str) -> Iterator[str]:
        """Yield the model's text piece by piece; raise whatever its provider raises.

        Args:
            rules: The system prompt.
            request: The user's message: passages and question.
        """
        ...


class LangChainModel:
    """A `ChatModel` over any chat model of LangChain."""

    def __init__(self, model: "BaseChatModel") -> None:
        """Wrap a chat model."""
        self._model = model

    def stream(self, rules: str, request: str) -> Iterator[str]:
        """Yield the model's text piece by piece; raise whatever its provider raises."""
        for chunk in self._model.stream([("system", rules), ("human", request)]):
            yield _text_of(chunk.content)


def _text_of(content: object) -> str:
    """Return the text of LangChain's content: a string, or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "".join(
        block if isinstance(block, str) else str(block.get("text", ""))
        for block in blocks
        if isinstance(block, (str, dict))
    )


def open_chat_model(spec: LLMSpec) -> ChatModel:
    """Open a chat model; no request is sent yet.

    Raises:
        ModelError: The name is not PROVIDER:MODEL, the server is not a URL, or a key or a package
            is missing.
    """
    provider, colon, model = spec.name.partition(":")
    if not (provider and colon and model):
        raise ModelError(
            f"the language model is {spec.name!r}, expected PROVIDER:MODEL",
            hint="such as openai:gpt-4.1-mini, or ollama:qwen3",
        )
    if provider in ("openai", "ollama") or spec.base_url:
        return LangChainModel(_open_openai(spec, provider, model))
    return LangChainModel(_open_other_provider(spec, provider, model))


def _open_openai(spec: LLMSpec, provider: str, model: str) -> "BaseChatModel":
    from httpx import Timeout
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    base_url = spec.base_url or os.environ.get("OPENAI_BASE_URL") or None
    key = os.environ.get("OPENAI_API_KEY", "")
    if provider == "ollama":
        base_url, key = spec.base_url or _ollama_url(), "ollama"
    if not key and base_url is None:
        raise ModelError(
            f"the language model {spec.name!r} needs a key, and OPENAI_API_KEY is not set",
            hint="set it, or name a server of your own with --llm-base-url",
        )
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        raise ModelError(
            f"the language model's server is {base_url!r:.80}, expected http://… or https://…"
        )
    return ChatOpenAI(
        model=model,
        base_url=base_url,
        api_key=SecretStr(key or "none"),
        temperature=0,
        max_completion_tokens=MAX_TOKENS,
        timeout=Timeout(spec.read_timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS),
        max_retries=0,  # `stream_text` retries; the client would wait for as long as a server says.
        stream_usage=False,
    )


def _ollama_url() -> str:
    host = os.environ.get("OLLAMA_HOST", "")
    if not host:
        return OLLAMA_URL
    return f"{host if '://' in host else f'http://{host}'}".rstrip("/") + "/v1"


def _open_other_provider(spec: LLMSpec, provider: str, model: str) -> "BaseChatModel":
    from langchain.chat_models import init_chat_model

    try:
        chat_model: BaseChatModel = init_chat_model(
            model,
            model_provider=provider,
            temperature=0,
            timeout=spec.read_timeout_seconds,
            max_retries=0,
        )
    # Each provider raises errors of its own for an unknown name, a missing package or key.
    except Exception as error:  # noqa: BLE001
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"the language model {spec.name!r} cannot be opened ({reason:.200})",
            hint="check the name, install the provider's LangChain package, and set its key",
        ) from None
    return chat_model


# --- streaming: until a deadline, with retries ----------------------------------------------------

Prompt = tuple[str, str]
"""The rules (system prompt), and the request (user message)."""

FailureReason = Literal["down", "slow", "refused", "nonsense", "language", "stopped", "cut"]
"""Why a model wrote nothing, or nothing more, that can be used; the words for each are in
prompts/fallback.*.jinja."""

_QueueItem = str | BaseException | None
"""A piece of text, an error, or None for the end."""

MAX_ATTEMPTS: Final = 3
"""How often a request is sent to a server that is busy or fails before it sends any text."""

RETRY_PAUSE_SECONDS: Final = 0.5
"""Pause before the first retry, doubled for each next one; servers may ask for minutes."""

POLL_SECONDS: Final = 0.1
"""How often a waiting reader checks whether it has been stopped."""

_RETRYABLE_STATUS: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time until which a model is read.

    Attributes:
        until: A time of time.monotonic(), in seconds.
        stopped: Set to stop reading earlier.
    """

    until: float
    stopped: Event = field(default_factory=Event)

    @classmethod
    def of(cls, seconds: float) -> "Deadline":
        """Return the deadline that is some seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def left_seconds(self) -> float:
        """The time left, 0 or more."""
        return max(0.0, self.until - time.monotonic())

    def at_most(self, seconds: float) -> "Deadline":
        """Return the same deadline, or a nearer one some seconds from now."""
        return replace(self, until=min(self.until, time.monotonic() + seconds))


class LLMFailure(Exception):
    """The model writes nothing, or nothing more, that can be used.

    Attributes:
        reason: The reason.
    """

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason)
        self.reason: FailureReason = reason


def stream_text(model: ChatModel, prompt: Prompt, deadline: Deadline) -> Iterator[str]:
    """Yield a model's text piece by piece; a busy server is retried as long as it has sent nothing.

    Raises:
        LLMFailure: The model failed, the deadline has passed, or reading was stopped.
    """
    for attempt in range(MAX_ATTEMPTS):
        has_begun = False
        try:
            for piece in _until_deadline(model, prompt, deadline):
                has_begun = has_begun or bool(piece)
                yield piece
            if not has_begun:
                raise LLMFailure("nonsense")
            return
        except _AttemptFailed as failed:
            pause = RETRY_PAUSE_SECONDS * 2**attempt
            last = attempt + 1 == MAX_ATTEMPTS or deadline.left_seconds <= pause
            if has_begun or not failed.retryable or last or deadline.stopped.wait(pause):
                raise LLMFailure(failed.reason) from failed


class _AttemptFailed(Exception):
    """One attempt failed: why, and whether another one makes sense."""

    def __init__(self, reason: FailureReason, *, retryable: bool) -> None:
        super().__init__(reason)
        self.reason: FailureReason = reason
        self.retryable = retryable


def _until_deadline(model: ChatModel, prompt: Prompt, deadline: Deadline) -> Iterator[str]:
    """Yield a model's text piece by piece, and stop at the deadline even if it sends nothing.

    The model is read in a thread, since a server can keep a connection open without sending
    anything. A reader that stops abandons the thread, which then ends at its own read timeout.
    """
    queue: Queue[_QueueItem] = Queue()
    abandoned = Event()
    Thread(target=_read_into, args=(model, prompt, queue, abandoned), daemon=True).start()
    try:
        while True:
            if deadline.stopped.is_set():
                raise _AttemptFailed("stopped", retryable=False)
            try:
                piece = queue.get(timeout=min(POLL_SECONDS, deadline.left_seconds))
            except Empty:
                if not deadline.left_seconds:
                    raise _AttemptFailed("slow", retryable=False) from None
                continue
            if piece is None:
                return
            if isinstance(piece, BaseException):
                raise _failure_of(piece) from piece
            yield piece
    finally:
        abandoned.set()


def _read_into(
    model: ChatModel, prompt: Prompt, queue: Queue[_QueueItem], abandoned: Event
) -> None:
    """Put a model's text into a queue, the end or an error last, until it is abandoned."""
    try:
        for piece in model.stream(*prompt):
            queue.put(piece)
            if abandoned.is_set():
                return
        queue.put(None)
    except BaseException as error:  # noqa: BLE001  (`_until_deadline` raises it in its own thread)
        queue.put(error)


def _failure_of(error: BaseException) -> _AttemptFailed:
    """Classify an error: the server is down, slow or refuses, or what it sent is unusable.

    Providers have no error class in common, but similar status codes and class names.
    """
    status = getattr(error, "status_code", None)
    name = type(error).__name__
    if isinstance(status, int):
        return _AttemptFailed(
            "down" if status in _RETRYABLE_STATUS else "refused",
            retryable=status in _RETRYABLE_STATUS,
        )
    if "Timeout" in name:
        return _AttemptFailed("slow", retryable=False)
    if "Connect" in name or "Protocol" in name or "ReadError" in name:
        return _AttemptFailed("down", retryable=True)
    return _AttemptFailed("nonsense", retryable=False)


@dataclass(frozen=True, slots=True)
class LLM:
    """A language model that writes answers.

    Attributes:
        spec: Its name and time limits.
        model: The opened model.
        unsupported: What happens to a sentence that the sources do not support.
    """

    spec: LLMSpec
    model: ChatModel
    unsupported: UnsupportedPolicy = "mark"

    def deadline(self) -> Deadline:
        """Return the deadline of an answer that is begun now."""
        return Deadline.of(self.spec.deadline_seconds)


def open_llm(settings: "Settings") -> LLM | None:
    """Open the model that the settings name; None if they name none.

    Raises:
        ModelError: The model cannot be opened.
    """
    if settings.llm is None:
        return None
    read_timeout = min(READ_TIMEOUT_SECONDS, settings.llm_seconds)
    spec = LLMSpec(settings.llm, settings.llm_base_url, read_timeout, settings.llm_seconds)
    return LLM(spec, open_chat_model(spec), settings.llm_unsupported)
