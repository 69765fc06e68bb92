"""What is said to Dalel itself: who it is, «рахмет», «ок», a lone «Неге?».

In: what was typed. Out: what it is, if it is no question that documents answer, and a short reply
that says what Dalel is and what to ask. It is recognised by its embedding with a linear model,
`talk.json`, like a question about the collection (chat/collection.py).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from chat.answer import Answer
from chat.intent_model import IntentModel, read_model
from index.retriever import Retriever
from ingest.document import Language
from ingest.language import detect
from ingest.sentence import sentences
from prompts.render import render

TRAINED: Final = Path(__file__).with_name("talk.json")
"""The model, and the record of its training."""

MAX_NAMED: Final = 3
"""Documents that are named at most as what to ask of."""

_MAX_NAME_CHARACTERS: Final = 80

TalkIntent = Literal["dalel", "greeting", "thanks", "farewell", "assent", "bare"]
"""Who answers, and how; words of courtesy; «иә», «ок»; and a question word alone, which leans on
something that was not said: «Неге?», "Source?"."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Something said to Dalel.

    Attributes:
        text: What was typed.
        language: Its language.
        intent: What it is.
    """

    text: str
    language: Language
    intent: TalkIntent


def talk_model() -> IntentModel:
    """Return the model of talk.json."""
    return read_model(TRAINED)


def hear(said: str, retriever: Retriever) -> Talk | None:
    """Return what is said to Dalel itself; None for a question, also one behind a word of thanks.

    Args:
        said: What was typed, as `chat.question.understand` returns it.
        retriever: What is searched; its model embeds what was typed.
    """
    intent = talk_model().recognise(said, retriever)
    if intent is None:
        return None
    spans = sentences(said)
    parts = [said[start:end] for start, end in spans] if len(spans) > 1 else []
    if not all(talk_model().recognise(part, retriever) for part in parts):
        return None
    return Talk(said, detect(said), cast("TalkIntent", intent))


def reply(talk: Talk, retriever: Retriever) -> Answer:
    """Reply to what was said; it abstains, since no document is asked."""
    names = [document.name for document in retriever.visible_documents[:MAX_NAMED]]
    text = render("talk", talk.language, intent=talk.intent, names=list(map(_short, names)))
    return Answer(
        question=talk.text,
        language=talk.language,
        mode="talk",
        abstained=True,
        confidence=0.0,
        text=text,
        citations=(),
        passages=(),
        timings_ms={},
    )


def _short(name: str) -> str:
    """Return a document's name on one line, cut if it is long."""
    line = " ".join(name.split())
    return line if len(line) <= _MAX_NAME_CHARACTERS else f"{line[:_MAX_NAME_CHARACTERS].rstrip()}…"
