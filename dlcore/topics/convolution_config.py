"""Knows every setting of a window that slides, and which are possible; computes nothing with them."""

import re
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from dlcore import require
from dlcore.topics.convolution import Conv, num_multiply_adds
from dlcore.topics.kernels import KERNELS
from dlcore.topics.pooling import Pool

DIRECTIONS = {"forward": "forward", "input": "∂E/∂x", "weight": "∂E/∂w"}
#: What lies in the input before anything is changed by hand.
INPUTS = {
    "disc": "A disc",
    "edge": "An edge",
    "diagonal": "A diagonal stroke",
    "impulse": "One single 1",
    "digits": "Random digits",
    "chessboard": "A chessboard",
    "ramp": "A ramp",
    "ones": "Nothing but ones",
    "patch": "A patch of the picture",
}
#: ∂E/∂y, which the gradients begin with.
UPSTREAM = {"digits": "random numbers", "ones": "ones: E = Σy"}
MOST_SIZE, MOST_CHANNELS = 24, 6
MOST_RESULTS, MOST_TAPS = 1200, 60_000
MOST_EDITS, LARGEST = 200, 1e4
EDIT = re.compile(r"([xwg])(\d+(?:\.\d+)*)\s*=\s*([-+−]?(?:\d+\.?\d*|\.\d+)(?:e[-+−]?\d+)?)", re.IGNORECASE | re.ASCII)


class Edit(NamedTuple):
    """A cell set by hand: of the input x, the kernel w or the upstream gradient g, by its index in the tensor."""

    letter: str
    place: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return f"{name_of(self.letter, self.place)}={self.value:.10g}"


OPENING_LAYER = Conv(size=(7, 7), kernel=(3, 3), padding="half")


@dataclass(frozen=True, kw_only=True)
class WindowConfig:
    """A layer, what lies in it, and which way it is gone through. The defaults are the opening scene.

    patch: the cells of a picture, (3, rows, cols) bytes, for the input "patch". wavelength and sigma: in cells;
    orientation: in degrees; of Gabor kernels. bias: of every output map. upstream: ∂E/∂y, for the gradients.
    edits: cells changed by hand, such as "x0.2.3=5, w0.0.1.1=-1": indices as in the tensors, counted from 0.
    """

    layer: Conv | Pool = OPENING_LAYER
    direction: str = "forward"
    flip: bool = False  # true convolution: the kernel turned by 180°
    image: str = "disc"
    patch: bytes = b""
    kernel: str = "sobel-x"
    wavelength: float = 4.0
    orientation: float = 0.0
    sigma: float = 2.0
    bias: float = 0.0
    upstream: str = "digits"
    edits: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises: ValueError, one sentence, for what cannot be shown."""
        require.one_of("direction", self.direction, DIRECTIONS)
        require.one_of("the input", self.image, INPUTS)
        require.one_of("the kernel", self.kernel, KERNELS)
        require.one_of("the upstream gradient", self.upstream, UPSTREAM)
        require.number("bias", self.bias, -LARGEST, LARGEST)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        if isinstance(self.layer, Pool) and self.direction == "weight":
            raise ValueError("Pooling has no weights: look at it forward, or at its gradient to the input.")
        read_edits(self.edits)
        self._check_room()

    def _check_room(self) -> None:
        """What is too large to be read is not drawn."""
        for side in self.layer.size:
            require.whole("the input's size", side, 1, MOST_SIZE)
        conv = self.layer if isinstance(self.layer, Conv) else self.layer.convolution(1)
        require.whole("the number of input maps", conv.in_channels, 1, MOST_CHANNELS)
        require.whole("the number of output maps", conv.out_channels, 1, MOST_CHANNELS)
        for what, cells in (
            ("output", prod(conv.output_size) * conv.out_channels),
            ("result", self._num_results(conv)),
        ):
            if cells > MOST_RESULTS:
                raise ValueError(
                    f"The {what} has {cells:,} cells: at most {MOST_RESULTS:,} are drawn. Take a smaller input, a "
                    "larger stride, or fewer maps."
                )
        if (taps := num_multiply_adds(conv)) > MOST_TAPS:
            raise ValueError(
                f"That are {taps:,} multiplications: at most {MOST_TAPS:,} are drawn. Take a smaller kernel, a smaller "
                "input, or fewer maps."
            )

    def _num_results(self, conv: Conv) -> int:
        """Cells that the window computes one after another."""
        match self.direction:
            case "input":
                return prod(conv.padded_size if conv.mode != "zeros" else conv.size) * conv.in_channels
            case "weight":
                return prod(conv.weight_shape)
        return prod(conv.output_size) * conv.out_channels


def name_of(letter: str, index: tuple[int, ...]) -> str:
    """A cell's name as edits write it: x0.2.3."""
    return letter + ".".join(map(str, index))


def read_edits(text: str) -> tuple[Edit, ...]:
    """Edits as typed; whether a layer has such cells is not looked at, for a layer may shrink and grow again.

    Raises: ValueError, one sentence, for what is no edit.
    """
    parts = _parts(text)
    if len(parts) > MOST_EDITS:
        raise ValueError(f"{len(parts)} changes by hand are too many: at most {MOST_EDITS} are taken.")
    return tuple(map(_read, parts))


def with_edit(text: str, edit: Edit) -> str:
    """The edits with one more; it takes the place of an earlier one of the same cell."""
    others = [other for other in read_edits(text) if other[:2] != edit[:2]]
    return ", ".join(map(str, [*others, edit]))


def read_name(name: str) -> tuple[str, tuple[int, ...]]:
    """A cell's letter and index from its name.

    Raises: ValueError for what is no name of a cell.
    """
    return _read(f"{name}=0")[:2]


def _read(part: str) -> Edit:
    match = EDIT.fullmatch(part)
    if match is None:
        raise ValueError(f"The change “{part[:40]}” is not understood: write cell=number, such as x0.2.3=5.")
    letter, index, number = match.groups()
    value = float(number.replace("−", "-"))
    if not abs(value) <= LARGEST:
        raise ValueError(f"The change “{part[:40]}” is too large: from −{LARGEST:g} to {LARGEST:g} is allowed.")
    return Edit(letter.lower(), tuple(int(place[:4]) for place in index.split(".")), value)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split("[,;]", text) if part.strip()]
