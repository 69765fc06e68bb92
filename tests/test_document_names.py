"""Tests of index/document_names.py: the names that a text holds, as looking for each would find."""

import re
import unicodedata

from fakes import document
from hypothesis import given
from hypothesis import strategies as st

from index.document_names import DocumentNames

DOCUMENTS = [
    document("Бір.", "көлдер/алматы_көлі.txt", title="Үлкен Алматы көлі"),
    document("Екі.", "ferry-2024.txt", "en"),
    document("Үш.", "музей", "ru", "Городской музей: правила"),
    document("Төрт.", "b/есеп 2024.pdf", title="COVID-19"),
    document("Бес.", "a/есеп 2024.pdf", title="«Ұлы дала»"),
    document("Алты.", "үкі", title="Үкі  туралы\nбәрі"),
]
NAMES = DocumentNames.of(DOCUMENTS)


def found(text, names=NAMES):
    return {one.name: (one.places.tolist(), one.is_telling) for one in names.within(text)}


def test_each_name_tells_its_documents():
    assert found("үлкен алматы көлі мен алматы_көлі.txt, көлдер/алматы_көлі.txt") == {
        "үлкен алматы көлі": ([0], True),
        "алматы_көлі.txt": ([0], True),
        "көлдер/алматы_көлі.txt": ([0], True),
    }
    assert found("есеп 2024.pdf") == {"есеп 2024.pdf": ([3, 4], True)}
    assert found("«covid-19» музей") == {"covid-19": ([3], False), "музей": ([2], False)}
    assert found("«ұлы дала» үкі туралы бәрі") == {
        "«ұлы дала»": ([4], False),
        "үкі": ([5], False),
        "үкі туралы бәрі": ([5], True),
    }


def test_a_part_of_a_word_is_no_name():
    assert found("музейлер үкілі ferry-2024.txtx бүлкен алматы көлі") == {}
    assert found("«музей»-де ferry-2024.txt-ті, (үкі)").keys() == {
        "музей",
        "ferry-2024.txt",
        "үкі",
    }


def test_letters_in_parts_are_composed_in_names():
    name = unicodedata.normalize("NFD", "Ойыл_ауданы.txt")
    assert found("ойыл_ауданы.txt", DocumentNames.of([document("Бір.", name)]))


def test_without_documents_there_is_no_name():
    assert found("музей", DocumentNames.of([])) == {}
    assert found("") == {}


words = st.sampled_from(["үкі", "ән", "a.b", "«", "»", "1", "Ә_", "-", "()", "өзен көл"])
titles = st.lists(words, min_size=1, max_size=4).map(" ".join)
joined = st.lists(st.tuples(words, st.sampled_from(["", " ", ", "])), max_size=9)


@given(st.lists(titles, max_size=6), joined)
def test_what_is_found_is_what_looking_for_each_name_finds(names, parts):
    documents = [document("Бір.", f"{n}", title=title) for n, title in enumerate(names)]
    text = "".join(chain for pair in parts for chain in pair).casefold()
    expected = {
        name
        for each in (*names, *map(str, range(len(names))))
        for name in [" ".join(each.split()).casefold()]
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
    }
    assert expected <= found(text, DocumentNames.of(documents)).keys()
    assert all(name in text for name in found(text, DocumentNames.of(documents)))
