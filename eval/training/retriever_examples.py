"""From rows to what the retriever is trained on: questions with texts, the first of which answers.

Passages and sentences are searched, so both are drawn: a window of the passage around what answers,
with its title before it as in an index, or the sentence itself; against it other texts of the same
passage, and of passages that search finds for the question though they do not answer it. Sentences
that say the same in two languages are questions of each other; a claim is a question of the
sentences that support it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from eval.training.augmentation import code_switched
from eval.training.lexical_match import Weight, Words
from eval.training.passage_windows import meet, sentence_spans, window_with, window_without
from eval.training.reading_rows import OWN_SOURCE, ClaimRow, QuestionRow
from index.embedders.embedder import model_input
from index.embedders.unigram import UnigramTokenizer
from ingest.language import detect

TEXTS: Final = 3
"""Texts that a question is compared with, besides those of the other questions."""

MAX_TOKENS: Final = 160
"""Tokens of a text; what is longer is cut at the end, as a long passage is."""

_SENTENCE = 0.5  # Of the questions: sentences are compared, not windows.
_WITHOUT_TITLE = 0.3
_CARELESS = 0.1  # Questions in lower case and without their question mark.
_CODE_SWITCHED = 0.4  # Of the English questions: words of another language, in it or its text.

Ids = npt.NDArray[np.int64]
Teacher = Callable[[str, Sequence[str]], Sequence[float]]
"""Returns how surely each text answers a question, in log-odds."""


@dataclass(slots=True)
class RetrievalExample:
    """A question with texts.

    Attributes:
        question: int64 (t,), its tokens.
        texts: The tokens of the texts; the first answers.
        passage: What the text that answers is of.
        others: What the other texts are of.
        words: The words of all of them.
        teacher: How surely each text answers, in log-odds; None if nobody read them.
    """

    question: Ids
    texts: list[Ids]
    passage: str
    others: list[str]
    words: Words
    teacher: list[float] | None = None


class RetrievalDrawing:
    """Draws examples from rows; the same ones for the same seed."""

    def __init__(
        self,
        tokenizer: UnigramTokenizer,
        questions: Sequence[tuple[QuestionRow, float]],
        claims: Sequence[ClaimRow],
        pairs: Sequence[tuple[str, str]],
        nearest: Mapping[str, Sequence[QuestionRow]],
        weight: Weight,
        teacher: Teacher | None = None,
    ) -> None:
        """Take what is drawn from.

        Args:
            tokenizer: The embedded model's.
            questions: Rows with questions that are answered, each with the weight it is drawn by.
            claims: Claims that are supported.
            pairs: Texts that say the same in two languages.
            nearest: By question, rows whose passages are near it and do not answer it.
            weight: Of a term, by how rare it is in their passages.
            teacher: What reads the candidates of own questions; None for no teacher.
        """
        self._tokenizer = tokenizer
        self._questions = [row for row, _ in questions]
        self._weights = np.cumsum([weight for _, weight in questions]).tolist()
        self._claims, self._pairs = claims, pairs
        self._nearest, self._weight, self._teacher = nearest, weight, teacher
        self._languages: dict[str, list[QuestionRow]] = defaultdict(list)
        for row in self._questions:
            if row.pair:
                self._languages[row.pair].append(row)
        # A passage and its translations are one: any of them is named by the first of them.
        self._translations = {
            row.context: min(one.context for one in rows)
            for rows in self._languages.values()
            for row in rows
        }

    def pool(self, seed: str, count: int) -> list[RetrievalExample]:
        """Draw examples."""
        random = Random(seed)
        return [self._draw(random) for _ in range(count)]

    def _draw(self, random: Random) -> RetrievalExample:
        chance = random.random()
        if self._pairs and chance < 0.1:
            pair = list(random.choice(self._pairs))
            random.shuffle(pair)
            return self._example(pair[0], [(pair[1], "\n".join(sorted(pair)))])
        if self._claims and chance < 0.2:
            return self._claim(random.choice(self._claims), random)
        (row,) = random.choices(self._questions, cum_weights=self._weights)
        asked, passage = row, self._passage(row.context)
        if row.pair and random.random() < 0.7:
            other = random.choice(self._languages[row.pair])
            asked = replace(row, question=other.question, language=other.language)
        english = asked.language == "en" == detect(row.context)
        if english and random.random() < _CODE_SWITCHED:
            asked = code_switched(asked, random.choice(("kk", "kk", "ru")), random)
        question = asked.question
        if random.random() < _CARELESS:
            question = question.lower().rstrip("?. ")
        as_sentence = random.random() < _SENTENCE
        texts = [(self._answering(asked, as_sentence, random), passage)]
        texts += self._not_answering(row, as_sentence, random)
        return self._example(question, texts, read=row.source == OWN_SOURCE)

    def _claim(self, row: ClaimRow, random: Random) -> RetrievalExample:
        sentences = [span for span in sentence_spans(row.context) if _any_meets(span, row.evidence)]
        start, end = random.choice(sentences)
        return self._example(row.claim, [(row.context[start:end], row.context)])

    def _answering(self, row: QuestionRow, as_sentence: bool, random: Random) -> str:
        needed = row.evidence or row.answers
        spans = sentence_spans(row.context)
        if not as_sentence:
            return _titled(row, window_with(row.context, needed, random), random)
        inside = [span for span in spans if _any_meets(span, row.answers)]
        start, end = random.choice(inside or [span for span in spans if _any_meets(span, needed)])
        return row.context[start:end]

    def _not_answering(
        self, row: QuestionRow, as_sentence: bool, random: Random
    ) -> Iterator[tuple[str, str]]:
        """Yield other texts with what they are of: one of the same passage, if it has one."""
        said = {row.context[a:b].casefold() for a, b in row.answers}
        needed = (*(row.evidence or ()), *row.answers)
        window = window_without(row.context, needed, random)
        left = TEXTS - 1
        if window and (as_sentence or random.random() < 0.5):
            left -= 1
            yield _text(row, window, as_sentence, random), self._passage(row.context)
        near = list(self._nearest.get(row.question, ()))
        random.shuffle(near)
        for other in near:
            passage = self._passage(other.context)
            if not left or passage == self._passage(row.context):
                continue
            text = _text(other, window_with(other.context, (), random), as_sentence, random)
            if not any(words in text.casefold() for words in said):
                left -= 1
                yield text, passage

    def _passage(self, context: str) -> str:
        return self._translations.get(context, context)

    def _example(
        self, question: str, texts: Sequence[tuple[str, str]], *, read: bool = False
    ) -> RetrievalExample:
        teacher = None
        if read and self._teacher and len(texts) > 1:
            teacher = list(self._teacher(question, [text for text, _ in texts]))
            teacher[0] = max(teacher)  # Whoever wrote the row knows better.
        return RetrievalExample(
            question=self._ids("query: " + question),
            texts=[self._ids("passage: " + text) for text, _ in texts],
            passage=texts[0][1],
            others=[passage for _, passage in texts[1:]],
            words=Words.of(question, [text for text, _ in texts], self._weight),
            teacher=teacher,
        )

    def _ids(self, text: str) -> Ids:
        tokens = self._tokenizer.tokens(model_input(text))[0][: MAX_TOKENS - 2]
        return np.array([self._tokenizer.bos, *tokens, self._tokenizer.eos], np.int64)


def batches(
    pool: list[RetrievalExample], tokens: int, random: Random
) -> Iterator[list[RetrievalExample]]:
    """Cut a pool into batches of examples of like length, at most `tokens` with their padding."""
    cut: list[list[RetrievalExample]] = [[]]
    texts = 0
    for example in sorted(pool, key=_longest):
        texts += len(example.texts)
        if cut[-1] and texts * _longest(example) > tokens:
            cut.append([])
            texts = len(example.texts)
        cut[-1].append(example)
    random.shuffle(cut)
    yield from cut


def _longest(example: RetrievalExample) -> int:
    return max(map(len, example.texts))


def _text(row: QuestionRow, window: range, as_sentence: bool, random: Random) -> str:
    if not as_sentence:
        return _titled(row, window, random)
    start, end = sentence_spans(row.context)[random.choice(window)]
    return row.context[start:end]


def _titled(row: QuestionRow, window: range, random: Random) -> str:
    spans = sentence_spans(row.context)
    text = row.context[spans[window.start][0] : spans[window.stop - 1][1]]
    return f"{row.title}\n{text}" if row.title and random.random() >= _WITHOUT_TITLE else text


def _any_meets(sentence: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(meet(sentence, span) for span in spans)
