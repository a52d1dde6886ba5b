"""The transform on one mini-batch, step by step, with torch's own answer beside it; draws nothing."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.batchnorm import (
    Backward,
    Forward,
    Statistics,
    backward,
    first_statistics,
    forward,
    module_of,
    moved,
)
from dlcore.topics.batchnorm_config import TransformConfig, read_edits

MIDDLES, SPREADS = (0, 5, -20, 100, 0, 1), (1, 3, 10, 1, 0.1, 0.5)  # of the features of different scale
STEPS = {
    ("train", "forward"): ("x", "mean", "variance", "normal", "y"),
    ("eval", "forward"): ("x", "normal", "y"),
    ("train", "backward"): ("dy", "dgamma", "dbeta", "dnormal", "dvariance", "dmean", "dx"),
    ("eval", "backward"): ("dy", "dgamma", "dbeta", "dnormal", "dx"),
}


class Given(NamedTuple):
    """What the transform begins with, in float64."""

    x: Tensor  # (samples, features)
    gamma: Tensor  # (features,)
    beta: Tensor  # (features,)
    grad: Tensor  # ∂E/∂y, (samples, features)


class Walk(NamedTuple):
    """Every number of the picture; running: before this batch and after it, None where there is no such thing."""

    config: TransformConfig
    given: Given
    forward: Forward
    backward: Backward
    before: Statistics | None
    after: Statistics | None
    refusal: str  # torch's own words, where it does not compute this; "" else


def steps(config: TransformConfig) -> tuple[str, ...]:
    """What is computed in which frame; the first is what is there before."""
    mode = "eval" if config.uses_given else "train"
    found = STEPS[mode, config.direction]
    runs_on = config.norm == "batch" and (mode, config.direction) == ("train", "forward") and config.samples > 1
    return (*found, "running") if runs_on else found


def walk(config: TransformConfig) -> Walk:
    """The whole transform of these settings, forward and back."""
    given, sets = begin(config), config.sets
    before = running(config, given) if config.norm == "batch" else None
    statistics = before if config.uses_given else None
    done = forward(given.x, given.gamma, given.beta, sets, eps=config.eps, given=statistics)
    back = backward(done, given.grad, given.gamma, sets, eps=config.eps, given=config.uses_given)
    refusal = refused(config, given)
    after = None
    if before is not None and not config.uses_given and not refusal:
        after = moved(before, done, sets, config.momentum)
    return Walk(config, given, done, back, before, after, refusal)


def begin(config: TransformConfig) -> Given:
    """The mini-batch, γ = 1, β = 0 and the upstream gradient, with the changes by hand."""
    x, grad = _batch(config), _upstream(config)
    gamma, beta = torch.ones(config.features, dtype=torch.float64), torch.zeros(config.features, dtype=torch.float64)
    tensors = {"x": x, "dy": grad, "gamma": gamma, "beta": beta}
    for edit in read_edits(config.edits):
        tensor = tensors[edit.letter]
        if all(index < size for index, size in zip(edit.place, tensor.shape, strict=True)):
            tensor[edit.place] = edit.value
    return Given(x, gamma, beta, grad)


def running(config: TransformConfig, given: Given) -> Statistics:
    """The running statistics after this batch has been seen so often; one sample alone moves none."""
    statistics, sets = first_statistics(config.features), config.sets
    if config.samples == 1:
        return statistics
    done = forward(given.x, given.gamma, given.beta, sets, eps=config.eps)
    for _ in range(config.seen):
        statistics = moved(statistics, done, sets, config.momentum)
    return statistics


def refused(config: TransformConfig, given: Given) -> str:
    """What torch says where it refuses to normalise this in training; "" where it does not."""
    try:
        _torch_module(config, given)(given.x)
    except ValueError as error:
        return str(error)
    return ""


def check(found: Walk) -> float:
    """The largest difference of y, ∂γ, ∂β and ∂x from torch's own module and autograd; NaN where torch refuses."""
    if found.refusal:
        return float("nan")
    module = _torch_module(found.config, found.given)
    x = found.given.x.clone().requires_grad_()
    y = module(x)
    y.backward(found.given.grad)
    pairs = [(y, found.forward.y), (x.grad, found.backward.x)]
    pairs += [(module.weight.grad, found.backward.gamma), (module.bias.grad, found.backward.beta)]
    if found.after is not None:
        pairs += [(module.running_mean, found.after.mean), (module.running_var, found.after.variance)]
    return max(float((theirs - ours).detach().abs().max()) for theirs, ours in pairs)


def _torch_module(config: TransformConfig, given: Given) -> nn.Module:
    module = module_of(config.sets, given.gamma, given.beta, eps=config.eps, momentum=config.momentum)
    if isinstance(module, nn.BatchNorm1d) and module.running_mean is not None and module.running_var is not None:
        before = running(config, given)
        module.running_mean.copy_(before.mean)
        module.running_var.copy_(before.variance)
    return module.train(not config.uses_given)


def _batch(config: TransformConfig) -> Tensor:
    """Rounded, so that the numbers in the cells are the numbers."""
    chances = generator(config.seed)
    shape = (config.samples, config.features)
    if config.image in ("digits", "constant"):
        x = torch.randint(0, 10, shape, generator=chances).double()
        if config.image == "constant":
            x[:, 0] = 3
        return x
    normal = torch.randn(shape, generator=chances, dtype=torch.float64)
    if config.image == "outlier":
        normal[0] += 20
        return (normal * 10).round() / 10
    middles, spreads = (torch.tensor(row[: config.features], dtype=torch.float64) for row in (MIDDLES, SPREADS))
    return ((middles + spreads * normal) * 10).round() / 10


def _upstream(config: TransformConfig) -> Tensor:
    shape = (config.samples, config.features)
    match config.upstream:
        case "ones":
            return torch.ones(shape, dtype=torch.float64)
        case "one":
            grad = torch.zeros(shape, dtype=torch.float64)
            grad[0, 0] = 1
            return grad
    chances = generator(config.seed + 1)
    return torch.randint(-3, 4, shape, generator=chances).double()
