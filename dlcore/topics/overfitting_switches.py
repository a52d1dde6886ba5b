"""Knows in what one thing B may differ from A, and how strongly; does not know what A is, nor trains either."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlcore import require
from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PLANES
from dlcore.datasets.points_given import PointsConfig
from dlcore.training import TrainConfig

PLANE = (*PLANES, "points")  # data with a surface
SHIFT = 1.0  # pixels by which the switch "augment_dropout" shifts digits at most
ADDED = ("xx", "yy")  # by the switch "features"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One thing that B has otherwise.

    change: a run of A and the strength -> the fields of B's run that are others. low, high, default: of the strength,
    which `means` explains; there is none where low and high are equal. log: useful ones lie on a log scale.
    refused: kinds of data that the switch cannot be asked for.
    """

    title: str
    change: Callable[[TrainConfig, float], Mapping[str, Any]]
    symbol: str = ""
    means: str = ""
    low: float = 0.0
    high: float = 0.0
    default: float = 0.0
    whole: bool = False
    log: bool = False
    refused: tuple[str, ...] = ()

    @property
    def has_strength(self) -> bool:
        """Whether there is anything to set."""
        return self.high > self.low

    def apply(self, run: TrainConfig, strength: float) -> TrainConfig:
        """The run of B that belongs to this run of A."""
        return dataclasses.replace(run, **self.change(run, int(strength) if self.whole else strength))


def _wider(run: TrainConfig, units: float) -> dict[str, Any]:
    """The same width for every hidden layer; one such layer where there is none."""
    return {"hidden": (units,) * max(1, len(run.hidden))}


def _more_features(run: TrainConfig, _: float) -> dict[str, Any]:
    assert not isinstance(run.data, DigitsConfig)
    features = tuple(dict.fromkeys((*run.data.features, *ADDED)))
    return {"data": dataclasses.replace(run.data, features=features)}


def _other_size(run: TrainConfig, samples: float) -> dict[str, Any]:
    assert not isinstance(run.data, PointsConfig)
    return {"data": dataclasses.replace(run.data, num_train=samples)}


SWITCHES: Mapping[str, Switch] = {
    "none": Switch(title="nothing: A alone", change=lambda run, _: {}),
    "dropout": Switch(
        title="dropout",
        change=lambda run, p: {"dropout": p},
        symbol="p",
        means="the probability to drop a hidden unit",
        high=0.9,
        default=0.5,
    ),
    "early": Switch(
        title="early stopping",
        change=lambda run, _: {},  # A's own run, held at its best weights
        means="the weights with the lowest validation loss so far",
    ),
    "l2": Switch(
        title="weight decay (L2)",
        change=lambda run, strength: {"l2": strength},
        symbol="λ",
        means="the factor of ½‖w‖²",
        low=1e-5,
        high=10.0,
        default=0.003,
        log=True,
    ),
    "l1": Switch(
        title="L1 penalty",
        change=lambda run, strength: {"l1": strength},
        symbol="λ",
        means="the factor of ‖w‖₁",
        low=1e-5,
        high=0.1,
        default=1e-3,
        log=True,
    ),
    "noise": Switch(
        title="input noise",
        change=lambda run, sigma: {"input_noise": sigma},
        symbol="σ",
        means="the standard deviation of what is added to each input",
        high=1.0,
        default=0.25,
    ),
    "data": Switch(
        title="another number of samples",
        change=_other_size,
        symbol="n",
        means="the number of training samples",
        low=10,
        high=2000,
        default=640,
        whole=True,
        log=True,
        refused=("points",),
    ),
    "width": Switch(
        title="another width",
        change=_wider,
        means="the number of units in each hidden layer",
        low=1,
        high=256,
        default=4,
        whole=True,
        log=True,
    ),
    "features": Switch(title="x² and y² as inputs, too", change=_more_features, refused=("digits",)),
    "augment": Switch(
        title="augmentation",
        change=lambda run, shift: {"augment": shift},
        means="by how many pixels a digit is shifted at most",
        high=4,
        default=SHIFT,
        refused=PLANE,
    ),
    "augment_dropout": Switch(
        title="augmentation and dropout",
        change=lambda run, p: {"augment": SHIFT, "dropout": p},
        symbol="p",
        means="the probability to drop a hidden unit, with digits shifted by a pixel at most",
        high=0.9,
        default=0.5,
        refused=PLANE,
    ),
    "smoothing": Switch(
        title="label smoothing",
        change=lambda run, share: {"label_smoothing": share},
        symbol="ε",
        means="the share of each target that is spread over all classes",
        high=0.9,
        default=0.1,
    ),
    "batch_norm": Switch(title="batch normalisation", change=lambda run, _: {"batch_norm": True}),
    "batch": Switch(
        title="another batch size",
        change=lambda run, size: {"batch_size": size},
        means="the number of samples in an update",
        low=2,
        high=512,
        default=8,
        whole=True,
        log=True,
    ),
    "lr": Switch(
        title="another learning rate",
        change=lambda run, lr: {"lr": lr},
        symbol="η",
        means="the learning rate",
        low=1e-5,
        high=10.0,
        default=0.1,
        log=True,
    ),
}


def switches_for(data: str) -> tuple[str, ...]:
    """The keys of the switches that this kind of data allows."""
    return tuple(key for key, switch in SWITCHES.items() if data not in switch.refused)


def check(key: str, strength: float | None, data: str) -> None:
    """Refuse a switch that this data does not allow, or a strength out of its range.

    Raises: ValueError naming the field, its value and the rule.
    """
    require.one_of("switch", key, SWITCHES)
    if data in SWITCHES[key].refused:
        raise ValueError(
            f"switch is {key!r}: where data is {data!r}, it must be one of {', '.join(switches_for(data))}."
        )
    switch = SWITCHES[key]
    if strength is None or not switch.has_strength:
        return
    require.number("strength", strength, switch.low, switch.high)
    if switch.whole and strength != int(strength):
        raise ValueError(f"strength is {strength!r}: it must be a whole number, since it is {switch.means}.")
