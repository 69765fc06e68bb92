"""Dalel's answers for other people's LangChain chains: a Runnable from a question to an answer.

In: an index and, if a model shall write, an author. Out: what `dalel ask --json` prints. `stream`
yields the answer as it grows; `batch` and the asynchronous calls are LangChain's own.
"""

from collections.abc import Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from chat.author import Author
from chat.compose import answer_by, answers
from chat.output import answer_data
from index.retrieve import IndexRetriever


class DalelAnswers(Runnable[str, dict[str, Any]]):
    """A question in, an answer with its citations out."""

    def __init__(
        self,
        index: IndexRetriever,
        author: Author | None = None,
        *,
        threshold: float | None = None,
    ) -> None:
        """Take an index; without an author the documents are quoted."""
        self._index = index
        self._author = author
        self._threshold = threshold

    def invoke(
        self,
        input: str,  # noqa: A002  (LangChain's name)
        config: RunnableConfig | None = None,
        **_: Any,  # noqa: ANN401  (LangChain's)
    ) -> dict[str, Any]:
        """Answer a question.

        Raises:
            QuestionError: It is empty, has no letter or digit, or is too long.
        """
        found = answer_by(self._author, input, self._index, threshold=self._threshold)
        return answer_data(found, self._index.documents)

    def stream(
        self,
        input: str,  # noqa: A002  (LangChain's name)
        config: RunnableConfig | None = None,
        **_: Any,  # noqa: ANN401  (LangChain's)
    ) -> Iterator[dict[str, Any]]:
        """Yield the answer as it grows, the last one whole."""
        for each in answers(self._author, input, self._index, threshold=self._threshold):
            yield answer_data(each, self._index.documents)
