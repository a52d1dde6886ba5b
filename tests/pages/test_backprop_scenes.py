"""The scenes of the lesson on backpropagation on its page: their values are its controls, and tell them apart."""

import pytest

from dlcore.lessons import Scene
from dlcore.topics.backprop_scenes import SCENES
from dlcore.ui import backprop_rail
from pages.foundations import backprop

IDS = [scene.key for scene in SCENES]


def controls(scene: Scene) -> dict:
    return {**backprop_rail.DEFAULTS, **dict(scene.values)}


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_are_controls_and_change_them(scene: Scene) -> None:
    values = dict(scene.values)
    assert len(values) == len(scene.values)
    for name, value in values.items():
        assert type(value) is type(backprop_rail.DEFAULTS[name]), name
        assert value != backprop_rail.DEFAULTS[name] or name == "lr", name


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_describe_what_is_shown(scene: Scene) -> None:
    values = controls(scene)
    assert backprop.read_config(values)
    assert backprop_rail.depth_config_of(values)


def test_every_scene_is_told_apart_from_the_others_by_what_runs() -> None:
    running = [{name: v for name, v in controls(scene).items() if name not in backprop.LOOKING} for scene in SCENES]
    assert [key for k, key in enumerate(IDS) if running[k] in running[:k]] == []


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scene_can_be_set_on_the_rail(scene: Scene) -> None:
    values = dict(scene.values)
    assert 1e-4 <= values.get("lr", 0.1) <= 10
    assert values.get("updates", 0) <= values.get("trained", 0)  # so that the curve reaches the walk
    gain, bias = values.get("gain", 1.0), values.get("bias", 0.0)
    assert gain == pytest.approx(0.1 + 0.05 * round((gain - 0.1) / 0.05))
    assert bias == pytest.approx(round(bias, 1))
