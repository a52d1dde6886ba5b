"""The control rail of the lesson on backpropagation: what is differentiated, how it is trained, what is broken."""

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.topics.backprop_config import (
    ACTIVATIONS,
    FAULTS,
    LOSSES,
    MOST_UPDATES,
    NETWORKS,
    BackpropConfig,
    read_shape,
)
from dlcore.topics.depth import DepthConfig
from dlcore.topics.networks import build
from dlcore.topics.scalar_net import Net
from dlcore.ui import seeds
from dlcore.ui.controls import Controls

OPENING = BackpropConfig()
VIEWS = {"walk": "Walk", "depth": "Depth"}
LEVELS = {"scalars": "scalar graph", "modules": "layer modules"}
TABS = {
    "chain-rule": "chain rule",
    "training": "training",
    "data": "data",
    "activations": "activations",
    "weights": "∂E/∂W",
    "dead": "dead ReLUs",
}
#: A learning rate at which each network's first updates are worth watching.
RATES = {"neuron": 0.1, "textbook": 0.5, "mlp": 0.5, "softmax": 0.5, "conv": 0.05, "formula": 0.1}
DEEP = DepthConfig()
DEFAULTS: dict[str, Any] = {
    "network": OPENING.network,
    "activation": OPENING.activation,
    "shape": "3, 2",
    "loss": OPENING.loss,
    "formula": OPENING.formula,
    "lr": OPENING.lr,
    "batch_size": OPENING.batch_size,
    "updates": OPENING.updates,
    "fault": OPENING.fault,
    "edits": OPENING.edits,
    "seed": OPENING.seed,
    "trained": 0,
    "epochs": 10,
    "view": "walk",
    "level": "scalars",
    "depth": DEEP.depth,
    "width": DEEP.width,
    "gain": DEEP.gain,
    "bias": DEEP.bias,
    "step": 0,
    "tab": "chain-rule",
    "selected": "",
    "below": "Why it happens",
}
#: What is undone when another network is opened: it belongs to the one before.
START_OVER = {"edits": "", "updates": 0, "trained": 0, "selected": ""}


def draw(c: Controls, views: DeltaGenerator) -> dict[str, Any]:
    """Draws the rail; returns every control's value by name.

    All controls are always there, so that their values survive a look at another view or network; most are not seen.
    """
    values: dict[str, Any] = {}
    start: dict[str, Any] = {"on_change": c.restart, "kwargs": {"selected": ""}, "label_visibility": "collapsed"}
    with views:
        values["view"] = c.segmented("view", "View", VIEWS, **start)
    walk = values["view"] == "walk"
    with c.part("the-network", walk):
        values["network"] = c.choice("network", "Network", NETWORKS, on_change=_open, args=(c,))
    _network_settings(c, values, walk)
    with c.part("the-loop", walk):
        _loop_settings(c, values)
    with c.part("the-depth", not walk):
        _depth_settings(c, values)
    with views, c.part("the-level", walk and values["network"] != "formula"):
        values["level"] = c.segmented("level", "Level", LEVELS, **start)
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")
    return values


def config_of(values: Mapping[str, Any]) -> BackpropConfig:
    """What the controls describe. Raises: ValueError where they describe nothing."""
    names = ("network", "activation", "loss", "formula", "lr", "batch_size", "updates", "fault", "edits", "seed")
    # Widths that are none must not stand in the way of a network that has no use for them.
    shape = read_shape(values["shape"]) if values["network"] == "mlp" else OPENING.shape
    return BackpropConfig(**{name: values[name] for name in names}, shape=shape)


def depth_config_of(values: Mapping[str, Any]) -> DepthConfig:
    """What the controls of the depth view describe."""
    return DepthConfig(**{name: values[name] for name in ("activation", "depth", "width", "gain", "bias", "seed")})


def _network_settings(c: Controls, values: dict[str, Any], walk: bool) -> None:
    network = values["network"]
    over: dict[str, Any] = {"on_change": _rebuild, "args": (c,)}
    with c.part("for-mlp", walk and network == "mlp"):
        help_text = "1 to 4 layers of 1 to 6 units"
        values["shape"] = c.text("shape", "Hidden layers, units each", max_chars=20, help=help_text, **over)
    with c.part("for-units", not walk or network in ("neuron", "mlp")):
        values["activation"] = c.segmented("activation", "Activation", {name: name for name in ACTIVATIONS})
    with c.part("for-data", walk and network == "mlp"):
        values["loss"] = c.choice("loss", "Loss", LOSSES)
        values["batch_size"] = c.steps("batch_size", "Batch size", {size: str(size) for size in (1, 2, 4)})
    with c.part("for-formula", walk and network == "formula"):
        hint = "Any names as variables, numbers, + − * / **, sin exp log tanh sigmoid relu max …"
        values["formula"] = c.text("formula", "f =", max_chars=200, help=hint, **over)


def _loop_settings(c: Controls, values: dict[str, Any]) -> None:
    hint = "Click a node or an edge and change its number there, or write it here. x2=-1@3: before update 3"
    values["edits"] = c.text("edits", "Changed by hand", max_chars=2000, placeholder="w1=0.5, x2=-1", help=hint)
    values["lr"] = c.log_slider("lr", "Learning rate η", 1e-4, 10.0)
    values["fault"] = c.choice("fault", "Wrong in the loop", faults(values["network"]))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        values["epochs"] = c.number("epochs", "Epochs", 1, 100, 1, width=88)
        st.button(
            "Train",
            key=c.key("train"),
            on_click=_train,
            args=(c,),
            help="Trains on from the last update; the walk then begins there. The curve is under “Training”",
        )
    left, right = st.columns(2)
    with left:
        values["updates"] = c.number("updates", "Walk from update", 0, MOST_UPDATES, 1, on_change=c.restart)
    with right:
        values["trained"] = c.number("trained", "Trained updates", 0, MOST_UPDATES, 1)


def _depth_settings(c: Controls, values: dict[str, Any]) -> None:
    values["depth"] = c.slider("depth", "Layers", 1, 30, 1)
    values["width"] = c.slider("width", "Units a layer", 1, 64, 1)
    values["gain"] = c.slider("gain", "Gain g: weights ~ N(0, g²/fan-in)", 0.1, 4.0, 0.05)
    values["bias"] = c.slider("bias", "First bias", -2.0, 2.0, 0.1)


def faults(network: str) -> dict[str, str]:
    """What can be wrong with this network's loop: a formula has no last layer, and no biases."""
    layers = network not in ("softmax", "formula")
    return {key: title for key, title in FAULTS.items() if layers or key not in ("detach", "bias-fan-in")}


def _open(c: Controls) -> None:
    network, fault = c.present("network"), c.present("fault")
    c.restart(**START_OVER, lr=RATES[network], fault=fault if fault in faults(network) else "none")


def _rebuild(c: Controls) -> None:
    """Another formula or shape is walked from its beginning; one that is none leaves the picture as it is."""
    if _present(c) is not None:
        c.restart(**START_OVER)


def _present(c: Controls) -> tuple[BackpropConfig, Net] | None:
    """What the controls describe now; None where that is nothing, and the page says why."""
    try:
        config = config_of({name: c.present(name) for name in DEFAULTS})
        return config, build(config)
    except ValueError:
        return None


def _train(c: Controls) -> None:
    """So many epochs on from where training stands; the walk begins there."""
    present = _present(c)
    if present is None:
        return
    config, net = present
    epoch = math.ceil(len(net.data) / config.batch_size)
    done = min(max(c.present("trained"), config.updates) + c.present("epochs") * epoch, MOST_UPDATES)
    c.restart(trained=done, updates=done)
