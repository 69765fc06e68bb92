"""The questions of one session whose answers cite a document, each with its place in it.

They are told from the turns of that session alone, which are in memory, and go with it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from chat.session import Turn
from chat.web.evidence import link_to
from ingest.document import Language

CONVERSATION_COOKIE: Final = "dalel-conversation"
"""Holds the key of the session that a document is opened from. An address would hand it on with
every link that people send each other; chat/web/pages/page.js sets it, for documents alone."""


class DocumentQuestion(NamedTuple):
    """A question whose answer cites a document.

    Attributes:
        question: The question as it was typed.
        language: The language that it was asked in.
        link: Address of the first cited place, as seen from a document's page.
    """

    question: str
    language: Language
    link: str


def questions_of(document_id: str, turns: Sequence[Turn], language: str) -> list[DocumentQuestion]:
    """Return the questions that cite a document, in the order in which they were asked.

    Args:
        document_id: The id of the document.
        turns: The turns of one session.
        language: The language of the page, for the addresses.
    """
    found = []
    for turn in turns:
        citations = turn.answer.citations if turn.answer else ()
        first = next((each for each in citations if each.document_id == document_id), None)
        if turn.answer is None or first is None:
            continue
        words = first.answer and (first.answer.start, first.answer.end)
        place = (first.start, first.end)
        link = link_to(turn.documents[document_id], place, language, words or None)
        asked = DocumentQuestion(turn.question, turn.answer.language, link.removeprefix("../"))
        found.append(asked)
    return list(dict.fromkeys(found))
