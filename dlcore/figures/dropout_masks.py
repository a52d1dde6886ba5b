"""The stages of a trained network that is asked with mask after mask: what the masks agree on, and how far they do not.

Made from the config alone: what is measured comes with the run. Knows no torch.
"""

from dataclasses import replace

import numpy as np

from dlcore.figures import theme
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.chart import Chart
from dlcore.figures.dropout_maps import four_maps, two_maps
from dlcore.figures.optimizers import CORNER
from dlcore.figures.stage import Pending, Plot, Readout, Stage
from dlcore.topics.dropout_config import NUM_SEEDS, OUTLOOK, MasksConfig
from dlcore.topics.subnetworks import DISTANCES, FAR, KEPT

ACCURACY = Scale(quantity="test accuracy", low=50, high=100, unit=" %")
APART = Scale(quantity="mean |difference| of the probabilities", low=0, high=20, unit=" %")
SHARE = Scale(quantity="of the test points", low=0, high=100, unit=" %")
BAND = f"band: lowest to highest of {NUM_SEEDS} seeds"


def ensemble_stage(config: MasksConfig) -> Stage:
    """Frame k: k + 1 masks. This mask's network, the average of all so far, and the one scaled network."""
    return Stage(
        views=[
            four_maps(config),
            accuracies(config),
            distances_apart(config),
            forgotten(config),
        ],
        readouts=_readouts(config, {"average": "average", "scaled": "scaled net", "single": "this mask alone"}),
        quantity=f"test accuracy in %, mean of {NUM_SEEDS} seeds",
        file_name="dropout-ensemble",
        **_course(config),
    )


def uncertainty_stage(config: MasksConfig) -> Stage:
    """Frame k: k + 1 masks. The scaled network's probability, and how far the masks' spread."""
    return Stage(
        views=[
            two_maps(config),
            along_a_line(config),
            by_distance(config),
            refused(config),
        ],
        readouts=_readouts(config, {"average": "average", "scaled": "scaled net"}),
        quantity=f"test accuracy in %, mean of {NUM_SEEDS} seeds",
        file_name="dropout-uncertainty",
        **_course(config),
    )


def _course(config: MasksConfig) -> dict:
    """The frames are counted in masks, from 1 on."""
    return {"num_frames": config.num_masks, "unit": "masks", "steps": 1 + np.arange(config.num_masks), "split": 1.3}


LOOKS = {
    "scaled": ("ink", "dash"),
    "average": ("accent", "solid"),
    "logits": ("weight-positive", "dashdot"),
    "single": ("muted", "dot"),
    "forgotten": ("wrong", "solid"),
}


def _readouts(config: MasksConfig, labels: dict[str, str]) -> list[Readout]:
    return [
        Readout(
            label=label,
            colour=theme.colour(LOOKS[name][0]),
            dash=LOOKS[name][1],
            values=Pending(name=f"accuracy.{name}.mean", shape=(config.num_masks,), dtype="float32"),
        )
        for name, label in labels.items()
    ]


def _curve(config: MasksConfig, name: str, label: str, look: str, *, banded: bool = True) -> Curve:
    colour, dash = LOOKS[look]
    curve = Curve.pending(name, config.num_masks, label=label, colour=colour, dash=dash)
    return curve if banded else replace(curve, low=None, high=None)


def accuracies(config: MasksConfig) -> Plot:
    """Test accuracy of the average over the masks so far, of the scaled network, and of each mask alone."""
    labels = {"single": "one mask alone", "average": "average over the masks", "scaled": "scaled net"}
    return bands(
        [_curve(config, f"accuracy.{name}", label, name, banded=name == "average") for name, label in labels.items()],
        1 + np.arange(config.num_masks),
        ACCURACY,
        key="accuracy",
        title="Accuracy",
        caption=f"{BAND} (average)",
        alt="Test accuracy by the number of masks.",
        across="masks",
    )


def distances_apart(config: MasksConfig) -> Plot:
    """How far the averages are from the scaled network's probabilities."""
    labels = {"single": "one mask alone", "average": "mean of probabilities", "logits": "mean of logits"}
    return bands(
        [_curve(config, f"apart.{name}", label, name, banded=name != "single") for name, label in labels.items()],
        1 + np.arange(config.num_masks),
        APART,
        key="apart",
        title="Distance",
        caption="solid: mean of probabilities · dash-dot: of logits · dotted: one mask",
        alt="Mean difference from the scaled network's probabilities, by the number of masks.",
        across="masks",
    )


