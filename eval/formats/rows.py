"""Rows of a set's files: validated by pydantic; what is wrong is told by file, line and field.

A format describes its row as a `RowModel`, whose fields have the types below. The description of a
field is what people read when a value is not so:

    questions.jsonl, line 3: gold[1]: start is -1, expected a whole number from 0
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from chat.question import MAX_CHARACTERS, understand
from eval.dataset import DatasetProblem, EvalSet, Example
from ingest.document import Document, Language
from ingest.errors import DalelError, EvalError, QuestionError

MAX_ID_CHARACTERS: Final = 4_096
"""A document's id may be the path of its file, and paths are as long as that."""

_EXPECTED: Final = "expected"
"""Type of pydantic's errors whose message is what was expected."""


def expected(text: str, *, field: str | None = None) -> PydanticCustomError:
    """Return the error of a validator that says itself what was expected.

    Args:
        text: What was expected.
        field: Of a validator of a whole row, the field that is to blame.
    """
    return PydanticCustomError(_EXPECTED, "{expected}", {"expected": text, "field": field})


def _replace_surrogates(value: object) -> object:
    r"""Replace lone surrogates, which JSON can spell (\ud800) and no file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _require_words(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


def parse_id(value: object) -> str:
    """Return an id: a string without white space at its ends, or a whole number.

    Raises:
        ValueError: It is neither, blank, or too long.
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return repr(value)
    if isinstance(value, str) and value.strip() and len(value) <= MAX_ID_CHARACTERS:
        return str(_replace_surrogates(value.strip()))
    raise ValueError("no id")


def _require_askable(text: str) -> str:
    try:
        understand(text)
    except QuestionError:
        raise expected(f"a question of at most {MAX_CHARACTERS:,} characters, in words") from None
    return text


Text = Annotated[
    StrictStr,
    AfterValidator(_require_words),
    BeforeValidator(_replace_surrogates),
    Field(description="a string that is not empty"),
]
Texts = Annotated[tuple[Text, ...], Field(description="a list of strings that are not empty")]
Question = Annotated[Text, AfterValidator(_require_askable)]
Id = Annotated[
    StrictStr,
    BeforeValidator(parse_id),
    Field(
        description=f"an id: a string of at most {MAX_ID_CHARACTERS} characters, or a whole number"
    ),
]
Offset = Annotated[StrictInt, Field(ge=0, lt=10**12, description="a whole number from 0")]
Flag = Annotated[StrictBool, Field(description="true or false")]
NamedLanguage = Annotated[Language | None, Field(description="kk, en or ru")]
"""None where the set leaves it to us to tell."""


class RowModel(BaseModel):
    """One object of a set's file; fields that nobody knows are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


Model = TypeVar("Model", bound=RowModel)


@dataclass(frozen=True, slots=True)
class SetRow:
    """One object: `data`, the `place` (file and line) of its row, and where `within` that row."""

    place: str
    data: Mapping[str, Any]
    within: str = ""

    def parse(self, model: type[Model]) -> Model:
        """Return the row as a format describes it.

        Raises:
            EvalError: A field is not as expected.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            details = error.errors(include_url=False)[0]
        raise self._translate(model, details)

    def error(self, name: str, text: str) -> EvalError:
        """Return the error of a field that is not what was expected."""
        given = f"is {shorten(self.data[name])}" if name in self.data else "is missing"
        return EvalError(f"{self.within}{name} {given}, expected {text}")

    def _translate(self, model: type[BaseModel], details: ErrorDetails) -> EvalError:
        """Return one of pydantic's errors as ours: field, its whole value, what was expected."""
        context = details.get("ctx", {}) if details["type"] == _EXPECTED else {}
        location = [*details["loc"], *([context["field"]] if context.get("field") else [])]
        if len(location) > 2:  # A field of a row in a list of rows.
            name, number = str(location[0]), int(location[1])
            inner = SetRow(self.place, self.data[name][number], f"{self.within}{name}[{number}]: ")
            row_model = get_args(_field(model, name).annotation)[0]
            return inner._translate(row_model, details | {"loc": tuple(details["loc"][2:])})
        name = str(location[0])
        return self.error(name, context.get("expected") or str(_field(model, name).description))


