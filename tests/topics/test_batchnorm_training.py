"""Networks with batch, layer and group norm against torch's modules; what is noted while they train."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dlcore.topics.batchnorm_checks import difference, network
from dlcore.topics.batchnorm_net_programs import program
from dlcore.topics.batchnorm_runs import LRS, SIZES, DeepConfig, NetConfig, RatesConfig, SizesConfig
from dlcore.topics.batchnorm_training import NUM_GROUPS, Course, first_lost, normalise
from dlcore.training import Divergence, metrics, train
from dlcore.training.network import Layer

TRAINED = ("none", "batch", "layer", "group")


def drawn(models: int = 3, units: int = 16, samples: int = 12) -> tuple[Tensor, Layer]:
    """What goes into a normalisation, and its scale and shift, in float64."""
    chances = torch.Generator().manual_seed(0)
    z = torch.randn(models, units, samples, generator=chances, dtype=torch.float64) * 3 + 1
    scale, shift = torch.randn(2, models, units, generator=chances, dtype=torch.float64)
    nothing = torch.empty(0)
    return z, Layer(nothing, nothing, scale, shift)


@pytest.mark.parametrize("norm", ["batch", "layer", "group"])
def test_a_normalisation_of_many_models_is_torchs_of_each(norm: str) -> None:
    z, layer = drawn()
    found = normalise(z, layer, norm)
    for model in range(3):
        module = {
            "batch": nn.BatchNorm1d(16),
            "layer": nn.LayerNorm(16),
            "group": nn.GroupNorm(NUM_GROUPS, 16),
        }[norm].double()
        assert layer.scale is not None
        assert layer.shift is not None
        module.weight.data, module.bias.data = layer.scale[model], layer.shift[model]
        torch.testing.assert_close(found[model].T, module(z[model].T).detach())


def test_running_statistics_and_batches_of_a_few_are_torchs() -> None:
    z, layer = drawn(models=1)
    mean, variance = torch.randn(16).double(), torch.rand(16).double() + 0.5
    module = nn.BatchNorm1d(16).double()
    assert layer.scale is not None
    assert layer.shift is not None
    module.weight.data, module.bias.data = layer.scale[0], layer.shift[0]
    for batch in range(4):
        part = slice(3 * batch, 3 * batch + 3)
        found = normalise(z, layer, "batch", batch_size=3)[0, :, part]
        torch.testing.assert_close(found.T, module(z[0, :, part].T).detach())
    module.running_mean, module.running_var = mean, variance
    running = torch.stack([mean, variance])[:, None]
    torch.testing.assert_close(normalise(z, layer, "batch", running=running)[0].T, module.eval()(z[0].T).detach())


@pytest.mark.parametrize("weights", ["torch", "he"])
@pytest.mark.parametrize("norm", TRAINED)
def test_training_is_a_plain_torch_loop(norm: str, weights: str) -> None:
    assert difference(DeepConfig(weights=weights, activation="tanh"), norm, num_steps=6) < 1e-9


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_course_is_the_training_that_all_lessons_share(norm: str) -> None:
    config = DeepConfig(num_steps=8, lr=0.1)
    course = config.course(norm, 2)
    course.advance(3)
    course.advance(5)
    runs = [config.run(norm, seed, 0.1) for seed in (0, 1)]
    *_, last = train(runs, every=8)
    np.testing.assert_array_equal(course.stack.frame().params, last.params)
    shared = metrics([last], runs, ["test"]).accuracy["test"][0]
    np.testing.assert_allclose(course.accuracy(course.answers()[-1]).numpy(), shared, atol=1 / 384)


def test_both_begin_with_the_same_weights_and_he_s_are_larger_by_the_root_of_6() -> None:
    config = DeepConfig(depth=2)
    plain, normed = (config.course(norm, 1).stack.architecture for norm in ("none", "batch"))
    firsts = {}
    for weights in ("torch", "he"):
        for norm, architecture in (("none", plain), ("batch", normed)):
            course = DeepConfig(depth=2, weights=weights).course(norm, 1)
            parts = architecture.layers(architecture.parts(course.stack.params))
            firsts[weights, norm] = torch.cat([layer.weight.flatten() for layer in parts])
    torch.testing.assert_close(firsts["torch", "none"], firsts["torch", "batch"])
    torch.testing.assert_close(firsts["he", "none"], firsts["torch", "none"] * 6**0.5)


def test_he_s_first_weights_have_the_variance_2_over_fan_in() -> None:
    course = DeepConfig(weights="he", depth=1).course("none", 8)
    weight = course.stack.architecture.layers(list(course.stack.leaves))[0].weight.detach()
    assert float(weight.var()) == pytest.approx(2 / 64, rel=0.02)


def test_gradients_and_losses_that_are_noted_are_torchs() -> None:
    config = DeepConfig(depth=2, batch_size=256, num_steps=1)
    course = config.course("batch", 1)
    net = network(course.stack.architecture, "batch")
    nn.utils.vector_to_parameters(course.stack.params[0].clone(), net.parameters())
    batch = config.course("batch", 1).stack.next_batch()
    loss = nn.functional.cross_entropy(net(batch.inputs[0].T), batch.targets[0].T)
    loss.backward()
    course.advance(1)
    assert float(course.loss[0]) == pytest.approx(float(loss.detach()), rel=1e-5)
    weights = [module.weight.grad for module in net if isinstance(module, nn.Linear)]
    norms = [float(grad.norm()) for grad in weights if grad is not None]
    assert course.gradients[0].tolist() == pytest.approx(norms, rel=1e-4)


def test_a_run_that_diverges_stays_at_its_last_finite_state_and_is_told() -> None:
    course = DeepConfig(weights="he", activation="linear").course("none", 2, (100.0,))
    course.advance(50)
    assert set(course.diverged) == {0, 1}
    assert torch.isfinite(course.answers()[-1]).all()
    told = first_lost("Without", course.diverged, 2)
    step = min(divergence.step for divergence in course.diverged.values())
    assert told.startswith("Without, the first of 2 networks, of 2, that diverged: the ")
    assert told.endswith(f" at step {step}.")
    assert first_lost("With", {}, 2) == ""
    assert first_lost("With", {1: Divergence(7, "weights")}, 2).endswith("the weights grew beyond 10⁸ at step 7.")


def course_of(config: NetConfig, norm: str, value: float) -> Course:
    """The first network of a curve's point."""
    if isinstance(config, SizesConfig):
        config = NetConfig(**{**vars(config), "batch_size": value})
        return config.course(norm, 1)
    return config.course(norm, 1, (value,))


@pytest.mark.parametrize(
    "config",
    [
        DeepConfig(num_steps=12, weights="he"),
        DeepConfig(num_steps=12, weights="he", norm="layer", activation="sigmoid", seed=3),
        RatesConfig(num_steps=6, weights="he", depth=2),
        SizesConfig(num_steps=5, weights="he", lr=0.05, depth=2, norm="group"),
    ],
    ids=lambda config: f"{type(config).__name__}-{config.norm}",
)
def test_the_program_shown_gives_the_first_networks_accuracy(config: NetConfig) -> None:
    space: dict[str, Any] = {}
    exec(program(config), space)
    counts = {DeepConfig: 1, RatesConfig: len(LRS), SizesConfig: len(SIZES)}
    assert len(space["found"]) == counts[type(config)] * (3 if isinstance(config, SizesConfig) else 2)
    for (norm, value), accuracy in space["found"].items():
        course = course_of(config, norm, value)
        course.advance(config.num_steps)
        ours = 100 * float(course.accuracy(course.answers()[-1])[0])
        assert accuracy == pytest.approx(ours, abs=0.6)  # one or two of 384 digits: rounding in float32
