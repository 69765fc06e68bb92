"""Others that find passages: what each does with the same texts and the same model.

Each searches by vectors, all compared, and by BM25, fused by reciprocal rank (Cormack et al. 2009,
doi:10.1145/1571941.1572114) or as it does so itself; where it has defaults, they are left. They
are no dependencies: a peer is taken where its modules can be imported. This file imports nothing
of Dalel, for peers may live in another Python.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

Passages = Sequence[Mapping[str, str]]
"""Each with its `id` and its `text`."""

_DEPTH: Final = 50
"""Passages that each leg proposes before they are fused."""

_RANK: Final = 60
"""Added to ranks where they are fused: the constant of the paper."""

_QUERY, _PASSAGE = "query: ", "passage: "
"""What the model was trained to read before each."""


class PassageSearch(Protocol):
    """What finds passages; it takes the folder of a sentence-transformers model."""

    def index(self, passages: Passages, /) -> None:
        """Index passages."""

    def search(self, question: str, k: int, /) -> list[str]:
        """Return the ids of at least k passages, best first."""


class _ByHand:
    """What one writes oneself: sentence-transformers, faiss and bm25s, in thirty lines."""

    def __init__(self, folder: str) -> None:
        self._model = _sentence_transformer(folder)

    def index(self, passages: Passages) -> None:
        import bm25s
        import faiss

        self._ids = [passage["id"] for passage in passages]
        texts = [passage["text"] for passage in passages]
        vectors = self._model.encode(texts, prompt=_PASSAGE)
        self._vectors = faiss.IndexFlatIP(vectors.shape[1])
        self._vectors.add(vectors)
        self._words = bm25s.BM25()
        words = bm25s.tokenize(texts, stopwords=None, show_progress=False)
        self._words.index(words, show_progress=False)

    def near(self, question: str) -> list[int]:
        """Return the rows of the nearest passages, best first."""
        depth = min(_DEPTH, len(self._ids))
        _, rows = self._vectors.search(self._model.encode([question], prompt=_QUERY), depth)
        return [int(row) for row in rows[0]]

    def worded(self, question: str) -> list[int]:
        """Return the rows of the passages that share most words, best first."""
        import bm25s

        words = bm25s.tokenize([question], stopwords=None, show_progress=False)
        depth = min(_DEPTH, len(self._ids))
        rows, _ = self._words.retrieve(words, k=depth, show_progress=False)
        return [int(row) for row in rows[0]]

    def search(self, question: str, k: int) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for rows in (self.near(question), self.worded(question)):
            for rank, row in enumerate(rows, start=1):
                scores[row] += 1 / (_RANK + rank)
        return [self._ids[row] for row in sorted(scores, key=lambda row: -scores[row])]


class _VectorsAlone(_ByHand):
    """The same without words."""

    def search(self, question: str, k: int) -> list[str]:
        return [self._ids[row] for row in self.near(question)]


class _LangChain:
    """Two retrievers of its own kind, faiss, flat, and bm25s, in its EnsembleRetriever."""

    def __init__(self, folder: str) -> None:
        self._legs = _ByHand(folder)

    def index(self, passages: Passages) -> None:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_core.callbacks import CallbackManagerForRetrieverRun
        from langchain_core.documents import Document
        from langchain_core.retrievers import BaseRetriever

        self._legs.index(passages)
        documents = [Document(one["text"], metadata={"id": one["id"]}) for one in passages]

        class Leg(BaseRetriever):
            rows: Callable[[str], Sequence[int]]

            def _get_relevant_documents(
                self, query: str, *, run_manager: CallbackManagerForRetrieverRun
            ) -> list[Document]:
                return [documents[row] for row in self.rows(query)]

        self._retriever = EnsembleRetriever(
            retrievers=[Leg(rows=self._legs.near), Leg(rows=self._legs.worded)],
            weights=[0.5, 0.5],
            c=_RANK,
            id_key="id",
        )

    def search(self, question: str, k: int) -> list[str]:
        return [str(one.metadata["id"]) for one in self._retriever.invoke(question)]


class _Txtai:
    """Embeddings with `hybrid`, in a flat faiss index."""

    def __init__(self, folder: str) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings(
            path=folder,
            method="sentence-transformers",
            instructions={"query": _QUERY, "data": _PASSAGE},
            backend="faiss",
            faiss={"components": "IDMap,Flat"},
            hybrid=True,
        )

    def index(self, passages: Passages) -> None:
        self._embeddings.index((one["id"], one["text"], None) for one in passages)

    def search(self, question: str, k: int) -> list[str]:
        return [str(name) for name, _ in self._embeddings.search(question, k)]


class _Haystack:
    """Both retrievers of the store in memory, joined by reciprocal rank."""

    def __init__(self, folder: str) -> None:
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._documents = SentenceTransformersDocumentEmbedder(
            model=folder, prefix=_PASSAGE, progress_bar=False
        )
        self._questions = SentenceTransformersTextEmbedder(
            model=folder, prefix=_QUERY, progress_bar=False
        )
        self._documents.warm_up()
        self._questions.warm_up()

    def index(self, passages: Passages) -> None:
        from haystack import Document, Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers import (
            InMemoryBM25Retriever,
            InMemoryEmbeddingRetriever,
        )
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
        documents = [Document(id=one["id"], content=one["text"]) for one in passages]
        store.write_documents(self._documents.run(documents)["documents"])
        self._pipeline = Pipeline()
        self._pipeline.add_component("embed", self._questions)
        self._pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=_DEPTH))
        self._pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=_DEPTH))
        self._pipeline.add_component("join", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        self._pipeline.connect("embed.embedding", "dense.query_embedding")
        self._pipeline.connect("dense.documents", "join.documents")
        self._pipeline.connect("words.documents", "join.documents")

    def search(self, question: str, k: int) -> list[str]:
        asked = {"embed": {"text": question}, "words": {"query": question}}
        return [str(one.id) for one in self._pipeline.run(asked)["join"]["documents"]]


class _LlamaIndex:
    """A vector index in memory and BM25, in a QueryFusionRetriever."""

    def __init__(self, folder: str) -> None:
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._model = HuggingFaceEmbedding(
            model_name=folder, query_instruction=_QUERY, text_instruction=_PASSAGE
        )

    def index(self, passages: Passages) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.core.schema import TextNode
        from llama_index.retrievers.bm25 import BM25Retriever

        nodes = [TextNode(id_=one["id"], text=one["text"]) for one in passages]
        depth = min(_DEPTH, len(nodes))
        index = VectorStoreIndex(nodes, embed_model=self._model)
        self._retriever = QueryFusionRetriever(
            [
                index.as_retriever(similarity_top_k=depth),
                BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=depth),
            ],
            llm=MockLLM(),  # It would write more questions; none are asked for.
            num_queries=1,
            mode="reciprocal_rerank",
            similarity_top_k=depth,
            use_async=False,
        )

    def search(self, question: str, k: int) -> list[str]:
        return [one.node.node_id for one in self._retriever.retrieve(question)]


def _sentence_transformer(folder: str) -> Any:  # noqa: ANN401  (of another Python, perhaps)
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(folder, local_files_only=True)


class ReadyPeer(NamedTuple):
    """A peer.

    Attributes:
        label: What it is called.
        opens: What makes it of a model's folder.
        needs: Its modules, by the packages that bring them.
    """

    label: str
    opens: type[PassageSearch]
    needs: dict[str, str]


_MODEL: Final = {"sentence-transformers": "sentence_transformers"}

_OWN: Final = _MODEL | {"faiss-cpu": "faiss", "bm25s": "bm25s"}

READY_PEERS: Final = {
    "by_hand": ReadyPeer("by hand", _ByHand, _OWN),
    "vectors": ReadyPeer("vectors alone", _VectorsAlone, _OWN),
    "langchain": ReadyPeer(
        "LangChain",
        _LangChain,
        _MODEL
        | {
            "langchain-core": "langchain_core",
            "langchain-classic": "langchain_classic",
            "faiss-cpu": "faiss",
            "bm25s": "bm25s",
        },
    ),
    "txtai": ReadyPeer("txtai", _Txtai, {"txtai": "txtai"} | _MODEL | {"faiss-cpu": "faiss"}),
    "haystack": ReadyPeer(
        "Haystack",
        _Haystack,
        {
            "haystack-ai": "haystack",
            "sentence-transformers-haystack": (
                "haystack_integrations.components.embedders.sentence_transformers"
            ),
        },
    ),
    "llama_index": ReadyPeer(
        "LlamaIndex",
        _LlamaIndex,
        {
            "llama-index-core": "llama_index.core",
            "llama-index-embeddings-huggingface": "llama_index.embeddings.huggingface",
            "llama-index-retrievers-bm25": "llama_index.retrievers.bm25",
        },
    ),
}
"""By name."""
