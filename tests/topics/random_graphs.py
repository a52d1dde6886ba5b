"""Graphs put together at random, for the tests of backpropagation: every node has a part in the loss."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from dlcore.topics.backprop import OPS, Graph

#: How many inputs an op may have.
NUMBERS_OF_INPUTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(OPS, (1,)),
    **dict.fromkeys(("subtract", "multiply", "divide", "power", "minimum", "maximum"), (2,)),
    **dict.fromkeys(("half-square", "cross-entropy"), (2,)),
    **dict.fromkeys(("add", "max"), (1, 2, 3, 5)),
    "affine": (3, 5, 7),
}
ROLES = st.sampled_from(("input", "parameter", "parameter", "target", "constant"))
KINKED = ("abs", "relu", "minimum", "maximum", "max")
SMOOTH = tuple(op for op in OPS if op not in KINKED)


@st.composite
def graphs(
    draw: st.DrawFn, first: str = "tanh", among: Sequence[str] = tuple(OPS), most: int = 12, reach: float = 5.0
) -> tuple[Graph, dict[str, float]]:
    """A graph and its leaves' values: the op `first`, then up to `most` ops `among` these, then the sum of loose ends.

    Ops go where their value and slopes stay below `reach`; elsewhere a tanh takes their place.
    """
    graph, leaves, values = Graph(), {}, []
    for i in range(draw(st.integers(2, 5))):
        low, high = (0.125, 0.875) if i < 2 else (-2.0, 2.0)  # between 0 and 1 every op is defined
        leaves[f"x{i}"] = draw(st.floats(low, high))
        graph.leaf(f"x{i}", "parameter" if i == 0 else draw(ROLES))
        values.append(np.float64(leaves[f"x{i}"]))
    inputs = draw(st.lists(st.sampled_from((0, 1)), min_size=7, max_size=7))
    _apply(graph, values, first, [0, *inputs][: NUMBERS_OF_INPUTS[first][-1]])
    for op in draw(st.lists(st.sampled_from(among), max_size=most)):
        number = draw(st.sampled_from(NUMBERS_OF_INPUTS[op]))
        inputs = draw(st.lists(st.integers(0, len(values) - 1), min_size=number, max_size=number))
        if _stays_below(reach, op, [values[j] for j in inputs]):
            _apply(graph, values, op, inputs)
        else:
            _apply(graph, values, "tanh", inputs[:1])
    used = {j for node in graph.nodes for j in node.inputs}
    graph.apply("add", *(i for i in range(len(values)) if i not in used), name="loss")
    return graph, leaves


def _apply(graph: Graph, values: list[np.float64], op: str, inputs: Sequence[int]) -> None:
    graph.apply(op, *inputs)
    values.append(OPS[op].value(*(values[j] for j in inputs)))


def _stays_below(reach: float, op: str, inputs: list[np.float64]) -> bool:
    if op == "cross-entropy" and not 0 <= inputs[1] <= 1:
        return False
    with np.errstate(all="ignore"):
        value = OPS[op].value(*inputs)
        return bool(np.all(np.abs([value, *OPS[op].slopes(value, *inputs)]) < reach))
