"""Every code of a basin map has a colour of its own, and says which minimum and how soon."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.basins import NOWHERE, codes, maps
from dlcore.figures.landscape import Landscape
from dlcore.figures.stage import Pending, Track
from tests.figures.plotted import plotted

AXIS = np.linspace(-5, 5, 80)
LAND = Landscape(
    name="four", x=AXIS, y=AXIS, z=np.ones((80, 80)), floor=0.0, log=False, minima=((3.0, 2.0), (-2.8, 3.1))
)
TOP = len(theme.MINIMA) * theme.SHADES


def data_of(track: Track) -> Any:
    """What moves a trace: arrays, or in maps what is pending."""
    return track.data


def colour_of(code: float, scale: list) -> str:
    """The colour that a value has on a Plotly colour scale of flat pieces."""
    position = code / TOP
    for (low, one), (high, other) in pairwise(scale):
        if low <= position <= high and low < high:
            assert one == other, "between two colours"
            return one
    raise AssertionError(position)


def test_codes_are_zero_for_nowhere_and_else_the_minimum_then_the_shade() -> None:
    index = np.array([[-1, 0], [1, 7]])
    steps = np.array([[-1, 0], [200, 50]])
    code = codes(index, steps, 200)
    assert code.dtype == np.uint8
    assert code[0, 0] == NOWHERE == 0
    assert code[0, 1] == 1  # the first minimum, at once
    assert code[1, 0] == 2 * theme.SHADES  # the second, at the last step
    assert code[1, 1] == 1 + 7 * theme.SHADES + theme.SHADES // 2  # the eighth, at a quarter: √(1/4) of the shades


def test_later_is_paler_and_never_another_hue() -> None:
    steps = np.arange(0, 301)[None]
    code = codes(np.full_like(steps, 3), steps, 300)[0]
    assert (np.diff(code.astype(int)) >= 0).all()
    assert set((code - 1) // theme.SHADES) == {3}
    assert set((code - 1) % theme.SHADES) == set(range(theme.SHADES))


def test_minima_beyond_the_hues_share_them_and_codes_never_leave_their_range() -> None:
    index = np.arange(127)[None]
    for step in (0, 150, 300, 5000):
        code = codes(index, np.full_like(index, step), 300)
        assert code.min() >= 1
        assert code.max() <= TOP
        np.testing.assert_array_equal(code[0, :8], code[0, 8:16])


def test_every_code_has_a_flat_colour_of_its_own() -> None:
    scale = [list(stop) for stop in plotted(maps(LAND, ["SGD"], 10, 3)).data[0].colorscale]
    found = [colour_of(code, scale) for code in range(TOP + 1)]
    shades = [light for hue in theme.MINIMA for light, _ in theme.minimum_shades(hue)]
    assert found == [theme.colour("grid"), *shades]
    assert len(set(found)) == len(found)
    assert set(found) <= set(theme.dark_partners())
    positions = [position for position, _ in scale]
    assert positions == sorted(positions)
    assert (positions[0], positions[-1]) == (0, 1)


@pytest.mark.parametrize("count", range(1, 10))
def test_up_to_nine_maps_stand_side_by_side_without_touching(count: int) -> None:
    titles = [f"rule {k}" for k in range(count)]
    plot = maps(LAND, titles, 100, 21)
    layout = plotted(plot).layout
    boxes = []
    for k in range(count):
        axis = "" if k == 0 else str(k + 1)
        (left, right), (low, high) = layout[f"xaxis{axis}"].domain, layout[f"yaxis{axis}"].domain
        assert 0 <= left < right <= 1
        assert 0 <= low < high <= 1
        assert tuple(layout[f"xaxis{axis}"].range) == (-5, 5)
        boxes.append((left, right, low, high))
    for i, (left, right, low, high) in enumerate(boxes):
        for other_left, other_right, other_low, other_high in boxes[:i]:
            assert right <= other_left or other_right <= left or high <= other_low or other_high <= low
    assert [note.text for note in layout.annotations] == titles
    heat = [trace for trace in plotted(plot).data if trace.type == "heatmap"]
    assert len(heat) == count
    assert len({(trace.xaxis, trace.yaxis) for trace in heat}) == count


def test_the_pixels_of_every_map_are_pending_under_its_number() -> None:
    plot = maps(LAND, ["SGD", "Adam"], 100, 21)
    for k, track in enumerate(plot.tracks):
        pixels = data_of(track)["z"]
        assert pixels == Pending(name=f"map-{k}", shape=(21, 100, 100))
        assert track.kind == "at"
        assert plotted(plot).data[track.trace].type == "heatmap"
        assert len(plotted(plot).data[track.trace].x) == 100
    assert (plotted(plot).data[0].zmin, plotted(plot).data[0].zmax) == (0, TOP)


def test_the_minima_are_marked_on_every_map() -> None:
    plot = maps(LAND, ["SGD", "Adam"], 10, 3)
    marks = [trace for trace in plotted(plot).data if trace.type == "scatter"]
    assert [trace.xaxis for trace in marks] == ["x", "x2"]
    assert list(zip(marks[1].x, marks[1].y, strict=True)) == [(3, 2), (-2.8, 3.1)]


def test_a_surface_without_minima_has_a_map_too() -> None:
    bare = Landscape(name="plane", x=AXIS, y=AXIS, z=np.ones((80, 80)), floor=0.0, log=False)
    assert plotted(maps(bare, ["SGD"], 10, 3)).data[0].type == "heatmap"
