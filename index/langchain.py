"""Dalel in other people's LangChain chains: a retriever and an embeddings adapter.

In: LangChain's calls. Out: LangChain's documents and lists. The only file here that touches
LangChain; its types go no further. README.md has a chain that runs.
"""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from index.embed import Embedder
from index.retrieve import Hit, IndexRetriever, Legs


class DalelRetriever(BaseRetriever):
    """A LangChain retriever over an index.

    Each document holds a passage; its metadata says where the passage stands (`source`, `start`,
    `end`, in characters), in which `language` it is, and its `score` and `title`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: IndexRetriever = Field(exclude=True)
    """What to search: `Library(home).open()`."""
    k: int = Field(default=4, ge=1)
    """Passages returned."""
    legs: Legs = "both"
    """Which legs rank."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [self._document(hit) for hit in self.index.search(query, self.k, self.legs)]

    def _document(self, hit: Hit) -> Document:
        source = self.index.documents[hit.chunk.document_id]
        return Document(
            id=hit.chunk.id,
            page_content=source.text[hit.chunk.start : hit.chunk.end],
            metadata={
                "source": source.id,
                "title": source.name,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "language": hit.chunk.language,
                "score": hit.score,
            },
        )


class DalelEmbeddings(Embeddings):
    """An `Embedder` as LangChain wants it, questions and passages kept apart."""

    def __init__(self, embedder: Embedder) -> None:
        """Take a model, such as `load_embedder("embedded", folder)`."""
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        vectors: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        vector: list[float] = self._embedder.embed_queries([text])[0].tolist()
        return vector
