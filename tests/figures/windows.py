"""Scenes of the window that slides for the tests of its picture, and what they read off it."""

from dataclasses import replace

import numpy as np

from dlcore.figures.convolution import window_lattice
from dlcore.figures.lattice import Grid, Lattice
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import Slide
from dlcore.topics.window import slid

SEVERAL = Conv(size=(6, 5), kernel=(2, 3), stride=(2, 1), padding=1, in_channels=2, out_channels=4, groups=2, bias=True)
SCENES: dict[str, WindowConfig] = {
    "opening": WindowConfig(),
    "groups": WindowConfig(layer=SEVERAL, bias=1.5, kernel="random", image="digits"),
    "one axis": WindowConfig(
        layer=Conv(size=(9,), kernel=(3,), stride=(2,), dilation=(1,), output_padding=(0,)), image="digits"
    ),
    "transposed": WindowConfig(
        layer=Conv(
            size=(3, 4), kernel=(3, 2), stride=(2, 3), padding=1, in_channels=2, out_channels=2, transposed=True
        ),
        image="digits",
    ),
    "mirror": WindowConfig(layer=Conv(size=(5, 5), kernel=(3, 3), padding=2, mode="reflect"), image="digits"),
    "to the input": WindowConfig(layer=replace(SEVERAL, bias=False), direction="input", kernel="emboss"),
    "to the kernel": WindowConfig(layer=replace(SEVERAL, bias=False), direction="weight", image="digits"),
    "turned": WindowConfig(flip=True, kernel="emboss"),
    "maximum": WindowConfig(layer=Pool(size=(6, 6), padding=(1, 1)), image="digits"),
    "its gradient": WindowConfig(layer=Pool(size=(6, 6)), image="digits", direction="input"),
    "mean": WindowConfig(layer=Pool(size=(7, 7), kind="average"), image="digits"),
    "left behind": WindowConfig(layer=Conv(size=(8, 8), kernel=(3, 3), stride=(2, 2))),
}


def drawn(config: WindowConfig, layout: str = "flat") -> tuple[Slide, Lattice]:
    slide = slid(config)
    return slide, window_lattice(config, slide, layout)


def grids(lattice: Lattice, role: str) -> list[Grid]:
    return [grid for grid in lattice.grids if grid.role == role]


def values(lattice: Lattice) -> np.ndarray:
    """Every cell's number, counted through all grids as the links count."""
    return np.concatenate([grid.values.ravel() for grid in lattice.grids])


def told(lattice: Lattice, role: str, what: str) -> list[str]:
    """The cells' names or edits in all grids of a role; "" where they have none."""
    found = []
    for grid in grids(lattice, role):
        rows = getattr(grid, what)
        found += [""] * grid.values.size if rows is None else [text for row in rows for text in row]
    return found
