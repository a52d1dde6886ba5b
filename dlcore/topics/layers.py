"""The layers that a stack is made of, with their settings, and how each is written; knows no sizes of maps.

Two axes everywhere: (height, width).
"""

from dataclasses import dataclass
from typing import Literal

Pair = tuple[int, int]

#: What keeps the shape of what it is given: name -> title.
POINTWISE = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "gelu": "GELU",
    "softmax": "softmax",
    "bn": "batch norm",
    "lrn": "local response norm",
    "dropout": "dropout",
}
#: What gives a map another shape, without settings.
RESHAPING = {"gap": "global average pooling", "flatten": "flatten"}


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """A bank of kernels; padding: a word (see convolution.py) or cells on both sides of each axis."""

    kernel: Pair
    channels: int
    stride: Pair = (1, 1)
    padding: str | Pair = (0, 0)
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = True

    def __str__(self) -> str:
        settings = [f"s{_pair(self.stride)}"] if self.stride != (1, 1) else []
        if isinstance(self.padding, str):
            settings.append(f"p={self.padding}")
        elif self.padding != (0, 0):
            settings.append(f"p{_pair(self.padding)}")
        settings += [f"d{_pair(self.dilation)}"] if self.dilation != (1, 1) else []
        settings += [f"g{self.groups}"] if self.groups > 1 else []
        settings += [] if self.bias else ["nobias"]
        return " ".join([f"conv {_times(self.kernel)} {self.channels}", *settings])


@dataclass(frozen=True, kw_only=True)
class Pooling:
    """The largest value, or the mean, under a window that stands in every map by itself."""

    kind: Literal["maxpool", "avgpool"]
    kernel: Pair
    stride: Pair
    padding: Pair = (0, 0)

    def __str__(self) -> str:
        settings = [f"s{_pair(self.stride)}"] if self.stride != self.kernel else []
        settings += [f"p{_pair(self.padding)}"] if self.padding != (0, 0) else []
        return " ".join([f"{self.kind} {_times(self.kernel)}", *settings])


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Every unit has a weight for every number of the vector before it."""

    units: int
    bias: bool = True

    def __str__(self) -> str:
        return f"fc {self.units}" + ("" if self.bias else " nobias")


@dataclass(frozen=True)
class Plain:
    """A layer without settings: one of POINTWISE or RESHAPING."""

    kind: str

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Branches:
    """Several stacks over the same input, whose outputs are added or put side by side; an empty one is the identity."""

    kind: Literal["add", "cat"]
    branches: tuple[tuple["Layer", ...], ...]

    def __str__(self) -> str:
        return f"{self.kind}({' | '.join(map(written, self.branches)).strip()})"


Layer = Convolution | Pooling | Linear | Plain | Branches


def written(layers: tuple[Layer, ...]) -> str:
    """The layers as `layer_text.read_layers` reads them."""
    return "; ".join(map(str, layers))


def _pair(numbers: Pair) -> str:
    """One number where both are the same."""
    return str(numbers[0]) if numbers[0] == numbers[1] else _times(numbers)


def _times(numbers: Pair) -> str:
    return "x".join(map(str, numbers))
