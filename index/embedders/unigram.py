"""The tokenizer of the embedded weights, for reading at question time: a text in, token ids out.

It splits as the C engine and the `tokenizers` library do (index/embedders/tokenizer.py), which the
tests hold it to. It is here because the library takes 0.8 seconds to load these 250,000 pieces,
more than a whole question, and the engine only counts. It is a unigram model, cut by Viterbi's
algorithm: Kudo 2018, arXiv:1804.10959.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from index.embedders.tokenizer import Unigram
from ingest.document import Span

_SPACE: Final = "▁"
_CACHED_WORDS: Final = 50_000

_Word = tuple[tuple[int, int], ...]  # The token ids of a word, each with its number of characters.


class UnigramTokenizer:
    """Cuts texts into the pieces of a vocabulary."""

    def __init__(self, unigram: Unigram) -> None:
        """Take a vocabulary."""
        self.bos, self.eos, self.pad = unigram.bos, unigram.eos, unigram.pad
        self._unknown = unigram.unknown
        self._replacements = unigram.replacements
        self._ids = {piece: number for number, piece in enumerate(unigram.pieces)}
        del self._ids[unigram.pieces[unigram.unknown]]  # Never read out of a text.
        self._scores = unigram.scores
        self._longest = max(map(len, unigram.pieces))
        # An unknown character costs more than any piece; as in the library, by 10.
        self._unknown_score = min(unigram.scores) - 10
        self._cut = lru_cache(_CACHED_WORDS)(self._best_cut)

    def tokens(self, text: str) -> tuple[list[int], list[Span]]:
        """Cut a text; return the ids, and the characters of the text that each stands for."""
        ids: list[int] = []
        spans: list[Span] = []
        for word, places in self._words(text):
            at = 0
            for number, length in self._cut(word):
                ids.append(number)
                # The sign for a space stands for the space before the word, if there is one.
                spans.append((places[at], places[at + length - 1] + 1))
                at += length
        return ids, spans

    def _words(self, text: str) -> Iterator[tuple[str, list[int]]]:
        """Yield the words of a text, a space sign before each, with the places of their signs."""
        word, places = _SPACE, [-1]
        for place, char in enumerate(text):
            for read in self._replacements.get(char, char):
                if read != " ":
                    word += read
                    places.append(place)
                    continue
                if word != _SPACE:
                    yield word, _anchored(places)
                word, places = _SPACE, [place]  # Of several spaces, the last.
        if word != _SPACE or places != [-1]:
            yield word, _anchored(places)

    def _best_cut(self, word: str) -> _Word:
        """Return the most probable cut of a word."""
        best = [0.0] + [float("-inf")] * len(word)
        cuts: list[tuple[int, int]] = [(0, 0)] * (
            len(word) + 1
        )  # Each end's last piece, its start.
        for start in range(len(word)):
            known = False
            for end in range(start + 1, min(len(word), start + self._longest) + 1):
                number = self._ids.get(word[start:end])
                if number is None:
                    continue
                known = known or end == start + 1
                score = best[start] + self._scores[number]
                if score > best[end]:
                    best[end], cuts[end] = score, (number, start)
            if not known and best[start] + self._unknown_score > best[start + 1]:
                best[start + 1] = best[start] + self._unknown_score
                cuts[start + 1] = (self._unknown, start)
        pieces = []
        end = len(word)
        while end:
            number, start = cuts[end]
            pieces.append((number, end - start))
            end = start
        return tuple(reversed(pieces))


def _anchored(places: list[int]) -> list[int]:
    """Give the first space sign the place of its word if there is no space before it."""
    return [places[1] if places[0] < 0 and len(places) > 1 else max(places[0], 0), *places[1:]]
