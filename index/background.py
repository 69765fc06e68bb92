"""How near chance comes: the cosines that questions about anything else reach in an index.

In: an embedder, and the vectors of an index's sentences. Out: mean and spread of the best cosines.
Every model has a scale of its own (E5's cosines crowd between 0.7 and 0.9), so a cosine says
little until it is held against what off-topic questions reach. The idea is z-norm, from speaker
verification: Auckenthaler et al. 2000, doi:10.1006/dspr.1999.0360. Knows nothing of answers.
"""

from dataclasses import dataclass
from importlib import resources

import numpy as np

from index.embed import Embedder
from index.vectors import VectorStore


@dataclass(frozen=True, slots=True)
class Background:
    """What off-topic questions reach.

    Attributes:
        mean: Median of their best cosines, -1 to 1.
        deviation: Their standard deviation, told by the quartiles, above 0.
    """

    mean: float
    deviation: float

    def standing(self, cosine: float) -> float:
        """Return how many deviations a cosine stands above chance.

        >>> Background(mean=0.8, deviation=0.02).standing(0.84)
        2.0
        """
        return round((cosine - self.mean) / self.deviation, 6)


def measure(embedder: Embedder, sentences: VectorStore) -> Background:
    """Ask an index the questions of background.txt, in Kazakh, English and Russian.

    A document about cooking answers some of them: the median and the quartiles bear that.
    """
    text = (resources.files("index") / "background.txt").read_text("utf-8")
    best = sentences.search(embedder.embed_queries(text.splitlines()), 1)[0][:, 0]
    low, median, high = np.quantile(best, [0.25, 0.5, 0.75])
    # The quartiles of a normal distribution lie 1.349 deviations apart.
    return Background(float(median), max(float(high - low) / 1.349, 1e-3))