def _field(model: type[BaseModel], name: str) -> FieldInfo:
    """Return a field by the name that it has in files."""
    fields = model.model_fields.items()
    return next(field for own_name, field in fields if name == (field.alias or own_name))


# --- files ------------------------------------------------------------------------------------


class SetSource:
    """A file or a folder that a set is read from, opened when it is first asked for."""

    def __init__(self, path: Path, *, given: bool = False) -> None:
        """Point at a path; nothing is read yet.

        Args:
            path: The file or the folder.
            given: Whether each question will be asked of its own passage only.
        """
        self.path = path
        self.given = given
        self.name = file_name(path)
        self.is_folder = os.path.isdir(path)  # Path.is_dir() raises if the path is too long.
        self.suffix = "" if self.is_folder else path.suffix.lower()

    @cached_property
    def data(self) -> bytes:
        """The bytes of the file.

        Raises:
            EvalError: It cannot be read.
        """
        return read_bytes(self.path)

    @cached_property
    def text(self) -> str:
        """The file as UTF-8.

        Raises:
            EvalError: It cannot be read, or is none.
        """
        return decode(self.data, self.path)

    @cached_property
    def json_rows(self) -> "Sequence[SetRow | DatasetProblem]":
        """The file's JSON objects, one a line."""
        return tuple(json_rows(self.text, self.name))

    def as_set(
        self,
        examples: Sequence[Example],
        problems: Sequence[DatasetProblem],
        documents: Sequence[Document] = (),
    ) -> EvalSet:
        """Return what was read of the file as a set."""
        return EvalSet(
            name=self.name,
            sha256=hashlib.sha256(self.data).hexdigest(),
            examples=tuple(examples),
            documents=tuple(documents) or None,
            problems=tuple(problems),
        )


def file_name(path: Path) -> str:
    """Return a file's or folder's name, spelt so that it can be printed and written."""
    name = os.path.basename(os.path.abspath(path))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def path_for_message(path: Path) -> str:
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
        raise EvalError(f"cannot read {path_for_message(path)}: {why}") from None


def decode(data: bytes, path: Path) -> str:
    """Read bytes as UTF-8, without the byte order mark.

    Raises:
        EvalError: They are none.
    """
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise EvalError(
            f"{file_name(path)} is not UTF-8 text (byte {error.start})", hint="save it as UTF-8"
        ) from None


def json_rows(text: str, name: str) -> Iterator[SetRow | DatasetProblem]:
    """Give the objects of a text, one JSON object a line, or all in one JSON array.

    Blank lines are passed over, and so are commas at the ends of lines.
    """
    if array := _array(text):
        for number, data in enumerate(array, start=1):
            yield _row(f"{name}, row {number}", data)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            data = json.loads(line.rstrip().removesuffix(","))
        except (ValueError, RecursionError) as error:
            yield DatasetProblem(place, f"not JSON ({error!s:.80})")
            continue
        yield _row(place, data)


def _array(text: str) -> list[Any]:
    """Return what a JSON array holds; nothing if the text is none."""
    if not text.lstrip().startswith("["):
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _row(place: str, data: object) -> SetRow | DatasetProblem:
    if isinstance(data, dict):
        return SetRow(place, data)
    return DatasetProblem(place, f"{shorten(data)}, expected an object")


def read_examples(
    rows: Iterable[SetRow | DatasetProblem], read_row: Callable[[SetRow], Example]
) -> tuple[list[Example], list[DatasetProblem]]:
    """Read each row; the second of two with one id is a problem, as is one that cannot be read."""
    examples: dict[str, Example] = {}
    problems: list[DatasetProblem] = []
    for row in rows:
        if isinstance(row, DatasetProblem):
            problems.append(row)
            continue
        try:
            example = read_row(row)
        except DalelError as error:
            problems.append(DatasetProblem(row.place, error.line()))
            continue
        if example.id in examples:
            message = f"id {example.id!r:.60} is used before, expected once"
            problems.append(DatasetProblem(row.place, message))
        else:
            examples[example.id] = example
    return list(examples.values()), problems


def shorten(value: object) -> str:
    """Return a value for a message, cut short; JSON can nest deeper than Python can print."""
    try:
        return f"{value!r:.60}"
    except RecursionError:
        return "nested too deep"
