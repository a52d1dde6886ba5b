"""The stage of deep networks that train without a normalisation (A) and with it (B), layer by layer; knows no torch.

Made from the config alone: the numbers come with the run.
"""

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import ACCURACY, LOSS, Curve, bands
from dlcore.figures.chart import Chart
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Pending, Plot, Readout, Stage
from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_runs import BINS, DEEP_SEEDS, FAR, DeepConfig, frame_steps

LOOKS = {"a": ("muted", "solid"), "b": ("accent", "dash")}
OWN = ("momentum", "dot")  # B with the test batch's own statistics
BAND = f"band: lowest to highest of {DEEP_SEEDS} seeds"
BETWEEN = 0.06  # of the width, between the two panels; and of a row's height, between two rows


def titles(config: DeepConfig) -> dict[str, str]:
    """What the two are called."""
    return {"a": "A: without", "b": f"B: {NORMS[config.norm]}"}


def deep_stage(config: DeepConfig) -> Stage:
    """What goes into the activations of each layer, and what comes of it, while A and B train."""
    steps = frame_steps(config)
    readouts = [
        Readout(
            label=label,
            colour=theme.colour(LOOKS[name][0]),
            dash=LOOKS[name][1],
            values=Pending(name=f"{name}.accuracy.mean", shape=(len(steps),), dtype="float32"),
        )
        for name, label in titles(config).items()
    ]
    return Stage(
        views=[
            ridges(config, steps),
            _accuracy(config, steps),
            _loss(config, steps),
            by_layer(config, steps, "spread", "Spread", "spread of z over the test digits", (1e-6, 1e3)),
            by_layer(config, steps, "gradient", "Gradients", "norm of ∂E/∂W", (1e-10, 100)),
        ],
        num_frames=len(steps),
        steps=steps,
        readouts=readouts,
        quantity=f"test accuracy in %, mean of {DEEP_SEEDS} seeds",
        unit="update",
        file_name="batchnorm-layers",
    )


def _accuracy(config: DeepConfig, steps: np.ndarray) -> Plot:
    curves = _curves(config, "accuracy", len(steps))
    caption = BAND
    if config.norm == "batch":
        own = Pending(name="b.own", shape=(len(steps),), dtype="float32")
        curves.append(Curve(label="B, each test batch by itself", colour=OWN[0], dash=OWN[1], mean=own))
        caption = "dotted: B, each test batch by itself · band: 8 seeds"
    alt = "Test accuracy of A and of B by update."
    return bands(curves, steps, ACCURACY, key="accuracy", title="Accuracy", caption=caption, alt=alt, across="update")


def _loss(config: DeepConfig, steps: np.ndarray) -> Plot:
    return bands(
        _curves(config, "loss", len(steps)),
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption=f"of the training batches · {BAND}",
        alt="Training loss of A and of B by update, on a logarithmic axis.",
        across="update",
    )


def _curves(config: DeepConfig, what: str, frames: int) -> list[Curve]:
    named = titles(config).items()
    return [
        Curve.pending(f"{name}.{what}", frames, label=label, colour=LOOKS[name][0], dash=LOOKS[name][1])
        for name, label in named
    ]


def ridges(config: DeepConfig, steps: np.ndarray) -> Plot:
    """For each layer, first at the bottom, how the numbers that go into its activations are spread: A left, B right."""
    middles = np.linspace(-FAR, FAR, BINS, endpoint=False) + FAR / BINS
    x = np.tile(middles, (len(steps), 1))
    chart, axes, names = Chart(), {}, []
    for column, (name, label) in enumerate(titles(config).items()):
        left = column * (0.5 + BETWEEN / 2)
        names.append({**CORNER, "x": left, "text": f"<b>{label}</b>"})
        for layer in range(1, config.depth + 1):
            number = column * config.depth + layer
            y = Pending(name=f"{name}.histogram.{layer}", shape=x.shape, dtype="float32")
            chart.add(_ridge(number, theme.colour(LOOKS[name][0]), f"{label}, layer {layer}"), "at", x=x, y=y)
            axes |= _axes(number, left, layer, 1 / config.depth)
    layout = {
        "margin": {"l": 58, "r": 12, "t": 26, "b": 42},
        "annotations": [*names, *_layers(config.depth)],
        "showlegend": False,
        **axes,
    }
    return chart.plot(
        layout,
        key="layers",
        title="Layers",
        alt=f"Histograms of what goes into the activations of each of {config.depth} layers, without and with.",
        keep=f"layers-{config.depth}",
    )


