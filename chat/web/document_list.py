"""The table of what is indexed: each document's language, length, size, age and state.

A document is in another state than its file where the file has changed since, is gone, or was not
read in all its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final, Literal
from unicodedata import normalize

from chat.web.evidence import link_to
from chat.web.i18n import Translations
from chat.web.reasons import reason_in
from chat.web.templates import render_on_one_line
from index.retriever import Retriever
from ingest.document import Document, paragraphs
from ingest.source_file import FileStat, SourceFile

MAX_LISTED: Final = 200
"""Documents listed at most; a search finds the others."""

_COUNTED: Final = 1_000
"""Texts whose paragraphs are counted once: a search lists the same ones again and again."""

State = Literal["whole", "partly", "changed", "gone"]
"""How a document is to its file: all of it, a part, older than it is now, or without it."""


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A row of the table.

    Attributes:
        document: The document.
        link: Address at which it can be read.
        length: How many pages it has, or paragraphs where it has no pages.
        added: When it was indexed, ISO 8601; empty if unknown.
        state: How it is to its file.
        reasons: What people are to know of how it was read, a line each.
    """

    document: Document
    link: str
    length: str
    added: str
    state: State
    reasons: tuple[str, ...]


def documents_html(retriever: Retriever, i18n: Translations, *, search: str = "") -> str:
    """Return the table of what is indexed.

    Args:
        retriever: The index.
        i18n: The language of the page.
        search: Words that a listed document must all have in its title, id or files.
    """
    sought = normalize("NFC", search).casefold().split()
    found = (one for one in retriever.documents.values() if _holds(one, sought))
    shown = [*islice(found, MAX_LISTED)]
    # Where nothing is sought, the documents that are not listed need not be read to be counted.
    count = len(shown) + sum(1 for _ in found) if sought else len(retriever.documents)
    rows = [_listed(document, retriever, i18n) for document in shown]
    return render_on_one_line("documents", i18n, rows=rows, more=count - MAX_LISTED)


def _holds(document: Document, words: Sequence[str]) -> bool:
    """Return whether the title, the id and the files of a document hold some words."""
    names = " ".join((document.title, document.id, *document.sources)).casefold()
    return all(word in names for word in words)


def _listed(document: Document, retriever: Retriever, i18n: Translations) -> ListedDocument:
    files = retriever.files_of(document.id)
    pages = len(document.pages)
    length = (
        i18n.count("pages_count", pages)
        if pages
        else i18n.count("paragraphs_count", _paragraph_count(document.text))
    )
    told = [skip for file in files for skip in file.skipped if skip.path in document.sources]
    states = [state for file in files if (state := _file_state(file))]
    if any(not skip.is_read for skip in told):
        states.append("partly")
    return ListedDocument(
        document=document,
        link=link_to(document, None, i18n.language),
        length=length,
        added=retriever.added_at(document.id),
        state=states[0] if states else "whole",
        reasons=tuple(dict.fromkeys(reason_in(i18n.language, skip.reason) for skip in told)),
    )


def _file_state(file: SourceFile) -> State | None:
    """Return how a file that was read has become; None if it is as it was, or was sent to us."""
    if not file.path:
        return None
    try:
        now = FileStat.of(file.path)
    except OSError:
        return "gone"
    return "changed" if file.stat and file.stat != now else None


@lru_cache(_COUNTED)
def _paragraph_count(text: str) -> int:
    return len(paragraphs(text))
