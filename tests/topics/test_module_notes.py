"""Notes on modules show the arrays of the walk, when they are known, and say what is wrong."""

import html
import re
from typing import Any

import numpy as np
import pytest

from dlcore.topics.explanation import UNKNOWN, Explanation
from dlcore.topics.matrices import Sheet, matrix, size
from dlcore.topics.module_notes import explain_modules
from dlcore.topics.module_walk import ModuleWalk
from dlcore.topics.modules import blocks
from dlcore.topics.scalar_net import label
from tests.topics.test_module_walk import NETWORKS, at, walks


def read(table: str) -> np.ndarray:
    """The numbers of a matrix in HTML; NaN for dots."""

    def number(cell: str) -> float:
        plain = re.sub(r"·10<sup>(.*?)</sup>", r"e\1", cell).replace("−", "-")
        return np.nan if plain == "…" else float(plain)

    return np.array([[number(cell) for cell in re.findall("<td>(.*?)</td>", row)] for row in table.split("</tr>")[:-1]])


def tables(line: str) -> list[np.ndarray]:
    return [read(table) for table in re.findall("<table.*?</table>", line)]


def shown(note: Explanation, frame: int) -> list[str]:
    return [line.html for line in note.lines if line.start <= frame < line.end]


def told(walk: ModuleWalk, key: str, phase: str, last: bool = False) -> list[str]:
    """A note's lines at the last frame of a phase, of the first sample or of the last one."""
    frames = [k for k, name in enumerate(walk.phases) if name == phase]
    end = frames[-1] if last else next(k for k in frames if k + 1 not in frames)
    return shown(explain_modules(walk)[key], end)


def starting(lines: list[str], begin: str) -> str:
    (line,) = [line for line in lines if line.startswith(begin)]
    return line


def test_a_matrix_is_read_as_it_was_written() -> None:
    array = np.array([[1.5, -0.25, 0.0], [1e-7, -12345.0, 0.125]])
    np.testing.assert_allclose(read(matrix(array)), array, rtol=5e-3)
    assert read(matrix(np.arange(3.0))).tolist() == [[0], [1], [2]]  # a vector is a column
    assert read(matrix(np.ones((1, 1, 2, 2)))).shape == (2, 2)
    assert read(matrix(np.array(0.5))).tolist() == [[0.5]]
    assert size((1, 5, 5)) == "1×5×5"


@pytest.mark.parametrize(
    ("shape", "written"), [((8, 8), (8, 8)), ((9, 8), (5, 8)), ((1, 25), (1, 5)), ((16, 25), (5, 5))]
)
def test_of_a_large_matrix_a_corner_is_written(shape: tuple[int, int], written: tuple[int, int]) -> None:
    array = np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)
    numbers = read(matrix(array))
    assert numbers.shape == written
    kept = ~np.isnan(numbers)
    corner = array[: min(written[0], shape[0]), : min(written[1], shape[1])]
    np.testing.assert_allclose(numbers[kept], corner[kept], rtol=6e-3)
    assert kept.all() == (shape == written)


def test_a_sheet_tells_arrays_of_the_same_numbers_apart_by_their_shape() -> None:
    sheet = Sheet()
    assert read(sheet.write(np.ones(4))).shape == (4, 1)
    assert read(sheet.write(np.ones((2, 2)))).shape == (2, 2)
    assert sheet.write(np.ones(4)) is sheet.write(np.ones(4))


@pytest.mark.parametrize("fault", ["none", "detach", "no-zero-grad"])
@pytest.mark.parametrize("settings", NETWORKS, ids=lambda s: s["network"])
def test_what_is_not_known_yet_is_said_to_be_so_at_every_frame(settings: dict[str, Any], fault: str) -> None:
    _, walk = walks(**settings, fault=fault)
    notes = explain_modules(walk)
    seen = set()
    for frame in range(walk.num_frames):
        values = at(walk.values, frame)
        sample = next(done for done in walk.passes if done.start <= frame < done.end)
        come = {
            span.key
            for span in walk.gradients
            if sample.start <= span.start <= frame and (span.what.arrived or span.what.total is None)
        }
        for key, block in blocks(walk.links).items():
            lines, name = shown(notes[key], frame), label(key)
            assert (f"{name}: {UNKNOWN}" in lines) == (key not in values)
            if key not in ("E", "y"):
                assert (f"∂E/∂{name}: {UNKNOWN}" in lines) == (key not in come), (frame, key, block)
                seen.add(key in come)
    assert seen == {True, False}


