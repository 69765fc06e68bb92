"""Settings, read once from the command line and the environment; nothing happens on import.

In: arguments and environment variables. Out: `Settings`. Knows nothing of what they steer.

    DALEL_HOME       folder of the index and of unpacked weights; --home goes before it
    DALEL_MODEL      embedding model; --model goes before it
    DALEL_RERANKER   second stage, a CrossEncoder's name or folder; --reranker goes before it
    DALEL_THRESHOLD  confidence below which an answer abstains, 0 to 1; --threshold goes before it
    DALEL_LLM        language model that writes answers, PROVIDER:MODEL; --llm goes before it
    DALEL_LLM_BASE_URL      its server, if it speaks OpenAI's protocol; --llm-base-url
    DALEL_LLM_SECONDS       how long an answer may take; --llm-seconds
    DALEL_LLM_UNSUPPORTED   what becomes of what the sources do not support, mark or drop;
                            --llm-unsupported
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ingest.errors import ConfigError

Policy = Literal["mark", "drop"]
"""What is done with a sentence of a language model that the sources do not support."""

LLM_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is steered by.

    Attributes:
        home: Folder of the index and of unpacked weights.
        model: Embedding model; None for the one the index was made with, or the embedded one.
        reranker: Second stage; None for none.
        threshold: The confidence below which it abstains, 0 to 1; None for the trained one.
        llm: Language model that writes answers, PROVIDER:MODEL; None to quote.
        llm_base_url: Its server; None for the provider's own.
        llm_seconds: How long an answer of it may take.
        llm_unsupported: What becomes of a sentence that the sources do not support.
    """

    home: Path
    model: str | None = None
    reranker: str | None = None
    threshold: float | None = None
    llm: str | None = None
    llm_base_url: str | None = None
    llm_seconds: float = LLM_SECONDS
    llm_unsupported: Policy = "mark"


def read_settings(
    *,
    home: str | None = None,
    model: str | None = None,
    reranker: str | None = None,
    threshold: str | None = None,
    llm: str | None = None,
    llm_base_url: str | None = None,
    llm_seconds: str | None = None,
    llm_unsupported: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings; an argument goes before its environment variable.

    Raises:
        ConfigError: The home is a file, or a value is not what was expected.
    """
    values = os.environ if environment is None else environment
    folder = home or values.get("DALEL_HOME") or _default_home()
    try:
        path = Path(folder).expanduser().absolute()
        there = _nearest(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"the home {folder!r} cannot be used ({error})") from None
    if not there.is_dir():
        place = "is" if there == path else f"lies below {str(there)!r}, which is"
        raise ConfigError(f"the home {str(path)!r} {place} a file, expected a folder")
    return Settings(
        home=path,
        model=model or values.get("DALEL_MODEL") or None,
        reranker=reranker or values.get("DALEL_RERANKER") or None,
        threshold=_share(threshold or values.get("DALEL_THRESHOLD") or None),
        llm=llm or values.get("DALEL_LLM") or None,
        llm_base_url=llm_base_url or values.get("DALEL_LLM_BASE_URL") or None,
        llm_seconds=_seconds(llm_seconds or values.get("DALEL_LLM_SECONDS") or f"{LLM_SECONDS}"),
        llm_unsupported=_policy(llm_unsupported or values.get("DALEL_LLM_UNSUPPORTED") or "mark"),
    )


def _seconds(value: str) -> float:
    """Read a deadline."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3_600:
        raise ConfigError(
            f"the language model may take {value!r:.40} seconds, expected a number from 1 to 3600"
        )
    return seconds


def _policy(value: str) -> Policy:
    """Read what becomes of what is not supported."""
    if value == "mark":
        return "mark"
    if value == "drop":
        return "drop"
    raise ConfigError(f"what is not supported is to be {value!r:.40}, expected mark or drop")


def _share(value: str | None) -> float | None:
    """Read a threshold."""
    if value is None:
        return None
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ConfigError(
            f"the threshold is {value!r:.40}, expected a number from 0 (always answer) to 1",
            hint="leave it out for the one that was chosen in training",
        )
    return share


def _nearest(path: Path) -> Path:
    """Return the path, or what is nearest above it if it is not there yet."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return _nearest(path.parent)
    return path


def _default_home() -> str:
    from platformdirs import user_data_dir

    return user_data_dir("dalel", appauthor=False)
