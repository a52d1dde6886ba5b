"""Knows the numbers that a window slides over: inputs, kernels and upstream gradients; does not slide it."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig, read_edits
from dlcore.topics.kernels import KERNELS, kernel


class Operands(NamedTuple):
    """What an operation works on, in float64: x (C_in, *size), weight, bias (C_out,), grad (C_out, *output size)."""

    x: Tensor
    weight: Tensor | None  # pooling has none
    bias: Tensor | None
    grad: Tensor


def operands(config: WindowConfig) -> Operands:
    """The numbers of a scene, the changes by hand included; the same for the same config."""
    generator = torch.Generator().manual_seed(config.seed)
    layer = config.layer
    maps = (layer.in_channels, layer.out_channels) if isinstance(layer, Conv) else (1, 1)
    x = _image(config, maps[0], generator)
    weight = _weights(config, layer, generator) if isinstance(layer, Conv) else None
    bias = torch.full((maps[1],), config.bias, dtype=torch.float64) if isinstance(layer, Conv) and layer.bias else None
    grad = _upstream(config, (maps[1], *layer.output_size), generator)
    _change(config.edits, {"x": x, "w": weight, "g": grad})
    return Operands(x, weight, bias, grad)


def _change(edits: str, tensors: dict[str, Tensor | None]) -> None:
    """Sets the cells that were changed by hand; those that a smaller layer has no more are left out."""
    for letter, index, value in read_edits(edits):
        tensor = tensors[letter]
        inside = tensor is not None and len(index) == tensor.ndim
        if tensor is not None and inside and all(i < n for i, n in zip(index, tensor.shape, strict=True)):
            tensor[index] = value


def _image(config: WindowConfig, num_maps: int, generator: torch.Generator) -> Tensor:
    """(maps, *size); further maps have the next shapes of the menu, or are drawn anew."""
    size = config.layer.size
    rows, cols = (1, *size)[-2:]
    if config.image == "patch" and config.patch:
        maps = _patch(config.patch, num_maps, rows, cols)
    elif config.image == "digits":
        maps = torch.randint(0, 10, (num_maps, rows, cols), generator=generator).double()
    else:
        menu = list(SHAPES)
        first = menu.index(config.image) if config.image in menu else 0
        grid = _grid(rows, cols)
        maps = torch.stack([SHAPES[menu[(first + number) % len(menu)]](*grid) for number in range(num_maps)])
    return maps.reshape(num_maps, *size).clone()


def _patch(patch: bytes, num_maps: int, rows: int, cols: int) -> Tensor:
    """The patch's middle, from 0 to 1 with two decimals: its brightness, or one map for each colour."""
    colours = torch.frombuffer(bytearray(patch), dtype=torch.uint8).reshape(3, -1).double() / 255
    side = round(colours.shape[1] ** 0.5)
    colours = colours.reshape(3, side, side)
    grey = (torch.tensor([0.299, 0.587, 0.114], dtype=torch.float64) @ colours.flatten(1)).reshape(1, side, side)
    top, left = (max((side - n) // 2, 0) for n in (rows, cols))
    cut = (colours if num_maps >= 3 else grey)[:, top : top + rows, left : left + cols]
    maps = torch.stack([cut[number % len(cut)] for number in range(num_maps)])
    return maps.mul(100).round().div(100)


def _weights(config: WindowConfig, layer: Conv, generator: torch.Generator) -> Tensor:
    """In torch's order. The first output map has the kernel that was chosen, further ones the next in the menu."""
    menu = list(KERNELS)
    first = menu.index(config.kernel)
    num_out = layer.out_channels

    def drawn(out: int) -> Tensor:
        again = config.kernel in ("random", "gabor")
        name = config.kernel if again else menu[(first + out) % (len(menu) - 1)]
        turn = config.orientation + (180 * out / num_out if config.kernel == "gabor" else 0)
        look = {"wavelength": config.wavelength, "orientation": turn, "sigma": config.sigma}
        return kernel(name, layer.kernel, **look, generator=generator)

    per_group = num_out // layer.groups
    # torch has the output maps first, and for a transposed layer the input maps.
    depth = layer.in_channels // layer.groups
    if config.kernel == "random":
        filters = torch.stack([torch.stack([drawn(out) for _ in range(depth)]) for out in range(num_out)])
    else:
        filters = torch.stack([torch.stack([drawn(out)] * depth) for out in range(num_out)])
    if not layer.transposed:
        return filters.clone()
    grouped = filters.reshape(layer.groups, per_group, depth, *layer.kernel)
    return grouped.transpose(1, 2).reshape(layer.weight_shape).clone()


def _upstream(config: WindowConfig, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    if config.upstream == "ones":
        return torch.ones(shape, dtype=torch.float64)
    return torch.randint(-2, 4, shape, generator=generator).double()


def _grid(rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Coordinates of the cells' centres, from −1 to 1 along each axis."""

    def axis(n: int) -> Tensor:
        return torch.linspace(-1, 1, n, dtype=torch.float64) if n > 1 else torch.zeros(1, dtype=torch.float64)

    down, across = torch.meshgrid(axis(rows), axis(cols), indexing="ij")
    return down, across


def _impulse(down: Tensor, across: Tensor) -> Tensor:
    image = torch.zeros_like(down)
    image[down.shape[0] // 2, down.shape[1] // 2] = 1
    return image


#: Small whole numbers, so that the sums can be done in the head.
SHAPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "disc": lambda down, across: (4 * (1.15 - down.hypot(across))).clamp(0, 3).round(),
    "edge": lambda _, across: (across >= 0).double(),
    "diagonal": lambda down, across: (3 - 6 * (down - across).abs()).clamp(min=0).round(),
    "impulse": _impulse,
    "chessboard": lambda down, _: (
        torch.arange(down.shape[0])[:, None].add(torch.arange(down.shape[1])).remainder(2).double()
    ),
    "ramp": lambda down, _: torch.arange(down.shape[1]).double().expand(down.shape).clone(),
    "ones": lambda down, _: torch.ones_like(down),
}
