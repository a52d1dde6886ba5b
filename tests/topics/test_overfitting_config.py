"""A, B, and the one thing in which they differ; what cannot be is refused by name, value and rule."""

import dataclasses
import pickle
from typing import Any

import pytest

from dlcore.datasets.planes import PlaneConfig
from dlcore.topics.overfitting_config import DATA, OverfittingConfig, read_hidden
from dlcore.topics.overfitting_switches import SWITCHES, switches_for

POINTS = ((0.0, 0.0, 0), (1.0, 0.0, 0), (0.0, 1.0, 1), (1.0, 1.0, 1), (2.0, 2.0, 1))
#: What of a run may differ between A and B, by switch.
DIFFERS = {
    "dropout": {"dropout"},
    "l2": {"l2"},
    "l1": {"l1"},
    "noise": {"input_noise"},
    "data": {"data"},
    "width": {"hidden"},
    "features": {"data"},
    "augment": {"augment"},
    "augment_dropout": {"augment", "dropout"},
    "smoothing": {"label_smoothing"},
    "batch_norm": {"batch_norm"},
    "batch": {"batch_size"},
    "lr": {"lr"},
}


def config_with(switch: str, **other: Any) -> OverfittingConfig:
    return OverfittingConfig(data="digits" if "augment" in switch else "moons", switch=switch, **other)


@pytest.mark.parametrize("switch", DIFFERS)
def test_b_differs_in_what_the_switch_is_about_and_in_nothing_else(switch: str) -> None:
    config = config_with(switch)
    for a, b in zip(config.a(), config.b(), strict=True):
        names = [field.name for field in dataclasses.fields(a)]
        assert {name for name in names if getattr(a, name) != getattr(b, name)} == DIFFERS[switch]


def test_every_switch_has_its_row_above() -> None:
    assert set(SWITCHES) == {*DIFFERS, "none", "early"}


def test_all_eight_runs_have_a_seed_of_their_own_for_data_and_for_weights() -> None:
    config = OverfittingConfig(seed=30)
    assert [run.seed for run in config.a()] == list(range(30, 38))
    assert [run.data.seed for run in config.a()] == list(range(30, 38))
    assert [run.seed for run in config.b()] == [run.seed for run in config.a()]


def test_early_stopping_is_a_itself_and_nothing_is_nothing() -> None:
    early, alone = OverfittingConfig(switch="early"), OverfittingConfig(switch="none")
    assert early.b() == early.a()
    assert early.columns == ("a", "b")
    assert alone.b() == ()
    assert alone.columns == ("a",)


def test_more_data_begins_with_the_same_points() -> None:
    config = OverfittingConfig(switch="data", strength=200)
    a, b = config.a()[0].data.make(), config.b()[0].data.make()
    assert b.train.inputs[:80].equal(a.train.inputs)
    assert b.test.inputs.equal(a.test.inputs)


def test_the_wider_net_has_a_layer_where_a_is_linear() -> None:
    assert OverfittingConfig(hidden=(), switch="width", strength=8).b()[0].hidden == (8,)
    assert OverfittingConfig(hidden=(5, 6, 7), switch="width", strength=8).b()[0].hidden == (8, 8, 8)


def test_new_inputs_come_after_those_that_are_there() -> None:
    config = OverfittingConfig(features=("yy", "x"), switch="features")
    data = config.b()[0].data
    assert isinstance(data, PlaneConfig)
    assert data.features == ("yy", "x", "xx")


def test_changes_by_hand_are_made_to_the_drawn_run_of_the_column_they_name() -> None:
    config = OverfittingConfig(edits="aw1.0.1=2@5; blr=0.03@7")
    assert [str(edit) for edit in config.a()[0].edits] == ["w1.0.1=2@5"]
    assert [str(edit) for edit in config.b()[0].edits] == ["lr=0.03@7"]
    assert not any(run.edits for run in (*config.a()[1:], *config.b()[1:]))


def test_the_strength_is_the_switchs_own_unless_it_is_given() -> None:
    assert OverfittingConfig(switch="dropout").b()[0].dropout == SWITCHES["dropout"].default
    assert OverfittingConfig(switch="dropout", strength=0.2).b()[0].dropout == 0.2


@pytest.mark.parametrize("data", DATA)
def test_every_switch_that_a_kind_of_data_allows_is_possible(data: str) -> None:
    points = POINTS if data == "points" else ()
    for switch in switches_for(data):
        config = OverfittingConfig(data=data, points=points, switch=switch)
        assert len(config.a()) == 8
        assert config.is_plane == (data != "digits")
        assert pickle.loads(pickle.dumps(config)) == config  # noqa: S301


@pytest.mark.parametrize(
    ("text", "widths"), [("64, 64", (64, 64)), ("8", (8,)), ("0", ()), ("", ()), ("3-2×1", (3, 2, 1))]
)
def test_widths_are_read_as_they_are_typed(text: str, widths: tuple[int, ...]) -> None:
    assert read_hidden(text) == widths


@pytest.mark.parametrize("text", ["a", "3, y", "1e3", "3.5", "99999"])
def test_what_is_no_width_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="hidden layers is"):
        read_hidden(text)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"data": "stars"}, "data is 'stars'"),
        ({"switch": "magic"}, "switch is 'magic'"),
        ({"switch": "augment"}, "switch is 'augment'"),
        ({"data": "digits", "switch": "features"}, "switch is 'features'"),
        ({"data": "points", "points": POINTS, "switch": "data"}, "switch is 'data'"),
        ({"switch": "dropout", "strength": 0.99}, "strength is 0.99"),
        ({"switch": "width", "strength": 4.5}, "strength is 4.5: it must be a whole number"),
        ({"data": "digits", "switch": "data", "strength": 1500}, "strength is 1500"),
        ({"num_train": 5}, "num_train is 5"),
        ({"data": "digits", "num_train": 1500}, "num_train is 1500"),
        ({"hidden": (300,)}, "width is 300"),
        ({"hidden": (4,) * 7}, "number of hidden layers is 7"),
        ({"num_steps": 0}, "num_steps is 0"),
        ({"lr": -1.0}, "lr is -1.0"),
        ({"num_classes": 3}, "num_classes is 3"),
        ({"data": "points"}, "0 points"),
        ({"augment": 1.0}, "augment is 1.0"),
        ({"switch": "batch_norm", "batch_size": 1}, "batch_size is 1"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**31 - 1}, "seed is 2147483647"),
        ({"num_seeds": 0}, "num_seeds is 0"),
        ({"edits": "w1.0.1=2"}, "must begin with a or b"),
        ({"edits": "blr=2", "switch": "none"}, "must begin with a, "),
        ({"edits": "blr=2", "switch": "early"}, "must begin with a, "),
        ({"edits": "aw9.0.1=2"}, "w9.0.1"),
    ],
)
def test_what_cannot_be_is_refused_by_name(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        OverfittingConfig(**values)
