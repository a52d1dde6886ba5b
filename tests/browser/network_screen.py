"""Small networks alone on a page, and what one sees of them: units, links, the large map, what is painted."""

import itertools
from typing import Any

import numpy as np

from dlcore.figures.network import Layer, Network, Panel, Pictures, Points
from dlcore.figures.stage import Stage
from dlcore.figures.theme import PALETTE
from tests.browser.solo import Solo

FRAMES = 5
SIZE, SURFACE = 24, 60
REACH = 2.0
SIGNS = ["activation-positive", "activation-negative"]
MOST = 8  # shown units of a layer
GROWTH = np.linspace(0.3, 1.6, FRAMES)  # of all weights, from frame to frame

# Of every link: its colour, width, dashes, and whether it is hidden.
LINKS = """(all) => all.map((one) => [one.getAttribute("stroke"), Number(one.getAttribute("stroke-width")),
  one.getAttribute("stroke-dasharray"), one.style.display])"""

# Colour of the canvas at a point of the page: [r, g, b, a].
COLOUR = """([x, y]) => {
  const canvas = document.querySelector(".dp-network canvas");
  const { left, top, width } = canvas.getBoundingClientRect();
  const scale = canvas.width / width;
  return [...canvas.getContext("2d").getImageData((x - left) * scale, (y - top) * scale, 1, 1).data];
}"""


def plane(size: int) -> np.ndarray:
    """Points (size · size, 2) of the square, the lowest row first."""
    axis = np.linspace(-REACH, REACH, size)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return np.stack([x.ravel(), y.ravel()], axis=1)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Activations from −1 to 1 as a map has them."""
    return np.round(128 + 127 * values).astype(np.uint8)


def network_panel(widths: list[int], *, outputs: int = 1, seed: int = 0, **more: Any) -> Panel:
    """A tanh network over the plane whose weights grow from frame to frame, and the maps that belong to them."""
    rng = np.random.default_rng(seed)
    shown = [2, *(min(width, MOST) for width in widths), outputs]
    parts = [(2 * rng.normal(size=(b, a)) / np.sqrt(a), rng.normal(size=b)) for a, b in itertools.pairwise(shown)]
    *small, _ = answers(parts, SIZE)
    logits = answers(parts, SURFACE)[-1]
    hidden = [
        Layer(width=width, shown=weight.shape[0], maps=as_bytes(values), **growing(weight, bias))
        for width, (weight, bias), values in zip(widths, parts, small, strict=False)
    ]
    given = {
        "title": "A: plain",
        "inputs": ["x", "y"],
        "layers": hidden,
        "output": Layer(width=outputs, shown=outputs, **growing(*parts[-1])),
        "class_names": ["class 0", "class 1"] if outputs == 1 else [str(number) for number in range(outputs)],
        "input_maps": as_bytes(plane(SIZE).T.reshape(2, SIZE, SIZE) / REACH),
        "input_scales": [REACH, REACH],
        "surface": np.round(255 * chances(logits)).astype(np.uint8),
        "reach": REACH,
        "points": some_points(rng, max(2, outputs)),
    }
    return Panel(**{**given, **more})


def growing(weight: np.ndarray, bias: np.ndarray) -> dict[str, Any]:
    """The weights and biases of a layer in every frame."""
    return {
        "weights": (GROWTH[:, None, None] * weight).astype(np.float32),
        "biases": (GROWTH[:, None] * bias).astype(np.float32),
    }


def answers(parts: list[tuple[np.ndarray, np.ndarray]], size: int) -> list[np.ndarray]:
    """What every layer gives on the plane in every frame, (frames, units, size, size) each; the logits last."""
    values = np.tile(plane(size), (FRAMES, 1, 1))
    layers = []
    for number, (weight, bias) in enumerate(parts, start=1):
        values = GROWTH[:, None, None] * (values @ weight.T + bias)
        if number < len(parts):
            values = np.tanh(values)
        layers.append(values.transpose(0, 2, 1).reshape(FRAMES, -1, size, size))
    return layers


def chances(logits: np.ndarray) -> np.ndarray:
    if logits.shape[1] == 1:
        return 1 / (1 + np.exp(-2 * logits))
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def some_points(rng: np.random.Generator, classes: int) -> Points:
    """For every class, of every kind."""
    kinds = rng.choice([0, 0, 0, 1, 2], 160)
    return Points(at=rng.uniform(-REACH, REACH, (160, 2)), labels=rng.integers(0, classes, 160), kinds=kinds)


def digits_panel(count: int = 25, seed: int = 0, **more: Any) -> Panel:
    """A network for pictures: its first layer shows its weights, and more of its answers are right in every frame."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    wrong = rng.uniform(size=(FRAMES, count)) > np.linspace(0.2, 0.9, FRAMES)[:, None]
    axis = np.arange(8)
    images = np.stack([255 * (abs(axis[:, None] - 3.5) + abs(axis - label % 8) < 3) for label in labels]).astype(
        np.uint8
    )
    filters = rng.integers(40, 216, (FRAMES, 8, 8, 8)).astype(np.uint8)

    def links(to: int) -> np.ndarray:
        return rng.normal(size=(FRAMES, to, 8)).astype(np.float32) / 16

    given = {
        "title": "A: plain",
        "inputs": ["8 × 8 pixels"],
        "layers": [
            Layer(width=256, shown=8, weights=None, maps=filters, holds="weights"),
            Layer(width=256, shown=8, weights=links(8)),
        ],
        "output": Layer(width=10, shown=10, weights=links(10)),
        "class_names": [str(digit) for digit in range(10)],
        "input_maps": images[3:4],
        "pictures": Pictures(images=images, labels=labels, answers=np.where(wrong, (labels + 3) % 10, labels)),
    }
    return Panel(**{**given, **more})


