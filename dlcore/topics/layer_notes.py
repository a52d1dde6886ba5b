"""Says of every layer of a stack how its numbers come about, with the numbers put in; computes none of them itself."""

from collections.abc import Sequence
from math import prod

from dlcore.topics.convolution import explain_size
from dlcore.topics.layer_stack import BYTES, VIEWS, Row, Shape, size_text
from dlcore.topics.layers import POINTWISE, Branches, Convolution, Linear, Plain, Pooling
from dlcore.topics.receptive_fields import Field

UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
AXES = ("height", "width")


def explain_layer(rows: Sequence[Row], row: Row) -> list[str]:
    """Sentences in HTML: output, parameters, multiply-adds, memory, receptive field, jump."""
    if not row.sources:
        return [f"The input: {_map(row.shape)}. {_memory(row)}", "Every pixel sees itself."]
    source = rows[row.sources[0]]
    return [_what(row, source), *_size(row), *_costs(row, source), _memory(row), *_sight(row, rows)]


def bytes_text(count: int) -> str:
    """So many bytes with three digits and a unit; 1 MB is 10⁶ bytes."""
    for size, unit in UNITS:
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _what(row: Row, source: Row) -> str:
    """What comes in, what goes out."""
    match row.layer:
        case None:
            return f"An empty branch hands on its input: {_map(row.shape)}."
        case Branches(kind, branches):
            verb = "added" if kind == "add" else "put side by side, channel after channel"
            return f"The outputs of {len(branches)} branches are {verb}: {_map(row.shape)}."
        case Plain(kind) if kind in POINTWISE:
            return f"{POINTWISE[kind]} keeps the shape: {_map(row.shape)}."
        case Plain("flatten"):
            return f"The same numbers in a row: {size_text(source.shape)} = {prod(source.shape):,}."
        case Plain("gap"):
            return f"The mean of each map: {_map(source.shape)} become {row.shape[0]:,} numbers."
    return f"From {_map(source.shape)} to <b>{_map(row.shape)}</b>."


def _map(shape: Shape) -> str:
    if len(shape) == 1:
        return f"{shape[0]:,} numbers"
    channels, *size = shape
    return f"{channels:,} map{'s' if channels > 1 else ''} of {'×'.join(map(str, size))}"


def _size(row: Row) -> list[str]:
    """The formula of the size, once where both axes are alike."""
    if row.conv is None:
        return []
    lines = explain_size(row.conv).splitlines()
    if len(set(lines)) == 1:
        return [f"Size: {lines[0]}"]
    return [f"{axis.capitalize()}: {line}" for axis, line in zip(AXES, lines, strict=True)]


def _costs(row: Row, source: Row) -> list[str]:
    match row.layer:
        case Convolution():
            return _convolution_costs(row, row.layer)
        case Linear():
            bias = f" + {row.layer.units:,}" if row.layer.bias else ""
            weights = f"{source.shape[0]:,}·{row.layer.units:,}"
            return [
                f"Parameters: {weights}{bias} = <b>{row.num_parameters:,}</b>",
                f"Multiply-adds: each weight once, <b>{row.multiply_adds:,}</b>",
            ]
        case Plain("bn"):
            return [f"Parameters: a scale and a shift for each channel, 2·{source.shape[0]:,} = {row.num_parameters:,}"]
    return []


def _convolution_costs(row: Row, layer: Convolution) -> list[str]:
    assert row.conv is not None
    high, wide = layer.kernel
    _, each, *_ = row.conv.weight_shape
    groups = f" ({row.conv.in_channels:,} channels in {layer.groups} groups)" if layer.groups > 1 else ""
    bias = f" + {layer.channels:,}" if layer.bias else ""
    places = "·".join(map(str, row.shape[1:]))
    return [
        f"Parameters: {high}·{wide}·{each:,}·{layer.channels:,}{bias} = <b>{row.num_parameters:,}</b>{groups}",
        f"Multiply-adds: each weight at {places} places, <b>{row.multiply_adds:,}</b>",
    ]


def _memory(row: Row) -> str:
    if row.text in VIEWS:
        return "Memory: none, it is the same numbers."
    return f"Memory: {prod(row.shape):,} numbers of {BYTES} bytes, {bytes_text(row.memory)}"


def _sight(row: Row, rows: Sequence[Row]) -> list[str]:
    """Receptive field and jump, of the height alone where the width is alike."""
    sources = [rows[i] for i in row.sources]
    lines = [_field(row, axis, [source.fields[axis] for source in sources]) for axis in (0, 1)]
    if lines[0] == lines[1]:
        return [lines[0]]
    return [f"{axis.capitalize()}: {line[:1].lower()}{line[1:]}" for axis, line in zip(AXES, lines, strict=True)]


def _field(row: Row, axis: int, sources: Sequence[Field]) -> str:
    field, before = row.fields[axis], sources[0]
    if isinstance(row.layer, Branches):
        sizes = " and ".join(str(size) for size in sorted({source.size for source in sources}))
        return f"Sees <b>{field.size}</b> pixels: the branches see {sizes}. Jump {field.jump}."
    if isinstance(row.layer, Convolution | Pooling) and row.conv is not None:
        extent, stride = row.conv.extent[axis], row.conv.stride[axis]
        return (
            f"Sees {before.size} + ({extent} − 1)·{before.jump} = <b>{field.size}</b> pixels. "
            f"Jump {before.jump}·{stride} = <b>{field.jump}</b>."
        )
    if field.units < before.units:
        return (
            f"Sees all {before.units} units: {before.size} + ({before.units} − 1)·{before.jump} = <b>{field.size}</b>."
        )
    return f"Sees {field.size} pixels, as before. Jump {field.jump}."
