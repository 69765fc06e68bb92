"""Tests of index/retriever.py: rankings against brute force, documents once each, two languages.

The model is a hash of letters: rankings are held against formulas, never against taste.
"""

import random
from dataclasses import replace
from unicodedata import normalize

import numpy as np
import pytest
from fakes import HashEmbedder, document
from other_letters import WAYS, arabic, keyboard

from index.indexer import Indexer
from index.ranking_weights import WEIGHTS
from ingest.chunker import Chunking
from ingest.errors import CorpusError
from ingest.language import detect

LEGS = ("both", "dense", "lexical")
KAZAKH = """әке қозы ұшты үкі өрік іңір шырақ һәм ғарыш теңіз өзен көл қала дала тау жел жаңбыр
күн түн жұлдыз ғалым ұстаз оқушы кітап дәптер сөз үн ән күй өнер білім ғылым еңбек""".split()
ENGLISH = """lamb owl flew apricot dusk lantern space sea river lake town steppe hill wind rain
day night star scholar teacher pupil book word sound song art work""".split()
QUESTIONS = [
    "Өзен мен көл қайда?",
    "Ғалым ұстаз жұлдыз іздеді ме?",
    "Where did the owl fly at dusk?",
    "Һәм",
    "qwxyz 🇰🇿 12345",
]


def text_of(words, sentences, seed):
    """Make a text of random words, every sentence another."""
    rng = random.Random(seed)
    lines = (" ".join(rng.choices(words, k=6)) for _ in range(sentences))
    return " ".join(f"{line.capitalize()} {seed}." for line in lines)


def opened(folder, documents, max_tokens=24):
    indexer = Indexer(folder, chunking=Chunking(max_tokens))
    indexer._loaded = HashEmbedder("embedded")
    indexer.put(documents)
    return indexer.open()


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Return a retriever over 16 documents in two languages, several chunks each, under 200."""
    documents = [
        *(document(text_of(KAZAKH, 4 + 3 * n, n), f"құжат-{n}") for n in range(8)),
        *(document(text_of(ENGLISH, 4 + 3 * n, n), f"paper-{n}", "en") for n in range(8)),
    ]
    retriever = opened(tmp_path_factory.mktemp("many"), documents)
    assert 60 < len(retriever.generation.chunks) < 200
    assert {chunk.language for chunk in retriever.generation.chunks} == {"kk", "en"}
    return retriever


def dense_by_hand(retriever, question):
    """Return each chunk's dense score, from the texts themselves."""
    embedder = retriever.embedder
    query = embedder.embed_queries([retriever.respell(question)])[0]
    chunks = retriever.generation.chunks
    vectors = retriever.generation.chunk_vectors.rows(np.arange(len(chunks)))
    texts = [retriever.documents[chunk.document_id].text for chunk in chunks]
    sentences = [
        embedder.embed_passages([text[slice(*span)] for span in chunk.sentences])
        for text, chunk in zip(texts, chunks, strict=True)
    ]
    best = np.array([(own @ query).max() for own in sentences])
    share = WEIGHTS.best_sentence
    exact = (1 - share) * (vectors @ query) + share * best

    def centre(rows):
        means = (
            vectors[rows].mean(axis=0),
            np.concatenate([sentences[r] for r in rows]).mean(axis=0),
        )
        return (1 - share) * means[0] + share * means[1]

    everything = centre(range(len(chunks)))
    for language in {chunk.language for chunk in chunks}:
        rows = [row for row, chunk in enumerate(chunks) if chunk.language == language]
        count = sum(len(sentences[row]) for row in rows)
        shrunk = count / (count + WEIGHTS.trusted_sentences)
        exact[rows] -= shrunk * (centre(rows) - everything) @ query
    return exact


def assert_ranked(hits):
    """Hold what is true of every ranking."""
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.row for hit in hits}) == len(hits)
    for hit in hits:
        assert 0 <= hit.lexical <= 1


