"""An index searched by Milvus: what its passages are there, and how they get and stay there.

The index on disk stays the source: documents, texts, and the vectors that candidates are scored by.
Milvus holds a copy of what is searched, so that a cluster can search what one machine cannot:

    dalel_HOME_MODEL_passages   id, document, language, also_in, dense, terms: one row a chunk
    dalel_HOME_MODEL_sentences  id, passage, document, dense: one row a sentence
    dalel_HOME_MODEL_held       id, name, average_length: which indexes are held as a whole

HOME is drawn once for each index folder, MODEL is of what the vectors were made with. A row's id is
a hash of all that it is made of, so that writing it twice is writing it once: a load that was
killed is made whole by the same command. New rows are written before the index on disk changes,
and old ones deleted after; whoever reads meanwhile passes over rows that are not of its index.

Terms are weighed on both sides. A text holds the saturation of each term (`BM25Index.saturation`),
a question brings the idf: so a new document changes its own rows only, though it changes every idf.
The average length is kept as it was when the rows were written, and all are written anew once it
has moved by `_DRIFT`. Terms are numbered by a checksum, of 32 bits; two that share one, or an
average that has drifted, change what is proposed last, and no score: see index/candidates.py.
"""

import hashlib
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import QueryTerms
from index.bm25 import BM25Index
from index.candidates import Candidates, LanguageRows, Legs
from index.chunk_columns import Rows
from index.embedders.embedder import Progress, Vectors, no_progress
from index.milvus_client import FieldKind, MilvusConnection
from index.search_tables import hash_of
from index.storage import atomic_file
from index.storage.generation import Generation, IndexConfig, IndexContents
from ingest.errors import StoreError, StoreMissing

Ids = NDArray[np.int64]
"""Primary keys of rows."""

_FORMAT: Final = 2
"""Version of the rows; raised by one whenever they are made otherwise."""

_DRIFT: Final = 0.05
"""Share by which the average length of texts may differ from what terms are weighed with."""

_ROWS_OF_A_WRITE: Final = 1_000
"""Rows that are written together: 3 MB with 384 numbers; a server takes 64 MB."""

_SCORED_WHOLE: Final = 2_000
"""Visible chunks up to which all come into question, and nothing is searched for."""

