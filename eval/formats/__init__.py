"""Formats that evaluation sets come in: a set's path in, its examples out; bad rows are told.

A format is one module here, imported and named in FORMATS. The module has

    EXPECTED                what people may give, in words
    recognises(source)      whether a file or folder is of this format
    read(source)            the set: examples, documents if it brings any, problems
    read_questions(source)  its questions alone, whatever is known of their answers
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from eval.dataset import DatasetProblem, EvalSet, Example
from eval.formats import beir_folder, own, ragas, reading, training_rows
from eval.formats.rows import SetSource, path_for_message, read_bytes
from ingest.errors import EvalError


class SetFormat(Protocol):
    """A module that reads sets of one format."""

    @property
    def EXPECTED(self) -> str:
        """What people may give, in words: "a .csv (user_input, reference)"."""

    def recognises(self, source: SetSource, /) -> bool:
        """Say whether a file or folder is of this format."""

    def read(self, source: SetSource, /) -> EvalSet:
        """Read a set."""

    def read_questions(self, source: SetSource, /) -> tuple[list[Example], list[DatasetProblem]]:
        """Read the questions of a set, whatever is known of their answers."""


FORMATS: Final[tuple[SetFormat, ...]] = (training_rows, reading, own, ragas, beir_folder)
"""Modules of formats: the first that recognises a path reads it."""

_NAMES: Final = [set_format.EXPECTED for set_format in FORMATS]

EXPECTED: Final = f"expected {', '.join(_NAMES[:-1])} or {_NAMES[-1]}"


def read_set(path: Path, *, strict: bool = False, given: bool = False) -> EvalSet:
    """Read a set.

    Args:
        path: A file or folder of one of FORMATS.
        strict: Whether a bad row is an error; otherwise it is told and the others are used.
        given: Whether each question is asked of its own passage only, the documents that hold
            what answers; those that have none are left out.

    Raises:
        EvalError: The set cannot be read, no row is good, `strict` and one is bad, or `given` and
            none has a passage.
        CorpusError: Documents that come with it cannot be read.
    """
    source = SetSource(path, given=given)
    set_format = _recognise(source)
    if set_format is None:
        if not os.path.isfile(path):  # It is not there, or no file: the error says which.
            read_bytes(path)
        raise EvalError(f"no set can be read from {path_for_message(path)}", hint=EXPECTED)
    eval_set = set_format.read(source)
    problems = eval_set.problems
    if strict and problems:
        raise EvalError(
            f"{len(problems)} bad rows in {eval_set.name}; first: {problems[0].line()}",
            hint="leave out --strict to run the good ones",
        )
    if not eval_set.examples:
        first = f"; {problems[0].line()}" if problems else ""
        message = f"{path_for_message(path)} holds no question that can be used{first}"
        raise EvalError(message, hint=EXPECTED)
    return _with_passages(eval_set) if given else eval_set


def read_questions(path: Path) -> list[Example]:
    """Read a file or a folder for its questions alone, whatever is known of their answers.

    A file whose name says nothing is read as JSON lines.

    Raises:
        EvalError: It cannot be read, or holds no question.
    """
    source = SetSource(path)
    set_format = _recognise(source) or own
    examples, problems = set_format.read_questions(source)
    if not examples:
        first = f"; {problems[0].line()}" if problems else ""
        raise EvalError(f"{path_for_message(path)} holds no question{first}")
    return examples


def _with_passages(eval_set: EvalSet) -> EvalSet:
    """Ask each question of its own passage only: reading by itself, without retrieval.

    Raises:
        EvalError: None has one.
    """
    given = tuple(replace(one, given=one.documents) for one in eval_set.examples if one.documents)
    if not given:
        raise EvalError(
            f"no question of {eval_set.name} has a passage of its own",
            hint="leave out --given: the set does not say which documents answer",
        )
    return replace(eval_set, examples=given)


def _recognise(source: SetSource) -> SetFormat | None:
    return next((one for one in FORMATS if one.recognises(source)), None)


def off_topic(examples: list[Example]) -> list[Example]:
    """Turn another corpus' questions into unanswerable ones."""
    return [
        Example(
            id=f"off-topic:{example.id}",
            question=example.question,
            language=example.language,
            answerable=False,
            tags=("off-topic",),
        )
        for example in examples
    ]


def near_misses(examples: tuple[Example, ...]) -> list[Example]:
    """Ask each answerable question once more, with what answers it taken out of the index."""
    return [
        replace(
            example,
            id=f"near-miss:{example.id}",
            answerable=False,
            withheld=True,
            tags=(*example.tags, "near-miss"),
        )
        for example in examples
        if example.answerable and example.documents
    ]
