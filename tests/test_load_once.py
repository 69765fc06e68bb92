"""Tests of index/embedders/load_once: loaded once, whoever asks, and again after an error."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from index.embedders.load_once import load_once
from ingest.errors import ModelError

THREADS = 8


def test_threads_that_ask_at_once_get_one_thing():
    together, loaded = Barrier(THREADS), []

    @load_once
    def load():
        """Үлгіні жүктейді."""
        loaded.append(object())
        return loaded[-1]

    def ask():
        together.wait()
        return load()

    with ThreadPoolExecutor(THREADS) as threads:
        given = [each.result() for each in [threads.submit(ask) for _ in range(THREADS)]]
    assert given == THREADS * loaded
    assert load() is loaded[0]
    assert load.__doc__ == "Үлгіні жүктейді."


def test_what_could_not_be_loaded_is_tried_again():
    answers = [ModelError("файл жоқ"), "үлгі"]

    @load_once
    def load():
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ModelError, match="файл жоқ"):
        load()
    assert load() == load() == "үлгі"
    assert answers == []
