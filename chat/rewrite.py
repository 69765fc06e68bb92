"""Questions that follow one another, understood with a language model's help.

In: a question, those before it, who writes. Out: the question to search for. The model is shown
what was asked, never a document, and what it writes is taken only if it is one question in the same
language that names no number, date or name but those asked about; else, or without a model, the
rule of chat/conversation.py decides.
"""

from collections.abc import Sequence
from typing import Final

from chat.author import Author
from chat.conversation import may_lean, standalone
from chat.hear import Patience, Silence, hear
from chat.question import MAX_CHARACTERS
from chat.verify import lacking
from ingest.document import Language
from ingest.language import detect
from prompts.render import render

EARLIER: Final = 3
"""Questions before it that are shown: what is asked about is mostly in the last."""

SECONDS: Final = 10.0
"""How long that may take, out of the time for the answer: the rule is there at once."""

LONGEST: Final = 400
"""Characters listened to."""


def understood(
    question: str, earlier: Sequence[str], author: Author | None, patience: Patience | None = None
) -> str:
    """Return what a question means by itself.

    Args:
        question: As it was asked.
        earlier: What was asked before it, as understood, oldest first.
        author: Who may be asked what it means; None for nobody.
        patience: How long the author is listened to; None for what it may take.
    """
    by_rule = standalone(question, earlier)
    if author is None or not earlier or not may_lean(question):
        return by_rule
    language = detect(f"{question} {earlier[-1]}" if len(question.split()) < 3 else question)
    shown = list(earlier[-EARLIER:])
    told = (
        render("standalone", language),
        render("earlier", language, earlier=shown, question=question),
    )
    heard = ""
    try:
        for piece in hear(author.model, told, (patience or author.patience()).at_most(SECONDS)):
            heard += piece
            if len(heard) > LONGEST:
                break
    except Silence:
        return by_rule
    written = heard.strip().strip("\"'«»“”").strip()
    return written if _may_stand(written, [*shown, question], language) else by_rule


def _may_stand(written: str, asked: Sequence[str], language: Language) -> bool:
    """Say whether what a model wrote is one question about what was asked about."""
    if not 0 < len(written) <= min(LONGEST, MAX_CHARACTERS) or "\n" in written:
        return False
    if not written.endswith("?") or detect(written) != language:
        return False
    return not lacking(written, language, [(each, language) for each in asked])
