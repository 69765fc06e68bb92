"""Dalel, asked as its peers are: documents in, the ids of passages out.

It cuts the documents itself, and embeds each passage and each of its sentences; peers are given the
passages that it cut, with title and headings, as it embeds them.
"""

from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from eval.baselines import SETS
from eval.bench.ready_peers import Passages
from eval.formats import read_set
from eval.runner import relevant_to
from index.embedders.embedded import embedded_model
from index.indexer import Indexer
from index.retriever import Retriever
from ingest.chunker import in_context
from ingest.document import Document, text_sha256
from ingest.language import detect


class DalelPeer:
    """Dalel as a search of passages."""

    def __init__(self, folder: str) -> None:
        """Load the model that ships; the index lies below a folder."""
        embedded_model()
        self._home = Path(mkdtemp(dir=Path(folder).parent))
        self._retriever: Retriever | None = None

    @property
    def retriever(self) -> Retriever:
        """What searches, once something is indexed."""
        assert self._retriever
        return self._retriever

    def index(self, documents: Passages) -> None:
        """Index documents, each with `id`, `title` and `text`, and open the index."""
        indexer = Indexer(self._home)
        indexer.put(
            [
                Document(
                    id=one["id"],
                    title=one["title"],
                    language=detect(one["text"]),
                    text=one["text"],
                    source=f"{one['id']}.txt",
                    sha256=text_sha256(one["text"]),
                )
                for one in documents
            ]
        )
        self._retriever = indexer.open()

    def search(self, question: str, k: int) -> list[str]:
        """Return the ids of k passages, best first."""
        return [hit.chunk.id for hit in self.retriever.search(question, k)]

    def told(self, judged: str) -> dict[str, Any]:
        """Return the passages, and which of them are relevant to each question of a set."""
        retriever = self.retriever
        examples = read_set(SETS / judged, strict=True).examples
        return {
            "passages": [
                {"id": chunk.id, "text": in_context(retriever.documents[chunk.document_id], chunk)}
                for chunk in retriever.generation.chunks
            ],
            "relevant": {one.question: relevant_to(one, retriever) for one in examples if one.gold},
        }
