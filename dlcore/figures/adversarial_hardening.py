"""The stage on which two networks learn from the same batches, one of them from attacked ones; trains nothing itself.

Made from the settings alone: every number comes with the run.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_radii import LINE, NET_STYLES, Line, against_epsilon
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Plot, Readout, Stage, Track

#: What is done to the test pictures: how that is told, its colour's meaning, its dash.
UNDER = {
    "clean": ("not attacked", "ink", ATTACK_STYLES[NOISE].dash),
    **{
        name: (ATTACK_STYLES[name].short, ATTACK_STYLES[name].meaning, ATTACK_STYLES[name].dash)
        for name in ("fgsm", "pgd")
    },
}
WIDE = 20  # letters of a line above a panel, which is narrow on a telephone
BETWEEN = 0.06  # both panels, as a share of the width
LOSS = Scale(quantity="training loss, nats", low=1e-3, high=10, log=True)


def hardening_stage(
    *, steps: Sequence[int], epsilon: float, epsilons: Sequence[float], nets: Mapping[str, str]
) -> Stage:
    """Frame k: after steps[k] updates of both.

    epsilon: what the robust one is trained on and both are tested at; epsilons: the radii of the other curves; all in
    levels. nets: titles by name, keys of NET_STYLES.
    """
    at = np.asarray(steps)
    readouts = [Readout(label=title, colour=theme.colour(hue), dash=dash) for title, hue, dash in UNDER.values()]
    readouts += [
        Readout(
            label=f"% right under PGD, {NET_STYLES[net].short.lower()}", colour="", values=_accuracy(net, "pgd", at)
        )
        for net in nets
    ]
    return Stage(
        views=[_panels(nets, at, epsilon), _radii(nets, at, epsilon, epsilons), _losses(nets, at)],
        num_frames=len(at),
        steps=at,
        readouts=readouts,
        unit="update",
        file_name="adversarial-hardening",
        split=1.45,
    )


def _accuracy(net: str, under: str, steps: np.ndarray) -> Pending:
    return Pending(name=f"accuracy.{net}.{under}", shape=(len(steps),), dtype="float32")


def _panels(nets: Mapping[str, str], steps: np.ndarray, epsilon: float) -> Plot:
    """Accuracy by update, a panel a network, on one axis."""
    data: list[dict[str, Any]] = []
    tracks: list[Track] = []
    axes: dict[str, Any] = {}
    wide = (1 - BETWEEN * (len(nets) - 1)) / len(nets)
    lefts = [number * (wide + BETWEEN) for number in range(len(nets))]
    for number, (net, title) in enumerate(nets.items()):
        name = str(number + 1) if number else ""
        axes[f"xaxis{name}"] = _across(lefts[number], wide, steps)
        for under in UNDER:
            tracks.append(Track(trace=len(data), kind="grow", data={"x": steps, "y": _accuracy(net, under, steps)}))
            data.append({**_line(under, title), "xaxis": f"x{name}", "yaxis": "y"})
    layout = {
        "template": theme.template(),
        "margin": {"l": 62, "r": 12, "t": 46, "b": 44},
        "yaxis": {"range": [-2.5, 102.5], "ticksuffix": " %", "title": {"text": f"test accuracy, ε = {epsilon:g}"}},
        "hovermode": "closest",
        "annotations": [_heading(title, left) for title, left in zip(nets.values(), lefts, strict=True)],
        **axes,
    }
    alt = f"Test accuracy by update of {' and of '.join(nets.values())}: not attacked, under FGSM, under PGD."
    figure = {"data": data, "layout": layout}
    keep = f"hardening-{steps[-1]}-{len(nets)}"
    return Plot(key="accuracy", title="Accuracy", figure=figure, tracks=tracks, keep=keep, alt=alt)


def _across(left: float, wide: float, steps: np.ndarray) -> dict[str, Any]:
    return {
        "domain": [left, left + wide],
        "range": [0, float(max(steps[-1], 1))],
        "anchor": "y",
        "nticks": 5,
        "title": {"text": "update"},
    }


def _heading(title: str, left: float) -> dict[str, Any]:
    words = "<br>".join(textwrap.wrap(title, WIDE))
    place = {"xref": "paper", "yref": "paper", "x": left, "y": 1, "xanchor": "left", "yanchor": "bottom"}
    return {**place, "text": f"<b>{words}</b>", "showarrow": False, "yshift": 4, "align": "left"}


def _line(under: str, net: str) -> dict[str, Any]:
    what, hue, dash = UNDER[under]
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": LINE, "color": theme.colour(hue), "dash": dash},
        "name": f"{net}, {what}",
        "hovertemplate": f"{net}, {what}: %{{y:.1f}} % at update %{{x}}<extra></extra>",
    }


def _radii(nets: Mapping[str, str], steps: np.ndarray, epsilon: float, epsilons: Sequence[float]) -> Plot:
    lines = [
        Line(
            label=title,
            colour=NET_STYLES[net].meaning,
            dash=NET_STYLES[net].dash,
            symbol=NET_STYLES[net].symbol,
            values=Pending(name=f"curve.{net}", shape=(len(steps), len(epsilons)), dtype="float32"),
        )
        for net, title in nets.items()
    ]
    return against_epsilon(
        lines,
        epsilons,
        key="radii",
        title="By ε",
        caption=f"under PGD, at this update; {_looks(nets)}",
        alt="Accuracy under PGD by its radius ε at the present update, of both networks.",
        area="side",
        marks={epsilon: f"robust: trained on ε = {epsilon:g}"},
    )


def _losses(nets: Mapping[str, str], steps: np.ndarray) -> Plot:
    curves = [
        Curve(
            label=title,
            colour=NET_STYLES[net].meaning,
            dash=NET_STYLES[net].dash,
            mean=Pending(name=f"loss.{net}", shape=(len(steps),), dtype="float32"),
        )
        for net, title in nets.items()
    ]
    return bands(
        curves,
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption=f"each on what it learns from; {_looks(nets)}",
        alt="Training loss of both networks by update, on a logarithmic axis.",
        across="update",
    )


def _looks(nets: Mapping[str, str]) -> str:
    return " · ".join(f"{NET_STYLES[net].short}: {NET_STYLES[net].dash}" for net in nets)
