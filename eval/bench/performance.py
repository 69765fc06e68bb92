"""docs/performance.md: its tables, written from eval/results/bench.json; nothing is typed by hand.

A figure stands beside its limit: what the machine, measured in the same run, needs at least for the
bytes and products that the figure cannot do without. Their ratio is the share of the machine that
is used, 100 % at most but for what numpy's own products leave.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from eval.baselines import RESULTS
from eval.bench.peer_process import DALEL
from eval.bench.ready_peers import READY_PEERS

Results = Mapping[str, Any]
"""As eval/bench/__main__.py writes them: each part by its name."""

_STAGES: Final = {
    "embed": "to understand the question and embed it",
    "search": "to search",
    "read": "to read what was found",
    "answer": "to choose and quote",
}
"""Stages of an answer in words; others are shown by their names."""

_PATH: Final = {
    "embed": "to embed the question",
    "analyse": "… and respell it, and take its terms",
    "dense": "to search by vectors",
    "lexical": "to search by words",
    "both": "to search by both, fused",
    "read": "to read what was found",
}


class Beside(NamedTuple):
    """A figure beside its limit, both in seconds.

    Attributes:
        name: What was measured.
        seconds: Its median.
        low: The lower quartile.
        high: The upper quartile.
        limit: What the machine needs at least.
        why: What that is.
    """

    name: str
    seconds: float
    low: float
    high: float
    limit: float
    why: str

    @property
    def share(self) -> float:
        """The share of the machine that is used."""
        return self.limit / self.seconds


def read_results() -> Results:
    """Return the committed results."""
    results: Results = json.loads((RESULTS / "bench.json").read_text("utf-8"))
    return results


class Machine(NamedTuple):
    """What a machine did at most, with one thread or all.

    Attributes:
        flops: Floating-point operations a second.
        size: Bytes of memory a second.
    """

    flops: float
    size: float

    @classmethod
    def of(cls, results: Results, name: str) -> "Machine":
        """Return the best of all parts that were measured on the machine of a part.

        It is measured beside each of them, and whatever else runs only lowers it.
        """
        limits = [
            part["limits"][threads]
            for part in results.values()
            if part["machine"] == results[name]["machine"]
            for threads in ("one", "all")
        ]
        return cls(
            *(
                max(each[rate] for each in limits)
                for rate in ("flops_per_second", "bytes_per_second")
            )
        )

    def seconds(self, flops: float, size: float = 0) -> float:
        """Return the seconds that it needs for products, or for bytes if that is longer."""
        return max(flops / self.flops, size / self.size)


def beside_limits(results: Results) -> list[Beside]:
    """Return the figures that stand at the head of the page."""
    at_least = {name: Machine.of(results, name).seconds for name in results}
    start, warm, bulk = (results[name] for name in ("start_up", "warm_answer", "bulk_embedding"))
    empty = start["python"]["seconds"]["median"]
    asked = empty + at_least["start_up"](start["flops"], start["vector_bytes"])
    work = warm["flops_embedded"]["median"] + warm["flops_read"]["median"]
    answer = at_least["warm_answer"](work, warm["vector_bytes"]["median"])
    passage = at_least["bulk_embedding"](bulk["flops"] / bulk["passages"])
    index, path = results["indexing"], results["query_path"]
    most, page = path["sizes"][-1], results["page"]
    found = "the vectors, read once"
    one = 1 / page["different"]["per_second"]
    return [
        _beside("`dalel --help`", start["help"]["seconds"], empty, "a Python that does nothing"),
        _beside(
            "`dalel ask`, a new process",
            start["ask"]["seconds"],
            asked,
            "that, and the products of both models",
        ),
        _beside("an answer, all loaded", warm["seconds"], answer, "the products of both models"),
        _beside(
            "a passage embedded, of many",
            {
                name: bulk[DALEL]["seconds"][name] / bulk["passages"]
                for name in ("median", "low", "high")
            },
            passage,
            "the products of the model",
        ),
        _beside(
            "the two documents indexed",
            index["index"]["seconds"],
            empty + at_least["indexing"](index["flops"]),
            "the products of the model",
        ),
        _beside(
            f"{most['passages']:,} passages searched",
            most["seconds"]["both"],
            at_least["query_path"](0, most["flat_bytes"]),
            found,
        ),
        Beside(
            f"a question at the page, {page['sessions']} people",
            *(one, one, one),
            at_least["page"](work),
            "the products of both models",
        ),
    ]


def _beside(name: str, spread: Mapping[str, float], limit: float, why: str) -> Beside:
    return Beside(name, spread["median"], spread["low"], spread["high"], limit, why)


def performance(results: Results | None = None) -> str:
    """Return the tables of docs/performance.md as Markdown."""
    results = results or read_results()
    parts = [
        _machine(results),
        _glance(results),
        _goals(results),
        "## An answer, stage by stage",
        _answer(results),
        "## The way of a question, by size",
        _path(results),
        "## Beside others",
        _peers(results),
        "## Many people at the page",
        _page(results),
        "## What the machine can do",
        _limits(results),
    ]
    return "\n\n".join(parts) + "\n"


def _machine(results: Results) -> str:
    """Say on what and when it was measured; parts may be of different days."""
    runs = dict.fromkeys(
        (part["measured"], part["version"], part["machine"]) for part in results.values()
    )
    told = (f"{date}, Dalel {version}, {machine}" for date, version, machine in runs)
    minutes = sum(part["took_seconds"] for part in results.values()) / 60
    return f"Measured: {'; '.join(told)}; {minutes:.0f} minutes in all."


def _glance(results: Results) -> str:
    rows = [
        f"| {one.name} | {written(one.seconds)} | {_quartiles(one.low, one.high)}"
        f" | {written(one.limit)} | {_percent(one.share)} | {one.why} |"
        for one in beside_limits(results)
    ]
    heads = ("what", "median", "quartiles", "limit", "limit / median", "the limit is")
    return "\n".join([*_table(heads), *rows])


def _goals(results: Results) -> str:
    """Say how Dalel compares with sentence-transformers, and the 95th percentile of an answer."""
    start, warm, bulk = (results[name] for name in ("start_up", "warm_answer", "bulk_embedding"))
    ask, load = (start[name]["seconds"]["median"] for name in ("ask", "sentence_transformers"))
    ours, theirs = (bulk[name]["seconds"]["median"] for name in (DALEL, "sentence_transformers"))
    worked = bulk["sentence_transformers"]["processor_seconds"]["median"]
    ours_worked = bulk[DALEL]["processor_seconds"]["median"]
    return "\n".join(
        [
            f"- `dalel ask`, from its start to its end, takes {written(ask)}; importing"
            f" sentence-transformers and loading the same model takes {written(load)}:"
            f" 1 / {load / ask:.1f} of it.",
            f"- Many passages: {bulk['passages'] / ours:.1f} a second; plain sentence-transformers"
            f" in float32 embeds {bulk['passages'] / theirs:.1f} of the same texts:"
            f" {theirs / ours:.2f} times as many by the clock, {worked / ours_worked:.2f} times by"
            f" processor time (cosine of both vectors of a text {bulk['cosine']:.4f}).",
            f"- Of all answers, 95 % come within {written(warm['seconds_p95'])}.",
        ]
    )


def _answer(results: Results) -> str:
    warm = results["warm_answer"]
    at_least = Machine.of(results, "warm_answer").seconds
    embedded, read = (at_least(warm[name]["median"]) for name in ("flops_embedded", "flops_read"))
    compared = at_least(0, warm["vector_bytes"]["median"])
    # Where reading is not told apart, it is part of the search.
    searched = compared if "read" in warm["stages_ms"] else compared + read
    limits = {"embed": embedded, "search": searched, "read": read}
    rows = [
        f"| {_STAGES.get(stage, stage)} | {written(took['median'] / 1000)}"
        f" | {_quartiles(took['low'] / 1000, took['high'] / 1000)} | "
        + (
            f"{written(limits[stage])} | {_percent(limits[stage] / (took['median'] / 1000))} |"
            if stage in limits
            else "– | – |"
        )
        for stage, took in warm["stages_ms"].items()
    ]
    counts = (
        f"Counted, of a question (median of {warm['seconds']['n']}):"
        f" {warm['texts_embedded']['median']:.0f} texts embedded,"
        f" {warm['windows_read']['median']:.0f} windows of together"
        f" {warm['tokens_read']['median']:,.0f} tokens read,"
        f" {warm['vector_bytes']['median'] / 1e6:.1f} MB of vectors compared; that is"
        f" {warm['flops_embedded']['median'] / 1e9:.1f} and"
        f" {warm['flops_read']['median'] / 1e9:.1f} GFLOP."
    )
    heads = ("stage", "median", "quartiles", "limit", "limit / median")
    return "\n".join([*_table(heads), *rows, "", counts])


def _path(results: Results) -> str:
    path = results["query_path"]
    sizes, exponents = path["sizes"], path["exponents"]
    counts = (f"{size['passages']:,} passages" for size in sizes)
    heads = ("of one question, processor time", *counts, "n^x, all", "n^x, at the end")
    rows = [
        f"| {name} | "
        + " | ".join(written(size["stages"][stage]["median"]) for size in sizes)
        + f" | {exponents[stage]['all']:.2f} | {exponents[stage]['last']:.2f} |"
        for stage, name in _PATH.items()
    ]
    at_least = Machine.of(results, "query_path").seconds
    limits = (written(at_least(0, size["flat_bytes"])) for size in sizes)
    read = (f"{size['vector_bytes'] / size['flat_bytes']:.2f}" for size in sizes)
    return "\n".join(
        [
            *_table(heads),
            *rows,
            f"| limit: all vectors read once | {' | '.join(limits)} | 1.00 | 1.00 |",
            f"| vectors read, of all | {' | '.join(read)} | – | – |",
        ]
    )


def _peers(results: Results) -> str:
    told = results["peers"]
    peers = told["peers"]
    rows = [
        f"| {_label(name)} | {written(took['load_seconds'])} | {written(took['index_seconds'])}"
        f" | {_spread(took['query_seconds'])} | {_spread(took['query_processor_seconds'])}"
        f" | {took['recall@1']:.3f} | {took['ndcg@10']:.3f} | {took['memory_mb']:,} MB"
        f" | {took['most_memory_mb']:,} MB |"
        for name, took in peers.items()
        if "ndcg@10" in took
    ]
    heads = (
        *("", "loads", "indexes", "finds", "finds, processor", "Recall@1", "nDCG@10"),
        *("memory", "most"),
    )
    about = (
        f"{told['passages']} passages, {told['questions']} questions of"
        f" `eval/sets/{told['set']}`, ten passages each; the same float32 weights in all."
    )
    return "\n".join([about, "", *_table(heads), *rows, *_others(peers)])


def _others(peers: Mapping[str, Any]) -> Iterator[str]:
    """Yield the versions of the peers, and of those that did not run the reason."""
    versions = {
        package: version
        for took in peers.values()
        for package, version in took.get("versions", {}).items()
    }
    yield from ("", f"Versions: {', '.join(f'{name} {versions[name]}' for name in versions)}.")
    for name, took in peers.items():
        if "missing" in took:
            yield f"\nNot asked: {_label(name)}, for lack of {', '.join(took['missing'])}."
        if "failed" in took:
            yield f"\nCould not be asked: {_label(name)} ({took['failed']})."


def _label(name: str) -> str:
    return "**Dalel**" if name == DALEL else READY_PEERS[name].label


def _page(results: Results) -> str:
    page = results["page"]
    heads = ("", "questions", "a second", "errors", "crossed answers")
    kinds = {
        "different": "all different",
        "same": "the same, by everybody",
        "echo": "the page without answers",
        "lasting": "others, all different",
    }
    rows = [
        f"| {name} | {page[kind]['questions']:,} | {page[kind]['per_second']:.1f}"
        f" | {page[kind]['errors']} | {page[kind]['crossed']} |"
        for kind, name in kinds.items()
    ]
    middle = page["different"]["questions"] + page["same"]["questions"]
    counts = (0, middle, middle + page["lasting"]["questions"])
    memory = zip(counts, page["memory_mb"].values(), strict=True)
    grown = "; ".join(
        f"after {count:,} questions {of['resident']:,} MB, {of['own']:,} of them its own"
        for count, of in memory
    )
    told = (
        f"{page['sessions']} people ask at once, each one question after the other. Memory of the"
        f" server: {grown}."
    )
    return "\n".join([*_table(heads), *rows, "", told, *_browser(page["browser"])])


def _browser(browser: Mapping[str, Any] | None) -> Iterator[str]:
    if browser:
        paint, evidence = (
            browser[name]["median"] for name in ("first_contentful_paint", "question_to_evidence")
        )
        yield (
            f"Chromium shows the page after {written(paint)}, and the evidence {written(evidence)}"
            " after the question is sent."
        )


def _limits(results: Results) -> str:
    """Return what the machine did in the parts: least and most, since others may be at work."""

    def of(threads: str, name: str) -> str:
        rates = sorted(part["limits"][threads][name] / 1e9 for part in results.values())
        return f"{rates[0]:.0f} – {rates[-1]:.0f}"

    rows = [
        f"| {name} | {of('one', key)} {unit} | {of('all', key)} {unit} |"
        for name, key, unit in (
            ("memory, matrix times vector", "bytes_per_second", "GB/s"),
            ("products of the trunk, float32", "flops_per_second", "GFLOP/s"),
        )
    ]
    return "\n".join([*_table(("least and most of all parts", "one thread", "all")), *rows])


def written(seconds: float) -> str:
    """Write a time with two or three figures.

    >>> [written(one) for one in (12.34, 0.7814, 0.02446, 0.000317)]
    ['12.3 s', '0.78 s', '24 ms', '0.32 ms']
    """
    if seconds >= 10:
        return f"{seconds:.1f} s"
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.2g} ms"


def _spread(spread: Mapping[str, float]) -> str:
    return f"{written(spread['median'])} ({_quartiles(spread['low'], spread['high'])})"


def _quartiles(low: float, high: float) -> str:
    return f"{written(low)} – {written(high)}" if low < high else "–"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"


def _table(heads: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
