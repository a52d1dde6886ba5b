"""The stage on which pictures become ever less like those a network knows: right answers by how far the area is.

Knows the axes, which are fixed before anything is known; does not know what an area is made of.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.figures import theme
from dlcore.figures.adversarial_matrix import Matrix, matrix
from dlcore.figures.adversarial_traces import LEFT, caption, dots, line, margin
from dlcore.figures.chart import Chart
from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.vqa_looks import (
    AVERAGE,
    BLIND_STYLE,
    OVERALL,
    OVERALL_STYLE,
    PERCENTS,
    TYPE_STYLES,
    Run,
    percent_axis,
    rule,
    words,
)

ACROSS = "area: 0 as in training, 1 another"
COLUMNS = 3  # of panels
BETWEEN = (0.05, 0.13)  # panels: shares of the width and of the height
ROOM = 0.04  # beyond both ends of the axis of areas
EDGE = 1  # pixels
NOTE = "Lines: right answers over the scenes so far. Bands: 95% intervals. Every area has the same plans."
STYLES = {**TYPE_STYLES, OVERALL: OVERALL_STYLE}


def shift_stage(
    *, types: Mapping[str, str], domains: Sequence[float], counts: Sequence[int], fusion: str, at: float | None = None
) -> Stage:
    """Frame k: what is known after counts[k] scenes of each area; frame 0: nothing.

    types: titles by key, keys of TYPE_STYLES. domains: how far each area is from that of the training scenes, 0 to 1.
    fusion: title of what joins picture and question. at: the area of the scene that is looked at.
    """
    run, titles = Run(num_frames=len(counts)), {**types, OVERALL: "all questions"}
    readouts = [Readout(label="questions", colour="", values=run("count"), counts=True)]
    readouts += [
        Readout(label=STYLES[name].short, colour=STYLES[name].colour, dash=STYLES[name].dash) for name in titles
    ]
    return Stage(
        views=[_panels(run, titles, domains, at), _together(run, titles, domains), _numbers(run, titles, domains)],
        num_frames=len(counts),
        readouts=readouts,
        quantity=fusion,
        unit="batch",
        file_name="vqa-shift",
        note=NOTE,
        rate=4.0,
        split=1.45,
    )


def _panels(run: Run, titles: Mapping[str, str], domains: Sequence[float], at: float | None) -> Plot:
    """A panel a type, with its band, and below it a network that sees no picture."""
    chart, axes = Chart(), {}
    annotations: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    rows = -(-len(titles) // COLUMNS)
    for number, (name, title) in enumerate(titles.items()):
        key = str(number + 1) if number else ""
        down, across = divmod(number, COLUMNS)
        left, wide = _side(across, COLUMNS, BETWEEN[0])
        top, high = _side(down, rows, BETWEEN[1])
        is_first, is_last = across == 0, down == rows - 1
        axes[f"xaxis{key}"] = {**_areas(domains, is_last), "domain": [left, left + wide], "anchor": f"y{key}"}
        axes[f"yaxis{key}"] = {
            **percent_axis("% right" if is_first else ""),
            "ticksuffix": "",
            "domain": [1 - top - high, 1 - top],
            "anchor": f"x{key}",
            "tickvals": [0, 50, 100],
            "showticklabels": is_first,
        }
        _lines(chart, run, name, title, domains, {"xaxis": f"x{key}", "yaxis": f"y{key}"})
        corner = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        annotations.append(words(left, 1 - top, f"<b>{STYLES[name].short}</b>", **corner))
        if at is not None:
            shapes.append(rule("ink", xref=f"x{key}", yref=f"y{key}", x0=at, x1=at, y0=0, y1=100))
    for shape in shapes:
        shape["line"]["dash"] = "dot"
    above = "dotted below: a network that sees no picture" + ("" if at is None else "<br>upright: the scene's area")
    layout = {
        "margin": {**margin(above), "t": margin(above)["t"] + 22},
        "annotations": [*annotations, {**caption(above), "yshift": 26}],
        "shapes": shapes,
        **axes,
    }
    alt = f"Right answers by how far the area is, with 95% intervals: {', '.join(titles.values())}."
    return chart.plot(layout, key="panels", title="By type", alt=alt, area="main", keep=f"panels-{len(titles)}")


def _side(number: int, count: int, between: float) -> tuple[float, float]:
    """Where one of several panels begins, and how long it is."""
    length = (1 - between * (count - 1)) / count
    return number * (length + between), length


def _areas(domains: Sequence[float], is_named: bool) -> dict[str, Any]:
    """The axis of areas; the title stands once, below the middle panel where there are three."""
    low, high = min(domains), max(domains)
    room = ROOM * ((high - low) or 1)
    return {
        "range": [low - room, high + room],
        "tickvals": [low, (low + high) / 2, high],
        "tickangle": 0,
        "showticklabels": is_named,
        "title": {"text": "area" if is_named else ""},
    }


def _lines(chart: Chart, run: Run, name: str, title: str, domains: Sequence[float], axes: Mapping[str, str]) -> None:
    style, count = STYLES[name], len(domains)
    across = np.tile(np.asarray(domains, dtype=np.float32), (run.num_frames, 1))
    pale = theme.faint(style.colour)
    edge = {"type": "scatter", "mode": "lines", "line": {"width": EDGE, "color": pale}, "hoverinfo": "skip", **axes}
    chart.add(edge, "at", x=across, y=run(f"low.{name}", count))
    chart.add({**edge, "fill": "tonexty", "fillcolor": pale}, "at", x=across, y=run(f"high.{name}", count))
    blind = line(BLIND_STYLE.meaning, f"{title}, blind", dash=BLIND_STYLE.dash, hovertemplate=_said(f"{title}, blind"))
    chart.add({**blind, **axes}, "at", x=across, y=run(f"blind.{name}", count))
    _marked(chart, run, name, title, across, axes)


def _marked(chart: Chart, run: Run, name: str, title: str, across: np.ndarray, axes: Mapping[str, str]) -> None:
    """A line with a mark at every area."""
    style = STYLES[name]
    drawn = line(style.meaning, title, dash=style.dash, hovertemplate=_said(title))
    marks = dots(style.meaning, title, style.symbol)["marker"]
    trace = {**drawn, "mode": "lines+markers", "marker": marks, **axes}
    chart.add(trace, "at", x=across, y=run(f"accuracy.{name}", across.shape[1]))


def _said(title: str) -> str:
    return f"{title}: %{{y:.1f}} % in area %{{x}}<extra></extra>"


def _together(run: Run, titles: Mapping[str, str], domains: Sequence[float]) -> Plot:
    """All lines on one pair of axes, so that one sees which falls most."""
    chart = Chart()
    across = np.tile(np.asarray(domains, dtype=np.float32), (run.num_frames, 1))
    for name, title in titles.items():
        _marked(chart, run, name, title, across, {})
    ticks = {"tickvals": list(domains), "ticktext": [f"{domain:g}" for domain in domains], "title": {"text": ACROSS}}
    layout = {
        "margin": {"l": LEFT, "r": 26, "t": 12, "b": 46},
        "xaxis": {**_areas(domains, True), **ticks},
        "yaxis": percent_axis("right answers"),
    }
    alt = f"Right answers by how far the area is, on one pair of axes: {', '.join(titles.values())}."
    return chart.plot(layout, key="together", title="Together", alt=alt, area="side", keep=f"together-{len(titles)}")


def _numbers(run: Run, titles: Mapping[str, str], domains: Sequence[float]) -> Plot:
    """The same numbers as a table, a row a type, and the mean of the types."""
    named = {**titles, AVERAGE: "AA"}
    given = Matrix(
        values=[run(f"accuracy.{name}", len(domains)) for name in named],
        rows=["OA" if name == OVERALL else title for name, title in named.items()],
        columns=[f"{domain:g}" for domain in domains],
        across=ACROSS,
        most=PERCENTS[1],
        hover="%{y}: %{z:.1f} % in area %{x}",
    )
    alt = f"Right answers in percent as a table: rows are {', '.join(named.values())}, columns areas."
    return matrix(given, key="numbers", title="Numbers", caption="right answers, %", alt=alt)
