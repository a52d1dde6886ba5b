"""What the tests of the claims on backpropagation share: a scene's walk, as it is or varied, and how to read it."""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from dlcore.topics.backprop_config import WALKED, BackpropConfig, read_shape
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.depth import DepthConfig, DepthTrace, measure
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.scalar_net import Net
from dlcore.topics.timeline import Training, train
from dlcore.topics.walk import Walk
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
DEEP = [key for key, scene in BY_KEY.items() if dict(scene.values).get("view") == "depth"]
WALKS = [key for key in BY_KEY if key not in DEEP]
SEEDS = range(20)


def config_of(key: str, **other: Any) -> BackpropConfig:
    values = {**dict(BY_KEY[key].values), **other}
    if "shape" in values:
        values["shape"] = read_shape(values["shape"])
    fields = {field.name for field in dataclasses.fields(BackpropConfig)}
    return BackpropConfig(**{name: value for name, value in values.items() if name in fields})


def trained(key: str, num_updates: int, net: Net | None = None, **other: Any) -> Training:
    config = config_of(key, **other)
    return train(config, net or build(config), num_updates)


def walked(key: str, net: Net | None = None, **other: Any) -> Walk:
    """The scene's walk, as the page makes it; through this net, where one is given."""
    config = config_of(key, **other)
    net = net or build(config)
    return record(config, net, train(config, net, config.updates + WALKED))


def walks(key: str, low: float, high: float, **other: Any) -> Iterator[Walk]:
    """The scene's walk from twenty random starts: every parameter uniform between the two."""
    for seed in SEEDS:
        yield walked(key, varied(build(config_of(key, **other)), seed, low, high), **other)


def varied(net: Net, seed: int, low: float, high: float, **data: float) -> Net:
    """The net with random parameters, and with these numbers in place of the first sample's."""
    draw = np.random.default_rng(seed).uniform(low, high, len(net.start))
    start = dict(zip(net.start, draw.tolist(), strict=True))
    return dataclasses.replace(net, start=start, data=({**net.data[0], **data}, *net.data[1:]))


def values(walk: Walk, number: int = 0) -> dict[str, float]:
    """Name -> value of every node, in a pass of the walk."""
    nodes = walk.net.graph.nodes
    return {node.name: float(value) for node, value in zip(nodes, walk.passes[number].done.values, strict=True)}


def gradients(walk: Walk, number: int = 0) -> dict[str, float]:
    """Name -> gradient of every node that has one in a pass of the walk; torch.autograd must have the same."""
    checked = walk.passes[number]
    nodes = walk.net.graph.nodes
    found = {a.target: float(a.total) for a in checked.done.arrivals}
    np.testing.assert_allclose(list(found.values()), checked.exact[list(found)], rtol=1e-9, atol=1e-15)
    return {nodes[index].name: gradient for index, gradient in found.items()}


def shares(walk: Walk, name: str, number: int = 0) -> list[float]:
    """The contributions to a node's gradient in a pass, in the order in which they arrive."""
    index = walk.net.graph.index[name]
    return [float(a.contribution) for a in walk.passes[number].done.arrivals if a.target == index]


def marked(walk: Walk, kind: str, update: int) -> set[str]:
    """The nodes whose value, or gradient, the walk marks as wrong in this turn of the loop."""
    spans = {"values": walk.values, "gradients": walk.gradients}[kind]
    return {span.key for span in spans if span.what.wrong and walk.updates[span.start] == update}


def grads(training: Training, update: int) -> Mapping[str, float]:
    """Name -> .grad at the step of this update, counted from 0."""
    return training.states[update + 1].held


def deep(key: str, seed: int, **other: Any) -> DepthTrace:
    """The networks of a scene of the depth view; which activation it looks at does not matter."""
    fields = {field.name for field in dataclasses.fields(DepthConfig)} - {"activation"}
    named = {name: value for name, value in {**dict(BY_KEY[key].values), **other}.items() if name in fields}
    return _measured(DepthConfig(**named, seed=seed))


_measured = cache(measure)
