"""What the tests of the claims on dropout share: a scene's networks over eight seeds, and what its masks gave."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch

from dlcore.device import generator
from dlcore.topics.coadaptation import SHARES, Removal
from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_scenes import SCENES
from dlcore.topics.subnetworks import Asked, trained
from dlcore.training import Metrics, TrainConfig, TrainFrame, metrics, train
from dlcore.training.measures import samples_of
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, answer, says = CLAIMS.claim, CLAIMS.answer, CLAIMS.says
BY_KEY = CLAIMS.by_key
A, B = slice(NUM_SEEDS), slice(NUM_SEEDS, 2 * NUM_SEEDS)
NEAR = 1.0  # per cent or hundredths: how far a number in the prose may be from what is measured


class Nets(NamedTuple):
    """Networks A and B of a scene: eight runs of A, then eight of B."""

    runs: list[TrainConfig]
    frames: list[TrainFrame]
    measured: Metrics

    def accuracy(self, split: Any = "test") -> np.ndarray:
        """In per cent, (frames, runs)."""
        return 100 * self.measured.accuracy[split]


def view_of(key: str) -> str:
    return dict(BY_KEY[key].values).get("view", "train")


def fields_of(kind: type, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def training_of(key: str) -> DropoutConfig:
    return DropoutConfig(**fields_of(DropoutConfig, dict(BY_KEY[key].values)))


def layer_of(key: str, **other: Any) -> ScalingConfig:
    return ScalingConfig(**fields_of(ScalingConfig, {**dict(BY_KEY[key].values), **other}))


@cache
def nets(key: str, every: int = 20) -> Nets:
    config = training_of(key)
    runs = [*config.runs(0.0), *config.runs(config.p)]
    frames = list(train(runs, every=every))
    return Nets(runs, frames, metrics(frames, runs))


def asked(key: str) -> tuple[Asked, list[dict[str, np.ndarray]]]:
    """The scene's network B after all of its masks, and what each frame showed."""
    return _asked(MasksConfig(training=training_of(key)))


@cache
def _asked(config: MasksConfig) -> tuple[Asked, list[dict[str, np.ndarray]]]:
    found = Asked(config, trained(config))
    return found, [found.once_more() for _ in range(config.num_masks)]


def removed(found: Nets) -> np.ndarray:
    """Test accuracy in per cent without a share of the hidden units, (shares, runs)."""
    test = samples_of([run.data.make() for run in found.runs], "test")
    removal = Removal(found.runs[0].architecture, test, generator(0))
    accuracy = 100 * removal.accuracy(torch.from_numpy(found.frames[-1].params)).numpy()
    assert len(accuracy) == len(SHARES)
    return accuracy


def near(value: float, told: float, within: float = NEAR) -> bool:
    return abs(float(value) - told) <= within