# --- chunks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_dense_leg_is_brute_force(many, question):
    exact = dense_by_hand(many, question)
    hits = many.search(question, len(exact), "dense")
    assert len(hits) == len(exact)
    assert_ranked(hits)
    assert [hit.score for hit in hits] == pytest.approx(sorted(exact, reverse=True), abs=1e-6)
    assert [hit.score for hit in hits] == pytest.approx([exact[hit.row] for hit in hits], abs=1e-6)
    assert [hit.dense for hit in hits] == [hit.score for hit in hits]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_lexical_leg_is_every_chunk_that_shares_a_word(many, question):
    hits = many.search(question, 10**6, "lexical")
    assert_ranked(hits)
    assert all(hit.score == hit.lexical > 0 for hit in hits)
    everything = many.search(question, 10**6, "both")
    sharing = {hit.row: hit.lexical for hit in everything if hit.lexical > 0}
    assert {hit.row: hit.lexical for hit in hits} == sharing


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_legs_are_fused_against_the_best_of_each_language(many, question):
    hits = many.search(question, 10**6)
    assert_ranked(hits)
    assert len(hits) == len(many.generation.chunks)
    best = dict.fromkeys(("kk", "en"), 0.0)
    for hit in hits:
        best[hit.chunk.language] = max(best[hit.chunk.language], hit.lexical)
    expected = [
        hit.dense + WEIGHTS.passage_lexical * (hit.lexical - best[hit.chunk.language])
        for hit in hits
    ]
    assert [hit.score for hit in hits] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("legs", LEGS)
@pytest.mark.parametrize("k", [1, 2, 7, 199, 200, 201, 10**9])
def test_k_hits_are_the_first_of_all_hits(many, legs, k):
    question = QUESTIONS[0]
    everything = many.search(question, 10**6, legs)
    assert many.search(question, k, legs) == everything[:k]
    assert len(everything) > 7


@pytest.mark.parametrize("legs", LEGS)
def test_a_question_of_unseen_words_is_ranked_by_the_model_alone(many, legs):
    question = "Ұқшүм ғүрп һөңқ"
    hits = many.search(question, 5, legs)
    assert [hit.lexical for hit in hits] == [0] * (0 if legs == "lexical" else 5)
    if hits:
        assert hits == many.search(question, 5, "dense")


def test_a_hit_is_a_chunk_and_its_text(many):
    for hit in many.search(QUESTIONS[1], 9):
        assert hit.chunk == many.generation.chunks[hit.row]
        text = many.documents[hit.chunk.document_id].text
        assert all(
            hit.chunk.start <= start < end <= hit.chunk.end for start, end in hit.chunk.sentences
        )
        assert text[hit.chunk.start : hit.chunk.end].strip()


def test_a_chunk_finds_itself_first(many):
    for row, chunk in enumerate(many.generation.chunks):
        text = many.documents[chunk.document_id].text[chunk.start : chunk.end]
        assert many.search(text, 1)[0].row == row


def test_the_same_question_gives_the_same_hits(many):
    assert many.search(QUESTIONS[2], 20) == many.search(QUESTIONS[2], 20)


def test_the_vectors_of_a_hits_sentences_are_theirs(many):
    for hit in many.search(QUESTIONS[0], 10**6):
        text = many.documents[hit.chunk.document_id].text
        expected = many.embedder.embed_passages([text[slice(*s)] for s in hit.chunk.sentences])
        assert many.sentence_vectors(hit).tobytes() == expected.tobytes()


def test_centred_cosines_are_cosines(many):
    query = many.analyse(QUESTIONS[0])
    hits = many.search(query, 10**6)
    cosines = many.sentence_cosines(query, hits)
    assert cosines.shape == (sum(len(hit.chunk.sentences) for hit in hits),)
    assert (abs(cosines) <= 1 + 1e-6).all()


# --- small and odd indexes ------------------------------------------------------------------------

ODD = {
    "one letter": ["Ә"],
    "one sentence": ["Үкі ұшты."],
    "no words": ["…"],
    "no words beside words": ["…", "Өзен ақты.", "!!!"],
    "the same twice": ["Өзен ақты. Көл толды.", "Өзен ақты. Көл толды."],
    "the same sentence": ["Өзен ақты. Өзен ақты. Өзен ақты."],
    "emoji": ["🇰🇿🌍", "Ғарыш 👩‍🚀."],
}


