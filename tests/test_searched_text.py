"""Tests of index/searched_text.py: documents in other letters are found, and quoted as they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from fakes import HashEmbedder, document, is_valid
from other_letters import WAYS, keyboard

from chat.pipeline import answer
from index.analysis.analyzer import terms
from index.analysis.script import in_cyrillic
from index.bm25 import BM25Index
from index.indexer import Indexer
from index.searched_text import respelt_passages
from ingest.chunker import Chunking, in_context, split
from ingest.language import detect
from ingest.loader import read_shipped

LIBRARY = (
    "Ақжар ауданындағы кітапхана 1937 жылы құрылған. Қазіргі ғимарат қыркүйекте ашылды. Кітап"
    " қорында сирек басылымдар сақтаулы. Оқырман бір мезгілде бес кітаптан артық ала алмайды."
    " Мерзімінен кешіктірілген әр күн үшін айыппұл салынады. Жаһандық өлкетану бөлімі үшінші"
    " қабатта орналасқан, оны Сәуле Тоқтарова басқарады."
)
OTHERS = [
    "Егінші дән себеді, бидай күзде жиналады. Диқандар өнімді қоймаға тапсырады, ұн тартады.",
    "Өзен суы көктемде тасиды, балықшылар қайықпен көлге шығады. Теңіз жағасы құмды келеді.",
    "Дәрігер науқасты тексеріп, дәрі жазып берді. Емхана таңертең ашылады, кезек жоқ.",
]
QUESTIONS = (
    "Кітапхана қай жылы құрылды?",
    "Айыппұл не үшін салынады?",
    "Өлкетану бөлімі қай қабатта?",
)


def indexed(folder, texts):
    indexer = Indexer(folder)
    embedder = HashEmbedder("embedded")
    indexer._loaded = embedder
    indexer.put([document(text, f"құжат-{n}", detect(text)) for n, text in enumerate(texts)])
    return indexer.open(), embedder


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("leg", ["lexical", "dense"])
def test_a_question_finds_a_document_in_other_letters(tmp_path, way, leg):
    retriever, _ = indexed(tmp_path, [*OTHERS, WAYS[way](LIBRARY)])
    for question in QUESTIONS:
        [first, *_] = retriever.search(question, 4, leg)
        assert first.chunk.document_id == "құжат-3", question
    assert retriever.documents["құжат-3"].text == WAYS[way](LIBRARY)


def test_a_sentence_is_written_as_its_passage_is(tmp_path):
    """Kyrgyz without its ө, ү and ң may look like Kazakh without its letters."""
    bare = "Тоолордо кар тыгыз жатат, суулар таза жана муздак."
    text = f"Өлкөнүн өкмөтү тоолуу жерде, көлдүн жээгинде. {bare} Күндүз көчөдө көп адам жүрөт."
    assert in_cyrillic(bare, "kk") != bare
    retriever, embedder = indexed(tmp_path, [text])
    assert bare in embedder.embedded
    assert retriever.generation.respelt == ()


def test_a_title_in_other_letters_is_searched_with_its_document():
    source = document(keyboard(LIBRARY), title="Кiтапхана ережесi")
    chunks = split(source, lambda text: len(text.split()), Chunking())
    [one] = respelt_passages([source], chunks)
    assert one.row == 0
    assert one.passage.startswith("Кітапхана ережесі\nАқжар ауданындағы кітапхана")
    assert [*map(len, one.sentences)] == [end - start for start, end in chunks[0].sentences]


def test_the_documents_that_ship_are_searched_as_they_are_written(tmp_path):
    """The same texts are embedded and made terms of, as if nothing were ever respelt."""
    documents = read_shipped().documents
    embedder = HashEmbedder("embedded")
    contents = Indexer(tmp_path, load=lambda _: embedder).put(documents)
    by_id = {one.id: one for one in documents}
    written = [in_context(by_id[chunk.document_id], chunk) for chunk in contents.chunks]
    sentences = [
        by_id[chunk.document_id].text[slice(*span)]
        for chunk in contents.chunks
        for span in chunk.sentences
    ]
    assert contents.respelt == ()
    assert set(embedder.embedded) == {*written, *sentences}
    languages = [chunk.language for chunk in contents.chunks]
    lexical = BM25Index.build(list(zip(written, languages, strict=True)))
    for text, language in zip(written, languages, strict=True):
        searched = terms(text, language)
        assert (contents.lexical.scores(searched) == lexical.scores(searched)).all()


@pytest.mark.model
def test_a_question_of_them_loads_nothing_of_this(tmp_path):
    Indexer(tmp_path, load=HashEmbedder).put(read_shipped().documents)
    code = f"""
import sys
from pathlib import Path
from chat.pipeline import answer
from index.indexer import Indexer

sys.path.append({str(Path(__file__).parent)!r})
from fakes import HashEmbedder

retriever = Indexer(Path({str(tmp_path)!r}), load=HashEmbedder).open()
answer("Қытаймен шарт қай жылы жасалды?", retriever)
answer("With how many countries has Kazakhstan established diplomatic relations?", retriever)
print(*sorted(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "index.searched_text" in loaded
    assert {
        "index.analysis.arabic_script",
        "index.analysis.kazakh_spelling",
        "index.analysis.script",
        "ingest.letter_model",
    }.isdisjoint(loaded)


@pytest.fixture(scope="module")
def of_the_model(tmp_path_factory):
    """Return a retriever over the library's rules in each way of writing, and the others."""
    indexer = Indexer(tmp_path_factory.mktemp("model"))
    texts = {"clean": LIBRARY, "CLEAN": LIBRARY.upper()} | {
        way: write(LIBRARY) for way, write in WAYS.items()
    }
    others = [document(text, f"құжат-{n}") for n, text in enumerate(OTHERS)]
    indexer.put([*(document(text, way, detect(text)) for way, text in texts.items()), *others])
    return indexer.open()


@pytest.mark.model
@pytest.mark.parametrize("way", WAYS)
def test_the_real_model_finds_it_and_quotes_it_as_it_is(of_the_model, way):
    retriever = of_the_model.within([way, *(f"құжат-{n}" for n in range(len(OTHERS)))])
    for question in QUESTIONS:
        assert retriever.search(question, 1)[0].chunk.document_id == way, question
    found = answer(QUESTIONS[0], retriever)
    assert all(is_valid(one, retriever.documents[one.document_id]) for one in found.citations)


@pytest.mark.model
@pytest.mark.parametrize("way", WAYS)
def test_the_real_model_sees_what_the_same_text_says_in_its_own_letters(of_the_model, way):
    # Capitals are another matter to the model, whatever letters they are.
    same = "CLEAN" if way == "capitals" else "clean"
    [[clean], [typed]] = (of_the_model.passages_of(name) for name in (same, way))
    vectors = [of_the_model.sentence_vectors(hit) for hit in (clean, typed)]
    assert (vectors[0] * vectors[1]).sum(axis=1).mean() > 0.95
