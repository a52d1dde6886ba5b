"""The programs that are shown are run, and give the page's numbers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.topics.adversarial import boundary, path, sweep
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.boundary import BoundaryConfig
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.path import PathConfig
from dlcore.topics.adversarial.programs import PROGRAMS
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.images.pictures import Picture
from dlcore.topics.images.programs import setup
from dlcore.topics.images.shown import Shown

OBJECT = Victim(settings=AttackSettings(num_steps=3))
DIGIT = Victim(
    picture=Picture(kind="digit", seed=5),
    model="digits",
    target=2,
    settings=AttackSettings(num_steps=4, step_share=0.4, seed=9),
)
EUCLIDEAN = replace(DIGIT, settings=replace(DIGIT.settings, norm="l2"))
STILL = replace(DIGIT, settings=replace(DIGIT.settings, random_start=False))


def run(config: SweepConfig | PathConfig | BoundaryConfig) -> dict[str, Any]:
    text = PROGRAMS[type(config)](config)
    assert max(map(len, text.splitlines())) <= 120
    assert "torch.manual_seed(" not in text
    scope: dict[str, Any] = {}
    exec(compile(text, "program", "exec"), scope)
    return scope


def arrays(frames: Any, name: str) -> np.ndarray:
    return np.array([frame.arrays[name] for frame in frames])


@pytest.mark.parametrize("victim", [DIGIT, EUCLIDEAN, STILL], ids=["linf", "l2", "still"])
@pytest.mark.parametrize("name", ATTACKS)
def test_a_sweeps_program(name: str, victim: Victim) -> None:
    config = SweepConfig(victim=victim, attack=name, most=80.0 if victim is not EUCLIDEAN else 300.0, num=5)
    frames, found = list(sweep.frames(config)), run(config)
    assert found["chances"].numpy() == pytest.approx(arrays(frames, "chances"), abs=2e-4)
    assert found["noise_chances"].numpy() == pytest.approx(arrays(frames, "noise.chances"), abs=2e-4)


def test_the_opening_scenes_program() -> None:
    config = SweepConfig(victim=OBJECT, num=4)
    frames, found = list(sweep.frames(config)), run(config)
    assert found["chances"].numpy() == pytest.approx(arrays(frames, "chances"), abs=0.02)  # float32, and many kinks


@pytest.mark.parametrize("victim", [DIGIT, EUCLIDEAN, STILL], ids=["linf", "l2", "still"])
@pytest.mark.parametrize("name", ["pgd", "pgd_targeted"])
def test_a_paths_program(name: str, victim: Victim) -> None:
    config = PathConfig(victim=victim, attack=name, epsilon=40.0 if victim is not EUCLIDEAN else 150.0, grid=5)
    frames, found = list(path.frames(config)), run(config)
    assert found["loss"].numpy() == pytest.approx(arrays(frames, "loss"), abs=2e-3)
    assert found["slice"].numpy() == pytest.approx(frames[0].arrays["slice"], abs=2e-3)


@pytest.mark.parametrize("victim", [OBJECT, DIGIT], ids=["object", "digit"])
def test_deepfools_program(victim: Victim) -> None:
    config = BoundaryConfig(victim=victim, num_steps=8)
    lengths, found = arrays(boundary.frames(config), "l2"), [float(length) for length in run(config)["l2"]]
    assert found == pytest.approx(lengths[: len(found)], rel=1e-3, abs=1e-3)
    assert lengths[len(found) :] == pytest.approx(found[-1], rel=1e-3)


def test_a_program_says_what_it_finds(capsys: pytest.CaptureFixture[str]) -> None:
    run(SweepConfig(victim=DIGIT, attack="fgsm", most=80, num=2))
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == ["ε = 0", "ε = 40", "ε = 80"]


@pytest.mark.parametrize(
    "picture",
    [Picture(label=2, seed=1, shift=0.5, mark=True, strokes="red 3: 12,30 15,31"), Picture(kind="photo")],
    ids=["painted", "photo"],
)
def test_every_kind_of_picture_is_set_up(picture: Picture) -> None:
    scope: dict[str, Any] = {"torch": torch, "Picture": Picture, "network": lambda key: key}
    exec(setup(Shown(picture=picture)), scope)
    assert torch.equal(scope["x"][0], Shown(picture=picture).image())
