"""What one column of networks shows of a moment: its first run as pictures and links, all its runs as mean and range.

Does not know how the runs were trained, nor how any of it is drawn.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.splits import Samples
from dlcore.training import Grid, TrainConfig, TrainFrame, confusion, maps, metrics
from dlcore.training.grid import ZERO, as_bytes, scale_of
from dlcore.training.measures import SPLITS, answers, logits_of, samples_of
from dlcore.training.network import Layer

SURFACE, MAP = 60, 24  # pixels along a side of the plane's picture, and of a unit's
MOST_SHOWN = 8  # units of a layer
GALLERY = 24  # test digits whose answers are shown
SPREAD = {"mean": np.mean, "low": np.min, "high": np.max}  # over the runs: the mean, the lowest and the highest
MEASURES = (*(f"{kind}.{split}" for kind in ("loss", "accuracy") for split in SPLITS), "gap", "learnt")
Arrays = dict[str, np.ndarray]


class Moment(NamedTuple):
    """Runs of one architecture after some updates, and what they are worth: name -> (runs,)."""

    frame: TrainFrame
    values: Mapping[str, np.ndarray]

    def rows(self, runs: slice) -> "Moment":
        """These runs only."""
        step, params, running, diverged = self.frame
        kept = enumerate(range(len(params))[runs])
        left = {new: diverged[old] for new, old in kept if old in diverged}
        frame = TrainFrame(step, params[runs], running[runs], left)
        return Moment(frame, {name: values[runs] for name, values in self.values.items()})


def measured(frame: TrainFrame, configs: Sequence[TrainConfig]) -> Moment:
    """What every run is worth: losses in nats, accuracies in percent, gap, weight norms, and the step that it is at.

    learnt: percent of the wrong training labels that the network has come to answer with; NaN where none is wrong.
    """
    found = metrics([frame], configs)
    values = {f"loss.{split}": found.loss[split][0] for split in SPLITS}
    values |= {f"accuracy.{split}": 100 * found.accuracy[split][0] for split in SPLITS}
    values |= {"gap": found.gap[0], "learnt": 100 * learnt(frame, configs)}
    values |= {f"norm{layer}": norms for layer, norms in enumerate(found.weight_norms[0].T, start=1)}
    return Moment(frame, values | {"step": np.full(len(configs), frame.step)})


def learnt(frame: TrainFrame, configs: Sequence[TrainConfig]) -> np.ndarray:
    """The share of its wrong training labels that each run answers with, (runs,)."""
    data = [config.data.make() for config in configs]
    samples = samples_of(data, "train")
    (logits,) = logits_of([frame], configs[0].architecture, samples.inputs)
    wrong = torch.stack([splits.flipped for splits in data])
    by_heart = (answers(logits) == samples.labels) & wrong
    return (by_heart.sum(dim=1) / wrong.sum(dim=1)).numpy()


def gallery(drawn: TrainConfig) -> Samples:
    """The test digits whose answers are shown: inputs (24, 64) from 0 to 1, labels (24,)."""
    inputs, labels = drawn.data.make().test
    return Samples(inputs[:GALLERY], labels[:GALLERY])


def arrays(drawn: TrainConfig, moment: Moment, best: Moment) -> Arrays:
    """Everything that is shown of a column; names as in the module's functions.

    drawn: its first run. best: each run where its validation loss was lowest so far.
    """
    one = moment.rows(slice(1)).frame
    large = _digits if isinstance(drawn.data, DigitsConfig) else _plane
    with torch.inference_mode():
        found = {**_links(drawn, one), **large(drawn, one), "confusion": confusion(one, [drawn])[0].astype(np.int16)}
    return found | {name: np.asarray(number, np.float32) for name, number in _numbers(moment, best).items()}


def _numbers(moment: Moment, best: Moment) -> dict[str, float]:
    """loss.test.mean, ...low, ...high; drawn.loss.test; norm1, ...: the mean length of a layer's weights; best."""
    values = moment.values
    spread = {f"{name}.{kind}": of(values[name]) for name in MEASURES for kind, of in SPREAD.items()}
    own = {f"drawn.{name}": values[name][0] for name in MEASURES}
    norms = {name: lengths.mean() for name, lengths in values.items() if name.startswith("norm")}
    return {**spread, **own, **norms, "best": best.values["step"][0]}


def _layers(drawn: TrainConfig, one: TrainFrame) -> list[Layer]:
    return drawn.architecture.layers(drawn.architecture.parts(torch.from_numpy(one.params)))


def _links(drawn: TrainConfig, one: TrainFrame) -> Arrays:
    """weights1, ... (shown units, shown before) and biases1, ... (shown units,); every input and output is shown.

    Digits have no weights1: their 64 pixels are drawn as one node.
    """
    found, before = {}, drawn.data.num_features
    layers = _layers(drawn, one)
    for number, layer in enumerate(layers, start=1):
        shown = len(layer.bias[0]) if layer is layers[-1] else MOST_SHOWN
        found[f"weights{number}"] = layer.weight[0, :shown, :before].numpy()
        found[f"biases{number}"] = layer.bias[0, :shown, 0].numpy()
        before = MOST_SHOWN
    if isinstance(drawn.data, DigitsConfig):
        del found["weights1"]
    return found


def _plane(drawn: TrainConfig, one: TrainFrame) -> Arrays:
    """surface (outputs, 60, 60); of each hidden layer maps1, ... (shown units, 24, 24), scales1, ... (shown units,)."""
    assert not isinstance(drawn.data, DigitsConfig)
    reach = drawn.data.reach
    surface = maps(one, Grid(reach=reach, size=SURFACE), [drawn]).surface[0]
    small = maps(one, Grid(reach=reach, size=MAP), [drawn])
    found = {"surface": surface}
    for number, (units, scales) in enumerate(zip(small.units, small.scales, strict=True), start=1):
        found[f"maps{number}"], found[f"scales{number}"] = units[0, :MOST_SHOWN], scales[0, :MOST_SHOWN]
    return found


def _digits(drawn: TrainConfig, one: TrainFrame) -> Arrays:
    """answers (24,) to the gallery; of the first hidden layer maps1 (shown units, 8, 8), its weights, and scales1."""
    (logits,) = logits_of([one], drawn.architecture, gallery(drawn).inputs[None])
    found = {"answers": answers(logits)[0].numpy().astype(np.uint8)}
    first, *others = _layers(drawn, one)
    if others:
        weights = first.weight[0, :MOST_SHOWN].clone()
        scales = scale_of(weights, "linear")
        found["maps1"] = as_bytes(weights, 127 / scales[:, None], ZERO).reshape(-1, 8, 8)
        found["scales1"] = scales.numpy()
    return found
