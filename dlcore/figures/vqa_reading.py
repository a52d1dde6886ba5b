"""The stage on which a network reads a question about a picture, word by word, and its vectors change.

Knows the names of what was computed; computes nothing but what stands on an axis.
"""

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.tiles import Tile, Tiles
from dlcore.figures.vqa_sheet import Arrays, Case, bars, flow, likeliest, outcome, scene

OVERLAY = 0.75  # how much of the picture is seen where nothing is attended to
CHANCE = Scale(quantity="chance", low=0, high=1)
SHARE = Scale(quantity="share", low=0, high=1)
RATE = 1.6  # words a second
#: The likeliest answers' lines, the first first: colour and dash.
LINES = (("accent", "solid"), ("gradient", "dash"), ("momentum", "dot"))


def reading_stage(case: Case, trace: Arrays) -> Stage:
    """Frame k: the network has read k words; frame 0: none, it has only seen the picture.

    trace: (frames, ...) by name: hidden, q, v, fused, logits, chances, blind.chances, outcome, blind.outcome, and of
    a network that attends attention.0, attention.1, mass, mass.chance.
    """
    frames = len(trace["chances"])
    attends = "attention.0" in trace
    return Stage(
        views=[
            _sight(case, trace),
            flow(case, trace),
            bars(case, trace),
            *([_mass(trace)] if attends and np.isfinite(trace["mass"]).any() else []),
            _chances(case, trace),
        ],
        num_frames=frames,
        readouts=_readouts(case, trace, attends),
        unit="word",
        file_name="vqa-reading",
        note="Each strip is a vector: purple is below 0, green above, and the darker the farther.",
        rate=RATE,
        split=3.1,
    )


def _sight(case: Case, trace: Arrays) -> Tiles:
    glimpses = [name for name in ("attention.0", "attention.1") if name in trace]
    maps = [
        Tile(key=name, title=f"Glimpse {number}", values=trace[name]) for number, name in enumerate(glimpses, start=1)
    ]
    return Tiles(
        key="sight",
        title="Picture",
        tiles=[scene(case, lead=True), *maps],
        picture=case.coarse[None],
        overlay=OVERLAY if maps else 0,
        clip=100,
        shared=True,
        full=max((float(trace[name].max()) for name in glimpses), default=0.0),
        unit="× an even share",
        columns=3 if maps else 0,
        alt="The picture that is asked about" + (", and where the network looks." if maps else "."),
    )


def _readouts(case: Case, trace: Arrays, attends: bool) -> list[Readout]:
    found = [
        likeliest("answer", case, trace["chances"]),
        outcome("verdict", trace["outcome"]),
    ]
    if case.model != "blind":
        found.append(likeliest("blind", case, trace["blind.chances"]))
    if attends:  # in place of the blind network's verdict: all of it fits into one line
        found.append(Readout(label="attention on it", colour="", values=trace["mass"], note="–"))
    elif case.model != "blind":
        found.append(outcome("its verdict", trace["blind.outcome"]))
    return found


def _chances(case: Case, trace: Arrays) -> Plot:
    """How the likeliest answers' chances change from word to word."""
    final = trace["chances"][-1]
    places = [int(place) for place in np.argsort(-final, kind="stable")[: len(LINES)]]
    curves = [
        Curve(label=case.answers[place], colour=hue, dash=dash, mean=trace["chances"][:, place])
        for place, (hue, dash) in zip(places, LINES, strict=True)
    ]
    named = " · ".join(f"{dash}: {case.answers[place]}" for place, (_, dash) in zip(places, LINES, strict=True))
    return bands(
        curves,
        np.arange(len(trace["chances"])),
        CHANCE,
        key="words",
        title="Words",
        caption=named,
        alt="The chances of the three answers that are likeliest in the end, by how many words have been read.",
        across="words read",
    )


def _mass(trace: Arrays) -> Plot:
    """How much of the attention is on what is asked about, beside its share of the picture."""
    curves = [
        Curve(label="attention on it", colour="accent", mean=trace["mass"]),
        Curve(label="its share of the picture", colour="muted", dash="dot", mean=trace["mass.chance"]),
    ]
    return bands(
        curves,
        np.arange(len(trace["mass"])),
        SHARE,
        key="mass",
        title="Attention",
        caption="solid: attention on what is asked about<br>dotted: its share of the picture",
        alt="The share of the attention on what is asked about, by how many words have been read.",
        across="words read",
    )
