"""Gradients, and their means over noise, against finite differences, captum and what can be solved by hand."""

from itertools import islice

import pytest
import torch
from torch import Tensor

from dlcore.topics.images.chunks import backward_chunk, forward_chunk, in_chunks
from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import Target, pairs, scores
from dlcore.topics.saliency.gradients import disturbances, input_times_gradient, moments
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.small_nets import Function, SmallNet, linear, pictures

NET = SmallNet(channels=3, seed=1)
IMAGES = pictures(2, 3, 8, seed=2)
TARGETS = [Target(1), Target(2, 0)]
ASKED = pairs(TARGETS)


def test_it_is_the_slope_of_the_score() -> None:
    net, images = SmallNet(channels=1, seed=3).double(), pictures(1, 1, 6, seed=4).double()
    found, asked = gradient(net, images, ASKED[1:]), ASKED[1:].expand(36, -1)
    steps = 1e-5 * torch.eye(36, dtype=torch.float64).reshape(36, 1, 6, 6)
    slope = (scores(net(images + steps), asked) - scores(net(images - steps), asked)) / 2e-5
    assert torch.allclose(found.flatten(), slope, atol=1e-8)


def test_captum_finds_the_same() -> None:
    from captum.attr import InputXGradient, Saliency

    for image, target, asked in zip(IMAGES, TARGETS, ASKED, strict=True):

        def explained(inputs: Tensor, asked: Tensor = asked) -> Tensor:
            return scores(NET(inputs), asked.expand(len(inputs), -1))

        mine = gradient(NET, image[None], asked[None])
        given = image[None].clone().requires_grad_()
        theirs = Saliency(explained).attribute(given, abs=False)
        assert isinstance(theirs, Tensor)
        assert torch.allclose(mine, theirs), target
        theirs = InputXGradient(explained).attribute(given)
        assert isinstance(theirs, Tensor)
        assert torch.allclose(input_times_gradient(NET, image[None], asked[None]), theirs), target


def test_a_picture_of_a_batch_has_the_gradient_that_it_has_alone() -> None:
    many, targets = pictures(40, 3, 64, seed=5), pairs([Target(k % 3) for k in range(40)])
    assert backward_chunk(many) < 40  # so that it takes several passes
    together = gradient(NET, many, targets)
    for k in (0, 17, 39):
        assert torch.allclose(together[k : k + 1], gradient(NET, many[k : k + 1], targets[k : k + 1]), atol=1e-7)


def test_it_can_be_asked_where_torch_keeps_no_gradients() -> None:
    with torch.no_grad():
        assert torch.equal(gradient(NET, IMAGES, ASKED), gradient(NET, IMAGES, ASKED))


@pytest.mark.parametrize("kind", ["smoothgrad", "smoothgrad_sq", "vargrad"])
def test_given_the_same_noise_captum_finds_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from captum.attr import NoiseTunnel, Saliency

    settings = MethodSettings(num_samples=12, noise=0.2, seed=7)
    found = moments(NET, IMAGES, ASKED, settings)
    mine = {"smoothgrad": found.mean, "smoothgrad_sq": found.square, "vargrad": found.variance}[kind].float()
    for number, (image, asked) in enumerate(zip(IMAGES, ASKED, strict=True)):
        noise = torch.stack([*islice(disturbances(image.shape, settings), 12)])
        monkeypatch.setattr(
            NoiseTunnel, "_add_noise_to_input", staticmethod(lambda image, *_, noise=noise: image + noise)
        )
        tunnel = NoiseTunnel(Saliency(lambda inputs, asked=asked: scores(NET(inputs), asked.expand(len(inputs), -1))))
        theirs = tunnel.attribute(image[None], nt_type=kind, nt_samples=12, stdevs=0.2, abs=False)
        assert isinstance(theirs, Tensor)
        assert torch.allclose(mine[number], theirs[0], rtol=1e-4, atol=1e-7)


def test_more_samples_begin_with_the_same_ones() -> None:
    few, many = MethodSettings(num_samples=3), MethodSettings(num_samples=30)
    for one, other in zip(islice(disturbances((3, 4, 4), few), 3), disturbances((3, 4, 4), many), strict=False):
        assert torch.equal(one, other)


def test_noise_has_the_spread_that_is_set_and_a_seed_of_its_own() -> None:
    draws = torch.stack([*islice(disturbances((1, 50, 50), MethodSettings(noise=0.3)), 20)])
    assert float(draws.std()) == pytest.approx(0.3, rel=0.02)
    assert float(draws.mean()) == pytest.approx(0, abs=0.01)
    other = next(disturbances((1, 50, 50), MethodSettings(noise=0.3, seed=1)))
    assert abs(float(torch.corrcoef(torch.stack([draws[0].flatten(), other.flatten()]))[0, 1])) < 0.1


def test_without_noise_every_sample_is_the_gradient() -> None:
    found, plain = moments(NET, IMAGES, ASKED, MethodSettings(noise=0.0, num_samples=7)), gradient(NET, IMAGES, ASKED)
    assert torch.allclose(found.mean.float(), plain, atol=1e-7)
    assert torch.allclose(found.square.float(), plain.square(), atol=1e-7)
    assert float(found.variance.max()) < 1e-12


def test_noise_changes_nothing_for_a_linear_network() -> None:
    net, images = linear(3, 8, seed=1), IMAGES.double()
    found = moments(net, images, ASKED, MethodSettings(noise=0.5, num_samples=9))
    assert torch.allclose(found.mean, gradient(net, images, ASKED))
    assert float(found.variance.max()) < 1e-12


def test_on_a_parabola_the_moments_are_those_of_theory() -> None:
    """score ½ Σ a x²: the gradient at x + e is a (x + e), so its mean is a x, and its variance a² σ²."""
    a = torch.tensor([[[1.0, -2.0], [0.5, 3.0]]])
    image, sigma = torch.tensor([[[[0.2, 0.9], [0.5, 0.1]]]]), 0.3
    net = Function(lambda images: (0.5 * a * images.square()).sum(dim=(1, 2, 3)))
    found = moments(net, image, pairs([Target(0)]), MethodSettings(noise=sigma, num_samples=500, seed=3))
    error = 4 * a.abs() * sigma / 500**0.5  # four standard errors
    assert ((found.mean - a * image).abs() < error).all()
    assert torch.allclose(found.variance.float(), (a * sigma).square()[None], rtol=0.25)
    assert torch.allclose(found.square, found.variance + found.mean.square())


@pytest.mark.parametrize("side", [8, 64, 224, 1000])
def test_chunks_hold_every_row_once_and_stay_small(side: int) -> None:
    image = torch.empty(3, side, side, device="meta")
    for chunk in (backward_chunk(image), forward_chunk(image)):
        assert chunk >= 1
        assert chunk * side**2 <= max(16 * 64**2, 8 * side**2)
    rows = torch.arange(10)
    parts = list(in_chunks(4, rows, 2 * rows))
    assert torch.cat([part for part, _ in parts]).tolist() == rows.tolist()
    assert torch.cat([part for _, part in parts]).tolist() == (2 * rows).tolist()