def forgotten(config: MasksConfig) -> Plot:
    """Calls without model.eval(): their accuracy, and how many answers change from one call to the next."""
    found = [
        _curve(config, "accuracy.scaled", "with eval()", "scaled"),
        _curve(config, "accuracy.forgotten", "without eval()", "forgotten"),
        Curve.pending("flips", config.num_masks, label="answers that changed", colour="momentum", dash="dot"),
    ]
    return bands(
        found,
        1 + np.arange(config.num_masks),
        SHARE,
        key="forgotten",
        title="Forgot eval()",
        caption="right, dashed: with eval(), red: without · dotted: changed",
        alt="Right answers with and without model.eval(), and answers that change from call to call.",
        across="calls",
    )


def along_a_line(config: MasksConfig) -> Plot:
    """The average and ± one standard deviation along y = 0, out to twice the data's reach."""
    reach = OUTLOOK * config.training.points.reach
    axis = np.linspace(-reach, reach, FAR)
    looks = {
        "line.mean": ("accent", "solid", 3),
        "line.low": ("accent", "dot", 1.5),
        "line.high": ("accent", "dot", 1.5),
    }
    looks["line.scaled"] = ("ink", "dash", 2)
    return _lines(
        config,
        looks,
        axis,
        key="line",
        title="Along a line",
        caption="along y = 0 · blue: average ± spread · dashed: the scaled net",
        xaxis={"range": [-reach, reach], "title": {"text": "x"}},
        yaxis={"range": [-0.15, 1.15], "title": {"text": "probability of class 1"}},
        alt="Probability and spread along the line y = 0.",
    )


def by_distance(config: MasksConfig) -> Plot:
    """The mean spread of the points of the plane, by their distance from the nearest training point."""
    looks = {
        "spread.mean": ("momentum", "solid", 3),
        "spread.low": ("momentum", "solid", 0.8),
        "spread.high": ("momentum", "solid", 0.8),
        "doubt.mean": ("ink", "dash", 2.5),
    }
    return _lines(
        config,
        looks,
        np.array(DISTANCES),
        key="distance",
        title="From the data",
        caption="purple: spread (thin: lowest, highest seed) · dashed: 1 − |2P − 1|",
        xaxis={"range": [0, DISTANCES[-1] * 1.03], "title": {"text": "distance to the nearest training point"}},
        yaxis={"range": [0, 0.5], "title": {"text": "spread of the probability"}},
        alt="Spread over the masks by the distance from the training points.",
    )


def refused(config: MasksConfig) -> Plot:
    """Accuracy on the test points that are left when the least certain are refused, by two measures of certainty."""
    looks = {
        "refused.spread": ("momentum", "solid", 3),
        "refused.scaled": ("ink", "dash", 2.5),
    }
    return _lines(
        config,
        looks,
        100 * np.array(KEPT),
        key="refused",
        title="Refuse",
        caption="refused first: purple, widest spread · dashed, P nearest ½",
        xaxis={"range": [102, 8], "ticksuffix": " %", "title": {"text": "test points answered"}},
        yaxis={"range": [45, 101], "ticksuffix": " %", "title": {"text": "accuracy on them"}},
        alt="Accuracy on the test points that are answered, the least certain being refused.",
    )


def _lines(
    config: MasksConfig,
    looks: dict[str, tuple[str, str, float]],
    x: np.ndarray,
    *,
    key: str,
    title: str,
    caption: str,
    xaxis: dict,
    yaxis: dict,
    alt: str,
) -> Plot:
    """Lines over a fixed x, each wholly given in every frame by the pending array of its name."""
    across = np.tile(x, (config.num_masks, 1))
    chart = Chart()
    for name, (colour, dash, width) in looks.items():
        trace = {
            "type": "scatter",
            "mode": "lines",
            "line": {"width": width, "color": theme.colour(colour), "dash": dash},
            "name": name,
            "hovertemplate": "%{x:.3g}: %{y:.3g}<extra></extra>",
        }
        chart.add(trace, "at", x=across, y=Pending(name=name, shape=across.shape, dtype="float32"))
    layout = {
        "margin": {"l": 56, "r": 12, "t": 26, "b": 42},
        "xaxis": xaxis,
        "yaxis": yaxis,
        "annotations": [{**CORNER, "text": caption}],
    }
    return chart.plot(layout, key=key, title=title, area="side", keep=key, alt=alt)
