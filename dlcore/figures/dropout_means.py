"""Where the sum behind a layer under masks goes: its mean so far, all it can be, both ways in numbers."""

from collections.abc import Iterator

import numpy as np

from dlcore.figures import theme
from dlcore.figures.chart import Chart
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Equations, Plot
from dlcore.numerals import digits
from dlcore.topics.dropout_config import ScalingConfig
from dlcore.topics.dropout_scaling import ScalingTrace

WAYS = {"inverted": ("accent", "solid"), "lecture": ("test", "dash")}
TITLES = {"inverted": "torch: scale while training", "lecture": "lecture: scale at test"}
SIGMAS = 2  # half the width of the funnel around the mean
BINS = 24


def means(config: ScalingConfig, trace: ScalingTrace) -> Plot:
    """The mean of z over the masks so far, both ways, with the funnel ±2σ/√m around what the test computes."""
    m = np.arange(1, config.num_masks + 1)
    keep = 1 - config.p
    chart = Chart()
    for name, (hue, dash) in WAYS.items():
        way = trace.ways[name]
        line = {"color": theme.colour(hue), "dash": dash}
        half = SIGMAS * trace.spread * (1 if name == "inverted" else keep) / np.sqrt(m)
        for sign in (-1, 1):
            dotted = {"line": {**line, "width": 1, "dash": "dot"}, "hoverinfo": "skip"}
            chart.add({"type": "scatter", "mode": "lines", "x": m, "y": way.test_z + sign * half, **dotted})
        at_test = {
            "type": "scatter",
            "mode": "lines",
            "x": [0, config.num_masks],
            "y": [way.test_z] * 2,
            "line": {**line, "width": 1.5},
            "hovertemplate": f"{TITLES[name]}: z = %{{y:.4g}} at test<extra></extra>",
        }
        chart.add(at_test)
        so_far = {
            "type": "scatter",
            "mode": "lines",
            "line": {**line, "width": 3},
            "name": TITLES[name],
            "hovertemplate": f"{TITLES[name]}: mean %{{y:.4g}} over %{{x}} masks<extra></extra>",
        }
        chart.add(so_far, "grow", x=np.arange(config.num_masks + 1), y=way.mean_z)
    ends = np.array([trace.ways[name].test_z for name in WAYS])
    room = SIGMAS * trace.spread + 0.1
    layout = {
        "margin": {"l": 52, "r": 12, "t": 26, "b": 42},
        "xaxis": {"range": [0, config.num_masks], "title": {"text": "masks m"}},
        "yaxis": {"range": [float(ends.min() - room), float(ends.max() + room)], "title": {"text": "mean of z"}},
        "annotations": [{**CORNER, "text": "thick: mean so far · thin: at test · dotted: ± 2σ/√m"}],
    }
    return chart.plot(
        layout,
        key="mean",
        title="Mean",
        area="side",
        keep=f"mean-{config.num_masks}-{config.p}-{config.units}-{config.seed}",
        alt="The mean of z over the masks so far, which goes to what is computed at test.",
    )


def every_mask(config: ScalingConfig, trace: ScalingTrace) -> Plot:
    """How likely each z is over all 2ⁿ masks (torch's way), their mean, and the present mask's z."""
    low, high = float(trace.sums.min()) - 1e-6, float(trace.sums.max()) + 1e-6
    heights, edges = np.histogram(trace.sums, BINS, (low, high), weights=100 * trace.chances)
    bars = {
        "type": "bar",
        "x": (edges[1:] + edges[:-1]) / 2,
        "y": heights,
        "marker": {"color": theme.colour("activation-positive")},
        "hovertemplate": "z about %{x:.3g}: %{y:.3g} % of the masks<extra></extra>",
    }
    top = 1.15 * float(heights.max())
    line = {"width": 2, "color": theme.colour("ink"), "dash": "dash"}
    mean = {"x": [trace.expected] * 2, "y": [0, top], "line": line, "hoverinfo": "skip"}
    this = {
        "marker": {"symbol": "diamond", "size": 14, "color": theme.colour("accent")},
        "hovertemplate": "this mask: z = %{x:.4g}<extra></extra>",
    }
    z = trace.ways["inverted"].z
    chart = Chart()
    chart.add(bars)
    chart.add({"type": "scatter", "mode": "lines", **mean})
    chart.add({"type": "scatter", "mode": "markers", **this}, "at", x=z, y=np.full(len(z), 0.03 * top))
    text = f"all {len(trace.sums)} masks · dashed: their mean, {digits(trace.expected)} · diamond: this mask"
    layout = {
        "margin": {"l": 52, "r": 12, "t": 26, "b": 42},
        "xaxis": {"title": {"text": "z while training, torch"}},
        "yaxis": {"range": [0, top], "ticksuffix": " %", "title": {"text": "probability"}},
        "bargap": 0.05,
        "annotations": [{**CORNER, "text": text}],
    }
    return chart.plot(
        layout,
        key="masks",
        title="All masks",
        area="side",
        keep=f"masks-{config.p}-{config.units}-{config.seed}",
        alt="The probability of each value of z over all masks, with their mean and the present mask.",
    )


def numbers(config: ScalingConfig, trace: ScalingTrace) -> Equations:
    """Both ways in formulas with the present numbers, and what a nonlinearity does to the mean."""
    keep = digits(1 - config.p, 2)
    rows, values = [], []
    for name, (hue, _) in WAYS.items():
        way = trace.ways[name]
        scale = f" / {keep}" if name == "inverted" else ""
        lines = [
            f"training: z = Σ wᵢ aᵢ mᵢ{scale} = {{z}}",
            "mean over the masks so far: {mean}",
            f"test: z = {'' if name == 'inverted' else keep + ' · '}Σ wᵢ aᵢ = {{test}}",
        ]
        rows.append((TITLES[name], theme.colour(hue), lines))
        values.append({"z": way.z, "mean": way.mean_z, "test": np.full(len(way.z), way.test_z)})
    rows.append(
        ("the same numbers", theme.colour("ink"), [f"the lecture's z / {keep} = {{scaled}}; torch's z = {{z}}"])
    )
    values.append({"scaled": trace.ways["lecture"].z / (1 - config.p), "z": trace.ways["inverted"].z})
    rows.append(("behind a nonlinearity", theme.colour("muted"), list(_bent(trace))))
    values.append({})
    note = "E: the mean over all masks. Scaling makes E z right; no scaling makes E φ(z) right."
    return Equations(key="numbers", title="Numbers", rows=rows, values=values, note=note)


def _bent(trace: ScalingTrace) -> Iterator[str]:
    """E φ(z) over all masks against φ(E z)."""
    for name, act in (("ReLU", lambda z: np.maximum(z, 0)), ("sigmoid", lambda z: 1 / (1 + np.exp(-z)))):
        mean = float(trace.chances @ act(trace.sums))
        yield f"E {name}(z) = {digits(mean)}; {name}(E z) = {digits(float(act(trace.expected)))}"
