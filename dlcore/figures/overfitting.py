"""The stage on overfitting: two networks that differ in one thing, side by side, and what is measured of both.

Knows which picture shows what the run gives; every number that moves is still to come when the stage is made.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.features import FEATURES
from dlcore.datasets.planes import PlaneConfig
from dlcore.datasets.points_given import PointsConfig
from dlcore.figures.bands import ACCURACY, LOSS, Curve, Scale, bands
from dlcore.figures.confusions import confusions
from dlcore.figures.network import Layer, Network, Panel, Pictures, Points
from dlcore.figures.stage import Pending, Plot, Readout, Stage
from dlcore.figures.theme import colour
from dlcore.topics.overfitting import shapes, shown_steps
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_switches import SWITCHES
from dlcore.topics.overfitting_view import MOST_SHOWN, gallery
from dlcore.training import Grid, TrainConfig, input_maps

MAP = 24  # pixels along a side of an input's map
MOST_UNSEEN = 300  # that are drawn: more would hide the surface
MOST_CLASSES = 10
TRAIN, _, WRONG = range(3)  # kinds of points
DASHES = {"a": "solid", "b": "dash"}
BOTH = "solid A · dashed B · "
NAMES = {"train": "train", "test": "test"}
SPLITS = tuple(NAMES)
BY_HEART = "by heart"
GAP = Scale(quantity="test loss − training loss, nats", low=-0.5, high=4)
NORMS = Scale(quantity="length of a layer's weights", low=0.1, high=100, log=True)
LAYER_HUES = ("accent", "gradient", "weight-positive", "weight-negative", "loss", "momentum", "muted")
Plane = PlaneConfig | PointsConfig
Live = Callable[[str], Pending | None]


def overfitting_stage(config: OverfittingConfig) -> Stage:
    """A, and B beside it, with their curves; frame k is after shown_steps(config)[k] updates."""
    steps = shown_steps(config)
    live = _lives(config, len(steps))
    return Stage(
        views=[
            _networks(config, live),
            _losses(config, steps, live),
            _accuracies(config, steps, live),
            _gaps(config, steps),
            _norms(config, steps, live),
            _confusion(config, live),
        ],
        num_frames=len(steps),
        readouts=_readouts(config, live),
        quantity="%",
        steps=steps,
        file_name="overfitting",
        split=2.6,
    )


def titles(config: OverfittingConfig) -> dict[str, str]:
    """What each column is: "A", and "B: dropout, p = 0.5"."""
    switch = SWITCHES[config.switch]
    strength = f", {switch.symbol} = {config.amount:g}" if switch.symbol else f": {config.amount:g}"
    of_b = f"B: {switch.title}{strength if switch.has_strength else ''}"
    return {column: {"a": "A", "b": of_b}[column] for column in config.columns}


def class_names(config: OverfittingConfig) -> list[str]:
    """What the classes are called."""
    return list(config.titles) or [str(number) for number in range(config.a()[0].data.num_classes)]


def _lives(config: OverfittingConfig, num_frames: int) -> Live:
    """What is still to come under a name; None where the run does not give it."""
    known = shapes(config)

    def live(name: str) -> Pending | None:
        if name not in known:
            return None
        shape, dtype = known[name]
        return Pending(name=name, shape=(num_frames, *shape), dtype=dtype)

    return live


def _networks(config: OverfittingConfig, live: Live) -> Network:
    firsts = {"a": config.a()[0], **({"b": config.b()[0]} if "b" in config.columns else {})}
    panels = [_panel(config, column, firsts[column], title, live) for column, title in titles(config).items()]
    shape = "-".join(str(panel.layers) for panel in panels)
    alt = f"{' and '.join(titles(config).values())}: units, weights, and the answer for every place or picture."
    return Network(key="network", title="Network", panels=panels, alt=alt, keep=f"{config.data}-{len(shape)}")


def _panel(config: OverfittingConfig, column: str, run: TrainConfig, title: str, live: Live) -> Panel:
    """One network: its units, its links, and what it answers all over a plane, or to a few digits."""
    layers = [_layer(f"{column}.", number, width, live) for number, width in enumerate(run.hidden, start=1)]
    of_data = _of_digits if isinstance(run.data, DigitsConfig) else _of_plane
    return Panel(
        title=title,
        key=column,
        layers=layers,
        output=_layer(f"{column}.", len(layers) + 1, run.architecture.widths[-1], live, most=MOST_CLASSES),
        class_names=class_names(config),
        edits=not (column == "b" and config.early),  # those weights are A's, held
        shapes=not (column == "b" and config.switch == "width"),
        paints=config.data == "points",
        **of_data(run, f"{column}.", live),
    )


def _of_plane(run: TrainConfig, before: str, live: Live) -> dict[str, Any]:
    data = run.data
    assert not isinstance(data, DigitsConfig)
    return {
        "inputs": [FEATURES[name].title for name in data.features],
        "input_maps": input_maps(Grid(reach=data.reach, size=MAP), data.features),
        "surface": live(f"{before}surface"),
        "reach": data.reach,
        "points": _points(data),
    }


def _of_digits(run: TrainConfig, before: str, live: Live) -> dict[str, Any]:
    answers = live(f"{before}answers")
    assert answers is not None
    images, labels = (values.numpy() for values in gallery(run))
    pixels = np.rint(255 * images).astype(np.uint8).reshape(-1, 8, 8)
    return {"inputs": ["8 × 8 pixels"], "pictures": Pictures(images=pixels, labels=labels, answers=answers)}


def _layer(before: str, number: int, width: int, live: Live, most: int = MOST_SHOWN) -> Layer:
    """The number-th layer; whatever the run does not give of it is not drawn."""
    parts: dict[str, Any] = {part: live(f"{before}{part}{number}") for part in ("weights", "biases", "maps", "scales")}
    return Layer(width=width, shown=min(width, most), holds="activation" if parts["weights"] else "weights", **parts)


def _points(data: Plane) -> Points:
    """All training points, those with a wrong label marked, and some of those that it has never seen.

    Of a reader's own points each is shown, those for validation as the test's.
    """
    train, validation, test, flipped = data.places()
    few = test._make(values[:MOST_UNSEEN] for values in test)
    shown = [train, *([validation, test] if isinstance(data, PointsConfig) else [few])]
    at, labels = (np.concatenate([values.numpy() for values in parts]) for parts in zip(*shown, strict=True))
    kinds = np.ones(len(at), int)
    kinds[: len(flipped)] = np.where(flipped.numpy(), WRONG, TRAIN)
    return Points(at=at, labels=labels, kinds=kinds)


def _curves(config: OverfittingConfig, quantity: str, num_frames: int, splits: Sequence[str] = SPLITS) -> list[Curve]:
    return [
        Curve.pending(
            f"{column}.{quantity}.{split}",
            num_frames,
            label=f"{column.upper()} {NAMES[split]}",
            colour=split,
            dash=DASHES[column],
        )
        for split in splits
        for column in config.columns
    ]


def _losses(config: OverfittingConfig, steps: np.ndarray, live: Live) -> Plot:
    """With the step at which the validation loss of A's drawn run was lowest so far."""
    best = live("a.best")
    return bands(
        _curves(config, "loss", len(steps)),
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption=f"{_caption(config)}<br>dotted: A's best validation loss",
        alt="Training and test loss by step, on a logarithmic axis.",
        marks=[("muted", best)] if best else [],
    )


