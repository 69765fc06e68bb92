"""Passages with their questions, as models are trained on: those that are held out are asked.

All passages of the file become documents, and the tenth that training never sees is asked of them.
The layout is told in eval/training/reading_rows.py.
"""

from typing import Final

from eval.dataset import DatasetProblem, EvalSet, Example
from eval.formats import own
from eval.formats.rows import SetRow, SetSource, path_for_message
from eval.training.reading_rows import development_set
from ingest.errors import EvalError

EXPECTED: Final = "a .jsonl of passages with their questions (a tenth is asked)"


def recognises(source: SetSource) -> bool:
    """Say whether a file's rows are passages with questions."""
    if source.suffix not in own.JSON_SUFFIXES:
        return False
    rows = [row.data for row in source.json_rows if isinstance(row, SetRow)]
    return bool(rows) and all({"id", "text", "questions"} <= row.keys() for row in rows)


def read(source: SetSource) -> EvalSet:
    """Read a set.

    Raises:
        EvalError: The file cannot be read, or a row is not as it should be.
    """
    try:
        return development_set(source.path)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise EvalError(
            f"{path_for_message(source.path)} is no file of passages with questions: {error!r}",
            hint="eval/training/reading_rows.py tells the layout",
        ) from error


def read_questions(source: SetSource) -> tuple[list[Example], list[DatasetProblem]]:
    """Read the questions alone.

    Raises:
        EvalError: As `read` raises it.
    """
    return [*read(source).examples], []
