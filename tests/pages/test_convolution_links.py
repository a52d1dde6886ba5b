"""Convolution's page and its address say the same; a value that cannot be is told of once."""

from typing import Any

import numpy as np
import pytest

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.layer_stack import Stack
from dlcore.topics.layer_text import read_layers
from dlcore.topics.pooling import Pool
from dlcore.topics.window import slid
from dlcore.ui import convolution_rail as rail
from tests.pages.convolution_page import cells, config_on, controls_say, grid, opened
from tests.pages.stages import OpenPage, check_told_once, healthy, message_on, stage_on, toasts, view_on

# The picture and the link: what the controls say, and what is on screen

GROUPED = {
    "size": 9,
    "kernel": 5,
    "stride": 2,
    "padding": "sides",
    "sides": "1, 2, 0, 3",
    "in_channels": 4,
    "out_channels": 6,
    "groups": 2,
    "mode": "reflect",
    "image": "digits",
    "filter": "random",
    "turn": "convolution",
    "bias": -2.5,
    "edits": "x0.2.3=5, w0.0.1.1=-1.5",
    "seed": 11,
    "layout": "space",
    "step": 7,
    "tab": "layer",
    "selected": "result2.1.1",
    "group": "maps",
}
LINKS: dict[str, tuple[dict[str, Any], Any]] = {
    "groups": (
        GROUPED,
        WindowConfig(
            layer=Conv(
                size=(9, 9),
                kernel=(5, 5),
                stride=(2, 2),
                padding=((1, 2), (0, 3)),
                in_channels=4,
                out_channels=6,
                groups=2,
                mode="reflect",
                bias=True,
            ),
            flip=True,
            image="digits",
            kernel="random",
            bias=-2.5,
            edits="x0.2.3=5, w0.0.1.1=-1.5",
            seed=11,
        ),
    ),
    "one axis": (
        {"axes": "1", "size": 12, "kernel": 4, "dilation": 2, "padding": "same", "image": "ramp", "filter": "blur"},
        WindowConfig(
            layer=Conv(size=(12,), kernel=(4,), stride=(1,), dilation=(2,), output_padding=(0,), padding="same"),
            image="ramp",
            kernel="blur",
        ),
    ),
    "axes that differ": (
        {
            "operation": "transposed",
            "differ": True,
            "size": 3,
            "size_across": 5,
            "kernel": 2,
            "kernel_across": 4,
            "stride": 2,
            "stride_across": 3,
            "dilation_across": 2,
            "padding": "number",
            "pad": 1,
            "output_padding": 1,
            "direction": "weight",
            "upstream": "ones",
            "edits": "g0.1.1=7",
        },
        WindowConfig(
            layer=Conv(
                size=(3, 5),
                kernel=(2, 4),
                stride=(2, 3),
                dilation=(1, 2),
                padding=1,
                output_padding=(1, 1),
                transposed=True,
            ),
            direction="weight",
            upstream="ones",
            edits="g0.1.1=7",
        ),
    ),
    "pooling": (
        {"operation": "average", "size": 6, "kernel": 3, "stride": 3, "padding": "number", "direction": "input"},
        WindowConfig(
            layer=Pool(size=(6, 6), kernel=(3, 3), stride=(3, 3), padding=(1, 1), kind="average"), direction="input"
        ),
    ),
    "matrix": (
        {"size": 4, "padding": "valid", "layout": "matrix", "filter": "gabor", "wavelength": 3.0, "orientation": 45.0}
        | {"sigma": 1.25},
        WindowConfig(
            layer=Conv(size=(4, 4), kernel=(3, 3), padding="valid"),
            kernel="gabor",
            wavelength=3.0,
            orientation=45.0,
            sigma=1.25,
        ),
    ),
    "picture": (
        {"view": "picture", "picture": "stripes", "kernel": 5, "filter": "laplacian", "stride": 2, "at": "20, 30"},
        FilterConfig(kernel="laplacian", size=5, stride=2),
    ),
    "bank": (
        {"view": "picture", "picture": "rings", "bank": "gabor", "sigma": 3.0, "dilation": 2, "step": 4},
        FilterConfig(name="gabor", sigma=3.0, dilation=2),
    ),
    "stack": (
        {
            "view": "stack",
            "layers": "conv 3x3 8 s2 p1\nrelu\nmaxpool 2x2",
            "channels": 1,
            "height": 20,
            "tab": "memory",
        },
        Stack(input=(1, 20, 20), layers=read_layers("conv 3x3 8 s2 p1; relu; maxpool 2x2")),
    ),
}


