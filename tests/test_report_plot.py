"""Tests of eval/report/plot.py: points stand where they should, and names are no markup."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eval.report.plot import Axis, Guide, Series, bars, histogram, lines, round_ticks

X = Axis("ранг", (0, 5, 10), "{:.0f}".format)
Y = Axis("үлес", (0, 0.5, 1))
HOSTILE = "\"'><script>pwned=1</script>&{{ 7 * 7 }}"


def read(figure):
    """Return the root of a figure: it must be well-formed."""
    return ElementTree.fromstring(str(figure))


def points(figure):
    (line,) = read(figure).iter("polyline")
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def texts(figure):
    return ["".join(each.itertext()) for each in read(figure).iter("text")]


# --- ticks and counts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (23, [0, 5, 10, 15, 20, 25]),
        (99, [0, 20, 40, 60, 80, 100]),
        (1234, [0, 500, 1000, 1500]),
    ],
)
def test_ticks_are_round(most, ticks):
    assert round_ticks(most) == pytest.approx(ticks)


@given(most=st.floats(1e-3, 1e9) | st.integers(1, 10**6))
@example(most=0.3)
@example(most=0.7)
def test_ticks_hold_what_they_are_for(most):
    ticks = round_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 6
    assert sum(count for _, count in histogram([most, 0.0], Axis("", ticks), 30)) == 2


def test_values_are_histogram_in_bins():
    axis = Axis("", (0, 1))
    values = [0, 0.05, 0.1, 0.49, 0.5, 0.99, 1, 1.01, -0.01]
    found = histogram(values, axis, 10)
    assert [left for left, _ in found] == pytest.approx([n / 10 for n in range(10)])
    assert [count for _, count in found] == [2, 1, 0, 0, 1, 1, 0, 0, 0, 2]


# --- lines and bars -------------------------------------------------------------------------------


def test_a_line_goes_from_corner_to_corner():
    (left, bottom), (right, top) = points(lines("Сызық", X, Y, [Series("бір", [(0, 0), (10, 1)])]))
    grid = [each for each in read(lines("Сызық", X, Y, [])).iter("line")]
    assert left == float(grid[0].get("x1"))
    assert right == float(grid[0].get("x2"))
    assert [bottom, top] == [float(grid[place].get("y1")) for place in (0, -1)]
    assert top < bottom


def test_points_stand_in_proportion():
    middle = points(lines("", X, Y, [Series("", [(0, 0), (5, 0.5), (10, 1)])]))
    for axis in (0, 1):
        low, half, high = (point[axis] for point in middle)
        assert half == pytest.approx((low + high) / 2, abs=0.1)


def test_bars_stand_side_by_side_inside_the_plot():
    series = [Series("бір", [(0, 1), (5, 0.5)]), Series("екі", [(0, 0), (5, 0.25)])]
    figure = read(bars("Бағандар", X, Y, series))
    found = [
        (each.get("class"), *(float(each.get(name)) for name in ("x", "y", "width", "height")))
        for each in figure.iter("rect")
    ]
    assert [name for name, *_ in found] == ["s1", "s1", "s2", "s2"]
    ordered = sorted(found, key=lambda bar: bar[1])
    assert all(a[1] + a[3] <= b[1] for a, b in pairwise(ordered))
    heights = {(name, height) for name, _, _, _, height in found}
    full = max(height for _, height in heights)
    assert sorted(height / full for _, height in heights) == pytest.approx(
        [0, 0.25, 0.5, 1], abs=0.01
    )
    bottoms = {round(y + height) for _, _, y, _, height in found}
    assert len(bottoms) == 1


def test_ticks_labels_and_keys_are_written():
    figure = lines("Атауы", X, Y, [Series("қазақша (3)", [(0, 0)])], [Guide("табалдырық", x=5)])
    assert [text for text in texts(figure) if text.isdigit()] == ["0", "5", "10"]
    assert {"0%", "50%", "100%", "ранг", "табалдырық"} <= set(texts(figure))
    whole = "".join(read(figure).itertext())
    for name in ("Атауы", "үлес", "қазақша (3)"):
        assert name in whole
    assert read(figure).find("svg").get("aria-label") == "Атауы"


@pytest.mark.parametrize("at", [0, 2.5, 5, 9, 10])
def test_a_guide_stands_at_its_value_and_its_label_inside(at):
    figure = read(lines("", X, Y, [Series("", [(at, 0)])], [Guide("табалдырық 95 %", x=at)]))
    (line,) = (each for each in figure.iter("line") if each.get("class") == "guide")
    ((x, _),) = points(lines("", X, Y, [Series("", [(at, 0)])]))
    assert float(line.get("x1")) == float(line.get("x2")) == pytest.approx(x, abs=0.1)
    (note,) = (each for each in figure.iter("text") if each.get("class") == "note")
    width = 15 * 6.5
    start = float(note.get("x")) - (width if note.get("text-anchor") == "end" else 0)
    assert start >= 0
    assert start + width <= 460


def test_labels_of_guides_at_one_place_stand_one_below_the_other():
    guides = [Guide("p50", x=5), Guide("p95", x=5.01)]
    figure = read(lines("", X, Y, [Series("", [(5, 0)])], guides))
    notes = [each for each in figure.iter("text") if each.get("class") == "note"]
    low, high = sorted(float(note.get("y")) for note in notes)
    assert high - low >= 11


def test_a_guide_across_stands_at_its_height():
    figure = read(lines("", X, Y, [Series("", [(0, 0.5)])], [Guide("5 %", y=0.5)]))
    (line,) = (each for each in figure.iter("line") if each.get("class") == "guide")
    ((_, y),) = points(lines("", X, Y, [Series("", [(0, 0.5)])]))
    assert float(line.get("y1")) == float(line.get("y2")) == pytest.approx(y, abs=0.1)
    assert float(line.get("x1")) < float(line.get("x2"))


@pytest.mark.parametrize("draw", [lines, bars])
def test_names_are_no_markup(draw):
    axis = Axis(HOSTILE, (0, 1), lambda _: HOSTILE)
    figure = draw(HOSTILE, axis, axis, [Series(HOSTILE, [(0, 1)])], [Guide(HOSTILE, x=0.5)])
    tags = {each.tag for each in read(figure).iter()}
    assert "script" not in tags
    assert HOSTILE in "".join(read(figure).itertext())
    assert not re.search(r"\son\w+=", str(figure))
    assert read(figure).find("svg").get("aria-label") == HOSTILE
