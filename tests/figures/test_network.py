"""A network on its way to the player: its arrays by layer, its points, its colours; and what does not fit together."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.figures.network import CLASSES, Layer, Network, Panel, Pictures, Points
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Stage, pack, pack_chunk
from dlcore.figures.theme import PALETTE, dark_partners
from tests.figures.test_stage import read

FRAMES, SIZE = 3, 4
RANDOM = np.random.default_rng(0)


def weights(to: int, before: int) -> np.ndarray:
    return RANDOM.normal(size=(FRAMES, to, before)).astype(np.float32)


def maps(shown: int) -> np.ndarray:
    return RANDOM.integers(1, 256, (FRAMES, shown, SIZE, SIZE)).astype(np.uint8)


def panel(**more: Any) -> Panel:
    """Two inputs, 3 units, 20 units of which 2 are shown, one output."""
    layers = [
        Layer(width=3, shown=3, weights=weights(3, 2), biases=RANDOM.normal(size=(FRAMES, 3)), maps=maps(3)),
        Layer(width=20, shown=2, weights=weights(2, 3), maps=maps(2), masks=np.ones((FRAMES, 2), np.uint8)),
    ]
    output = Layer(width=1, shown=1, weights=weights(1, 2))
    given = {"title": "A", "inputs": ["x", "y"], "layers": layers, "output": output, "class_names": ["0", "1"], **more}
    return Panel(**given)


def sent(*panels: Panel) -> dict[str, Any]:
    """A network as the player reads it."""
    network = Network(key="net", title="Network", panels=panels, alt="A network.", keep="moons")
    return read(pack(Stage(views=[network], num_frames=FRAMES)))["views"][0]


def test_a_network_travels_with_what_it_is_called():
    view = sent(panel(key="a", edits=True), panel(title="B"))
    assert (view["type"], view["key"], view["area"], view["alt"], view["keep"]) == (
        "network",
        "net",
        "main",
        "A network.",
        "moons",
    )
    assert [(one["title"], one["key"], one["edits"], one["shapes"]) for one in view["panels"]] == [
        ("A", "a", True, False),
        ("B", "", False, False),
    ]


def test_every_layer_keeps_its_own_arrays():
    given = panel()
    (told,) = sent(given)["panels"]
    for layer, arrived in zip([*given.layers, given.output], [*told["layers"], told["output"]], strict=True):
        assert (arrived["width"], arrived["shown"]) == (layer.width, layer.shown)
        assert np.asarray(arrived["weights"]) == pytest.approx(np.asarray(layer.weights))
    assert np.array_equal(told["layers"][0]["maps"], np.asarray(given.layers[0].maps))
    assert told["layers"][0]["masks"] is None
    assert np.array_equal(told["layers"][1]["masks"], np.ones((FRAMES, 2)))


def test_points_travel_as_numbers_and_their_kinds():
    points = Points(at=np.array([[0.5, -1], [2, 3]]), labels=np.array([0, 1]), kinds=np.array([1, 2]))
    assert sent(panel(points=points))["panels"][0]["points"] == {
        "at": [[0.5, -1], [2, 3]],
        "labels": [0, 1],
        "kinds": [1, 2],
    }


def test_pictures_travel_with_their_answers():
    images = RANDOM.integers(0, 256, (5, 8, 8)).astype(np.uint8)
    answers = RANDOM.integers(0, 10, (FRAMES, 5)).astype(np.uint8)
    told = sent(panel(pictures=Pictures(images=images, labels=np.arange(5), answers=answers)))["panels"][0]["pictures"]
    assert np.array_equal(told["images"], images)
    assert np.array_equal(told["answers"], answers)
    assert told["labels"] == [0, 1, 2, 3, 4]


def test_what_two_networks_share_travels_once():
    points = Points(at=RANDOM.normal(size=(400, 2)), labels=np.zeros(400, int), kinds=np.zeros(400, int))
    surface = RANDOM.integers(0, 256, (FRAMES, 1, 60, 60)).astype(np.uint8)
    given = panel(points=points, surface=surface)

    def size(*panels: Panel) -> int:
        return len(pack(Stage(views=[Network(key="net", title="Network", panels=panels)])))

    assert size(given, replace(given, title="B")) < size(given) + surface.nbytes / 2


def test_a_live_network_has_the_shapes_of_what_will_come():
    live = Pending(name="a.weights", shape=(FRAMES, 1, 2), dtype="float32")
    view = sent(panel(output=Layer(width=1, shown=1, weights=live)))
    assert view["panels"][0]["output"]["weights"] == {
        "dtype": "float32",
        "shape": [FRAMES, 1, 2],
        "pending": "a.weights",
    }
    body = pack_chunk(0, {"a.weights": weights(1, 2)})[4:]
    assert read(body)["pending"]["a.weights"].shape == (FRAMES, 1, 2)


@pytest.mark.parametrize("name", ["weights", "biases", "maps", "scales", "masks", "shares"])
def test_an_array_that_does_not_fit_its_layer_is_named(name: str):
    broken = Layer(**{"width": 1, "shown": 1, "weights": weights(1, 2), name: np.zeros((FRAMES, 5, 2))})
    with pytest.raises(ValueError, match=rf"A, layer 3: {name} is \(3, 5, 2\)"):
        sent(panel(output=broken))


def test_weights_of_a_wide_layer_are_those_of_the_units_before_it_that_are_shown():
    with pytest.raises(ValueError, match="layer 3: weights"):
        sent(panel(output=Layer(width=1, shown=1, weights=weights(1, 20))))


def test_every_colour_is_one_of_the_palette_and_has_a_dark_partner():
    view = sent(panel())
    assert view["classes"] == [PALETTE[name][0] for name in CLASSES]
    assert {*view["classes"], *view["colours"].values()} <= set(dark_partners())
    assert {name: PALETTE[name][0] for name in view["colours"]} == view["colours"]
