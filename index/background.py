"""How near chance comes: the scores that questions about anything else reach in an index.

In: a search, asked 60 questions about cooking, cats and bicycles. Out: the score that such a
question's best passage has, by the language of the question. Every model has a scale of its own
(E5's cosines crowd between 0.7 and 0.9), and questions score higher where documents speak their
language; so a score says little until it is held against what off-topic questions in the same
language reach. The idea is cohort normalisation, from speaker verification: Auckenthaler et al.
2000, doi:10.1006/dspr.1999.0360. Knows nothing of answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from statistics import median

from ingest.document import Language
from ingest.language import detect


@dataclass(frozen=True, slots=True)
class Background:
    """What off-topic questions reach.

    Attributes:
        levels: The median score of their best passages, by the language they are asked in.
    """

    levels: Mapping[Language, float]

    def above(self, score: float, language: Language) -> float:
        """Return how far a score stands above chance, for a question in a language.

        >>> Background({"kk": 0.75, "en": 0.5}).above(1.0, "kk")
        0.25
        """
        return score - self.levels[language]


def questions() -> dict[Language, list[str]]:
    """Return the questions of background.txt, by language: as many in each."""
    text = (resources.files("index") / "background.txt").read_text("utf-8")
    found: dict[Language, list[str]] = {}
    for line in text.splitlines():
        found.setdefault(detect(line), []).append(line)
    return found


def measure(best_score: Callable[[str], float]) -> Background:
    """Ask an index the questions of background.txt.

    A document about cooking answers some of them: the median bears that.

    Args:
        best_score: Returns the score of the best passage for a question.
    """
    return Background(
        {language: median(map(best_score, asked)) for language, asked in questions().items()}
    )
