"""Gradients of a deep network by two ways that share no pass with its own: a plain nn.Sequential, and the chain rule.

Knows how the first seed's network is written by anyone else; does not know how the page measures all of them at once.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from dlcore.topics.backprop import OPS
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import FUNCTIONS, NUM_CLASSES, DepthConfig, DepthTrace, flowers, initial_weights

MODULES: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "relu": nn.ReLU}


class Layers(NamedTuple):
    """The first seed's network, weights as (fan_in, units)."""

    hidden: list[np.ndarray]
    readout: np.ndarray


class Gradients(NamedTuple):
    """Of every layer, (L,), normalised as in DepthTrace."""

    grad_z: np.ndarray
    grad_w: np.ndarray


class Differences(NamedTuple):
    """The largest over all layers of ∂E/∂z and ∂E/∂W, relative; 0 where both are 0."""

    module: float  # from nn.Sequential's .grad
    by_hand: float  # from the chain rule, without autograd; less exact where tanh saturates


def differences(config: DepthConfig, trace: DepthTrace) -> Differences:
    """How far the trace is from both, for the first seed's network with the config's activation; costs some ms."""
    k = ACTIVATIONS.index(config.activation)
    found = Gradients(trace.grad_z[k, 0], trace.grad_w[k, 0])
    drawn = initial_weights(config)
    layers = Layers([weights[0].detach().numpy() for weights in drawn.hidden], drawn.readout[0].numpy())
    return Differences(_farthest(found, by_module(config, layers)), _farthest(found, by_hand(config, layers)))


def by_module(config: DepthConfig, layers: Layers) -> Gradients:
    """What .grad holds after backward() in a network of torch's own modules."""
    inputs, labels = flowers()
    hidden = [_linear(weights, config.bias) for weights in layers.hidden]
    modules = (module for linear in hidden for module in (linear, MODULES[config.activation]()))
    outputs = [inputs]
    for module in nn.Sequential(*modules, _linear(layers.readout, 0.0)):
        outputs.append(module(outputs[-1]))
        outputs[-1].retain_grad()
    cross_entropy(outputs[-1], labels).backward()
    deltas = [layer.grad.numpy() for layer in outputs[1:-1:2] if layer.grad is not None]
    slopes = [linear.weight.grad.numpy() for linear in hidden if linear.weight.grad is not None]
    # The mean shares the loss out over the flowers; a trace has each flower's own.
    return _measured([len(inputs) * delta for delta in deltas], slopes)


def by_hand(config: DepthConfig, layers: Layers) -> Gradients:
    """δ_l = (δ_{l+1} W_{l+1}ᵀ) ⊙ φ'(z_l), one flower a row, from the softmax's p − y down.

    φ itself is torch's: where a tanh is all but 1, its slope 1 − a² is no more than the last digits of a.
    """
    x, labels = (tensor.numpy() for tensor in flowers())
    a, local = [x], []
    for weights in layers.hidden:
        z = a[-1] @ weights + config.bias
        a.append(FUNCTIONS[config.activation](torch.from_numpy(z)).numpy())
        local.append(OPS[config.activation].slopes(a[-1], z)[0])
    logits = a[-1] @ layers.readout
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    back = (p - np.eye(NUM_CLASSES)[labels]) @ layers.readout.T
    deltas, slopes = [], []
    for weights, slope, below in zip(layers.hidden[::-1], local[::-1], a[-2::-1], strict=True):
        deltas.insert(0, back * slope)
        slopes.insert(0, below.T @ deltas[0] / len(x))
        back = deltas[0] @ weights.T
    return _measured(deltas, slopes)


def _linear(weights: np.ndarray, bias: float) -> nn.Linear:
    """torch keeps weights as (units, fan_in)."""
    linear = nn.Linear(*weights.shape, dtype=torch.float64)
    linear.weight.data = torch.from_numpy(weights.T)
    nn.init.constant_(linear.bias, bias)
    return linear


def _measured(deltas: list[np.ndarray], slopes: list[np.ndarray]) -> Gradients:
    grad_z = np.array([np.sqrt(np.mean(delta**2)) for delta in deltas])
    return Gradients(grad_z, np.array([np.linalg.norm(slope) for slope in slopes]))


def _farthest(found: Gradients, other: Gradients) -> float:
    ours, theirs = np.concatenate(found), np.concatenate(other)
    apart = np.abs(ours - theirs)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(apart == 0, 0.0, apart / np.abs(theirs)).max())
