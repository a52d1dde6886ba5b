"""The stage on which two networks train side by side, without dropout and with it: networks, bands, who leans on whom.

Made from the config alone: what is measured comes with the run. Knows no torch, and trains nothing.
"""

import numpy as np

from dlcore.datasets.splits import Splits
from dlcore.figures import theme
from dlcore.figures.bands import LOSS, Curve, Scale, bands
from dlcore.figures.chart import Chart
from dlcore.figures.network import Layer, Network, Panel, Points
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Pending, Plot, Readout, Stage
from dlcore.numerals import digits
from dlcore.topics.coadaptation import SHARES
from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig
from dlcore.topics.dropout_runs import COARSE, FINE, MATRIX, NETS, SHOWN

LOOKS = {"a": ("muted", "solid"), "b": ("accent", "dash")}
MOST_TEST_POINTS = 200  # drawn: more would hide the surface
ACCURACY = Scale(quantity="accuracy", low=40, high=100, unit=" %")
R = Scale(quantity="mean |r| of two units", low=0, high=1)
NOTE = "Crossed out: dropped in this step, for one point; each has its own mask. Bars: how often a unit stayed."
LAYER_DASHES = ("solid", "dash", "dot")


def titles(config: DropoutConfig) -> dict[str, str]:
    """What the two networks are called."""
    return {"a": "A: no dropout", "b": f"B: dropout, p = {digits(config.p, 2)}"}


def training_stage(config: DropoutConfig) -> Stage:
    """Networks A and B while they train, with eight seeds each, of which the first is drawn."""
    frames = len(config.steps)
    names = titles(config)
    readouts = [
        Readout(
            label=names[net],
            colour=theme.colour(LOOKS[net][0]),
            dash=LOOKS[net][1],
            values=Pending(name=f"{net}.accuracy.test.mean", shape=(frames,), dtype="float32"),
        )
        for net in NETS
    ]
    return Stage(
        views=[
            networks(config),
            curves(config, "accuracy", ACCURACY, "Accuracy"),
            curves(config, "loss", LOSS, "Loss"),
            removed(config),
            correlation(config),
            matrices(config),
        ],
        num_frames=frames,
        steps=config.steps,
        readouts=readouts,
        quantity=f"test accuracy in %, mean of {NUM_SEEDS} seeds",
        file_name="dropout",
        note=NOTE,
        note_from=1,
        split=1.8,
    )


def networks(config: DropoutConfig) -> Network:
    """Both networks of the first seed, B with the mask of the shown step."""
    names = titles(config)
    return Network(
        key="network",
        title="Networks",
        panels=[_panel(config, net, names[net]) for net in NETS],
        alt=f"Two networks of {config.depth} hidden layers with their decision surfaces: {names['a']}, {names['b']}.",
        keep=f"{config.data}-{config.width}-{config.depth}",
    )


def _panel(config: DropoutConfig, net: str, title: str) -> Panel:
    frames, shown = len(config.steps), min(config.width, SHOWN)

    def live(name: str, *shape: int, dtype: str = "uint8") -> Pending:
        return Pending(name=f"{net}.{name}", shape=(frames, *shape), dtype=dtype)

    layers, before = [], 2
    for number in range(1, config.depth + 1):
        layers.append(
            Layer(
                width=config.width,
                shown=shown,
                weights=live(f"weights{number}", shown, before, dtype="float32"),
                biases=live(f"biases{number}", shown, dtype="float32"),
                maps=live(f"maps{number}", shown, COARSE, COARSE),
                scales=live(f"scales{number}", shown, dtype="float32"),
                masks=live(f"masks{number}", shown) if net == "b" else None,
                shares=live(f"shares{number}", shown) if net == "b" else None,
            )
        )
        before = shown
    last = config.depth + 1
    return Panel(
        title=title,
        key=net,
        inputs=("x", "y"),
        layers=layers,
        output=Layer(
            width=1,
            shown=1,
            weights=live(f"weights{last}", 1, before, dtype="float32"),
            biases=live(f"biases{last}", 1, dtype="float32"),
        ),
        class_names=("0", "1"),
        shapes=net == "a",
        input_maps=_slopes(),
        surface=live("surface", 1, FINE, FINE),
        reach=config.points.reach,
        points=drawn_points(config.points.make()),
    )


def _slopes() -> np.ndarray:
    """x and y themselves as maps of the plane, (2, size, size)."""
    rise = np.tile(np.linspace(1, 255, COARSE).round().astype(np.uint8), (COARSE, 1))
    return np.stack([rise, rise.T])


def drawn_points(data: Splits) -> Points:
    """All training points, those with a wrong label marked, and some of the test points."""
    train, test = data.train, data.test
    few = slice(0, MOST_TEST_POINTS)
    return Points(
        at=np.concatenate([train.inputs.numpy(), test.inputs[few].numpy()]),
        labels=np.concatenate([train.labels.numpy(), test.labels[few].numpy()]),
        kinds=np.concatenate([2 * data.flipped.numpy().astype(int), np.ones(len(test.labels[few]), int)]),
    )


