"""The stages on one attacked picture: what they await is what a run gives, and what they say of it is so."""

import itertools
import json
import re
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.adversarial import sweep_stage
from dlcore.figures.adversarial_boundary import boundary_stage
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, BELOW, DELTAS, OUTCOMES, Case, Delta, Look
from dlcore.figures.classbars import ClassBars
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.figures.tiles import Tile, Tiles
from dlcore.topics.adversarial import trial
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.path import REACH
from dlcore.topics.adversarial.settings import NORMS
from tests.figures.adversarial_stages import EVERY, boundaries, case, paths, sweeps, victim
from tests.figures.awaited import awaited, check_awaited, names
from tests.figures.eyesight import BLINDNESS, apart
from tests.figures.plotted import plotted

HUE = re.compile(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?")
#: What assets/player/live.js can draw while a run plays.
DASHES = {"solid", "longdash", "dash", "dot", "dashdot"}
SYMBOLS = {"circle", "square", "diamond", "triangle-up", "triangle-down", "star", "hexagram", "pentagon", "x-thin"}


def tiles_of(stage: Stage) -> dict[str, Tile]:
    (view,) = [view for view in stage.views if isinstance(view, Tiles)]
    return {tile.key: tile for tile in view.tiles}


def bars_of(stage: Stage) -> list[ClassBars]:
    return [view for view in stage.views if isinstance(view, ClassBars)]


def plot_of(stage: Stage, key: str) -> tuple[Plot, Any]:
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
            assert all(axis.title.text is not None for axis in (figure.layout.xaxis, figure.layout.yaxis))


@pytest.mark.parametrize("name", EVERY)
def test_every_colour_has_its_partner_in_the_dark(name: str) -> None:
    message = pack(EVERY[name]().stage)
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
    brush = {"#808080"}  # nothing is painted here
    assert used - brush - set(theme.dark_partners()) == set()


# The looks of the attacks


def test_every_attack_has_looks_of_its_own_and_is_known_for_what_it_is_after() -> None:
    assert set(ATTACK_STYLES) == {*ATTACKS, "deepfool"}
    for part in ("short", "meaning", "symbol"):
        assert len({getattr(style, part) for style in ATTACK_STYLES.values()}) == len(ATTACK_STYLES)
    assert all(ATTACK_STYLES[name].targeted == attack.targeted for name, attack in ATTACKS.items())


def test_the_live_layer_knows_every_dash_and_symbol() -> None:
    assert {style.dash for style in ATTACK_STYLES.values()} <= DASHES
    assert {style.symbol.removesuffix("-open") for style in ATTACK_STYLES.values()} <= SYMBOLS


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_lines_of_attacks_are_told_apart_by_colour_or_by_dash(blindness: str, which: int) -> None:
    alike = [
        (one.short, other.short)
        for one, other in itertools.combinations(ATTACK_STYLES.values(), 2)
        if one.dash == other.dash
        and apart(theme.PALETTE[one.meaning][which], theme.PALETTE[other.meaning][which], blindness) < 10
    ]
    assert alike == []


# What is attacked


def test_an_outcome_has_the_word_that_is_meant_by_its_number() -> None:
    meant = {trial.HELD: "holds", trial.SHAKEN: "shaken", trial.FOOLED: "fooled", trial.WRONG_ALREADY: "wrong already"}
    assert dict(enumerate(OUTCOMES)) == meant


def test_a_goal_matters_only_to_an_attack_that_has_one() -> None:
    (lost, _), (reached, _) = bars_of(sweeps("pgd").stage), bars_of(sweeps("pgd_targeted").stage)
    attacked = victim()
    assert (lost.chosen, lost.chosen_as) == (attacked.label, "to be lost")
    assert (reached.chosen, reached.chosen_as) == (attacked.goal, "goal")
    with pytest.raises(ValueError, match="PGD, targeted has no goal"):
        sweep_stage(case=replace(case(attacked), goal=None), look=Look(), epsilons=[0, 1], attack="pgd_targeted")


@pytest.mark.parametrize("part", ["label", "goal", "truth"])
def test_a_class_that_there_is_not_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=f"{part} is 10: it must be a whole number from 0 to 9"):
        replace(case(victim()), **{part: 10})


def test_a_grey_picture_is_shown_in_three_equal_channels() -> None:
    shown = case(victim()).shown
    assert shown.shape == (1, 8, 8, 3)
    np.testing.assert_array_equal(shown[..., 0], shown[..., 2])


# The perturbation and its looks


def test_every_look_has_a_title_and_another_is_refused() -> None:
    assert set(DELTAS) == set(BELOW) == set(get_args(Delta))
    with pytest.raises(ValueError, match="delta is 'huge': it must be one of"):
        Look(delta="huge")  # pyright: ignore[reportArgumentType]


def test_between_sign_and_size_nothing_new_is_asked_for() -> None:
    signs, sizes = (sweeps(delta=delta).stage for delta in ("sign", "size"))
    assert names(signs) == names(sizes)
    views = [next(view for view in stage.views if isinstance(view, Tiles)) for stage in (signs, sizes)]
    assert [view.signed for view in views] == [True, False]
    assert all(view.shared for view in views)  # else as much noise would not look like as much


