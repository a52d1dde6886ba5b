"""The programs that are shown are run, and give the runs' numbers."""

from typing import Any

import numpy as np
import pytest

from dlcore.topics.adversarial import directions, linear, plane
from dlcore.topics.adversarial.directions import DirectionsConfig
from dlcore.topics.adversarial.illusion import KINDS, IllusionConfig, measured
from dlcore.topics.adversarial.linear import LinearConfig
from dlcore.topics.adversarial.plane import PlaneConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.why_programs import PROGRAMS

PLANES = [
    PlaneConfig(),
    PlaneConfig(attack="fgsm", data="circles", x=130, y=100.5),
    PlaneConfig(attack="fgsm", settings=AttackSettings(norm="l2")),
    PlaneConfig(attack="deepfool", seed=1),
    PlaneConfig(attack="deepfool", data="xor", x=60, y=170),
    PlaneConfig(settings=AttackSettings(norm="l2", seed=4, num_steps=6, step_share=0.5), epsilon=20),
    PlaneConfig(model="line", data="blobs", settings=AttackSettings(seed=2)),
]


def left(config: Any) -> dict[str, Any]:
    """What the config's program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(PROGRAMS[type(config)](config), "program", "exec"), scope)
    return scope


@pytest.mark.parametrize(
    "config",
    [
        LinearConfig(most_dimension=128, num_draws=30, models=("digits",), num_images=6),
        LinearConfig(most_dimension=70, epsilon=2.5, seed=5, num_draws=10, models=("digits",), num_images=3),
    ],
)
def test_the_sums_are_the_runs(config: LinearConfig) -> None:
    scope, found = left(config), [frame.arrays for frame in linear.frames(config)]
    for name in ("attack", "noise"):
        assert scope[name].numpy() == pytest.approx(np.array([arrays[f"{name}.mean"] for arrays in found]), rel=1e-5)
    assert float(scope["net_attack"]["digits"]) == pytest.approx(float(found[-1]["net.digits.attack.mean"]), rel=1e-4)


@pytest.mark.parametrize("num_draws", [500, 610])
def test_the_directions_are_the_runs(num_draws: int) -> None:
    config = DirectionsConfig(most_dimension=32, num_draws=num_draws, models=("digits",), times=3.5, seed=7)
    expected = [float(frame.arrays["percent.mean"]) for frame in directions.frames(config)]
    assert left(config)["share"].tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("config", PLANES)
def test_the_way_in_the_plane_is_the_runs(config: PlaneConfig) -> None:
    scope, found = left(config), [frame.arrays for frame in plane.frames(config)]
    places = scope["places"].numpy()
    expected = np.array([[arrays["x"], arrays["y"]] for arrays in found], float)
    assert len(places) == len(found) or config.attack == "deepfool"
    assert np.abs(places - expected[: len(places)]).max() < 0.01
    assert np.all(expected[len(places) :] == expected[len(places) - 1])  # DeepFool stays where it arrived
    chances = [float(arrays["chance"]) for arrays in found]
    assert scope["chance"].flatten().tolist() == pytest.approx(chances[: len(places)], abs=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_squares_are_measured_alike(kind: str) -> None:
    config = IllusionConfig(kind=kind, size=200)
    expected = {name: of.mean for name, of in measured(config).items()}
    assert left(config)["levels"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("config", [LinearConfig(), DirectionsConfig(), IllusionConfig(), *PLANES])
def test_a_program_is_short_and_its_lines_too(config: Any) -> None:
    lines = PROGRAMS[type(config)](config).splitlines()
    assert 10 <= len(lines) <= 50
    assert max(map(len, lines)) <= 120
