"""Whether the stacked runs are what torch's own modules, autograd and SGD make of the same weights and batches."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlcore.topics.batchnorm_runs import NetConfig
from dlcore.topics.batchnorm_training import NUM_GROUPS
from dlcore.training.feed import Feed
from dlcore.training.network import Architecture

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}


def network(architecture: Architecture, norm: str) -> nn.Sequential:
    """The same network of torch's modules."""
    make: dict[str, Callable[[int], nn.Module]] = {
        "none": nn.Identity,
        "batch": nn.BatchNorm1d,
        "layer": nn.LayerNorm,
        "group": lambda units: nn.GroupNorm(NUM_GROUPS, units),
    }
    layers: list[nn.Module] = []
    for n, out in pairwise(architecture.widths[:-1]):
        layers += [nn.Linear(n, out), make[norm](out), ACTIVATIONS[architecture.activation]()]
    return nn.Sequential(*layers, nn.Linear(architecture.widths[-2], architecture.widths[-1]))


def difference(config: NetConfig, norm: str, num_steps: int = 10) -> float:
    """The largest difference of the first run's test logits after so many updates, relative to the largest logit.

    In float64: where a layer's inputs hardly differ, its normalisation makes float32's rounding visible.
    """
    course = config.course(norm, 1, dtype=torch.float64)
    net = network(course.stack.architecture, norm).double()
    vector_to_parameters(torch.from_numpy(course.stack.frame().params[0].copy()), net.parameters())
    run = config.run(norm, config.seed, config.lr)
    feed = Feed([run], [run.data.make().train], torch.float64)
    for _ in range(num_steps):
        batch = feed.next()
        loss = nn.functional.cross_entropy(net(batch.inputs[0].T), batch.targets[0].T)
        gradients = torch.autograd.grad(loss, list(net.parameters()))
        moved = parameters_to_vector(net.parameters()) - config.lr * parameters_to_vector(gradients)  # plain SGD
        vector_to_parameters(moved.detach(), net.parameters())
    course.advance(num_steps)
    ours = course.answers()[-1][0].T
    with torch.no_grad():
        theirs = net.eval()(course.inputs[0].T)
    return float((ours - theirs).abs().max() / theirs.abs().max())
