"""Pictures of nothing: Adam on the pixels, against Adam written out, and what the network makes of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import checkpoints
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.adversarial.fooling import AFTERWARDS, STARTS, FoolingConfig, beginning, frames, slope
from dlcore.topics.images.blur import blurred
from tests.topics.adversarial.shown import shown

CONFIG = FoolingConfig(model="digits", target=4, seed=2)


@pytest.mark.parametrize("smoothing", [0.0, 1.5])
def test_the_steps_are_adams(smoothing: float) -> None:
    config = replace(CONFIG, smoothing=smoothing, most_steps=5, lr=0.03)
    net, target = checkpoints.network("digits"), torch.tensor([4])
    pixels = beginning(config)[None]
    first = second = torch.zeros_like(pixels)
    for step, frame in enumerate(frames(config), start=1):
        assert np.abs(shown(frame, "picture")[..., 0] - 255 * pixels[0, 0].numpy()).max() <= 0.51
        inputs = pixels.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(cross_entropy(net(inputs), target), inputs)
        gradient = blurred(gradient, smoothing) if smoothing else gradient
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        move = (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
        pixels = (pixels - 0.03 * move).clamp(0, 1)
    assert not any(weight.requires_grad for weight in net.parameters())


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("model", ["digits", "plain"])
def test_the_network_is_soon_sure_of_what_is_not_there(model: str, start: str) -> None:
    config = FoolingConfig(model=model, target=4, start=start)
    run = list(frames(config))
    chances = np.array([shown(frame, "chance") for frame in run])
    sure = int((chances > config.confidence).argmax())
    assert chances[0] < 0.5
    assert 0 < sure < 50
    assert len(run) == sure + AFTERWARDS + 1 < config.num_frames
    assert chances[-1] > config.confidence


def test_what_is_never_sure_goes_on_to_the_end() -> None:
    config = replace(CONFIG, lr=1e-4, most_steps=7)
    run = list(frames(config))
    assert len(run) == config.num_frames == 8
    losses = [float(shown(frame, "loss")) for frame in run]
    assert losses == sorted(losses, reverse=True)
    assert shown(run[0], "loss") == pytest.approx(-np.log(shown(run[0], "chance")), rel=1e-4)


def test_grey_is_grey_and_noise_is_the_seeds() -> None:
    assert (beginning(replace(CONFIG, start="grey")) == 0.5).all()
    noise, again, other = (beginning(replace(CONFIG, seed=seed)) for seed in (2, 2, 3))
    assert torch.equal(noise, again)
    assert not torch.equal(noise, other)
    assert noise.shape == (1, 8, 8)


def test_the_change_is_magnified_to_white_or_black() -> None:
    first, *_, last = frames(replace(CONFIG, most_steps=5))
    assert (np.abs(shown(first, "change").astype(int) - 128) <= 1).all()
    change = shown(last, "change")
    assert change.max() == 255 or change.min() == 0


def test_blurred_gradients_make_smooth_changes() -> None:
    def roughness(smoothing: float) -> float:
        config = FoolingConfig(target=4, start="grey", smoothing=smoothing)
        change = list(frames(config))[-1].arrays["change"].astype(float)
        return float(np.abs(np.diff(change, axis=1)).mean() / np.abs(change - change.mean()).mean())

    assert roughness(2.0) < 0.6 * roughness(0.0)


def test_the_slope_is_that_of_the_cross_entropy_and_leaves_no_trace() -> None:
    net = fresh("digits", generator(0)).eval().requires_grad_(False).double()
    picture = beginning(CONFIG).double()
    logits, loss, gradient = slope(net, picture, 4)
    assert torch.equal(logits, net(picture[None])[0])
    step = 1e-6 * torch.randn(picture.shape, generator=generator(1), dtype=torch.float64)
    up, down = (slope(net, picture + sign * step, 4)[1] for sign in (1, -1))
    assert float(up - down) == pytest.approx(float(2 * (gradient * step).sum()), rel=1e-4)
    assert not picture.requires_grad
    assert not loss.requires_grad


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "magic"),
        ("target", 10),
        ("start", "black"),
        ("smoothing", -1),
        ("lr", 0),
        ("most_steps", 0),
        ("confidence", 1.0),
        ("seed", -1),
    ],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
