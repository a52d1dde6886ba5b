"""What a hand does in the pictures of the lesson on convolution becomes controls: changes, choices, a closer look."""

from typing import Any, cast

import pytest

from dlcore.topics.convolution_config import LARGEST, read_edits
from dlcore.ui import convolution_hands
from dlcore.ui.controls import Controls
from dlcore.ui.convolution_hands import CLOSE, crop_of, without
from dlcore.ui.convolution_rail import DEFAULTS
from dlcore.ui.convolution_settings import PATCH, place_of, window_config_of


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 5, **values}

    def set(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= values

    def restart(self, **values: Any) -> None:
        self.set(**values, step=0)

    def present(self, name: str) -> Any:
        return self.values[name]


def listeners(rail: Rail) -> dict[str, Any]:
    return convolution_hands.listeners(cast("Controls", rail))


def edited(before: str, name: str, value: float) -> str:
    """The changes after a cell was set by hand."""
    rail = Rail(edits=before)
    listeners(rail)["on_edit"](name, value, 3)
    assert rail.values == {**Rail().values, "edits": rail.values["edits"]}  # the walk goes on where it was
    return rail.values["edits"]


def looked(x: float, y: float, size: tuple[int, int] = (170, 256), **values: Any) -> dict[str, Any]:
    """All controls after a click on a picture of this height and width."""
    rail = Rail(view="picture", **values)
    convolution_hands.closer(cast("Controls", rail), *size)["on_pick"](x, y)
    return rail.values


# Changes


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "x0.2.3", 5.0, "x0.2.3=5"),
        ("x0.2.3=5", "x0.2.3", -0.25, "x0.2.3=-0.25"),
        ("x0.2.3=5, w0.0.1.1=2", "x0.2.3", 1.0, "w0.0.1.1=2, x0.2.3=1"),
        ("x0.2.3=5", "g0.2.3", 1.0, "x0.2.3=5, g0.2.3=1"),
        ("x0.2=5", "x0.2.3", 1.0, "x0.2=5, x0.2.3=1"),
    ],
)
def test_a_change_takes_the_place_of_its_like_and_leaves_the_others(
    before: str, name: str, value: float, after: str
) -> None:
    assert edited(before, name, value) == after


@pytest.mark.parametrize("value", [0.1, 1 / 3, -1e-9, 1234.5678, LARGEST, -LARGEST])
def test_what_the_hand_writes_can_be_read(value: float) -> None:
    (edit,) = read_edits(edited("", "w0.0.1.1", value))
    assert (edit.letter, edit.place) == ("w", (0, 0, 1, 1))
    assert edit.value == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(("before", "name"), [("banana", "x0.0.0"), ("", ""), ("x0.1.1=5", "y0.1.1"), ("", "x")])
def test_what_is_not_understood_changes_nothing(before: str, name: str) -> None:
    assert edited(before, name, 1.0) == before


@pytest.mark.parametrize(
    ("letters", "left"),
    [("x", "w0.0.1.1=2, W0.0.0.0=1, g0.1=1"), ("w", "x0.2.3=5, g0.1=1"), ("xwg", ""), ("", "")],
)
def test_changes_of_a_tensor_are_forgotten(letters: str, left: str) -> None:
    edits = "x0.2.3=5; w0.0.1.1=2,W0.0.0.0=1 ,, g0.1=1"
    assert without(edits, letters) == (left if letters else "x0.2.3=5, w0.0.1.1=2, W0.0.0.0=1, g0.1=1")


def test_what_is_no_change_yet_is_not_forgotten() -> None:
    assert without("banana, x0.1", "x") == "banana"


# Choices


@pytest.mark.parametrize("hands", [listeners, lambda rail: convolution_hands.choosing(cast("Controls", rail))])
def test_a_cell_is_chosen_and_let_go(hands: Any) -> None:
    rail = Rail()
    for key in ("result0.1.2", "ground0.0.0", ""):
        hands(rail)["on_select"](key)
        assert (rail.values["selected"], rail.values["step"]) == (key, 5)


# A closer look


def test_a_closer_look_is_the_window_over_the_cells_around_this_place() -> None:
    values = looked(101.4, 59.6, filter="emboss", kernel=5, turn="convolution")
    said = {name: values[name] for name in ("view", "image", "at", "size", "selected", "step", "turn", "kernel")}
    assert said == {
        "view": "window",
        "image": "patch",
        "at": "60, 101",
        "size": CLOSE,
        "selected": f"result0.{CLOSE // 2}.{CLOSE // 2}",
        "step": 0,
        "turn": "convolution",
        "kernel": 5,
    }


@pytest.mark.parametrize(
    ("x", "y", "at"), [(-3, -3, "0, 0"), (1e9, 1e9, "169, 255"), (-0.5, 169.5, "169, 0"), (255.4, 0.4, "0, 255")]
)
def test_the_place_is_one_of_the_picture(x: float, y: float, at: str) -> None:
    assert looked(x, y)["at"] == at
    assert place_of(at) is not None


ANYTHING: dict[str, dict[str, Any]] = {
    "operations": {"operation": "transposed", "stride": 3, "output_padding": 2, "direction": "weight"},
    "pooling": {"operation": "max", "padding": "full"},
    "maps": {"in_channels": 4, "out_channels": 6, "groups": 3, "layout": "matrix"},
    "one axis": {"axes": "1", "padding": "sides", "sides": "nothing"},
    "axes that differ": {"differ": True, "kernel_across": 9, "size_across": 1},
    "mirrors": {"mode": "reflect", "padding": "full", "kernel": 9, "dilation": 4},
    "a bias": {"bias": 3.0, "edits": "x0.8.8=100, w0.0.0.0=2"},
}


@pytest.mark.parametrize("before", ANYTHING.values(), ids=ANYTHING)
def test_whatever_the_window_was_the_look_is_that_of_the_picture(before: dict[str, Any]) -> None:
    """There are no two maps in it, no bias, and zeros around: the same sum as in the Picture view."""
    values = looked(20.0, 20.0, **before)
    config = window_config_of(values, bytes(3 * PATCH * PATCH))
    assert config.layer.output_size == tuple(-(-CLOSE // step) for step in config.layer.stride)
    assert (config.bias, config.direction, values["layout"]) == (0, "forward", "flat")
    assert "x" not in config.edits


def test_the_square_in_the_picture_is_around_these_pixels() -> None:
    """Pixel i lies from i − 1/2 to i + 1/2; of sixteen the place is the ninth."""
    assert crop_of("") is None
    assert crop_of("somewhere") is None
    found = crop_of("60, 101")
    assert found is not None
    row, column, side = found
    assert (row - side / 2, row + side / 2) == (60 - 8 - 0.5, 60 + 7 + 0.5)
    assert (column - side / 2, column + side / 2) == (101 - 8 - 0.5, 101 + 7 + 0.5)
