"""Knows the modules of a network as functions of arrays, X_out = F(W, X_in), and the chain rule over them.

Gradients are row vectors: ∂E/∂X_in = ∂E/∂X_out · ∂X_out/∂X_in. Jacobians are torch's, the products are written out.
Does not know training, nor how a module is shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.topics.scalar_net import Module, ModuleKind, Net


class Block(NamedTuple):
    """Numbers of the graph that are one array of the modules, in row-major order."""

    key: str  # "X0", "W1", "b1", "y", "E"
    names: tuple[str, ...]
    shape: tuple[int, ...]

    def of(self, numbers: Mapping[str, float]) -> np.ndarray:
        """Its array, from name -> number."""
        return np.array([numbers[name] for name in self.names]).reshape(self.shape)

    def held_in(self, numbers: Mapping[str, float]) -> bool:
        """Whether there is a number for each of its names."""
        return all(name in numbers for name in self.names)


class Link(NamedTuple):
    """The chain's module number i, from X_{i−1} to X_i; the last one, the loss, ends in E."""

    key: str  # "F1"
    module: Module
    x_in: Block
    x_out: Block
    w: Block | None = None
    b: Block | None = None
    y: Block | None = None

    @property
    def leaves(self) -> tuple[Block, ...]:
        """W, b and the targets, as far as there are any."""
        return tuple(block for block in (self.w, self.b, self.y) if block)

    @property
    def learning(self) -> tuple[Block, ...]:
        """What the module sends gradients to, in this order: X_in, W, b."""
        return tuple(block for block in (self.x_in, self.w, self.b) if block)


def chain(net: Net) -> tuple[Link, ...]:
    """The network's modules in the order of the forward pass. A bias that outputs share is one number of its block."""
    links: list[Link] = []
    for i, module in enumerate(net.modules, 1):
        key = "E" if module.targets else f"X{i}"
        biases = tuple(dict.fromkeys(module.biases))
        link = Link(
            f"F{i}",
            module,
            Block(f"X{i - 1}", module.inputs, module.input_shape),
            Block(key, module.outputs, module.output_shape),
            Block(f"W{i}", module.weights, module.weight_shape) if module.weights else None,
            Block(f"b{i}", biases, (len(biases),)) if biases else None,
            Block("y", module.targets, (len(module.targets),)) if module.targets else None,
        )
        links.append(link)
    return tuple(links)


def blocks(links: Sequence[Link]) -> dict[str, Block]:
    """Every block by key: X0, then what each module brings with it."""
    found = [links[0].x_in] + [block for link in links for block in (*link.leaves, link.x_out)]
    return {block.key: block for block in found}


def _half_square(x: Tensor, y: Tensor) -> Tensor:
    return 0.5 * F.mse_loss(x, y.expand_as(x), reduction="none").sum(-1)


def _cross_entropy(x: Tensor, y: Tensor) -> Tensor:
    """Of one probability the binary one, of several −Σ y ln p."""
    if x.shape[-1] > 1:
        return -(y * x.log()).sum(-1)
    return F.binary_cross_entropy(x, y.expand_as(x), reduction="none").sum(-1)


#: F of every module in torch, for inputs side by side: x (copies, *input_shape), then W and b, or y.
FUNCTIONS: dict[ModuleKind, Callable[..., Tensor]] = {
    "linear": F.linear,
    "conv": F.conv2d,
    "max-pool": lambda x: F.max_pool2d(x, 2),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": F.relu,
    "softmax": lambda x: F.softmax(x, dim=-1),
    "half-square": _half_square,
    "cross-entropy": _cross_entropy,
}


