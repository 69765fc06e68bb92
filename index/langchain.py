"""Dalel in LangChain chains: a retriever and an embeddings adapter.

This is the only file of the folder that imports LangChain, and no other file sees its types.
README.md has a chain that runs.
"""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from index.embedders.embedder import Embedder
from index.retriever import Hit, Legs, Retriever


class DalelRetriever(BaseRetriever):
    """A LangChain retriever over an index.

    Each document is a passage. Its metadata says where the passage is (`source`, and `start` and
    `end` in characters), which `language` it is in, and its `score` and `title`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Retriever = Field(exclude=True)
    """What to search: `Indexer(home).open()`."""
    k: int = Field(default=4, ge=1)
    """Number of passages returned."""
    legs: Legs = "both"
    """Which legs rank: dense, lexical or both."""
    documents: tuple[str, ...] = ()
    """Ids of the documents to search; none for all. An unknown id is a CorpusError."""

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        searched = self.index.within(self.documents)
        return [self._document(hit) for hit in searched.search(query, self.k, self.legs)]

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
    """LangChain's interface to an `Embedder`; questions and passages are embedded differently."""

    def __init__(self, embedder: Embedder) -> None:
        """Wrap a model, such as `load_embedder("embedded", folder)`."""
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages: one list of d floats for each, of length 1."""
        vectors: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Embed a question: d floats, of length 1."""
        vector: list[float] = self._embedder.embed_queries([text])[0].tolist()
        return vector