@pytest.mark.parametrize("legs", LEGS)
@pytest.mark.parametrize("kind", ODD)
def test_odd_indexes_answer_too(tmp_path, kind, legs):
    retriever = opened(tmp_path, [document(text, f"{n}") for n, text in enumerate(ODD[kind])])
    for question in ("Өзен қайда?", "…", "Ә", "үкі"):
        query = retriever.analyse(question)
        hits = retriever.search(query, 5, legs)
        assert_ranked(hits)
        if legs != "lexical":
            assert len(hits) == min(5, len(retriever.generation.chunks))
        assert all(np.isfinite([hit.score, hit.dense, hit.lexical]).all() for hit in hits)
        assert not hits or np.isfinite(retriever.sentence_cosines(query, hits)).all()
        assert len(retriever.search_documents(question, 9, legs)) <= len(ODD[kind])


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("legs", LEGS)
@pytest.mark.parametrize("k", [1, 2, 5, 16, 17, 1000])
@pytest.mark.parametrize("question", QUESTIONS[:3])
def test_each_document_is_found_once_by_its_best_chunk(many, question, k, legs):
    best = {}
    for hit in many.search(question, 10**6, legs):
        best.setdefault(hit.chunk.document_id, hit)
    hits = many.search_documents(question, k, legs)
    assert_ranked(hits)
    expected = list(best.values())[:k]
    assert [(hit.row, hit.score) for hit in hits] == [(hit.row, hit.score) for hit in expected]
    if legs != "lexical":
        assert len(hits) == min(k, len(many.documents))


@pytest.mark.parametrize("legs", LEGS)
def test_a_document_of_very_many_chunks_leaves_room_for_others(tmp_path, legs):
    """More chunks about the question than each leg proposes: the others come after them all."""
    long = " ".join(f"Өзен мен көл {n} қайда?" for n in range(500))
    others = [f"Алыста бір өзен ақты, {word} {word} {word} болды." for word in KAZAKH[:6]]
    retriever = opened(
        tmp_path,
        [document(long, "ұзын"), *(document(text, f"{n}") for n, text in enumerate(others))],
        max_tokens=12,
    )
    assert len(retriever.generation.chunks) > 206
    question = "Өзен мен көл қайда?"
    best = retriever.search(question, 200, legs)
    assert {hit.chunk.document_id for hit in best} == {"ұзын"}
    for k in (1, 2, 5, 7, 8):
        hits = retriever.search_documents(question, k, legs)
        assert_ranked(hits)
        names = [hit.chunk.document_id for hit in hits]
        assert names[0] == "ұзын"
        assert len(set(names)) == len(names) == min(k, 7)


# --- two languages --------------------------------------------------------------------------------

TWINS = {
    "kk": "Өзен теңізге құяды. Үкі түнде ұшады. Ғалым кітап жазды. Қала далада тұр.",
    "en": "The river flows to the sea. The owl flies at night. The scholar wrote a book.",
}


def best_of(hits, language):
    return max((h for h in hits if h.chunk.language == language), key=lambda h: h.lexical)


@pytest.mark.parametrize(
    ("minority", "language"),
    [
        ("Бассейнге жексенбіде кіруге болмайды.", "kk"),
        ("По воскресеньям вход в бассейн закрыт.", "ru"),
    ],
)
def test_a_sentence_in_another_language_than_its_passage_is_found_by_its_words(
    tmp_path, minority, language
):
    rules = " ".join(f"Visitors of room {n} may take photographs." for n in range(9))
    mixed = document(f"{rules} {minority}", "ереже", "en")
    others = [document(text_of(ENGLISH, 9, n), f"paper-{n}", "en") for n in range(3)]
    retriever = opened(tmp_path, [*others, mixed], max_tokens=200)
    *_, chunk = retriever.generation.chunks
    assert (chunk.language, chunk.other_languages) == ("en", (language,))
    [found] = retriever.search(minority, 9, "lexical")
    assert found.chunk == chunk
    # By the terms that all languages share alone, less of it is found.
    retriever._languages.also_in.clear()
    assert all(hit.score < found.score for hit in retriever.search(minority, 9, "lexical"))


@pytest.mark.parametrize(
    "question", ["Өзен қайда құяды?", "Where does the river flow?", "Кім ұшады?"]
)
def test_the_best_words_of_each_language_cost_and_gain_nothing(tmp_path, question):
    retriever = opened(tmp_path, [document(text, name, name) for name, text in TWINS.items()], 10)
    hits = retriever.search(question, 99)
    assert detect(question) in ("kk", "en")
    assert max(hit.lexical for hit in hits) > 0
    for language in TWINS:
        best = best_of(hits, language)
        assert best.score == pytest.approx(best.dense, abs=1e-6)
    assert all(hit.score <= hit.dense + 1e-6 for hit in hits)


def test_more_texts_in_one_language_do_not_push_the_other_down(tmp_path):
    """Kazakh texts full of the question's words must not push the English one down."""
    question = "Өзен қайда құяды?"
    one = [document(TWINS["en"], "en", "en"), document(TWINS["kk"], "kk")]
    crowd = [document(f"Өзен қайда құяды? Өзен {n} құяды.", f"kk-{n}") for n in range(20)]
    before = best_of(opened(tmp_path / "one", one).search(question, 99), "en")
    after = best_of(opened(tmp_path / "crowd", one + crowd).search(question, 99), "en")
    assert after.score >= before.score


