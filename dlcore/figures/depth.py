"""The stage on depth: gradients, activations and dead ReLUs by layer; knows no torch, and computes no gradient."""

import re

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart, level
from dlcore.figures.landscape import Style
from dlcore.figures.layer_curves import LOOKS, TITLES, LayerCurves, backwards, layer_axis
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.numerals import digits
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import NUM_SEEDS, SMALLEST, DepthConfig, DepthTrace, expected_ratios

RELU = ACTIVATIONS.index("relu")
EVERYONE = ", ".join(TITLES.values())
SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def depth_stage(config: DepthConfig, trace: DepthTrace) -> Stage:
    """Three networks' gradients from the last layer to the first; frame k: backward has come through k layers."""
    expected = expected_ratios(config)
    return Stage(
        views=[
            gradients_by_layer(config, trace, expected[ACTIVATIONS.index(config.activation)]),
            activations_by_layer(config, trace),
            weight_gradients_by_layer(config, trace),
            dead_by_layer(config, trace),
        ],
        num_frames=config.depth + 1,
        readouts=_readouts(config, trace, expected),
        quantity="∂E/∂z at this layer ÷ at the last",
        unit="layers",
        file_name="depth",
        note=_sentence(config, trace, expected),
        note_from=config.depth,
    )


def gradients_by_layer(config: DepthConfig, trace: DepthTrace, expected: np.ndarray) -> Plot:
    """∂E/∂z by layer; expected (L,): what theory says it is for the chosen activation, the last layer's being 1."""
    curves = LayerCurves("root mean square of ∂E/∂z", trace.grad_z, config.activation, moving=True)
    curves.add_networks()
    curves.add_medians()
    theory = trace.typical[ACTIVATIONS.index(config.activation), -1] * expected
    if there_is_theory := bool((theory > 0).all()):
        curves.add_line(theory, "theory", theme.colour("ink"), "dot", 2)
    curves.add_unknown()
    curves.add_names()
    if trace.typical[RELU, -1] == 0:  # which a logarithmic axis cannot show
        font = {"size": 13, "color": LOOKS["relu"].colour}
        place = {"xref": "paper", "yref": "paper", "x": 1, "y": 0.1, "xanchor": "right", "showarrow": False}
        curves.annotations.append({**place, "font": font, "text": f"ReLU: {_zero(trace)}"})
    return curves.plot(
        key="gradients",
        title="Gradients",
        area="main",
        caption=f"thick: median of {NUM_SEEDS} networks · thin: each{' · dotted: theory' if there_is_theory else ''}",
        alt=f"Size of the gradient by layer, on a logarithmic axis, for {EVERYONE}.",
    )


def activations_by_layer(config: DepthConfig, trace: DepthTrace) -> Plot:
    """The outputs of every layer, all known after the forward pass."""
    curves = LayerCurves("root mean square of a", trace.a, config.activation, moving=False)
    curves.add_networks()
    curves.add_medians()
    return curves.plot(
        key="activations",
        title="Activations",
        caption="known from the forward pass",
        alt=f"Size of the activations by layer, on a logarithmic axis, for {EVERYONE}.",
    )


def weight_gradients_by_layer(config: DepthConfig, trace: DepthTrace) -> Plot:
    """∂E/∂W by layer: what the weights' next step is made of."""
    curves = LayerCurves("norm of ∂E/∂W", trace.grad_w, config.activation, moving=True)
    curves.add_networks()
    curves.add_medians()
    return curves.plot(
        key="weights",
        title="∂E/∂W",
        caption="E: mean over all 150 flowers",
        alt=f"Norm of the gradient of each layer's weights, on a logarithmic axis, for {EVERYONE}.",
    )


