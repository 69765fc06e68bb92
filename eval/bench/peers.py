"""Dalel beside others that find passages: the same texts, questions and model, in the same run.

Only finding is compared, for others do not read without the server of a language model. The
passages are those of the two documents that ship, among others of the texts that Dalel's models
were taught with; the questions those of a set that no setting was chosen on. Each is a process
of its own, without a network.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any, Final

from eval.baselines import OWN, SETS
from eval.bench.bulk_embedding import written_passages
from eval.bench.peer_process import DALEL
from eval.bench.plan import Plan
from eval.bench.ready_peers import READY_PEERS
from eval.bench.trunk_folder import write_trunk
from eval.formats import read_set
from eval.metrics.ranking import ndcg, recall
from ingest.loader import read_shipped

_K: Final = 10

_SET: Final = f"{OWN[0]}.jsonl"

_OFFLINE: Final = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    # Whoever wanted to ask the network is refused at once.
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}


def measure(plan: Plan, home: Path) -> dict[str, Any]:
    """Return what Dalel and each peer take and find; of those that are not there, what lacks."""
    examples = [one for one in read_set(SETS / _SET, strict=True).examples if one.gold]
    questions = [one.question for one in examples][: plan.questions]
    with TemporaryDirectory(dir=home) as folder:
        asked: dict[str, Any] = {
            "model": str(write_trunk(home / "models" / "trunk")),
            "k": _K,
            "questions": questions,
            "judged": _SET,
            "documents": _documents(plan.others),
        }
        dalel = _in_a_process(DALEL, asked, Path(folder), Path(sys.executable))
        asked |= {"passages": dalel.pop("passages"), "documents": []}
        relevant = dalel.pop("relevant")
        peers = {DALEL: dalel} | {
            name: _in_a_process(name, asked, Path(folder), plan.peers_python)
            for name in READY_PEERS
        }
    for took in peers.values():
        if "ranked" in took:
            judged = [*zip(took.pop("ranked"), map(relevant.get, questions), strict=True)]
            took["recall@1"] = round(fmean(recall(ids, gains, 1) for ids, gains in judged), 4)
            took["ndcg@10"] = round(fmean(ndcg(ids, gains) for ids, gains in judged), 4)
    return {
        "set": _SET,
        "questions": len(questions),
        "passages": len(asked["passages"]),
        "peers": peers,
    }


def _documents(others: int) -> list[dict[str, str]]:
    """Return the documents that ship, and others of one passage each."""
    shipped = [
        {"id": one.id, "title": one.title, "text": one.text} for one in read_shipped().documents
    ]
    return shipped + [
        {"id": f"other_{number}", "title": "", "text": text}
        for number, text in enumerate(written_passages(others))
    ]


def _in_a_process(name: str, asked: dict[str, Any], folder: Path, python: Path) -> dict[str, Any]:
    """Run a peer; what went wrong with one that is not Dalel is told, and the others run."""
    request, answer = folder / f"{name}.request.json", folder / f"{name}.answer.json"
    request.write_text(json.dumps(asked), "utf-8")
    done = subprocess.run(
        [python, "-m", "eval.bench.peer_process", name, request, answer],
        env=os.environ | _OFFLINE | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and name == DALEL:
        raise RuntimeError(f"Dalel could not be asked as a peer: {done.stderr[-2000:]}")
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1][:300] if done.stderr else "killed"}
    took: dict[str, Any] = json.loads(answer.read_text("utf-8"))
    return took
