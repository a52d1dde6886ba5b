"""The player alone on an empty page, without Streamlit: gives it stages, and keeps what it says to the page."""

import base64
import json
from typing import Any

import numpy as np
from playwright.sync_api import Page, ViewportSize

from benchmarks._browser import WINDOW, Screen, wait
from dlcore.figures.chart import Chart
from dlcore.figures.notes import Note, NoteEdit, Notes, Program
from dlcore.figures.stage import Plot, Stage, Track, pack
from dlcore.figures.theme import template
from dlcore.ui import server

MOUNT = """async ([module, text]) => {
  const { default: mount } = await import(module);
  const say = (name, value) => window.said.push([name, value]);
  window.home ??= document.body.appendChild(document.createElement("div"));
  window.said ??= [];
  const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  window.stop = mount({ data, parentElement: window.home, setStateValue: say, setTriggerValue: say });
  await window.__descent?.player.queue;
}"""
# Takes the player away and leaves Plotly, which takes seconds to load.
CLEAR = """() => {
  window.stop?.();
  window.home?.remove();
  document.querySelectorAll("style").forEach((style) => style.id || style.remove());
  document.documentElement.removeAttribute("style");
  for (const name of ["stop", "home", "said", "__descent"]) delete window[name];
}"""

PROGRAM = ("optimizer.zero_grad()", "z = w * x; E = z**2 / 2", "E.backward()  # the chain rule", "optimizer.step()")
TURN = 6  # frames of one turn of the loop
LAST = 2 * TURN - 1
KNOWN = 4  # the frame at which ∂E/∂w is
NODES = {"x": (0.0, 0.0), "w": (0.0, 2.0), "z": (1.0, 1.0), "E": (2.0, 1.0)}
WIRES = {"x→z": ("x", "z"), "w→z": ("w", "z"), "z→E": ("z", "E")}


class Solo(Screen):
    """A page that holds nothing but one player; `errors` holds what went wrong in it."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page, url)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{url}/_stcore/health")

    def clear(self, viewport: ViewportSize = WINDOW) -> "Solo":
        """Takes the player away, for the next test."""
        self.page.evaluate(CLEAR)
        self.page.mouse.move(0, 0)
        self.page.set_viewport_size(viewport)
        return self

    def give(self, stage: Stage, **settings: Any) -> "Solo":
        """Hands over a stage as the lesson's page would, and waits until it is drawn."""
        text = json.dumps(settings).encode()
        text += b" " * (-(len(text) + 4) % 8)
        message = len(text).to_bytes(4, "little") + text + pack(stage)
        module = f"/descent/{server.version()}/player/main.js"
        self.page.evaluate(MOUNT, [module, base64.b64encode(message).decode()])
        wait(self.page, "window.__descent")
        return self

    def said(self, name: str) -> list[Any]:
        """What the player has said under this name."""
        return [value for word, value in self.page.evaluate("window.said") if word == name]

    def go(self, k: int) -> "Solo":
        """Steps to frame k; what moves is drawn on the live layer until the reader rests."""
        self.player(f"player.transport.move({k})")
        return self

    def rest(self) -> "Solo":
        """Plotly draws the present frame itself."""
        self.player("player.commit(player.k)")
        wait(self.page, "!document.querySelector('.dp-moving')")
        return self

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the graph lies on the screen."""
        axes = "(({ xaxis, yaxis }) => [xaxis, yaxis])(player.views.get('graph').element._fullLayout)"
        px, py = self.player(f"(([across, down]) => [across.d2p({x}), down.d2p({y})])({axes})")
        box = self.page.locator(".dp-main .nsewdrag").bounding_box()
        assert box is not None
        return box["x"] + px, box["y"] + py


def walk_stage(w: float = 0.5, x: float = 2.0) -> Stage:
    """E = (wx)²/2 walked through twice: z = wx, ∂E/∂z = z, ∂E/∂w = zx."""
    active = ["", "z", "E", "z→E", "w→z", "w"] * 2
    program = Program(key="loop", title="Loop", lines=PROGRAM, active=[0, 1, 1, 2, 2, 3] * 2, wrong=[3])
    items = {key: Note(title=key, lines=[(0, LAST + 1, f"this is {key}")]) for key in (*NODES, *WIRES)}
    items["w"] = Note(
        title="w<sub>1</sub>",
        lines=[(0, KNOWN, "∂E/∂w = ?"), (KNOWN, LAST + 1, f"∂E/∂w = z · x = {w * x * x:g}")],
        edit=NoteEdit(name="w", label="w", values=[(0, LAST + 1, w)]),
        ask=[(1, KNOWN, KNOWN, "w", "∂E/∂w"), (KNOWN + 1, KNOWN + TURN, KNOWN + TURN, "w", "∂E/∂w")],
    )
    notes = Notes(key="rule", title="Chain rule", items=items, active=active)
    falling = Chart([{"type": "scatter", "y": [1, 0]}])
    curve = falling.plot({}, key="training", title="Training", alt="It falls.", area="side")
    return Stage(views=[graph(w, x), program, notes, curve], num_frames=LAST + 1, rate=12, split=1.6)


def graph(w: float, x: float) -> Plot:
    """The network's picture: its wires, its values once they are known, and the two rings."""
    layout = {
        "template": template(),
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "xaxis": {"range": [-0.5, 2.5]},
        "yaxis": {"range": [2.5, -0.5]},
        "dragmode": "pan",
    }
    lines = {key: (*NODES[a], *NODES[b]) for key, (a, b) in WIRES.items()}
    across, down = zip(*(point for line in lines.values() for point in (line[:2], line[2:], (None, None))), strict=True)
    look = {"symbol": "square", "size": 40, "color": "#f5f6f7"}
    traces = [
        {"mode": "lines", "x": across, "y": down, "line": {"color": "#56606b", "width": 1}},
        {"mode": "markers+text", "textposition": "middle center", "marker": look},
        {"mode": "markers", "marker": {"symbol": "square-open", "size": 48, "line": {"width": 3}}},
        {"mode": "lines", "line": {"width": 5}},
    ]
    x_of, y_of = (np.array(column) for column in zip(*NODES.values(), strict=True))
    values = [f"{value:g}" for value in (x, w, w * x, (w * x) ** 2 / 2)]
    data = {"x": x_of, "y": y_of, "start": np.array([0, 0, 1, 2]), "end": np.full(4, LAST + 1), "text": values}
    return Plot(
        key="graph",
        title="Graph",
        figure={"data": [{"type": "scatter", **trace} for trace in traces], "layout": layout},
        tracks=[Track(trace=1, kind="while", data=data)],
        alt="A network of four nodes.",
        keep="graph",
        targets={**NODES, **lines},
        rings=(2, 3),
        turn=True,
    )
