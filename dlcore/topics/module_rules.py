"""Knows how a module and its products of the chain rule are written, with symbols or with arrays in their places."""

from collections.abc import Callable

import numpy as np

from dlcore.numerals import digits
from dlcore.topics.matrices import Sheet, size
from dlcore.topics.modules import Block, Link, Local
from dlcore.topics.scalar_net import ModuleKind, label

#: How X_out is written, from X_in, W, b, y, each of them a symbol or an array.
VALUES: dict[ModuleKind, Callable[[str, str, str, str], str]] = {
    "linear": lambda x, w, b, y: f"{w} · {x} + {b}",
    "conv": lambda x, w, b, y: f"{w} ∗ {x} + {b}",
    "max-pool": lambda x, w, b, y: f"the largest number of every 2×2 window of {x}",
    "tanh": lambda x, w, b, y: f"tanh {x}",
    "sigmoid": lambda x, w, b, y: f"σ {x}",
    "relu": lambda x, w, b, y: f"max(0, {x})",
    "softmax": lambda x, w, b, y: f"softmax {x}",
    "half-square": lambda x, w, b, y: f"½ ‖{x} − {y}‖²",
    "cross-entropy": lambda x, w, b, y: f"−{y}ᵀ ln {x}",
}
#: How ∂X_out/∂X_in is written, from X_in, X_out, W, y.
JACOBIANS: dict[ModuleKind, Callable[[str, str, str, str], str]] = {
    "linear": lambda x, out, w, y: w,
    "conv": lambda x, out, w, y: f"the kernel {w}, in every row at another place",
    "max-pool": lambda x, out, w, y: "1 where the largest number stands, else 0",
    "tanh": lambda x, out, w, y: f"diag(1 − {out}²)",
    "sigmoid": lambda x, out, w, y: f"diag({out} (1 − {out}))",
    "relu": lambda x, out, w, y: f"diag(1 where {x} &gt; 0, else 0)",
    "softmax": lambda x, out, w, y: f"diag({out}) − {out} {out}ᵀ",
    "half-square": lambda x, out, w, y: f"({x} − {y})ᵀ",
    "cross-entropy": lambda x, out, w, y: f"−({y} / {x})ᵀ",
}


def value_rule(link: Link) -> str:
    """F in symbols."""
    rule = _value(link, *(label(block.key) if block else "" for block in (link.x_in, link.w, link.b, link.y)))
    return rule + (", where ∗ lays the kernel on every place of the image" if link.module.kind == "conv" else "")


def value_numbers(link: Link, local: Local, sheet: Sheet) -> str:
    """F in numbers. A linear module's bias is written for each of its outputs, shared or not."""
    bias = local.spread @ local.b if link.module.kind == "linear" else local.b
    return _value(link, *(sheet.write(array) if array.size else "" for array in (local.x_in, local.w, bias, local.y)))


def _value(link: Link, x: str, w: str, b: str, y: str) -> str:
    if _binary(link):
        return f"−{y} ln {x} − (1 − {y}) ln(1 − {x})"
    return VALUES[link.module.kind](x, w, b, y)


def _binary(link: Link) -> bool:
    """Whether the loss is the cross-entropy of one probability."""
    return link.module.kind == "cross-entropy" and len(link.module.inputs) == 1


def gradient_rule(link: Link, block: Block) -> str:
    """∂E/∂X_in, ∂E/∂W or ∂E/∂b in symbols, with the sizes of its factors."""
    out, of = label(link.x_out.key), label(block.key)
    outputs = len(link.x_out.names)
    begin = f"∂E/∂{of} = ∂E/∂{out} · ∂{out}/∂{of}"
    if block == link.x_in:
        sizes = f"1×{len(block.names)} = 1×{outputs} · {outputs}×{len(block.names)}"
        return f"{begin}, row times Jacobian: {sizes}. Here ∂{out}/∂{of} = {_jacobian(link)}"
    return begin + (_weight_rule if block == link.w else _bias_rule)(link, out)


def _jacobian(link: Link) -> str:
    x, out, w, y = (label(block.key) if block else "" for block in (link.x_in, link.x_out, link.w, link.y))
    if _binary(link):
        return f"({x} − {y}) / ({x} (1 − {x}))"
    return JACOBIANS[link.module.kind](x, out, w, y)


def _weight_rule(link: Link, out: str) -> str:
    x, outputs, weights = label(link.x_in.key), len(link.x_out.names), len(link.module.weights)
    if link.module.kind == "conv":
        return f": over all {outputs} places, what comes back there times what the weight met there adds up"
    zeros = outputs * weights - weights
    sparse = f" with {zeros} zeros" if zeros else ""
    sizes = f"{size(link.module.weight_shape)} = {outputs}×1 · 1×{len(link.x_in.names)}"
    return f", a {outputs}×{weights} Jacobian{sparse}. Simpler: (∂E/∂{out})ᵀ · {x}ᵀ, column times row: {sizes}"


def _bias_rule(link: Link, out: str) -> str:
    """Each output has its own bias, or several share one, whose shares add up."""
    outputs, biases = len(link.x_out.names), len(dict.fromkeys(link.module.biases))
    if biases == outputs:
        return f" = ∂E/∂{out}, as every output has its own bias"
    where = "places" if link.module.kind == "conv" else "outputs"
    return f": {outputs} {where} share one bias, so what comes back to them adds up"


def gradient_numbers(link: Link, local: Local, block: Block, sheet: Sheet) -> str:
    """The product in numbers."""
    above, result = sheet.write(local.grad_out), f"<b>{sheet.write(local.gradient(block.key))}</b>"
    if block == link.x_in:
        return f"{above} · {sheet.write(local.jacobian)} = {result}{_remarks(local, sheet)}"
    if block == link.b:
        own = local.spread.shape[0] == local.spread.shape[1]
        return result if own else f"{above} · {sheet.write(local.spread)} = {result}"
    if link.module.kind == "linear":
        return f"{sheet.write(local.grad_out.T)} · {sheet.write(local.x_in[None])} = {result}"
    return result


def _remarks(local: Local, sheet: Sheet) -> str:
    """How much of the Jacobian is nothing, and the row vector as the image that it belongs to."""
    zeros = local.jacobian.size - np.count_nonzero(local.jacobian)
    total = local.jacobian.size
    said = f" The Jacobian is {size(local.jacobian.shape)}: {zeros} of its {total} entries are 0." if zeros else ""
    if local.x_in.ndim > 1:
        said += f" As an image: {sheet.write(local.grad_in.reshape(local.x_in.shape))}"
    return said


def holds(block: Block) -> str:
    """The numbers of the graph that are in a block."""
    names = [label(name) for name in block.names]
    return ", ".join(names if len(names) <= 8 else [*names[:3], "…", names[-1]])


def off_by(mine: np.ndarray, exact: np.ndarray) -> str:
    """How far an array is from another, at most."""
    return f"off by {digits(float(np.max(np.abs(mine - exact))), 1)} at most"
