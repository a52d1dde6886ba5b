"""Knows what a training run is given, and which runs can be trained as one; does not know how."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dlcore import require
from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.datasets.points_given import PointsConfig
from dlcore.training.edits import Edit, check_edits
from dlcore.training.network import ACTIVATIONS, Architecture
from dlcore.training.rules import RULES

MOST_LAYERS = 8
MOST_UNITS = 512  # of one layer
MOST_STEPS = 100_000
MOST_PIXELS = 4  # of a shift
Data = PlaneConfig | PointsConfig | DigitsConfig


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Every setting of a training run; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    data: Data = field(default_factory=PlaneConfig)
    hidden: tuple[int, ...] = (8, 8)  # units of each hidden layer
    activation: str = "tanh"
    dropout: float = 0.0  # p, the probability to drop a hidden unit, as in torch
    batch_norm: bool = False  # between each hidden layer's sums and their activation
    optimizer: str = "adam"
    lr: float = 0.01
    batch_size: int = 0  # samples per update; 0 = all
    num_steps: int = 1000
    l1: float = 0.0  # λ of λ‖w‖₁, over weights: biases, and batch norm's scales and shifts, are left alone
    l2: float = 0.0  # λ of λ/2 ‖w‖², torch's weight_decay, over the same; adamw shrinks w itself
    input_noise: float = 0.0  # standard deviation of what is added to the inputs, anew in every step
    label_smoothing: float = 0.0  # the share of each target that is spread evenly over all classes
    seed: int = 0  # of first weights, batches, masks and input noise
    device: str = "cpu"
    edits: tuple[Edit, ...] = ()  # changes by hand, each at its step
    augment: float = 0.0  # pixels: each digit is shifted by up to so many, along and down, anew in every step

    def __post_init__(self) -> None:
        self._check_network()
        require.one_of("optimizer", self.optimizer, RULES)
        require.number("lr", self.lr, 1e-8, 1000)
        require.whole("batch_size", self.batch_size, 0, 10_000)
        require.whole("num_steps", self.num_steps, 1, MOST_STEPS)
        require.number("l1", self.l1, 0, 10)
        require.number("l2", self.l2, 0, 10)
        require.number("input_noise", self.input_noise, 0, 10)
        require.number("label_smoothing", self.label_smoothing, 0, 0.9)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.one_of("device", self.device.partition(":")[0], ("cpu", "cuda", "mps"))
        check_edits(self.edits, self.architecture)
        require.number("augment", self.augment, 0, MOST_PIXELS)
        if self.augment and not isinstance(self.data, DigitsConfig):
            raise ValueError(f"augment is {self.augment!r}: only digits can be shifted, points must have 0.")

    def _check_network(self) -> None:
        if not isinstance(self.data, Data):
            raise ValueError(f"data is {self.data!r}: it must be a PlaneConfig, a PointsConfig or a DigitsConfig.")
        if len(self.hidden) > MOST_LAYERS:
            raise ValueError(f"hidden has {len(self.hidden)} layers: it must have at most {MOST_LAYERS}.")
        for width in self.hidden:
            require.whole("hidden", width, 1, MOST_UNITS)
        require.one_of("activation", self.activation, ACTIVATIONS)
        require.number("dropout", self.dropout, 0, 0.95)
        if self.batch_norm and self.batch_size == 1:
            raise ValueError("batch_size is 1: batch norm needs at least 2, since one sample has no variance.")

    @property
    def architecture(self) -> Architecture:
        """The network: one output for two classes, else one a class."""
        outputs = 1 if self.data.num_classes == 2 else self.data.num_classes
        return Architecture(
            widths=(self.data.num_features, *self.hidden, outputs),
            activation=self.activation,
            batch_norm=self.batch_norm,
        )

    @property
    def samples_per_step(self) -> int:
        """How many samples one update sees: batch_size, and all where that is 0 or more than there are."""
        return min(self.batch_size or self.data.num_train, self.data.num_train)


def check_alike(configs: Sequence[TrainConfig]) -> None:
    """Refuse runs that cannot be rows of one tensor: data, rates, penalties, noise, shifts, edits, seeds may differ.

    Raises: ValueError naming the first thing in which they differ.
    """
    if not configs:
        raise ValueError("configs is empty: give at least one run.")
    for name, of in _SHARED.items():
        first = of(configs[0])
        for config in configs[1:]:
            if of(config) != first:
                raise ValueError(f"{name} is {first!r} in one run and {of(config)!r} in another: it must be the same.")


_SHARED = {
    "architecture": lambda config: config.architecture,
    "optimizer": lambda config: config.optimizer,
    "samples_per_step": lambda config: config.samples_per_step,
    "num_train": lambda config: config.data.num_train,
    "num_validation": lambda config: config.data.num_validation,
    "num_test": lambda config: config.data.num_test,
    "num_steps": lambda config: config.num_steps,
    "device": lambda config: config.device,
}
