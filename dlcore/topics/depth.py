"""How large gradients are, layer by layer, in a deep network before training: they vanish, explode, or meet dead ReLUs.

Knows three networks that differ in their activation only, what is measured in them on the way forward and back, and
what theory expects of infinitely wide layers. Does not know training or pictures.

The networks: the iris set (4 measurements of 150 flowers, standardised), `depth` hidden layers z_l = W_l a_{l-1} + b,
a_l = φ(z_l), a linear readout to 3 classes, softmax and cross-entropy. A index activations in the order of
ACTIVATIONS, S seeds, L layers; layer 1 is the first entry.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from dlcore import require
from dlcore.device import generator
from dlcore.topics.backprop import OPS
from dlcore.topics.backprop_config import ACTIVATIONS

FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}
NUM_SEEDS = 8
NUM_CLASSES = 3
MOST_LAYERS, MOST_WIDTH = 30, 64
#: Below this float32, in which networks are usually trained, loses digits, and soon has only 0.
SMALLEST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, kw_only=True)
class DepthConfig:
    """Every setting of the comparison; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    activation: str = "sigmoid"  # the one in the foreground: all three are computed
    depth: int = 20
    width: int = 32
    gain: float = 1.0  # weights of hidden layers are drawn from N(0, gain²/fan_in); √2 is He's for ReLU
    bias: float = 0.0  # of every hidden unit
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("activation", self.activation, ACTIVATIONS)
        require.whole("depth", self.depth, 1, MOST_LAYERS)
        require.whole("width", self.width, 1, MOST_WIDTH)
        require.number("gain", self.gain, 0.1, 4)
        require.number("bias", self.bias, -2, 2)
        require.whole("seed", self.seed, 0, 2**31 - 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class DepthTrace:
    """What is known of the networks; the first seed is the config's own. NaN: backward has not come there yet.

    E is the cross-entropy of one flower in `grad_z`, its mean over all flowers, as in training, in `grad_w`.
    """

    a: np.ndarray  # (A, S, L): root mean square of a_l over flowers and units
    dead: np.ndarray  # (S, L): ReLUs that are 0 for every flower
    grad_z: np.ndarray  # (A, S, L): root mean square of ∂E/∂z_l over flowers and units
    grad_w: np.ndarray  # (A, S, L): Frobenius norm of ∂E/∂W_l

    @property
    def typical(self) -> np.ndarray:
        """The median of grad_z over the seeds, (A, L)."""
        return np.median(self.grad_z, axis=1)

    @property
    def blocked(self) -> np.ndarray:
        """The highest layer whose ReLUs are all dead, (S,), 0 where there is none: no gradient passes it."""
        layers = np.arange(1, self.dead.shape[1] + 1)
        return np.where(self.a[ACTIVATIONS.index("relu")] == 0, layers, 0).max(axis=1)


class Flowers(NamedTuple):
    """The whole iris set. Source: Fisher, The use of multiple measurements in taxonomic problems (1936)."""

    inputs: Tensor  # (150, 4): sepal and petal, length and width; float64, mean 0, variance 1
    labels: Tensor  # (150,): 0 setosa, 1 versicolor, 2 virginica


@cache
def flowers() -> Flowers:
    """All flowers, each feature standardised over the set."""
    from sklearn.datasets import load_iris

    table, species = map(np.asarray, load_iris(return_X_y=True))
    features = torch.tensor(table, dtype=torch.float64)
    return Flowers((features - features.mean(dim=0)) / features.std(dim=0, correction=0), torch.tensor(species))


class Weights(NamedTuple):
    """One network a seed, side by side; biases are the config's."""

    hidden: list[Tensor]  # layer by layer (S, fan_in, width)
    readout: Tensor  # (S, width, classes), from N(0, 1/width) whatever the gain


def initial_weights(config: DepthConfig) -> Weights:
    """The weights of all seeds. A deeper network has the same first layers: they are drawn from the bottom up."""
    draw = generator(config.seed)

    def normal(fan_in: int, units: int, gain: float) -> Tensor:
        return gain / fan_in**0.5 * torch.randn(NUM_SEEDS, fan_in, units, generator=draw, dtype=torch.float64)

    readout = normal(config.width, NUM_CLASSES, 1.0)
    fan_ins = [flowers().inputs.shape[1], *[config.width] * (config.depth - 1)]
    return Weights([normal(fan_in, config.width, config.gain).requires_grad_() for fan_in in fan_ins], readout)


def frames(config: DepthConfig) -> Iterator[DepthTrace]:
    """Frame 0: the forward pass is done. Frame k: backward has come through k layers from the top, in all networks."""
    weights = initial_weights(config)
    passes = [_forward(name, weights, config.bias) for name in ACTIVATIONS]
    a = np.stack([_over_layers(forward.a, _root_mean_square) for forward in passes])
    dead = _over_layers(passes[ACTIVATIONS.index("relu")].a, lambda layer: (layer == 0).all(dim=1).sum(dim=1))
    grad_z, grad_w = np.full(a.shape, np.nan), np.full(a.shape, np.nan)
    yield DepthTrace(a=a, dead=dead, grad_z=grad_z.copy(), grad_w=grad_w.copy())
    ways_back = [_backward(forward, weights.hidden) for forward in passes]
    for layer in reversed(range(config.depth)):
        for k, way in enumerate(ways_back):
            delta, slope = next(way)
            grad_z[k, :, layer] = _root_mean_square(delta).numpy()
            grad_w[k, :, layer] = slope.norm(dim=(1, 2)).numpy() / delta.shape[1]
        yield DepthTrace(a=a, dead=dead, grad_z=grad_z.copy(), grad_w=grad_w.copy())


def measure(config: DepthConfig) -> DepthTrace:
    """The last frame: backward has come through all layers."""
    *_, last = frames(config)
    return last


class _Forward(NamedTuple):
    z: list[Tensor]  # layer by layer (S, flowers, width), still in autograd's graph
    a: list[Tensor]  # the same, cut out of it
    loss: Tensor  # summed over flowers and seeds: each has a gradient of its own


def _forward(activation: str, weights: Weights, bias: float) -> _Forward:
    inputs, labels = flowers()
    z, a = [], [inputs.expand(NUM_SEEDS, -1, -1)]
    for layer in weights.hidden:
        z.append(torch.baddbmm(torch.full((1, 1, 1), bias, dtype=torch.float64), a[-1], layer))
        a.append(FUNCTIONS[activation](z[-1]))
    logits = a[-1] @ weights.readout
    loss = cross_entropy(logits.flatten(0, 1), labels.repeat(NUM_SEEDS), reduction="sum")
    return _Forward(z, [layer.detach() for layer in a[1:]], loss)


def _backward(forward: _Forward, weights: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """∂E/∂z_l and ∂E/∂W_l of the last layer, then of the one below it: the chain rule, one layer at a time."""
    (delta,) = torch.autograd.grad(forward.loss, forward.z[-1])
    for layer in reversed(range(1, len(weights))):
        to_weights, below = torch.autograd.grad(forward.z[layer], (weights[layer], forward.z[layer - 1]), delta)
        yield delta, to_weights
        delta = below
    (to_weights,) = torch.autograd.grad(forward.z[0], weights[0], delta)
    yield delta, to_weights


def _root_mean_square(layer: Tensor) -> Tensor:
    """(S, flowers, width) -> (S,)."""
    return layer.square().mean(dim=(1, 2)).sqrt()


def _over_layers(layers: list[Tensor], measured: Callable[[Tensor], Tensor]) -> np.ndarray:
    """(S, L): a measure (S,) of every layer."""
    return torch.stack([measured(layer) for layer in layers], dim=1).numpy()


def expected_factors(config: DepthConfig) -> np.ndarray:
    """Theory of infinitely wide layers: ∂E/∂z_l over ∂E/∂z_{l+1} in root mean square, l = 1 ... L − 1, (A, L − 1).

    There z_l is normal with mean b, whose variance follows from the layer below, v_{l+1} = gain² E[φ(z_l)²], and
    backward multiplies the mean square by gain² E[φ'(z_l)²]. For ReLU without bias that is gain²/2, for sigmoid at
    most gain²/16, for tanh at most gain². NaN for ReLU with a negative bias: a mean over units does not see that all
    units of a layer may die.

    Source: Poole et al., Exponential expressivity in deep neural networks through transient chaos (2016), section 2;
    Schoenholz et al., Deep information propagation (2017), section 3. For ReLU: He et al. (2015), section 2.2.
    """
    xi = np.linspace(-8, 8, 1600)  # of even length, so that no point lies on ReLU's kink at 0
    chance = np.exp(-(xi**2) / 2) / np.exp(-(xi**2) / 2).sum()
    factors = np.full((len(ACTIVATIONS), config.depth - 1), np.nan)
    for k, name in enumerate(ACTIVATIONS):
        if name == "relu" and config.bias < 0:
            continue
        variance = config.gain**2  # of z_1: the inputs are standardised
        for layer in range(config.depth - 1):
            z = config.bias + np.sqrt(variance) * xi
            a = OPS[name].value(z)
            (slope,) = OPS[name].slopes(a, z)
            factors[k, layer] = config.gain * np.sqrt(chance @ slope**2)
            variance = config.gain**2 * (chance @ a**2)
    return factors


def expected_ratios(config: DepthConfig) -> np.ndarray:
    """Theory's ∂E/∂z of every layer, the last one's being 1, (A, L)."""
    upwards = np.cumprod(expected_factors(config)[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate([upwards, np.ones((len(ACTIVATIONS), 1))], axis=1)
