"""Words that carry no topic, by language; the words themselves are stopwords.toml.

In: a language. Out: its stop words, case-folded.
"""

import tomllib
from functools import cache
from importlib import resources

from ingest.document import Language


@cache
def stopwords(language: Language) -> frozenset[str]:
    """Return the stop words of a language.

    >>> "және" in stopwords("kk")
    True
    """
    text = (resources.files("index.analysis") / "stopwords.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[language].split())
