"""Every error that Dalel raises on purpose. This module imports nothing.

* DalelError: the message is one line that can be shown to the user
    - ConfigError: a setting or an argument has a value that cannot be used
    - CorpusError: a document is missing, empty, binary, not decodable or named twice
    - QuestionError: a question is empty or too long
    - StoreError: the index cannot be read or written
        + StoreMissing: nothing has been indexed here yet
        + StoreStale: the index was made with something else (field, both values)
        + StoreDamaged: a file of the index is missing or was changed
        + StoreBusy: another process is writing the index
    - ModelError: an embedding model cannot be loaded, is not the one expected, or cannot embed
    - PromptError: a prompt file or one of its variables is missing
    - EvalError: a line of an evaluation set is unusable (file, line, field)

A message says what happened, with the value, and what was expected; `hint` says what to do next.
"""


class DalelError(Exception):
    """An error that the user can put right; the command line prints it and exits with 2.

    Args:
        message: What happened, with the value, and what was expected. One line.
        hint: What to do next. One line, may be empty.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def line(self) -> str:
        """Return message and hint as one line.

        >>> ConfigError("depth is -1, expected 1 or more", hint="use -k 10").line()
        'depth is -1, expected 1 or more; use -k 10'
        """
        text = f"{self}; {self.hint}" if self.hint else str(self)
        return " ".join(text.split())


class ConfigError(DalelError):
    """A setting or an argument has a value that cannot be used."""


class CorpusError(DalelError):
    """A document is missing, empty, binary, not decodable or named twice."""


class QuestionError(DalelError):
    """A question is empty or too long."""


class StoreError(DalelError):
    """The index cannot be read or written."""


class StoreMissing(StoreError):
    """Nothing has been indexed here yet."""


class StoreStale(StoreError):
    """The index was made with something else; the message names the field and both values."""


class StoreDamaged(StoreError):
    """A file of the index is missing or was changed."""


class StoreBusy(StoreError):
    """Another process is writing the index."""


class ModelError(DalelError):
    """An embedding model cannot be loaded, is not the one expected, or its workers end."""


class PromptError(DalelError):
    """A prompt file or one of its variables is missing."""


class EvalError(DalelError):
    """A line of an evaluation set is unusable; the message names file, line and field."""
