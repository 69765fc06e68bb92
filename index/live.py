"""The index as it is now, for something that runs for long: changes are seen without a restart.

In: a library. Out: an open `IndexRetriever`, a new one once another generation is current, whoever
wrote it. Knows nothing of what it is asked.
"""

import logging
from threading import Lock

from index.library import Library
from index.recent import Recent
from index.retrieve import IndexRetriever
from ingest.errors import DalelError

_LOG = logging.getLogger("dalel.index")


class Live:
    """A library that is kept open."""

    def __init__(self, library: Library, retriever: IndexRetriever) -> None:
        """Take a library, and its index, just opened."""
        self.library = library
        self._retriever = _remembering(retriever)
        self._refused = ""
        self._opening = Lock()

    def retriever(self) -> IndexRetriever:
        """Return the index that is current; the one from before while another opens it."""
        current = self.library.store.current
        if current in ("", self._retriever.generation.name, self._refused):
            return self._retriever
        if self._opening.acquire(blocking=False):
            try:
                self._retriever = _remembering(self.library.open())
            except DalelError:  # Whoever wrote it used another model: go on with what we have.
                self._refused = current
                _LOG.exception("the new index cannot be opened")
            finally:
                self._opening.release()
        return self._retriever

    def reopen(self) -> IndexRetriever:
        """Return the index that is current now, however long it takes to open.

        Raises:
            StoreError, ModelError: As `Library.open` does.
        """
        with self._opening:
            self._retriever = _remembering(self.library.open())
        return self._retriever


def _remembering(retriever: IndexRetriever) -> IndexRetriever:
    """Return an index that embeds the same question once."""
    retriever.embedder = Recent(retriever.embedder)
    return retriever
