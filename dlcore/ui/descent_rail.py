"""The control rail of the lesson on optimizers: every setting of a race, in the order in which one touches them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import streamlit as st

from dlcore.topics.descent import RaceConfig
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.ui import hypers, seeds
from dlcore.ui.controls import Controls

SURFACE_TITLES = {
    "quadratic": "Elongated quadratic",
    "rosenbrock": "Rosenbrock's valley",
    "beale": "Beale",
    "himmelblau": "Himmelblau",
    "saddle": "Saddle",
    "rastrigin": "Rastrigin",
    "ackley": "Ackley",
    "camel": "Six-hump camel",
    "cliff": "Cliff",
    "plateau": "Plateau",
    "least-squares": "Real: fit a line (diabetes)",
    "logistic": "Real: classify (breast cancer)",
    "formula": "Your own formula",
}
REAL = ("least-squares", "logistic")
RATES = {"same": "same η", "own": "own η", "best": "best η"}
BATCHES = {size: str(size) if size else "all" for size in (1, 2, 4, 8, 16, 32, 64, 128, 256, 0)}
SCHEDULE_TITLES = {
    "constant": "constant",
    "step": "step: κ^⌊t/s⌋",
    "exponential": "exponential: e^(−κt)",
    "time-based": "time-based: 1/(1 + κt)",
    "cosine": "cosine",
    "warm-restarts": "warm restarts",
}
TABS = {"curves": "curves", "surface": "surface", "equations": "equations", "sharpness": "sharpness"}
OPENING = RaceConfig()
FIELDS = tuple(field.name for field in fields(RaceConfig) if field.name != "hyper")
DEFAULTS: dict[str, Any] = {
    **{name: getattr(OPENING, name) for name in FIELDS},
    **hypers.defaults(),
    **{f"{name}.lr": OPENING.lr for name in OPTIMIZERS},
    "view": "race",
    "layers": (),
    "against": "step",
    "compare": "optimizers",
    "step": 0,
    "tab": "curves",
    "below": "Why it happens",
}


def draw(c: Controls) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name, hyper-parameters as "<optimizer>.<setting>"."""
    values: dict[str, Any] = {**DEFAULTS}
    values["surface"] = c.choice("surface", "Surface", SURFACE_TITLES, on_change=_move_to_surface, args=(c,))
    _surface_settings(c, values)
    left, right = st.columns(2)
    with left:
        values["x0"] = c.number("x0", "Start x", -1000.0, 1000.0, 0.1)
    with right:
        values["y0"] = c.number("y0", "Start y", -1000.0, 1000.0, 0.1)
    values["optimizers"] = c.pills("optimizers", "Optimizers", {name: rule.title for name, rule in OPTIMIZERS.items()})
    values["rates"] = c.segmented("rates", "Learning rates", RATES)
    if values["rates"] == "same":
        values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 10.0)
    values["num_steps"] = c.slider("num_steps", "Steps", 10, 1000, 10)
    with st.popover("Hyper-parameters", width="stretch"):
        values |= hypers.controls(c, values["optimizers"], values["rates"] == "own")
    with st.popover("Schedule, clipping, noise", width="stretch"):
        _extras(c, values)
    values["seed"] = seeds.row(c)
    c.number("step", "Step", 0, 1000, 1)
    c.segmented("tab", "Tab", TABS)
    return values


def draw_views(c: Controls, values: dict[str, Any], views: Mapping[str, str], layers: Mapping[str, str]) -> None:
    """The row above the picture: which view, which arrows, against what; written into `values`."""
    real = values["surface"] in REAL
    with st.container(key=c.key("views"), horizontal=True, vertical_alignment="center", gap="small"):
        hidden: dict[str, Any] = {"label_visibility": "collapsed"}
        values["view"] = c.segmented("view", "View", views, **hidden)
        if values["view"] == "race":
            if real:
                compare = {"optimizers": "compare rules", "batches": "compare batches"}
                values["compare"] = c.segmented("compare", "Compare", compare, **hidden)
                if values["compare"] == "optimizers":
                    against = {"step": "by step", "samples": "by samples"}
                    values["against"] = c.segmented("against", "Curves", against, **hidden)
            if not real or values["compare"] == "optimizers":
                offered = {
                    key: name
                    for key, name in layers.items()
                    if key != "look-ahead" or "nesterov" in values["optimizers"]
                }
                values["layers"] = c.pills("layers", "Arrows", offered, **hidden)


def config_of(values: Mapping[str, Any]) -> RaceConfig:
    """The race that the controls describe.

    Raises: ValueError where they describe none.
    """
    chosen = values["optimizers"]
    settings = [name for name in values if "." in name and name.partition(".")[0] in chosen]
    hyper = tuple(
        (name, float(values[name])) for name in settings if values["rates"] == "own" or not name.endswith(".lr")
    )
    return RaceConfig(**{name: values[name] for name in FIELDS}, hyper=hyper)


def pick(c: Controls) -> Callable[[float, float], None]:
    """What a click on the plane does: the start moves there."""
    return lambda x, y: c.set(x0=float(f"{x:.4g}"), y0=float(f"{y:.4g}"), step=0)


def _surface_settings(c: Controls, values: dict[str, Any]) -> None:
    surface = values["surface"]
    if surface == "quadratic":
        values["condition"] = c.slider("condition", "Condition number λmax/λmin", 1.0, 100.0, 1.0, format="%d")
    elif surface == "formula":
        hint = "x, y, numbers, + − * / **, sin cos exp log sqrt abs tanh …, pi, e"
        values["formula"] = c.text(
            "formula", "f(x, y) =", max_chars=200, help=hint, on_change=_move_to_surface, args=(c,)
        )
    elif surface in REAL:
        values["batch_size"] = c.steps("batch_size", "Batch size", BATCHES)


def _extras(c: Controls, values: dict[str, Any]) -> None:
    values["schedule"] = c.choice("schedule", "Schedule of η", SCHEDULE_TITLES, on_change=_tune_decay, args=(c,))
    left, right = st.columns(2)
    with left:
        if values["schedule"] in ("step", "exponential", "time-based"):
            values["decay"] = c.number("decay", "Decay κ", 0.0, 1.0, 0.01)
        values["clip"] = c.number("clip", "Clip to norm τ (0 = off)", 0.0, 1e6, 0.5)
        values["weight_decay"] = c.number("weight_decay", "Weight decay", 0.0, 10.0, 0.01)
    with right:
        if values["schedule"] in ("step", "warm-restarts"):
            values["period"] = c.number("period", "Period s", 1, 1000, 5)
        values["noise"] = c.number("noise", "Gradient noise σ₀", 0.0, 1e6, 0.5)
        values["noise_decay"] = c.number("noise_decay", "Noise fades as t^−", 0.0, 10.0, 0.05)


def _tune_decay(c: Controls) -> None:
    """κ is a factor for steps and a rate elsewhere: each schedule starts from a value that shows what it does."""
    c.set(decay=0.5 if c.present("schedule") == "step" else DEFAULTS["decay"])


def _move_to_surface(c: Controls) -> None:
    """A new surface brings its own telling start and learning rate; a formula that is none is told of elsewhere."""
    values = {**DEFAULTS, **{name: c.present(name) for name in ("surface", "condition", "formula")}}
    try:
        surface = config_of({**values, "x0": 0.0, "y0": 0.0}).make_surface()
    except ValueError:
        return
    lr = float(f"{surface.lr:.2g}")
    c.set(x0=surface.start[0], y0=surface.start[1], lr=lr, step=0)
