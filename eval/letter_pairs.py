"""Counts the pairs of letters that tell in which encoding a text is: ingest/letter_pairs.json.

`python -m eval.letter_pairs` counts them in the passages that the reader and the retriever are
taught with, without those that are held out, in a few seconds. Words with odd characters are left
out. Then it says, of pieces of the passages held out, how many are told in each length.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Final

from eval.training.reading_rows import held_out
from ingest.code_pages import CODE_PAGES
from ingest.encoding import decode
from ingest.errors import CorpusError
from ingest.letter_statistics import EDGE, ODD, PAIRS_FILE, words_of

PASSAGES: Final = ("passages.jsonl", "search_passages.jsonl")

TYPESET: Final = str.maketrans({"'": "’", '"': "”"})
"""What word processors make of what is typed; the passages are counted in both ways."""

LENGTHS: Final = (1, 2, 4, 8, 16, 64)
"""Words of the pieces that say what the counts are worth."""


def passages(*, kept_back: bool) -> Iterator[tuple[str, str]]:
    """Yield the language and the text of each passage: those held out, or the others."""
    for name in PASSAGES:
        lines = (Path(__file__).parent / "training" / name).read_text("utf-8").splitlines()
        for row in map(json.loads, lines):
            if held_out(row["id"]) == kept_back:
                yield row["language"], f"{row['title']}\n{row['text']}"


def counted() -> dict[str, dict[str, int]]:
    """Return how often each pair of symbols is in the words of each language."""
    counts: dict[str, Counter[str]] = {"kk": Counter(), "ru": Counter(), "en": Counter()}
    for language, text in passages(kept_back=False):
        for written in (text, text.translate(TYPESET)):
            words = (f"{EDGE}{word}{EDGE}" for word in words_of(written) if ODD not in word)
            counts[language].update(a + b for word in words for a, b in pairwise(word))
    return {language: dict(sorted(pairs.items())) for language, pairs in counts.items()}


def outcomes(length: int) -> Counter[str]:
    """Return how many pieces of passages held out are read right, wrong, or not at all.

    Args:
        length: Words of a piece. One is cut from each passage, and written in every code page that
            can write it, if that makes a difference.
    """
    counts = Counter[str]()
    for number, (_, text) in enumerate(passages(kept_back=True)):
        words = text.split()
        start = number * 7 % max(1, len(words) - length)
        piece = " ".join(words[start : start + length])
        for codec in CODE_PAGES:
            with suppress(UnicodeEncodeError):
                data = piece.encode(codec)
                if not data.isascii():
                    counts[_outcome(data, piece)] += 1
    return counts


def _outcome(data: bytes, text: str) -> str:
    try:
        return "right" if decode(data).text == text else "wrong"
    except CorpusError:
        return "not told"


def main() -> None:
    """Write the counts, and say what they are worth."""
    lines = (
        f"{json.dumps(language)}: {json.dumps(pairs, ensure_ascii=False, separators=(',', ':'))}"
        for language, pairs in counted().items()
    )
    file = Path(str(resources.files("ingest") / PAIRS_FILE))
    file.write_text("{" + ",\n ".join(lines) + "}\n", "utf-8")
    sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")
    for length in LENGTHS:
        counts = outcomes(length)
        shares = (f"{name} {counts[name] / counts.total():.1%}" for name in sorted(counts))
        sys.stdout.write(f"{length} words, {counts.total():,} pieces: {', '.join(shares)}\n")


if __name__ == "__main__":
    main()