_TERM_NUMBERS: Final = 2**32 - 1
"""Milvus numbers the places of a sparse vector below this."""

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio (Knuth, TAOCP 3, 6.4): sentences are numbered far apart."""

_PASSAGES: Final[dict[str, FieldKind]] = {
    "id": "id",
    "document": "number",
    "language": "word",
    "also_in": "word",
    "dense": "vector",
    "terms": "weights",
}
_SENTENCES: Final[dict[str, FieldKind]] = {
    "id": "id",
    "passage": "number",
    "document": "number",
    "dense": "vector",
}
_HELD: Final[dict[str, FieldKind]] = {
    "id": "id",
    "name": "word",
    "average_length": "real",
    "dense": "vector",  # Milvus wants one in every collection.
}
_PARTS: Final = "parts"
"""Name under which it is kept that there are, or may be, rows of no index that is whole."""

_NOWHERE: Final = (1.0, 0.0)
"""The vector of a row that is not searched."""


class _Names(NamedTuple):
    """The names of the collections of an index."""

    passages: str
    sentences: str
    held: str


class _Held(NamedTuple):
    """What is known of an index whose rows are there.

    Attributes:
        name: Of `_name_of`; or `_PARTS`.
        average_length: What its terms were weighed with.
    """

    name: str
    average_length: float


class MilvusIndex:
    """The copy of one folder's index that a Milvus holds.

    All methods raise StoreError where Milvus cannot be reached, or refuses.
    """

    def __init__(self, uri: str, folder: Path) -> None:
        """Take an address, and the folder of the index; nothing is read or connected yet.

        Raises:
            ConfigError: The address is none.
        """
        self._milvus = MilvusConnection(uri)
        self._folder = folder
        self._there: dict[str, Ids] = {}  # What `hold` has listed, for `keep_only`.

    @property
    def store(self) -> str:
        """Its name as a setting."""
        return f"milvus:{self._milvus.uri}"

    def connect(self) -> None:
        """Connect now, before anything takes long.

        Raises:
            ConfigError: Packages are not installed.
        """
        self._milvus.connect()

    def hold(
        self,
        index: IndexContents | Generation,
        config: IndexConfig,
        progress: Progress = no_progress,
    ) -> None:
        """Write the rows of an index that are not there, and then that it is there as a whole.

        Rows of other indexes stay. It may be called again at any time, and goes on where a call
        that did not end has stopped.

        Args:
            index: The index, saved or about to be saved.
            config: What it is made with.
            progress: Called with how many rows are written, and how many there are to write.
        """
        self._there.clear()
        names = self._names(config)
        self._create(names, config.dimension)
        held = self._held(names)
        average, anew = _average_length(index.lexical, held)
        ids = passage_ids(index, config)
        if not anew and self._is_whole(names, held, ids):
            return
        self._milvus.upsert(names.held, [_held_row(_Held(_PARTS, average))])
        self._write(names, _Rows(index, ids, average), progress, anew=anew)
        self._milvus.upsert(names.held, [_held_row(_Held(_name_of(ids), average))])

    def keep_only(self, index: IndexContents | Generation, config: IndexConfig) -> None:
        """Delete all rows but those of an index that is held, if there are others."""
        names = self._names(config)
        ids = passage_ids(index, config)
        held = {one.name: one for one in self._held(names)}
        if [*held] == [_name_of(ids)]:
            return
        self._milvus.upsert(names.held, [_held_row(held[_name_of(ids)]._replace(name=_PARTS))])
        others = held.keys() - {_PARTS, _name_of(ids)}
        self._milvus.delete(names.held, np.array([*map(_number, others)], np.int64))
        kept = (ids, _sentence_ids(ids, index.tables.columns.first_sentences))
        for name, wanted in zip((names.passages, names.sentences), kept, strict=True):
            there = self._there.pop(name) if name in self._there else self._milvus.ids(name)
            self._milvus.delete(name, np.setdiff1d(there, wanted))
        for name in self._milvus.collections(f"dalel_{self._home()}_"):
            if name not in names:
                self._milvus.drop(name)
        self._milvus.delete(names.held, np.array([_number(_PARTS)]))

    def search(self, generation: Generation) -> "MilvusSearch":
        """Open an index that is held.

        Raises:
            StoreMissing: It is not held, or not as a whole.
        """
        ids = passage_ids(generation, generation.config)
        if self._home():
            names = self._names(generation.config)
            if {*names} <= {*self._milvus.collections(f"dalel_{self._home()}_")}:
                self._create(names, generation.config.dimension)
                if self._is_whole(names, self._held(names), ids):
                    return MilvusSearch(self._milvus, names, generation, ids)
        raise StoreMissing(
            f"the store {self.store!r:.200} does not hold the index in {str(self._folder)!r}",
            hint="run `dalel index` again with the same --store",
        )

    def _write(self, names: _Names, rows: "_Rows", progress: Progress, *, anew: bool) -> None:
        """Write rows, of sentences first; those that are there only if all are written anew."""
        made = []
        for name, ids, of in (
            (names.sentences, rows.sentence_ids, rows.sentences),
            (names.passages, rows.ids, rows.passages),
        ):
            there = self._milvus.ids(name)
            places = np.arange(len(ids)) if anew else np.flatnonzero(~np.isin(ids, there))
            made.append((name, places, of))
            self._there[name] = np.union1d(there, ids)
        total, done = sum(len(places) for _, places, _ in made), 0
        for name, places, of in made:
            for start in range(0, len(places), _ROWS_OF_A_WRITE):
                batch = of(places[start : start + _ROWS_OF_A_WRITE])
                self._milvus.upsert(name, batch)
                done += len(batch)
                progress(done, total)
            self._milvus.finish(name, "dense")

    def _is_whole(self, names: _Names, held: list[_Held], ids: Ids) -> bool:
        """Return whether an index was held as a whole, and nothing of it was lost since."""
        is_held = _name_of(ids) in {one.name for one in held}
        return is_held and self._milvus.count(names.passages) >= len(ids)

    # --- names ------------------------------------------------------------------------------------

    def _home(self, *, new: bool = False) -> str:
        """Return the name of the index's folder in Milvus; empty if it was never given one."""
        path = self._folder / "milvus_name"
        try:
            name = path.read_text("ascii").strip() if path.exists() else ""
            if new and not name:
                name = secrets.token_hex(6)
                atomic_file.write(path.with_suffix(".new"), f"{name}\n".encode())
                os.replace(path.with_suffix(".new"), path)
        except OSError as error:
            raise StoreError(
                f"cannot read or write {str(path)!r}: {error.strerror}",
                hint="check the file's permissions",
            ) from error
        return name

    def _names(self, config: IndexConfig) -> _Names:
        made = f"{_FORMAT} {config.weights_sha256} {config.dimension}"
        model = hashlib.sha256(made.encode()).hexdigest()[:8]
        stem = f"dalel_{self._home(new=True)}_{model}"
        return _Names(*(f"{stem}_{part}" for part in _Names._fields))

    def _create(self, names: _Names, dimension: int) -> None:
        self._milvus.create(names.passages, _PASSAGES, dimension)
        self._milvus.create(names.sentences, _SENTENCES, dimension)
        self._milvus.create(names.held, _HELD, len(_NOWHERE))

    def _held(self, names: _Names) -> list[_Held]:
        rows = self._milvus.rows(names.held, _Held._fields)
        return [_Held(row["name"], row["average_length"]) for row in rows]


