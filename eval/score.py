"""nDCG@10 of a TREC run: `python -m eval.score RUN QRELS`.

In: a run as `dalel search --batch` writes it, and BEIR's qrels.tsv. Out: the mean over all judged
questions (one that the run does not answer counts as 0), its interval and n, as one line of JSON.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from eval.metrics import mean_with_interval, ndcg
from ingest.errors import DalelError, EvalError


def read_run(path: Path) -> dict[str, list[str]]:
    """Read `qid Q0 document_id rank score tag` lines: question id to document ids, best first.

    Raises:
        EvalError: A line has not six fields, or its rank is no number.
    """
    ranked: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        fields = line.split()
        if len(fields) != 6 or not fields[3].isdecimal():
            raise EvalError(f"{path}, line {number}: {line!r:.60}, expected six TREC fields")
        ranked[fields[0]].append((int(fields[3]), fields[2]))
    return {question: [name for _, name in sorted(rows)] for question, rows in ranked.items()}


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read BEIR's qrels: a header, then `query-id, corpus-id, score`; keep what is relevant.

    Raises:
        EvalError: A line has not three fields, or its score is no number.
    """
    relevant: dict[str, dict[str, int]] = defaultdict(dict)
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], start=2):
        fields = line.split("\t")
        if len(fields) != 3 or not fields[2].strip().isdecimal():
            raise EvalError(f"{path}, line {number}: {line!r:.60}, expected three tabbed fields")
        if int(fields[2]) > 0:
            relevant[fields[0]][fields[1]] = int(fields[2])
    return dict(relevant)


def score(run: Path, qrels: Path) -> dict[str, object]:
    """Score a run: mean nDCG@10, its 95 % interval, and the number of questions."""
    ranked, relevant = read_run(run), read_qrels(qrels)
    values = [ndcg(ranked.get(question, []), gains) for question, gains in relevant.items()]
    figure = mean_with_interval(values)
    return {"ndcg@10": figure.pop("mean"), **figure}


def main() -> int:
    """Run from the command line."""
    if len(sys.argv) != 3:
        sys.stderr.write("usage: python -m eval.score RUN QRELS\n")
        return 2
    try:
        result = score(Path(sys.argv[1]), Path(sys.argv[2]))
    except (DalelError, OSError) as error:
        sys.stderr.write(f"eval.score: {error}\n")
        return 2
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
