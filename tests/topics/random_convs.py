"""Convolutional layers drawn at random, small enough for thousands of them, their numbers, and torch's own modules."""

from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.convolution import MODES, PADDINGS, Conv

Spec = dict[str, Any]
MODULES: dict[tuple[int, bool], type[nn.Module]] = {
    (1, False): nn.Conv1d,
    (2, False): nn.Conv2d,
    (1, True): nn.ConvTranspose1d,
    (2, True): nn.ConvTranspose2d,
}


def each(axes: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    """A number for each axis."""
    return st.tuples(*[st.integers(low, high)] * axes)


def paddings(axes: int, *, symmetric: bool) -> st.SearchStrategy[Any]:
    """Every way to say how much; symmetric: only those that torch has, too."""
    numbers = st.integers(0, 4) | each(axes, 0, 4)
    pairs = st.tuples(*[each(2, 0, 4)] * axes)
    return numbers if symmetric else numbers | pairs | st.sampled_from(sorted(PADDINGS))


@st.composite
def specs(draw: st.DrawFn, *, transposed: bool | None = None, symmetric: bool = False) -> Spec:
    """Arguments of a layer, possible or not."""
    axes, groups = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    turned = draw(st.booleans()) if transposed is None else transposed
    return {
        "size": draw(each(axes, 1, 8)),
        "kernel": draw(each(axes, 1, 4)),
        "stride": draw(each(axes, 1, 4)),
        "dilation": draw(each(axes, 1, 3)),
        "padding": draw(paddings(axes, symmetric=symmetric)),
        "output_padding": draw(each(axes, 0, 3 if turned else 0)),
        "in_channels": groups * draw(st.integers(1, 2)),
        "out_channels": groups * draw(st.integers(1, 2)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "transposed": turned,
        "mode": "zeros" if turned else draw(st.sampled_from(sorted(MODES))),
    }


def possible(spec: Spec) -> bool:
    try:
        Conv(**spec)
    except ValueError:
        return False
    return True


def convs(*, transposed: bool | None = None, symmetric: bool = False) -> st.SearchStrategy[Conv]:
    """Layers that are possible."""
    return specs(transposed=transposed, symmetric=symmetric).filter(possible).map(lambda spec: Conv(**spec))


def numbers(conv: Conv, seed: int = 0) -> tuple[Tensor, Tensor, Tensor | None]:
    """Input, weight and bias, whole numbers in float64: exact, in whatever order they are summed."""
    draw = generator(seed)

    def drawn(*shape: int) -> Tensor:
        return torch.randint(-3, 4, shape, generator=draw).double()

    x, weight = drawn(conv.in_channels, *conv.size), drawn(*conv.weight_shape)
    return x, weight, drawn(conv.out_channels) if conv.bias else None


def module(spec: Spec) -> nn.Module:
    """Torch's own with the same arguments; it refuses what it cannot do."""
    same = ("stride", "padding", "dilation", "in_channels", "out_channels", "groups", "bias")
    more = {"output_padding": spec["output_padding"]} if spec["transposed"] else {"padding_mode": spec["mode"]}
    kind = MODULES[len(spec["size"]), spec["transposed"]]
    return kind(**{name: spec[name] for name in same}, **more, kernel_size=spec["kernel"], dtype=torch.float64)