# --- some chunks only -----------------------------------------------------------------------------


def rows_of(retriever, step):
    return set(range(0, len(retriever.generation.chunks), step))


def places(hits):
    return [(hit.row, hit.score, hit.dense, hit.lexical) for hit in hits]


def test_all_chunks_can_be_found_at_first(many):
    everything = set(range(len(many.generation.chunks)))
    assert many.visible == everything
    assert many.seeing(everything).visible == everything


@pytest.mark.parametrize("question", QUESTIONS)
def test_seeing_everything_changes_nothing(many, question):
    view = many.seeing(many.visible)
    assert view.search(question, 10**6) == many.search(question, 10**6)
    assert view.search_documents(question, 9) == many.search_documents(question, 9)


@pytest.mark.parametrize("legs", ["both", "dense"])
@pytest.mark.parametrize("step", [1, 2, 7, 50])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_view_ranks_what_it_sees_exactly(many, question, step, legs):
    seen = rows_of(many, step)
    hits = many.seeing(seen).search(question, 10**6, legs)
    assert_ranked(hits)
    assert {hit.row for hit in hits} == seen
    everything = {hit.row: hit for hit in many.search(question, 10**6)}
    best = dict.fromkeys(("kk", "en"), 0.0)
    for row in seen:
        language = everything[row].chunk.language
        best[language] = max(best[language], everything[row].lexical)
    for hit in hits:
        whole = everything[hit.row]
        lacking = hit.lexical - best[hit.chunk.language] if legs == "both" else 0
        assert (hit.chunk, hit.lexical) == (whole.chunk, whole.lexical)
        assert hit.dense == pytest.approx(whole.dense, abs=1e-6)
        assert hit.score == pytest.approx(hit.dense + WEIGHTS.passage_lexical * lacking, abs=1e-6)


@pytest.mark.parametrize("legs", LEGS)
def test_what_is_not_seen_is_never_found(many, legs):
    for hidden in range(0, len(many.generation.chunks), 9):
        text = many.documents[many.generation.chunks[hidden].document_id].text
        chunk = many.generation.chunks[hidden]
        view = many.seeing(many.visible - {hidden})
        assert hidden not in {h.row for h in view.search(text[chunk.start : chunk.end], 999, legs)}


def test_documents_that_are_not_seen_are_not_found(many):
    seen = [n for n, c in enumerate(many.generation.chunks) if c.document_id == "құжат-3"]
    hits = many.seeing(seen).search_documents(QUESTIONS[0], 100)
    assert [hit.chunk.document_id for hit in hits] == ["құжат-3"]


def test_a_view_leaves_the_whole_as_it_was(many):
    before = places(many.search(QUESTIONS[0], 99))
    view = many.seeing([1, 1, 2, 3])
    assert view.visible == {1, 2, 3}
    assert len(view.search(QUESTIONS[0], 99)) == 3
    assert many.visible == set(range(len(many.generation.chunks)))
    assert places(many.search(QUESTIONS[0], 99)) == before
    assert view.seeing([3, 4]).visible == {3, 4}
    assert (view.documents, view.embedder) == (many.documents, many.embedder)


def test_seeing_nothing_finds_nothing(many):
    view = many.seeing([])
    assert view.visible == set()
    for legs in LEGS:
        assert view.search(QUESTIONS[0], 9, legs) == view.search_documents("Һәм", 9, legs) == []


def test_the_vectors_of_a_view_are_those_of_the_whole(many):
    query = many.analyse(QUESTIONS[0])
    everything = {hit.row: hit for hit in many.search(QUESTIONS[0], 10**6)}
    view = many.seeing(rows_of(many, 5))
    for hit in view.search(QUESTIONS[0], 9):
        whole = everything[hit.row]
        assert (view.sentence_vectors(hit) == many.sentence_vectors(whole)).all()
        assert (view.sentence_cosines(query, [hit]) == many.sentence_cosines(query, [whole])).all()


# --- some documents only --------------------------------------------------------------------------


