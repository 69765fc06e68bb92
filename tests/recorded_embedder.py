"""An embedder that processes load by name, and that writes down what it was asked for.

What it is asked for goes into the file that RECORD names in the environment: a line of JSON for
each call, the process and the texts. Words in a text have it do what is to be tested.
"""

import hashlib
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import numpy as np

from index.embedders.embedder import no_progress
from ingest.errors import ModelError

RECORD = "DALEL_TEST_RECORD"

PAUSE = "DALEL_TEST_PAUSE"
"""Seconds that each call takes, if it is set."""

KILLED, REFUSED, RAISED, SLOW, VAST = "{өлтір}", "{қайтар}", "{құла}", "{баяула}", "{сыйма}"
"""What a text has to say, so that embedding it ends the process, is refused, raises, takes a tenth
of a second, or finds no memory. No text says so by itself."""


class RecordedEmbedder:
    """Vectors of 16 numbers, by the hash of a text."""

    dimension = 16
    max_tokens = 512
    weights_sha256 = "0" * 64

    def __init__(self, name):
        self.name = name
        if name == "жоқ":
            raise ModelError("the model 'жоқ' cannot be loaded", hint="check the name")
        if name == "өледі" and os.environ["PARENT"] != str(os.getpid()):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "өзге" and os.environ["PARENT"] != str(os.getpid()):
            self.weights_sha256 = "1" * 64

    def embed_queries(self, texts):
        digests = b"".join(
            hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts
        )
        vectors = np.frombuffer(digests, np.uint16).reshape(-1, self.dimension).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_passages(self, texts, progress=no_progress):
        with open(os.environ[RECORD], "a") as file:
            file.write(json.dumps([os.getpid(), [*texts]]) + "\n")
        for text in texts:
            _do(text)
        time.sleep(float(os.environ.get(PAUSE, 0)))
        progress(len(texts), len(texts))
        return self.embed_queries(texts)

    def count_tokens(self, text):
        return len(text.split()) + 2


def _do(text):
    if KILLED in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if REFUSED in text:
        raise ModelError("the model refuses a text", hint="leave it out")
    if RAISED in text:
        raise ValueError("өкінішке орай\nекінші жол")
    if VAST in text:
        raise MemoryError
    if SLOW in text:
        time.sleep(0.1)


def calls(record):
    """Return what was asked for: processes and texts, call by call."""
    if not Path(record).exists():
        return []
    return [(pid, texts) for pid, texts in map(json.loads, Path(record).read_text().splitlines())]


def asked(record):
    """Return how often each text was asked for."""
    return Counter(text for _, texts in calls(record) for text in texts)
