"""Texts of stacks as readers could write them, which fit to their inputs or not."""

from hypothesis import assume
from hypothesis import strategies as st

from dlcore.topics.layer_stack import Stack
from dlcore.topics.layer_text import read_layers

POINTWISE = st.sampled_from(["relu", "bn", "tanh", "dropout", "gelu", "sigmoid"])
PADS = ["", " p1", " p2", " p1x0", " p=same", " p=half", " p=full"]


@st.composite
def windows(draw: st.DrawFn) -> str:
    """A convolution or a pooling."""
    kernel = "x".join(str(draw(st.integers(1, 4))) for _ in range(draw(st.integers(1, 2))))
    stride = draw(st.sampled_from(["", " s1", " s2", " s3", " s2x1"]))
    if draw(st.booleans()):
        settings = "".join(draw(st.sampled_from(some)) for some in (PADS, ["", " d2"], ["", " nobias"]))
        return f"conv {kernel} {draw(st.integers(1, 4))}{stride}{settings}"
    return f"{draw(st.sampled_from(['maxpool', 'avgpool']))} {kernel}{stride}"


@st.composite
def same_size(draw: st.DrawFn) -> str:
    """Branches that keep the size of the map, and may be put side by side."""
    layer = st.sampled_from(["conv 3x3 2 p1", "conv 1x1 3", "relu", "maxpool 3x3 s1 p1", "conv 2x2 1 p=same", ""])
    branches = draw(st.lists(st.lists(layer, max_size=2), min_size=2, max_size=3))
    return f"cat({' | '.join('; '.join(filter(None, branch)) for branch in branches)})"


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """A stack over a small input."""
    layers = draw(st.lists(st.one_of(windows(), POINTWISE, same_size()), min_size=1, max_size=6))
    head = draw(st.sampled_from([[], ["gap", "flatten", "fc 3"], ["flatten", "fc 4 nobias", "relu", "fc 2"]]))
    size = (draw(st.integers(1, 3)), draw(st.integers(4, 20)), draw(st.integers(4, 20)))
    try:
        return Stack(input=size, layers=read_layers("; ".join([*layers, *head])))
    except ValueError:
        assume(False)
        raise
