"""One palette, by meaning, and the Plotly template; knows nothing of what is drawn with them.

Every colour is a pair (light theme, dark theme). Figures are built with the light colour;
the player swaps it for its dark partner in the browser, so one payload serves both themes
and a change of theme costs no rerun.
"""

from functools import cache
from typing import Any

#: meaning -> (light, dark). Hues follow Okabe and Ito (2008), darkened or lightened until
#: each has a contrast of at least 3:1 as a line on its ground; text uses "ink" and "muted".
PALETTE: dict[str, tuple[str, str]] = {
    "ground": ("#ffffff", "#12161c"),
    "ink": ("#14171b", "#e8eaed"),
    "muted": ("#56606b", "#a3adb8"),
    "grid": ("#e3e6ea", "#2a313a"),
    "accent": ("#1f5fbf", "#7fb2ff"),
    # the roles a quantity can play
    "gradient": ("#a8431a", "#ff9b66"),
    "momentum": ("#6a3fb5", "#b79bff"),
    "update": ("#1b1f25", "#e8eaee"),
    "loss": ("#333a42", "#cfd6de"),
    "weight-positive": ("#0b7a75", "#4fc4bd"),
    "weight-negative": ("#8e3fa8", "#cf93e6"),
    "activation-positive": ("#3fa39c", "#1c6d68"),  # grounds, on which "ink" is written
    "activation-negative": ("#b77fc9", "#7b4391"),
    "minimum": ("#1b1f26", "#f5f6f7"),
    "train": ("#1f5fc0", "#7fb2fe"),
    "test": ("#c05a00", "#ffab5c"),
    "class-a": ("#0072b2", "#5ab4e8"),
    "class-b": ("#c85a00", "#ffa04d"),
    "class-c": ("#1b5230", "#bdeab2"),
    "class-d": ("#c4628a", "#ee6aa0"),
    "class-e": ("#574b12", "#8f814d"),
    "correct": ("#007a5a", "#3fc79a"),
    "wrong": ("#b3261e", "#ff8a80"),
    "surface-low": ("#f2f6fa", "#1a2430"),
    "surface-warm": ("#fdf3ea", "#33261c"),
    # the optimizers: each keeps its colour wherever it is drawn
    "sgd": ("#4d5660", "#b4bcc6"),
    "momentum-rule": ("#0072b1", "#56b4e9"),
    "momentum-lecture": ("#00527f", "#9bd3f5"),
    "nesterov": ("#007f5f", "#2fc99b"),
    "adagrad": ("#8a6d00", "#f0d442"),
    "rmsprop": ("#b0489a", "#ec8fd0"),
    "adam": ("#c23b00", "#ff8a4c"),
    "adamw": ("#8c1d1d", "#ff7b7b"),
    "radam": ("#5b3fb0", "#b3a0ff"),
    # the activation functions
    "act-tanh": ("#0068a8", "#5cb5f2"),
    "act-sigmoid": ("#b34a00", "#ffa75a"),
    "act-relu": ("#00705a", "#3ecda4"),
    # the methods of attribution
    "method-input": ("#7f6a12", "#d9be4a"),
    "method-smoothgrad": ("#0b66b0", "#62b4f5"),
    "method-smoothgrad-squared": ("#0a8297", "#4fcfe0"),
    "method-vargrad": ("#4a55c8", "#a0a8ff"),
    "method-integrated": ("#1b6b3f", "#56d493"),
    "method-gradcam": ("#b0287a", "#f58ac4"),
    "method-guided": ("#8c1f2f", "#ff8592"),
    "method-occlusion": ("#5a3a9e", "#b79cf5"),
    "method-lime": ("#567a0f", "#a9d34a"),
    "method-shap": ("#6b4f3a", "#cfae93"),
    # what is done to a picture on purpose, and as much at random
    "attack-noise": ("#6a727c", "#98a2ad"),
    "attack-fgsm": ("#b35e09", "#c08a1c"),
    "attack-fgsm-targeted": ("#3c3b05", "#e2e04a"),
    "attack-pgd": ("#65123c", "#ea5f66"),
    "attack-pgd-targeted": ("#9a2be0", "#cf55f0"),
    "attack-deepfool": ("#0a7bb0", "#77c2f8"),
    # a network as it was trained first, one that was trained on attacked pictures, and one that is only asked
    "net-plain": ("#a3530a", "#e0a05a"),
    "net-robust": ("#155a9c", "#74b3f3"),
    "net-other": ("#14522a", "#a8e6a0"),
    # what a question about a picture asks for, and pictures of the area that a network knows and of another
    "type-count": ("#b17100", "#f69708"),
    "type-presence": ("#087efa", "#1d85fb"),
    "type-comparison": ("#6d0684", "#e0a0f9"),
    "type-area": ("#156625", "#40d893"),
    "type-relation": ("#ea3e51", "#fd3552"),
    "type-rural": ("#92231c", "#dc3d46"),
    "area-same": ("#0878a8", "#4fc3ff"),
    "area-other": ("#b5480c", "#f0955e"),
}

#: Dash patterns tell the optimizers apart without colour.
DASHES: dict[str, str] = {
    "sgd": "solid",
    "momentum": "solid",
    "momentum-lecture": "dot",
    "nesterov": "dash",
    "adagrad": "dashdot",
    "rmsprop": "longdash",
    "adam": "solid",
    "adamw": "dash",
    "radam": "dot",
}

#: Marker shapes do the same for points.
SYMBOLS: dict[str, str] = {
    "sgd": "circle",
    "momentum": "square",
    "momentum-lecture": "square-open",
    "nesterov": "diamond",
    "adagrad": "triangle-up",
    "rmsprop": "triangle-down",
    "adam": "star",
    "adamw": "hexagram",
    "radam": "pentagon",
}

