"""The stages on many pictures and on networks beside one another: they draw what a run gives, on fixed axes."""

import itertools
import json
import re
from typing import Any

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.adversarial_radii import NET_STYLES
from dlcore.figures.adversarial_sheet import ATTACK_STYLES
from dlcore.figures.stage import Pending, Plot, pack
from dlcore.figures.tiles import Tiles
from dlcore.topics.adversarial import fooling, hardening, twins
from dlcore.topics.adversarial.attacks import ATTACKS
from tests.figures.adversarial_plots import DIGITS, EVERY, curve, everyone, fooled, transferred
from tests.figures.awaited import check_awaited, names
from tests.figures.eyesight import BLINDNESS, apart
from tests.figures.plotted import plotted
from tests.figures.test_adversarial import DASHES, HUE, SYMBOLS, plot_of, tiles_of

NETS = ("plain", "robust")
TEXT = re.compile(r"<[^>]+>")


def values_of(plot: Plot, figure: Any) -> dict[str, Any]:
    """The traces whose values come with the run, by what they await."""
    found = {}
    for track in plot.tracks:
        for axis in ("y", "z"):
            if isinstance(awaited := track.data.get(axis), Pending):
                found[awaited.name] = figure.data[track.trace]
    return found


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
            assert {track.trace for track in view.tracks} <= set(range(len(figure.data)))
            assert all(axis.title.text is not None for axis in (figure.layout.xaxis, figure.layout.yaxis))


@pytest.mark.parametrize("name", EVERY)
def test_every_colour_has_its_partner_in_the_dark(name: str) -> None:
    message = pack(EVERY[name]().stage)
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
    assert used - {"#808080"} - set(theme.dark_partners()) == set()  # a brush has a colour of its own


@pytest.mark.parametrize("name", EVERY)
def test_axes_are_fixed_before_anything_is_known(name: str) -> None:
    for view in EVERY[name]().stage.views:
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            layout, cells = figure.layout, any(trace.type == "heatmap" for trace in figure.data)
            assert layout.yaxis.range is not None
            assert cells or layout.xaxis.range is not None


# Looks


def test_both_networks_have_looks_of_their_own_that_a_picture_in_motion_can_show() -> None:
    assert tuple(NET_STYLES) == NETS == twins.NAMES == tuple(hardening.TITLES)
    for part in ("short", "meaning", "dash", "symbol"):
        assert len({getattr(style, part) for style in NET_STYLES.values()}) == len(NET_STYLES)
    assert {style.dash for style in NET_STYLES.values()} <= DASHES
    assert {style.symbol.removesuffix("-open") for style in NET_STYLES.values()} <= SYMBOLS


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_what_is_drawn_together_is_told_apart_by_colour_too(blindness: str, which: int) -> None:
    attacks = [style.meaning for style in ATTACK_STYLES.values()]
    together = [
        attacks,
        [style.meaning for style in NET_STYLES.values()],
        ["net-other", "train"],
        ["net-other", "test"],
    ]
    for meanings in together:
        hues = [theme.PALETTE[meaning][which] for meaning in meanings]
        assert min(apart(one, other, blindness) for one, other in itertools.combinations(hues, 2)) > 20, meanings


def test_dotted_is_what_is_not_attacked() -> None:
    assert {name for name, style in ATTACK_STYLES.items() if style.dash == "dot"} == {"noise"}
    assert "dot" not in {style.dash for style in NET_STYLES.values()}


# Curves


def test_a_line_an_attack_at_the_radii_it_was_measured_at_with_its_looks() -> None:
    stage = curve(tuple(ATTACKS)).stage
    plot, figure = plot_of(stage, "accuracy")
    lines = values_of(plot, figure)
    for name in ATTACKS:
        style, line = ATTACK_STYLES[name], lines[f"accuracy.{name}"]
        assert (line.line.color, line.line.dash, line.marker.symbol) == (style.colour, style.dash, style.symbol)
        upper, lower = lines[f"high.{name}"], lines[f"low.{name}"]
        assert figure.data.index(upper) == figure.data.index(lower) + 1  # it is filled down to the trace before it
        assert (upper.fill, lower.fill) == ("tonexty", None)
    for track in plot.tracks:
        np.testing.assert_array_equal(np.asarray(track.data["x"])[0], (0, 26, 51))
    assert list(figure.layout.xaxis.ticktext) == ["0", "26", "51"]


def test_every_percentage_from_none_to_all_has_room_and_so_has_guessing() -> None:
    _, figure = plot_of(curve().stage, "accuracy")
    low, high = figure.layout.yaxis.range
    assert low < 0
    assert high > 100
    upright, level = figure.layout.shapes
    assert (upright.x0, upright.x1) == (26, 26)
    assert (level.y0, level.y1) == (10, 10)  # ten classes


