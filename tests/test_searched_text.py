"""Tests of index/searched_text.py: documents in other letters are found, and quoted as they are."""

from dataclasses import replace

import pytest
from executed_modules import executed_modules
from fakes import HashEmbedder, document, is_valid
from other_letters import FOREIGN, WAYS, keyboard

from chat.pipeline import answer
from index.analysis.analyzer import terms
from index.indexer import Indexer
from ingest.language import detect

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


@pytest.mark.parametrize("way", WAYS)
def test_sentences_have_the_terms_of_their_own_letters(tmp_path, way):
    clean, _ = indexed(tmp_path / "clean", [LIBRARY])
    other, _ = indexed(tmp_path / "other", [WAYS[way](LIBRARY)])
    [[right], [typed]] = (one.search("Кітапхана", 1) for one in (clean, other))
    assert len(right.chunk.sentences) == len(typed.chunk.sentences)
    for place in range(len(right.chunk.sentences)):
        own, met = clean.sentence_terms(right, place), other.sentence_terms(typed, place)
        words = {term for term in own if term.isalpha()}
        assert len(words & met) >= 0.6 * len(words)


def test_what_is_embedded_of_clean_documents_is_their_text(tmp_path):
    _, embedder = indexed(tmp_path, OTHERS)
    assert set(OTHERS) <= set(embedder.embedded)


def test_a_question_typed_as_the_document_finds_it_too(tmp_path):
    retriever, _ = indexed(tmp_path, [*OTHERS, keyboard(LIBRARY)])
    for question in (keyboard("Кітапхана қай жылы құрылды?"), "Kitaphana qai jyly quryldy?"):
        assert retriever.search(question, 1, "lexical")[0].chunk.document_id == "құжат-3"
    assert retriever.respell("Айыппул не ушин салынады?") == "Айыппұл не үшін салынады?"


def made_by(analyser, folder, documents):
    """Index documents as another analyzer would have."""
    indexer = Indexer(folder)
    indexer._loaded = HashEmbedder("embedded")
    now = indexer._config(indexer._loaded)
    indexer._config = lambda _: replace(now, analyser=analyser)
    indexer.put(documents)


BEFORE = ANALYZER.split(RESPELLING)[0]


@pytest.mark.parametrize(("analyser", "is_kept"), [(BEFORE, True), (f"{BEFORE}+script-0", False)])
def test_vectors_made_before_are_kept_only_of_the_same_text(tmp_path, analyser, is_kept):
    typed = keyboard(LIBRARY)
    made_by(analyser, tmp_path, [document(OTHERS[0], "таза"), document(typed, "басқа")])
    indexer = Indexer(tmp_path)
    indexer._loaded = again = HashEmbedder("embedded")
    retriever = indexer.open_or_put(list)
    assert (OTHERS[0] not in again.embedded) == is_kept
    assert typed not in again.embedded
    chunk = retriever.passages_of("басқа")[0].chunk
    assert passage_text(retriever.documents["басқа"], chunk) in again.embedded


def test_languages_told_before_are_told_anew_with_the_index(tmp_path):
    other = {
        "arab": document(arabic(LIBRARY), "arab", "en"),
        "turkish": document(FOREIGN["turkish"], "turkish", "kk"),
        "given": document(OTHERS[0], "given", "ru"),
    }
    made_by(BEFORE, tmp_path, list(other.values()))
    indexer = Indexer(tmp_path)
    indexer._loaded = HashEmbedder("embedded")
    documents = indexer.open_or_put(list).documents
    told = {name: one.language for name, one in documents.items()}
    assert told == {"arab": "kk", "turkish": "en", "given": "ru"}
    assert all(documents[name].text == one.text for name, one in other.items())


def test_a_sentence_is_written_as_its_passage_is(tmp_path):
    """Kyrgyz without its ө, ү and ң looks like Kazakh without its letters."""
    bare = "Кыргыз тили мамлекеттик тил болуп саналат, ар бир адам аны билиши керек, окутулат."
    text = f"Өлкөнүн өкмөтү тоолуу жерде, көлдүн жээгинде. {bare} Күндүз көчөдө көп адам жүрөт."
    assert in_cyrillic(bare, "kk") != bare
    retriever, embedder = indexed(tmp_path, [text])
    assert bare in embedder.embedded
    [hit] = retriever.passages_of("құжат-0")
    assert retriever.sentence_terms(hit, 1) == frozenset(terms(bare, "kk"))


@pytest.mark.parametrize("way", WAYS)
def test_words_are_read_in_their_places(tmp_path, way):
    typed = WAYS[way](LIBRARY)
    retriever, _ = indexed(tmp_path, [typed])
    [hit, *_] = retriever.passages_of("құжат-0")
    for start, end in hit.chunk.sentences:
        read = retriever.readable(hit, (start, end))
        assert [*map(str.isalpha, read)] == [*map(str.isalpha, typed[start:end])]
        assert read != typed[start:end] or way not in ("look-alike", "keyboard", "capitals")


def test_clean_documents_and_questions_need_no_model_of_letters(tmp_path):
    def ask():
        retriever, _ = indexed(tmp_path, [LIBRARY, *OTHERS, FOREIGN["english"]])
        answer("Мерзімінен кешіктірілген күн үшін не салынады?", retriever)

    assert {"index/analysis/kazakh_spelling.py", "ingest/letter_model.py"}.isdisjoint(
        executed_modules(ask)
    )


def test_a_title_in_other_letters_is_searched_with_its_document(tmp_path):
    source = document(keyboard(LIBRARY), title="Кiтапхана ережесi")
    indexer = Indexer(tmp_path)
    indexer._loaded = HashEmbedder("embedded")
    indexer.put([source])
    [chunk] = indexer.open().generation.chunks
    assert passage_text(source, chunk).startswith("Кітапхана ережесі\nАқжар ауданындағы кітапхана")


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