@dataclass(frozen=True)
class Local:
    """A module's arrays in one pass, float64; what it has not is empty."""

    x_in: np.ndarray  # input_shape
    x_out: np.ndarray  # output_shape
    w: np.ndarray  # weight_shape
    b: np.ndarray  # (biases,)
    y: np.ndarray  # (targets,)
    jacobian: np.ndarray  # ∂X_out/∂X_in (outputs, inputs)
    spread: np.ndarray  # ∂X_out/∂b (outputs, biases)
    grad_out: np.ndarray  # ∂E/∂X_out (1, outputs)
    grad_in: np.ndarray  # ∂E/∂X_in (1, inputs)
    grad_w: np.ndarray  # ∂E/∂W, weight_shape
    grad_b: np.ndarray  # ∂E/∂b (1, biases)

    def gradient(self, key: str) -> np.ndarray:
        """∂E/∂X_in, ∂E/∂W or ∂E/∂b, for a block's key."""
        return {"X": self.grad_in, "W": self.grad_w, "b": self.grad_b}[key[0]]


def backward(links: Sequence[Link], numbers: Mapping[str, float], seed: float = 1.0) -> tuple[Local, ...]:
    """Every module's arrays and gradients of seed · E, in the chain's order.

    numbers: name -> value of every node in one pass.
    """
    found: list[Local] = []
    grad_out = np.full((1, 1), seed)
    for link in reversed(links):
        found.append(_local(link, numbers, grad_out))
        grad_out = found[-1].grad_in
    return tuple(reversed(found))


def _local(link: Link, numbers: Mapping[str, float], grad_out: np.ndarray) -> Local:
    """The module's part of the chain rule, three products with what comes from above."""
    x_in = link.x_in.of(numbers)
    w, b, y = (block.of(numbers) if block else np.zeros(0) for block in (link.w, link.b, link.y))
    jacobian, spread = _jacobian(link, x_in, w, b, y), _spread(link.module)
    return Local(
        x_in,
        link.x_out.of(numbers),
        w,
        b,
        y,
        jacobian,
        spread,
        grad_out,
        grad_in=grad_out @ jacobian,
        grad_w=_weight_gradient(link, x_in, w, grad_out),
        grad_b=grad_out @ spread,
    )


def output(link: Link, x: Tensor, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> Tensor:
    """F(W, X) for each of the inputs x (copies, *input_shape)."""
    function = FUNCTIONS[link.module.kind]
    if link.w and link.b:
        each = [link.b.names.index(name) for name in link.module.biases]
        return function(x, torch.from_numpy(w), torch.from_numpy(b[each]))
    return function(x, torch.from_numpy(y)) if link.y else function(x)


def _jacobian(link: Link, x_in: np.ndarray, w: np.ndarray, b: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂X_out/∂X_in by torch: X_in is copied for each output, and each copy gets the gradient of one of them."""
    num_outputs = len(link.x_out.names)
    copies = torch.from_numpy(np.repeat(x_in[None], num_outputs, axis=0)).requires_grad_()
    outputs = output(link, copies, w, b, y).reshape(num_outputs, num_outputs)
    (rows,) = torch.autograd.grad(outputs.diagonal().sum(), copies)
    return rows.reshape(num_outputs, -1).numpy()


def _spread(module: Module) -> np.ndarray:
    """∂X_out/∂b: 1 where a bias is added to an output, in a convolution to all outputs of its channel."""
    names = list(dict.fromkeys(module.biases))
    places = len(module.outputs) // max(len(module.biases), 1)
    added = [name for name in module.biases for _ in range(places)] or [""] * len(module.outputs)
    return np.array([[float(name == bias) for bias in names] for name in added]).reshape(len(added), len(names))


def _weight_gradient(link: Link, x_in: np.ndarray, w: np.ndarray, grad_out: np.ndarray) -> np.ndarray:
    """∂E/∂X_out · ∂X_out/∂W in W's shape: of a linear module the outer product, else from torch."""
    if link.module.kind == "linear":
        return grad_out.T @ x_in[None]
    if not link.w:
        return w
    kernel = torch.from_numpy(w).requires_grad_()
    mapped = F.conv2d(torch.from_numpy(x_in[None]), kernel)
    (gradient,) = torch.autograd.grad(mapped, kernel, torch.from_numpy(grad_out).reshape(mapped.shape))
    return gradient.numpy()