def test_the_table_has_a_row_an_attack_and_the_same_numbers() -> None:
    plot, figure = plot_of(curve(tuple(ATTACKS)).stage, "numbers")
    rows = values_of(plot, figure)
    assert list(figure.layout.yaxis.ticktext) == [ATTACK_STYLES[name].short for name in ATTACKS]
    for number, name in enumerate(ATTACKS):
        assert set(rows[f"accuracy.{name}"].y) == {number}
        assert list(rows[f"accuracy.{name}"].x) == [0, 1, 2]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first on top


def test_a_table_of_one_attack_is_a_row() -> None:
    plot, figure = plot_of(curve(("pgd",)).stage, "numbers")
    assert len(figure.data) == 1
    assert list(figure.data[0].y) == [0, 0, 0]
    assert names(plot) == {"accuracy.pgd"}


@pytest.mark.parametrize("name", ["noise", "fgsm", "pgd"])
def test_where_the_answers_go_is_told_of_each_attack_with_the_right_ones_framed(name: str) -> None:
    plot, figure = plot_of(curve().stage, f"flow.{name}")
    assert names(plot) == {f"flow.{name}"}
    assert list(figure.layout.xaxis.ticktext) == list(figure.layout.yaxis.ticktext) == list(DIGITS)
    middles = [((edge.x0 + edge.x1) / 2, (edge.y0 + edge.y1) / 2) for edge in figure.layout.shapes]
    assert middles == [(i, i) for i in range(10)]
    assert figure.layout.xaxis.title.text == "answer"
    assert figure.layout.yaxis.title.text == "true class"


# Transfer


def test_a_network_is_framed_where_it_is_asked_about_its_own_pictures_and_noise_has_no_own() -> None:
    stage, _, _ = transferred()
    for key in ("fooled", "accuracy", "low", "high"):
        _, figure = plot_of(stage, key)
        rows, columns = (
            [TEXT.sub(" ", text) for text in axis.ticktext] for axis in (figure.layout.yaxis, figure.layout.xaxis)
        )
        assert rows[:-1] == [f"on {column}" for column in columns]
        assert rows[-1] == "Random noise"
        assert [((edge.x0 + edge.x1) / 2, (edge.y0 + edge.y1) / 2) for edge in figure.layout.shapes] == [
            (i, i) for i in range(len(columns))
        ]


def test_what_is_lost_has_another_hue_than_what_is_right() -> None:
    stage = transferred().stage
    ends = {key: plot_of(stage, key)[1].data[0].colorscale[-1][1] for key in ("fooled", "accuracy", "low", "high")}
    assert ends["accuracy"] == theme.colour("activation-positive")
    assert {ends[key] for key in ("fooled", "low", "high")} == {theme.colour("activation-negative")}


# Universal


@pytest.mark.parametrize("delta", ["magnified", "true", "sign", "size"])
def test_the_chosen_look_of_the_perturbation_leads_and_the_others_follow(delta: Any) -> None:
    tiles = tiles_of(everyone(delta).stage)
    lead, *rest = tiles.values()
    assert lead.key == f"delta.{'magnified' if delta == 'size' else delta}"
    assert lead.lead
    assert not any(tile.lead for tile in rest)
    assert {key for key in tiles if key.startswith("delta")} == {"delta.magnified", "delta.true", "delta.sign"}
    assert [tile.kind for tile in tiles.values()].count("map") == 1


def test_an_example_is_named_by_what_it_shows_and_says_what_is_answered() -> None:
    tiles = [tile for key, tile in tiles_of(everyone().stage).items() if key.startswith("example")]
    assert len(tiles) == 6
    for number, tile in enumerate(tiles):
        assert tile.title in DIGITS
        assert tile.words == DIGITS
        assert names(tile) == {f"example.{number}", f"answer.{number}"}


@pytest.mark.parametrize("other", [None, "digits_second"])
def test_a_second_network_is_drawn_where_there_is_one(other: str | None) -> None:
    stage = everyone(other=other).stage
    plot, _ = plot_of(stage, "lost")
    assert ("fooled.other.mean" in names(plot)) == bool(other)
    assert "fooled.noise.mean" in names(plot)
    assert len(stage.readouts) == (4 if other else 3)


# Fooling


@pytest.mark.parametrize("start", fooling.STARTS)
def test_the_start_stays_beside_what_becomes_of_it(start: str) -> None:
    tiles = tiles_of(fooled(start).stage)
    assert tiles["start"].row == 0
    assert tiles["picture"].row is None
    assert tiles["start"].values == tiles["picture"].values
    assert tiles["picture"].lead


def test_a_line_says_from_where_on_the_network_is_sure() -> None:
    plot, _ = plot_of(fooled().stage, "chance")
    sure, chance = plot.tracks
    assert set(np.asarray(sure.data["y"])) == {0.99}
    assert names(chance) == {"chance"}
