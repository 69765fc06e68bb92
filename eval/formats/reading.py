"""Reading sets: each row a question, a passage that answers it, and where in it (SQuAD, KazQAD).

    {"id", "question", "context", "title"?, "pid"?, "qid"?,
     "answers": {"text": […], "answer_start": […]}  or  [{"text", "answer_start"}, …]}

In: rows. Out: examples, and the passages as documents. Rows that ask the same question become one
example with several gold sentences. Rajpurkar et al. 2016, arXiv:1606.05250; Yeshpanov et al.
2024, arXiv:2404.04487 (KazQAD).
"""

from collections.abc import Iterator
from dataclasses import replace

from eval.example import Example, Gold, Problem
from eval.formats.row import Row, examples_of
from ingest.document import Document, text_sha256
from ingest.errors import EvalError
from ingest.language import detect
from ingest.sentence import sentences


def read(rows: Iterator[Row | Problem]) -> tuple[list[Example], list[Document], list[Problem]]:
    """Read all rows."""
    documents: dict[str, Document] = {}
    examples, problems = examples_of(rows, lambda row: _example(row, documents))
    merged: dict[str, Example] = {}
    for example in examples:
        same = merged.get(example.question)
        merged[example.question] = _merge(same, example) if same else example
    return list(merged.values()), list(documents.values()), problems


def _merge(first: Example, second: Example) -> Example:
    return replace(
        first,
        gold=tuple(dict.fromkeys([*first.gold, *second.gold])),
        answers=tuple(dict.fromkeys([*first.answers, *second.answers])),
    )


def _example(row: Row, documents: dict[str, Document]) -> Example:
    name, question, text = row.name("id"), row.question("question"), row.text("context")
    answers = _answers(row)
    if not answers:
        raise row.bad("answers", "at least one answer")
    for answer, start in answers:
        if text[start : start + len(answer)] != answer:
            raise EvalError(
                f"answer_start is {start}, but {answer!r:.60} does not stand there in the context"
            )
    document = _document(row, text)
    if documents.setdefault(document.id, document).text != text:
        raise row.bad("pid", "one context for each id")
    return Example(
        id=name,
        question=question,
        language=detect(question),
        gold=tuple(
            dict.fromkeys(
                gold for answer, start in answers for gold in _gold(document, answer, start)
            )
        ),
        answers=tuple(dict.fromkeys(answer for answer, _ in answers)),
        tags=("reading",),
    )


def _answers(row: Row) -> list[tuple[str, int]]:
    if isinstance(row.data.get("answers"), dict):
        inner = Row(row.place, row.data["answers"], "answers: ")
        starts = inner.data.get("answer_start")
        texts = inner.texts("text")
        if not isinstance(starts, list) or len(starts) != len(texts):
            raise inner.bad("answer_start", f"a list of {len(texts)} whole numbers")
        each = [
            Row(row.place, {"text": text, "answer_start": start}, f"answers[{n}]: ")
            for n, (text, start) in enumerate(zip(texts, starts, strict=True))
        ]
    else:
        each = row.rows("answers")
    return [(answer.text("text"), answer.number("answer_start")) for answer in each]


def _document(row: Row, text: str) -> Document:
    name = row.name("pid") if "pid" in row.data else text_sha256(text)[:16]
    title = row.text("title", "")
    return Document(name, title, detect(text), text, source=name, sha256=text_sha256(text))


def _gold(document: Document, answer: str, start: int) -> list[Gold]:
    """Return the sentence that holds the most of an answer; the answer itself if none does."""
    end = start + len(answer)
    spans = [span for span in sentences(document.text) if span[0] < end and start < span[1]]
    best = max(spans, key=lambda s: min(s[1], end) - max(s[0], start), default=(start, end))
    return [Gold(document.id, *best, quote=document.text[slice(*best)])]
