"""Walks through the lesson's networks, for tests: made from settings, drawn at random, and read frame by frame."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from dlcore.topics.backprop_config import ACTIVATIONS, FAULTS, LOSSES, NETWORKS, WALKED, BackpropConfig
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import Training, train
from dlcore.topics.walk import Span, Walk

#: Every network; the perceptron also with batches, with one unit, and as large as it can be.
EVERY: dict[str, dict[str, Any]] = {
    "neuron": {},
    "textbook": {"network": "textbook", "lr": 0.5},
    "mlp": {"network": "mlp"},
    "batch of 2": {"network": "mlp", "batch_size": 2, "shape": (2,)},
    "batch of 4": {"network": "mlp", "batch_size": 4, "shape": (1,), "loss": "half-square", "activation": "relu"},
    "large": {"network": "mlp", "batch_size": 2, "shape": (6, 6, 6, 6), "lr": 0.5},
    "softmax": {"network": "softmax"},
    "conv": {"network": "conv", "lr": 0.05},
    "formula": {"network": "formula"},
    "uses": {"network": "formula", "formula": "x*x + 3*x - max(x, y)^2 / exp(x*y)"},
}
#: Some that can be changed by hand, whatever the shape.
LEAVES = {
    "neuron": ("x1", "x2", "y", "w1", "w2", "b"),
    "textbook": ("x1", "y2", "w1", "w8", "b1", "b2"),
    "mlp": ("x1", "x2", "y", "u11", "b11", "o1", "b"),
    "softmax": ("z1", "z2", "z3", "y1", "y3"),
    "conv": ("x22", "y", "k11", "k22", "b", "w1", "d"),
}
FORMULAS = ("x", "log(x) + x", "sqrt(x) / y", "exp(exp(x)) * y", "x^y - y^x", "max(x, y) * abs(x - 1)", "1/x + tan(x)")


def walked(**settings: Any) -> Walk:
    return together(BackpropConfig(**settings))[0]


def together(config: BackpropConfig) -> tuple[Walk, Training]:
    """A walk and the training that it is a part of, as the page makes them."""
    net = build(config)
    training = train(config, net, config.updates + WALKED)
    return record(config, net, training), training


@cache
def every(name: str) -> Walk:
    """The walk through one of EVERY."""
    return walked(**EVERY[name])


def at(spans: Iterable[Span[Any]], frame: int) -> dict[str, Any]:
    """What holds at a frame, by key; no two things may hold of one key."""
    holding = [(span.key, span.what) for span in spans if span.start <= frame < span.end]
    assert len(holding) == len(dict(holding))
    return dict(holding)


def last_frames(walk: Walk) -> Mapping[tuple[int, int, str], int]:
    """(update, sample of the batch, phase) -> its last frame."""
    return {moment: frame for frame, moment in enumerate(zip(walk.updates, walk.turns, walk.phases, strict=True))}


@st.composite
def configs(draw: st.DrawFn) -> BackpropConfig:
    """Any settings, with changes by hand that may drive the numbers out of the finite ones."""
    network = draw(st.sampled_from(list(NETWORKS)))
    config = BackpropConfig(
        network=network,
        activation=draw(st.sampled_from(ACTIVATIONS)),
        shape=tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))),
        loss=draw(st.sampled_from(list(LOSSES))),
        formula=draw(st.sampled_from(FORMULAS)),
        lr=draw(st.sampled_from((1e-4, 0.1, 1.0, 30.0, 100.0))),
        batch_size=draw(st.integers(1, 4)),
        updates=draw(st.sampled_from((0, 1, 7))),
        fault=draw(st.sampled_from(list(FAULTS))),
        seed=draw(st.integers(0, 3)),
    )
    leaves = ("x",) if network == "formula" else LEAVES[network]
    numbers = st.sampled_from((0.0, 1.0, -1.0, 0.5, -35.0, 800.0, -1e6, 1e6))
    edits = draw(st.lists(st.tuples(st.sampled_from(leaves), numbers, st.integers(0, 9)), max_size=3))
    text = ", ".join(f"{name}={_allowed(name, number):g}@{update}" for name, number, update in edits)
    return replace(config, edits=text)


def _allowed(name: str, number: float) -> float:
    """A target of cross-entropy is a probability."""
    return min(max(number, 0.0), 1.0) if name.startswith("y") else number
