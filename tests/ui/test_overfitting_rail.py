"""The rail of the lesson on overfitting: what its controls say is a config, and every scene fits its controls."""

from typing import Any

import pytest

from dlcore.datasets.points_file import read_points
from dlcore.lessons import Scene
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_switches import SWITCHES
from dlcore.ui.controls import log_grid
from dlcore.ui.overfitting_rail import DEFAULTS, STARTER, config_of, scene_of, whole_grid


def config(**values: Any) -> OverfittingConfig:
    return config_of({**DEFAULTS, "given": None, **values})


def scene(**values: Any) -> Scene:
    return Scene(
        key="k", title="t", question="q", choices=("a", "b"), answer=0, look="l", why="w", values=tuple(values.items())
    )


def test_the_defaults_are_the_opening_scene() -> None:
    assert config() == OverfittingConfig(strength=SWITCHES[OverfittingConfig().switch].default)
    assert config().b() == OverfittingConfig().b()


@pytest.mark.parametrize("key", [key for key, switch in SWITCHES.items() if switch.has_strength])
def test_each_switch_has_a_strength_of_its_own_that_starts_at_its_default(key: str) -> None:
    data = "digits" if "moons" in SWITCHES[key].refused else "moons"
    assert config(switch=key, data=data).amount == SWITCHES[key].default


def test_strengths_of_switches_that_are_not_chosen_do_not_matter() -> None:
    assert config(l2_strength=0.5) == config()
    assert config(switch="l2", l2_strength=0.5).amount == 0.5


def test_a_scene_sets_the_strength_of_its_own_switch() -> None:
    assert dict(scene_of(scene(switch="l2", strength=0.1)).values) == {"switch": "l2", "l2_strength": 0.1}
    assert dict(scene_of(scene(strength=0.25)).values) == {"dropout_strength": 0.25}
    assert scene_of(scene(switch="early")) == scene(switch="early")


def test_whole_numbers_have_two_digits_at_most_before_their_zeros() -> None:
    grid = list(whole_grid(10, 2000))
    assert grid[:3] == [10, 11, 12]
    assert grid[-1] == 2000
    assert {80, 640, 1000} <= set(grid)
    assert 641 not in grid
    assert grid == sorted(set(grid))
    assert set(grid) <= set(map(int, log_grid(10, 2000)))


def test_painted_points_are_learned_until_a_file_takes_their_place() -> None:
    painted = config(data="points", points=STARTER)
    assert len(painted.points) == 8
    given = read_points(b"x,y,label\n0,0,cat\n1,1,dog\n2,2,cat\n-1,2,dog\n")
    filed = config(data="points", points=STARTER, given=given)
    assert len(filed.points) == 4
    assert filed.titles == ("cat", "dog")


def test_augmentation_is_of_digits_alone() -> None:
    assert config(augment=2.0).augment == 0
    assert config(data="digits", augment=2.0).augment == 2
