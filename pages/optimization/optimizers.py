"""The lesson on optimizers: update rules race down one loss surface, from one start."""

from typing import Any

import streamlit as st

from dlcore.figures import basins
from dlcore.figures import race as stages
from dlcore.figures.landscape import Landscape
from dlcore.figures.stage import deflated
from dlcore.lessons import Lesson
from dlcore.topics import stability
from dlcore.topics.arrows import LAYERS
from dlcore.topics.batches import batch_race
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.landscape import height_map
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.rates import Sweep, lowest_loss, sweep
from dlcore.ui import descent_rail, descent_text, lesson, live
from dlcore.ui.player import player

LESSON = Lesson(
    slug="optimizers",
    part="optimization",
    title="Optimizers",
    promise="Release several optimizers at one point of a loss surface: see which arrives, which overshoots, and why.",
    keywords=(
        "gradient descent",
        "SGD",
        "momentum",
        "Nesterov",
        "AdaGrad",
        "RMSProp",
        "Adam",
        "learning rate",
        "saddle",
    ),
)
VIEWS = {"race": "Race", "rates": "Learning rates", "basins": "Basins", "stability": "Stability"}


@st.cache_data(max_entries=100, show_spinner=False)
def traced(config: RaceConfig) -> RaceTrace:
    return race(config)


@st.cache_data(max_entries=50, show_spinner=False)
def landscape(config: RaceConfig) -> Landscape:
    surface = config.make_surface()
    x, y, z = height_map(surface)
    names = {"minima": surface.minima, "axis_names": surface.axis_names}
    floor = min(lowest_loss(surface), float(z[z == z].min()))
    return Landscape(
        name=f"{surface.name}{surface.bounds}", x=x, y=y, z=z, floor=floor, log=surface.log_colour, **names
    )


@st.cache_data(max_entries=50, show_spinner=False)
def swept(config: RaceConfig) -> Sweep:
    return sweep(config)


@st.cache_data(max_entries=100, show_spinner=False)
def race_stage(config: RaceConfig, layers: tuple[str, ...], against: str, compare: str) -> bytes:
    land = landscape(config)
    if compare == "batches":
        return deflated(stages.batch_stage(config, batch_race(config), land))
    trace = traced(config)
    sharpness = stability.sharpness(config.make_surface(), trace.w)
    return deflated(stages.race_stage(config, trace, land, sharpness, layers, against))


def rates_used(config: RaceConfig) -> dict[str, float]:
    """The first learning rate of each optimizer."""
    return {name: float(rate) for name, rate in zip(config.optimizers, traced(config).lr[0], strict=True)}


@st.cache_data(max_entries=50, show_spinner=False)
def other_stage(view: str, config: RaceConfig) -> bytes:
    used = rates_used(config)
    if view == "rates":
        return deflated(stages.rates_stage(config, swept(config), used))
    if view == "basins":
        return deflated(stages.basins_stage(config, landscape(config), used))
    eigenvalues = stability.curvatures(config.make_surface())
    mu = config.hyper_of("momentum")["mu"] if "momentum" in config.optimizers else 0.0
    rates = stability.plane(eigenvalues)
    return deflated(stages.stability_stage(config, traced(config), eigenvalues, rates, min(used.values()), mu))


def read_config(values: dict[str, Any]) -> RaceConfig:
    config = descent_rail.config_of(values)
    landscape(config)  # a formula may parse and still have no value anywhere
    return config


def draw_stage(frame: lesson.Frame, config: RaceConfig, shown: dict[str, Any]) -> None:
    if shown["view"] == "race":
        stage = race_stage(config, shown["layers"], shown["against"], shown["compare"])
    else:
        stage = other_stage(shown["view"], config)
    settings = frame.player_settings()
    if shown["view"] == "basins":
        configs = stages.basin_configs(config, rates_used(config))
        settings |= live.run(frame.controls, basins.frames, configs).settings
    player("optimizers.player", stage, on_pick=descent_rail.pick(frame.controls), **settings)


def render() -> None:
    frame = lesson.open_lesson(LESSON, descent_rail.DEFAULTS, SCENES)
    with frame.rail() as controls:
        values = descent_rail.draw(controls)
    with frame.stage():
        scenes = st.container()
        descent_rail.draw_views(controls, values, VIEWS, LAYERS)
        with scenes:
            frame.choose_scene(values)
        config = frame.settle(lambda: read_config(values), descent_rail.OPENING)
        frame.attempt(lambda: draw_stage(frame, config, values))
    frame.below(descent_text.parts(config, traced(config)))


if __name__ == "__main__":
    render()
