"""DeepFool: exact on linear networks, and on trained ones it crosses with less than any other attack here."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dlcore import checkpoints
from dlcore.topics.adversarial.boundary import FURTHER, BoundaryConfig, boundaries, deepfool, frames
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.search import least
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.topics.images.pictures import Picture
from tests.topics.adversarial.given import drawn, some_digits

DIGIT = Victim(picture=Picture(kind="digit", seed=3), model="digits")


class Planes(nn.Module):
    """Four classes of linear scores, in double precision."""

    def __init__(self) -> None:
        super().__init__()
        self.weights, self.shift = drawn(4, 12, seed=3), torch.tensor([4.0, 2.0, 1.0, 0.0], dtype=torch.float64)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weights.T + self.shift


def test_distances_to_planes_are_those_of_geometry() -> None:
    net, image = Planes().eval(), torch.full((1, 3, 2, 2), 0.5, dtype=torch.float64)
    found, scores = boundaries(net, image), net(image)[0]
    answer = int(scores.argmax())
    for k in range(4):
        if k == answer:
            assert found.distances[k].isnan()
            continue
        way = net.weights[k] - net.weights[answer]
        assert float(found.distances[k]) == pytest.approx(float((scores[answer] - scores[k]) / way.norm()), rel=1e-9)
        on_it = image + (found.distances[k] * way / way.norm()).view_as(image)
        assert float(net(on_it)[0, k]) == pytest.approx(float(net(on_it)[0, answer]), abs=1e-9)
    assert found.nearest == int(np.nanargmin(found.distances.numpy()))


def test_planes_are_crossed_in_one_step_with_the_overshoot() -> None:
    net, image = Planes().eval(), torch.full((1, 3, 2, 2), 0.5, dtype=torch.float64)
    label, there = int(net(image).argmax()), boundaries(net, image)
    steps = [moved for moved, _ in deepfool(net, image, label, num_steps=9, overshoot=0.02)]
    assert len(steps) == 2
    distance = float(there.distances[there.nearest])
    assert float((steps[1] - image).norm()) == pytest.approx(1.02 * (distance + FURTHER), rel=1e-9)
    assert int(net(steps[1]).argmax()) == there.nearest != label


def test_its_way_is_about_as_short_as_the_least_epsilon_of_pgd() -> None:
    """It is not the shortest: of 20 digits the longest way is a third longer than the ball in which PGD succeeds."""
    images, labels = some_digits(20)
    net = checkpoints.network("digits")
    settings = AttackSettings(norm="l2", num_steps=20, random_start=False)
    needed = least("pgd", net, images, labels, settings, most=510)
    lengths = []
    for image, label in zip(images, labels.tolist(), strict=True):
        *_, (moved, _) = deepfool(net, image[None], label, num_steps=20, overshoot=0.02)
        assert int(net(moved).argmax()) != label
        lengths.append(float((moved - image).norm()) / LEVEL)
    ratios = np.array(lengths)[needed > 0] / needed[needed > 0].numpy()
    assert ratios.min() > 0.9
    assert ratios.max() < 1.4
    assert np.median(ratios) < 1.15


def test_a_picture_that_is_lost_already_is_left_alone() -> None:
    net, images = checkpoints.network("digits"), some_digits(1)[0]
    other = (int(net(images).argmax()) + 1) % 10
    steps = list(deepfool(net, images, other, num_steps=5, overshoot=0.02))
    assert len(steps) == 1
    assert torch.equal(steps[0][0], images)


def test_a_run_ends_once_the_class_is_lost_and_has_no_more_frames_than_announced() -> None:
    config = BoundaryConfig(victim=DIGIT)
    found = [frame.arrays for frame in frames(config)]
    outcomes = [int(arrays["outcome"]) for arrays in found]
    assert outcomes.index(2) == len(found) - 1
    assert 1 < len(found) <= config.num_frames == 21
    lengths = [float(arrays["l2"]) for arrays in found]
    assert lengths == sorted(lengths)
    assert lengths[0] == 0 < lengths[1]


def test_a_frames_distances_are_levels_and_the_present_answer_has_none() -> None:
    config = BoundaryConfig(victim=DIGIT)
    first, *_, last = (frame.arrays for frame in frames(config))
    expected = boundaries(DIGIT.network(), DIGIT.image()[None]).distances / LEVEL
    assert first["distances"] == pytest.approx(expected.numpy(), nan_ok=True, rel=1e-5)
    for arrays in (first, last):
        assert np.flatnonzero(np.isnan(arrays["distances"])).tolist() == [int(arrays["logits"].argmax())]
        assert int(arrays["nearest"]) == np.nanargmin(arrays["distances"])
    assert int(last["nearest"]) == DIGIT.label  # it has just been crossed


@pytest.mark.parametrize(("change", "says"), [({"num_steps": 0}, "num_steps is 0"), ({"overshoot": -1}, "overshoot")])
def test_bad_settings_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        BoundaryConfig(**change)
