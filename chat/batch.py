"""Many questions at once: read from a file of JSON lines, and a line or more written for each."""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chat.answer import Answer, FailedAnswer
from chat.llm import LLM
from chat.pipeline import answer
from chat.question import understand
from chat.terminal import progress_bar
from index.retriever import Legs, Retriever
from ingest.errors import ConfigError, QuestionError


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """One question of a file.

    Attributes:
        place: Its file and line, for those who must look there.
        id: The asker's own name for it; an integer is kept as its digits.
        text: The question as it stands there, maybe one that cannot be asked.
    """

    place: str
    id: str
    text: str


def read_batch(path: Path, *, id_field: str, text_field: str) -> list[BatchQuestion]:
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
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            questions.append(_read_line(line, f"{path}, line {number}", id_field, text_field))
    if not questions:
        raise ConfigError(f"{str(path)!r} holds no questions, expected one JSON object a line")
    return questions


def _read_line(line: str, place: str, id_field: str, text_field: str) -> BatchQuestion:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: not JSON ({error})") from None
    if not isinstance(row, dict):
        raise ConfigError(f"{place}: {row!r:.40}, expected an object")
    name, text = row.get(id_field), row.get(text_field)
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise ConfigError(f"{place}: {id_field} is {name!r:.40}, expected a string")
    if not isinstance(text, str):
        raise ConfigError(f"{place}: {text_field} is {text!r:.40}, expected a string")
    return BatchQuestion(place, _without_surrogates(str(name)), _without_surrogates(text))


def _without_surrogates(text: str) -> str:
    r"""Replace lone surrogates, which JSON can spell (\ud800) and no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def trec_lines(asked: BatchQuestion, retriever: Retriever, k: int, legs: Legs) -> Iterator[str]:
    """Yield the lines of a TREC run for one question, `qid Q0 document_id rank score dalel`.

    A question that cannot be asked has none; standard error tells why.

    Args:
        asked: The question.
        retriever: The index.
        k: How many documents, each with the score of its best chunk.
        legs: What ranks.
    """
    try:
        question = understand(asked.text)
    except QuestionError as error:
        sys.stderr.write(f"dalel: {asked.place}: {error.line()}\n")
        return
    for hit in retriever.search_documents(question, k, legs):
        fields = (trec_field(asked.id), "Q0", trec_field(hit.chunk.document_id), str(hit.rank))
        yield " ".join([*fields, f"{hit.score:.6f}", "dalel"])


def trec_field(name: str) -> str:
    """Write a name as a field of a TREC file, which white space would end; no two are the same.

    >>> trec_field("a b.txt"), trec_field("a_b.txt"), trec_field("100%"), trec_field("a%20b.txt")
    ('a%20b.txt', 'a_b.txt', '100%', 'a%2520b.txt')
    """
    escaped = re.sub("%(?=[0-9A-Fa-f]{2})", "%25", name)
    return "".join(quote(each) if each.isspace() else each for each in escaped)


def answer_line(
    asked: BatchQuestion,
    retriever: Retriever,
    llm: LLM | None,
    *,
    threshold: float | None,
) -> str:
    """Return the answer to one question as JSON; what cannot be asked is answered by its error."""
    result: Answer | FailedAnswer
    try:
        answered = answer(asked.text, retriever, llm, threshold=threshold)
        result = answered.model_copy(update={"id": asked.id})
    except QuestionError as error:
        result = FailedAnswer(id=asked.id, question=asked.text, error=error.line())
    return json.dumps(result.data(), ensure_ascii=False)


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
