"""PGD's way on its slice of the loss: places are projections, the ground is the network's, the ball is a diamond."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dlcore.topics.adversarial.attacks import perturb
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.path import REACH, PathConfig, frames, plane_of
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.topics.adversarial.trial import Trial
from dlcore.topics.images.pictures import Picture
from dlcore.training import Snapshot

DIGIT = Picture(kind="digit", seed=3)
NORMS = {"linf": 30.0, "l2": 150.0}
BOTH = pytest.mark.parametrize("norm", NORMS)
EVERY = pytest.mark.parametrize("attack", ["pgd", "pgd_targeted"])


def config_of(norm: str = "linf", attack: str = "pgd", **settings: Any) -> PathConfig:
    victim = Victim(picture=DIGIT, model="digits", settings=AttackSettings(norm=norm, num_steps=6, **settings))
    return PathConfig(victim=victim, attack=attack, epsilon=NORMS[norm], grid=5)


def values(found: Sequence[Snapshot], name: str) -> np.ndarray:
    return np.array([frame.arrays[name] for frame in found])


def attacked(config: PathConfig) -> Tensor:
    """Where the attack ends, (1, channels, height, width)."""
    victim = config.victim
    label, goal = torch.tensor([victim.label]), torch.tensor([victim.goal])
    image = victim.image()[None]
    return perturb(config.attack, victim.network(), image, label, config.epsilon, victim.settings, goal)


@BOTH
@EVERY
def test_it_ends_where_the_attack_ends(norm: str, attack: str) -> None:
    config = config_of(norm, attack)
    found, last = list(frames(config)), attacked(config)
    assert len(found) == config.num_frames == 7
    assert found[-1].arrays["logits"] == pytest.approx(config.victim.network()(last)[0].numpy(), abs=1e-4)
    assert (values(found, norm) <= config.epsilon).all()


@BOTH
def test_without_a_random_start_it_begins_at_the_picture(norm: str) -> None:
    first = next(frames(config_of(norm, random_start=False))).arrays
    assert first["linf"] == first["a"] == first["b"] == first["outside"] == 0


@pytest.mark.parametrize(("attack", "way"), [("pgd", 1), ("pgd_targeted", -1)])
def test_the_loss_goes_the_attacks_way(attack: str, way: int) -> None:
    losses = way * values(list(frames(config_of(attack=attack))), "loss")
    assert losses[-1] > losses[0] + 0.3
    assert (np.diff(losses) > 0).mean() >= 0.8


@BOTH
@EVERY
def test_the_ground_is_the_networks_own_loss_margin_and_answer(norm: str, attack: str) -> None:
    config = config_of(norm, attack)
    victim = config.victim
    found = {name: np.asarray(values) for name, values in next(frames(config)).arrays.items()}
    trial = Trial(victim, attack.endswith("targeted"))
    plane, sides = plane_of(trial, attacked(config)[0], config.epsilon), np.linspace(-REACH, REACH, config.grid)
    for row, column in ((0, 0), (2, 2), (1, 4), (4, 3)):
        place = victim.image() + float(sides[column]) * plane.u + float(sides[row]) * plane.v
        logits = victim.network()(place.clamp(0, 1)[None])
        asked = victim.goal if trial.goal is not None else victim.label
        assert found["slice"][row, column] == pytest.approx(
            float(cross_entropy(logits, torch.tensor([asked]))), abs=1e-3
        )
        assert found["answers"][row, column] == int(logits.argmax())
        others = [float(value) for number, value in enumerate(logits[0]) if number != asked]
        ahead = float(logits[0, asked]) - max(others)
        assert found["margin"][row, column] == pytest.approx(-ahead if trial.goal is not None else ahead, abs=1e-3)


@BOTH
def test_a_place_is_the_nearest_point_of_the_plane(norm: str) -> None:
    config = config_of(norm)
    found, trial = list(frames(config)), Trial(config.victim, targeted=False)
    last = attacked(config)[0]
    plane, delta = plane_of(trial, last, config.epsilon), (last - trial.images[0]).double()
    a, b = (float(found[-1].arrays[name]) for name in ("a", "b"))
    rest = delta - a * plane.u - b * plane.v
    for axis in plane:
        assert abs(float((rest * axis).sum())) < 1e-4 * float(delta.norm() * axis.norm())
    assert found[-1].arrays["outside"] == pytest.approx(float(rest.square().sum() / delta.square().sum()), abs=1e-4)


@BOTH
def test_the_attack_ends_at_the_first_axis_and_the_second_is_as_long_as_epsilon(norm: str) -> None:
    config = config_of(norm)
    plane = plane_of(Trial(config.victim, targeted=False), attacked(config)[0], config.epsilon)
    size = plane.v.abs().max() if norm == "linf" else plane.v.norm()
    assert float(size) == pytest.approx(config.epsilon * LEVEL, rel=1e-5)
    last = list(frames(config))[-1].arrays
    assert [last[name] for name in ("a", "b", "outside")] == pytest.approx([1, 0, 0], abs=1e-5)


def test_in_l2_they_stand_at_a_right_angle_and_all_of_the_attack_lies_in_the_plane() -> None:
    config = config_of("l2")
    plane = plane_of(Trial(config.victim, targeted=False), attacked(config)[0], config.epsilon)
    assert abs(float((plane.u * plane.v).sum())) < 1e-6 * float(plane.u.norm() * plane.v.norm())
    assert list(frames(config))[-1].arrays["outside"] == pytest.approx(0, abs=1e-9)


def test_in_linf_the_ball_is_a_diamond() -> None:
    """Both axes are ε or −ε nearly everywhere, so that the largest of |a·u + b·v| is ε (|a| + |b|)."""
    config = config_of("linf")
    plane = plane_of(Trial(config.victim, targeted=False), attacked(config)[0], config.epsilon)
    for a, b in ((0.3, 0.7), (-0.6, 0.2), (0.5, -0.5)):
        largest = float((a * plane.u + b * plane.v).abs().max()) / LEVEL
        assert largest == pytest.approx(config.epsilon * (abs(a) + abs(b)), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"attack": "fgsm"}, "attack is 'fgsm'"), ({"epsilon": 0.0}, "epsilon is 0"), ({"grid": 2}, "grid is 2")],
)
def test_bad_settings_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(config_of(), **change)
