"""BEIR's `corpus.jsonl`: one document a line, `{"_id", "text", "title"?, "lang"?}`.

The ids stay as they are. Format: Thakur et al. 2021, arXiv:2104.08663; `lang` is an addition.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from ingest.document import Language, Parsed
from ingest.encoding import decode
from ingest.errors import CorpusError

_LANGUAGES = get_args(Language)


def read(data: bytes, encoding: str | None = None) -> Iterator[Parsed]:
    r"""Yield the documents of a BEIR corpus.

    >>> next(read('{"_id": "d1", "text": "Ұлы дала", "lang": "kk"}\n'.encode())).id
    'd1'

    Raises:
        CorpusError: A line is not a JSON object whose `_id` and `text` are strings with content.
    """
    text, notes = decode(data, encoding)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield replace(_document(line, number), notes=notes)
            notes = ()  # They are of the file: told once.


def _document(line: str, number: int) -> Parsed:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"line {number} is not JSON ({error})") from None
    if not isinstance(row, dict):
        raise CorpusError(f"line {number} is {row!r:.40}, expected an object with _id and text")
    values = {name: _clean(value) for name, value in row.items() if isinstance(value, str)}
    for field in ("_id", "text"):
        if not values.get(field, "").strip():
            raise CorpusError(
                f"line {number}: {field} is {row.get(field)!r:.40}, expected a string that is not"
                " empty",
                hint='a corpus line is {"_id": …, "title": …, "text": …}',
            )
    language = row.get("lang")
    return Parsed(
        values["text"],
        title=values.get("title", ""),
        id=values["_id"],
        language=language if language in _LANGUAGES else None,
    )


def _clean(text: str) -> str:
    r"""Drop NUL and lone surrogates: JSON can escape them (\ud800), no text file contains them."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
