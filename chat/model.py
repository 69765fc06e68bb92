"""Chat models through LangChain: which one, where, and for how long it may speak.

In: a name such as `openai:gpt-4.1-mini`, `ollama:qwen3`, and where its server is. Out: a LangChain
chat model. Knows nothing of prompts. Keys come from the environment under their usual names and
are never shown. Only `openai` and servers that speak its protocol (vLLM, llama.cpp, LM Studio,
Ollama) work as installed; other providers work once their LangChain package is.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chat.config import LLM_SECONDS
from ingest.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

OLLAMA: Final = "http://127.0.0.1:11434/v1"
"""Where Ollama listens unless told otherwise (OLLAMA_HOST tells)."""

CONNECT_SECONDS: Final = 5.0

SILENCE_SECONDS: Final = 20.0
"""How long a model may say nothing: small ones on processors read a prompt for that long."""

TOKENS: Final = 700
"""Tokens of an answer at most: some twenty sentences."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Which model writes, and how long it may take.

    Attributes:
        name: PROVIDER:MODEL.
        base_url: Its server, for whatever speaks OpenAI's protocol; None for the provider's own.
        silence_seconds: How long it may say nothing.
        deadline_seconds: How long an answer may take in all.
    """

    name: str
    base_url: str | None = None
    silence_seconds: float = SILENCE_SECONDS
    deadline_seconds: float = LLM_SECONDS


class ChatModel(Protocol):
    """Anything that writes."""

    def stream(self, rules: str, asked: str) -> Iterator[str]:
        """Yield what it writes, piece by piece; raise whatever its provider raises."""
        ...


class LangChainModel:
    """A `ChatModel` over any chat model of LangChain."""

    def __init__(self, model: "BaseChatModel") -> None:
        """Take a chat model."""
        self._model = model

    def stream(self, rules: str, asked: str) -> Iterator[str]:
        """Yield what it writes, piece by piece; raise whatever its provider raises."""
        for chunk in self._model.stream([("system", rules), ("human", asked)]):
            yield _text(chunk.content)


def _text(content: object) -> str:
    """Return the text of LangChain's content: a string, or a list of blocks."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "".join(
        each if isinstance(each, str) else str(each.get("text", ""))
        for each in blocks
        if isinstance(each, (str, dict))
    )


def open_model(writer: Writer) -> ChatModel:
    """Open a chat model; nothing is asked of it yet.

    Raises:
        ModelError: The name is none, a key or a package is missing.
    """
    provider, colon, model = writer.name.partition(":")
    if not (provider and colon and model):
        raise ModelError(
            f"the language model is {writer.name!r}, expected PROVIDER:MODEL",
            hint="such as openai:gpt-4.1-mini, or ollama:qwen3",
        )
    if provider in ("openai", "ollama") or writer.base_url:
        return LangChainModel(_speaking_openai(writer, provider, model))
    return LangChainModel(_other(writer, provider, model))


def _speaking_openai(writer: Writer, provider: str, model: str) -> "BaseChatModel":
    from httpx import Timeout
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    base_url = writer.base_url or os.environ.get("OPENAI_BASE_URL") or None
    key = os.environ.get("OPENAI_API_KEY", "")
    if provider == "ollama":
        base_url, key = writer.base_url or _ollama(), "ollama"
    if not key and base_url is None:
        raise ModelError(
            f"the language model {writer.name!r} needs a key, and OPENAI_API_KEY is not set",
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
        max_completion_tokens=TOKENS,
        timeout=Timeout(writer.silence_seconds, connect=CONNECT_SECONDS),
        max_retries=0,  # The client would wait as long as a server asks; chat/speech.py will not.
        stream_usage=False,
    )


def _ollama() -> str:
    host = os.environ.get("OLLAMA_HOST", "")
    if not host:
        return OLLAMA
    return f"{host if '://' in host else f'http://{host}'}".rstrip("/") + "/v1"


def _other(writer: Writer, provider: str, model: str) -> "BaseChatModel":
    from langchain.chat_models import init_chat_model

    try:
        found: BaseChatModel = init_chat_model(
            model,
            model_provider=provider,
            temperature=0,
            timeout=writer.silence_seconds,
            max_retries=0,
        )
    # A provider that is unknown, a package or a key that is missing: each raises its own kind.
    except Exception as error:  # noqa: BLE001
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(
            f"the language model {writer.name!r} cannot be opened ({reason:.200})",
            hint="check the name, install the provider's LangChain package, and set its key",
        ) from None
    return found