class MilvusSearch:
    """Proposes chunks of an index that a Milvus holds: see `CandidateSearch`."""

    def __init__(
        self, milvus: MilvusConnection, names: _Names, generation: Generation, ids: Ids
    ) -> None:
        """Take a Milvus, what the index is called there, the index, and the ids of its chunks."""
        self._milvus = milvus
        self._names = names
        self._lexical = generation.lexical
        self._languages = LanguageRows.of(generation.tables.columns)
        self._row_of_place = np.argsort(ids)
        self._ids = ids[self._row_of_place]
        self._documents = _document_numbers(generation)

    @property
    def store(self) -> str:
        """Its name as a setting."""
        return f"milvus:{self._milvus.uri}"

    def find(
        self, vector: Vectors, terms: QueryTerms, depth: int, legs: Legs, visible: Rows | None
    ) -> Candidates:
        """Return the chunks that come into question.

        Of few visible chunks those are all; of more, the best of their documents.
        """
        if visible is not None and len(visible) <= _SCORED_WHOLE:
            return self._scored(terms, visible)
        condition, hidden = "", 0
        if visible is not None:
            documents = np.unique(self._documents[visible])
            hidden = int(np.isin(self._documents, documents).sum()) - len(visible)
            condition = f"document in {documents.tolist()}"
        proposed = [np.empty(0, np.int64)]
        if legs != "lexical":
            proposed += self._nearest(vector, depth + hidden, condition)
        rows = np.unique(
            np.concatenate([*proposed, *self._matching(terms, depth + hidden, condition)])
        )
        found = self._scored(terms, rows if visible is None else np.intersect1d(rows, visible))
        if legs != "dense":
            best = np.argsort(-found.lexical, kind="stable")[:depth]
            proposed.append(found.rows[best[found.lexical[best] > 0]])
        kept = np.isin(found.rows, np.concatenate(proposed))
        return Candidates(found.rows[kept], found.lexical[kept], found.best_lexical[kept])

    def _nearest(self, vector: Vectors, depth: int, condition: str) -> list[Rows]:
        """Return the rows of the nearest chunks, and of those with the nearest sentences."""
        query = vector[0].tolist()
        passages = self._milvus.search(self._names.passages, "dense", query, depth, condition)
        sentences = self._milvus.search(
            self._names.sentences, "dense", query, depth, condition, wanted="passage"
        )
        return [self._rows(passages.ids), self._rows(sentences.fields)]

    def _matching(self, terms: QueryTerms, depth: int, condition: str) -> list[Rows]:
        """Return the rows of the chunks in each language that match most of the question's weight.

        Compared are words, or what means the same in all languages: see `ExactSearch`.
        """
        searches = [
            (terms.of(language), f'language == "{language}"') for language in self._languages.rows
        ]
        if terms.language in self._languages.also_in:
            searches.append((terms.words, f'also_in like "%{terms.language}%"'))
        found = []
        for searched, within in searches:
            weights = {
                _term_number(term): self._lexical.idf(term)
                for term in searched
                if term in self._lexical
            }
            if weights:
                where = f"({within}) and ({condition})" if condition else within
                hits = self._milvus.search(self._names.passages, "terms", weights, depth, where)
                found.append(self._rows(hits.ids))
        return found

    def _scored(self, terms: QueryTerms, rows: Rows) -> Candidates:
        """Return chunks with what they match of the question's weight, as `ExactSearch` would."""
        scores = self._lexical.scores_at(terms.bridge, rows)
        by_words = self._lexical.scores_at(terms.words, rows)
        names, places = [*self._languages.rows], self._languages.places[rows]
        if terms.language in names:
            own = places == names.index(terms.language)
            scores[own] = by_words[own]
        if terms.language in self._languages.also_in:
            also = _are_among(self._languages.also_in[terms.language], rows)
            scores[also] = np.maximum(scores[also], by_words[also])
        best = np.zeros(len(names), np.float32)
        np.maximum.at(best, places, scores)
        return Candidates(rows, scores, best[places])

    def _rows(self, ids: Ids) -> Rows:
        """Return the rows of chunks by their ids, without those of other indexes."""
        known = ids[_are_among(self._ids, ids)]
        return self._row_of_place[np.searchsorted(self._ids, known)]


