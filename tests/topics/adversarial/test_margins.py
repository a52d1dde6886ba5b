"""Margins against torch's own order of logits, and their slopes where they are known by hand."""

import pytest
import torch

from dlcore import checkpoints
from dlcore.topics.adversarial.margins import answered, lengths, margin, margins, slope
from tests.topics.adversarial.flat_nets import flat


def test_a_margin_is_how_far_the_label_is_ahead_of_the_best_other_class() -> None:
    logits = torch.tensor([[3.0, 1.0, 2.5], [3.0, 1.0, 2.5], [0.0, 0.0, 0.0]])
    assert margin(logits, torch.tensor([0, 1, 2])).tolist() == [0.5, -2.0, 0.0]


def test_it_is_above_nothing_exactly_where_the_answer_is_the_label() -> None:
    net, images = checkpoints.network("digits"), torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(40) % 10
    with torch.no_grad():
        answers = net(images).argmax(dim=1)
    assert torch.equal(margins(net, images, labels) > 0, answers == labels)


def test_the_slope_of_a_linear_margin_is_its_weights() -> None:
    net, images = flat(bias=0.25), torch.rand(5, 1, 8, 8)
    found = slope(net, images, torch.ones(5, dtype=torch.int64))
    for gradient in found.gradients:
        assert torch.equal(gradient.flatten(), net.get_buffer("weights"))
    torch.testing.assert_close(found.margins, net(images)[:, 1])


@pytest.mark.parametrize("key", ["digits", "plain"])
def test_the_slope_is_what_finite_differences_say(key: str) -> None:
    net, (images, labels, _) = checkpoints.network(key), answered(key, 3, 0)
    found = slope(net, images, labels)
    way = torch.randn(images.shape, generator=torch.Generator().manual_seed(1))
    way = way / lengths(way).view(-1, 1, 1, 1)
    step = 1e-2
    ahead, behind = (margins(net, images + sign * step * way, labels) for sign in (1, -1))
    expected = (found.gradients * way).flatten(1).sum(dim=1)
    torch.testing.assert_close((ahead - behind) / (2 * step), expected, rtol=0.05, atol=0.02)


def test_only_pictures_that_are_answered_rightly_are_taken_and_no_network_keeps_a_trace() -> None:
    net, found = checkpoints.network("digits"), answered("digits", 30, 2)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert len(found.images) == len(found.labels) == 30
    assert bool((slope(net, found.images, found.labels).margins > 0).all())
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in net.parameters())
    assert not found.images.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(ValueError, match="model is 'vgg'"):
        answered("vgg", 3, 0)
