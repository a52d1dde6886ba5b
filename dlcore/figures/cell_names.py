"""What the cells and maps of a sliding window are called, as the program indexes them; draws none of them."""

import numpy as np

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import name_of
from dlcore.topics.convolution_facts import times
from dlcore.topics.grounds import BETWEEN
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import Slide

ROLES = ("ground", "window", "result")
#: The letters by which edits name what can be changed.
LETTERS = {"x": "x", "w": "w", "∂E/∂y": "g"}


def shape_of(letter: str, layer: Conv | Pool) -> tuple[int, ...]:
    """The tensor's whose cells these are: names and edits count in it."""
    num_in, num_out = (layer.in_channels, layer.out_channels) if isinstance(layer, Conv) else (1, 1)
    if letter in ("w", "∂E/∂w"):
        return layer.weight_shape if isinstance(layer, Conv) else layer.kernel
    return (num_in, *layer.size) if letter in ("x", "∂E/∂x") else (num_out, *layer.output_size)


def _cells(source: np.ndarray, shape: tuple[int, ...]) -> list[list[list[int]]]:
    """(rows, cols) indices in the tensor of what lies in a map."""
    return np.stack(np.unravel_index(np.maximum(source, 0), shape), axis=-1).tolist()


def named(letter: str, source: np.ndarray, layer: Conv | Pool, border: np.ndarray | None = None) -> list[list[str]]:
    """What every cell is called, as the program calls it; channels are left out where there is only one."""
    around = "−∞" if isinstance(layer, Pool) and layer.kind == "max" and letter == "x" else "a zero"
    shape = shape_of(letter, layer)
    axes = len(layer.size)
    kept = [axis for axis, n in enumerate(shape) if n > 1 or axis >= len(shape) - axes]
    names = [
        [f"{letter}[{', '.join(str(cell[axis]) for axis in kept)}]" for cell in row] for row in _cells(source, shape)
    ]
    for r, c in np.argwhere(source < 0):
        names[r][c] = "a zero in between" if source[r, c] == BETWEEN else f"{around} of the border"
    if border is not None:
        for r, c in np.argwhere(border & (source >= 0)):
            names[r][c] += ", copied"
    return names


def mapped(letter: str, number: int, layer: Conv | Pool) -> str:
    """The name of a tensor's map, as the program indexes it: w[0, 2] is the kernel from input map 2 to output map 0."""
    shape = shape_of(letter, layer)
    leading = shape[: len(shape) - len(layer.size)]
    if max(leading, default=1) == 1:
        return letter
    return f"{letter}[{', '.join(map(str, np.unravel_index(number, leading)))}]"


def titled(slide: Slide, role: str, number: int, layer: Conv | Pool) -> str:
    """A map's name and its size, with what was done to it; number: among those of its role."""
    at = ROLES.index(role)
    letter, source = slide.names[at], (slide.source, slide.window_source, slide.result_source)[at][number]
    size = times(source.shape[-len(layer.size) :])
    if role == "window" and isinstance(layer, Pool) and letter == "w":
        return f"{slide.window_names[0]} of {size}"
    told = mapped(letter, number, layer)
    if role == "ground" and (source == BETWEEN).any():
        return f"{told}, stretched and padded: {size}"
    if role == "ground" and slide.border.any():
        inner = (~slide.border.all(axis=1)).sum(), (~slide.border.all(axis=0)).sum()
        return f"{told}, {times(tuple(map(int, inner))[-len(layer.size) :])}, padded: {size}"
    turned = role == "window" and slide.window_source[0].ravel()[0] > slide.window_source[0].ravel()[-1]
    return f"{told}, {size}" + (", turned" if turned else "")


def editable(letter: str, source: np.ndarray, layer: Conv | Pool) -> list[list[str]] | None:
    """What changes of the cells are called; "" where there is nothing to change."""
    if letter not in LETTERS or (letter == "w" and isinstance(layer, Pool)):
        return None
    pairs = zip(_cells(source, shape_of(letter, layer)), source, strict=True)
    return [
        [name_of(LETTERS[letter], tuple(cell)) if number >= 0 else "" for cell, number in zip(*pair, strict=True)]
        for pair in pairs
    ]
