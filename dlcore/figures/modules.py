"""The stage of the lesson on backpropagation at the level of layer modules: a chain of them, with their arrays."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from dlcore.figures.backprop import assembled, loop_view, notes_view, training_curve
from dlcore.figures.graph import Drawing, DrawnNode, DrawnWire, Shown, layered_graph
from dlcore.figures.scalar_graph import soft, with_gaps
from dlcore.figures.stage import Stage
from dlcore.numerals import compact
from dlcore.topics.matrices import size
from dlcore.topics.module_notes import explain_modules
from dlcore.topics.module_walk import ModuleWalk, record_modules
from dlcore.topics.modules import Link, blocks
from dlcore.topics.scalar_net import label
from dlcore.topics.timeline import Training
from dlcore.topics.walk import Gradient, Span, Value, Walk, by_key

Place = tuple[float, float]  # column, row downwards
#: Rows of the picture: the chain, what its modules take below it; a second chain stands `LINE` further down.
BELOW, LINE = 1.0, 2.3
LANE = 1.65  # where the wire from the end of the first line runs back


def module_stage(walk: Walk, training: Training) -> Stage:
    """The chain of modules, and beside it the loop, the chain rule in matrices and the course of training."""
    modules = record_modules(walk)
    names = ", ".join(link.module.title for link in modules.links)
    alt = f"A chain of modules from the input to the loss, with the shapes of values and gradients: {names}."
    views = [
        layered_graph(module_drawing(modules), alt=alt, keep=f"modules {walk.config.network}{walk.config.shape}"),
        loop_view(modules),
        notes_view(modules, explain_modules(modules)),
        training_curve(modules, training),
    ]
    return assembled(modules, training, views)


def module_drawing(walk: ModuleWalk) -> Drawing:
    """Arrays with modules between them, parameters and targets below; they show shapes, where scalars have numbers."""
    places = chain_places(walk.links)
    arrays, made = blocks(walk.links), {link.x_out.key for link in walk.links}
    titles, gradients = {link.key: link.module.title for link in walk.links}, by_key(walk.gradients)
    return Drawing(
        nodes=[
            DrawnNode(key=key, label=titles.get(key) or label(key), x=x, y=y, leaf=key in arrays and key not in made)
            for key, (x, y) in places.items()
        ],
        wires=list(_wires(walk.links, places)),
        values=[_value(walk, span) for span in walk.values],
        grads=[
            shown
            for key in arrays
            if key != "y"
            for shown in with_gaps(key, gradients.get(key, []), walk.num_frames, partial(_gradient_text, walk))
        ],
        weights=[],
        sent=_sent(walk),
        active=walk.active,
    )


def chain_places(links: Sequence[Link]) -> dict[str, Place]:
    """Where everything stands: two lines as in a text, broken behind a module that ends a layer."""
    # Linear maps and their activations come in twos; the loss never stands alone.
    cut = min(2 * -(-(len(links) - 1) // 4), len(links) - 1)
    places: dict[str, Place] = {}
    for i, link in enumerate(links):
        line = i >= cut
        column, row = 2.0 * (i - cut * line), LINE * line
        places[link.x_in.key], places[link.key] = (column, row), (column + 1, row)
        below = link.leaves
        for j, block in enumerate(below):
            places[block.key] = (column + 1 + j - (len(below) - 1) / 2, row + BELOW)
    column, row = places[links[-1].key]
    return {**places, "E": (column + 1, row)}


def _wires(links: Sequence[Link], places: dict[str, Place]) -> Iterator[DrawnWire]:
    for link in links:
        for block in (link.x_in, *link.leaves):
            yield DrawnWire(key=f"{block.key}→{link.key}", points=(places[block.key], places[link.key]))
        start, end = places[link.key], places[link.x_out.key]
        turn = ((start[0], LANE), (end[0], LANE)) if start[1] != end[1] else ()
        yield DrawnWire(key=f"{link.key}→{link.x_out.key}", points=(start, *turn, end))


def _value(walk: ModuleWalk, span: Span[Value]) -> Shown:
    """A block's shape once it is known, the loss itself; a module's name."""
    key = span.key
    array = walk.arrays.get(("values", key, span.start))
    if array is None:
        return Shown(key, span.start, span.end, label(key), None)
    text = size(array.shape) if array.ndim else compact(float(array))
    return Shown(key, span.start, span.end, text, soft(span.what.number), span.what.wrong)


def _gradient_text(walk: ModuleWalk, span: Span[Gradient]) -> str:
    if span.what.total is None:
        return "None"
    array = walk.arrays["gradients", span.key, span.start]
    return compact(array.item()) if span.key == "E" else size(array.shape)


def _sent(walk: ModuleWalk) -> list[Shown]:
    """What has come back over each wire, by its size among all."""
    most = max((span.what.number for span in walk.sent if np.isfinite(span.what.number)), default=1.0) or 1.0
    return [Shown(s.key, s.start, s.end, "", float(np.sqrt(min(s.what.number / most, 1.0)))) for s in walk.sent]
