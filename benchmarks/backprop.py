"""The lesson on backpropagation: the scalar engine against torch's autograd on the same graph, and a stage's cost.

engine_ratio: seconds of torch's forward and backward over the same scalars, divided by the engine's own.
stage_ms and payload_kb: from a trained network to the bytes for the browser, for the opening scene and the largest net.
"""

import json
import time
from collections.abc import Callable

import torch

from dlcore.figures.backprop import walk_stage
from dlcore.figures.stage import pack
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.graph_checks import autograd
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train

LARGEST = BackpropConfig(network="mlp", shape=(6, 6, 6, 6))
ROUNDS = 30


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of several rounds."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def engine_ratio(config: BackpropConfig) -> float:
    """How many times faster than torch the engine takes one sample forward and back."""
    net = build(config)
    leaves = {**net.start, **net.data[0]}
    own = best(lambda: net.graph.backward(net.graph.forward(leaves)))
    return best(lambda: autograd(net.graph, leaves)) / own


def stage(config: BackpropConfig) -> tuple[float, float]:
    """Milliseconds and kilobytes of a walk's stage."""
    net = build(config)
    training = train(config, net, 2)
    size = len(pack(walk_stage(record(config, net, training), training)))
    seconds = best(lambda: pack(walk_stage(record(config, net, training), training)))
    return 1000 * seconds, size / 1000


def main(_: list[str]) -> None:
    """Prints the ratios and what a stage costs."""
    torch.set_num_threads(1)
    for name, config in (("neuron", BackpropConfig()), ("6-6-6-6", LARGEST)):
        milliseconds, kilobytes = stage(config)
        figures = {"stage_ms": round(milliseconds), "payload_kb": round(kilobytes)}
        print(name, json.dumps({"engine_ratio": round(engine_ratio(config), 1), **figures}))
