"""Maps of which class is taken for which: every count is shown, in shades on which it can be read."""

import numpy as np

from dlcore.figures import theme
from dlcore.figures.canvas import canvas_stage
from dlcore.figures.confusions import confusions
from dlcore.figures.stage import Plot, Stage, pack
from tests.figures.eyesight import contrast
from tests.figures.plotted import plotted

COUNTS = np.arange(2 * 3 * 3).reshape(2, 3, 3)


def test_each_network_has_a_map_with_true_classes_downwards() -> None:
    plot = confusions({"A": COUNTS, "B": COUNTS + 1}, ["0", "1", "2"], 10)
    maps = plotted(plot).data
    shown = [np.asarray(track.data["z"]).tolist() for track in plot.tracks]
    assert shown == [COUNTS.tolist(), (COUNTS + 1).tolist()]
    assert len(maps) == 2
    for number, axis in enumerate(("", "2")):
        layout = plotted(plot).layout
        assert layout[f"yaxis{axis}"].autorange == "reversed"
        assert maps[number].xaxis == f"x{axis}"
        assert layout[f"yaxis{axis}"].title.text == "true class"
    assert plotted(plot).layout.xaxis2.title.text == "answer"
    assert pack(Stage(views=[plot], num_frames=2))


def test_maps_lie_below_one_another() -> None:
    layout = plotted(confusions({"A": COUNTS, "B": COUNTS}, ["0", "1", "2"], 10)).layout
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1]
    alone = plotted(confusions({"A": COUNTS}, ["0", "1", "2"], 10)).layout
    assert alone.yaxis.domain == (0, 1)


def test_numbers_can_be_read_on_every_shade_of_either_theme() -> None:
    (first,) = plotted(confusions({"A": COUNTS}, ["0", "1", "2"], 10)).data
    assert (first.texttemplate, first.textfont.color) == ("%{z}", theme.colour("ink"))
    partners = theme.dark_partners()
    light_ink, dark_ink = theme.PALETTE["ink"]
    for _, shade in first.colorscale:
        assert contrast(shade, light_ink) >= 4.5
        assert contrast(partners[shade], dark_ink) >= 4.5


def test_painted_points_are_on_the_canvas_with_a_shape_for_each_class() -> None:
    stage = canvas_stage([(1.0, -2.0, 0), (0.5, 0.5, 1), (2.0, 1.0, 1)], 3, 4)
    (plane,) = stage.views
    assert isinstance(plane, Plot)
    traces = plotted(plane).data
    assert [list(zip(trace.x, trace.y, strict=True)) for trace in traces[:2]] == [[(1, -2)], [(0.5, 0.5), (2, 1)]]
    assert len({trace.marker.symbol for trace in traces}) == len(traces) == 5
    assert plotted(plane).layout.xaxis.range == plotted(plane).layout.yaxis.range == (-3, 3)
    assert "3 points of 2 classes" in stage.note
    assert pack(stage)
