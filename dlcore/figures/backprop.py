"""The stage of the lesson on backpropagation: the graph, its notes, the loop, the training, made from a walk."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures.chart import Chart
from dlcore.figures.graph import layered_graph
from dlcore.figures.notes import Note, NoteEdit, Notes, Program
from dlcore.figures.scalar_graph import scalar_drawing
from dlcore.figures.stage import Plot, Readout, Stage, View
from dlcore.figures.theme import colour
from dlcore.numerals import digits, plain
from dlcore.topics.chain_rule import explain
from dlcore.topics.explanation import Explanation
from dlcore.topics.graph_checks import EXACT, NUMERIC
from dlcore.topics.scalar_net import label
from dlcore.topics.timeline import Training
from dlcore.topics.training_loop import training_loop
from dlcore.topics.walk import Span, Value, Walk, by_key, prediction_map

SECONDS, SLOWEST, FASTEST = 24, 2.5, 12  # a walk takes so long, within these frames a second
FEW = 40  # updates of which each has its marker
#: The two species: target, name, colour, symbol.
SPECIES = ((0, "versicolor", "class-a", "circle"), (1, "virginica", "class-b", "diamond"))
#: How the picture is read, said where nothing is selected and nothing happens.
KEY = (
    "<b>How to read the picture.</b> Squares are inputs, weights and targets; circles are computed from them. "
    "<b>Inside</b> stands the value, <b>below</b> the gradient: <i>?</i> is not yet known, … means that more is "
    "to come, None that nothing came. Wires are dashed where the weight is negative, thicker where it is large, "
    "dotted where a gradient of 0 came back. Blue is what happens now; ≠ disagrees with a right loop. "
    "Click any node or wire, or a line of the program."
)
#: What its colours mean.
MEANINGS = [
    Readout(label="positive", colour=colour("activation-positive")),
    Readout(label="negative", colour=colour("activation-negative")),
    Readout(label="gradient", colour=colour("gradient")),
]


def walk_stage(walk: Walk, training: Training) -> Stage:
    """The graph of scalars, and beside it the loop, the chain rule and the course of training."""
    config, num_nodes = walk.config, len(walk.net.places)
    alt = (
        f"A graph of {num_nodes} nodes from the inputs on the left to the loss on the right, with values and gradients."
    )
    keep = f"{config.network}{config.shape}{config.formula}"
    views: list[View] = [
        layered_graph(scalar_drawing(walk), alt=alt, keep=keep),
        loop_view(walk),
        notes_view(walk, explain(walk)),
        training_curve(walk, training),
    ]
    if config.network == "mlp":
        views.append(flowers(walk))
    return assembled(walk, training, views)


def assembled(walk: Walk, training: Training, views: Sequence[View]) -> Stage:
    """Views with what every level shares: pace, checks, the sentence on numbers that left the finite."""
    ending, note_from = _ending(walk, training)
    return Stage(
        views=views,
        num_frames=walk.num_frames,
        readouts=[*checks(walk), *MEANINGS],
        quantity="gradients differ from",
        halt=walk.phases.index("step") - 1 if "step" in walk.phases else 0,
        rate=min(max(walk.num_frames / SECONDS, SLOWEST), FASTEST),
        split=2.1 if walk.net.quiet else 1.7,
        file_name=f"backprop-{walk.config.network}",
        note=ending,
        note_from=note_from,
    )


def _ending(walk: Walk, training: Training) -> tuple[str, int]:
    """What left the finite numbers, and the frame from which on it is said: in this walk, or in training after it."""
    if walk.problem:
        return f"{plain(walk.problem)} The walk ends with the last finite numbers.", walk.num_frames - 1
    return (f"Training ended early. {plain(training.problem)}" if training.problem else ""), 0


def checks(walk: Walk) -> list[Readout]:
    """How far this loop's gradients are from torch.autograd's and from finite differences, at most; and the turn."""
    exact, numeric = walk.differences()
    turn = np.array(walk.updates) + 1
    right = "" if walk.config.fault == "none" else " (of a right loop)"
    return [
        Readout(label=f"torch.autograd{right} by", colour="", note=_mark(exact, EXACT)),
        Readout(label="finite differences by", colour="", note=_mark(numeric, NUMERIC)),
        Readout(label="turn", colour="", values=turn),
    ]


def _mark(difference: float, limit: float) -> str:
    """A difference, and whether it is small enough."""
    if math.isnan(difference):
        return "nothing to compare"
    return f"{digits(difference, 1)} {'✓' if difference < limit else '≠'}"


def loop_view(walk: Walk) -> Program:
    """The training loop, the present line marked."""
    loop = training_loop(walk.config, walk.net)
    active = [loop.active(phase, turn) for phase, turn in zip(walk.phases, walk.turns, strict=True)]
    return Program(key="loop", title="The training loop", lines=loop.lines, active=active, wrong=loop.wrong)


def notes_view(walk: Walk, explanations: Mapping[str, Explanation]) -> Notes:
    """The chain rule of what is selected, or of what happens now."""
    values = by_key(walk.values)
    items = {key: _note(walk, told, values) for key, told in explanations.items()}
    return Notes(key="chain-rule", title="Chain rule", items=items, active=walk.active, otherwise=KEY)


def _note(walk: Walk, told: Explanation, values: Mapping[str, list[Span[Value]]]) -> Note:
    """An explanation with the field for its leaf and the forms for its questions."""
    loss = label(walk.net.graph.nodes[-1].name)
    ask = [(start, end, end, name, f"∂{loss}/∂{label(name)}") for start, end, name in told.questions]
    edit = None
    if told.leaves:
        name = told.leaves[0]
        known = [(span.start, span.end, span.what.number) for span in values.get(name, [])]
        edit = NoteEdit(name=name, label=label(name), values=known)
    return Note(title=told.title, lines=told.lines, edit=edit, ask=ask)


def training_curve(walk: Walk, training: Training) -> Plot:
    """The loss after every update, with the place of the present frame; a click moves the walk there."""
    loss, updates = training.loss, np.arange(len(training.loss))
    present = np.minimum(walk.updates, updates[-1])
    curve = {
        "type": "scatter",
        "mode": "lines+markers" if len(updates) < FEW else "lines",
        "x": updates,
        "y": loss,
        "line": {"color": colour("loss"), "width": 2},
        "hovertemplate": "after update %{x}: loss %{y:.3g}<br>click: walk from here<extra></extra>",
    }
    marker = {"color": colour("accent"), "size": 11, "line": {"color": colour("ground"), "width": 1.5}}
    here = {"x": present[:1], "y": loss[present[:1]], "marker": marker, "hoverinfo": "skip"}
    chart = Chart()
    chart.add(curve)
    chart.add({"type": "scatter", "mode": "markers", **here}, "at", x=present.astype(float), y=loss[present])
    layout = {
        "xaxis": {"title": {"text": "updates made"}},
        "yaxis": {"title": {"text": "loss, mean over the samples"}},
    }
    alt = f"The loss over {updates[-1]} updates, from {loss[0]:.3g} to {loss[-1]:.3g}."
    return chart.plot(layout, key="training", title="Training", area="side", alt=alt, pick="stay")


def flowers(walk: Walk) -> Plot:
    """The data: every flower, the one that is in the network now, and what the network says all over the plane."""
    x, y, p = prediction_map(walk)
    heat = {
        "type": "heatmap",
        "x": x,
        "y": y,
        "z": p,
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, colour("class-a")], [0.5, colour("ground")], [1, colour("class-b")]],
        "opacity": 0.35,
        "showscale": False,
        "hoverinfo": "skip",
    }
    marker = {"color": "rgba(0,0,0,0)", "size": 19, "line": {"color": colour("accent"), "width": 3}}
    ring = {"x": [0], "y": [0], "marker": marker, "hoverinfo": "skip", "showlegend": False}
    chart = Chart()
    chart.add(heat)
    _add_species(chart, walk.iterations[0].before.data)
    chart.add({"type": "scatter", "mode": "markers", **ring}, "at", x=_taken(walk, "x1"), y=_taken(walk, "x2"))
    layout = {
        "xaxis": {"title": {"text": "x₁: petal length, standardised"}, "range": [x[0], x[-1]]},
        "yaxis": {"title": {"text": "x₂: petal width, standardised"}, "range": [y[0], y[-1]]},
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    alt = "Twenty flowers by petal length and width, two species; the plane is coloured by the network's prediction."
    return chart.plot(layout, key="data", title="Data", area="side", alt=alt)


def _add_species(chart: Chart, samples: Sequence[Mapping[str, float]]) -> None:
    """The flowers of each species, by colour and symbol."""
    for target, name, meaning, symbol in SPECIES:
        mine = [sample for sample in samples if (sample["y"] > 0.5) == bool(target)]
        trace = {
            "type": "scatter",
            "mode": "markers",
            "x": [sample["x1"] for sample in mine],
            "y": [sample["x2"] for sample in mine],
            "name": name,
            "marker": {"color": colour(meaning), "symbol": symbol, "size": 9},
            "hovertemplate": f"{name} (y = {target})<br>x₁ = %{{x:.3g}}, x₂ = %{{y:.3g}}<extra></extra>",
        }
        chart.add(trace)


def _taken(walk: Walk, name: str) -> np.ndarray:
    """An input of the sample that is in the network, (frames,)."""
    numbers, lengths = zip(*((done.leaves[name], end - start) for done, start, end in walk.taken), strict=True)
    return np.repeat(np.array(numbers), lengths)
