"""Who writes an answer: nobody, and the documents are quoted; or a language model.

In: settings. Out: an author, and answers by it. Knows no model by itself.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from chat.config import Settings
from chat.model import SILENCE_SECONDS, ChatModel, Writer, open_model

Policy = Literal["mark", "drop"]
"""What is done with a sentence that the sources do not support."""


@dataclass(frozen=True)
class Author:
    """A model that writes answers.

    Attributes:
        writer: Which one, and how long it may take.
        unsupported: What is done with a sentence that the sources do not support.
        chat_model: Another model to use; None to open the one that is named.
    """

    writer: Writer
    unsupported: Policy = "mark"
    chat_model: ChatModel | None = None

    @cached_property
    def model(self) -> ChatModel:
        """The chat model, opened when first asked.

        Raises:
            ModelError: It cannot be opened.
        """
        return self.chat_model or open_model(self.writer)


def author_of(settings: Settings) -> Author | None:
    """Return the author that settings name, its model opened; None if they name none.

    Raises:
        ModelError: The model cannot be opened.
    """
    if settings.llm is None:
        return None
    silence = min(SILENCE_SECONDS, settings.llm_seconds)
    writer = Writer(settings.llm, settings.llm_base_url, silence, settings.llm_seconds)
    author = Author(writer, settings.llm_unsupported)
    _ = author.model
    return author
