"""Settings of one command: its arguments go before the environment, and both before the defaults.

    DALEL_HOME       folder of the index and of unpacked weights; --home goes before it
    DALEL_STORE      where passages are searched, faiss or milvus:ADDRESS; --store goes before it
    DALEL_WORKERS    what embeds many texts, a number of processes or ray; --workers goes before it
    DALEL_MODEL      embedding model; --model goes before it
    DALEL_RERANKER   second stage, a CrossEncoder's name or folder; --reranker goes before it
    DALEL_THRESHOLD  confidence below which an answer abstains, 0 to 1; --threshold goes before it
    DALEL_ROOT_PATH  path below which a proxy publishes the page; --root-path goes before it
    DALEL_TRUSTED_PROXIES   addresses of proxies that are believed, with commas; --trusted-proxy
    DALEL_LLM        language model that writes answers, PROVIDER:MODEL; --llm goes before it
    DALEL_LLM_BASE_URL      its server, if it speaks OpenAI's protocol; --llm-base-url
    DALEL_LLM_SECONDS       how long an answer may take; --llm-seconds
    DALEL_LLM_UNSUPPORTED   what becomes of what the sources do not support, mark or drop;
                            --llm-unsupported

A command reads them once, with `read_settings`, and hands the result along. No file is read. The
token of a Milvus, DALEL_MILVUS_TOKEN, is none of them: only index/milvus_client.py reads it.
"""

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chat.llm import LLM_SECONDS, UnsupportedPolicy
from ingest.errors import ConfigError

MAX_LLM_SECONDS: Final = 3_600

_ROOT_PATH: Final = re.compile(r"(?:/[\w~-][\w.~-]*)+", re.ASCII)
_OWN_PATHS: Final = frozenset("kk en ru api more document conversation config gradio_api".split())
"""How paths of the page itself begin: below another one it could not be told which is meant."""


def _home(value: str | Path) -> Path:
    """Make a home absolute; refuse what is no folder. Nothing is made, for it may not exist yet."""
    try:
        path = Path(value).expanduser().absolute()
        existing = _nearest_existing(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"the home {str(value)!r} cannot be used ({error})") from None
    if not existing.is_dir():
        place = "is" if existing == path else f"lies below {str(existing)!r}, which is"
        raise ConfigError(f"the home {str(path)!r} {place} a file, expected a folder")
    return path


def _nearest_existing(path: Path) -> Path:
    """Return the path, or what is nearest above it if it is not there yet."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _nearest_existing(path.parent)
    return path


def _default_home() -> Path:
    from platformdirs import user_data_dir

    return Path(user_data_dir("dalel", appauthor=False))


def _threshold(value: str | float | None) -> float | None:
    """Read a threshold, 0 to 1."""
    if value is None:
        return None
    threshold = _number(value)
    if threshold is None or not 0 <= threshold <= 1:
        raise ConfigError(
            f"the threshold is {value!r:.40}, expected a number from 0 (always answer) to 1",
            hint="leave it out for the one that was chosen in training",
        )
    return threshold


def _llm_seconds(value: str | float) -> float:
    """Read a deadline in seconds."""
    seconds = _number(value)
    if seconds is None or not 0 < seconds <= MAX_LLM_SECONDS:
        raise ConfigError(
            f"the language model may take {value!r:.40} seconds,"
            f" expected a number from 1 to {MAX_LLM_SECONDS}"
        )
    return seconds


def _number(value: str | float) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _unsupported_policy(value: str) -> str:
    if value not in ("mark", "drop"):
        raise ConfigError(f"what is not supported is to be {value!r:.40}, expected mark or drop")
    return value


def _root_path(value: str) -> str:
    """Read a path such as /dalel; one slash at its end is left out."""
    path = value.removesuffix("/")
    if path and (not _ROOT_PATH.fullmatch(path) or path.split("/")[1] in _OWN_PATHS):
        raise ConfigError(
            f"the root path is {value!r:.80}, expected one such as /dalel, which is none of the"
            " page's own"
        )
    return path


def _trusted_proxies(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Read addresses and networks, with commas between them."""
    listed = value.split(",") if isinstance(value, str) else value
    proxies = tuple(filter(None, (each.strip() for each in listed)))
    for proxy in proxies:
        try:
            ip_network(proxy)
        except ValueError:
            raise ConfigError(
                f"the trusted proxy is {proxy!r:.80}, expected its address, such as 127.0.0.1, or"
                " a network, such as 10.0.0.0/8"
            ) from None
    return proxies


class Settings(BaseModel):
    """What a command is steered by.

    Attributes:
        home: Folder of the index and of unpacked weights.
        store: Where passages are searched, milvus:ADDRESS; None for this machine, with faiss.
        workers: What embeds many texts, N, ray or ray:ADDRESS; None for the process itself.
        model: Embedding model; None for the one the index was made with, or the embedded one.
        reranker: Second stage; None for none.
        threshold: The confidence below which it abstains, 0 to 1; None for the trained one.
        root_path: Path below which a proxy publishes the page, such as /dalel; empty for none.
        trusted_proxies: Addresses and networks of proxies whose headers are believed.
        llm: Language model that writes answers, PROVIDER:MODEL; None to quote.
        llm_base_url: Its server; None for the provider's own.
        llm_seconds: How long an answer of it may take.
        llm_unsupported: What becomes of a sentence that the sources do not support.

    Raises:
        ConfigError: The home is a file, or a value is not what was expected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    home: Annotated[Path, BeforeValidator(_home)] = Field(default_factory=_default_home)
    store: str | None = None
    workers: str | None = None
    model: str | None = None
    reranker: str | None = None
    threshold: Annotated[float | None, BeforeValidator(_threshold)] = None
    root_path: Annotated[str, BeforeValidator(_root_path)] = ""
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_trusted_proxies)] = ()
    llm: str | None = None
    llm_base_url: str | None = None
    llm_seconds: Annotated[float, BeforeValidator(_llm_seconds)] = LLM_SECONDS
    llm_unsupported: Annotated[UnsupportedPolicy, BeforeValidator(_unsupported_policy)] = "mark"


def read_settings(**arguments: str | None) -> Settings:
    """Read the settings of a command; what is None or empty counts as not given.

    Args:
        **arguments: Attributes of `Settings` as they were typed.

    Raises:
        ConfigError: The home is a file, or a value is not what was expected.
    """
    environment = {name: os.environ.get(f"DALEL_{name.upper()}") for name in Settings.model_fields}
    given = {
        name: value for each in (environment, arguments) for name, value in each.items() if value
    }
    return Settings(**given)  # type: ignore[arg-type]  # The validators read text.
