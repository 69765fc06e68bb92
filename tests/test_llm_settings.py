"""Tests of chat/llm.py: settings name who writes, and for how long."""

import time

import pytest

from chat.llm import READ_TIMEOUT_SECONDS, open_llm
from chat.settings import LLM_SECONDS, read_settings
from ingest.errors import ModelError

LOCAL = {"llm": "openai:әдеби-модель", "llm_base_url": "http://127.0.0.1:9/v1"}


def test_without_a_model_nobody_writes():
    assert open_llm(read_settings()) is None


def test_the_author_is_the_one_of_the_settings():
    llm = open_llm(read_settings(**LOCAL, llm_unsupported="drop"))
    assert (llm.spec.name, llm.spec.base_url) == tuple(LOCAL.values())
    assert llm.spec.deadline_seconds == LLM_SECONDS
    assert llm.spec.read_timeout_seconds == READ_TIMEOUT_SECONDS
    assert llm.unsupported == "drop"


def test_silence_is_no_longer_than_an_answer_may_take():
    llm = open_llm(read_settings(**LOCAL, llm_seconds="2.5"))
    assert llm.spec.read_timeout_seconds == llm.spec.deadline_seconds == 2.5
    before = time.monotonic()
    deadline = llm.deadline()
    assert before + 2.5 <= deadline.until <= time.monotonic() + 2.5
    assert 0 < deadline.at_most(1).left_seconds <= 1
    assert deadline.at_most(100) == deadline
    assert deadline.at_most(1).stopped is deadline.stopped


def test_a_name_that_is_none_is_an_error():
    with pytest.raises(ModelError, match="expected PROVIDER:MODEL"):
        open_llm(read_settings(llm="модель"))
