"""The stage on overfitting awaits exactly what the run gives, and shows the data as they are."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

from dlcore.datasets.points_given import PointsConfig
from dlcore.figures.network import Network, Panel
from dlcore.figures.overfitting import MOST_UNSEEN, TRAIN, WRONG, overfitting_stage, titles
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.topics.overfitting import frames, shapes, shown_steps
from dlcore.topics.overfitting_config import DATA, OverfittingConfig
from dlcore.topics.overfitting_switches import SWITCHES
from tests.figures.plotted import plotted

OWN = tuple((x / 4 - 1, (x % 3) - 1.0, x % 2) for x in range(12))
SHORT: dict[str, Any] = {"num_steps": 3, "num_seeds": 2, "hidden": (4, 3)}
CONFIGS = {
    "opening": OverfittingConfig(),
    "linear": OverfittingConfig(**{**SHORT, "hidden": ()}),
    "deep": OverfittingConfig(**{**SHORT, "hidden": (2,) * 6}),
    "wide": OverfittingConfig(**{**SHORT, "hidden": (256, 1)}),
    "three classes": OverfittingConfig(**SHORT, data="spirals", num_classes=3),
    "features": OverfittingConfig(**SHORT, features=("x", "xy", "siny"), switch="features"),
    "early": OverfittingConfig(**SHORT, switch="early"),
    "alone": OverfittingConfig(**SHORT, switch="none"),
    "another width": OverfittingConfig(**SHORT, switch="width", strength=100),
    "own points": OverfittingConfig(**SHORT, data="points", points=OWN, titles=("cat", "dog")),
    "digits": OverfittingConfig(**SHORT, data="digits", switch="augment"),
    "linear digits": OverfittingConfig(**{**SHORT, "hidden": ()}, data="digits"),
}
every = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


@cache
def staged(config: OverfittingConfig) -> Stage:
    return overfitting_stage(config)


def network(config: OverfittingConfig) -> Network:
    view = staged(config).views[0]
    assert isinstance(view, Network)
    return view


def panel(config: OverfittingConfig, column: str = "a") -> Panel:
    (found,) = [panel for panel in network(config).panels if panel.key == column]
    return found


def pending_in(value: Any) -> Iterator[Pending]:
    """Everything in a stage that is still to come."""
    if isinstance(value, Pending):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from pending_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from pending_in(part)
    elif hasattr(value, "__dataclass_fields__"):
        yield from pending_in(vars(value))


@every
def test_all_that_is_awaited_comes_in_the_shape_that_is_awaited(config: OverfittingConfig) -> None:
    given, count = shapes(config), len(shown_steps(config))
    awaited = list(pending_in(staged(config)))
    assert awaited
    for pending in awaited:
        assert (pending.shape[0], (pending.shape[1:], pending.dtype)) == (count, given[pending.name])
    assert pack(staged(config))


@every
def test_the_pictures_wait_for_every_weight_map_and_answer_of_both(config: OverfittingConfig) -> None:
    """Of one run alone nothing is drawn but its pictures; what is learnt by heart has no band."""
    parts = {name: name.split(".") for name in shapes(config)}
    quiet = {"drawn", "best", "learnt", "validation"}
    seen = {name for name, words in parts.items() if not quiet & set(words)}
    assert seen <= {pending.name for pending in pending_in(staged(config))}


@every
def test_each_panel_has_the_layers_of_its_network(config: OverfittingConfig) -> None:
    runs = {"a": config.a()[0], **({"b": config.b()[0]} if "b" in config.columns else {})}
    for column, run in runs.items():
        shown = panel(config, column)
        widths = [layer.width for layer in (*shown.layers, shown.output)]
        assert widths == list(run.architecture.widths[1:])
        assert len(shown.inputs) == (1 if config.data == "digits" else run.data.num_features)


def test_steps_and_axes_are_known_before_anything_is_computed() -> None:
    stage = staged(CONFIGS["opening"])
    assert stage.num_frames == len(shown_steps(OverfittingConfig()))
    assert stage.steps is not None
    assert stage.steps[-1] == OverfittingConfig().num_steps
    plots = [view for view in stage.views if isinstance(view, Plot) and view.key != "confusion"]
    assert {plot.key for plot in plots} == {"loss", "accuracy", "gap", "norms"}
    for plot in plots:
        figure = plotted(plot)
        assert None not in (figure.layout.xaxis.range, figure.layout.yaxis.range)
        assert plot.alt.endswith(".")


def test_training_points_are_drawn_with_the_labels_that_are_trained_on_and_wrong_ones_are_marked() -> None:
    config = OverfittingConfig(**SHORT, label_noise=0.25)
    points = panel(config).points
    assert points is not None
    train, _, test, flipped = config.a()[0].data.places()  # pyright: ignore[reportAttributeAccessIssue]
    trained = points.kinds != 1
    np.testing.assert_array_equal(points.labels[trained], train.labels)
    np.testing.assert_array_equal(points.at[trained], train.inputs)
    assert (points.kinds == WRONG).sum() == flipped.sum() == 20
    assert (points.kinds == TRAIN).sum() == 60
    assert (~trained).sum() == MOST_UNSEEN < len(test.labels)


def test_every_point_of_a_readers_own_is_drawn() -> None:
    points = panel(CONFIGS["own points"]).points
    assert points is not None
    given = np.array([point[:2] for point in OWN])
    np.testing.assert_allclose(np.unique(points.at, axis=0), np.unique(given, axis=0))
    data = CONFIGS["own points"].a()[0].data
    assert isinstance(data, PointsConfig)
    assert (points.kinds != 1).sum() == data.num_train


def test_only_a_readers_own_points_are_painted() -> None:
    assert panel(CONFIGS["own points"]).paints
    assert not panel(CONFIGS["opening"]).paints
    assert panel(CONFIGS["own points"]).class_names == ["cat", "dog"]


def test_what_is_held_or_has_a_width_of_its_own_has_no_buttons_for_it() -> None:
    assert not panel(CONFIGS["early"], "b").edits
    assert not panel(CONFIGS["another width"], "b").shapes
    for column in "ab":
        assert panel(CONFIGS["opening"], column).edits
        assert panel(CONFIGS["opening"], column).shapes


def test_the_title_of_b_says_in_what_it_differs() -> None:
    assert titles(OverfittingConfig(switch="l2", strength=0.1)) == {"a": "A", "b": "B: weight decay (L2), λ = 0.1"}
    assert titles(CONFIGS["early"])["b"] == "B: early stopping"
    assert titles(CONFIGS["another width"])["b"] == "B: another width: 100"
    assert list(titles(CONFIGS["alone"])) == ["a"]


@pytest.mark.parametrize("key", SWITCHES)
def test_every_difference_has_a_stage(key: str) -> None:
    data = next(data for data in ("moons", "digits") if data not in SWITCHES[key].refused)
    assert staged(OverfittingConfig(**SHORT, data=data, switch=key)).num_frames == 4


def test_every_kind_of_data_is_tried() -> None:
    assert {"moons", "spirals", "points", "digits"} <= set(DATA) & {config.data for config in CONFIGS.values()}


def test_a_pictures_legend_is_what_the_run_measured() -> None:
    config = CONFIGS["three classes"]
    last = list(frames(config))[-1].arrays
    awaited: Any = [readout.values for readout in staged(config).readouts]
    assert [values.name for values in awaited] == [
        f"{column}.{name}.mean" for column in "ab" for name in ("accuracy.train", "accuracy.test", "learnt")
    ]
    assert all(0 <= float(last[values.name]) <= 100 for values in awaited)


def test_where_no_label_is_wrong_nothing_is_said_of_what_is_learnt_by_heart() -> None:
    clean = staged(OverfittingConfig(**SHORT, label_noise=0.0))
    assert not [pending for pending in pending_in(clean) if "learnt" in pending.name]
