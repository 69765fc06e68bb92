"""Counts the letters of Dalel's own Kazakh training passages: the letter models that ship.

`python -m eval.training.train_letters` writes `index/analysis/kazakh_letters.tsv`, by which Kazakh
is spelt that was typed without its letters, and `ingest/kazakh_in_latin.tsv`, by which Kazakh in
Latin letters is told from other languages in them: the same passages in four Latin alphabets, their
marks taken off. What is held out is left out.
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from eval.robustness import transliterate
from eval.training.reading_rows import held_out
from ingest.language import without_marks
from ingest.letter_model import END, ORDER, START

FOLDER: Final = Path(__file__).parent
PASSAGES: Final = (FOLDER / "passages.jsonl", FOLDER / "search_passages.jsonl")
CYRILLIC: Final = FOLDER.parents[1] / "index" / "analysis" / "kazakh_letters.tsv"
LATIN: Final = FOLDER.parents[1] / "ingest" / "kazakh_in_latin.tsv"
LATIN_WAYS: Final = ("latin-2017", "latin-2018", "latin-2021", "latin")

MIN_SHARE: Final = 0.12
"""Share of Kazakh letters, of all letters of a text, that shows that it was typed with them."""

MIN_COUNT, MIN_LATIN_COUNT = 2, 8
"""How often letters in a row must have been seen, three or more of them together."""

LATIN_ORDER: Final = 4
"""Letters that are looked at together in Latin script: telling languages apart needs fewer."""

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC_WORD = re.compile("[а-яёәғқңөұүһі]+")
_KAZAKH_LETTER = re.compile("[әғқңөұүһі]")


def main() -> int:
    """Make both data files anew."""
    rows = [json.loads(line) for path in PASSAGES for line in path.read_text("utf-8").splitlines()]
    texts = [
        unicodedata.normalize("NFC", text).casefold()
        for row in rows
        if row["language"] == "kk" and not held_out(row["id"])
        for text in _strings(row)
    ]
    typed_right = [text for text in texts if _is_typed_right(text)]
    words = (word for text in typed_right for word in _WORD.findall(text))
    cyrillic = Counter(word for word in words if _CYRILLIC_WORD.fullmatch(word))
    _write(CYRILLIC, _rows(cyrillic, ORDER, MIN_COUNT))
    latin = Counter(
        word
        for text in typed_right
        for way in LATIN_WAYS
        for word in _WORD.findall(without_marks(transliterate(text, way)))
    )
    _write(LATIN, _rows(latin, LATIN_ORDER, MIN_LATIN_COUNT))
    return 0


def _strings(value: Any) -> Iterable[str]:  # noqa: ANN401  (JSON)
    """Yield the texts of a row; not its names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("id", "language"):
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _is_typed_right(text: str) -> bool:
    """Say whether a text is Kazakh and was typed with the letters of its own; questions are too."""
    words = _WORD.findall(text)
    return len(_KAZAKH_LETTER.findall(text)) >= MIN_SHARE * max(sum(map(len, words)), 20)


def _rows(words: Mapping[str, int], order: int, min_count: int) -> Mapping[str, Counter[str]]:
    """Count what stands behind up to `order - 1` letters."""
    counts: Counter[str] = Counter()
    for word, times in words.items():
        letters = START + word + END
        for place in range(1, len(letters)):
            for start in range(max(0, place - order + 1), place + 1):
                counts[letters[start : place + 1]] += times
    rows: dict[str, Counter[str]] = {}
    for letters, times in counts.items():
        if len(letters) < 3 or times >= min_count:
            rows.setdefault(letters[:-1], Counter())[letters[-1]] = times
    return rows


def _write(path: Path, rows: Mapping[str, Counter[str]]) -> None:
    lines = (
        f"{before}\t{' '.join(f'{letter}{times}' for letter, times in row.most_common())}\n"
        for before, row in sorted(rows.items())
    )
    path.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
