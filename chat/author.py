"""Who writes an answer: nobody, and the documents are quoted; or a language model.

In: settings. Out: an author, and answers by it. Knows no model by itself.
"""

from dataclasses import dataclass

from chat.config import Policy, Settings
from chat.hear import Patience
from chat.model import SILENCE_SECONDS, ChatModel, Writer, open_model


@dataclass(frozen=True, slots=True)
class Author:
    """A model that writes answers.

    Attributes:
        writer: Which one, and how long it may take.
        model: The same, opened.
        unsupported: What is done with a sentence that the sources do not support.
    """

    writer: Writer
    model: ChatModel
    unsupported: Policy = "mark"

    def patience(self) -> Patience:
        """Return how long it may take for one answer, from now."""
        return Patience.of(self.writer.deadline_seconds)


def author_of(settings: Settings) -> Author | None:
    """Return the author that settings name; None if they name none.

    Raises:
        ModelError: The model cannot be opened.
    """
    if settings.llm is None:
        return None
    silence = min(SILENCE_SECONDS, settings.llm_seconds)
    writer = Writer(settings.llm, settings.llm_base_url, silence, settings.llm_seconds)
    return Author(writer, open_model(writer), settings.llm_unsupported)
