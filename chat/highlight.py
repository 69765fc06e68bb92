"""What is pointed out in a document: a quote in its paragraph, its words that answer, words shared.

All are made here once, for the page and the terminal alike.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from index.analysis.analyzer import query_terms, terms
from ingest.document import Document, Language, Span, paragraphs

MAX_PAIRS: Final = 6
"""Pairs of matching words that are returned at most; more would not be read."""

_WORD: Final = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A place in a document, with the words around it in its paragraph.

    `before + text + after` is the whole paragraph, unless it is long; then `before` begins, or
    `after` ends, with "…" at the border of a word.

    Attributes:
        paragraph_number: Number of the paragraph that the place begins in, from 1.
        paragraph_count: How many paragraphs the document has.
        before: What stands before the place in its paragraph.
        text: The place itself, always whole, as the document has it.
        after: What stands after it, to the end of the paragraph that the place ends in.
        previous_paragraph: The paragraph before; empty at the beginning of the document.
        next_paragraph: The paragraph after; empty at the end of the document.
    """

    paragraph_number: int
    paragraph_count: int
    before: str
    text: str
    after: str
    previous_paragraph: str = ""
    next_paragraph: str = ""


def excerpt(
    document: Document,
    span: Span,
    context_characters: int,
    *,
    neighbour_characters: int = 0,
    paragraph_spans: Sequence[Span] | None = None,
) -> Excerpt:
    """Return a place in a document with the words around it.

    Args:
        document: The document.
        span: The place; it may reach over several paragraphs.
        context_characters: How much of the paragraph is kept on either side of the place.
        neighbour_characters: How much is kept of the paragraphs before and after; 0 for none.
        paragraph_spans: `paragraphs(document.text)`, for callers that cut several excerpts from
            one document.
    """
    text = document.text
    spans = paragraphs(text) if paragraph_spans is None else paragraph_spans
    spans = spans or [(0, len(text))]  # Of white space alone.
    # A place may begin or end in the white space between paragraphs, or before the first one.
    first = max(0, sum(start <= span[0] for start, _ in spans) - 1)
    last = max(first, sum(start < span[1] for start, _ in spans) - 1)
    start, end = min(spans[first][0], span[0]), max(spans[last][1], span[1])
    previous_span = spans[first - 1] if first else (0, 0)
    next_span = spans[last + 1] if last + 1 < len(spans) else (0, 0)
    wanted = neighbour_characters > 0
    return Excerpt(
        paragraph_number=first + 1,
        paragraph_count=len(spans),
        before=_last_words(text[start : span[0]], context_characters),
        text=text[slice(*span)],
        after=_first_words(text[span[1] : end], context_characters),
        previous_paragraph=_last_words(text[slice(*previous_span)], neighbour_characters) * wanted,
        next_paragraph=_first_words(text[slice(*next_span)], neighbour_characters) * wanted,
    )


def between(text: str, context_characters: int) -> str:
    """Return what stands between two places; of more than twice the context, its two ends.

    >>> between(" Үкі. ", 9), between(f" Үкі {'ұшты ' * 9}Ғарыш. ", 9)
    (' Үкі. ', ' Үкі … Ғарыш. ')
    """
    if len(text) <= 2 * context_characters:
        return text
    first, last = (part(text, context_characters) for part in (_first_words, _last_words))
    return f"{first}{last.removeprefix('…')}"


def _last_words(text: str, max_characters: int) -> str:
    if len(text) <= max_characters:
        return text
    # The first word that is kept may be half of one, so it goes; not text[-n:], all of it for 0.
    return f"… {text[len(text) - max_characters :].partition(' ')[2]}"


def _first_words(text: str, max_characters: int) -> str:
    if len(text) <= max_characters:
        return text
    return f"{text[:max_characters].rpartition(' ')[0]} …"


def answer_parts(quote: str, start: int, answer: Span | None) -> tuple[str, str, str]:
    """Cut a quote into what stands before the words that answer, those words, and the rest.

    Args:
        quote: What is quoted.
        start: Where it begins in its document.
        answer: The words, in the document; inside the quote. None if none are known: then all of
            the quote stands before them.

    >>> answer_parts("Шарт 1994 жылы жасалды.", 100, (105, 114))
    ('Шарт ', '1994 жылы', ' жасалды.')
    """
    if answer is None:
        return quote, "", ""
    first, last = answer[0] - start, answer[1] - start
    return quote[:first], quote[first:last], quote[last:]


def matching_words(
    question: str, question_language: Language, quote: str, quote_language: Language
) -> list[tuple[str, str]]:
    """Return words of a question, in its order, each with the word of a quote that it matches.

    Words match by stem within a language, and by concept (glossary, numbers, names) across
    languages. A quote that was found by the meaning of its vector alone has no pairs.

    >>> matching_words("When was the border treaty signed?", "en", "Шекара туралы шарт.", "kk")
    [('border', 'Шекара'), ('treaty', 'шарт')]
    """
    quote_terms = [(word, frozenset(terms(word, quote_language))) for word in _words(quote)]
    pairs = []
    for word in _words(question):
        query = query_terms(word, question_language)
        # Within one language concepts hold as well: synonyms are of one concept.
        concepts = query.concepts if question_language == quote_language else ()
        wanted = {*query.of(quote_language), *concepts}
        match = next((other for other, other_terms in quote_terms if wanted & other_terms), None)
        if match is not None:
            pairs.append((word, match))
    return pairs[:MAX_PAIRS]


def missing_words(
    question: str, question_language: Language, passages: Sequence[tuple[str, Language]]
) -> list[str]:
    """Return words of a question, in its order, that match no word of any passage.

    Words match as of `matching_words`; those that say nothing by themselves are left out.

    >>> missing_words("When was the border treaty signed?", "en", [("Шекара туралы шарт.", "kk")])
    ['signed']
    """
    found = [(frozenset(terms(text, language)), language) for text, language in passages]
    missing = []
    for word in _words(question):
        query = query_terms(word, question_language)
        wanted = frozenset(query.concepts)
        if query.words and not any(
            passage_terms & {*query.of(language), *wanted} for passage_terms, language in found
        ):
            missing.append(word)
    return missing[:MAX_PAIRS]


def _words(text: str) -> list[str]:
    """Return the words of a text, each once, in order, in NFC."""
    return list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", text))))