@pytest.mark.parametrize(("norm", "said"), [("linf", "bright +ε, dark −ε"), ("l2", "bright +max, dark −max")])
def test_what_is_magnified_says_what_white_is(norm: str, said: str) -> None:
    assert tiles_of(sweeps(norm=norm).stage)["delta"].caption == said


# The sweep over ε


def test_noise_stands_below_the_attack_picture_by_picture() -> None:
    above, below = np.reshape(list(tiles_of(sweeps().stage)), (2, 3)).tolist()
    assert above == ["picture", "delta", "attacked"]
    assert below == ["again", "noise.delta", "noise.attacked"]


def test_noise_is_not_compared_with_itself() -> None:
    stage = sweeps("noise").stage
    assert not [name for name in names(stage) if name.startswith("noise.")]
    assert list(tiles_of(stage)) == ["attacked", "picture", "delta"]


def test_the_scrubber_is_epsilon_and_a_mark_says_where_the_attack_succeeds_first() -> None:
    stage, run, _ = sweeps()
    snapshots = list(run())
    assert stage.steps is not None
    np.testing.assert_allclose(stage.steps, [float(one.arrays["epsilon"]) for one in snapshots])
    (mark,) = stage.marks
    (pending,) = awaited(mark)
    least = float(snapshots[0].arrays[pending.name])
    fooled = [float(one.arrays["outcome"]) == trial.FOOLED for one in snapshots]
    first = fooled.index(True)
    assert stage.steps[first - 1] < least <= stage.steps[first]


def test_bars_are_compared_with_the_answer_to_the_picture_as_it_is() -> None:
    stage, run, _ = sweeps()
    for bars in bars_of(stage):
        assert isinstance(bars.before, np.ndarray)
        (pending,) = awaited(bars.values)
        now: Any = next(run()).arrays[pending.name]
        np.testing.assert_allclose(bars.before[0], now, atol=1e-6)  # ε = 0


def test_where_the_curves_cross_another_class_is_the_answer() -> None:
    stage, run, _ = sweeps()
    plot, _ = plot_of(stage, "chance")
    assert names(plot) == {"chance", "rival", "noise.chance"}
    for one in run():
        wins = float(one.arrays["rival"]) > float(one.arrays["chance"])
        assert wins == (float(one.arrays["outcome"]) == trial.FOOLED)


# The path


@pytest.mark.parametrize("norm", NORMS)
def test_the_line_drawn_for_the_ball_is_where_it_ends_on_the_slice(norm: str) -> None:
    _, figure = plot_of(paths(norm=norm).stage, "slice")
    (ball,) = [trace for trace in figure.data if trace.name and trace.name.startswith("ε =")]
    rng = np.random.default_rng(0)
    u, v = rng.choice([-1.0, 1.0], (2, 10_000))
    if norm == "l2":
        u, v = np.linalg.qr(rng.normal(size=(10_000, 2)))[0].T
    order = {"linf": np.inf, "l2": 2}[norm]
    lengths = [np.linalg.norm(a * u + b * v, order) for a, b in zip(ball.x, ball.y, strict=True)]
    np.testing.assert_allclose(lengths, 1, atol=1e-6)


def test_the_slice_is_as_wide_as_high_and_holds_the_whole_ball() -> None:
    _, figure = plot_of(paths().stage, "slice")
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.range[1] == REACH
    np.testing.assert_allclose([figure.data[0].x[0], figure.data[0].x[-1]], figure.layout.xaxis.range)


def test_a_path_that_ends_beyond_the_line_has_reached_its_end() -> None:
    stage, run, _ = paths("pgd_targeted")
    last = list(run())[-1].arrays
    assert last["outcome"] == trial.FOOLED
    assert float(last["margin"].min()) < 0 < float(last["margin"].max())
    assert "is reached" in plot_of(stage, "slice")[1].layout.annotations[0].text
    assert "is lost" in plot_of(paths().stage, "slice")[1].layout.annotations[0].text


# The nearest boundary


def test_every_distance_lies_on_the_axis() -> None:
    stage, run, _ = boundaries()
    _, figure = plot_of(stage, "distances")
    low, high = (10**end for end in figure.layout.xaxis.range)
    first = np.asarray(next(run()).arrays["distances"])
    assert np.isnan(first).sum() == 1
    assert low < float(np.nanmin(first))
    assert float(np.nanmax(first)) < high


def test_a_thousand_boundaries_are_not_drawn_as_rows() -> None:
    given = case(victim())
    many = Case(
        picture=given.picture,
        classes=[f"class {k}" for k in range(1000)],
        label=0,
        chances=np.full(1000, 1e-3),
        logits=np.zeros(1000),
    )
    stage = boundary_stage(case=many, look=Look(), num_steps=2)
    assert "distances" not in [view.key for view in stage.views]
    assert pack(stage)
