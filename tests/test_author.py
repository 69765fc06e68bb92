"""Tests of chat/author.py: settings name who writes, and for how long."""

import time

import pytest

from chat.author import author_of
from chat.config import LLM_SECONDS, read_settings
from chat.model import SILENCE_SECONDS
from ingest.errors import ModelError

LOCAL = {"llm": "openai:әдеби-модель", "llm_base_url": "http://127.0.0.1:9/v1"}


def test_without_a_model_nobody_writes():
    assert author_of(read_settings()) is None


def test_the_author_is_the_one_of_the_settings():
    author = author_of(read_settings(**LOCAL, llm_unsupported="drop"))
    assert (author.writer.name, author.writer.base_url) == tuple(LOCAL.values())
    assert author.writer.deadline_seconds == LLM_SECONDS
    assert author.writer.silence_seconds == SILENCE_SECONDS
    assert author.unsupported == "drop"


def test_silence_is_no_longer_than_an_answer_may_take():
    author = author_of(read_settings(**LOCAL, llm_seconds="2.5"))
    assert author.writer.silence_seconds == author.writer.deadline_seconds == 2.5
    before = time.monotonic()
    patience = author.patience()
    assert before + 2.5 <= patience.until <= time.monotonic() + 2.5
    assert 0 < patience.at_most(1).left_seconds <= 1
    assert patience.at_most(100) == patience
    assert patience.at_most(1).stopped is patience.stopped


def test_a_name_that_is_none_is_an_error():
    with pytest.raises(ModelError, match="expected PROVIDER:MODEL"):
        author_of(read_settings(llm="модель"))