@pytest.mark.parametrize(("values", "config"), LINKS.values(), ids=LINKS)
def test_the_link_gives_these_settings_and_the_same_bytes_to_every_reader(
    open_page: OpenPage, values: dict[str, Any], config: Any
) -> None:
    first, second = (healthy(opened(open_page, **values)) for _ in range(2))
    assert toasts(first) == []
    assert controls_say(first) == {**rail.DEFAULTS, **values}
    assert config_on(first) == config
    assert message_on(first) == message_on(second)
    settings, _, _ = stage_on(first)
    said = {name: values.get(name, rail.DEFAULTS[name]) for name in ("step", "tab", "selected")}
    assert settings.items() >= said.items()
    assert settings["autoplay"] is False


@pytest.mark.parametrize("name", [name for name, (_, config) in LINKS.items() if isinstance(config, WindowConfig)])
def test_the_cells_hold_the_numbers_of_the_link(open_page: OpenPage, name: str) -> None:
    values, config = LINKS[name]
    page, slide = opened(open_page, **values), slid(config)
    for role in ("ground", "window", "result"):
        for number, wanted in enumerate(getattr(slide, role)):
            np.testing.assert_array_equal(cells(page, f"{role}{number}"), wanted)


def test_a_change_by_hand_in_a_link_is_in_its_cell(open_page: OpenPage) -> None:
    page = opened(open_page, **GROUPED)
    (place,) = np.argwhere(np.array(grid(page, "ground0")["names"]).reshape(12, 12) == "x[0, 2, 3]")
    assert cells(page, "ground0")[tuple(place)] == 5
    assert cells(page, "window0")[3, 3] == -1.5  # w[0, 0, 1, 1] of a kernel that is turned


# What cannot be

INVALID = {
    "view": "Sea",
    "operation": "Deconvolution",
    "direction": "sideways",
    "layout": "pile",
    "axes": "3-D",
    "size": "25",
    "kernel": "0",
    "stride": "-1",
    "dilation": "5",
    "padding": "plenty",
    "pad": "9",
    "output_padding": "5",
    "mode": "mirrors",
    "in_channels": "7",
    "image": "cat",
    "filter": "cubist",
    "wavelength": "nan",
    "orientation": "181",
    "bias": "inf",
    "upstream": "none",
    "picture": "moon",
    "bank": "swiss",
    "architecture": "Transformer",
    "channels": "0",
    "height": "99999",
    "seed": "-1",
    "step": "1000000000",
    "tab": "x",
}


def test_all_that_is_invalid_is_told_of_once_and_what_is_valid_holds(open_page: OpenPage) -> None:
    page = open_page("convolution", {**INVALID, "edits": "x0.1.1=5", "wind": "north"})
    assert controls_say(healthy(page)) == {**rail.DEFAULTS, "edits": "x0.1.1=5"}
    assert config_on(page) == WindowConfig(edits="x0.1.1=5")
    check_told_once(page, INVALID, unknown="wind")


@pytest.mark.parametrize("text", ["", "1e400", "9" * 400, "<script>alert(1)</script>", "x" * 9000])
@pytest.mark.parametrize("name", ["view", "edits", "layers", "sides", "at", "selected", "picture"])
def test_no_link_breaks_the_page(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    others = {"layers": {"view": "Stack"}, "at": {"view": "Picture"}, "sides": {"padding": "each side by itself"}}
    page = open_page("convolution", {**others.get(name, {}), name: text})
    assert not page.exception
    assert len(page.error) <= 1
    assert all(len(error.value) < 300 for error in page.error)
    assert all(len(toast) < 200 for toast in toasts(page))
    assert message_on(page)


def test_a_place_outside_of_the_picture_is_its_nearest(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, image="patch", at="9999, 9999", size=5))
    assert cells(page, "ground0").shape == (7, 7)
    assert view_on(page, "window")["key"] == "window"
