"""A quote in the asker's language, by a language model: to be read, never cited.

The model is shown the quote as data, between marks that no document can know. What it writes must
be in the language that is asked for, and is held against the quote: numbers, dates, names and
addresses that only one of the two has are told. Nothing that it writes is fetched or run.
"""

from dataclasses import dataclass
from typing import Final

from chat.facts import missing_facts
from chat.generator import MIN_TELLING_WORDS, new_keys
from chat.llm import LLM, LLMFailure, stream_text
from ingest.document import Language
from ingest.language import detect
from ingest.sentence import sentences
from prompts.render import render

MAX_SOURCE_CHARACTERS: Final = 1_500
"""Characters of a quote that are translated; of a longer one, its first sentences."""

TRANSLATION_SECONDS: Final = 45.0
"""Most seconds for a translation: somebody waits for it, and cannot stop it."""

_MAX_GROWTH: Final = 3
_SPARE_CHARACTERS: Final = 200
"""A translation has at most so many times the characters of its quote, and so many more."""


@dataclass(frozen=True, slots=True)
class Translation:
    """What a model makes of a quote in another language.

    Attributes:
        text: The translation.
        model: The model that wrote it.
        whole: Whether all of the quote was translated.
        added: Numbers, dates, names and addresses of it that the quote does not have.
        lost: Those of the quote that it does not have.
    """

    text: str
    model: str
    whole: bool
    added: tuple[str, ...]
    lost: tuple[str, ...]


def translate(
    quote: str,
    quote_language: Language,
    language: Language,
    llm: LLM,
) -> Translation:
    """Let a model translate a quote.

    Args:
        quote: What a document says.
        quote_language: The language that it is in.
        language: The language to translate it into.
        llm: What translates.

    Raises:
        LLMFailure: The model failed, went on without end, or wrote nothing in that language.
    """
    source = _beginning(quote)
    [key] = new_keys(1, source)
    prompt = render("translate", language), render("passage", language, key=key, text=source)
    limit = llm.deadline().at_most(TRANSLATION_SECONDS)
    most = _MAX_GROWTH * len(source) + _SPARE_CHARACTERS
    text = ""
    for piece in stream_text(llm.model, prompt, limit):
        text += piece
        if len(text) > most:
            raise LLMFailure("nonsense")
    text = _without_marks(text, key)
    if not any(map(str.isalnum, text)):
        raise LLMFailure("nonsense")
    if len(text.split()) >= MIN_TELLING_WORDS and detect(text) != language:
        raise LLMFailure("language")
    return Translation(
        text=text,
        model=llm.spec.name,
        whole=source == quote,
        added=tuple(missing_facts(text, language, [(source, quote_language)])),
        lost=tuple(missing_facts(source, quote_language, [(text, language)])),
    )


def _beginning(text: str) -> str:
    """Return a text, or of a long one its first sentences; of one long sentence, its beginning."""
    if len(text) <= MAX_SOURCE_CHARACTERS:
        return text
    ends = [end for _, end in sentences(text) if end <= MAX_SOURCE_CHARACTERS]
    return text[: ends[-1] if ends else MAX_SOURCE_CHARACTERS]


def _without_marks(text: str, key: str) -> str:
    """Return what a model wrote without the marks of its prompt, which small ones repeat."""
    for mark in (f"<<<{key}", f"{key}>>>", key):
        text = text.replace(mark, "")
    return text.strip()
