"""What the controls of the lesson on convolution describe: a layer, a scene, a filter; draws none of them."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.topics.convolution import Conv, Padding
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.layer_stack import Stack
from dlcore.topics.layer_text import read_layers
from dlcore.topics.pooling import Pool

PATCH = 24  # cells of a picture's patch along a side: the largest input there is


def layer_of(values: Mapping[str, Any]) -> Conv | Pool:
    """Raises: ValueError, one sentence, where the controls describe nothing that can be."""
    along = {name: _along(values, name) for name in ("size", "kernel", "stride", "dilation")}
    if values["operation"] in ("max", "average"):
        del along["dilation"]
        return Pool(**along, padding=_pooling_padding(values, along["kernel"]), kind=values["operation"])
    transposed = values["operation"] == "transposed"
    return Conv(
        **along,
        padding=_padding(values),
        output_padding=(values["output_padding"] if transposed else 0,) * len(along["size"]),
        **{name: values[name] for name in ("in_channels", "out_channels", "groups", "mode")},
        bias=values["bias"] != 0,
        transposed=transposed,
    )


def window_config_of(values: Mapping[str, Any], patch: bytes = b"") -> WindowConfig:
    """The scene of the Window view; patch: see `patch_of`. Raises: ValueError as `layer_of`."""
    return WindowConfig(
        layer=layer_of(values),
        direction=values["direction"],
        flip=values["turn"] == "convolution",
        image=values["image"],
        patch=patch if values["image"] == "patch" else b"",
        kernel=values["filter"],
        **{name: values[name] for name in ("wavelength", "orientation", "sigma", "bias", "upstream", "edits", "seed")},
    )


def filter_config_of(values: Mapping[str, Any]) -> FilterConfig:
    """The filters of the Picture view: the Window's kernel with its changes, or a bank. Raises: ValueError."""
    return FilterConfig(
        name=values["bank"],
        kernel=values["filter"],
        size=values["kernel"],
        flip=values["turn"] == "convolution",
        **{
            name: values[name] for name in ("wavelength", "orientation", "sigma", "edits", "seed", "stride", "dilation")
        },
    )


def stack_of(values: Mapping[str, Any]) -> Stack:
    """The layers of the Stack view over a square input. Raises: ValueError naming the layer that is wrong."""
    side = values["height"]
    return Stack(input=(values["channels"], side, side), layers=read_layers(values["layers"]))


def patch_of(picture: np.ndarray, at: str) -> bytes:
    """The square around a place of a picture, (3, PATCH, PATCH) bytes; at: "row, column", its middle where it is none.

    picture: (height, width, 3).
    """
    middle = place_of(at) or [n // 2 for n in picture.shape[:2]]
    rows, cols = (
        np.clip(np.arange(PATCH) + place - PATCH // 2, 0, n - 1)
        for place, n in zip(middle, picture.shape[:2], strict=True)
    )
    return picture[np.ix_(rows, cols)].transpose(2, 0, 1).tobytes()


def place_of(at: str) -> tuple[int, int] | None:
    """Row and column as the address has them, "12, 40"; None where there is no such place."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*,\s*(\d{1,4})\s*", at)
    return (int(found[1]), int(found[2])) if found else None


def _along(values: Mapping[str, Any], name: str) -> tuple[int, ...]:
    if values["axes"] == "1":
        return (values[name],)
    return (values[name], values[f"{name}_across"] if values["differ"] else values[name])


def _padding(values: Mapping[str, Any]) -> Padding:
    match values["padding"]:
        case "number":
            return values["pad"]
        case "sides":
            return read_sides(values["sides"], 1 if values["axes"] == "1" else 2)
        case word:
            return word


def _pooling_padding(values: Mapping[str, Any], kernel: tuple[int, ...]) -> tuple[int, ...]:
    """Pooling is padded alike on both sides, by at most half a window."""
    match values["padding"]:
        case "number":
            return (values["pad"],) * len(kernel)
        case "valid":
            return (0,) * len(kernel)
        case "half":
            return tuple(cells // 2 for cells in kernel)
    raise ValueError(
        f"padding is “{values['padding']}”: pooling is padded alike on both sides, by at most half its window. Choose "
        "valid, half or a number."
    )


def read_sides(text: str, axes: int) -> tuple[tuple[int, int], ...]:
    """Padding of each side as typed: "top, bottom, left, right"; along one axis "before, after", more is left out.

    Raises: ValueError where that is not what stands there.
    """
    parts = [part for part in re.split(r"[\s,;]+", text.strip()) if part]
    if len(parts) < 2 * axes or not all(part.isdecimal() and len(part) < 3 for part in parts):
        wanted = "top, bottom, left, right" if axes == 2 else "before, after"
        raise ValueError(
            f"The sides' padding is {text!r}: give {2 * axes} whole numbers, {wanted}, such as 1, 1, 0, 2."
        )
    numbers = [int(part) for part in parts[: 2 * axes]]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))
