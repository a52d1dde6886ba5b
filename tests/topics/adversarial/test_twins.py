"""A network and its robust twin on the same pictures: numbers that can be computed another way, and what they show."""

import copy
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import checkpoints
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.held import held
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.twins import NAMES, TWINS, TwinsConfig, frames
from dlcore.topics.images.pictures import Picture
from dlcore.training import Snapshot

DIGIT = Victim(picture=Picture(kind="digit", seed=3), model="digits")
CONFIG = TwinsConfig(victim=DIGIT, attack="fgsm", epsilons=(0, 15, 30), num_images=25, seed=1)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def of(frame: Snapshot, name: str) -> np.ndarray:
    return np.asarray(frame.arrays[name], float)


def test_every_frame_has_the_pictures_that_are_announced(run: list[Snapshot]) -> None:
    assert [int(frame.arrays["count"]) for frame in run] == list(CONFIG.counts) == [0, 10, 20, 25]
    assert CONFIG.num_frames == len(run)


def test_before_any_picture_only_the_maps_are_known(run: list[Snapshot]) -> None:
    unknown = [name for name, value in run[0].arrays.items() if np.isnan(value).all()]
    assert {name.split(".")[0] for name in unknown} == {"accuracy", "low", "high", "noise", "aligned"}
    for name in NAMES:
        assert of(run[0], f"magnitude.{name}").shape == (8, 8)
        assert 0 < of(run[0], f"inside.{name}") < 1


def test_accuracy_is_that_of_signs_of_gradients_taken_one_picture_at_a_time(run: list[Snapshot]) -> None:
    images, labels, _ = held("digits", 25, 1)
    for name, key in CONFIG.keys.items():
        net, right = checkpoints.network(key), np.zeros(3)
        for image, label in zip(images, labels, strict=True):
            pixels = image[None].clone().requires_grad_()
            (slope,) = torch.autograd.grad(cross_entropy(net(pixels), label[None]), pixels)
            for k, epsilon in enumerate(CONFIG.epsilons):
                moved = (image[None] + epsilon / 255 * slope.sign()).clamp(0, 1)
                right[k] += int(net(moved).argmax()) == int(label)
        assert of(run[-1], f"accuracy.{name}") == pytest.approx(100 * right / 25, abs=1e-3)
        low, high = of(run[-1], f"low.{name}"), of(run[-1], f"high.{name}")
        assert (low <= 100 * right / 25 + 1e-3).all()
        assert (high >= 100 * right / 25 - 1e-3).all()


def test_maps_are_the_slope_of_the_label_s_logit(run: list[Snapshot]) -> None:
    """As finite differences find it, pixel by pixel, in double precision."""
    image, step = DIGIT.image().double(), 1e-5 * torch.eye(64, dtype=torch.float64).view(64, 1, 8, 8)
    for name, key in CONFIG.keys.items():
        net = copy.deepcopy(checkpoints.network(key)).double()
        with torch.no_grad():
            rise = (net(image + step) - net(image - step))[:, DIGIT.label] / 2e-5
        assert of(run[0], f"signed.{name}") == pytest.approx(rise.view(8, 8).numpy(), rel=1e-3, abs=1e-3)
        assert of(run[0], f"magnitude.{name}") == pytest.approx(np.abs(of(run[0], f"signed.{name}")))  # one channel


def test_the_difference_is_that_of_the_means_with_an_interval_no_wider_than_both(run: list[Snapshot]) -> None:
    def edges(name: str) -> np.ndarray:
        return np.array([of(run[-1], f"aligned.{name}.{edge}") for edge in ("low", "mean", "high")])

    plain, robust, apart = (edges(name) for name in (*NAMES, "difference"))
    assert apart[1] == pytest.approx(robust[1] - plain[1], abs=1e-5)
    assert np.ptp(apart) < np.ptp(plain) + np.ptp(robust)
    assert (np.diff([0, *plain, 1]) > 0).all()


def test_whichever_of_the_two_is_chosen_they_are_compared_alike(run: list[Snapshot]) -> None:
    other = replace(CONFIG, victim=replace(DIGIT, model="digits_robust"))
    assert other.keys == CONFIG.keys == {"plain": "digits", "robust": "digits_robust"}
    assert (other.titles, other.trained) == (CONFIG.titles, 30.6)
    for again, frame in zip(islice(frames(other), 2), run, strict=False):
        assert all(np.array_equal(value, frame.arrays[name], equal_nan=True) for name, value in again.arrays.items())


@pytest.mark.parametrize("model", TWINS)
def test_twins_are_of_equal_build(model: str) -> None:
    config = TwinsConfig(victim=Victim(model=model))
    plain, robust = ([*map(str, net.modules())] for net in config.networks().values())
    assert plain == robust
    assert config.keys["plain"] == model


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"victim": Victim(model="residual")},
            "has no twin that was trained on attacked pictures: choose one of .*Robust",
        ),
        ({"attack": "none"}, "attack is 'none'"),
        ({"epsilons": ()}, "The number of epsilons is 0"),
        ({"epsilons": (0, -1.0)}, "epsilons is -1.0"),
        ({"num_images": 0}, "num_images is 0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        TwinsConfig(**wrong)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_attacks_in_either_norm_are_counted(norm: str) -> None:
    settings = AttackSettings(norm=norm, num_steps=2)
    victim = replace(DIGIT, settings=settings)
    config = TwinsConfig(victim=victim, attack="pgd_targeted", epsilons=(0, 60.0), num_images=10)
    *_, last = frames(config)
    for name in NAMES:
        assert (np.diff(of(last, f"accuracy.{name}")) <= 0).all()
        assert of(last, f"noise.{name}")[0] == of(last, f"accuracy.{name}")[0]


# What the lesson says of them


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_the_robust_network_for_digits_withstands_more_and_looks_at_the_ink(seed: int) -> None:
    *_, last = frames(TwinsConfig(victim=DIGIT, epsilons=(0, 15, 30.6, 64), num_images=120, seed=seed))
    plain, robust = (of(last, f"accuracy.{name}") for name in NAMES)
    assert abs(robust[0] - plain[0]) <= 4
    assert robust[1] >= plain[1] + 15
    assert robust[2] >= plain[2] + 50
    assert robust[3] <= 20  # far beyond what it learnt to withstand
    assert of(last, "noise.plain")[2] >= 85
    assert of(last, "aligned.difference.low") > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_the_robust_network_for_drawn_objects_withstands_more_and_looks_at_the_object(seed: int) -> None:
    *_, last = frames(TwinsConfig(victim=Victim(model="noiseless"), epsilons=(0, 4, 16), num_images=40, seed=seed))
    plain, robust = (of(last, f"accuracy.{name}") for name in NAMES)
    assert min(plain[0], robust[0]) >= 95
    assert robust[1] >= plain[1] + 30
    assert robust[2] <= 50
    assert (of(last, "noise.plain") >= 95).all()  # as much at random takes none
    assert of(last, "aligned.difference.low") > 0.15
