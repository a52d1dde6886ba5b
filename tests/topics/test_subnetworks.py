"""Averages over masks, against torch's own sums, and where theory says what they must be."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlcore.device import generator
from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig, MasksConfig
from dlcore.topics.subnetworks import (
    DISTANCES,
    KEPT,
    Asked,
    Average,
    draw_masks,
    frames,
    kept_accuracy,
    logits_of,
    trained,
)

CONFIG = MasksConfig(training=DropoutConfig(num_steps=60, width=8), num_masks=12)


@given(st.integers(1, 30), st.integers(0, 10_000))
def test_the_running_average_is_torchs_mean_and_deviation(count: int, seed: int) -> None:
    logits = 6 * torch.randn(count, 2, 5, generator=generator(seed), dtype=torch.float64)
    average = Average()
    for row in logits:
        average.add(row)
    assert torch.allclose(average.mean, logits.sigmoid().mean(dim=0))
    assert torch.allclose(average.spread, logits.sigmoid().std(dim=0, correction=0), atol=1e-7)
    assert torch.allclose(average.logit, logits.mean(dim=0))


def test_without_a_mask_it_is_the_network_that_torch_would_ask() -> None:
    nets = trained(CONFIG)
    architecture = nets.configs[0].architecture
    for model in (0, NUM_SEEDS - 1):
        layers = architecture.layers(architecture.parts(nets.params[model : model + 1]))
        linears = [nn.Linear(layer.weight.shape[2], layer.weight.shape[1]) for layer in layers]
        for linear, layer in zip(linears, layers, strict=True):
            linear.weight.data, linear.bias.data = layer.weight[0], layer.bias[0, :, 0]
        net = nn.Sequential(linears[0], nn.ReLU(), linears[1], nn.ReLU(), linears[2])
        expected = net(nets.test.inputs[model])[:, 0]
        assert torch.allclose(logits_of(nets, nets.test.inputs)[model], expected, atol=1e-4)


def test_masks_hold_0_or_what_makes_up_for_it() -> None:
    nets = trained(CONFIG)
    first, second = draw_masks(nets, 0.2, 300, generator(0))
    assert first.shape == (NUM_SEEDS, 8, 300)
    for mask in (first, second):
        assert mask.unique().tolist() == pytest.approx([0, 1.25])
        assert float(mask.mean()) == pytest.approx(1, abs=0.02)


def test_with_p_0_every_mask_is_the_scaled_network() -> None:
    plain = MasksConfig(training=DropoutConfig(num_steps=30, width=8, p=0.0), num_masks=5)
    for snapshot in frames(plain):
        arrays = snapshot.arrays
        assert arrays["apart.average.mean"] == pytest.approx(0, abs=1e-4)
        assert arrays["flips.high"] == 0
        assert (arrays["present"] == arrays["scaled"]).all()
        assert arrays["spread"].max() == 0


def test_behind_a_single_hidden_layer_the_mean_of_logits_goes_to_the_scaled_network() -> None:
    """There logits are linear in the masks, so their mean over all masks is the scaled network's (Baldi, 2013)."""
    nets = trained(MasksConfig(training=DropoutConfig(num_steps=100, width=16, depth=1)))
    points = nets.test.inputs[:, :50]
    chances = generator(3)
    logits = torch.stack([logits_of(nets, points, draw_masks(nets, 0.5, 1, chances)) for _ in range(2000)])
    standard_error = logits.std(dim=0) / len(logits) ** 0.5
    off = (logits.mean(dim=0) - logits_of(nets, points)).abs() / standard_error.clamp(min=1e-6)
    assert float(off.max()) < 5
    assert float(logits.std(dim=0).mean()) > 0.5


def test_frames_are_counted_in_masks_and_are_all_alike() -> None:
    run = list(frames(CONFIG))
    assert len(run) == CONFIG.num_masks
    shapes = [{name: (value.shape, value.dtype.name) for name, value in one.arrays.items()} for one in run]
    assert all(shape == shapes[0] for shape in shapes)
    assert (run[0].arrays["present"] == run[0].arrays["average"]).all()
    assert run[0].arrays["spread"].max() == 0
    assert run[-1].arrays["spread"].max() > 0
    assert len({float(one.arrays["accuracy.scaled.mean"]) for one in run}) == 1


def test_rings_share_out_all_near_points_once() -> None:
    asked = Asked(CONFIG, trained(CONFIG))
    sums = asked.rings.sum(dim=2)
    assert ((sums - 1).abs() < 1e-4).all()
    inside = (asked.rings > 0).sum(dim=1)
    assert set(inside.unique().tolist()) <= {0, 1}
    places, train = asked.places["far"][0], CONFIG.training.points.make().train.inputs
    nearest = torch.cdist(places, train).amin(dim=1)
    for ring, (low, high) in enumerate(zip((0.0, *DISTANCES), DISTANCES, strict=False)):
        chosen = asked.rings[0, ring] > 0
        assert float(nearest[chosen].min()) >= low
        assert float(nearest[chosen].max()) <= high + 1e-6


def test_accuracy_on_what_is_left_when_the_most_doubtful_are_refused() -> None:
    right = torch.tensor([[True] * 5 + [False] * 5])
    doubt = torch.arange(10.0)[None]
    expected = [min(1.0, 0.5 / share) for share in KEPT]
    assert kept_accuracy(right, doubt) == pytest.approx(np.array(expected))
    assert kept_accuracy(right, -doubt)[-1] == 0
    assert kept_accuracy(right, torch.zeros(1, 10))[0] == pytest.approx(0.5)