def dead_by_layer(config: DepthConfig, trace: DepthTrace) -> Plot:
    """How many ReLUs are 0 for every flower: bars for the first seed's network, diamonds for the mean of all."""
    layers = np.arange(1, config.depth + 1)
    bars = {
        "type": "bar",
        "x": layers,
        "y": trace.dead[0],
        "marker": {"color": LOOKS["relu"].colour},
        "hovertemplate": f"layer %{{x}}: %{{y}} of {config.width} ReLUs are dead<extra></extra>",
    }
    means = {
        "type": "scatter",
        "mode": "markers",
        "x": layers,
        "y": trace.dead.mean(axis=0),
        "cliponaxis": False,
        "marker": {"symbol": "diamond-open", "size": 8, "color": theme.colour("ink"), "line": {"width": 1.5}},
        "hovertemplate": f"layer %{{x}}: %{{y:.1f}} on average over {NUM_SEEDS} networks<extra></extra>",
    }
    border = {"text": "all: no gradient passes", "font": {"color": theme.colour("wrong")}}
    layout = {
        "margin": {"l": 62, "r": 12, "t": 26, "b": 42},
        "xaxis": layer_axis(config.depth),
        "yaxis": {"range": [0, 1.1 * config.width], "title": {"text": f"dead ReLUs of {config.width}"}},
        "shapes": [level(config.width, {"width": 1.5, "color": theme.colour("wrong"), "dash": "dash"})],
        "annotations": [
            {**CORNER, "text": f"bars: network of seed {config.seed} · ◇: mean of {NUM_SEEDS}"},
            {**CORNER, "yref": "y", "y": config.width, **border},
        ],
    }
    return Chart([bars, means]).plot(
        layout,
        key="dead",
        title="Dead ReLUs",
        area="side",
        keep=f"dead-{config.depth}-{config.width}",
        alt="How many ReLUs of each layer are 0 for all 150 flowers.",
    )


def _readouts(config: DepthConfig, trace: DepthTrace, expected: np.ndarray) -> list[Readout]:
    """By frame, how large the gradient is at the layer just reached, the last layer's being 1."""
    lines = []
    for name, typical in zip(ACTIVATIONS, trace.typical, strict=True):
        if typical[-1] > 0:
            lines.append(_ratio(TITLES[name], LOOKS[name], typical / typical[-1]))
        else:
            lines.append(
                Readout(label=TITLES[name], colour=LOOKS[name].colour, dash=LOOKS[name].dash, note=_zero(trace))
            )
    theory = expected[ACTIVATIONS.index(config.activation)]
    if np.isfinite(theory).all():
        lines.append(_ratio(f"theory, {TITLES[config.activation]}", Style(theme.colour("ink"), "dot"), theory))
    return lines


def _ratio(label: str, look: Style, ratio: np.ndarray) -> Readout:
    """The readout of one value a layer (L,); it has words where there is no number, or one too small for float32."""
    small = (ratio > 0) & (ratio < SMALLEST)
    note = "unknown or below 10<sup>−37</sup>" if small.any() else "?"
    values = backwards(np.where(small, np.nan, ratio))
    return Readout(label=label, colour=look.colour, dash=look.dash, values=values, note=note)


def _zero(trace: DepthTrace) -> str:
    """What is said of ReLU's gradient where most networks have none."""
    return f"0 in {np.sum(trace.blocked > 0)} of {NUM_SEEDS} networks"


def _sentence(config: DepthConfig, trace: DepthTrace, expected: np.ndarray) -> str:
    """What is seen once backward has come to layer 1."""
    k, name = ACTIVATIONS.index(config.activation), TITLES[config.activation]
    last, first = trace.typical[k, -1], trace.typical[k, 0]
    sentences = []
    if config.activation == "relu" and trace.blocked.any():
        count = np.sum(trace.blocked > 0)
        sentences.append(f"In {count} of {NUM_SEEDS} networks a layer’s ReLUs are all dead, and no gradient passes it.")
    if config.depth == 1:
        sentences.append("One hidden layer: add layers to see what each does to the gradient.")
    elif first > 0:
        measured, theory = (ratio ** (1 / (config.depth - 1)) for ratio in (first / last, expected[k, 0]))
        beside = f" (theory for wide layers: {_plain(theory)})" if np.isfinite(theory) else ""
        sentences.append(
            f"On the way back each layer multiplies {name}’s gradient by {_plain(measured)}{beside}: "
            f"at layer 1 it is {_plain(first / last)} times that at layer {config.depth}."
        )
    return " ".join([*sentences, *_too_small(trace)])


def _too_small(trace: DepthTrace) -> list[str]:
    """Which gradient is the first on the way back that float32 cannot hold, if there is one."""
    small = (trace.typical > 0) & (trace.typical < SMALLEST)
    highest = np.where(small, np.arange(1, small.shape[1] + 1), 0).max(axis=1)
    if not highest.any():
        return []
    name, layer = TITLES[ACTIVATIONS[np.argmax(highest)]], highest.max()
    return [f"The first below 10⁻³⁸ is {name}’s, at layer {layer}: too small for float32, and not drawn."]


def _plain(value: float) -> str:
    """Three digits without HTML."""
    return re.sub(r"<sup>(.*)</sup>", lambda power: power[1].translate(SUPERSCRIPTS), digits(value))
