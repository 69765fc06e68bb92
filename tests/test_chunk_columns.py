"""Tests of index/chunk_columns.py and index/language_means.py: they say what the chunks say."""

import numpy as np
from fakes import document, stored
from hypothesis import given
from hypothesis import strategies as st

from index.chunk_columns import LANGUAGES, ChunkColumns
from index.language_means import LanguageMeans
from ingest.chunker import Chunk

languages = st.sampled_from(LANGUAGES)
chunk_lists = st.lists(
    st.lists(st.tuples(languages, st.integers(1, 4), st.sets(languages)), max_size=4), max_size=6
)


def indexed(drawn):
    """Return documents and their chunks; a document may have none."""
    documents = [document("Ұлы дала.", f"құжат {n}") for n in range(len(drawn))]
    chunks = [
        Chunk(
            f"{one.id}:{place}",
            one.id,
            place,
            place + count,
            "",
            language,
            tuple((each, each + 1) for each in range(place, place + count)),
            tuple(sorted(others - {language})),
        )
        for one, of_it in zip(documents, drawn, strict=True)
        for place, (language, count, others) in enumerate(of_it)
    ]
    return documents, chunks


@given(chunk_lists)
def test_columns_say_what_the_chunks_say(drawn):
    documents, chunks = indexed(drawn)
    columns = ChunkColumns.of(documents, chunks)
    assert len(columns) == len(chunks)
    for row, chunk in enumerate(chunks):
        assert documents[columns.documents[row]].id == chunk.document_id
        assert LANGUAGES[columns.languages[row]] == chunk.language
        others = [name for bit, name in enumerate(LANGUAGES) if columns.others[row] >> bit & 1]
        assert tuple(others) == chunk.other_languages
    for place, one in enumerate(documents):
        rows = [row for row, chunk in enumerate(chunks) if chunk.document_id == one.id]
        assert [*columns.of_document(place)] == rows


@given(chunk_lists, st.randoms())
def test_sentences_are_numbered_chunk_by_chunk(drawn, chance):
    documents, chunks = indexed(drawn)
    columns = ChunkColumns.of(documents, chunks)
    numbers = iter(range(10_000))
    of_chunks = [[next(numbers) for _ in chunk.sentences] for chunk in chunks]
    rows = np.array(chance.sample(range(len(chunks)), len(chunks) // 2), np.int64)
    expected = [number for row in rows for number in of_chunks[row]]
    assert columns.sentence_rows(rows).tolist() == expected
    assert columns.sentence_counts(rows).tolist() == [len(of_chunks[row]) for row in rows]
    assert columns.first_sentences[-1] == sum(map(len, of_chunks))


def test_columns_come_back():
    columns = ChunkColumns.of(*indexed([[("kk", 2, {"en"})], [("ru", 1, set())]]))
    again = ChunkColumns.of_arrays(columns.arrays())
    assert all(
        np.array_equal(array, again.arrays()[name]) for name, array in columns.arrays().items()
    )


@given(chunk_lists.filter(any), st.integers(0, 99))
def test_means_are_those_of_a_languages_vectors(drawn, seed):
    documents, chunks = indexed(drawn)
    columns = ChunkColumns.of(documents, chunks)
    chance = np.random.default_rng(seed)
    count = int(columns.first_sentences[-1])
    passages, sentences = (chance.standard_normal((n, 3), np.float32) for n in (len(chunks), count))
    means = LanguageMeans.of(columns, stored(passages), stored(sentences))
    of_sentences = np.repeat(columns.languages, np.diff(columns.first_sentences))
    for got, vectors, of in (
        (means.passages, passages, columns.languages),
        (means.sentences, sentences, of_sentences),
    ):
        np.testing.assert_allclose(got[0], vectors.mean(axis=0), rtol=1e-5, atol=1e-6)
        for place in range(len(LANGUAGES)):
            rows = vectors[of == place]
            expected = rows.mean(axis=0) if len(rows) else np.zeros(3)
            np.testing.assert_allclose(got[1 + place], expected, rtol=1e-5, atol=1e-6)


def test_a_mean_of_many_is_that_of_an_even_sample(monkeypatch):
    monkeypatch.setattr("index.language_means._ROWS_OF_A_MEAN", 4)
    documents, chunks = indexed([[("kk", 1, set())] * 10])
    columns = ChunkColumns.of(documents, chunks)
    vectors = np.arange(10, dtype=np.float32)[:, None]
    means = LanguageMeans.of(columns, stored(vectors), stored(vectors))
    assert means.passages[0, 0] == np.mean([0, 3, 6, 9])
