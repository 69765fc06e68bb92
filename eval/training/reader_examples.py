"""From rows to what the reader is trained on: windows with their targets, drawn without end.

A question's window holds its answer, or is another window of the same passage, or of another one
that a retriever finds for it: at question time most windows that the reader sees are such. A
claim's window holds the evidence; one that does not hold it does not state the claim. Questions and
passages of the same id in several languages are mixed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from chat.reader_input import encode
from eval.training.augmentation import SlotChanges, code_switched
from eval.training.passage_windows import meet, sentence_spans, window_with, window_without
from eval.training.reading_rows import OWN_SOURCE, VERDICTS, ClaimRow, QuestionRow
from index.embedders.unigram import UnigramTokenizer
from ingest.document import Span

IGNORED: Final = -1.0
"""Target of a sentence that holds the words of the answer, though nobody marked it as evidence."""

_SAME_PASSAGE = 0.15  # Of the answerable questions: a window of the passage without the answer,
_OTHER_PASSAGE = 0.2  # one of another passage,
_SLOT_CHANGED = 0.12  # and the window with the answer, but a slot of the question changed.
_CODE_SWITCHED = 0.2  # Of the public English questions: words of another language.
_WITHOUT_TITLE = 0.5
_CARELESS = 0.1  # Questions in lower case and without their question mark.
_WITHOUT_EVIDENCE = 0.12  # Of the claims: a window that does not hold the evidence.


@dataclass(slots=True)
class TrainingExample:
    """One input with its targets.

    Attributes:
        ids: int64 (t,), the tokens.
        starts: Places where an answer starts; [0] if the window does not answer; [] for claims.
        ends: Places of the last tokens of answers; as `starts`.
        sentences: Places of the window's sentences: first token, last token + 1.
        needed: For each sentence 1 if it is evidence, 0 if not, `IGNORED` where that is unknown.
        verdict: The place in `VERDICTS`; -1 for questions.
    """

    ids: npt.NDArray[np.int64]
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)
    needed: list[float] = field(default_factory=list)
    verdict: int = -1


class Drawing:
    """Draws examples from rows; the same ones for the same seed."""

    def __init__(
        self,
        tokenizer: UnigramTokenizer,
        questions: Sequence[tuple[QuestionRow, float]],
        claims: Sequence[tuple[ClaimRow, float]],
        claim_share: float,
        nearest: Mapping[str, Sequence[QuestionRow]] | None = None,
    ) -> None:
        """Take rows, each with the weight by which it is drawn.

        Args:
            tokenizer: The embedded model's.
            questions: Rows with questions.
            claims: Rows with claims.
            claim_share: The share of claims among what is drawn, 0 to 1.
            nearest: By question, rows whose passages are near it and do not answer it.
        """
        self._nearest = nearest or {}
        self._tokenizer = tokenizer
        self._questions = [row for row, _ in questions]
        self._question_weights = np.cumsum([weight for _, weight in questions]).tolist()
        self._slots = SlotChanges(self._questions)
        self._claims = [row for row, _ in claims]
        self._claim_weights = np.cumsum([weight for _, weight in claims]).tolist()
        self._claim_share = claim_share if claims else 0.0
        self._siblings: dict[str, list[QuestionRow]] = defaultdict(list)
        self._pairs: dict[str, list[QuestionRow]] = defaultdict(list)
        self._sources: dict[str, list[QuestionRow]] = defaultdict(list)
        for row in self._questions:
            self._siblings[row.group].append(row)
            self._sources[row.source].append(row)
            if row.pair:
                self._pairs[row.pair].append(row)

    def pool(self, seed: str, count: int) -> list[TrainingExample]:
        """Draw examples."""
        random = Random(seed)
        return [self._draw(random) for _ in range(count)]

    def _draw(self, random: Random) -> TrainingExample:
        if random.random() < self._claim_share:
            (claim,) = random.choices(self._claims, cum_weights=self._claim_weights)
            return self._claim(claim, random)
        (row,) = random.choices(self._questions, cum_weights=self._question_weights)
        if row.pair and random.random() < 0.7:
            row = replace(row, question=random.choice(self._pairs[row.pair]).question)
        if row.language == "en" and row.source != OWN_SOURCE and random.random() < _CODE_SWITCHED:
            row = code_switched(row, random.choice(("kk", "kk", "ru")), random)
        return self._question(row, random)

    def _question(self, row: QuestionRow, random: Random) -> TrainingExample:
        chance = random.random()
        if row.answers and chance < _OTHER_PASSAGE:
            row = self._elsewhere(row, random)
        needed = row.evidence if row.evidence is not None else row.answers
        window = None
        if row.answers and chance < _OTHER_PASSAGE + _SAME_PASSAGE:
            window = window_without(row.context, needed, random)
        elif row.answers and chance < _OTHER_PASSAGE + _SAME_PASSAGE + _SLOT_CHANGED:
            row = self._slots.changed(row, random) or row
        window = window or window_with(row.context, needed, random)
        return self.question_example(row, window, random)

    def _elsewhere(self, row: QuestionRow, random: Random) -> QuestionRow:
        """Return the question with a passage near it, else of its article, else of its set."""
        groups = (
            self._nearest.get(row.question, ()),
            self._siblings[row.group],
            self._sources[row.source],
        )
        for group in filter(None, groups):
            other = random.choice(group)
            said = {row.context[a:b].lower() for a, b in row.answers}
            if other.context != row.context and not any(s in other.context.lower() for s in said):
                return replace(
                    row, context=other.context, title=other.title, answers=(), evidence=()
                )
        return row

    def question_example(
        self, row: QuestionRow, window: range, random: Random | None = None
    ) -> TrainingExample:
        """Return a question with some sentences of its passage, and where they answer."""
        spans = sentence_spans(row.context)
        start, end = spans[window.start][0], spans[window.stop - 1][1]
        question, title = row.question, row.title
        if random and random.random() < _CARELESS:
            question = question.lower().rstrip("?. ")
        if random and random.random() < _WITHOUT_TITLE:
            title = ""
        text = row.context[start:end]
        encoded = encode(self._tokenizer, "query: ", question, title, text)
        example = TrainingExample(encoded.ids)
        tokens = [(int(a) + start, int(b) + start) for a, b in encoded.spans]
        inside = [answer for answer in row.answers if start <= answer[0] and answer[1] <= end]
        said = {row.context[a:b].casefold() for a, b in row.answers}
        for a, b in {*inside, *_occurrences(row.context, said, start, end, inside)}:
            first, last = _token_at(tokens, a), _token_at(tokens, b - 1)
            if first is not None and last is not None:
                example.starts.append(encoded.first + first)
                example.ends.append(encoded.first + last)
        if not example.starts:
            example.starts = example.ends = [0]
        for number in window:
            place = _tokens_of(tokens, spans[number])
            if place:
                example.sentences.append((encoded.first + place[0], encoded.first + place[1]))
                example.needed.append(_needed(row, spans[number], said))
        return example

    def _claim(self, row: ClaimRow, random: Random) -> TrainingExample:
        verdict = VERDICTS.index(row.verdict)
        window = None
        if row.evidence and random.random() < _WITHOUT_EVIDENCE:
            window = window_without(row.context, row.evidence, random)
            verdict = VERDICTS.index("unstated") if window else verdict
        window = window or window_with(row.context, row.evidence, random)
        spans = sentence_spans(row.context)
        text = row.context[spans[window.start][0] : spans[window.stop - 1][1]]
        return TrainingExample(self._encode_claim(row.claim, text), verdict=verdict)

    def _encode_claim(self, claim: str, text: str) -> npt.NDArray[np.int64]:
        return encode(self._tokenizer, "claim: ", claim, "", text).ids


def batches(
    pool: list[TrainingExample], tokens: int, random: Random
) -> Iterator[list[TrainingExample]]:
    """Cut a pool into batches of examples of like length, at most `tokens` with their padding."""
    cut: list[list[TrainingExample]] = [[]]
    for example in sorted(pool, key=lambda example: len(example.ids)):
        if cut[-1] and (len(cut[-1]) + 1) * len(example.ids) > tokens:
            cut.append([])
        cut[-1].append(example)
    random.shuffle(cut)
    yield from cut


def _needed(row: QuestionRow, sentence: Span, said: set[str]) -> float:
    if any(meet(sentence, span) for span in (row.evidence or row.answers)):
        return 1.0
    text = row.context[slice(*sentence)].casefold()
    return IGNORED if any(answer in text for answer in said) else 0.0


def _occurrences(
    context: str, said: set[str], start: int, end: int, inside: Sequence[Span]
) -> Iterator[Span]:
    """Yield where else a window says the answer: as right as where it was marked."""
    text = context[start:end].casefold()
    if not inside or len(text) != end - start:
        return
    for answer in said:
        at = text.find(answer) if len(answer) > 1 else -1
        while at >= 0:
            a, b = start + at, start + at + len(answer)
            if not context[a - 1 : a].isalnum() and not context[b : b + 1].isalnum():
                yield a, b
            at = text.find(answer, at + 1)


def _token_at(tokens: Sequence[Span], char: int) -> int | None:
    found = None
    for place, (start, end) in enumerate(tokens):
        if start <= char < end:
            found = place
    return found


def _tokens_of(tokens: Sequence[Span], sentence: Span) -> tuple[int, int] | None:
    inside = [n for n, (_, end) in enumerate(tokens) if sentence[0] < end <= sentence[1]]
    return (inside[0], inside[-1] + 1) if inside else None
