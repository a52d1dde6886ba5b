"""A run of the lesson on dropout: two nets that train at once with eight seeds each, frame by frame, as a worker does.

Knows what is measured of the nets at each frame, and under which names it travels; does not know how it is drawn.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.coadaptation import Removal, correlations, mean_correlation
from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig
from dlcore.training import Grid, Snapshot, TrainConfig, TrainFrame, maps, masks_seen, metrics, sentence, train
from dlcore.training.measures import samples_of
from dlcore.training.network import Architecture, outputs

NETS = ("a", "b")
SHOWN = 8  # units of a layer that are drawn
MATRIX = 32  # units of a layer that the matrix of correlations has
REMOVED_EVERY = 3  # frames: removal is measured in every third, for it takes as long as all else
FINE, COARSE = 60, 24  # points along a side of the decision surface, and of a unit's map
SPLITS = ("train", "test")
Arrays = dict[str, np.ndarray]


def frames(config: DropoutConfig) -> Iterator[Snapshot]:
    """Both nets at each of the config's steps: maps, weights, masks, and curves over the seeds."""
    runs = [*config.runs(0.0), *config.runs(config.p)]
    look = Look(config, runs)
    masks = shown_masks(runs[NUM_SEEDS], config.every)
    for frame in train(runs, every=config.every):
        yield Snapshot(look.at(frame) | next(masks), said=said(frame))


def said(frame: TrainFrame) -> str:
    """What diverged first, in one sentence; "" for nothing."""
    if not frame.diverged:
        return ""
    run, divergence = min(frame.diverged.items(), key=lambda item: item[1].step)
    title = f"{NETS[run // NUM_SEEDS].upper()}, seed {run % NUM_SEEDS + 1} of {NUM_SEEDS}"
    return f"{sentence(divergence, title)} Its last finite state stays."


class Look:
    """What a frame shows of the nets; what stays the same from frame to frame is made once."""

    def __init__(self, config: DropoutConfig, runs: list[TrainConfig]) -> None:
        self.runs, self.architecture = runs, runs[0].architecture
        data = [run.data.make() for run in runs]
        self.removal = Removal(self.architecture, samples_of(data, "test"), generator(config.seed))
        self.shown, self.left = 0, Arrays()
        self.fine, self.coarse = (Grid(reach=config.points.reach, size=size) for size in (FINE, COARSE))

    def at(self, frame: TrainFrame) -> Arrays:
        """All arrays of a frame but the masks."""
        params = torch.from_numpy(frame.params)
        if self.shown % REMOVED_EVERY == 0 or frame.step == self.runs[0].num_steps:
            self.left = over_seeds({"removed": 100 * self.removal.accuracy(params).numpy()})
        self.shown += 1
        return {**self.pictures(frame), **self.scores(frame), **self.leaning(params), **self.left}

    def pictures(self, frame: TrainFrame) -> Arrays:
        """The first seed's nets: surface, the units' maps with their scales, weights and biases between those shown."""
        pair = [0, NUM_SEEDS]
        surfaces = maps(frame, self.fine, self.runs, pair).surface
        units = maps(frame, self.coarse, self.runs, pair)
        found: Arrays = {}
        for i, (net, run) in enumerate(zip(NETS, pair, strict=True)):
            found[f"{net}.surface"] = surfaces[i]
            for number, (pictures, scales) in enumerate(zip(units.units, units.scales, strict=True), start=1):
                found[f"{net}.maps{number}"] = pictures[i, :SHOWN]
                found[f"{net}.scales{number}"] = scales[i, :SHOWN]
            found |= links(self.architecture, torch.from_numpy(frame.params[run : run + 1]), net)
        return found

    def scores(self, frame: TrainFrame) -> Arrays:
        """Loss in nats and accuracy in per cent, on training and test points, over the seeds."""
        found = metrics([frame], self.runs, SPLITS)
        values = {f"loss.{split}": found.loss[split][0] for split in SPLITS}
        values |= {f"accuracy.{split}": 100 * found.accuracy[split][0] for split in SPLITS}
        return over_seeds(values)

    def leaning(self, params: Tensor) -> Arrays:
        """How much units lean on one another: |r| over test points, and of each pair of the first seed's units."""
        parts = self.architecture.parts(params)
        with torch.no_grad():
            *hidden, _ = outputs(self.architecture, parts, self.removal.samples.inputs.mT, running=[])
        values = {f"correlation{number}": mean_correlation(x).numpy() for number, x in enumerate(hidden, start=1)}
        found = over_seeds(values)
        for net, run in zip(NETS, (0, NUM_SEEDS), strict=True):
            shown = torch.cat([x[run : run + 1, :MATRIX] for x in hidden], dim=1)
            found[f"{net}.matrix"] = (255 * correlations(shown)[0].abs()).round().numpy().astype(np.uint8)
        return found


def links(architecture: Architecture, params: Tensor, net: str) -> Arrays:
    """Weights and biases of one net between the units that are shown, layer by layer."""
    found: Arrays = {}
    layers = architecture.layers(architecture.parts(params))
    for number, layer in enumerate(layers, start=1):
        found[f"{net}.weights{number}"] = layer.weight[0, :SHOWN, :SHOWN].numpy().copy()
        found[f"{net}.biases{number}"] = layer.bias[0, :SHOWN, 0].numpy().copy()
    return found


def over_seeds(values: Mapping[str, np.ndarray]) -> Arrays:
    """Mean, lowest and highest over each net's seeds of values (..., runs), under the names that curves await."""
    found: Arrays = {}
    for name, numbers in values.items():
        for net, part in zip(NETS, np.split(numbers, len(NETS), axis=-1), strict=True):
            found |= band(f"{net}.{name}", part)
    return found


def band(name: str, numbers: np.ndarray) -> Arrays:
    """Mean, lowest and highest over the last axis."""
    edges = {"mean": numbers.mean(axis=-1), "low": numbers.min(axis=-1), "high": numbers.max(axis=-1)}
    return {f"{name}.{edge}": np.asarray(value, np.float32) for edge, value in edges.items()}


def shown_masks(run: TrainConfig, every: int) -> Iterator[Arrays]:
    """For each shown step the mask that the first training point had, and in which share of steps each unit stayed.

    Every point has a mask of its own in every step. Before the first step there is none: all units are there.
    """
    widths = [min(width, SHOWN) for width in run.hidden]
    counts = [np.zeros(width) for width in widths]
    yield _masked([np.ones(width) for width in widths], [np.ones(width) for width in widths])
    for step, seen in enumerate(masks_seen(run), start=1):
        present = [kept[:SHOWN] for kept in seen]
        counts = [count + kept for count, kept in zip(counts, present, strict=True)]
        if step % every == 0 or step == run.num_steps:
            yield _masked(present, [count / step for count in counts])


def _masked(masks: Sequence[np.ndarray], shares: Sequence[np.ndarray]) -> Arrays:
    found = {f"b.masks{number}": mask.astype(np.uint8) for number, mask in enumerate(masks, start=1)}
    bytes_of = ((255 * share).round().astype(np.uint8) for share in shares)
    bars = {f"b.shares{number}": bar for number, bar in enumerate(bytes_of, start=1)}
    return found | bars
