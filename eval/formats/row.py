"""Rows of a set's files, field by field: what is not as expected is told with file, line, field.

In: a file. Out: `Row`s, and a `Problem` for each line that is none. Knows no format's fields.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.question import MAX_CHARACTERS, understand
from eval.example import Example, Problem
from ingest.document import Language
from ingest.errors import DalelError, EvalError, QuestionError
from ingest.language import detect

_LANGUAGES: Mapping[str, Language] = {"kk": "kk", "en": "en", "ru": "ru"}


@dataclass(frozen=True, slots=True)
class Row:
    """One object: `data`, the `place` (file and line) of its row, and where `within` that row."""

    place: str
    data: Mapping[str, Any]
    within: str = ""

    def bad(self, name: str, expected: str) -> EvalError:
        """Return the error of a field that is not what was expected."""
        given = f"is {shown(self.data[name])}" if name in self.data else "is missing"
        return EvalError(f"{self.within}{name} {given}, expected {expected}")

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string that is not blank; `default` where it is left out."""
        value = self.data.get(name, default)
        if not isinstance(value, str) or not (value.strip() or value == default):
            raise self.bad(name, "a string that is not empty")
        return _writable(value)

    def name(self, name: str) -> str:
        """Return an id: a string without white space at its ends, or a whole number."""
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return repr(value) if abs(value) < 10**18 else self._no_name(name)
        if not isinstance(value, str) or not value.strip() or len(value) > 300:
            return self._no_name(name)
        return _writable(value.strip())

    def _no_name(self, name: str) -> str:
        raise self.bad(name, "an id: a string of at most 300 characters, or a whole number")

    def number(self, name: str) -> int:
        """Return a whole number from 0."""
        value = self.data.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**12:
            raise self.bad(name, "a whole number from 0")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise self.bad(name, "true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings that are not blank; none where it is left out."""
        values = self.data.get(name, [])
        if not isinstance(values, list) or not all(
            isinstance(v, str) and v.strip() for v in values
        ):
            raise self.bad(name, "a list of strings that are not empty")
        return tuple(map(_writable, values))

    def rows(self, name: str) -> "list[Row]":
        """Return a list of objects, as rows; none where it is left out."""
        values = self.data.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.bad(name, "a list of objects")
        return [Row(self.place, value, f"{name}[{n}]: ") for n, value in enumerate(values)]

    def question(self, name: str) -> str:
        """Return a question that can be asked."""
        text = self.text(name)
        try:
            understand(text)
        except QuestionError:
            raise self.bad(
                name, f"a question of at most {MAX_CHARACTERS:,} characters, in words"
            ) from None
        return text

    def language(self, name: str, text: str) -> Language:
        """Return the language named; where it is left out, the one that a text is in."""
        value = self.data.get(name)
        if value is None:
            return detect(text)
        if not isinstance(value, str) or value not in _LANGUAGES:
            raise self.bad(name, "kk, en or ru")
        return _LANGUAGES[value]


def name_of(path: Path) -> str:
    """Return a file's or folder's name, spelt so that it can be printed and written."""
    name = os.path.basename(os.path.abspath(path))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def path_of(path: Path) -> str:
    """Return a path for a message; of a long one the end, which tells most."""
    text = repr(str(path))
    return text if len(text) <= 200 else f"…{text[-199:]}"


def read_bytes(path: Path) -> bytes:
    """Read a regular file: a pipe would be waited for, and a device has no end.

    Raises:
        EvalError: It cannot be read.
    """
    try:
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise ValueError("not a regular file")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise EvalError(f"cannot read {path_of(path)}: {why}") from None


def decode(data: bytes, path: Path) -> str:
    """Read bytes as UTF-8, without the byte order mark.

    Raises:
        EvalError: They are none.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise EvalError(
            f"{name_of(path)} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8"
        ) from None


def json_rows(text: str, name: str) -> Iterator[Row | Problem]:
    """Give the objects of a text, one JSON object a line; blank lines are passed over."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Problem(place, f"not JSON ({error!s:.80})")
            continue
        if isinstance(data, dict):
            yield Row(place, data)
        else:
            yield Problem(place, f"{shown(data)}, expected an object")


def examples_of(
    rows: Iterator[Row | Problem], read: Callable[[Row], Example]
) -> tuple[list[Example], list[Problem]]:
    """Read each row; the second of two with one id is a problem, as is one that cannot be read."""
    examples: dict[str, Example] = {}
    problems: list[Problem] = []
    for row in rows:
        if isinstance(row, Problem):
            problems.append(row)
            continue
        try:
            example = read(row)
        except DalelError as error:
            problems.append(Problem(row.place, error.line()))
            continue
        if example.id in examples:
            problems.append(
                Problem(row.place, f"id {example.id!r:.60} is used before, expected once")
            )
        else:
            examples[example.id] = example
    return list(examples.values()), problems


def shown(value: object) -> str:
    """Return a value for a message, cut short; JSON can nest deeper than Python can print."""
    try:
        return f"{value!r:.60}"
    except RecursionError:
        return "nested too deep"


def _writable(text: str) -> str:
    r"""Replace lone surrogates, which JSON can spell (\ud800) and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