def test_only_the_documents_that_are_named_are_searched(many):
    view = many.within(["құжат-3", "paper-1"])
    hits = view.search("Өзен мен көл қайда?", 10**6)
    assert {hit.chunk.document_id for hit in hits} == {"құжат-3", "paper-1"}
    assert [one.id for one in view.visible_documents] == ["құжат-3", "paper-1"]
    assert many.within([]) is many
    passages = view.passages_of("paper-1")
    assert [hit.chunk.start for hit in passages] == sorted(hit.chunk.start for hit in passages)
    assert view.passages_of("құжат-0") == []


def test_a_document_is_named_composed_or_decomposed_or_by_a_copy(tmp_path):
    index = Indexer(tmp_path, load=HashEmbedder)
    copied = replace(document("Өзен.", "өзен й.txt"), other_sources=("көшірме й.txt",))
    decomposed = document("Көл.", normalize("NFD", "көл й.txt"))
    index.put([copied, decomposed])
    retriever = index.open()
    for form in ("NFC", "NFD"):
        names = {"өзен й.txt": copied, "көшірме й.txt": copied, "көл й.txt": decomposed}
        for name, one in names.items():
            [found] = retriever.within([normalize(form, name)] * 2).visible_documents
            assert found.id == one.id


def test_documents_of_which_nothing_is_searched_are_told(many):
    rows = {hit.row for hit in many.passages_of("paper-1")}
    with pytest.raises(CorpusError, match="of 'құжат-3' nothing can be searched"):
        many.seeing(rows).within(["құжат-3"])


def test_an_unknown_document_is_told_with_those_like_it(many):
    with pytest.raises(CorpusError, match="no document 'құжат-33' is indexed") as caught:
        many.within(["құжат-3", "құжат-33"])
    assert caught.value.hint.startswith("did you mean 'құжат-3' or ")
    with pytest.raises(CorpusError) as caught:
        many.within(["qqqqqq"])
    assert caught.value.hint == "`dalel documents` lists the ids"


# --- documents in other letters -------------------------------------------------------------------

RIGHT = (
    "Үлкен қалада оқырмандарға жаңа кітапхана ашылды. Ғимараттың үшінші қабаты әзір.\n\nЖаһандық"
    " өлкетану бөлімін Сәуле Тоқтарова басқарады, айыппұл алынбайды."
)


def holding(folder, text):
    """Return a retriever over a text and another one, and the text's only passage."""
    told = document(text, "кітапхана", detect(text))
    retriever = opened(folder, [document("Өзен суы көктемде тасиды.", "өзен"), told], 200)
    [hit] = retriever.passages_of("кітапхана")
    return retriever, hit


@pytest.mark.parametrize("way", WAYS)
def test_sentences_have_the_terms_of_their_own_letters(tmp_path, way):
    (clean, right), (other, typed) = (
        holding(tmp_path / name, text) for name, text in (("1", RIGHT), ("2", WAYS[way](RIGHT)))
    )
    assert len(right.chunk.sentences) == len(typed.chunk.sentences) == 3
    for place in range(3):
        own, met = clean.sentence_terms(right, place), other.sentence_terms(typed, place)
        words = {term for term in own if term.isalpha()}
        assert len(words & met) >= 0.6 * len(words)


@pytest.mark.parametrize("way", ["clean", *WAYS])
def test_words_are_read_in_their_places(tmp_path, way):
    typed = WAYS.get(way, str)(RIGHT)
    retriever, hit = holding(tmp_path, typed)
    spans = hit.chunk.sentences
    for places in (range(3), range(1), range(1, 3)):
        written = typed[spans[places.start][0] : spans[places[-1]][1]]
        read = retriever.readable(hit, places)
        assert [*map(str.isalpha, read)] == [*map(str.isalpha, written)]
        if way == "clean":
            assert read == written
        if way in ("look-alike", "keyboard"):
            assert read in RIGHT


@pytest.mark.parametrize("way", WAYS)
def test_a_question_is_spelt_as_the_documents_are_searched(tmp_path, way):
    retriever, _ = holding(tmp_path, WAYS[way](RIGHT))
    for ask in (keyboard, WAYS["latin-2021"], arabic):
        assert retriever.respell(ask("Айыппұл алынды ма?"), "kk").casefold() == "айыппұл алынды ма?"


def test_a_claim_is_read_as_documents_are(tmp_path):
    retriever, _ = holding(tmp_path, RIGHT)
    right = retriever.analyse_claim(RIGHT, "kk")
    typed = retriever.analyse_claim(keyboard(RIGHT), "kk")
    assert (typed.searched, typed.terms, typed.text) == (RIGHT, right.terms, keyboard(RIGHT))
    assert (typed.vector == right.vector).all()