def network_stage(*panels: Panel) -> Stage:
    network = Network(key="network", title="Network", panels=panels, alt="A small network.", keep="network")
    return Stage(views=[network], num_frames=FRAMES, rate=4, file_name="network")


def seen(solo: Solo, expression: str) -> Any:
    """The value of a JavaScript expression over the view and its places."""
    view = "window.__descent.player.views.get('network')"
    return solo.page.evaluate(f"(() => {{ const view = {view}; const {{ places }} = view; return {expression}; }})()")


def corner(solo: Solo) -> tuple[float, float]:
    """Where the picture begins on the page."""
    box = solo.page.locator(".dp-network svg").bounding_box()
    assert box is not None
    return box["x"], box["y"]


def node(solo: Solo, panel: int, column: int, index: int) -> tuple[float, float]:
    """The middle of a unit on the page; column 0 holds the inputs."""
    x, y = seen(solo, f"(({{ x, y }}) => [x, y])(places[{panel}].columns[{column}][{index}])")
    left, top = corner(solo)
    return left + x, top + y


def link(solo: Solo, panel: int, column: int, to: int, origin: int) -> tuple[float, float]:
    """A point of a link on the page, nearer to where it ends."""
    path = solo.page.locator(f"[data-panel='{panel}'] .dp-link").nth(
        seen(solo, f"view.nets[{panel}].links().findIndex((one) => `${{one}}` === '{column},{to},{origin}')")
    )
    x, y = path.evaluate("(path) => (({ x, y }) => [x, y])(path.getPointAtLength(0.7 * path.getTotalLength()))")
    left, top = corner(solo)
    return left + x, top + y


def surface(solo: Solo, panel: int) -> tuple[float, float, float]:
    """Left, top and side of the large map on the page."""
    x, y, size = seen(solo, f"(({{ x, y, size }}) => [x, y, size])(places[{panel}].surface)")
    left, top = corner(solo)
    return left + x, top + y, size


def colour(solo: Solo, at: tuple[float, float]) -> list[int]:
    """What is painted there, [r, g, b, a]."""
    return solo.page.evaluate(COLOUR, at)


def caption(solo: Solo, panel: int = 0) -> str:
    """What stands above the large map."""
    return solo.page.locator(f"[data-panel='{panel}'] .dp-surface-name").inner_html()


def links(solo: Solo, panel: int = 0) -> list[list[Any]]:
    """Of every link its colour, width, dashes, and how it is displayed."""
    return solo.page.locator(f"[data-panel='{panel}'] .dp-link").evaluate_all(LINKS)


def words(solo: Solo) -> list[str]:
    """All that is written in the picture."""
    return solo.page.locator(".dp-network svg text").evaluate_all("(all) => all.map((one) => one.textContent)")


def channels(hue: str) -> np.ndarray:
    return np.array([int(hue[i : i + 2], 16) for i in (1, 3, 5)])


def looks_like(painted: list[int], meanings: list[str], theme: int = 0) -> str:
    """Which of these meanings' hues, mixed with some ground, comes nearest to what is painted."""
    ground = channels(PALETTE["ground"][theme])
    away = np.array(painted[:3]) - ground

    def turn(meaning: str) -> float:
        hue = channels(PALETTE[meaning][theme]) - ground
        return float(away @ hue / (np.linalg.norm(away) * np.linalg.norm(hue) + 1e-9))

    return max(meanings, key=turn)
