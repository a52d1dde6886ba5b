"""The picture of modules shows arrays by their shapes, and everything in it has a note."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.drawing import Drawing, Shown
from dlcore.figures.modules import chain_places, module_drawing, module_stage
from dlcore.figures.notes import Notes, Program
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.module_walk import ModuleWalk, record_modules
from dlcore.topics.networks import build
from dlcore.topics.recorder import record
from dlcore.topics.timeline import train

NETWORKS: list[dict[str, Any]] = [
    {"network": "neuron"},
    {"network": "textbook"},
    {"network": "softmax"},
    {"network": "conv"},
    *({"network": "mlp", "shape": shape} for shape in ((1,), (3, 2), (2, 2, 2), (6, 6, 6, 6))),
]
MOST_COLUMNS = 12


def made(**settings: Any) -> tuple[ModuleWalk, Stage]:
    config = BackpropConfig(**settings)
    net = build(config)
    training = train(config, net, 2)
    walk = record(config, net, training)
    return record_modules(walk), module_stage(walk, training)


def at(items: Any, frame: int) -> dict[str, Shown]:
    found = [shown for shown in items if shown.start <= frame < shown.end]
    assert len(found) == len({shown.key for shown in found})
    return {shown.key: shown for shown in found}


def view(stage: Stage, kind: type) -> Any:
    return next(item for item in stage.views if isinstance(item, kind))


@pytest.mark.parametrize("settings", NETWORKS, ids=str)
def test_every_place_is_free_and_every_wire_joins_two(settings: dict[str, Any]) -> None:
    walk, _ = made(**settings)
    drawing, places = module_drawing(walk), chain_places(walk.links)
    assert len(set(places.values())) == len(places) == len(drawing.nodes)
    assert {node.key: (node.x, node.y) for node in drawing.nodes} == places
    for wire in drawing.wires:
        source, target = wire.key.split("→")
        assert (wire.points[0], wire.points[-1]) == (places[source], places[target])
    columns = [x for x, _ in places.values()]
    assert max(columns) - min(columns) < MOST_COLUMNS


@pytest.mark.parametrize("settings", NETWORKS, ids=str)
def test_the_chain_is_read_from_left_to_right_with_parameters_below(settings: dict[str, Any]) -> None:
    walk, _ = made(**settings)
    places = chain_places(walk.links)
    for link in walk.links:
        (x, row), here = places[link.x_in.key], places[link.key]
        assert here == (x + 1, row)
        assert places[link.x_out.key] in ((x + 2, row), (0, places[link.x_out.key][1]))
        for block in link.leaves:
            assert places[block.key][1] > row
            assert abs(places[block.key][0] - here[0]) < 1


@pytest.mark.parametrize("settings", NETWORKS, ids=str)
def test_all_that_is_drawn_or_happens_has_a_note(settings: dict[str, Any]) -> None:
    walk, stage = made(**settings)
    graph, notes, loop = (view(stage, kind) for kind in (Plot, Notes, Program))
    assert set(graph.targets) == set(notes.items)
    assert set(notes.active) - {""} <= set(notes.items)
    assert len(notes.active) == len(loop.active) == stage.num_frames == walk.num_frames
    assert all(note.lines for note in notes.items.values())
    assert len(pack(stage)) < 2**20


def test_boxes_show_shapes_when_they_are_known() -> None:
    walk, _ = made(network="mlp", shape=(3, 2))
    drawing = module_drawing(walk)
    first = at(drawing.values, 0)
    assert {key: shown.text for key, shown in first.items() if key[0] != "F"} == {
        "X0": "2",
        "y": "1",
        "W1": "3×2",
        "b1": "3",
        "W3": "2×3",
        "b3": "2",
        "W5": "1×2",
        "b5": "1",
    }
    loss = at(drawing.values, walk.phases.index("loss"))
    assert [loss[f"X{i}"].text for i in range(7)] == ["2", "3", "3", "2", "2", "1", "1"]
    assert float(loss["E"].text) == pytest.approx(walk.products[0][-1].x_out, rel=5e-3)
    assert loss["F1"].text == "F<sub>1</sub>"


def test_an_image_has_the_shape_that_torch_gives_it_and_a_row_for_its_gradient() -> None:
    walk, _ = made(network="conv")
    drawing, step = module_drawing(walk), walk.phases.index("step")
    values, grads = at(drawing.values, step), at(drawing.grads, step)
    assert [values[key].text for key in ("X0", "X1", "W1", "b1")] == ["1×5×5", "1×4×4", "1×1×2×2", "1"]
    assert [grads[key].text for key in ("X0", "X1", "W1", "b1")] == ["1×25", "1×16", "1×1×2×2", "1×1"]


@pytest.mark.parametrize("settings", NETWORKS, ids=str)
def test_gradients_are_question_marks_until_they_come(settings: dict[str, Any]) -> None:
    walk, _ = made(**settings)
    drawing = module_drawing(walk)
    blocks = {link.x_in.key for link in walk.links} | {"E"}
    blocks |= {block.key for link in walk.links for block in link.learning}
    before, after = at(drawing.grads, walk.phases.index("loss")), at(drawing.grads, walk.phases.index("step"))
    assert before.keys() == after.keys() == blocks
    assert {shown.text for shown in before.values()} == {"?"}
    assert "?" not in {shown.text for shown in after.values()}
    assert not any(shown.wrong for shown in (*drawing.grads, *drawing.values))


def test_shades_are_sizes_and_grow_with_them() -> None:
    walk, _ = made(network="conv")
    drawing = module_drawing(walk)
    shown = at(drawing.values, walk.num_frames - 1)
    image, kernel = (walk.arrays["values", key, 0] for key in ("X0", "W1"))
    root = [np.sqrt(np.mean(array**2)) for array in (image, kernel)]
    shades = [shown[key].shade or 0 for key in ("X0", "W1")]
    assert (root[0] > root[1]) == (shades[0] > shades[1])
    assert all(0 <= (item.shade or 0) <= 1 for item in (*drawing.values, *drawing.grads, *drawing.sent))


def marked(drawing: Drawing, frame: int) -> set[str]:
    return {
        shown.key for shown in (*at(drawing.values, frame).values(), *at(drawing.grads, frame).values()) if shown.wrong
    }


def test_faults_mark_what_they_spoil() -> None:
    walk, _ = made(network="textbook", fault="detach")
    drawing, step = module_drawing(walk), walk.phases.index("step")
    assert {key for key, shown in at(drawing.grads, step).items() if shown.text == "None"} == {
        "X0",
        "X1",
        "X2",
        "W1",
        "b1",
    }
    walk, _ = made(network="textbook", fault="bias-fan-in")
    assert marked(module_drawing(walk), walk.num_frames - 1) == {"b1", "b3"}
    walk, _ = made(network="textbook", fault="no-zero-grad")
    assert marked(module_drawing(walk), walk.updates.index(1) - 1) == set()
    assert marked(module_drawing(walk), walk.num_frames - 1) == {"W1", "b1", "W3", "b3"}