def _accuracies(config: OverfittingConfig, steps: np.ndarray, live: Live) -> Plot:
    """With the share of the wrong training labels that are answered, which is what is learnt by heart."""
    by_heart = [
        Curve(label=f"{column.upper()} {BY_HEART}", colour="wrong", dash=DASHES[column], mean=values)
        for column in _with_wrong_labels(config)
        if (values := live(f"{column}.learnt.mean")) is not None
    ]
    said = "red: wrong labels learnt by heart" if by_heart else ""
    return bands(
        [*_curves(config, "accuracy", len(steps)), *by_heart],
        steps,
        ACCURACY,
        key="accuracy",
        title="Accuracy",
        caption=f"{_caption(config)}<br>{said}" if said else _caption(config),
        alt="Training and test accuracy by step, and the share of wrong labels that are learnt.",
    )


def _with_wrong_labels(config: OverfittingConfig) -> Sequence[str]:
    return config.columns if config.label_noise > 0 else ()


def _gaps(config: OverfittingConfig, steps: np.ndarray) -> Plot:
    curves = [
        Curve.pending(f"{column}.gap", len(steps), label=column.upper(), colour="gradient", dash=DASHES[column])
        for column in config.columns
    ]
    alt = "The generalisation gap, test loss minus training loss, by step."
    return bands(curves, steps, GAP, key="gap", title="Gap", caption=_caption(config), alt=alt)


def _norms(config: OverfittingConfig, steps: np.ndarray, live: Live) -> Plot:
    """The length of every layer's weights, the mean over the seeds; both columns have a layer's in one colour."""
    curves = [
        Curve(label=f"{column.upper()}, layer {layer}", colour=hue, dash=DASHES[column], mean=values)
        for layer, hue in enumerate(LAYER_HUES, start=1)
        for column in config.columns
        if (values := live(f"{column}.norm{layer}")) is not None
    ]
    return bands(
        curves,
        steps,
        NORMS,
        key="norms",
        title="Weights",
        caption=f"{BOTH if 'b' in config.columns else ''}a colour a layer",
        alt="The length of each layer's weights by step, on a logarithmic axis.",
    )


def _caption(config: OverfittingConfig) -> str:
    """How lines and bands are to be read; short, because the side is narrow."""
    return f"{BOTH if 'b' in config.columns else ''}band: {config.num_seeds} seeds"


def _readouts(config: OverfittingConfig, live: Live) -> list[Readout]:
    names = {f"accuracy.{split}": (title, split) for split, title in NAMES.items()}
    if _with_wrong_labels(config):
        names["learnt"] = (BY_HEART, "wrong")
    return [
        Readout(
            label=f"{column.upper()} {title}",
            colour=colour(hue),
            dash=DASHES[column],
            values=live(f"{column}.{name}.mean"),
        )
        for column in config.columns
        for name, (title, hue) in names.items()
    ]


def _confusion(config: OverfittingConfig, live: Live) -> Plot:
    counts = {column.upper(): live(f"{column}.confusion") for column in config.columns}
    per_class = config.a()[0].data.num_test / config.a()[0].data.num_classes
    return confusions({title: of for title, of in counts.items() if of is not None}, class_names(config), per_class)