def _ridge(number: int, hue: str, label: str) -> dict:
    """One histogram's trace, on axes of its own."""
    return {
        "type": "scatter",
        "mode": "lines",
        "xaxis": f"x{number}" if number > 1 else "x",
        "yaxis": f"y{number}" if number > 1 else "y",
        "line": {"width": 2, "color": hue},
        "fill": "tozeroy",
        "fillcolor": theme.faint(hue),
        "name": label,
        "hovertemplate": f"{label}: z about %{{x:.2g}}<extra></extra>",
    }


def _axes(number: int, left: float, layer: int, height: float) -> dict:
    """The two axes of one histogram."""
    name = str(number) if number > 1 else ""
    across = {
        "domain": [left, left + 0.5 - BETWEEN / 2],
        "range": [-FAR, FAR],
        "anchor": f"y{name}",
        "tickvals": [-4, -2, 0, 2, 4],
        "showticklabels": layer == 1,
        "title": {"text": "z, before the activation" if layer == 1 else ""},
    }
    up = {
        "domain": [(layer - 1) * height, (layer - 1) * height + height * (1 - 2 * BETWEEN)],
        "range": [0, 1.05],
        "anchor": f"x{name}",
        "showticklabels": False,
        "showgrid": False,
        "zeroline": True,
        "zerolinecolor": theme.colour("muted"),
    }
    return {f"xaxis{name}": across, f"yaxis{name}": up}


def _layers(depth: int) -> list[dict]:
    """The layers' names beside their rows."""
    place = {"xref": "paper", "yref": "paper", "x": 0, "xanchor": "right", "yanchor": "bottom", "showarrow": False}
    return [{**place, "y": k / depth, "text": f"layer {k + 1} "} for k in range(depth)]


def by_layer(
    config: DeepConfig, steps: np.ndarray, what: str, title: str, quantity: str, ends: tuple[float, float]
) -> Plot:
    """A quantity of every layer, on a logarithmic axis with fixed ends: the geometric mean over the seeds."""
    layers = np.tile(np.arange(1, config.depth + 1), (len(steps), 1))
    chart = Chart()
    for name, label in titles(config).items():
        hue, dash = LOOKS[name]
        trace = {
            "type": "scatter",
            "mode": "lines+markers",
            "line": {"width": 2.5, "color": theme.colour(hue), "dash": dash},
            "marker": {"size": 8, "symbol": "circle" if name == "a" else "square", "color": theme.colour(hue)},
            "name": label,
            "hovertemplate": f"{label}, layer %{{x}}: %{{y:.3g}}<extra></extra>",
        }
        y = Pending(name=f"{name}.{what}", shape=layers.shape, dtype="float32")
        chart.add(trace, "at", x=layers, y=y)
    layout = {
        "margin": {"l": 62, "r": 12, "t": 26, "b": 42},
        "xaxis": {"range": [0.5, config.depth + 0.5], "dtick": 1, "title": {"text": "layer"}, "showgrid": False},
        "yaxis": {
            "type": "log",
            "range": np.log10(ends).tolist(),
            "dtick": 1 if what == "spread" else 2,
            "exponentformat": "power",
            "title": {"text": quantity},
        },
        "annotations": [{**CORNER, "text": f"geometric mean of {DEEP_SEEDS} seeds"}],
    }
    alt = f"{quantity} by layer, without and with, on a logarithmic axis."
    return chart.plot(layout, key=what, title=title, area="side", keep=f"{what}-{config.depth}", alt=alt)
