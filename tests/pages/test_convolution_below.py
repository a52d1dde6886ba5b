"""Below the fold of convolution's page: tabs of all views, programs that give its numbers, tables that hold them."""

import csv
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.figures.animation import gif
from dlcore.figures.convolution import window_lattice
from dlcore.topics.layer_stack import totals, trace
from dlcore.topics.window import slid
from dlcore.ui import convolution_text, picture_text
from tests.pages.convolution_page import answers, cells, change, config_on, controls_say, opened
from tests.pages.stages import OpenPage, healthy, prose

PARTS = ("Why it happens", "The maths", "The code", "Check", "Take it away", "Reading")
GROUPED = {"in_channels": 2, "out_channels": 4, "groups": 2, "size": 6, "filter": "random", "image": "digits"}
WINDOWS: dict[str, dict[str, Any]] = {
    "opening": {},
    "groups": {**GROUPED, "bias": 0.5, "stride": 2, "padding": "number", "pad": 2, "edits": "x1.2.2=0.25"},
    "one axis": {"axes": "1", "dilation": 2, "mode": "circular", "turn": "convolution", "filter": "emboss"},
    "transposed": {"operation": "transposed", "stride": 2, "output_padding": 1, "size": 4},
    "gradient to the input": {"direction": "input", "stride": 2, "padding": "valid"},
    "gradient to the kernel": {"direction": "weight", **GROUPED},
    "maximum": {"operation": "max", "stride": 2, "kernel": 2, "padding": "valid", "image": "digits"},
    "mean backward": {"operation": "average", "kernel": 2, "padding": "valid", "direction": "input"},
}
PICTURES: dict[str, dict[str, Any]] = {
    "one": {"view": "picture", "edits": "w0.0.0.0=2", "turn": "convolution"},
    "bank": {"view": "picture", "bank": "gabor", "picture": "flower", "stride": 2},
}
STACKS: dict[str, dict[str, Any]] = {
    "opening": {"view": "stack"},
    "branches": {"view": "stack", "layers": "conv 3x3 8 p1; add(conv 3x3 8 p1 | ); gap; flatten; fc 10", "height": 64},
}
EVERY = {
    f"{view}, {name}": values
    for view, links in (("window", WINDOWS), ("picture", PICTURES), ("stack", STACKS))
    for name, values in links.items()
}


def ran(code: str) -> dict[str, Any]:
    """What a program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(code, "the page", "exec"), scope)
    return scope


@pytest.mark.parametrize("values", EVERY.values(), ids=EVERY)
def test_every_tab_opens_and_its_check_is_good(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, values: dict[str, Any]
) -> None:
    page = opened(open_page, **values)
    for name in PARTS:
        healthy(change(page, "below", name))
        assert controls_say(page)["below"] == name
        assert "nan" not in prose(page).split()
        if name == "Check":
            assert ":material/check_circle:" in prose(page)
            assert ":material/warning:" not in prose(page)
    assert "this lesson follows" in prose(page)


# Programs


@pytest.mark.parametrize("values", WINDOWS.values(), ids=WINDOWS)
def test_the_program_leaves_the_numbers_in_the_cells(open_page: OpenPage, values: dict[str, Any]) -> None:
    page = healthy(opened(open_page, **values, below="The code"))
    (code,) = page.code
    name = {"input": "grad_x", "weight": "grad_w"}.get(values.get("direction", ""), "y")
    found = ran(code.value)[name].detach().numpy()
    maps = slid(config_on(page)).result.shape[0]
    shown = np.stack([cells(page, f"result{number}") for number in range(maps)])
    np.testing.assert_allclose(found.reshape(shown.shape), shown, rtol=0, atol=1e-12)


@pytest.mark.parametrize("values", PICTURES.values(), ids=PICTURES)
def test_the_program_answers_to_the_photograph_as_the_page_does(open_page: OpenPage, values: dict[str, Any]) -> None:
    page = healthy(opened(open_page, **values, below="The code"))
    (code,) = page.code
    left = ran(code.value)["answers"].numpy()
    assert len(left) == (8 if "bank" in values else 1)
    if len(left) == 1:  # a bank's are sent as shares of the strongest
        np.testing.assert_allclose(left[0], answers(page), atol=1e-5)


@pytest.mark.parametrize("values", STACKS.values(), ids=STACKS)
def test_the_program_of_a_stack_counts_as_the_page_does(
    open_page: OpenPage, capsys: pytest.CaptureFixture[str], values: dict[str, Any]
) -> None:
    page = healthy(opened(open_page, **values, below="The code"))
    (code,) = page.code
    left, sums = ran(code.value), totals(trace(config_on(page)))
    assert left["num_parameters"] == sums.num_parameters
    assert left["multiply_adds"] == sums.multiply_adds
    assert f"{sums.num_parameters:,} parameters" in capsys.readouterr().out


# What can be taken away


@pytest.mark.parametrize("values", WINDOWS.values(), ids=WINDOWS)
def test_the_tables_hold_every_cell_and_every_product_to_the_last_digit(
    open_page: OpenPage, values: dict[str, Any]
) -> None:
    slide = slid(config_on(opened(open_page, **values)))
    rows = list(csv.DictReader(io.StringIO(convolution_text.cells_csv(slide))))
    for role in ("ground", "window", "result"):
        own = [row for row in rows if row["role"] == role]
        wanted = getattr(slide, role)
        np.testing.assert_array_equal([float(row["value"]) for row in own], wanted.ravel())
        places = [[int(row[axis]) for axis in ("map", "row", "column")] for row in own]
        np.testing.assert_array_equal(places, list(np.ndindex(wanted.shape)))
    taps = list(csv.DictReader(io.StringIO(convolution_text.products_csv(slide))))
    for name, wanted in {
        "result": slide.tap_result,
        "ground": slide.tap_ground,
        "window": slide.tap_window,
        "product": slide.product,
    }.items():
        np.testing.assert_array_equal([float(row[name]) for row in taps], wanted)


def test_the_table_of_answers_has_a_block_for_each_filter(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **PICTURES["bank"]))
    titles = config_on(page).filters().titles
    made = np.random.default_rng(0).normal(size=(len(titles), 4, 5)).astype(np.float32)
    blocks = picture_text.csv(made, titles).split("# ")[1:]
    assert [block.split("\n")[0] for block in blocks] == list(titles)
    for block, wanted in zip(blocks, made, strict=True):
        read = np.loadtxt(block.split("\n")[1:], delimiter=",")
        np.testing.assert_allclose(read, wanted, rtol=1e-4)


@pytest.mark.parametrize("values", WINDOWS.values(), ids=WINDOWS)
def test_the_animation_has_a_picture_for_every_frame(open_page: OpenPage, values: dict[str, Any]) -> None:
    config = config_on(opened(open_page, **values))
    lattice = window_lattice(config, slid(config), "flat")
    with Image.open(io.BytesIO(gif(lattice))) as animation:
        assert animation.format == "GIF"
        assert getattr(animation, "n_frames", 1) == len(lattice.active)


DOWNLOADS = {
    "window": {"Cells as CSV", "Products as CSV", "Animation as GIF"},
    "picture": {"Answers as CSV"},
    "stack": {"Layers as CSV"},
}


@pytest.mark.parametrize("view", DOWNLOADS)
def test_what_can_be_taken_away_is_offered(open_page: OpenPage, view: str) -> None:
    page = healthy(opened(open_page, view=view, below="Take it away"))
    assert {button.proto.label for button in page.get("download_button")} == DOWNLOADS[view]
