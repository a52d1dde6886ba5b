"""The lesson on optimizers: update rules race down one loss surface, from one start."""

from typing import Any

import streamlit as st

from dlcore.figures import optimizers as figures
from dlcore.figures.stage import Equations, Stage, pack
from dlcore.lessons import Lesson
from dlcore.topics import arrows, equations, stability
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.landscape import height_map
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.rates import lowest_loss
from dlcore.topics.schedules import SCHEDULES
from dlcore.topics.surfaces import SURFACES
from dlcore.ui import hypers, lesson
from dlcore.ui.controls import Controls
from dlcore.ui.player import player

LESSON = Lesson(
    slug="optimizers",
    part="optimization",
    title="Optimizers",
    promise="Release several optimizers at one point of a loss surface: see which arrives, which overshoots, and why.",
    keywords=("gradient descent", "SGD", "momentum", "Nesterov", "AdaGrad", "RMSProp", "Adam", "learning rate", "saddle"),
)
OPENING = RaceConfig()
RATES = {"same": "same η", "own": "own η", "best": "best η each"}
BATCHES = {0: "all", 1: "1", 2: "2", 4: "4", 8: "8", 16: "16", 32: "32", 64: "64", 128: "128", 256: "256"}
DEFAULTS: dict[str, Any] = {
    **{name: getattr(OPENING, name) for name in OPENING.__dataclass_fields__ if name != "hyper"},
    **hypers.defaults(),
    **{f"{name}.lr": OPENING.lr for name in OPTIMIZERS},
    "layers": (),
    "against": "step",
    "step": 0,
}


@st.cache_data(max_entries=100, show_spinner=False)
def traced(config: RaceConfig) -> RaceTrace:
    return race(config)


@st.cache_data(max_entries=50, show_spinner=False)
def landscape(config: RaceConfig) -> figures.Landscape:
    surface = config.make_surface()
    x, y, z = height_map(surface)
    floor = lowest_loss(surface)
    return figures.Landscape(
        name=f"{surface.name}-{surface.bounds}",
        x=x, y=y, z=z, floor=floor, log=surface.log_colour, minima=surface.minima, axis_names=surface.axis_names,
    )  # fmt: skip


@st.cache_data(max_entries=100, show_spinner=False)
def race_stage(config: RaceConfig, layers: tuple[str, ...], against: str) -> bytes:
    trace, land = traced(config), landscape(config)
    surface = config.make_surface()
    paths = figures.Paths(
        styles=[figures.optimizer_style(name) for name in trace.optimizers],
        titles=[OPTIMIZERS[name].title for name in trace.optimizers],
        w=trace.w,
        loss=trace.loss,
        distance=trace.distance,
        across=trace.samples if against == "samples" else trace.steps,
        across_title="samples seen" if against == "samples" else "step",
        vectors={layer: arrows.displacements(config, trace, layer) for layer in layers},
    )
    limit = stability.highest_rate(stability.sharpness(surface, trace.w))
    notes = {
        trace.optimizers.index(name): f"diverged at step {step}: {what} first"
        for name, (step, what) in trace.diverged.items()
    }
    table = Equations(
        key="equations",
        title="Equations",
        rows=[
            (title, figures.optimizer_style(name).colour, equations.equations(config, name))
            for name, title in zip(trace.optimizers, paths.titles, strict=True)
        ],
        values=[equations.substitutions(config, trace, name) for name in trace.optimizers],
    )
    views = [
        figures.path_on_contour(land, paths),
        figures.loss_and_distance(land, paths),
        figures.path_on_surface(land, paths),
        table,
        figures.sharpness_against_rate(paths, limit, trace.lr),
    ]
    stage = Stage(views=views, num_frames=len(trace.steps), readouts=figures.readouts(paths, land, notes), file_name="optimizers")
    return pack(stage)


def read_controls(c: Controls) -> tuple[RaceConfig, dict[str, Any]]:
    values: dict[str, Any] = {}
    values["surface"] = c.choice("surface", "Surface", {name: name for name in SURFACES})
    if values["surface"] == "quadratic":
        values["condition"] = c.slider("condition", "Condition number κ", 1.0, 100.0, 1.0)
    if values["surface"] == "formula":
        values["formula"] = c.text("formula", "f(x, y)", max_chars=200)
    left, right = st.columns(2)
    with left:
        values["x0"] = c.number("x0", "Start x", -1000.0, 1000.0, 0.1)
    with right:
        values["y0"] = c.number("y0", "Start y", -1000.0, 1000.0, 0.1)
    titles = {name: rule.title for name, rule in OPTIMIZERS.items()}
    values["optimizers"] = c.pills("optimizers", "Optimizers", titles)
    values["rates"] = c.segmented("rates", "Learning rates", RATES)
    if values["rates"] == "same":
        values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 10.0)
    values["num_steps"] = c.slider("num_steps", "Steps", 10, 1000, 10)
    layers = c.pills("layers", "Arrows", arrows.LAYERS)
    with st.popover("Hyper-parameters", width="stretch"):
        values["hyper"] = hypers.controls(c, values["optimizers"], values["rates"] == "own")
    c.number("step", "Step", 0, 1000, 1)
    return RaceConfig(**values), {**values, **dict(values.pop("hyper", ())), "layers": layers}


def render() -> None:
    frame = lesson.open_lesson(LESSON, DEFAULTS, ())
    with frame.rail() as c:
        config, present = read_controls(c)
    with frame.stage():
        player("optimizers.player", race_stage(config, present["layers"], "step"), step=0, autoplay=True, restart=0, lecture=False,
               on_step=lambda k: c.set(step=k), on_pick=lambda x, y: c.set(x0=round(x, 3), y0=round(y, 3)))


if __name__ == "__main__":
    render()
