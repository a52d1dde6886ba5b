"""The stages on saliency: what they await is what a run gives, and what stands beside the maps is right."""

import itertools
import json
import re
from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.classbars import ClassBars
from dlcore.figures.notes import Notes
from dlcore.figures.saliency_sheet import METHOD_STYLES, RANDOM, Display, Explained
from dlcore.figures.stage import Plot, pack
from dlcore.figures.tiles import Tile, Tiles
from dlcore.topics.saliency import deletion
from dlcore.topics.saliency.methods import METHODS
from tests.figures.awaited import awaited, check_awaited, names
from tests.figures.eyesight import BLINDNESS, apart
from tests.figures.plotted import plotted
from tests.figures.saliency_stages import EVERY, UNMASKED, maps, noises, samples, trainings

HUE = re.compile(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?")
#: What assets/player/live.js can draw while a run plays.
DASHES = {"solid", "longdash", "dash", "dot", "dashdot"}
SYMBOLS = {"circle", "square", "diamond", "triangle-up", "triangle-down", "star", "hexagram", "pentagon", "x-thin"}


def tiles_of(stage: Any) -> dict[str, Tile]:
    (view,) = [view for view in stage.views if isinstance(view, Tiles) and view.area == "main"]
    return {tile.key: tile for tile in view.tiles}


def plot_of(stage: Any, key: str) -> tuple[Plot, Any]:
    """A plot and its figure, as Plotly would take it."""
    (plot,) = [view for view in stage.views if isinstance(view, Plot) and view.key == key]
    return plot, plotted(plot)


# Every stage


@pytest.mark.parametrize("name", EVERY)
def test_a_run_gives_what_its_stage_awaits_and_nothing_in_vain(name: str) -> None:
    stage, run, unused = EVERY[name]()
    first, *rest = run()
    assert len(rest) + 1 == stage.num_frames
    check_awaited(stage, first.arrays)
    assert set(first.arrays) - names(stage) == set(unused)


@pytest.mark.parametrize("name", EVERY)
def test_every_view_can_be_drawn_has_a_name_of_its_own_and_words_for_those_who_do_not_see_it(name: str) -> None:
    stage = EVERY[name]().stage
    keys = [view.key for view in stage.views]
    assert len(set(keys)) == len(keys)
    for view in stage.views:
        assert view.title
        if isinstance(view, Plot | Tiles):
            assert view.alt.endswith(".")
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            assert max(track.trace for track in view.tracks) < len(figure.data)


@pytest.mark.parametrize("name", EVERY)
def test_every_colour_has_its_partner_in_the_dark(name: str) -> None:
    partners = theme.dark_partners()
    message = pack(EVERY[name]().stage)
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
    painted = {"#808080"}  # a brush's colour, which is the picture's own
    assert used - painted - set(partners) == set()


# The looks of the methods


def test_every_method_has_looks_of_its_own() -> None:
    assert set(METHOD_STYLES) == {*METHODS, RANDOM}
    assert deletion.RANDOM == RANDOM
    for part in ("short", "meaning", "symbol"):
        assert len({getattr(style, part) for style in METHOD_STYLES.values()}) == len(METHOD_STYLES)


def test_the_live_layer_knows_every_dash_and_symbol() -> None:
    assert {style.dash for style in METHOD_STYLES.values()} <= DASHES
    assert {style.symbol.removesuffix("-open") for style in METHOD_STYLES.values()} <= SYMBOLS


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_lines_of_methods_are_told_apart_by_colour_or_by_dash(blindness: str, which: int) -> None:
    alike = [
        (one.short, other.short)
        for one, other in itertools.combinations(METHOD_STYLES.values(), 2)
        if one.dash == other.dash
        and apart(theme.PALETTE[one.meaning][which], theme.PALETTE[other.meaning][which], blindness) < 10
    ]
    assert alike == []


# The picture and its maps


def test_a_grey_picture_is_shown_in_three_equal_channels() -> None:
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    shown = Explained(picture=grey, classes=["a"], label=0).shown
    assert shown.shape == (1, 2, 3, 3)
    np.testing.assert_array_equal(shown[0, :, :, 2], grey[:, :, 0])


def test_maps_stand_in_the_order_in_which_they_are_computed() -> None:
    stage = maps().stage
    picture, *rest = tiles_of(stage).values()
    assert picture.row is None
    assert [(tile.key, tile.row) for tile in rest] == list(zip(METHODS, range(len(METHODS)), strict=True))
    (notes,) = [view for view in stage.views if isinstance(view, Notes)]
    assert list(notes.active) == list(METHODS)
    assert METHODS["lime"].idea in notes.items["lime"].lines[0][2]


def test_all_maps_of_a_run_are_one_array() -> None:
    assert {pending.name for tile in tiles_of(maps().stage).values() for pending in awaited(tile)} == {
        "signed",
        "magnitude",
        "inside",
    }


def test_how_maps_are_shown_changes_nothing_that_was_computed() -> None:
    plain = maps().stage
    other = maps(display=Display(signed=True, clip=90, shared=True, overlay=0.5, outline=False, mark=True)).stage
    assert list(awaited(other)) == list(awaited(plain))
    (view,) = [view for view in other.views if isinstance(view, Tiles)]
    assert (view.signed, view.clip, view.shared, view.overlay) == (True, 90, True, 0.5)
    assert all(tile.outline is None for tile in view.tiles)
    assert [tile.mark for tile in view.tiles] == [False, *[True] * len(METHODS)]


def test_only_the_picture_is_painted_on_and_only_with_a_brush() -> None:
    assert not any(tile.paints for tile in tiles_of(maps().stage).values())
    painted = tiles_of(maps(brush=("#808080", 6.0)).stage)
    assert [key for key, tile in painted.items() if tile.paints] == ["picture"]
    assert painted["picture"].brush == ("#808080", 6.0)


@pytest.mark.parametrize("make", [maps, samples, noises, trainings])
def test_where_nobody_knows_the_object_nothing_is_said_to_be_inside_it(make: Any) -> None:
    stage = make(UNMASKED).stage
    assert not [name for name in names(stage) if name.startswith("inside") or name == "precision"]
    assert "inside" not in [view.key for view in stage.views]
    assert any(name.startswith("inside") for name in names(make().stage))


def test_the_network_s_answer_stands_beside_with_what_is_explained_and_what_is_true() -> None:
    (bars,) = [view for view in maps().stage.views if isinstance(view, ClassBars)]
    assert np.sum(np.asarray(bars.values)) == pytest.approx(1, abs=1e-5)
    assert bars.chosen == np.argmax(np.asarray(bars.values))
    assert bars.truth == 1


def test_agreement_is_between_minus_one_and_one_whatever_comes() -> None:
    _, figure = plot_of(maps().stage, "agreement")
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    middle = figure.data[0].colorscale[theme.LEVELS]
    assert middle == (0.5, theme.activation_shade(0)[0])
    assert list(figure.layout.xaxis.ticktext) == [METHOD_STYLES[name].short for name in METHODS]


# A network that learns


def test_a_network_that_learns_answers_anew_in_every_frame() -> None:
    stage = trainings().stage
    (bars,) = [view for view in stage.views if isinstance(view, ClassBars)]
    assert {pending.name for pending in awaited(bars)} == {"chances", "logits"}
    assert stage.steps is not None
    assert stage.steps[0] == 0
    assert (np.diff(stage.steps) > 0).all()
    assert tiles_of(stage)["smoothgrad"].row is None
