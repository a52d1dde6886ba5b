"""The walk of modules tells what the walk of scalars tells, in larger steps."""

from typing import Any

import numpy as np
import pytest

from dlcore.topics.backprop_config import FAULTS, BackpropConfig
from dlcore.topics.module_walk import ModuleWalk, record_modules
from dlcore.topics.modules import blocks
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train
from dlcore.topics.walk import Gradient, Span, Value, Walk

NETWORKS: list[dict[str, Any]] = [
    {"network": "neuron"},
    {"network": "textbook", "lr": 0.5},
    {"network": "softmax"},
    {"network": "conv"},
    {"network": "mlp", "batch_size": 4, "shape": (3, 2)},
]


def walks(**settings: Any) -> tuple[Walk, ModuleWalk]:
    config = BackpropConfig(**settings)
    net = build(config)
    scalars = record(config, net, train(config, net, config.updates + 2))
    return scalars, record_modules(scalars)


def at(spans: tuple[Span[Any], ...], frame: int) -> dict[str, Any]:
    """What holds at a frame, by key; no two things may hold of one key."""
    holding = [(span.key, span.what) for span in spans if span.start <= frame < span.end]
    assert len(holding) == len(dict(holding))
    return dict(holding)


def stations(walk: Walk) -> dict[tuple[int, int, str], int]:
    """(update, sample, phase) -> its last frame."""
    return {moment: frame for frame, moment in enumerate(zip(walk.updates, walk.turns, walk.phases, strict=True))}


def test_the_frames_of_one_neuron() -> None:
    _, walk = walks()
    once = [
        ("data", ""),
        ("zero_grad", ""),
        ("forward", "F1"),
        ("forward", "F2"),
        ("loss", "F3"),
        ("backward", "E"),
        ("backward", "X2→F3"),
        ("backward", "X1→F2"),
        ("backward", "X0→F1"),
        ("backward", "W1→F1"),
        ("backward", "b1→F1"),
        ("step", "F1"),
    ]
    assert list(zip(walk.phases, walk.active, strict=True)) == 2 * once
    assert walk.updates == (0,) * 12 + (1,) * 12
    assert [(done.start, done.end) for done in walk.passes] == [(0, 12), (12, 24)]


def rms(numbers: list[float]) -> float:
    return float(np.sqrt(np.mean(np.square(numbers))))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("settings", NETWORKS, ids=lambda s: s["network"])
def test_after_every_phase_both_levels_know_the_same(settings: dict[str, Any], fault: str) -> None:
    scalars, modules = walks(**settings, fault=fault)
    here, there = stations(modules), stations(scalars)
    assert list(here) == list(there)
    compared = 0
    for moment, frame in here.items():
        for kind in ("values", "gradients"):
            mine, theirs = at(getattr(modules, kind), frame), at(getattr(scalars, kind), there[moment])
            for key, block in blocks(modules.links).items():
                parts = [theirs.get(name) for name in block.names]
                assert (key in mine) == all(part is not None for part in parts), (moment, kind, key)
                if key in mine:
                    same(mine[key], parts)
                    compared += 1
    assert compared > 30


def same(what: Value | Gradient, parts: list[Any]) -> None:
    """A block is what its numbers are: as large as their root mean square, wrong where one of them is wrong."""
    assert what.wrong == any(part.wrong for part in parts)
    if isinstance(what, Value):
        assert what.number == pytest.approx(rms([part.number for part in parts]), rel=1e-12, abs=1e-15)
    elif what.total is None:
        assert all(part.total is None for part in parts)
    else:
        assert what.total == pytest.approx(rms([part.total for part in parts]), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("settings", NETWORKS, ids=lambda s: s["network"])
def test_arrays_are_those_of_the_training_loop(settings: dict[str, Any], fault: str) -> None:
    _, walk = walks(**settings, fault=fault)
    for iteration in walk.iterations:
        frame = max(frame for frame, update in enumerate(walk.updates) if update == iteration.update)
        for kind, numbers in (("values", iteration.after.parameters), ("gradients", iteration.grads)):
            starts = {span.key: span.start for span in getattr(walk, kind) if span.start <= frame < span.end}
            for key, block in blocks(walk.links).items():
                if block.held_in(numbers):
                    array = walk.arrays[kind, key, starts[key]]
                    np.testing.assert_allclose(array.ravel(), [numbers[name] for name in block.names], rtol=1e-12)


@pytest.mark.parametrize("settings", NETWORKS, ids=lambda s: s["network"])
def test_a_module_sends_gradients_after_it_has_one(settings: dict[str, Any]) -> None:
    _, walk = walks(**settings)
    sent = 0
    for done in walk.passes:
        starts = [span for span in walk.gradients if done.start <= span.start < done.end and span.what.arrived]
        known = {span.key: span.start for span in starts}
        for link in walk.links:
            frames = [known[link.x_out.key], *(known[block.key] for block in link.learning)]
            assert frames == sorted(set(frames))
            assert [walk.active[frame] for frame in frames[1:]] == [
                f"{block.key}→{link.key}" for block in link.learning
            ]
            sent += len(frames)
    assert sent >= 2 * len(walk.links) * len(walk.passes)


def test_every_wire_has_carried_a_gradient_by_the_step_but_those_of_targets() -> None:
    for settings in NETWORKS:
        _, walk = walks(**settings)
        expected = {f"{block.key}→{link.key}" for link in walk.links for block in link.learning}
        expected |= {f"{link.key}→{link.x_out.key}" for link in walk.links}
        assert at(walk.sent, walk.phases.index("step")).keys() == expected
        assert at(walk.sent, walk.phases.index("forward")) == {}


def test_behind_detach_no_module_gets_a_gradient() -> None:
    _, walk = walks(network="textbook", fault="detach")
    known = at(walk.gradients, walk.phases.index("step"))
    assert {key for key, what in known.items() if what.total is None} == {"X0", "W1", "b1", "X1", "X2"}
    assert {key for key, what in known.items() if what.wrong} == {"X0", "W1", "b1", "X1", "X2"}
    assert walk.differences()[0] > 1e-3


def test_the_badge_is_that_of_the_scalars() -> None:
    for settings in NETWORKS:
        scalars, walk = walks(**settings)
        assert walk.differences() == pytest.approx(scalars.differences(), abs=1e-12)
        assert walk.differences()[0] < 1e-12


def test_where_a_value_is_infinite_the_walk_ends_with_the_module_that_made_it() -> None:
    scalars, walk = walks(network="softmax", edits="z1=1000@1")
    assert walk.problem == scalars.problem != ""
    assert (walk.phases[-1], walk.active[-1]) == ("forward", "F1")
    assert [(done.start, done.end) for done in walk.passes] == [(0, 8)]  # the second sample begins at frame 8
    assert at(walk.values, walk.num_frames - 1).keys() >= {"X0", "X1", "y"}
    assert "E" not in at(walk.values, walk.num_frames - 1)


def test_where_a_gradient_is_not_finite_there_is_no_step() -> None:
    scalars, walk = walks(network="softmax", lr=50, updates=50, fault="no-zero-grad")
    assert "is not finite" in scalars.problem
    assert scalars.phases[-1] == walk.phases[-1] == "backward"
