"""Reading sets: each row a question, a passage that answers it, and where in it (SQuAD, KazQAD).

    {"id", "question", "context", "title"?, "pid"?,
     "answers": {"text": […], "answer_start": […]}  or  [{"text", "answer_start"}, …]}

The passages become documents. Rows that ask the same question become one example with several gold
sentences, but where each is asked of its own passage only: then a row is an example, as in the
papers. Rajpurkar et al. 2016, arXiv:1606.05250; Yeshpanov et al. 2024, arXiv:2404.04487
(KazQAD).
"""

from dataclasses import replace
from typing import Annotated, Any, Final

from pydantic import Field

from eval.dataset import DatasetProblem, EvalSet, Example, Gold
from eval.formats import own
from eval.formats.rows import (
    Id,
    Offset,
    Question,
    RowModel,
    SetRow,
    SetSource,
    Text,
    Texts,
    read_examples,
)
from ingest.document import Document, text_sha256
from ingest.errors import EvalError
from ingest.language import detect
from ingest.sentence import sentences

EXPECTED: Final = "a .jsonl of reading rows (question, context, answers)"


class _AnswerRow(RowModel):
    text: Text
    answer_start: Offset


class _AnswerColumns(RowModel):
    """Answers as SQuAD's tables have them: texts in one list, places in another."""

    text: Texts = ()
    answer_start: Any = None


class _ReadingRow(RowModel):
    id: Id
    question: Question
    context: Text
    answers: Annotated[tuple[_AnswerRow, ...], Field(description="a list of objects")] = ()
    pid: Id = ""
    title: Text = ""


def recognises(source: SetSource) -> bool:
    """Say whether most of a file's lines bring a context."""
    if source.suffix not in own.JSON_SUFFIXES:
        return False
    with_context = ["context" in row.data for row in source.json_rows if isinstance(row, SetRow)]
    return any(with_context) and 2 * sum(with_context) >= len(with_context)


def read(source: SetSource) -> EvalSet:
    """Read a set.

    Raises:
        EvalError: The file cannot be read.
    """
    documents: dict[str, Document] = {}
    examples, problems = read_examples(source.json_rows, lambda row: _read_row(row, documents))
    if source.given:
        return source.as_set(examples, problems, [*documents.values()])
    by_question: dict[str, Example] = {}
    for example in examples:
        same = by_question.get(example.question)
        by_question[example.question] = _merge(same, example) if same else example
    return source.as_set([*by_question.values()], problems, [*documents.values()])


def read_questions(source: SetSource) -> tuple[list[Example], list[DatasetProblem]]:
    """Read rows for their questions alone.

    Raises:
        EvalError: The file cannot be read.
    """
    return own.read_questions(source)


def _merge(first: Example, second: Example) -> Example:
    return replace(
        first,
        gold=tuple(dict.fromkeys([*first.gold, *second.gold])),
        answers=tuple(dict.fromkeys([*first.answers, *second.answers])),
    )


def _read_row(row: SetRow, documents: dict[str, Document]) -> Example:
    fields = _with_answer_rows(row).parse(_ReadingRow)
    text = fields.context
    if not fields.answers:
        raise row.error("answers", "at least one answer")
    for answer in fields.answers:
        start, end = answer.answer_start, answer.answer_start + len(answer.text)
        if text[start:end] != answer.text:
            raise EvalError(
                f"answer_start is {start}, but {answer.text!r:.60} does not stand there in the"
                " context"
            )
    name, sha256 = fields.pid or text_sha256(text)[:16], text_sha256(text)
    document = Document(name, fields.title, detect(text), text, source=name, sha256=sha256)
    if documents.setdefault(document.id, document).text != text:
        raise row.error("pid", "one context for each id")
    return Example(
        id=fields.id,
        question=fields.question,
        language=detect(fields.question),
        gold=tuple(dict.fromkeys(_gold(document, answer) for answer in fields.answers)),
        answers=tuple(dict.fromkeys(answer.text for answer in fields.answers)),
        tags=("reading",),
    )


def _with_answer_rows(row: SetRow) -> SetRow:
    """Return a row whose answers are a list of objects, however the file has them."""
    answers = row.data.get("answers")
    if not isinstance(answers, dict):
        return row
    columns_row = SetRow(row.place, answers, "answers: ")
    columns = columns_row.parse(_AnswerColumns)
    starts = columns.answer_start
    if not isinstance(starts, list) or len(starts) != len(columns.text):
        raise columns_row.error("answer_start", f"a list of {len(columns.text)} whole numbers")
    if not starts:
        raise row.error("answers", "at least one answer")
    answer_rows = [
        {"text": text, "answer_start": start}
        for text, start in zip(columns.text, starts, strict=True)
    ]
    return replace(row, data={**row.data, "answers": answer_rows})


def _gold(document: Document, answer: _AnswerRow) -> Gold:
    """Return the sentence that holds the most of an answer; the answer itself if none does."""
    start, end = answer.answer_start, answer.answer_start + len(answer.text)
    spans = [span for span in sentences(document.text) if span[0] < end and start < span[1]]
    best = max(spans, key=lambda s: min(s[1], end) - max(s[0], start), default=(start, end))
    return Gold(document.id, *best, quote=document.text[slice(*best)])
