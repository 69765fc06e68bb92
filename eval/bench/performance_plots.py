"""The plots of docs/performance.md: files of SVG with colours of their own, for light and for dark.

A file is drawn on a card, so that it can be read on any page: GitHub shows it as an image, which
follows the reader's system and not the page around it.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from eval.bench.peer_process import DALEL
from eval.bench.performance import Machine, Results, beside_limits, read_results, written
from eval.bench.ready_peers import READY_PEERS
from eval.report.plot import Axis, Series, drawn_lines

_WIDTH: Final = 760

_STYLE: Final = """
svg { --card: #fff; --ink: #1d2126; --soft: #5b6470; --line: #dcdfe4; --rest: #e9ecf0;
  --s1: #0072b2; --s2: #d55e00; --s3: #009e73; --s4: #cc79a7; --s5: #8a6d00; --s6: #4b4b9f;
  font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --card: #1d2126; --ink: #e8eaed; --soft: #a0a9b4; --line: #363c44; --rest: #2b3138;
    --s1: #56b4e9; --s2: #ff9a4d; --s3: #35c79a; --s4: #e6a3c8; --s5: #e0c050; --s6: #a5a5ef; } }
text { fill: var(--ink); } text.soft, svg svg text { fill: var(--soft); }
text.title { font-size: 16px; font-weight: 600; }
svg svg { overflow: visible; } svg svg text { font-size: 9px; }
.card { fill: var(--card); stroke: var(--line); }
.rest { fill: var(--rest); } .grid { stroke: var(--line); }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
polyline.s1 { stroke: var(--s1); } polyline.s2 { stroke: var(--s2); }
polyline.s3 { stroke: var(--s3); } polyline.s4 { stroke: var(--s4); }
polyline.s5 { stroke: var(--s5); } polyline.s6 { stroke: var(--s6); stroke-dasharray: 5 3; }
rect.s1 { fill: var(--s1); } rect.s2 { fill: var(--s2); } rect.s3 { fill: var(--s3); }
rect.s4 { fill: var(--s4); } rect.s5 { fill: var(--s5); } rect.s6 { fill: var(--s6); }
"""


class _Bar(NamedTuple):
    """A bar: its name, how long it is, what stands behind it, and its colour."""

    name: str
    share: float
    text: str
    colour: int = 1


# --- the plots ------------------------------------------------------------------------------------


def limits_plot(results: Results | None = None) -> str:
    """Draw the share of the machine that each figure uses."""
    rows = [
        _Bar(
            one.name.replace("`", ""),
            min(one.share, 1),
            f"{one.share:.0%}: {written(one.seconds)}, at least {written(one.limit)}",
        )
        for one in beside_limits(results or read_results())
    ]
    drawn = _bars(rows, 16, 64, _WIDTH - 32, (240, 230))
    note = "the machine's limit, measured in the same run, as a share of what it takes"
    return _sheet("How near the machine's limit", note, drawn, 76 + 26 * len(rows))


def path_plot(results: Results | None = None) -> str:
    """Draw what a question takes in indexes of several sizes, both in powers of ten."""
    results = results or read_results()
    sizes = results["query_path"]["sizes"]
    machine = Machine.of(results, "query_path")
    names = {
        "analyse": "understand, embed",
        "dense": "vectors",
        "lexical": "words",
        "both": "both, fused",
        "read": "read",
    }
    took = {
        name: [float(size["stages"][stage]["median"]) for size in sizes]
        for stage, name in names.items()
    }
    took["limit: vectors read once"] = [machine.seconds(0, size["flat_bytes"]) for size in sizes]
    counts = [log10(size["passages"]) for size in sizes]
    series = [
        Series(name, [*zip(counts, map(log10, seconds), strict=True)])
        for name, seconds in took.items()
    ]
    heights = [log10(one) for seconds in took.values() for one in seconds]
    x = Axis("passages", _powers(counts), lambda power: f"{10**power:,.0f}")
    y = Axis("time", _powers(heights), lambda power: written(10**power))
    plot = drawn_lines("time of a question by passages", x, y, series)
    inside = plot.replace(
        Markup("<svg "), Markup('<svg x="30" y="80" width="{}" height="390" ').format(_WIDTH - 60)
    )
    note = "processor time of one question, median; both axes in powers of ten"
    return _sheet("A question's way, by size", note, [_key([*took], 66), inside], 480)


def peers_plot(results: Results | None = None) -> str:
    """Draw Dalel beside others: four plots of bars, the same colours in each."""
    told = (results or read_results())["peers"]["peers"]
    peers = {name: took for name, took in told.items() if "ndcg@10" in took}
    figures: list[tuple[str, Callable[[Any], float], Callable[[float], str]]] = [
        ("to index, less is better", lambda took: took["index_seconds"], written),
        ("to find, less is better", lambda took: took["query_seconds"]["median"], written),
        ("nDCG@10, more is better", lambda took: took["ndcg@10"], "{:.3f}".format),
        ("memory, less is better", lambda took: took["memory_mb"], "{:,.0f} MB".format),
    ]
    drawn, high = [], 36 + 26 * len(peers)
    for number, (title, figure, write) in enumerate(figures):
        left, top = 16 + number % 2 * (_WIDTH // 2 - 8), 84 + number // 2 * high
        values = {name: figure(took) for name, took in peers.items()}
        rows = [
            _Bar(_label(name), value / max(values.values()), write(value), 1 + (name != DALEL))
            for name, value in values.items()
        ]
        drawn.append(_text(left, top - 8, title, "soft"))
        drawn += _bars(rows, left, top, _WIDTH // 2 - 24, (96, 70))
    note = "the same passages, questions and model; each a process of its own"
    return _sheet("Finding passages, beside others", note, drawn, 56 + 2 * high)


# --- drawing --------------------------------------------------------------------------------------


def _label(name: str) -> str:
    return "Dalel" if name == DALEL else READY_PEERS[name].label


def _powers(values: Sequence[float]) -> list[float]:
    low, high = floor(min(values) + 1e-9), ceil(max(values) - 1e-9)
    return [float(power) for power in range(low, max(high, low + 1) + 1)]


def _bars(
    rows: Sequence[_Bar], left: float, top: float, width: float, beside: tuple[int, int]
) -> list[Markup]:
    """Draw bars below each other, a name before and a text behind, each of a width."""
    before, behind = beside
    room = width - before - behind
    drawn = []
    for number, row in enumerate(rows):
        y = top + 26 * number
        for colour, share in (("rest", 1.0), (f"s{row.colour}", row.share)):
            drawn.append(
                Markup(
                    '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="16" rx="2"/>'
                ).format(colour, left + before, y, max(share * room, 1))
            )
        drawn += [
            _text(left, y + 13, row.name),
            _text(left + before + room + 8, y + 13, row.text, "soft"),
        ]
    return drawn


def _key(names: Sequence[str], top: float) -> Markup:
    drawn, left = [], 16.0
    for number, name in enumerate(names, start=1):
        drawn.append(
            Markup(
                '<rect class="s{}" x="{:.0f}" y="{:.0f}" width="10" height="10" rx="2"/>{}'
            ).format(number, left, top, _text(left + 15, top + 10, name, "soft"))
        )
        left += 34 + 7 * len(name)
    return Markup("").join(drawn)


def _text(x: float, y: float, text: str, kind: str = "") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>').format(x, y, kind, text)


def _sheet(title: str, note: str, drawn: Sequence[Markup], height: int) -> str:
    """Return a file of SVG: what is drawn, a title above it, a card behind it."""
    card = Markup('<rect class="card" x="1" y="1" width="{}" height="{}" rx="8"/>').format(
        _WIDTH - 2, height - 2
    )
    head = [_text(16, 28, title, "title"), _text(16, 48, note, "soft")]
    start = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    ).format(_WIDTH, height, title)
    style = Markup("<style>{}</style>").format(Markup(_STYLE))
    return "\n".join([start, style, card, *head, *drawn, Markup("</svg>")]) + "\n"
