"""One change for all pictures: it stays in its ball, an update is the formula, and what is counted is counted right."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlcore import checkpoints
from dlcore.topics.adversarial.held import held
from dlcore.topics.adversarial.settings import LEVEL, AttackSettings
from dlcore.topics.adversarial.universal import EXAMPLES, UniversalConfig, frames, updated
from dlcore.training import Snapshot
from tests.topics.adversarial.shown import shown

CONFIG = UniversalConfig(model="digits", other="digits", num_images=120, num_tests=150, epsilon=51, num_epochs=8)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


class Linear(nn.Module):
    """Two classes of a picture of two pixels: the margin of the first is 2 x₁ − x₂."""

    def forward(self, images: Tensor) -> Tensor:
        margin = images.flatten(1) @ torch.tensor([2.0, -1.0])
        return torch.stack([margin, torch.zeros_like(margin)], dim=1)


def pair(*pixels: tuple[float, float]) -> Tensor:
    return torch.tensor(pixels).view(-1, 1, 1, 2)


@pytest.mark.parametrize(("norm", "expected"), [("linf", (-0.1, 0.1)), ("l2", (-0.2 / 5**0.5, 0.1 / 5**0.5))])
def test_an_update_is_a_step_down_the_margin_of_the_pictures_that_are_better_than_guessed(
    norm: str, expected: tuple[float, float]
) -> None:
    config = replace(CONFIG, epsilon=51.0, step_share=0.5, settings=AttackSettings(norm=norm))
    images, labels = pair((0.5, 0.5), (0.2, 0.9)), torch.tensor([0, 0])  # the second one is lost already
    found = updated(torch.zeros(1, 1, 2), Linear(), images, labels, config)
    assert found.flatten().tolist() == pytest.approx(expected)
    none = updated(torch.zeros(1, 1, 2), Linear(), images[1:], labels[1:], config)
    assert not none.any()  # nothing is left to be lost


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_updates_stay_in_the_ball(norm: str) -> None:
    config = replace(CONFIG, epsilon=20, step_share=2, settings=AttackSettings(norm=norm))
    net, pictures, delta = checkpoints.network("digits"), held("digits", 30, seed=0), torch.zeros(1, 8, 8)
    for _ in range(3):
        delta = updated(delta, net, pictures.images, pictures.labels, config)
        size = delta.abs().max() if norm == "linf" else delta.norm()
        assert 0 < float(size) <= 20 * LEVEL * (1 + 1e-6)
    assert not any(weight.requires_grad for weight in net.parameters())


def test_there_is_a_frame_for_every_update(run: list[Snapshot]) -> None:
    assert len(run) == CONFIG.num_frames == len(CONFIG.steps) == 1 + 8 * 3
    shapes = [{name: (np.shape(value), value.dtype) for name, value in frame.arrays.items()} for frame in run]
    assert all(shape == shapes[0] for shape in shapes)


def test_nothing_is_lost_before_the_first_update(run: list[Snapshot]) -> None:
    first = run[0]
    assert (
        shown(first, "fooled.train.mean") == shown(first, "fooled.test.mean") == shown(first, "fooled.other.mean") == 0
    )
    assert (shown(first, "delta.magnified") == 128).all()
    train = held("digits", 270, seed=0).part(0, 120)
    with torch.no_grad():
        loss = cross_entropy(checkpoints.network("digits")(train.images), train.labels)
    assert shown(first, "loss") == pytest.approx(float(loss), rel=1e-4)


def test_the_change_that_is_shown_takes_as_many_right_answers_as_is_said(run: list[Snapshot]) -> None:
    last = run[-1]
    signs = torch.from_numpy(shown(last, "delta.sign"))
    delta = 51 * LEVEL * (torch.from_numpy(shown(last, "delta.magnified")[..., 0].astype(np.float32)) - 128) / 127
    assert torch.equal(delta.sign(), signs)
    net, test = checkpoints.network("digits"), held("digits", 270, seed=0).part(120, 270)
    before = net(test.images).argmax(dim=1) == test.labels
    after = net((test.images + delta).clamp(0, 1)).argmax(dim=1) == test.labels
    lost = 100 * float((~after[before]).float().mean())
    assert shown(last, "fooled.test.mean") == pytest.approx(lost, abs=1.5)  # bytes are rounded
    assert shown(last, "fooled.other.mean") == shown(last, "fooled.test.mean")  # here the other network is the same
    assert shown(last, "fooled.test.low") < shown(last, "fooled.test.mean") < shown(last, "fooled.test.high")


def test_one_change_does_far_more_than_noise_to_pictures_it_has_not_seen(run: list[Snapshot]) -> None:
    last = run[-1]
    assert shown(last, "fooled.test.mean") > shown(last, "fooled.noise.mean") + 15
    assert len({float(shown(frame, "fooled.noise.mean")) for frame in run}) == 1


def test_the_examples_are_the_first_tested_pictures(run: list[Snapshot]) -> None:
    test = held("digits", 270, seed=0).part(120, 126)
    assert CONFIG.truths() == tuple(test.labels.tolist())
    net = checkpoints.network("digits")
    for number in range(EXAMPLES):
        clean = shown(run[0], f"example.{number}")
        assert np.abs(clean[..., 0] - 255 * test.images[number, 0].numpy()).max() <= 0.5
        under = torch.from_numpy(shown(run[-1], f"example.{number}")[..., 0].astype(np.float32)) / 255
        answer = int(net(under[None, None]).argmax())
        assert shown(run[-1], f"answer.{number}") == answer


def test_batches_are_the_settings_seeds_own() -> None:
    config = replace(CONFIG, num_epochs=1, num_tests=20)
    same, other = (replace(config, settings=AttackSettings(seed=seed)) for seed in (0, 1))
    last = [shown(list(frames(c))[-1], "delta.magnified") for c in (config, same, other)]
    assert np.array_equal(last[0], last[1])
    assert not np.array_equal(last[0], last[2])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "resnet18"),
        ("other", "plain"),
        ("num_images", 1),
        ("num_tests", 5),
        ("num_images", 600),  # with the tests more than there are
        ("epsilon", -1),
        ("num_epochs", 0),
        ("step_share", 0),
        ("seed", -1),
    ],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
