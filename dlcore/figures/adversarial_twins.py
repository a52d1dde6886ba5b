"""The stage on which a network stands beside one of equal build that was trained on attacked pictures.

Knows the names under which accuracies and gradient maps arrive; does not know how either network was trained.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures.adversarial_radii import NET_STYLES, Line, against_epsilon
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE, Case
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles

INSIDE = Scale(quantity="gradient inside the object", low=0, high=1)
APART = Scale(quantity="robust minus plain", low=-0.5, high=0.5)
NOTE = "Bands: 95% intervals over the pictures so far. Gradients: of the logit, by every pixel of the one picture."


def twins_stage(
    *,
    case: Case,
    nets: Mapping[str, str],
    attack: str,
    epsilons: Sequence[float],
    trained: float | None,
    counts: Sequence[int],
    mask: np.ndarray | None = None,
    signed: bool = False,
) -> Stage:
    """Frame k: what is known after counts[k] pictures; frame 0: nothing, but the maps of the case.

    nets: titles by name, keys of NET_STYLES. attack: a key of ATTACK_STYLES. epsilons: in levels. trained: the ε of the
    attacks that the robust one learnt from, None where they are of another norm. mask: bool (h, w), where the case's
    object is; None: nobody knows. signed: whether maps have signs.
    """
    frames = len(counts)
    return Stage(
        views=[
            _accuracy(nets, attack, epsilons, trained, frames),
            _maps(case, nets, mask, signed, frames),
            _aligned(nets, counts),
            _difference(counts),
        ],
        num_frames=frames,
        readouts=[
            Readout(label="pictures", colour="", values=_live("count", frames), counts=True),
            *(
                Readout(label=NET_STYLES[net].short, colour=NET_STYLES[net].colour, dash=NET_STYLES[net].dash)
                for net in nets
            ),
        ],
        unit="batch",
        file_name="adversarial-twins",
        note=NOTE,
        rate=4.0,
        split=1.3,
    )


def _live(name: str, frames: int, *shape: int) -> Pending:
    return Pending(name=name, shape=(frames, *shape), dtype="float32")


def _accuracy(
    nets: Mapping[str, str], attack: str, epsilons: Sequence[float], trained: float | None, frames: int
) -> Plot:
    short, noise = ATTACK_STYLES[attack].short, ATTACK_STYLES[NOISE]

    def line(net: str, what: str, dash: str, *names: str) -> Line:
        values, *edges = (_live(f"{name}.{net}", frames, len(epsilons)) for name in names)
        low, high = edges or (None, None)
        style = NET_STYLES[net]
        label = f"{nets[net]}, {what}"
        return Line(
            label=label, colour=style.meaning, dash=dash, symbol=style.symbol, values=values, low=low, high=high
        )

    lines = [line(net, noise.short.lower(), noise.dash, NOISE) for net in nets]
    lines += [line(net, short, NET_STYLES[net].dash, "accuracy", "low", "high") for net in nets]
    return against_epsilon(
        lines,
        epsilons,
        key="accuracy",
        title="Accuracy",
        caption=f"of all pictures, those answered right under {short}<br>dotted: under noise, as much at random",
        alt=f"Accuracy of both networks by the radius ε, under {short} and under noise.",
        marks={} if trained is None else {trained: f"robust: trained on ε = {trained:g}"},
    )


def _maps(case: Case, nets: Mapping[str, str], mask: np.ndarray | None, signed: bool, frames: int) -> Tiles:
    """How the answer changes with each pixel, for both networks, on one scale of colours each."""
    height, width = case.picture.shape[:2]

    def gradient(net: str) -> Tile:
        return Tile(
            key=net,
            title=nets[net],
            values=_live(f"signed.{net}", frames, height, width),
            magnitude=_live(f"magnitude.{net}", frames, height, width),
            caption="inside" if mask is not None else "",
            number=_live(f"inside.{net}", frames) if mask is not None else None,
            outline=mask,
        )

    picture = Tile(key="picture", title="The picture", values=case.shown, kind="picture", outline=mask)
    return Tiles(
        key="maps",
        title="Gradients",
        tiles=[picture, *(gradient(net) for net in nets)],
        area="side",
        signed=signed,
        alt=f"The picture, and for both networks how the logit of {case.name} changes with each pixel.",
    )


def _aligned(nets: Mapping[str, str], counts: Sequence[int]) -> Plot:
    curves = [
        Curve.pending(
            f"aligned.{net}",
            len(counts),
            label=title,
            colour=NET_STYLES[net].meaning,
            dash=NET_STYLES[net].dash,
        )
        for net, title in nets.items()
    ]
    named = " · ".join(f"{NET_STYLES[net].short}: {NET_STYLES[net].dash}" for net in nets)
    return bands(
        curves,
        np.asarray(counts),
        INSIDE,
        key="aligned",
        title="Inside",
        caption=f"share of the map, mean so far<br>{named}",
        alt="The share of the gradient map inside the object, mean and 95% interval, by the number of pictures.",
        across="pictures",
    )


def _difference(counts: Sequence[int]) -> Plot:
    """Paired: a narrower interval than that of either mean."""
    frames = len(counts)
    nothing = Curve(label="no difference", colour="muted", dash="dot", mean=np.zeros(frames))
    difference = Curve.pending("aligned.difference", frames, label="robust minus plain", colour="ink")
    return bands(
        [nothing, difference],
        np.asarray(counts),
        APART,
        key="difference",
        title="Difference",
        caption="picture by picture, mean so far; dotted: no difference",
        alt="How much more of the robust network's gradient is inside the object, mean and 95% interval.",
        across="pictures",
    )
