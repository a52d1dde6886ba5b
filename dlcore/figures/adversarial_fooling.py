"""The stage on which noise becomes a picture that a network is sure of; knows neither the network nor how it is led."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.classbars import ClassBars
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles

CHANGE = "grey: nothing; largest: black or white"
STARTS = {"noise": "noise", "grey": "plain grey"}
LOSS = Scale(quantity="loss, nats", low=1e-4, high=100, log=True)


def fooling_stage(
    *,
    classes: Sequence[str],
    target: int,
    start: Literal["noise", "grey"] | str,
    size: tuple[int, int],
    num_frames: int,
    confidence: float = 0.99,
) -> Stage:
    """Frame k: after k steps from `start`, a key of STARTS. target: the class that the network is to see.

    confidence: the chance, 0 to 1, from which on it is said to be sure.
    """

    def live(name: str, *shape: int, dtype: str = "float32") -> Pending:
        return Pending(name=name, shape=(num_frames, *shape), dtype=dtype)

    chance, loss, chances = live("chance"), live("loss"), live("chances", len(classes))
    pictures = live("picture", *size, 3, dtype="uint8"), live("change", *size, 3, dtype="uint8")
    bars = ClassBars(
        key="classes",
        title="Classes",
        labels=classes,
        values=chances,
        logits=live("logits", len(classes)),
        chosen=target,
        chosen_as="goal",
        ask="Make it see",
        area="head",
    )
    return Stage(
        views=[
            _tiles(*pictures, chances, classes, classes[target], start),
            bars,
            _chance(chance, classes[target], confidence),
            _loss(loss),
        ],
        num_frames=num_frames,
        readouts=[
            Readout(label=f"chance of {classes[target]}", colour="", values=chance),
            Readout(label="loss", colour="", values=loss),
        ],
        unit="step",
        file_name="adversarial-fooling",
        split=1.5,
    )


def _tiles(
    picture: Pending, change: Pending, chances: Pending, classes: Sequence[str], target: str, start: str
) -> Tiles:
    return Tiles(
        key="tiles",
        title="Pictures",
        tiles=[
            Tile(
                key="picture",
                title="The picture",
                values=picture,
                kind="picture",
                caption="answer",
                answers=chances,
                words=classes,
                lead=True,
            ),
            Tile(key="start", title="The start", values=picture, kind="picture", row=0, caption=STARTS[start]),
            Tile(key="change", title="What was added", values=change, kind="picture", caption=CHANGE),
        ],
        columns=3,
        alt=f"{STARTS[start].capitalize()}, what was added to it, and the picture that is to be called {target}.",
    )


def _chance(chance: Pending, target: str, confidence: float) -> Plot:
    steps = np.arange(chance.shape[0])
    sure = np.full(len(steps), confidence)
    return bands(
        [
            Curve(label=f"{confidence:.0%}", colour="muted", dash="dot", mean=sure),
            Curve(label=f"chance of {target}", colour="accent", mean=chance),
        ],
        steps,
        Scale(quantity=f"chance of {target}", low=0, high=1.02),
        key="chance",
        title="Chance",
        caption=f"dotted: {confidence:.0%}, from where on it is sure",
        alt=f"The chance of {target} by step.",
    )


def _loss(loss: Pending) -> Plot:
    return bands(
        [Curve(label="loss", colour="loss", mean=loss)],
        np.arange(loss.shape[0]),
        LOSS,
        key="loss",
        title="Loss",
        caption="cross-entropy of the goal, which the steps make smaller",
        alt="The loss by step, on a logarithmic axis.",
    )
