"""What a stack of layers costs and sees: sizes of its maps, parameters, multiply-adds, memory, receptive fields.

Knows the arithmetic of shapes alone and computes no activation; torch's own modules for the same stack are in
stack_modules.py. A multiply-add is counted once; FLOPs count it as two operations. As in the papers, those of
convolutions and fully connected layers are counted, those with padding included, and nothing else is: biases, pooling,
normalisation and activations cost less than a hundredth of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from dlcore import require
from dlcore.topics.convolution import Conv, num_multiply_adds, num_parameters
from dlcore.topics.layer_text import Misplaced, branch_place, placed
from dlcore.topics.layers import Branches, Convolution, Layer, Linear, Plain, Pooling
from dlcore.topics.receptive_fields import Field, joined, pixels

Shape = tuple[int, ...]  # (channels, height, width), or (numbers,)

MAX_SIZE, MAX_CHANNELS = 512, 4096  # of the input
MAX_OUTPUT_CHANNELS = 2**16  # cat doubles them every time
MAP, VECTOR = 3, 1  # how long a shape is
VIEWS = ("flatten", "identity")  # the same numbers, kept only once
BYTES = 4  # of a float32


@dataclass(frozen=True, kw_only=True)
class Row:
    """One layer of a stack in its place; a branch's layers stand before the layer that joins the branches.

    sources: the rows (index) that it takes as input. fields: along (height, width). depth: in how many branches it is.
    """

    index: int
    text: str
    layer: Layer | None  # None: the input, and the identity of an empty branch
    depth: int
    branch: str  # "1 of 2", or "" outside of branches
    sources: tuple[int, ...]
    shape: Shape
    num_parameters: int
    multiply_adds: int
    memory: int  # bytes of its output in float32, for one image
    fields: tuple[Field, Field]
    conv: Conv | None = None  # the geometry of its window, if it has one


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An input and the layers over it, which fit to one another.

    input: (channels, height, width).

    Raises: ValueError, one sentence that names the layer which does not fit, and why.
    """

    input: tuple[int, int, int] = (3, 224, 224)
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        channels, height, width = self.input
        require.whole("the number of input channels", channels, 1, MAX_CHANNELS)
        require.whole("the input's height", height, 1, MAX_SIZE)
        require.whole("the input's width", width, 1, MAX_SIZE)
        trace(self)


class Totals(NamedTuple):
    """Sums over a stack, for one image."""

    num_parameters: int
    multiply_adds: int
    memory: int


def trace(stack: Stack) -> list[Row]:
    """The input and every layer in the order in which they are computed.

    Raises: ValueError for a layer that does not fit to what comes before it.
    """
    tracer = _Tracer(stack.input)
    tracer.follow(stack.layers, 0)
    return tracer.rows


def totals(rows: Sequence[Row]) -> Totals:
    """What the whole stack has, needs and keeps."""
    return Totals(
        sum(row.num_parameters for row in rows),
        sum(row.multiply_adds for row in rows),
        sum(row.memory for row in rows),
    )


@dataclass
class _Tracer:
    """Goes through the layers and writes a row for each."""

    input: tuple[int, int, int]
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        fields = pixels(self.input[1]), pixels(self.input[2])
        self._add(_Effect(self.input, fields), None, "input", (), 0, "")

    def follow(self, layers: Sequence[Layer], source: int, outer: str = "", depth: int = 0, branch: str = "") -> int:
        """Writes the layers' rows over the row `source`; gives the index of the last one."""
        for layer, place in placed(tuple(layers), outer):
            if isinstance(layer, Branches):
                sources = self._branch_out(layer, source, place, depth)
                text = f"{layer.kind} of {len(sources)} branches"
            else:
                sources, text = (source,), str(layer)
            try:
                effect = _effect(layer, [self.rows[i] for i in sources])
            except ValueError as error:
                raise Misplaced(place, layer, str(error).rstrip(".")) from None
            source = self._add(effect, layer, text, sources, depth, branch)
        return source

    def _branch_out(self, layer: Branches, source: int, place: str, depth: int) -> tuple[int, ...]:
        """Where each branch ends."""
        ends = []
        for number, layers in enumerate(layer.branches, 1):
            branch = f"{number} of {len(layer.branches)}"
            if layers:
                ends.append(self.follow(layers, source, branch_place(place, number), depth + 1, branch))
            else:
                same = _Effect(self.rows[source].shape, self.rows[source].fields)
                ends.append(self._add(same, None, "identity", (source,), depth + 1, branch))
        return tuple(ends)

    def _add(
        self, effect: "_Effect", layer: Layer | None, text: str, sources: tuple[int, ...], depth: int, branch: str
    ) -> int:
        row = Row(
            index=len(self.rows),
            text=text,
            layer=layer,
            depth=depth,
            branch=branch,
            sources=sources,
            memory=0 if text in VIEWS else BYTES * prod(effect.shape),
            **effect._asdict(),
        )
        self.rows.append(row)
        return row.index


