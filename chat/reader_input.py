"""What the reader's model reads: a question and a window of whole sentences, as token ids.

    <s> query: QUESTION </s> TITLE </s> WINDOW </s>        which words answer
    <s> claim: CLAIM </s> WINDOW </s>                      what the window says of the claim

Passages are cut into windows that overlap by a sentence (`windows`); `encode` turns one into ids
and remembers which characters each token stands for. The tokenizer is the embedded model's, whose
word embeddings the reader shares (index/embedders).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from index.embedders.embedder import model_input_places
from index.embedders.unigram import UnigramTokenizer
from ingest.document import Span

WINDOW_CHARS: Final = 420
"""Characters of a window, if its sentences allow: what the model is trained on."""

MAX_TOKENS: Final = 224
"""Tokens of a question with its window; what is longer is cut at the end."""

_TEXT_TOKENS: Final[Mapping[str, int]] = {"query: ": 64, "claim: ": 110}
"""Tokens that are read of a question, and of a claim, with the prompt."""
_TITLE_TOKENS: Final = 24
_MARKS: Final = re.compile(r"^```\w*[ \t]*$|\*\*|__|`", re.MULTILINE)
_CAPITALS: Final = 0.8  # Share of capitals among the letters from which a text is lower-cased.

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A question with a window, as the model reads it.

    Attributes:
        ids: int64 (t,), the tokens.
        first: The place of the window's first token among them; the last is </s>.
        spans: int64 (t - first - 1, 2), the characters of the window that its tokens stand for.
        whole: Whether the question or claim is read to its end.
    """

    ids: Ids
    first: int
    spans: npt.NDArray[np.int64]
    whole: bool


def windows(sentences: Sequence[Span], max_chars: int = WINDOW_CHARS) -> Iterator[range]:
    """Cut sentences into windows, as ranges of their places; neighbours share one sentence.

    >>> list(windows([(0, 200), (201, 400), (401, 600), (601, 1500)]))
    [range(0, 2), range(1, 3), range(3, 4)]
    """
    first = 0
    while first < len(sentences):
        end = first + 1
        while end < len(sentences) and sentences[end][1] - sentences[first][0] <= max_chars:
            end += 1
        yield range(first, end)
        if end == len(sentences):
            return
        # The next starts with this one's last sentence, unless the two would not fit together.
        fits = sentences[end][1] - sentences[end - 1][0] <= max_chars
        first = end - 1 if fits and end - 1 > first else end


def encode(tokenizer: UnigramTokenizer, prompt: str, text: str, title: str, window: str) -> Encoded:
    """Encode a question or a claim with a window.

    Args:
        tokenizer: The embedded model's.
        prompt: "query: " or "claim: ".
        text: The question or claim.
        title: The title of the document and the heading of the window, or "".
        window: Whole sentences.
    """
    tokens = tokenizer.tokens(prompt + read_as(text)[0])[0]
    asked = tokens[: _TEXT_TOKENS[prompt]]
    head = tokenizer.tokens(read_as(title)[0])[0][:_TITLE_TOKENS] if title else []
    front = [tokenizer.bos, *asked, tokenizer.eos, *head, *([tokenizer.eos] if head else [])]
    read, places = read_as(window)
    body, spans = tokenizer.tokens(read)
    count = max(0, MAX_TOKENS - len(front) - 1)
    starts, ends = np.array(spans[:count], np.int64).reshape(-1, 2).T
    # Several letters may be read for one, and then end where they start.
    ends = np.maximum(places[ends], places[ends - 1] + 1)
    return Encoded(
        ids=np.array([*front, *body[:count], tokenizer.eos], np.int64),
        first=len(front),
        spans=np.stack([places[starts], ends], axis=1),
        whole=len(asked) == len(tokens),
    )


def read_as(text: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Return a text as the model reads it, and the place in the text of each of its characters.

    As `model_input`; without Markdown's marks of emphasis and code, which no one reads; and in
    lower case where it is all capitals: the vocabulary is cased.

    Returns:
        The n characters that are read, and int64 (n + 1,): where each is from, then the end.

    >>> read_as("ӘЛЕМ")[0], read_as("**Ә:** `бір`")[0], read_as("```bash")[0]
    ('әлем', 'Ә: бір', '')
    """
    read, places = model_input_places(text)
    marks = {at for mark in _MARKS.finditer(text) for at in range(*mark.span())}
    if marks:
        left = [at for at in range(len(read)) if places[at] not in marks]
        read, places = "".join(read[at] for at in left), [places[at] for at in (*left, len(read))]
    letters = [char for char in read if char.isalpha()]
    if len(letters) > 3 and sum(map(str.isupper, letters)) >= _CAPITALS * len(letters):
        # Some capitals become two characters, such as «İ»; the second would have no place.
        read = "".join(char.lower()[:1] for char in read)
    return read, np.array(places)
