"""Calibration: the scores that off-topic questions reach in an index.

60 questions about cooking, cats and bicycles (calibration_questions.txt) are searched for, and the
median score of their best passages is kept by the language of the question. Every model has a scale
of its own (E5's cosines crowd between 0.7 and 0.9), and questions score higher where the documents
are in their language. So a score says little until it is compared with what off-topic questions in
the same language reach. This is cohort normalisation, from speaker verification: Auckenthaler et
al. 2000, doi:10.1006/dspr.1999.0360.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from statistics import median

from ingest.document import Language
from ingest.language import detect


@dataclass(frozen=True, slots=True)
class Calibration:
    """The scores that off-topic questions reach.

    Attributes:
        levels: The median score of their best passages, by the language of the question.
    """

    levels: Mapping[Language, float]

    def above(self, score: float, language: Language) -> float:
        """Return a score less the level of off-topic questions in a question's language.

        >>> Calibration({"kk": 0.75, "en": 0.5}).above(1.0, "kk")
        0.25
        """
        return score - self.levels[language]


def off_topic_questions() -> dict[Language, list[str]]:
    """Return the questions of calibration_questions.txt by language: the same number in each."""
    text = (resources.files("index") / "calibration_questions.txt").read_text("utf-8")
    questions: dict[Language, list[str]] = {}
    for line in text.splitlines():
        questions.setdefault(detect(line), []).append(line)
    return questions


def calibrate(best_score: Callable[[str], float]) -> Calibration:
    """Measure what the questions of calibration_questions.txt score in an index.

    A document about cooking answers some of them; the median is not moved by a few.

    Args:
        best_score: Returns the score of the best passage for a question.
    """
    return Calibration(
        {
            language: median(map(best_score, questions))
            for language, questions in off_topic_questions().items()
        }
    )
