"""The stage of the transform: which cells there are, where they lie, what meets what, and what shows when."""

import itertools
from typing import Any

import numpy as np
import pytest

from dlcore.figures.batchnorm import GAP, transform_lattice, transform_stage
from dlcore.figures.lattice import Grid, Lattice
from dlcore.figures.notes import Notes, Program
from dlcore.figures.stage import pack
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_config import MODES, TransformConfig
from dlcore.topics.batchnorm_programs import lines
from dlcore.topics.batchnorm_walk import steps, walk

CASES = list(itertools.product(NORMS, MODES, ("forward", "backward"), (1, 3)))
every = pytest.mark.parametrize(("norm", "mode", "direction", "samples"), CASES)


def lattice_of(**settings: Any) -> Lattice:
    return transform_lattice(walk(TransformConfig(**settings)))


def grids_of(lattice: Lattice, key: str) -> list[Grid]:
    """The pieces of one table."""
    return [grid for grid in lattice.grids if grid.key.rstrip("0123456789") == key]


def boxes(lattice: Lattice, *, narrow: bool) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of every map."""
    corners = [grid.narrow if narrow and grid.narrow else grid.origin for grid in lattice.grids]
    sizes = [grid.values.shape for grid in lattice.grids]
    return [(x, y, x + cols, y + rows) for (x, y), (rows, cols) in zip(corners, sizes, strict=True)]


@every
def test_no_two_maps_overlap(norm: str, mode: str, direction: str, samples: int) -> None:
    lattice = lattice_of(norm=norm, mode=mode, direction=direction, samples=samples)
    for narrow in (False, True):
        for one, other in itertools.combinations(boxes(lattice, narrow=narrow), 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.parametrize("norm", NORMS)
def test_on_a_telephone_cells_are_wide_enough_for_their_numbers(norm: str) -> None:
    right = max(box[2] for box in boxes(lattice_of(norm=norm), narrow=True))
    assert 350 / right > 30  # pixels of a cell


@every
def test_it_packs_and_its_frames_are_its_steps(norm: str, mode: str, direction: str, samples: int) -> None:
    config = TransformConfig(norm=norm, mode=mode, direction=direction, samples=samples)
    stage = transform_stage(walk(config), *lines(config))
    assert pack(stage)
    order = steps(config)
    assert stage.num_frames == len(order)
    lattice, program, notes = stage.views
    assert isinstance(lattice, Lattice)
    assert isinstance(program, Program)
    assert isinstance(notes, Notes)
    assert len(lattice.active) == len(program.active) == len(notes.active) == len(order)
    known = {int(np.max(grid.known)) for grid in lattice.grids if grid.known is not None}
    assert known <= set(range(len(order)))


@pytest.mark.parametrize(
    ("norm", "shapes"),
    [("batch", {(6, 1)}), ("layer", {(1, 4)}), ("group", {(1, 2)})],
)
def test_gaps_run_between_numbers_that_do_not_share_a_mean(norm: str, shapes: set[tuple[int, int]]) -> None:
    lattice = lattice_of(norm=norm)
    for key in ("x", "normal", "y"):
        pieces = grids_of(lattice, key)
        assert {piece.values.shape for piece in pieces} == shapes
        assert sum(piece.values.size for piece in pieces) == 24
    first, second = grids_of(lattice, "x")[:2]
    across = second.origin[0] - first.origin[0] - first.values.shape[1]
    down = second.origin[1] - first.origin[1] - first.values.shape[0]
    assert max(across, down) == pytest.approx(GAP)
    assert len(grids_of(lattice, "mean")) == {"batch": 4, "layer": 6, "group": 12}[norm]


def cells(lattice: Lattice) -> list[str]:
    """What every cell is called, in the lattice's order."""
    return [name for grid in lattice.grids for row in grid.names or [] for name in row]


def met(lattice: Lattice, name: str) -> set[str]:
    """The cells that share a link with this one."""
    names = cells(lattice)
    at = names.index(name)
    linked = lattice.links[(lattice.links == at).any(axis=1)]
    return {names[cell] for cell in linked.ravel() if cell >= 0} - {name}


def test_a_mean_meets_all_that_share_it_and_nothing_else_of_x() -> None:
    inputs = {
        norm: {n for n in met(lattice_of(norm=norm, samples=3), m) if n[0] == "x" and n[1] == "["}
        for norm, m in (("batch", "μ[1]"), ("layer", "μ[1]"), ("group", "μ[1, 0]"))
    }
    assert inputs["batch"] == {"x[0, 1]", "x[1, 1]", "x[2, 1]"}
    assert inputs["layer"] == {"x[1, 0]", "x[1, 1]", "x[1, 2]", "x[1, 3]"}
    assert inputs["group"] == {"x[1, 0]", "x[1, 1]"}


def test_a_number_meets_what_it_is_made_of_and_where_it_goes() -> None:
    lattice = lattice_of(samples=3)
    assert met(lattice, "x̂[2, 1]") == {"x[2, 1]", "μ[1]", "σ²[1]", "γ[1]", "β[1]", "y[2, 1]"}
    assert met(lattice, "μₜ[3]") == {"μ[3]", "σ²[3]", "σ²ₜ[3]"}
    back = lattice_of(samples=3, direction="backward")
    assert met(back, "∂E/∂x[0, 2]") == {"∂E/∂μ[2]", "∂E/∂σ²[2]", "∂E/∂x̂[0, 2]"}


def test_at_test_time_the_running_statistics_stand_for_the_batchs() -> None:
    lattice = lattice_of(mode="eval", samples=3)
    assert "μ[0]" not in cells(lattice)
    assert {"μₜ[1]", "σ²ₜ[1]"} <= met(lattice, "x[0, 1]")
    assert all(np.max(grid.known) == 0 for grid in grids_of(lattice, "running_mean") if grid.known is not None)


def test_what_may_be_changed_is_named_as_edits_name_it() -> None:
    lattice = lattice_of(samples=2, features=2)
    edits = {edit for grid in lattice.grids for row in grid.edits or [] for edit in row}
    assert edits == {f"x{i}.{j}" for i in (0, 1) for j in (0, 1)} | {"gamma0", "gamma1", "beta0", "beta1"}
    back = lattice_of(samples=1, features=2, direction="backward")
    assert {edit for grid in back.grids for row in grid.edits or [] for edit in row} == {"dy0.0", "dy0.1"}


def test_every_cell_has_a_note_of_its_own_that_shows_no_number_too_early() -> None:
    config = TransformConfig()
    lattice, _, notes = transform_stage(walk(config), *lines(config)).views
    assert isinstance(lattice, Lattice)
    assert isinstance(notes, Notes)
    for grid in lattice.grids:
        for row, col in np.ndindex(grid.values.shape):
            note = notes.items[f"{grid.key}.{row}.{col}"]
            assert grid.names is not None
            assert grid.known is not None
            assert note.title == grid.names[row][col]
            assert all(start == grid.known[row, col] for start, _, _ in note.lines)


def test_torchs_refusal_is_the_stages_note() -> None:
    config = TransformConfig(samples=1)
    stage = transform_stage(walk(config), *lines(config))
    assert "Expected more than 1 value per channel when training" in stage.note
