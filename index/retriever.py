"""The hybrid search: a question in, ranked passages out. The one door to the index.

A question is analysed once (`Retriever.analyse`): respelt to the documents' words, cut into terms,
embedded. The dense leg compares vectors, the lexical leg compares terms (BM25), and `fuse` combines
them so that neither leg and neither language drowns the other. Whatever answering needs beyond the
hits (cosines of sentences, weights of terms, what chance reaches) is a method here too,
so that no other module depends on the parts of an index.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.analysis.analyzer import QueryTerms, query_terms, terms
from index.analysis.spelling import Speller
from index.candidates import (
    CandidateSearch,
    ExactSearch,
    LanguageRows,
    Scores,
)
from index.candidates import Legs as Legs  # Others ask the retriever, and name its legs.
from index.chunk_columns import LANGUAGES, Rows
from index.document_ids import indexed_id
from index.document_names import DocumentName as DocumentName
from index.documents_by_id import ById
from index.documents_by_id import DocumentsAt as DocumentsAt
from index.embedders.cache import QueryCache
from index.embedders.embedder import Embedder, Vectors
from index.ranking_weights import WEIGHTS
from index.reranker import DEPTH, Reranker, rerank
from index.searched_text import Respelt, text_in_place
from index.storage.generation import Generation
from ingest.chunker import Chunk, in_context
from ingest.document import Document, Language
from ingest.errors import CorpusError
from ingest.language import ARABIC_LETTER, detect
from ingest.source_file import SourceFile

_CACHED_SENTENCES: Final = 10_000
"""Sentences whose terms are remembered: one question after the other reads the same ones."""

_SIDES: Final[tuple[Literal["left", "right"], ...]] = ("left", "right")


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A question analysed once, and handed along.

    Attributes:
        text: The question as the user wrote it.
        language: Its language.
        searched: The question as it is searched for: in the letters and spelling of the documents.
        terms: The terms of `searched`.
        vector: The embedding of `searched`: float32 (1, d), of length 1.
    """

    text: str
    language: Language
    searched: str
    terms: QueryTerms
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a question found.

    Attributes:
        chunk: The chunk.
        row: Its row in the index, from 0.
        rank: Its rank, from 1.
        score: The score it is ranked by; comparable between the hits of one question only.
        dense: Weighted mean of the question's cosines with the chunk and with its best sentence,
            less what its language alone gives them.
        lexical: Share of the question's weight that the chunk matches, 0 to 1.
    """

    chunk: Chunk
    row: int
    rank: int
    score: float
    dense: float
    lexical: float


class Counts(NamedTuple):
    """The size of an index."""

    documents: int
    chunks: int
    sentences: int


class Retriever:
    """Searches one generation of an index.

    Attributes:
        generation: The index; the evaluation reads it, answering uses the methods only.
        embedder: The model that the index was made with; it remembers questions.
        reranker: The second stage; None for no reranking.
        documents: The documents by id.
    """

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        reranker: Reranker | None = None,
        candidates: CandidateSearch | None = None,
    ) -> None:
        """Take an index and what searches it.

        Args:
            generation: The index.
            embedder: The model that it was made with.
            reranker: The second stage; None for none.
            candidates: What proposes chunks; None to compare all of them on this machine.
        """
        self.generation = generation
        self.embedder: Embedder = QueryCache(embedder)  # A question is embedded by several steps.
        self.reranker = reranker
        self._tables = tables = generation.tables
        self.documents: Mapping[str, Document] = ById(
            generation.documents, tables.ids, generation.documents
        )
        self._columns = tables.columns
        self._languages = LanguageRows.of(tables.columns)
        self._candidates = candidates or ExactSearch(generation, self._languages)
        self._speller = Speller(tables.vocabulary)
        self._visible: Rows | None = None
        self._distinct_terms = lru_cache(_CACHED_SENTENCES)(_distinct_terms)

    # --- what is indexed ------------------------------------------------------------------------

    def seeing(self, rows: Iterable[int]) -> "Retriever":
        """Return a retriever that searches these chunks only, and exactly.

        Statistics of the whole index stay: how rare its words are, what off-topic questions score.
        """
        view = copy(self)
        view._visible = np.array(sorted(set(rows)), np.int64)
        return view

    def within(self, document_ids: Iterable[str]) -> "Retriever":
        """Return a retriever that searches these documents only; this one if none are named.

        Raises:
            CorpusError: An id is not indexed, or nothing of the documents is searched.
        """
        wanted = {indexed_id(name, self.documents) for name in document_ids}
        if not wanted:
            return self
        rows = [row for name in sorted(wanted) for row in self._searched_rows_of(name)]
        if not rows:
            raise CorpusError(
                f"of {', '.join(map(repr, sorted(wanted))):.80} nothing can be searched",
                hint="name a document that has text",
            )
        return self.seeing(rows)

    def __len__(self) -> int:
        """Return the number of chunks that are searched."""
        return len(self._columns) if self._visible is None else len(self._visible)

    @property
    def visible(self) -> set[int]:
        """The rows of the chunks that are searched."""
        return set(range(len(self)) if self._visible is None else map(int, self._visible))

    @property
    def visible_documents(self) -> DocumentsAt:
        """The documents of which something is searched, in the order of the index."""
        return self._documents_at(np.unique(self._searched_documents))

    def names_in(self, text: str) -> list[tuple[DocumentName, DocumentsAt]]:
        """Return the names of searched documents that a text holds, with what is called so.

        Args:
            text: The text, case-folded.
        """
        found, searched = [], self._searched_documents
        for name in self._tables.names.within(text):
            first, end = (np.searchsorted(searched, name.places, side) for side in _SIDES)
            if (first < end).any():
                found.append((name, self._documents_at(name.places[first < end])))
        return found

    @property
    def _searched_documents(self) -> NDArray[np.int32]:
        """The place of the document of each chunk that is searched, ascending."""
        documents = self._columns.documents
        return documents if self._visible is None else documents[self._visible]

    def _documents_at(self, places: NDArray[np.int32]) -> DocumentsAt:
        return DocumentsAt(self.generation.documents, self._tables.languages, places)

    def rows_of(self, document_id: str) -> range:
        """Return the rows of the chunks of a document, also of those that are not searched."""
        place = self._tables.ids.place(document_id, self._id_at)
        return range(0) if place is None else self._columns.of_document(place)

    def _searched_rows_of(self, document_id: str) -> Sequence[int]:
        rows = self.rows_of(document_id)
        if self._visible is None:
            return rows
        first, end = np.searchsorted(self._visible, [rows.start, rows.stop])
        seen: list[int] = self._visible[first:end].tolist()
        return seen

    def _id_at(self, place: int) -> str:
        return self.generation.documents[place].id

    def passages_of(self, document_id: str) -> list[Hit]:
        """Return the passages of a document that are searched, in its order, without scores."""
        chunks = self.generation.chunks
        return [
            Hit(chunks[row], row, rank, score=0.0, dense=0.0, lexical=0.0)
            for rank, row in enumerate(self._searched_rows_of(document_id), start=1)
        ]

    def counts(self) -> Counts:
        """Return the numbers of documents, chunks and sentences that are indexed."""
        generation = self.generation
        return Counts(
            len(generation.documents), len(generation.chunks), len(generation.sentence_vectors)
        )

    def added_at(self, document_id: str) -> str:
        """Return when a document's present text was indexed: ISO 8601, UTC; empty if unknown."""
        return self.generation.added.get(document_id, "")

    def files_of(self, document_id: str) -> Sequence[SourceFile]:
        """Return the files that gave a document; none where it was not read from files."""
        files = map(self.generation.files.__getitem__, self.generation.givers.places(document_id))
        return [file for file in files if any(given.id == document_id for given in file.documents)]

    # --- understanding a question ---------------------------------------------------------------

    def respell(self, question: str, language: Language | None = None) -> str:
        """Return a question in the letters and the spelling of the documents."""
        language = language or detect(question)
        if language == "kk" and ARABIC_LETTER.search(question):
            from index.analysis.script import in_cyrillic

            question = in_cyrillic(question, language, "arabic")
        return self._speller.repair(question, language)

    @property
    def store(self) -> str:
        """Where its passages are searched, as the setting names it."""
        return self._candidates.store

    @property
    def weights_sha256(self) -> str:
        """Hex digest of the weights of the model that embeds."""
        return self.embedder.weights_sha256

    def embed_questions(self, questions: Sequence[str]) -> Vectors:
        """Embed questions as they stand: float32 (n, d), unit rows; together is faster."""
        return self.embedder.embed_queries(questions)

    def analyse(self, question: str, language: Language | None = None) -> Query:
        """Analyse a question: respell it, take its terms, embed it.

        Args:
            question: The question, on one line.
            language: Its language; None to detect it.
        """
        language = language or detect(question)
        searched = self.respell(question, language)
        return Query(
            text=question,
            language=language,
            searched=searched,
            terms=query_terms(searched, language),
            vector=self.embedder.embed_queries([searched]),
        )

    def analyse_part(self, part: str, whole: Query) -> Query:
        """Analyse a part of a question, which may lean on the rest of it.

        Its terms are its own, its embedding lies halfway to that of the whole question: "who may
        suffer later?" does not say of what.
        """
        query = self.analyse(part, whole.language)
        between = query.vector + whole.vector
        return replace(query, vector=between / np.linalg.norm(between))

    def analyse_claim(self, claim: str, language: Language) -> Query:
        """Analyse the sentence of an answer; it is respelt as documents are, not as questions."""
        from index.analysis.script import in_cyrillic

        searched = in_cyrillic(claim, language)
        vector = self.embedder.embed_queries([searched])
        return Query(claim, language, searched, query_terms(searched, language), vector)

    # --- searching ------------------------------------------------------------------------------

    def search(self, query: Query | str, k: int, legs: Legs = "both") -> list[Hit]:
        """Return the k best chunks, best first."""
        query = self.analyse(query) if isinstance(query, str) else query
        depth = max(k, DEPTH) if self.reranker else k
        return self._second_stage(query, self._rank(query, depth, legs), legs)[:k]

    def search_documents(self, query: Query | str, k: int, legs: Legs = "both") -> list[Hit]:
        """Return the best chunk of each of the k best documents, best first."""
        query = self.analyse(query) if isinstance(query, str) else query
        depth = k
        while True:
            hits = self._rank(query, depth, legs)
            best = list({hit.chunk.document_id: hit for hit in reversed(hits)}.values())[::-1]
            if len(best) >= k or len(hits) < depth:
                best = sorted(best, key=lambda hit: hit.rank)[:k]
                best = [replace(hit, rank=rank) for rank, hit in enumerate(best, start=1)]
                return self._second_stage(query, best, legs)
            depth *= 2

    def _second_stage(self, query: Query, hits: list[Hit], legs: Legs) -> list[Hit]:
        """Rerank hits of both legs, if there is a reranker; one leg alone is never reranked."""
        if legs != "both" or self.reranker is None:
            return hits
        return rerank(
            self.reranker,
            query.searched,
            hits,
            self._passage,
            lambda hit, place: replace(hit, rank=place + 1, score=hits[place].score),
        )

    def _rank(self, query: Query, k: int, legs: Legs) -> list[Hit]:
        """Rank by the first stage alone."""
        depth = max(k, WEIGHTS.candidates_per_leg)
        rows, lexical, best_lexical = self._candidates.find(
            query.vector, query.terms, depth, legs, self._visible
        )
        cosine = self._cosines(query.vector, rows)
        both = fuse(cosine, lexical, best_lexical)
        scores = {"both": both, "dense": cosine, "lexical": lexical}[legs]
        best = np.argsort(-scores, kind="stable")[:k]
        return [
            Hit(
                chunk=self.generation.chunks[rows[place]],
                row=int(rows[place]),
                rank=rank,
                score=float(scores[place]),
                dense=float(cosine[place]),
                lexical=float(lexical[place]),
            )
            for rank, place in enumerate(best, start=1)
        ]

    def _cosines(self, vector: Vectors, rows: Rows) -> Scores:
        """Return the dense score of some rows, no language favoured: float32 (len(rows),)."""
        if not len(rows):
            return np.empty(0, np.float32)
        query = vector[0]
        passage = self.generation.chunk_vectors.rows(rows) @ query
        sentence_rows = self._columns.sentence_rows(rows)
        cosines = self.generation.sentence_vectors.rows(sentence_rows) @ query
        counts = self._columns.sentence_counts(rows)
        starts = np.cumsum([0, *counts[:-1]])
        cosine = dense(passage, np.maximum.reduceat(cosines, starts))
        bias: Scores = (self._language_bias @ query)[self._languages.places[rows]]
        return cosine - bias

    @cached_property
    def _language_bias(self) -> Vectors:
        """Return what vectors of a language have in common beyond those of all: float32 (l, d).

        Languages are in the order of `_languages`. A question's cosine with it is what texts gain
        by their language alone, whatever they say (Libovický et al. 2020, arXiv:2004.05160). It is
        shrunk by n / (n + `trusted_sentences`), n sentences of the language: few sentences would be
        their own mean. An index of one language has none.
        """
        share, means = WEIGHTS.best_sentence, self._tables.means
        centres = (1 - share) * means.passages + share * means.sentences
        counts = self._sentences_by_language()
        shrunk = [count / (count + WEIGHTS.trusted_sentences) for count in counts.values()]
        of_languages = [centres[1 + LANGUAGES.index(name)] - centres[0] for name in counts]
        return np.array(shrunk, np.float32)[:, None] * np.array(of_languages, np.float32)

    def _sentences_by_language(self) -> dict[Language, int]:
        rows = self._languages.rows
        return {name: int(self._columns.sentence_counts(rows[name]).sum()) for name in rows}

    # --- reading: what the index knows of sentences ----------------------------------------------

    def sentence_cosines(self, query: Query, hits: Sequence[Hit]) -> Scores:
        """Return the cosines of a question with the sentences of some hits, by language centred.

        Sentences of one language have a direction in common, which draws questions of that language
        to all of them alike. With that mean subtracted (`_centres`), sentences can be compared
        across languages.

        Returns:
            float32 (sentences of all hits, in order,), -1 to 1.
        """
        cosines = []
        for hit in hits:
            apart = self.sentence_vectors(hit) - self._centres[hit.chunk.language]
            cosines.append(apart @ query.vector[0] / np.linalg.norm(apart, axis=1))
        return np.concatenate(cosines)

    def sentence_vectors(self, hit: Hit) -> Vectors:
        """Return the vectors of a hit's sentences: float32 (len(chunk.sentences), d)."""
        rows = self._columns.sentence_rows(np.array([hit.row]))
        return self.generation.sentence_vectors.rows(rows)

    def _passage(self, hit: Hit) -> str:
        respelt = self._respelt(hit)
        if respelt:
            return respelt.passage
        return in_context(self._document_of(hit), hit.chunk)

    def readable(self, hit: Hit, places: range) -> str:
        """Return sentences of a hit, letters for letters as they are searched."""
        document, spans = self._document_of(hit), hit.chunk.sentences
        respelt = self._respelt(hit)
        if respelt:
            return text_in_place(document, hit.chunk, places, respelt)
        return document.text[spans[places.start][0] : spans[places[-1]][1]]

    def sentence_terms(self, hit: Hit, place: int) -> frozenset[str]:
        """Return the terms of one of a hit's sentences, each once."""
        respelt = self._respelt(hit)
        if respelt:
            text = respelt.sentences[place]
        else:
            text = self._document_of(hit).text[slice(*hit.chunk.sentences[place])]
        return self._distinct_terms(text, hit.chunk.language)

    def _respelt(self, hit: Hit) -> Respelt | None:
        """Return what is searched of a hit, if that is not what is written."""
        rows = self._tables.respelt
        place = int(np.searchsorted(rows, hit.row))
        is_there = place < len(rows) and rows[place] == hit.row
        return self.generation.respelt[place] if is_there else None

    def _document_of(self, hit: Hit) -> Document:
        return self.documents[hit.chunk.document_id]

    @cached_property
    def _centres(self) -> dict[Language, Vectors]:
        """Map each language to the mean of its sentences' vectors, float32 (d,), shrunk.

        A few sentences would be their own mean, and nothing would be left of them; so the means of
        all languages are shrunk by n / (n + `trusted_sentences`), n of the language with fewest.
        """
        fewest = min(self._sentences_by_language().values())
        shrunk = fewest / (fewest + WEIGHTS.trusted_sentences)
        means = self._tables.means.sentences
        return {name: shrunk * means[1 + LANGUAGES.index(name)] for name in self._languages.rows}

    def term_weights(self, terms: Collection[str]) -> dict[str, float]:
        """Return each term's share of the weight of all of them, by how rare it is; 1 together."""
        return self.generation.lexical.weights(terms)

    # --- calibration: what off-topic questions reach ---------------------------------------------

    def above_chance(self, score: float, language: Language) -> float:
        """Return a passage's score less what off-topic questions reach in a language, in cosine."""
        return self.generation.calibration.above(score, language)


