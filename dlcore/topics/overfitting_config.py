"""Knows every setting of the lesson on overfitting: what A is, and in what one thing B differs; does not train them."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from dlcore import require
from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PLANES, PlaneConfig
from dlcore.datasets.points_given import PointsConfig
from dlcore.topics.overfitting_switches import SWITCHES, check
from dlcore.training import TrainConfig
from dlcore.training.edits import read_edits

#: What the networks learn: key -> title.
DATA = {**{key: plane.title for key, plane in PLANES.items()}, "digits": "Digits", "points": "Your own points"}
NUM_VALIDATION = 200
NUM_TEST_POINTS, NUM_TEST_DIGITS = 500, 500
MOST_TRAIN_POINTS, MOST_TRAIN_DIGITS = 2000, 1000
MOST_STEPS = 5000
MOST_LAYERS, MOST_UNITS = 6, 256
MOST_SEEDS = 16


@dataclass(frozen=True, kw_only=True)
class OverfittingConfig:
    """A, the one thing that B has otherwise, and how often both are trained. The defaults are the opening scene.

    noise and num_classes are of drawn points only, features of any points, augment of digits only; num_train is not of
    a reader's own points. strength: of the switch; None: its default. edits: changes by hand of the drawn runs, each
    behind the letter of its column, such as "aw1.0.2=0.5@120; blr=0.03@200".

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: str = "moons"
    points: tuple[tuple[float, float, int], ...] = ()  # a reader's own: x, y, class
    titles: tuple[str, ...] = ()  # of their classes
    num_classes: int = 2
    noise: float = 0.25  # standard deviation of what moved each point
    label_noise: float = 0.12  # share of the training labels that are wrong
    num_train: int = 80
    features: tuple[str, ...] = ("x", "y")
    hidden: tuple[int, ...] = (48, 48)
    activation: str = "tanh"
    optimizer: str = "adam"
    lr: float = 0.01
    batch_size: int = 0  # 0 = all
    num_steps: int = 400
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    input_noise: float = 0.0
    augment: float = 0.0  # pixels by which a digit is shifted at most
    edits: str = ""
    switch: str = "dropout"
    strength: float | None = None
    seed: int = 0  # of the drawn run; the others have the seeds after it
    num_seeds: int = 8
    device: str = "cpu"

    def __post_init__(self) -> None:
        require.one_of("data", self.data, DATA)
        check(self.switch, self.strength, self.data)
        require.whole("num_seeds", self.num_seeds, 1, MOST_SEEDS)
        require.whole("seed", self.seed, 0, 2**31 - 1 - MOST_SEEDS)
        require.whole("num_steps", self.num_steps, 1, MOST_STEPS)
        self._check_sizes()
        self._check_edits()
        _ = self.a(), self.b()  # which refuse the rest

    def _check_edits(self) -> None:
        """Every change names a column that is there to be changed."""
        allowed = self.columns[:1] if self.early else self.columns
        for part in filter(None, map(str.strip, re.split("[;,]", self.edits))):
            if part[0] not in allowed:
                raise ValueError(
                    f"The change “{part[:40]}” must begin with {' or '.join(allowed)}, its network's letter."
                )

    def _check_sizes(self) -> None:
        most = MOST_TRAIN_DIGITS if self.data == "digits" else MOST_TRAIN_POINTS
        require.whole("num_train", self.num_train, 10, most)
        require.whole("the number of hidden layers", len(self.hidden), 0, MOST_LAYERS)
        for width in self.hidden:
            require.whole("a layer's width", width, 1, MOST_UNITS)
        if self.switch == "data":
            require.number("strength", self.amount, 10, most)

    @property
    def amount(self) -> float:
        """The strength of the switch, its default where none is given."""
        return SWITCHES[self.switch].default if self.strength is None else float(self.strength)

    @property
    def columns(self) -> tuple[str, ...]:
        """What is shown side by side: "a", and "b" unless there is nothing that differs."""
        return ("a",) if self.switch == "none" else ("a", "b")

    @property
    def is_plane(self) -> bool:
        """Whether the inputs are made of x and y, so that there is a surface."""
        return self.data != "digits"

    @property
    def early(self) -> bool:
        """Whether B is A, held at its best weights."""
        return self.switch == "early"

    def a(self) -> tuple[TrainConfig, ...]:
        """The runs of A; the first is the one that is drawn."""
        return self._edited("a", [self._run(self.seed + number) for number in range(self.num_seeds)])

    def b(self) -> tuple[TrainConfig, ...]:
        """The runs of B, with A's seeds; of early stopping A's own, which it ends, and none where nothing differs."""
        if self.early:
            return self.a()
        if self.switch == "none":
            return ()
        switch = SWITCHES[self.switch]
        runs = [self._run(self.seed + number) for number in range(self.num_seeds)]
        return self._edited("b", [switch.apply(run, self.amount) for run in runs])

    def _edited(self, column: str, runs: list[TrainConfig]) -> tuple[TrainConfig, ...]:
        """The runs of a column, the drawn one with its changes by hand."""
        parts = [part.strip() for part in re.split("[;,]", self.edits)]
        own = "; ".join(part[1:] for part in parts if part.startswith(column))
        return (dataclasses.replace(runs[0], edits=read_edits(own)), *runs[1:])

    def _run(self, seed: int) -> TrainConfig:
        return TrainConfig(
            data=self._data(seed),
            hidden=self.hidden,
            activation=self.activation,
            dropout=self.dropout,
            optimizer=self.optimizer,
            lr=self.lr,
            batch_size=self.batch_size,
            num_steps=self.num_steps,
            l1=self.l1,
            l2=self.l2,
            input_noise=self.input_noise,
            augment=self.augment,
            seed=seed,
            device=self.device,
        )

    def _data(self, seed: int) -> PlaneConfig | DigitsConfig | PointsConfig:
        shared: dict[str, Any] = {"label_noise": self.label_noise, "seed": seed}
        if self.data == "points":
            return PointsConfig(points=self.points, titles=self.titles, features=self.features, **shared)
        shared |= {"num_train": self.num_train, "num_validation": NUM_VALIDATION}
        if self.data == "digits":
            return DigitsConfig(num_test=NUM_TEST_DIGITS, **shared)
        return PlaneConfig(
            name=self.data,
            num_classes=self.num_classes,
            noise=self.noise,
            num_test=NUM_TEST_POINTS,
            features=self.features,
            **shared,
        )


def read_hidden(text: str) -> tuple[int, ...]:
    """Widths of hidden layers as typed, such as "64, 64"; none where the text is empty or "0": a linear model.

    Raises: ValueError for what is not a list of whole numbers.
    """
    parts = [part for part in re.split(r"[\s,;x×-]+", text.strip()) if part]
    if parts in ([], ["0"]):
        return ()
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        raise ValueError(f"hidden layers is {text!r}: it must be widths such as 64, 64, or 0 for a linear model.")
    return tuple(map(int, parts))
