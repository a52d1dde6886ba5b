"""The window's picture is the slide: its links are the taps, its names are the program's, its edits find their cell."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from dlcore.figures.cell_names import LETTERS
from dlcore.figures.convolution import BORDER, STRETCH, UNREAD, window_stage
from dlcore.figures.stage import deflated
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig, read_edits
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.pooling import Pool
from dlcore.topics.taps import uncovered
from dlcore.topics.window import lines, slid
from tests.figures.windows import SCENES, drawn, grids, told, values
from tests.topics.random_convs import convs

every = pytest.mark.parametrize("config", SCENES.values(), ids=SCENES)


def tensors(config: WindowConfig) -> dict[str, Tensor | None]:
    """The tensors that the program has under these names."""
    x, weight, _, grad = operands(config)
    return {"x": x, "w": weight, "∂E/∂y": grad}


def named(tensor: Tensor, axes: int, name: str) -> float:
    """The number under a name such as x[1, 2, 0]; channels of which there is one are left out, the last axes never."""
    index = tuple(int(number) for number in re.findall(r"\d+", name.partition("[")[2]))
    channels = [n for n in tensor.shape[: tensor.ndim - axes] if n > 1]
    return float(tensor.reshape(*channels, *tensor.shape[tensor.ndim - axes :])[index])


# Links


@every
@pytest.mark.parametrize("layout", ["flat", "space"])
def test_cells_that_are_linked_are_those_that_meet_in_a_product(config: WindowConfig, layout: str) -> None:
    slide, lattice = drawn(config, layout)
    numbers = values(lattice)
    result, ground, window = lattice.links.T[:3]
    np.testing.assert_array_equal(numbers[ground] * numbers[window], slide.product)
    np.testing.assert_array_equal(lattice.products, slide.product)
    first = slide.ground.size + slide.window.size
    np.testing.assert_array_equal(result - first, slide.tap_result)
    assert lattice.roles[:3] == ("result", "ground", "window")


@every
def test_the_products_of_a_cell_and_its_start_make_its_number(config: WindowConfig) -> None:
    _, lattice = drawn(config)
    numbers = values(lattice)
    results = lattice.active[1:]
    largest = lattice.kind == "max"
    starts = np.zeros(len(results)) if lattice.starts is None else lattice.starts
    for cell, start in zip(results, starts, strict=True):
        own = lattice.products[lattice.links[:, 0] == cell]
        made = own.max() if largest else own.sum() + start
        assert made == pytest.approx(numbers[cell], abs=1e-12)


@every
def test_each_frame_computes_one_cell_and_shows_all_before_it(config: WindowConfig) -> None:
    slide, lattice = drawn(config)
    assert lattice.active[0] == -1
    assert len(lattice.active) == slide.result.size + 1
    known = [frame for grid in grids(lattice, "result") if grid.known is not None for frame in grid.known.ravel()]
    np.testing.assert_array_equal(known, range(1, slide.result.size + 1))
    assert all(grid.known is None for role in ("ground", "window") for grid in grids(lattice, role))
    stage = window_stage(config, slide, "flat", lines(config))
    assert stage.num_frames == len(lattice.active)
    assert deflated(stage)


# Names and changes


@every
def test_a_cells_name_is_how_the_program_indexes_its_number(config: WindowConfig) -> None:
    slide, lattice = drawn(config)
    have = tensors(config)
    for role, letter in zip(("ground", "window"), slide.names, strict=False):
        tensor = have[letter]
        if tensor is None:
            continue  # the window of a pooling is no tensor
        numbers = np.concatenate([grid.values.ravel() for grid in grids(lattice, role)])
        names = told(lattice, role, "names")
        assert len(names) == len(numbers)
        for name, number in zip(names, numbers, strict=True):
            if name.startswith("a zero"):
                assert number == 0
            elif name == "−∞ of the border":
                assert number == -np.inf
            else:
                assert name.startswith(f"{letter}[")
                assert named(tensor, len(config.layer.size), name.removesuffix(", copied")) == number
    assert all(name.startswith(f"{slide.names[2]}[") for name in told(lattice, "result", "names"))
    assert len(set(told(lattice, "result", "names"))) == slide.result.size


@every
def test_a_change_under_a_cells_name_changes_that_cell_and_its_copies_alone(config: WindowConfig) -> None:
    _, lattice = drawn(config)
    for role in ("ground", "window"):
        names, edits = told(lattice, role, "names"), told(lattice, role, "edits")
        before = np.concatenate([grid.values.ravel() for grid in grids(lattice, role)])
        offered = sorted(set(edits) - {""})
        for name in offered[:: max(len(offered) // 5, 1)]:
            changed = drawn(replace(config, edits=f"{name}=77.5"))[1]
            after = np.concatenate([grid.values.ravel() for grid in grids(changed, role)])
            moved = {i for i in range(len(before)) if before[i] != after[i]}
            cell = names[edits.index(name)]
            assert moved == {i for i, other in enumerate(names) if other.removesuffix(", copied") == cell}
            assert (after[list(moved)] == 77.5).all()
            assert edits.count(name) == 1  # a copy is not changed itself


@every
def test_what_can_be_changed_is_every_cell_of_an_operand(config: WindowConfig) -> None:
    slide, lattice = drawn(config)
    have = tensors(config)
    for role, letter in zip(("ground", "window"), slide.names, strict=False):
        offered = set(told(lattice, role, "edits")) - {""}
        tensor = have[letter]
        assert len(offered) == (0 if tensor is None else tensor.numel())
        assert all(edit.letter == LETTERS[letter] for edit in read_edits(", ".join(f"{name}=1" for name in offered)))
    assert set(told(lattice, "result", "edits")) == {""}


# Kinds and titles


@every
def test_padding_stretching_and_what_is_never_read_are_told_apart(config: WindowConfig) -> None:
    slide, lattice = drawn(config)
    for grid, source in zip(grids(lattice, "ground"), slide.source, strict=True):
        assert grid.kinds is not None
        np.testing.assert_array_equal(grid.kinds == BORDER, slide.border)
        np.testing.assert_array_equal(grid.kinds == STRETCH, source == -2)
        names = np.array(grid.names)
        assert set(names[grid.kinds == STRETCH]) <= {"a zero in between"}
        copies = names[(grid.kinds == BORDER) & (source >= 0)]
        assert all(name.endswith(", copied") for name in copies)


def test_what_is_crossed_out_is_what_no_window_reads() -> None:
    config = SCENES["left behind"]
    (ground,) = grids(drawn(config)[1], "ground")
    assert isinstance(config.layer, Conv)
    np.testing.assert_array_equal(np.asarray(ground.kinds) == UNREAD, uncovered(config.layer))
    assert uncovered(config.layer).any()


TITLES: dict[str, list[tuple[str, str]]] = {
    "opening": [("x, 7 × 7, padded: 9 × 9", ""), ("w, 3 × 3", ""), ("y", "y, 7 × 7")],
    "one axis": [("x, 9", ""), ("w, 3", ""), ("y", "y, 4")],
    "turned": [("x, 7 × 7, padded: 9 × 9", ""), ("w, 3 × 3, turned", ""), ("y", "y, 7 × 7")],
    "maximum": [("x, 6 × 6, padded: 8 × 8", ""), ("max of 2 × 2", ""), ("y", "y, 4 × 4")],
    "mean": [("x, 7 × 7", ""), ("mean of 2 × 2", ""), ("y", "y, 3 × 3")],
}


@pytest.mark.parametrize("name", TITLES)
def test_a_map_says_what_it_is_and_its_size_and_a_result_once_it_is_there(name: str) -> None:
    _, lattice = drawn(SCENES[name])
    assert [(grid.title, grid.ended) for grid in lattice.grids] == TITLES[name]


def test_maps_of_several_channels_are_named_as_the_program_indexes_them() -> None:
    _, lattice = drawn(SCENES["groups"])
    titles = [grid.title.partition(", ")[0] for grid in lattice.grids]
    assert [grid.title.split("]")[0] + "]" for grid in grids(lattice, "window")] == [f"w[{i}, 0]" for i in range(4)]
    assert [title for title in titles if title.startswith("x")] == ["x[0]", "x[1]"]
    assert [title for title in titles if title.startswith("y")] == ["y[0]", "y[1]", "y[2]", "y[3]"]


# All of them


@settings(max_examples=40)
@given(
    conv=convs(), direction=st.sampled_from(["forward", "input", "weight"]), layout=st.sampled_from(["flat", "space"])
)
def test_any_layer_is_drawn(conv: Conv, direction: str, layout: str) -> None:
    config = WindowConfig(layer=conv, direction=direction, image="digits", kernel="random", bias=0.5)
    slide, lattice = drawn(config, layout)
    numbers = values(lattice)
    _, ground, window = lattice.links.T
    np.testing.assert_array_equal(numbers[ground] * numbers[window], slide.product)
    keys = [grid.key for grid in lattice.grids]
    assert len(set(keys)) == len(keys)
    assert torch.isfinite(torch.tensor(numbers)).all()


def test_a_layer_whose_padding_cuts_off_all_of_its_input_is_drawn() -> None:
    conv = Conv(
        size=(1, 1), kernel=(1, 1), stride=(3, 3), padding=1, output_padding=(2, 2), transposed=True, in_channels=2
    )
    _, lattice = drawn(WindowConfig(layer=conv))
    assert [grid.title.partition("]")[0] for grid in grids(lattice, "ground")] == ["x[0", "x[1"]
    assert not any(name.startswith("x[") for name in told(lattice, "ground", "names"))


def test_max_poolings_gradient_shows_which_cells_of_the_input_were_the_largest() -> None:
    config = WindowConfig(layer=Pool(size=(6, 6)), direction="input", image="digits")
    _, lattice = drawn(config, "flat")
    x = lattice.grids[-1].values
    assert np.array_equal(x, operands(config).x[0].numpy())
    won = np.isfinite(lattice.grids[-1].shade)
    windows = x.reshape(3, 2, 3, 2).swapaxes(1, 2).reshape(9, 4)
    coloured = won.reshape(3, 2, 3, 2).swapaxes(1, 2).reshape(9, 4)
    assert coloured.sum(axis=1).tolist() == [1] * 9
    assert np.array_equal(coloured.argmax(axis=1), windows.argmax(axis=1))  # the first of equal ones
    gradient, first = slid(config).result[0], sum(grid.values.size for grid in lattice.grids[:-1])
    linked = np.unique(lattice.links[:, 3][lattice.links[:, 3] >= 0]) - first
    assert set(linked) == set(np.flatnonzero(won)) >= set(np.flatnonzero(gradient))
