"""The control rail of the lesson on convolution: the layer's geometry, what lies in it, the picture, the stack."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dlcore.datasets.pictures import PICTURES
from dlcore.figures.convolution import LAYOUTS
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import MODES
from dlcore.topics.convolution_config import DIRECTIONS, INPUTS, MOST_CHANNELS, MOST_SIZE, UPSTREAM, WindowConfig
from dlcore.topics.filtering import BANKS
from dlcore.topics.kernels import KERNELS
from dlcore.topics.layer_stack import MAX_CHANNELS, MAX_SIZE
from dlcore.ui import seeds, uploads
from dlcore.ui.controls import Controls
from dlcore.ui.convolution_hands import without

OPENING = WindowConfig()
VIEWS = {"window": "Window", "picture": "Picture", "stack": "Stack"}
OPERATIONS = {
    "convolution": "Convolution",
    "transposed": "Transposed convolution",
    "max": "Max pooling",
    "average": "Average pooling",
}
#: What there is to do where no scene is shown.
FREE = {
    "window": "Point at any cell, click it to keep it and change its number, then play.",
    "picture": "Choose a kernel, change it in the Window view, click the picture to see its sums.",
    "stack": "Write layers, then step through them and see how far each of them sees.",
}
GROUPS = {"geometry": "geometry", "numbers": "numbers", "maps": "channels"}
PADDINGS = {
    "valid": "valid: none",
    "half": "half: ⌊extent/2⌋",
    "same": "same: keeps the size",
    "full": "full: extent − 1",
    "number": "a number",
    "sides": "each side by itself",
}
TURNS = {"correlation": "correlation", "convolution": "true convolution"}
AXES = {"2": "2-D", "1": "1-D"}
TABS = {
    "sum": "the sum",
    "layer": "the layer",
    "response": "answer",
    "all": "all filters",
    "strongest": "strongest",
    "sizes": "sizes",
    "parameters": "parameters",
    "multiply-adds": "multiply-adds",
    "memory": "memory",
}
#: Every number along an axis: name -> (label, lowest, highest).
ALONG = {
    "size": ("Input n", 1, MOST_SIZE),
    "kernel": ("Kernel k", 1, 9),
    "stride": ("Stride s", 1, 5),
    "dilation": ("Dilation d", 1, 4),
}
FIRST = next(iter(ARCHITECTURES))
OWN = "own"  # the picture that the reader has uploaded
DEFAULTS: dict[str, Any] = {
    "view": "window",
    "operation": "convolution",
    "direction": "forward",
    "layout": "flat",
    "group": "geometry",
    "axes": "2",
    "size": 7,
    "kernel": 3,
    "stride": 1,
    "dilation": 1,
    "padding": "half",
    "pad": 1,
    "sides": "1, 1, 1, 1",
    "output_padding": 0,
    "differ": False,
    **{f"{name}_across": value for name, value in (("size", 7), ("kernel", 3), ("stride", 1), ("dilation", 1))},
    "mode": "zeros",
    "in_channels": 1,
    "out_channels": 1,
    "groups": 1,
    "image": OPENING.image,
    "filter": OPENING.kernel,
    "wavelength": OPENING.wavelength,
    "orientation": OPENING.orientation,
    "sigma": OPENING.sigma,
    "turn": "correlation",
    "bias": OPENING.bias,
    "upstream": OPENING.upstream,
    "edits": "",
    "picture": next(iter(PICTURES)),
    "bank": "one",
    "at": "",
    "architecture": FIRST,
    "layers": ARCHITECTURES[FIRST].text,
    "channels": ARCHITECTURES[FIRST].input[0],
    "height": ARCHITECTURES[FIRST].input[1],
    "seed": OPENING.seed,
    "step": 0,
    "tab": "sum",
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
    window, picture = values["view"] == "window", values["view"] == "picture"
    with c.part("the-group", window):
        group = c.segmented("group", "Settings", GROUPS, label_visibility="collapsed")
    with c.part("the-picture", picture):
        _picture_settings(c, values)
    _geometry(c, values, window and group == "geometry", picture)
    _numbers(c, values, window and group == "numbers", picture)
    with c.part("the-maps", window and group == "maps"):
        _maps(c, values)
    with c.part("the-stack", values["view"] == "stack"):
        _stack(c, values)
    with views, c.part("the-way", window, width="content"):
        values["direction"] = c.segmented("direction", "Direction", DIRECTIONS, **again)
    with views, c.part("the-layout", window, width="content"):
        values["layout"] = c.segmented("layout", "Layout", LAYOUTS, label_visibility="collapsed")
    values["seed"] = seeds.row(c)
    values["step"] = c.number("step", "Step", 0, 100_000, 1)
    c.segmented("tab", "Tab", TABS)
    values["selected"] = c.text("selected", "Selected")
    values["at"] = c.text("at", "Place in the picture")
    c.unseen.append("at")
    return values


def _geometry(c: Controls, values: dict[str, Any], seen: bool, picture: bool) -> None:
    """The window: how large, how far apart its cells are, how far it steps, and what surrounds the input."""
    with c.part("the-operation", seen):
        operation = values["operation"] = c.choice(
            "operation", "Operation", OPERATIONS, on_change=_operate, args=(c,), label_visibility="collapsed"
        )
    pooling = operation in ("max", "average")
    with c.part("the-input-size", seen):
        _along(c, values, "size")
    with c.part("the-kernel-size", seen or (picture and values["bank"] in ("one", "edges"))):
        _along(c, values, "kernel")  # other banks have sizes of their own
    with c.part("the-stride", seen or picture):
        _along(c, values, "stride")
    with c.part("the-padding", seen):
        values["padding"] = c.choice("padding", "Padding", PADDINGS)
    with c.part("the-number", seen and values["padding"] == "number"):
        values["pad"] = c.slider("pad", "Padding p", 0, 8, 1)
    with c.part("the-sides", seen and values["padding"] == "sides"):
        values["sides"] = c.text("sides", "top, bottom, left, right", max_chars=20)
    with c.part("the-dilation", (seen and not pooling) or picture):
        _along(c, values, "dilation")
    with c.part("the-output-padding", seen and operation == "transposed"):
        values["output_padding"] = c.slider("output_padding", "Output padding", 0, 4, 1)


def _along(c: Controls, values: dict[str, Any], name: str, across: bool = False) -> None:
    label, low, high = ALONG[name]
    key = f"{name}_across" if across else name
    values[key] = c.slider(key, f"{label} across" if across else label, low, high, 1)


def _numbers(c: Controls, values: dict[str, Any], seen: bool, picture: bool) -> None:
    """What lies in the input and in the kernel."""
    with c.part("the-input", seen):
        values["image"] = c.choice("image", "Input x", INPUTS, on_change=_forget, args=(c, "x"))
    one = seen or (picture and values["bank"] == "one")
    with c.part("the-filter", one):
        titles = {name: preset.title for name, preset in KERNELS.items()}
        values["filter"] = c.choice("filter", "Kernel w", titles, on_change=_forget, args=(c, "w"))
    waves = (one and values["filter"] == "gabor") or (picture and values["bank"] == "gabor")
    with c.part("the-gabor", waves):
        values["wavelength"] = c.slider("wavelength", "Wavelength λ, cells", 2.0, 12.0, 0.5)
        with c.part("the-orientation", one):
            values["orientation"] = c.slider("orientation", "Orientation θ, degrees", 0.0, 180.0, 7.5)
        values["sigma"] = c.slider("sigma", "Width σ, cells", 0.5, 6.0, 0.25)
    with c.part("the-turn", seen or picture):
        values["turn"] = c.segmented("turn", "Turn", TURNS, label_visibility="collapsed")
    with c.part("the-bias", seen):
        values["bias"] = c.slider("bias", "Bias b", -5.0, 5.0, 0.5)
    with c.part("the-upstream", seen):
        title = "∂E/∂y, for the gradients"
        values["upstream"] = c.choice("upstream", title, UPSTREAM, on_change=_forget, args=(c, "g"))
        hint = "Click a cell of the picture and change its number there, or write it here"
        values["edits"] = c.text("edits", "Changed by hand", max_chars=4000, placeholder="x0.2.3=5", help=hint)


def _maps(c: Controls, values: dict[str, Any]) -> None:
    """How many maps, which of them meet, and axes that are not alike."""
    values["axes"] = c.segmented("axes", "Axes", AXES, on_change=_forget, args=(c, "xwg"))
    for name, label in (("in_channels", "Input maps"), ("out_channels", "Output maps"), ("groups", "Groups")):
        values[name] = c.slider(name, label, 1, MOST_CHANNELS, 1)
    values["mode"] = c.choice("mode", "Padding holds", MODES)
    values["differ"] = c.switch("differ", "Columns differ from rows")
    with c.part("the-columns", values["differ"] and values["axes"] == "2"):
        for name in ALONG:
            _along(c, values, name, across=True)


def _picture_settings(c: Controls, values: dict[str, Any]) -> None:
    values["picture"] = c.choice("picture", "Picture", {**PICTURES, OWN: "Your own"})
    own = values["picture"] == OWN
    with c.part("the-upload", own):
        upload = uploads.picture(c)
    values["upload"] = upload if own else None
    values["bank"] = c.choice(
        "bank", "Filters", {"one": "The kernel below", **{name: bank.title for name, bank in BANKS.items()}}
    )


def _stack(c: Controls, values: dict[str, Any]) -> None:
    titles = {name: architecture.title for name, architecture in ARCHITECTURES.items()}
    values["architecture"] = c.choice("architecture", "Start from", titles, on_change=_load, args=(c,))
    hint = "One layer a line: conv 3x3 64 s1 p1, relu, maxpool 2x2, add(conv ... | ), cat(... | ...), fc 10"
    values["layers"] = c.text_area("layers", "Layers", height=300, max_chars=8000, help=hint)
    left, right = st.columns(2)
    with left:
        values["channels"] = c.number("channels", "Channels", 1, MAX_CHANNELS, 1)
    with right:
        values["height"] = c.number("height", "Height = width", 1, MAX_SIZE, 1)


def _operate(c: Controls) -> None:
    """Another operation: what it does not know goes back to what it does."""
    pooling = c.present("operation") in ("max", "average")
    changes: dict[str, Any] = {"selected": ""}
    if pooling:
        changes |= {"direction": "forward" if c.present("direction") == "weight" else c.present("direction")}
        changes |= (
            {"stride": 2, "kernel": 2, "padding": "valid"} if c.present("padding") not in ("valid", "number") else {}
        )
    if c.present("operation") != "transposed":
        changes["output_padding"] = 0
    else:
        changes["mode"] = "zeros"
    c.restart(**changes)


def _forget(c: Controls, letters: str) -> None:
    """Other numbers have none of the changes that were made to those before."""
    c.restart(edits=without(c.present("edits"), letters), selected="")


def _load(c: Controls) -> None:
    chosen = ARCHITECTURES[c.present("architecture")]
    c.restart(layers=chosen.text, channels=chosen.input[0], height=chosen.input[1], selected="")
