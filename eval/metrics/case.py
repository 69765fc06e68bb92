"""What metrics have in common: the case that they measure, and how a figure is described."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:  # eval/dataset.py compares wordings itself, and must load without numpy.
    from chat.answer import Answer
    from eval.dataset import Example
    from index.retriever import Retriever
    from ingest.document import Document

Figures = dict[str, float]
"""Figures of one answer by name, each 0 to 1."""

Record = dict[str, Any]
"""One question of a run, plain data for a line of JSON: `eval.runner.ask` makes it."""

Judge = Callable[[Sequence[str], str], bool]
"""Says whether quotes, taken together, support a sentence."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a figure of a run is described.

    Attributes:
        label: What it is called.
        group: Under which heading it stands in a report.
        meaning: What it says, in a sentence.
        better: Which way is better; "" if neither is.
        unit: "" for shares and other numbers from 0 to 1; "ms".
    """

    label: str
    group: str
    meaning: str
    better: Literal["higher", "lower", ""] = "higher"
    unit: Literal["", "ms"] = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was retrieved: ids, best first, and the gain of those that are judged.

    Attributes:
        ids: As ranked.
        relevant: Gains by id.
        dense: The first ten as vectors alone rank them; empty if they were not asked.
    """

    ids: tuple[str, ...]
    relevant: Mapping[str, int]
    dense: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with all that it can be measured by.

    Attributes:
        example: What was asked, and what is known to answer it.
        answer: What was answered.
        ranking: What was retrieved for it.
        documents: All that is indexed, by id.
        judge: Says what supports a sentence of the answer.
        retriever: The index that was asked, for metrics that ask again; None if it is not there.
        threshold: The confidence below which it abstains; None for the trained one.
        has_llm: Whether a language model was to write: asking it again takes long.
    """

    example: "Example"
    answer: "Answer"
    ranking: Ranking
    documents: "Mapping[str, Document]"
    judge: Judge
    retriever: "Retriever | None" = None
    threshold: float | None = None
    has_llm: bool = False


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """One sentence of an answer, and what it cites.

    Attributes:
        text: The sentence, without its citation marks.
        quotes: The text of each citation that it has.
        out_of_range: Whether it also has a mark that stands for no citation.
    """

    text: str
    quotes: tuple[str, ...]
    out_of_range: bool = False


_MARKS: Final = re.compile(r"(?:\s*\[\d+\])+\s*\Z")


def split_answer(answer: "Answer") -> tuple[str, list[CitedSentence]]:
    """Return an answer's own words, and its sentences with what each cites.

    An answer is blocks with a blank line between: those that end in marks are sentences. A quote
    with its mark is one whatever it holds: documents have marks and blank lines of their own. The
    short answer that it may begin with is a document's words, not its own. All that a model wrote
    is the answer's own words.
    """
    quotes = {citation.mark: citation.quote for citation in answer.citations}
    if answer.mode == "llm":
        written = [
            CitedSentence(statement.text, tuple(quotes[mark] for mark in statement.marks))
            for statement in answer.statements
        ]
        return " ".join(sentence.text for sentence in written), written
    quoted_blocks = {f"{quote} [{mark}]": quote for mark, quote in quotes.items()}
    own_words, sentences = [], []
    text = f"{answer.text}\n\n".removeprefix(f"{answer.short_answer}\n\n")
    for block in _split_blocks(text, quoted_blocks):
        if block in quoted_blocks:
            sentences.append(CitedSentence(quoted_blocks[block], (quoted_blocks[block],)))
            continue
        marks = _MARKS.search(block)
        if not marks:
            own_words.append(block)
            continue
        numbers = [int(number) for number in re.findall(r"\d+", marks[0])]
        known = tuple(quotes[number] for number in numbers if number in quotes)
        out_of_range = len(known) < len(numbers)
        sentences.append(CitedSentence(block[: marks.start()], known, out_of_range))
    return " ".join(own_words), sentences


def _split_blocks(text: str, quoted_blocks: Iterable[str]) -> Iterator[str]:
    """Cut a text at blank lines, but for those inside the quoted blocks, which come in order."""
    rest = f"\n\n{text}\n\n"
    for block in quoted_blocks:
        before, separator, after = rest.partition(f"\n\n{block}\n\n")
        if separator:
            yield from _split_blocks(before, ())
            yield block
            rest = f"\n\n{after}"
    yield from (block.strip() for block in re.split(r"\n\n(?=\S)", rest) if block.strip())
