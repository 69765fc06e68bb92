"""Dalel's answers for other people's LangChain chains: a Runnable from a question to an answer.

It returns what `dalel ask --json` prints: `short_answer` is the words that answer, and each of
`citations` has them with their place as `answer`. `stream` yields the answer as it grows; `batch`
and the asynchronous calls are LangChain's own.
"""

from collections.abc import Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig

from chat.llm import LLM
from chat.pipeline import answer, stream_answer
from index.retriever import Retriever


class DalelAnswers(Runnable[str, dict[str, Any]]):
    """A question in, an answer with its citations out."""

    def __init__(
        self, retriever: Retriever, llm: LLM | None = None, *, threshold: float | None = None
    ) -> None:
        """Take an index; without a language model the documents are quoted.

        Only some documents are asked with `DalelAnswers(retriever.within([ID, …]))`.
        """
        self._retriever = retriever
        self._llm = llm
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
        return answer(input, self._retriever, self._llm, threshold=self._threshold).data()

    def stream(
        self,
        input: str,  # noqa: A002  (LangChain's name)
        config: RunnableConfig | None = None,
        **_: Any,  # noqa: ANN401  (LangChain's)
    ) -> Iterator[dict[str, Any]]:
        """Yield the answer as it grows, the last one whole."""
        growing = stream_answer(input, self._retriever, self._llm, threshold=self._threshold)
        for answer_so_far in growing:
            yield answer_so_far.data()