class _Effect(NamedTuple):
    """What a layer makes of its input."""

    shape: Shape
    fields: tuple[Field, Field]
    num_parameters: int = 0
    multiply_adds: int = 0
    conv: Conv | None = None


def _effect(layer: Layer, sources: Sequence[Row]) -> _Effect:
    """Raises: ValueError, what the layer needs instead, without its name."""
    match layer:
        case Convolution():
            return _convolved(layer, sources[0])
        case Pooling():
            return _pooled(layer, sources[0])
        case Linear():
            return _connected(layer, sources[0])
        case Plain():
            return _plain(layer.kind, sources[0])
        case Branches():
            return _joined(layer.kind, sources)


def _convolved(layer: Convolution, source: Row) -> _Effect:
    channels, *size = _map(source.shape)
    conv = Conv(
        size=tuple(size),
        kernel=layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        in_channels=channels,
        out_channels=layer.channels,
        groups=layer.groups,
        bias=layer.bias,
    )
    return _Effect(
        (layer.channels, *conv.output_size),
        _under_windows(source, conv),
        num_parameters(conv),
        num_multiply_adds(conv),
        conv,
    )


def _pooled(layer: Pooling, source: Row) -> _Effect:
    channels, *size = _map(source.shape)
    conv = Conv(size=tuple(size), kernel=layer.kernel, stride=layer.stride, padding=layer.padding)
    return _Effect((channels, *conv.output_size), _under_windows(source, conv), conv=conv)


def _connected(layer: Linear, source: Row) -> _Effect:
    if len(source.shape) == MAP:
        raise ValueError(
            f"it takes a vector, and what comes before is a map of {size_text(source.shape)}; put flatten between"
        )
    weights = source.shape[0] * layer.units
    return _Effect((layer.units,), _under_all(source), weights + layer.bias * layer.units, weights)


def _plain(kind: str, source: Row) -> _Effect:
    match kind:
        case "flatten":
            return _Effect((prod(source.shape),), source.fields)
        case "gap":
            return _Effect((_map(source.shape)[0], 1, 1), _under_all(source))
        case "lrn":
            _map(source.shape)
        case "bn":
            return _Effect(source.shape, source.fields, 2 * source.shape[0])  # a scale and a shift for each channel
    return _Effect(source.shape, source.fields)


def _joined(kind: str, sources: Sequence[Row]) -> _Effect:
    shapes = [source.shape for source in sources]
    if kind == "add" and len(set(shapes)) > 1:
        raise ValueError(f"only equal shapes can be added, and its branches end in {_each(shapes)}")
    if len({shape[1:] for shape in shapes}) > 1:
        raise ValueError(f"only the channels of its branches may differ, and they end in {_each(shapes)}")
    channels = shapes[0][0] if kind == "add" else sum(shape[0] for shape in shapes)
    if channels > MAX_OUTPUT_CHANNELS:
        raise ValueError(f"it would have {channels:,} channels; at most {MAX_OUTPUT_CHANNELS:,} are counted")
    fields = joined(source.fields[0] for source in sources), joined(source.fields[1] for source in sources)
    return _Effect((channels, *shapes[0][1:]), fields)


def _map(shape: Shape) -> Shape:
    if len(shape) != MAP:
        raise ValueError(f"it takes a map with height and width, and what comes before is a vector of {shape[0]:,}")
    return shape


def _under_windows(source: Row, conv: Conv) -> tuple[Field, Field]:
    axes = zip(source.fields, conv.extent, conv.stride, conv.pads, conv.output_size, strict=True)
    high, wide = (field.under_windows(extent, stride, pads[0], n) for field, extent, stride, pads, n in axes)
    return high, wide


def _under_all(source: Row) -> tuple[Field, Field]:
    high, wide = source.fields
    return high.under_all(), wide.under_all()


def size_text(shape: Shape) -> str:
    """A shape as it is read: 64×56×56."""
    return "×".join(map(str, shape))


def _each(shapes: Sequence[Shape]) -> str:
    return " and ".join(map(size_text, dict.fromkeys(shapes)))