def curves(config: DropoutConfig, key: str, scale: Scale, title: str) -> Plot:
    """Training and test, A solid and B dashed."""
    found = [
        Curve.pending(
            f"{net}.{key}.{split}",
            len(config.steps),
            label=f"{net.upper()}, {split}",
            colour=split,
            dash=LOOKS[net][1],
        )
        for split in ("train", "test")
        for net in NETS
    ]
    return bands(
        found,
        config.steps,
        scale,
        key=key,
        title=title,
        caption="blue: train · orange: test · dashed: B",
        alt=f"{title} of A and B on training and test points, by step.",
    )


def correlation(config: DropoutConfig) -> Plot:
    """Mean |r| of two units of a layer over the test points, by step."""
    found = [
        Curve.pending(
            f"{net}.correlation{number}",
            len(config.steps),
            label=f"{net.upper()}, layer {number}",
            colour=LOOKS[net][0],
            dash=LAYER_DASHES[number - 1],
        )
        for number in range(1, config.depth + 1)
        for net in NETS
    ]
    lines = " · ".join(f"{('solid', 'dashed', 'dotted')[k]}: layer {k + 1}" for k in range(config.depth))
    return bands(
        found,
        config.steps,
        R,
        key="correlation",
        title="Correlation",
        caption=f"grey: A · blue: B · {lines}",
        alt="Mean size of the correlation between two hidden units, by step.",
    )


def removed(config: DropoutConfig) -> Plot:
    """Test accuracy with a share of the hidden units removed, at the present step."""
    shares = np.tile(100 * np.array(SHARES), (len(config.steps), 1))
    chart = Chart()
    for net in NETS:
        name, hue, dash = titles(config)[net], theme.colour(LOOKS[net][0]), LOOKS[net][1]
        thin = {"mode": "lines", "line": {"width": 0.8, "color": hue, "dash": "solid"}, "opacity": 0.5}
        thick = {"mode": "lines+markers", "line": {"width": 3, "color": hue, "dash": dash}, "opacity": 1}
        for edge, look in (("low", thin), ("high", thin), ("mean", thick)):
            trace = {
                "type": "scatter",
                **look,
                "marker": {"size": 7, "color": hue},
                "name": name,
                "hovertemplate": f"{name}: %{{y:.3g}} % with %{{x:g}} % removed<extra>{edge}</extra>",
            }
            chart.add(
                trace, "at", x=shares, y=Pending(name=f"{net}.removed.{edge}", shape=shares.shape, dtype="float32")
            )
    layout = {
        "margin": {"l": 62, "r": 12, "t": 26, "b": 42},
        "xaxis": {"range": [-2, 92], "ticksuffix": " %", "title": {"text": "hidden units removed, at random"}},
        "yaxis": {"range": [0, 100], "ticksuffix": " %", "title": {"text": "test accuracy"}},
        "annotations": [{**CORNER, "text": "grey: A · blue: B · thin: lowest, highest seed"}],
    }
    return chart.plot(
        layout,
        key="removed",
        title="Removed",
        area="side",
        keep="removed",
        alt="Test accuracy of A and B when a share of their hidden units is removed, at the present step.",
    )


def matrices(config: DropoutConfig) -> Plot:
    """|r| of every pair of units of the first seed's networks, A above B; lines part the layers."""
    count = min(config.width, MATRIX)
    size = count * config.depth
    chart = Chart()
    for net, axis in zip(NETS, ("", "2"), strict=True):
        heat = {
            "type": "heatmap",
            "z": np.zeros((2, 2)),
            "zmin": 0,
            "zmax": 255,
            "colorscale": [[0, theme.colour("ground")], [1, theme.colour("weight-positive")]],
            "showscale": False,
            "xaxis": f"x{axis}",
            "yaxis": f"y{axis}",
            "hovertemplate": "units %{x} and %{y}<extra></extra>",
        }
        chart.add(heat, "at", z=Pending(name=f"{net}.matrix", shape=(len(config.steps), size, size)))
    ends = {"range": [-0.5, size - 0.5], "showgrid": False, "showticklabels": False, "constrain": "domain"}
    down = {**ends, "range": [size - 0.5, -0.5]}
    layout = {
        "margin": {"l": 12, "r": 12, "t": 26, "b": 12},
        "xaxis": {**ends, "anchor": "y"},
        "xaxis2": {**ends, "anchor": "y2"},
        "yaxis": {**down, "scaleanchor": "x", "anchor": "x", "domain": [0.52, 1]},
        "yaxis2": {**down, "scaleanchor": "x2", "anchor": "x2", "domain": [0, 0.48]},
        "shapes": _between_layers(count, size),
        "annotations": [{**CORNER, "text": "A above, B below · dark: |r| = 1 · blank: silent"}],
    }
    return chart.plot(
        layout,
        key="matrices",
        title="Pairs",
        area="side",
        keep=f"matrices-{size}",
        alt="Size of the correlation of every pair of hidden units: A above, B below.",
    )


def _between_layers(count: int, size: int) -> list[dict]:
    line = {"color": theme.colour("ink"), "width": 1}
    shapes = []
    for axis in ("", "2"):
        for edge in np.arange(count, size, count) - 0.5:
            ends = {"type": "line", "xref": f"x{axis}", "yref": f"y{axis}", "line": line}
            shapes.append({**ends, "x0": edge, "x1": edge, "y0": -0.5, "y1": size - 0.5})
            shapes.append({**ends, "y0": edge, "y1": edge, "x0": -0.5, "x1": size - 0.5})
    return shapes
