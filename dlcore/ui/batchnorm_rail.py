"""The control rail of the lesson on batch norm: the mini-batch, and the runs that train with it and without."""

from typing import Any

from streamlit.delta_generator import DeltaGenerator

from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_config import (
    DIRECTIONS,
    INPUTS,
    MODES,
    MOST_FEATURES,
    MOST_SAMPLES,
    MOST_SEEN,
    UPSTREAM,
    TransformConfig,
    without,
)
from dlcore.topics.batchnorm_runs import MOST_DEPTH, DeepConfig, RatesConfig, SizesConfig
from dlcore.ui import seeds
from dlcore.ui.controls import Controls

OPENING = TransformConfig()
VIEWS = {"transform": "Transform", "deep": "Deep net", "rates": "Learning rates", "sizes": "Batch sizes"}
ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid"}
WEIGHTS = {"torch": "torch’s own", "he": "He’s: √6 times as large"}
BATCHES = {size: str(size) for size in (2, 4, 8, 16, 32, 64, 128, 256)}
#: What there is to do where no scene is shown.
FREE = {
    "transform": "Click a number and change it, switch the norm, and step through what comes of it.",
    "deep": "Change the activation, the rate, the depth; both begin with the same weights. Then look at the tabs.",
    "rates": "Every point is four networks. Change the activation or the first weights and watch where they learn.",
    "sizes": "Every point is four networks. Switch to layer or group norm to see them beside batch norm.",
}
TABS = {"note": "Numbers", "accuracy": "Accuracy", "loss": "Loss", "spread": "Spread", "gradient": "Gradients"}
DEFAULTS: dict[str, Any] = {
    "view": "transform",
    **{name: getattr(OPENING, name) for name in ("norm", "direction", "mode", "samples", "features", "groups")},
    **{name: getattr(OPENING, name) for name in ("image", "upstream", "eps", "momentum", "seen", "edits", "seed")},
    "activation": "relu",
    "depth": 5,
    "weights": "torch",
    "lr": 0.3,
    "batch_size": 64,
    "updates": 200,
    "sizes_weights": "he",
    "sizes_lr": 0.05,
    "step": 0,
    "tab": "note",
    "selected": "",
    "below": "Why it happens",
}


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view; most are not seen.
    """
    values: dict[str, Any] = {}
    again: dict[str, Any] = {"on_change": c.restart, "kwargs": {"selected": ""}, "label_visibility": "collapsed"}
    with views:
        values["view"] = c.segmented("view", "View", VIEWS, **again)
        values["norm"] = c.segmented("norm", "Norm", NORMS, **again)
    transform = values["view"] == "transform"
    with views, c.part("the-way", transform, width="content"):
        values["direction"] = c.segmented("direction", "Direction", DIRECTIONS, **again)
    _batch(c, values, transform)
    _statistics(c, values, transform)
    _training(c, values)
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")
    return values


def _batch(c: Controls, values: dict[str, Any], seen: bool) -> None:
    """The mini-batch: how many samples and features, and what lies in it."""
    again: dict[str, Any] = {"on_change": c.restart, "kwargs": {"selected": ""}}
    with c.part("the-batch", seen):
        values["samples"] = c.slider("samples", "Samples in the batch", 1, MOST_SAMPLES, 1, **again)
        values["features"] = c.slider("features", "Features", 1, MOST_FEATURES, 1, **again)
    with c.part("the-groups", seen and values["norm"] == "group"):
        values["groups"] = c.slider("groups", "Groups of features", 1, MOST_FEATURES, 1)
    with c.part("the-input", seen):
        values["image"] = c.choice("image", "Input x", INPUTS, on_change=_forget, args=(c, "x"))
    with c.part("the-upstream", seen and values["direction"] == "backward"):
        values["upstream"] = c.choice("upstream", "∂E/∂y", UPSTREAM, on_change=_forget, args=(c, "dy"))


def _statistics(c: Controls, values: dict[str, Any], seen: bool) -> None:
    """Where μ and σ² come from, and how the running ones are kept."""
    with c.part("the-mode", seen and values["norm"] == "batch"):
        again: dict[str, Any] = {"on_change": c.restart, "kwargs": {"selected": ""}}
        values["mode"] = c.segmented("mode", "Mode", MODES, **again)
        values["momentum"] = c.slider("momentum", "torch's momentum α", 0.0, 1.0, 0.01)
        values["seen"] = c.slider("seen", "Batches seen before", 0, MOST_SEEN, 1)
    with c.part("the-rest", seen):
        values["eps"] = c.log_slider("eps", "ε", 1e-8, 10)
        hint = "Click a cell of the picture and change its number there, or write it here"
        values["edits"] = c.text("edits", "Changed by hand", max_chars=4000, placeholder="x0.2=5, gamma1=2", help=hint)


def _training(c: Controls, values: dict[str, Any]) -> None:
    """The networks, and how they are trained."""
    view = values["view"]
    runs, sizes = view != "transform", view == "sizes"
    with c.part("the-activation", runs):
        values["activation"] = c.segmented("activation", "Activation", ACTIVATIONS, on_change=c.restart)
        values["depth"] = c.slider("depth", "Hidden layers of 64 units", 1, MOST_DEPTH, 1)
    with c.part("the-weights", runs and not sizes):
        values["weights"] = c.choice("weights", "First weights", WEIGHTS)
    with c.part("the-rate", view == "deep"):
        values["lr"] = c.log_slider("lr", "Learning rate η", 0.01, 10)
    with c.part("the-batch-size", runs and not sizes):
        values["batch_size"] = c.steps("batch_size", "Batch size", BATCHES)
    with c.part("the-sizes", sizes):
        values["sizes_weights"] = c.choice("sizes_weights", "First weights", WEIGHTS)
        values["sizes_lr"] = c.log_slider("sizes_lr", "Learning rate η", 0.01, 1)
    with c.part("the-updates", runs):
        values["updates"] = c.slider("updates", "Updates", 20, 600, 20)


def _forget(c: Controls, letter: str) -> None:
    """Other numbers have none of the changes that were made to those before."""
    try:
        edits = without(c.present("edits"), (letter,))
    except ValueError:
        edits = c.present("edits")  # what is not understood stays as it was typed
    c.restart(edits=edits, selected="")


def transform_config_of(values: dict[str, Any]) -> TransformConfig:
    """Raises: ValueError, one sentence, for what cannot be shown."""
    names = ("norm", "groups", "mode", "direction", "samples", "features", "image", "upstream")
    return TransformConfig(
        **{name: values[name] for name in (*names, "eps", "momentum", "seen", "edits", "seed")},
    )


def run_config_of(values: dict[str, Any]) -> DeepConfig | RatesConfig | SizesConfig:
    """The runs of the chosen view. Raises: ValueError, one sentence, for what cannot be trained."""
    shared = {name: values[name] for name in ("activation", "depth", "norm", "seed")}
    shared["num_steps"] = values["updates"]
    if values["view"] == "sizes":
        return SizesConfig(**shared, weights=values["sizes_weights"], lr=values["sizes_lr"])
    make = DeepConfig if values["view"] == "deep" else RatesConfig
    rate = {"lr": values["lr"]} if values["view"] == "deep" else {}  # equal runs shall be equal configs
    return make(**shared, **rate, weights=values["weights"], batch_size=values["batch_size"])
