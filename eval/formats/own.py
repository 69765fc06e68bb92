"""Dalel's own sets: one example a line, gold as places in documents.

    {"id", "question", "language"?, "gold": [{"document_id", "start", "end", "quote"?}],
     "need": "any"|"all", "answers": […], "answerable": true, "judged": true,
     "tags": ["kk->en", "when"]}

In: a row. Out: an `Example`. eval/sets/README.md explains every field.
"""

from eval.example import Example, Gold, Need
from eval.formats.row import Row

_NEED: dict[str, Need] = {"any": "any", "all": "all"}


def read(row: Row) -> Example:
    """Read a row.

    Raises:
        EvalError: A field is not as expected.
    """
    question = row.question("question")
    gold = tuple(map(_gold, row.rows("gold")))
    answerable = row.flag("answerable", default=True)
    answers = row.texts("answers")
    judged = row.flag("judged", default=True)
    if answerable and judged and not gold and not answers:
        raise row.bad("gold", "at least one sentence or short answer, or answerable false")
    if not answerable and gold:
        raise row.bad("gold", "none where answerable is false")
    need = row.text("need", "any")
    if need not in _NEED:
        raise row.bad("need", '"any" or "all"')
    return Example(
        id=row.name("id"),
        question=question,
        language=row.language("language", question),
        gold=gold,
        need=_NEED[need],
        answers=answers,
        answerable=answerable,
        tags=row.texts("tags"),
    )


def _gold(row: Row) -> Gold:
    gold = Gold(
        document_id=row.name("document_id"),
        start=row.number("start"),
        end=row.number("end"),
        quote=row.text("quote", ""),
    )
    if gold.start >= gold.end:
        raise row.bad("end", f"more than start, which is {gold.start}")
    return gold
