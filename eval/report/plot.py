"""Small plots as SVG that take their colours from the page, so that light and dark both look right.

Labels are escaped. No library draws them: matplotlib draws for one background only, and the rest
bring scripts of megabytes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup, escape

Point = tuple[float, float]

_WIDTH: Final = 460
_HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 14, 12, 40


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its label, its ticks from end to end, and how one is written."""

    label: str
    ticks: Sequence[float]
    write: Callable[[float], str] = "{:.0%}".format

    @property
    def low(self) -> float:
        """Where it begins."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """Where it ends."""
        return self.ticks[-1]


def round_ticks(highest: float) -> list[float]:
    """Return at most six ticks, from 0 to the highest value or above it, at round distances.

    >>> round_ticks(23)
    [0, 5, 10, 15, 20, 25]
    """
    size = 10 ** floor(log10(highest / 4)) if highest > 0 else 1
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor * 5 >= highest)
    return [step * number for number in range(max(1, ceil(highest / step)) + 1)]


@dataclass(frozen=True, slots=True)
class Series:
    """Something drawn in one colour: its name for the key, and its points."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Guide:
    """A dashed line across: at a value of x or of y."""

    label: str
    x: float | None = None
    y: float | None = None


def lines(
    title: str, x: Axis, y: Axis, series: Sequence[Series], guides: Sequence[Guide] = ()
) -> Markup:
    """Draw lines."""
    return _figure(title, y, drawn_lines(title, x, y, series, guides), series)


def drawn_lines(
    title: str, x: Axis, y: Axis, series: Sequence[Series], guides: Sequence[Guide] = ()
) -> Markup:
    """Draw lines as SVG alone, without title and key."""
    drawn = [
        Markup('<polyline class="s{}" points="{}"><title>{}</title></polyline>').format(
            number, _path(line.points, x, y), line.name
        )
        for number, line in enumerate(series, start=1)
    ]
    return _drawing(title, x, y, [*drawn, *_guides(guides, x, y)])


def bars(
    title: str, x: Axis, y: Axis, series: Sequence[Series], guides: Sequence[Guide] = ()
) -> Markup:
    """Draw bars side by side: points are (left edge of a bin, height); bins are equally wide."""
    bins = len(series[0].points)
    slot = (x.high - x.low) / bins
    width = slot / len(series)
    drawn = []
    for number, group in enumerate(series, start=1):
        for left, height in group.points:
            start = left + (number - 1) * width
            low, high = _pixel(start, 0, x, y), _pixel(start + width, height, x, y)
            drawn.append(
                Markup(
                    '<rect class="s{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
                ).format(number, low[0], high[1], max(high[0] - low[0] - 1, 1), low[1] - high[1])
            )
    return _figure(title, y, _drawing(title, x, y, [*drawn, *_guides(guides, x, y)]), series)


def histogram(values: Sequence[float], axis: Axis, bins: int) -> list[Point]:
    """Count values in equally wide bins: (left edge, how many); what lies outside is left out."""
    width = (axis.high - axis.low) / bins
    counts = [0] * bins
    for value in values:
        if axis.low <= value <= axis.high:
            counts[min(int((value - axis.low) / width), bins - 1)] += 1
    return [(axis.low + width * number, float(count)) for number, count in enumerate(counts)]


def _pixel(value_x: float, value_y: float, x: Axis, y: Axis) -> Point:
    across = (value_x - x.low) / (x.high - x.low)
    up = (value_y - y.low) / (y.high - y.low)
    inside_x = _LEFT + across * (_WIDTH - _LEFT - _RIGHT)
    return inside_x, _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)


def _path(points: Sequence[Point], x: Axis, y: Axis) -> str:
    return " ".join("{:.1f},{:.1f}".format(*_pixel(*point, x, y)) for point in points)


def _guides(guides: Sequence[Guide], x: Axis, y: Axis) -> list[Markup]:
    drawn = []
    for number, guide in enumerate(guides):
        start = (x.low if guide.x is None else guide.x, y.low if guide.y is None else guide.y)
        end = (x.high if guide.x is None else guide.x, y.high if guide.y is None else guide.y)
        (x1, y1), (x2, y2) = _pixel(*start, x, y), _pixel(*end, x, y)
        # At the right edge of the plot, or beside a line that stands, one below the other.
        anchor, to_x, to_y = "start", x2 + 4, 24.0 + 13 * number
        if guide.x is None:
            anchor, to_x, to_y = "end", x2 - 3, y2 - 4
        if guide.x is not None and x2 > _WIDTH - 120:
            anchor, to_x = "end", x2 - 4
        drawn.append(
            Markup(
                '<line class="guide" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>'
                '<text class="note" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>'
            ).format(x1, y1, x2, y2, to_x, to_y, anchor, guide.label)
        )
    return drawn


def _drawing(title: str, x: Axis, y: Axis, drawn: Sequence[Markup]) -> Markup:
    """Put axes and ticks around what is drawn."""
    grid = []
    for tick in y.ticks:
        height = _pixel(x.low, tick, x, y)[1]
        grid.append(
            Markup(
                '<line class="grid" x1="{}" y1="{:.1f}" x2="{}" y2="{:.1f}"/>'
                '<text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(_LEFT, height, _WIDTH - _RIGHT, height, _LEFT - 6, height + 4, y.write(tick))
        )
    for tick in x.ticks:
        left = _pixel(tick, y.low, x, y)[0]
        grid.append(
            Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                left, _HEIGHT - _BOTTOM + 16, x.write(tick)
            )
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    label = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
        middle, _HEIGHT - 6, x.label
    )
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>').format(
        _WIDTH, _HEIGHT, title, Markup("").join(grid), Markup("").join(drawn), label
    )


def _figure(title: str, y: Axis, svg: Markup, series: Sequence[Series]) -> Markup:
    """Put a title above what is drawn, and a key below it."""
    key = Markup("").join(
        Markup('<span class="key k{}">{}</span> ').format(number, one.name)
        for number, one in enumerate(series, start=1)
    )
    return Markup(
        "<figure><figcaption><strong>{}</strong> {}</figcaption>{}<p>{}</p></figure>"
    ).format(title, escape(y.label), svg, key)
