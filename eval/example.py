"""Examples: questions whose answers are known, as places in documents; and sets of them.

Out: `Example`, `EvalSet`. Gold is where the answer stands, in characters, not which chunk holds
it: cutting documents another way never spoils a set. Knows nothing of files: eval/read.py does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.document import Document, Language

Need = Literal["any", "all"]
"""Whether each gold sentence alone answers, or only all of them together."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A sentence that answers.

    Attributes:
        document_id: Where it stands.
        start: First character.
        end: One past the last.
        quote: What must stand there; empty if the set does not say.
    """

    document_id: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One question and what is known of its answer.

    Attributes:
        id: Unique in its set.
        question: As a person would ask it.
        language: The language it is asked in.
        gold: Sentences that answer it; none if the documents do not, or if only documents are
            judged.
        need: Whether one gold sentence is enough.
        answers: Short answers, each good enough; none where there is no short form.
        answerable: Whether the documents answer it.
        tags: Direction first (`kk->en`), then kinds.
        relevant: Gain of each judged document, as in qrels; empty where gold says it.
        withheld: Whether gold is taken out of the index before asking, which makes a near miss.
        response: An answer that came with the set, of another system; None if there is none.
    """

    id: str
    question: str
    language: Language
    gold: tuple[Gold, ...] = ()
    need: Need = "any"
    answers: tuple[str, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)
    withheld: bool = False
    response: str | None = None

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents that hold an answer, each once, sorted."""
        held = {gold.document_id for gold in self.gold}
        return tuple(sorted(held | {name for name, gain in self.relevant.items() if gain > 0}))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a set.

    Attributes:
        place: File and line, or the example's id.
        message: Field, value, and what was expected.
        fatal: Whether the row cannot be used; otherwise a person should look at it.
    """

    place: str
    message: str
    fatal: bool = True

    def line(self) -> str:
        """Return it as one line."""
        return " ".join(f"{self.place}: {self.message}".split())


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A set as read.

    Attributes:
        name: The file's or folder's name.
        sha256: Hex digest of all its files: two runs of one set have it in common.
        examples: The good rows, in order.
        documents: What to ask, if the set brings its documents; None to ask what is indexed.
        problems: What was wrong with other rows.
    """

    name: str
    sha256: str
    examples: tuple[Example, ...]
    documents: tuple[Document, ...] | None
    problems: tuple[Problem, ...]
