"""Gradients of a scalar graph by two ways that share nothing with its own: torch's autograd, and finite differences.

Knows torch's function for every operation; does not know the graph's derivatives, nor what the comparison is used for.
"""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.topics.backprop import FIXED, Graph

EXACT, NUMERIC = 1e-9, 1e-3  # up to where a gradient agrees with autograd, and with finite differences
STEP = 6e-6  # about the cube root of float64's precision: where a central difference is most exact


def _affine(*inputs: Tensor) -> Tensor:
    half = len(inputs) // 2
    return torch.dot(torch.stack(inputs[:half]), torch.stack(inputs[half:-1])) + inputs[-1]


def _cross_entropy(p: Tensor, y: Tensor) -> Tensor:
    probable = 0 <= p <= 1 and 0 <= y <= 1  # torch refuses all else
    return F.binary_cross_entropy(p, y) if probable else torch.nan * p * y


#: The same operations as torch has them.
TORCH: dict[str, Callable[..., Tensor]] = {
    "add": lambda *u: torch.stack(u).sum(),
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "negate": torch.neg,
    "power": torch.pow,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "asin": torch.asin,
    "acos": torch.acos,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": F.relu,
    "minimum": torch.minimum,
    "maximum": torch.maximum,
    "max": lambda *u: F.max_pool1d(torch.stack(u).view(1, -1), len(u)).view(()),
    "affine": _affine,
    "half-square": lambda a, y: 0.5 * F.mse_loss(a, y),
    "cross-entropy": _cross_entropy,
}


def autograd(graph: Graph, leaves: Mapping[str, float], seed: float = 1.0, cut: Collection[int] = ()) -> np.ndarray:
    """The gradient of seed · loss at every node, by torch: (nodes,), NaN where torch has none.

    leaves: name -> value. cut: nodes that are detached wherever they are used.
    """
    tensors: list[Tensor] = []
    for node in graph.nodes:
        if node.op:
            inputs = (tensors[j].detach() if j in cut else tensors[j] for j in node.inputs)
            tensors.append(TORCH[node.op](*inputs))
        else:
            learns = node.role not in FIXED
            tensors.append(torch.tensor(leaves[node.name], dtype=torch.float64, requires_grad=learns))
        if tensors[-1].requires_grad:
            tensors[-1].retain_grad()
    if tensors[-1].requires_grad:
        tensors[-1].backward(torch.tensor(seed, dtype=torch.float64))
    grads = (tensor.grad if tensor.requires_grad else None for tensor in tensors)
    return np.array([np.nan if grad is None else grad.item() for grad in grads])


@np.errstate(all="ignore")
def finite_differences(graph: Graph, leaves: Mapping[str, float], seed: float = 1.0) -> np.ndarray:
    """The gradient of seed · loss at every node, by central differences: (nodes,), NaN at constants and targets.

    All nodes are moved in one forward pass, side by side: lane 2i has node i + h, lane 2i + 1 has node i - h.
    On a kink (relu at 0, equal arguments of max) it is the mean of both sides, and autograd may say otherwise.

    leaves: name -> value.
    """
    values = np.array(graph.forward(leaves))
    step = STEP * np.maximum(1.0, np.abs(values))
    moves = np.kron(np.diag(step), [1.0, -1.0])  # (nodes, lanes): +h and -h in the two lanes of each node
    loss = graph.forward(leaves, dict(enumerate(moves)))[-1]
    slopes = seed * (loss[0::2] - loss[1::2]) / (2 * step)
    return np.where([node.role in FIXED for node in graph.nodes], np.nan, slopes)


@np.errstate(all="ignore")
def largest_difference(a: np.ndarray, b: np.ndarray) -> float:
    """The largest |a - b| / max(1, |a|) where both are finite; NaN where none is."""
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    return float(np.max(np.abs(a - b) / np.maximum(1.0, np.abs(a)))) if both.any() else float("nan")