@pytest.mark.parametrize("settings", NETWORKS, ids=lambda s: s["network"])
def test_products_are_written_with_the_walks_arrays(settings: dict[str, Any]) -> None:
    _, walk = walks(**settings)
    for number, link in enumerate(walk.links):
        local = walk.products[0][number]
        lines = told(walk, link.x_in.key, "backward")
        line = next(text for text in lines if text.startswith(f"∂E/∂{label(link.x_in.key)} = <table"))
        row, jacobian, result, *_ = tables(line)
        for written, array in ((row, local.grad_out), (jacobian, local.jacobian), (result, local.grad_in)):
            corner = written[~np.isnan(written).all(axis=1)][:, ~np.isnan(written).all(axis=0)]
            np.testing.assert_allclose(corner, array[: len(corner), : corner.shape[1]], rtol=6e-3, atol=1e-12)
        if link.module.kind == "linear" and link.w:
            lines = told(walk, link.w.key, "backward")
            line = next(text for text in lines if text.startswith(f"∂E/∂{label(link.w.key)} = <table"))
            column, row, result = tables(line)
            np.testing.assert_allclose(column @ row, result, rtol=0.02)
            np.testing.assert_allclose(result, local.grad_w, rtol=6e-3)


def test_the_note_of_a_linear_module_follows_the_loop() -> None:
    _, walk = walks(network="textbook")
    w, x, b, out = tables(starting(told(walk, "F1", "forward"), "X<sub>1</sub> = <table"))
    np.testing.assert_array_equal(w, [[0.15, 0.2], [0.25, 0.3]])
    np.testing.assert_array_equal(x, [[0.05], [0.1]])
    np.testing.assert_array_equal(b, [[0.35], [0.35]])
    np.testing.assert_array_equal(out, [[0.378], [0.392]])  # Mazur: 0.3775, and 0.3925 for the other unit
    backward = told(walk, "F1", "backward")
    assert not any(line.startswith("X<sub>1</sub> = <table") for line in backward)
    assert starting(backward, "∂E/∂b<sub>1</sub> = ∂E").endswith(
        "2 outputs share one bias, so what comes back to them adds up"
    )
    assert tables(starting(backward, "∂E/∂b<sub>1</sub> = <table"))[1].tolist() == [[1], [1]]
    step = told(walk, "F1", "step")
    assert [line.split(":")[0] for line in step].count("step") == 2
    assert not any(line.startswith("torch.autograd") for line in step)


def test_of_a_convolutions_jacobian_the_size_and_the_zeros_are_told() -> None:
    _, walk = walks(network="conv")
    line = starting(told(walk, "X0", "backward"), "∂E/∂X<sub>0</sub> = <table")
    assert "The Jacobian is 16×25: 336 of its 400 entries are 0." in line
    np.testing.assert_allclose(tables(line)[-1], walk.products[0][0].grad_in.reshape(5, 5), rtol=6e-3)
    assert "16 places share one bias" in starting(told(walk, "b1", "backward"), "∂E/∂b<sub>1</sub> = ∂E")


def test_faults_are_told_with_their_numbers() -> None:
    _, walk = walks(fault="detach")
    assert any("Nothing arrives: .grad is None" in line for line in told(walk, "W1", "backward"))
    assert starting(told(walk, "W1", "step"), "step").startswith(
        "step: W<sub>1</sub>.grad is None, so W<sub>1</sub> stays"
    )
    _, walk = walks(fault="no-zero-grad")
    held = starting(told(walk, "W1", "backward", last=True), "W<sub>1</sub>.grad")
    before, now = tables(held)
    local = walk.products[1][0]
    np.testing.assert_allclose(now - before, local.grad_w, rtol=0.02)
    assert "dp-wrong" in held
    _, walk = walks(fault="wrong-sign")
    assert "W<sub>1</sub> + η · W<sub>1</sub>.grad" in starting(told(walk, "W1", "step"), "step")
    _, walk = walks(network="textbook", fault="bias-fan-in")
    assert "b<sub>1</sub> − 2 · η · b<sub>1</sub>.grad" in starting(told(walk, "b1", "step"), "step")
    assert "dp-wrong" in starting(told(walk, "b1", "step"), "step")
    assert "dp-wrong" not in starting(told(walk, "W1", "step"), "step")


def test_the_share_of_a_sample_in_its_batch_is_where_gradients_begin() -> None:
    _, walk = walks(network="mlp", batch_size=4)
    assert "∂E/∂E = 0.25, 1 / batch size: here it begins" in told(walk, "E", "loss")


def test_notes_are_well_formed() -> None:
    for settings in NETWORKS:
        for note in explain_modules(walks(**settings)[1]).values():
            for text in (note.title, *(line.html for line in note.lines)):
                tags = re.findall(r"</?(\w+)", text)
                assert all(text.count(f"<{tag}") == text.count(f"</{tag}>") for tag in tags), text
                assert "nan" not in html.unescape(text).lower()