#: Hues of basins of attraction, one a minimum, and how many shades each has.
MINIMA: tuple[tuple[str, str], ...] = (
    ("#0072b3", "#56b4ea"),
    ("#c04f00", "#ff9d4d"),
    ("#00795c", "#35c895"),
    ("#a33c8c", "#ea8acd"),
    ("#7d6300", "#e8cb3d"),
    ("#5439a8", "#ad99ff"),
    ("#8f1f1f", "#ff7f7f"),
    ("#3f6b75", "#8fc7d3"),
)
SHADES = 6

FAINT = "30"  # how opaque a faint colour is, of ff

#: Shades of a value: so many for each sign, and one between them for nothing.
LEVELS = 4

#: Low to high for a loss surface: dark valleys would hide paths, so both ends stay pale.
SURFACE_SCALE = [
    (0.0, ("#f7fafd", "#131c27")),
    (0.25, ("#d9e6f2", "#1c2b3c")),
    (0.5, ("#b9cfe4", "#284056")),
    (0.75, ("#97b5d3", "#375873")),
    (1.0, ("#7397bd", "#4a7191")),
]

#: Nothing to very much, through the gradient's hue; and from very much against to very much for.
MAGNITUDE_SCALE = [
    (0.0, PALETTE["ground"]),
    (0.3, ("#f7cfb5", "#4b2a1d")),
    (0.55, ("#de8250", "#a8552d")),
    (0.78, PALETTE["gradient"]),
    (1.0, ("#3d1203", "#fff1e3")),
]
SIGNED_SCALE = [
    (0.0, ("#4a1560", "#f3dcff")),
    (0.2, PALETTE["weight-negative"]),
    (0.5, PALETTE["ground"]),
    (0.8, PALETTE["weight-positive"]),
    (1.0, ("#033b38", "#d2fffa")),
]


def colour(meaning: str) -> str:
    """The light colour of a meaning. Raises KeyError for a meaning that the palette lacks."""
    return PALETTE[meaning][0]


def optimizer_colour(name: str) -> str:
    """The light colour of an optimizer; "momentum" is also a quantity, so it has a key of its own."""
    return colour("momentum-rule" if name == "momentum" else name)


def mixed(pair: tuple[str, str], share: float) -> tuple[str, str]:
    """A pair with `share` of each theme's ground mixed in."""
    light, dark = (_mix(hue, ground, share) for hue, ground in zip(pair, PALETTE["ground"], strict=True))
    return light, dark


def _mix(hue: str, ground: str, share: float) -> str:
    channels = [(int(hue[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in channels)


def surface_scale() -> list[list[float | str]]:
    """The colour scale of loss surfaces, as Plotly wants it."""
    return [[position, light] for position, (light, _) in SURFACE_SCALE]


def magnitude_scale() -> list[tuple[float, str]]:
    """The colours of sizes, from 0 (position 0) to the full colour (1); brighter or darker all the way."""
    return [(position, light) for position, (light, _) in MAGNITUDE_SCALE]


def signed_scale() -> list[tuple[float, str]]:
    """The colours of values with a sign: the largest negative (position 0), 0 (0.5), the largest positive (1)."""
    return [(position, light) for position, (light, _) in SIGNED_SCALE]


@cache
def dark_partners() -> dict[str, str]:
    """light colour -> dark colour, for the player."""
    shades = [shade for hue in MINIMA for shade in minimum_shades(hue)]
    shades += [activation_shade(level) for level in range(-LEVELS, LEVELS + 1)]
    shades += [(faint(light), faint(dark)) for light, dark in PALETTE.values()]
    scales = [pair for scale in (SURFACE_SCALE, MAGNITUDE_SCALE, SIGNED_SCALE) for _, pair in scale]
    return dict([*PALETTE.values(), *scales, *shades])


def faint(hue: str) -> str:
    """The colour of an area through which what lies below it is seen."""
    return hue + FAINT


def minimum_shades(hue: tuple[str, str]) -> list[tuple[str, str]]:
    """A minimum's hue from strong (soon reached) to pale (late)."""
    return [mixed(hue, 0.85 * shade / (SHADES - 1)) for shade in range(SHADES)]


def activation_shade(level: int) -> tuple[str, str]:
    """The ground under a value, from -LEVELS (strongest negative) over 0 (nearly nothing) to LEVELS."""
    if level == 0:
        return mixed(PALETTE["muted"], 0.92)
    hue = PALETTE["activation-positive" if level > 0 else "activation-negative"]
    return mixed(hue, 0.92 * (1 - abs(level) / LEVELS))


@cache
def template() -> dict[str, Any]:
    """Hairline axes, no boxes, room for labels: the look shared by every figure, in which nothing may be changed."""
    axis = {
        "gridcolor": colour("grid"),
        "zeroline": False,
        "linecolor": colour("muted"),
        "showline": False,
        "ticks": "",
        "title": {"standoff": 6, "font": {"size": 13}},
        "automargin": False,
    }
    scene_axis = {"gridcolor": colour("grid"), "backgroundcolor": colour("ground"), "zeroline": False}
    layout = {
        "font": {"size": 12, "color": colour("ink")},
        "paper_bgcolor": colour("ground"),
        "plot_bgcolor": colour("ground"),
        "margin": {"l": 52, "r": 12, "t": 10, "b": 42},
        "xaxis": axis,
        "yaxis": axis,
        "scene": {"xaxis": scene_axis, "yaxis": scene_axis, "zaxis": scene_axis},
        "hoverlabel": {"font": {"size": 12}},
        "showlegend": False,
    }
    return {"layout": layout}
