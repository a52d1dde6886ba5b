"""Runs of every kind, and others that can be trained along with each."""

import dataclasses

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig

PLAIN = TrainConfig(data=PlaneConfig(num_train=50), hidden=(7, 5), lr=0.02, num_steps=40, seed=3)
SPIRALS = PlaneConfig(name="spirals", num_classes=3, noise=0.1, num_train=64)


def but(config: TrainConfig, **changes) -> TrainConfig:
    return dataclasses.replace(config, **changes)


CASES = {
    "plain": PLAIN,
    "no hidden layer": but(PLAIN, hidden=()),
    "sgd, batches": but(PLAIN, optimizer="sgd", lr=0.5, batch_size=16),
    "momentum, l1 and l2": but(PLAIN, optimizer="momentum", lr=0.1, l1=0.01, l2=0.02),
    "adam, l2": but(PLAIN, l2=0.05),
    "adamw, l1 and l2": but(PLAIN, optimizer="adamw", l1=0.01, l2=0.3),
    "dropout": but(PLAIN, dropout=0.4, activation="relu", batch_size=20),
    "input noise": but(PLAIN, input_noise=0.3),
    "label smoothing": but(PLAIN, label_smoothing=0.2),
    "batch norm": but(PLAIN, batch_norm=True, activation="sigmoid", batch_size=10, optimizer="sgd", lr=0.3),
    "three classes": but(PLAIN, data=SPIRALS, label_smoothing=0.1, batch_size=32),
    "all at once": but(
        PLAIN,
        data=SPIRALS,
        activation="relu",
        batch_norm=True,
        dropout=0.3,
        optimizer="adamw",
        l1=0.003,
        l2=0.1,
        batch_size=24,
        input_noise=0.1,
        label_smoothing=0.1,
    ),
}


def neighbours(config: TrainConfig) -> list[TrainConfig]:
    """Runs of the same shape that differ in all in which they may."""
    return [
        config,
        but(config, seed=11, lr=config.lr / 3, dropout=0.5),
        but(config, l1=0.02, l2=0.0, input_noise=0.4, data=dataclasses.replace(config.data, seed=5, label_noise=0.3)),
        but(config, l2=0.1, dropout=0.0, input_noise=0.0, label_smoothing=0.3),
    ]
