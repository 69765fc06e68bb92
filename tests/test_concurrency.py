"""Questions asked while another process indexes again and again: each answer is of one generation.

All documents say which version they are of; half of the readers share one open index, as the page
does, the others open it for each question, as commands do. The model that searches is a hash of
letters; the one that reads is the real one.
"""

import multiprocessing
import os
import re
import threading

import pytest
from campaign import at_length
from fakes import HashEmbedder
from waiting import PATIENT_SECONDS

from chat.pipeline import answer
from index.indexer import Indexer, LiveIndex
from index.sync import index_files

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.campaign]

READERS = 8
QUESTIONS = ("Дала қай жылы ашылды?", "Өзен қай жылы ашылды?", "When was the sea opened?")
TEXTS = {
    "дала.txt": "Дала {year} жылы ашылды. Оның аумағы кең.",
    "өзен.txt": "Өзен {year} жылы ашылды. Оның суы мол.",
    "sea.txt": "The sea was opened in {year}. Its shore is long.",
}


def write(folder, year):
    folder.mkdir(exist_ok=True)
    for name, text in TEXTS.items():
        (folder / name).write_text(text.format(year=year), "utf-8")
    # One that comes and goes.
    if year % 2:
        (folder / "тау.txt").write_text(f"Тау {year} жылы ашылды.", "utf-8")
    else:
        (folder / "тау.txt").unlink(missing_ok=True)


def index(home, folder, year):
    write(folder, year)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.calibration.off_topic_questions", lambda: {
            "kk": ["дала"], "en": ["sea"], "ru": ["дом"]
        })  # fmt: skip
        patch.setattr(os, "fsync", os.fstat)
        index_files(Indexer(home, load=HashEmbedder), [folder])


def _index_for_ever(home, folder, times):
    for year in range(1001, 1001 + times):
        index(home, folder, year)


def years(whole, retriever):
    """Return which versions an answer is of; hold each of its quotes against its document."""
    documents = retriever.documents
    for quote in whole.citations:
        assert documents[quote.document_id].text[quote.start : quote.end] == quote.quote
    told = [*(quote.quote for quote in whole.citations), *(each.text for each in whole.passages)]
    return {int(year) for text in told for year in re.findall(r"\d{4}", text)}


def test_every_answer_is_of_one_generation(tmp_path):
    home, folder, times = tmp_path / "үй", tmp_path / "құжаттар", at_length(50, 6)
    index(home, folder, 1000)
    indexer = Indexer(home, load=HashEmbedder)
    live = LiveIndex(indexer, indexer.open())
    done, errors, seen = threading.Event(), [], []

    def read(number):
        try:
            asked = 0
            while not done.is_set() or asked < len(QUESTIONS):
                retriever = live.retriever() if number % 2 else indexer_of(home).open()
                question = QUESTIONS[(number + asked) % len(QUESTIONS)]
                seen.append(years(answer(question, retriever), retriever))
                asked += 1
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    writer = multiprocessing.get_context("spawn").Process(
        target=_index_for_ever, args=(home, folder, times)
    )
    for thread in threads:
        thread.start()
    writer.start()
    writer.join(PATIENT_SECONDS)
    done.set()
    for thread in threads:
        thread.join(PATIENT_SECONDS)
    assert (errors, writer.exitcode) == ([], 0)
    assert {len(each) for each in seen} == {1}, "an answer of two generations, or of none"
    assert len(seen) >= READERS * len(QUESTIONS)
    assert len({year for each in seen for year in each}) > 1, "all was over before it began"
    # What is there now is seen at once, and little is left of what was.
    last = years(answer(QUESTIONS[0], live.retriever()), live.retriever())
    assert last == {1000 + times}
    assert len([path for path in (home / "index").iterdir() if path.name.isdecimal()]) == 2


def indexer_of(home):
    return Indexer(home, load=HashEmbedder)