def _are_among(ascending: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of some numbers are among many, none of which is read that need not be."""
    places = np.minimum(np.searchsorted(ascending, some), len(ascending) - 1)
    are_there: NDArray[np.bool_] = ascending[places] == some
    return are_there


# --- rows -----------------------------------------------------------------------------------------


class _Rows:
    """The rows of an index as Milvus is to hold them.

    Attributes:
        ids: int64 (chunks,), the ids of its chunks.
        sentence_ids: int64 (sentences,), those of its sentences.
    """

    def __init__(self, index: IndexContents | Generation, ids: Ids, average_length: float) -> None:
        """Take an index, the ids of its chunks, and what its terms are weighed with."""
        self.ids = ids
        self._index = index
        self._average_length = average_length
        self._first_sentence = index.tables.columns.first_sentences
        self._documents = _document_numbers(index)
        self.sentence_ids = _sentence_ids(ids, self._first_sentence)

    def passages(self, rows: Rows) -> list[dict[str, Any]]:
        """Return rows of chunks."""
        vectors = self._index.chunk_vectors.rows(rows)
        return [
            {
                "id": int(self.ids[row]),
                "document": int(self._documents[row]),
                "language": self._index.chunks[row].language,
                "also_in": ",".join(self._index.chunks[row].other_languages),
                "dense": vector,
                "terms": {
                    _term_number(term): weight
                    for term, weight in self._index.lexical.saturation(
                        row, self._average_length
                    ).items()
                },
            }
            for row, vector in zip(rows.tolist(), vectors, strict=True)
        ]

    def sentences(self, rows: Rows) -> list[dict[str, Any]]:
        """Return rows of sentences."""
        passages = np.searchsorted(self._first_sentence, rows, "right") - 1
        vectors = self._index.sentence_vectors.rows(rows)
        return [
            {
                "id": int(self.sentence_ids[row]),
                "passage": int(self.ids[passage]),
                "document": int(self._documents[passage]),
                "dense": vector,
            }
            for row, passage, vector in zip(rows.tolist(), passages.tolist(), vectors, strict=True)
        ]


def passage_ids(index: IndexContents | Generation, config: IndexConfig) -> Ids:
    """Return the ids of an index's chunks: int64 (chunks,), above 0.

    An id is a hash of what is searched of the chunk, and of what embeds and analyses it.
    """
    made = hash_of(f"{_FORMAT} {config.weights_sha256} {config.analyser}")
    return _ids(index.tables.chunk_hashes ^ np.uint64(made))


def _sentence_ids(ids: Ids, first_sentence: Rows) -> Ids:
    """Return the ids of sentences: int64 (sentences,), those of their chunks, so many steps on."""
    counts = np.diff(first_sentence)
    places = np.arange(first_sentence[-1]) - np.repeat(first_sentence[:-1], counts)
    moved = np.repeat(ids, counts).astype(np.uint64) + (places + 1).astype(np.uint64) * _STEP
    return _ids(moved)


def _document_numbers(index: IndexContents | Generation) -> Ids:
    """Return a number for the document of each chunk: a name may hold what no expression may."""
    tables = index.tables
    return _ids(tables.document_hashes[tables.columns.documents])


def _ids(hashes: NDArray[np.uint64]) -> Ids:
    """Return hashes as numbers of 63 bits, which Milvus takes for ids."""
    return (hashes >> np.uint64(1)).astype(np.int64)


def _number(text: str) -> int:
    """Return a number of 63 bits for a text."""
    return hash_of(text) >> 1


@lru_cache(maxsize=200_000)  # About the vocabulary of a large index.
def _term_number(term: str) -> int:
    return crc32(term.encode("utf-8", "surrogatepass")) % _TERM_NUMBERS


def _name_of(ids: Ids) -> str:
    """Return the name of an index: a hash of the ids of its chunks."""
    return hashlib.sha256(np.sort(ids).tobytes()).hexdigest()[:32]


def _held_row(held: _Held) -> dict[str, Any]:
    return {"id": _number(held.name), **held._asdict(), "dense": _NOWHERE}


def _average_length(lexical: BM25Index, held: list[_Held]) -> tuple[float, bool]:
    """Return what to weigh terms with, and whether all rows are to be written anew for that."""
    now, before = lexical.average_length, {one.average_length for one in held}
    if len(before) == 1:
        (average,) = before
        if abs(now / average - 1) <= _DRIFT:
            return average, False
    return now, bool(held)
