"""The stage on which one perturbation for all pictures comes to be; knows how it is shown, not how it is found."""

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, BELOW, DELTAS, NOISE, NORMS, Delta, Look
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles

LOST = Scale(quantity="right answers lost", low=0, high=100, unit=" %")
LOSS = Scale(quantity="mean loss, nats", low=1e-3, high=10, log=True)
#: How δ is shown, and a short name; not its size, for all of its pixels are about as large.
WAYS: dict[Delta, str] = {"magnified": "δ, magnified", "true": "δ as it is", "sign": "sign of δ"}
#: Who is fooled: how that is told, its colour's meaning, its dash.
WHOM = {
    "train": ("made from", "train", "dash"),
    "test": ("other pictures", "test", "solid"),
    "other": ("{other}", "net-other", "dashdot"),
    NOISE: ("random", ATTACK_STYLES[NOISE].meaning, ATTACK_STYLES[NOISE].dash),
}


def universal_stage(
    *,
    look: Look,
    steps: Sequence[int],
    size: tuple[int, int],
    epsilon: float,
    truths: Sequence[str],
    classes: Sequence[str],
    other: str | None = None,
    norm: str = "linf",
) -> Stage:
    """Frame k: after steps[k] updates. epsilon: in levels.

    truths: what the pictures show that are drawn with the perturbation. other: the title of another network, to which
    the other pictures are shown, too. norm: what ε bounds, a key of NORMS.
    """
    frames, at = len(steps), np.asarray(steps)
    whom = {name: (title.format(other=other), hue, dash) for name, (title, hue, dash) in WHOM.items()}
    if other is None:
        del whom["other"]
    readouts = [
        Readout(label=title, colour=theme.colour(hue), dash=dash, values=_live(f"fooled.{name}.mean", frames))
        for name, (title, hue, dash) in whom.items()
    ]
    return Stage(
        views=[_tiles(look, size, truths, classes, frames, NORMS[norm]), _lost(whom, at), _loss(at)],
        num_frames=frames,
        steps=at,
        readouts=readouts,
        quantity="right answers lost, %:",
        unit="update",
        file_name="adversarial-universal",
        note=f"One δ with ε = {epsilon:g} for all pictures. Bands: 95% intervals.",
        split=1.5,
    )


def _live(name: str, frames: int, *shape: int, dtype: str = "float32") -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype=dtype)


def _tiles(
    look: Look, size: tuple[int, int], truths: Sequence[str], classes: Sequence[str], frames: int, most: str
) -> Tiles:
    """The perturbation large, pictures that have it, each with the present answer, and it in other ways."""
    examples = [
        Tile(
            key=f"example{i}",
            title=truth,
            values=_live(f"example.{i}", frames, *size, 3, dtype="uint8"),
            kind="picture",
            caption="answer",
            number=_live(f"answer.{i}", frames),
            words=classes,
        )
        for i, truth in enumerate(truths)
    ]
    chosen: Delta = look.delta if look.delta in WAYS else next(iter(WAYS))
    others = [_delta(way, size, frames, most) for way in WAYS if way != chosen]
    return Tiles(
        key="tiles",
        title="Pictures",
        tiles=[_delta(chosen, size, frames, most, lead=True), *examples, *others],
        signed=True,
        clip=100,
        alt=f"One perturbation, and pictures with it: {', '.join(truths)}.",
    )


def _delta(way: Delta, size: tuple[int, int], frames: int, most: str, *, lead: bool = False) -> Tile:
    title = f"One δ for all: {DELTAS[way]}" if lead else WAYS[way]
    given = {"key": f"delta.{way}", "title": title, "caption": BELOW[way].format(most=most), "lead": lead}
    if way == "sign":
        return Tile(values=_live("delta.sign", frames, *size), **given)
    return Tile(values=_live(f"delta.{way}", frames, *size, 3, dtype="uint8"), kind="picture", **given)


def _lost(whom: Mapping[str, tuple[str, str, str]], steps: np.ndarray) -> Plot:
    curves = [
        Curve.pending(f"fooled.{name}", len(steps), label=title, colour=hue, dash=dash)
        for name, (title, hue, dash) in whom.items()
    ]
    return bands(
        curves,
        steps,
        LOST,
        key="lost",
        title="Fooled",
        caption="of the answers that were right before",
        alt=f"The share of right answers that are lost, by update: {', '.join(title for title, *_ in whom.values())}.",
        across="update",
    )


def _loss(steps: np.ndarray) -> Plot:
    return bands(
        [Curve(label="loss", colour="loss", mean=_live("loss", len(steps)))],
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption="of the pictures it is made from, which δ makes larger",
        alt="The mean loss of the pictures that the perturbation is made from, by update.",
        across="update",
    )