def interleaved(found: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return the hits of several questions as one list: the first ones, the second ones, …."""
    rows: dict[int, Hit] = {}
    for hits in zip_longest(*found):
        for hit in filter(None, hits):
            rows.setdefault(hit.row, hit)
    return [replace(hit, rank=rank) for rank, hit in enumerate(rows.values(), start=1)]


def _distinct_terms(text: str, language: Language) -> frozenset[str]:
    """Return the terms of a sentence, each once."""
    return frozenset(terms(text, language))


# --- fusion -----------------------------------------------------------------------------------
#
# Dense: a passage's vector shows its topic, its best sentence's vector the one fact asked for. The
# mean of both finds more than either, most of all across languages. Vectors of one language are
# alike by that alone: what is common to them is taken off (`_language_bias`).
#
# Lexical: the score is the share of the question's weight that a text matches (index/bm25.py). It
# needs no normalising by other candidates. Where question and text share no language it is near 0
# for all of them and the cosine decides alone; ranks or min-max would blow that noise up to full
# weight. And it counts only against the best of the same language: a text in the question's own
# language gains nothing over the other language for sharing words with the question, it only loses
# to a text of its own language that shares more.


def dense(passage: Scores, sentence: Scores) -> Scores:
    """Return the mean of passages' and best sentences' cosines, weighted: float32 (n,), -1 to 1."""
    share = WEIGHTS.best_sentence
    mean: Scores = (1 - share) * passage + share * sentence
    return mean.astype(np.float32)


def fuse(cosine: Scores, lexical: Scores, best_lexical: Scores) -> Scores:
    """Combine the legs: score = cosine + w · (lexical - best_lexical), w = `passage_lexical`.

    Args:
        cosine: float32 (n,), -1 to 1: what `dense` returns.
        lexical: float32 (n,), 0 to 1.
        best_lexical: float32 (n,), the highest lexical score in each candidate's language.

    Returns:
        float32 (n,), comparable between candidates of one question.
    """
    return cosine + np.float32(WEIGHTS.passage_lexical) * (lexical - best_lexical)
