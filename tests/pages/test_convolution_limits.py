"""What cannot be on the page on convolution is told in a sentence, and the last picture stays."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.ui import convolution_rail as rail
from tests.pages.convolution_page import change, config_on, control, opened
from tests.pages.stages import OpenPage, healthy, stage_bytes, stage_on

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a kernel larger than the input": ({"size": 3, "kernel": 9, "padding": "valid"}, "kernel is 9"),
    "groups": ({"in_channels": 3, "groups": 2}, "groups is 2"),
    "output padding": ({"operation": "transposed", "output_padding": 2}, "output_padding is 2"),
    "sides": ({"padding": "sides", "sides": "1, 2"}, "The sides' padding is '1, 2'"),
    "a mirror larger than the input": ({"size": 2, "kernel": 5, "mode": "reflect"}, "padding"),
    "padding of a pooling": ({"operation": "max", "padding": "full"}, "pooling is padded alike on both sides"),
    "a pooling's weights": ({"operation": "max", "padding": "valid", "direction": "weight"}, "Pooling has no weights"),
    "too many products": ({"size": 24, "kernel": 9, "in_channels": 6, "out_channels": 2}, "multiplications"),
    "a matrix of a maximum": (
        {"operation": "max", "padding": "valid", "layout": "matrix"},
        "max pooling has no matrix",
    ),
    "a matrix too large": ({"size": 12, "layout": "matrix"}, "The matrix would be 144 × 144"),
    "no change": ({"edits": "x0.1.1=five"}, "“x0.1.1=five” is not understood"),
    "a change too large": ({"edits": "x0.1.1=99999"}, "too large"),
    "no change in the picture": ({"view": "picture", "edits": "banana"}, "“banana” is not understood"),
    "a layer that is none": ({"view": "stack", "layers": "conv 3x3 8; banana"}, "banana"),
    "a layer that does not fit": ({"view": "stack", "layers": "conv 9x9 8", "height": 4}, "kernel is 9"),
    "no layer": ({"view": "stack", "layers": ""}, "There are no layers"),
}


def refused(page: AppTest, words: str) -> None:
    """What is wrong is said once, in these words."""
    assert not page.exception
    (error,) = page.error
    assert words in error.value
    assert len(error.value) < 260
    assert "met an error" not in error.value


@pytest.mark.parametrize(("values", "words"), REFUSED.values(), ids=REFUSED)
def test_a_link_that_cannot_be_says_why_above_the_opening_picture(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, values: dict[str, Any], words: str
) -> None:
    page = opened(open_page, **values)
    refused(page, words)
    assert stage_bytes(page) == stage_bytes(opened(open_page, view=values.get("view", "window")))


#: Controls that choosing the operation sets right by itself.
SET_RIGHT = ("padding of a pooling", "a pooling's weights")


@pytest.mark.parametrize(
    "name", [name for name, (values, _) in REFUSED.items() if "view" not in values and name not in SET_RIGHT]
)
def test_what_cannot_be_keeps_the_last_picture_of_the_window(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str
) -> None:
    values, words = REFUSED[name]
    page = opened(open_page, image="digits", seed=3, **{key: rail.DEFAULTS[key] for key in values if key != "edits"})
    before = stage_bytes(healthy(page))
    for key, value in values.items():
        control(page, key).set_value(value)
    page.run()
    refused(page, words)
    assert stage_bytes(page) == before
    assert config_on(page).image == "digits"


@pytest.mark.parametrize("view", ["picture", "stack"])
def test_each_view_keeps_its_own_last_picture(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, view: str
) -> None:
    """A large kernel fits a photograph, but not the small input of the Window view."""
    page = opened(open_page, size=3, padding="valid", picture="shapes")
    window = stage_bytes(healthy(page))
    healthy(change(page, "view", view))
    other = stage_bytes(healthy(change(page, "kernel", 9)))
    change(page, "view", "window")
    refused(page, "kernel is 9")
    assert stage_bytes(page) == window
    assert stage_bytes(healthy(change(page, "view", view))) == other
    change(page, "view", "window")
    healthy(change(page, "kernel", 1))
    assert config_on(page) == WindowConfig(layer=Conv(size=(3, 3), kernel=(1, 1), padding="valid"))


def test_a_text_that_is_wrong_while_it_is_typed_keeps_the_stack(open_page: OpenPage) -> None:
    page = opened(open_page, view="stack", architecture="vgg16", layers=ARCHITECTURES["vgg16"].text, height=224)
    before = stage_bytes(healthy(page))
    for text, words in (("conv", "conv"), ("conv 3x3 64 s1 p1\nconv 3x", "3x"), ("add(conv 3x3 3 p1 | ", "add")):
        change(page, "layers", text)
        refused(page, words)
        assert stage_bytes(page) == before
    healthy(change(page, "layers", "relu"))
    assert stage_on(page)[1]["frames"] == 2
