"""Many questions from a file, many lines into a file.

In: JSON lines. Out: rows; then lines written as they come. Knows nothing of what is asked.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chat.progress import progress_bar
from ingest.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a file."""

    number: int
    id: str
    text: str


def read_rows(path: Path, *, id_field: str, text_field: str) -> list[Row]:
    """Read questions, one JSON object a line; blank lines are passed over.

    Raises:
        ConfigError: The file cannot be read, or a line is not such an object.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
    except OSError as error:
        raise ConfigError(f"cannot read {str(path)!r}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{str(path)!r} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8"
        ) from None
    rows = [
        _row(line, f"{path}, line {number}", number, id_field, text_field)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not rows:
        raise ConfigError(f"{str(path)!r} holds no questions, expected one JSON object a line")
    return rows


def _row(line: str, place: str, number: int, id_field: str, text_field: str) -> Row:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: not JSON ({error})") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{place}: {data!r:.40}, expected an object")
    name, text = data.get(id_field), data.get(text_field)
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise ConfigError(f"{place}: {id_field} is {name!r:.40}, expected a string")
    if not isinstance(text, str):
        raise ConfigError(f"{place}: {text_field} is {text!r:.40}, expected a string")
    return Row(number, _speakable(str(name)), _speakable(text))


def _speakable(text: str) -> str:
    r"""Replace lone surrogates, which JSON can spell (\ud800) and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def write_lines(path: Path, groups: Iterable[Iterable[str]], *, total: int) -> None:
    """Write lines as they come, a group for each question, with a progress bar.

    Raises:
        ConfigError: The file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file, progress_bar("asking") as bar:
            for done, lines in enumerate(groups, start=1):
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                bar(done, total)
    except OSError as error:
        raise ConfigError(
            f"cannot write {str(path)!r}: {error.strerror}", hint="name another file"
        ) from None
