"""Settings, read once from the command line and the environment; nothing happens on import.

In: arguments and environment variables. Out: `Settings`. Knows nothing of what they steer.

    DALEL_HOME       folder of the index and of unpacked weights; --home goes before it
    DALEL_MODEL      embedding model; --model goes before it
    DALEL_RERANKER   second stage, a CrossEncoder's name or folder; --reranker goes before it
    DALEL_THRESHOLD  confidence below which an answer abstains, 0 to 1; --threshold goes before it
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is steered by.

    Attributes:
        home: Folder of the index and of unpacked weights.
        model: Embedding model; None for the one the index was made with, or the embedded one.
        reranker: Second stage; None for none.
        threshold: The confidence below which it abstains, 0 to 1; None for the trained one.
    """

    home: Path
    model: str | None = None
    reranker: str | None = None
    threshold: float | None = None


def read_settings(
    *,
    home: str | None = None,
    model: str | None = None,
    reranker: str | None = None,
    threshold: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings; an argument goes before its environment variable.

    Raises:
        ConfigError: The home is a file, a name cannot be used, or the threshold is no share.
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
    )


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
