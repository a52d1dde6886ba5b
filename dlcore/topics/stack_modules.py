"""A stack of layers as torch has it: the modules, and the short program that makes them; trains nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from dlcore.topics.layer_stack import Row, Stack, trace
from dlcore.topics.layers import Branches, Convolution, Layer, Linear, Plain, Pooling

INDENT = "    "


class Add(nn.Sequential):
    """Several branches over one input, added."""

    def forward(self, input: Tensor) -> Tensor:
        return torch.stack([branch(input) for branch in self]).sum(dim=0)


class Cat(nn.Sequential):
    """Several branches over one input, their channels side by side."""

    def forward(self, input: Tensor) -> Tensor:
        return torch.cat([branch(input) for branch in self], dim=1)


#: The two classes as the program writes them.
CLASSES = {
    "Add": """class Add(nn.Sequential):
    def forward(self, x):
        return sum(branch(x) for branch in self)
""",
    "Cat": """class Cat(nn.Sequential):
    def forward(self, x):
        return torch.cat([branch(x) for branch in self], dim=1)
""",
}


@dataclass(frozen=True)
class Call:
    """A module that is to be made: by which class, with what."""

    name: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> nn.Module:
        """The module itself."""
        kind = {"Add": Add, "Cat": Cat}.get(self.name) or getattr(nn, self.name)
        made = (argument.make() if isinstance(argument, Call) else argument for argument in self.arguments)
        return kind(*made, **self.options)

    def lines(self, indent: str = "") -> Iterator[str]:
        """The module as Python writes it; one that holds others has a line for each of them."""
        name = self.name if self.name in CLASSES else f"nn.{self.name}"
        if self.arguments and isinstance(self.arguments[0], Call):
            yield f"{indent}{name}("
            for part in self.arguments:
                *lines, last = part.lines(indent + INDENT)
                yield from lines
                yield f"{last},"
            yield f"{indent})"
        else:
            options = (f"{key}={value!r}" for key, value in self.options.items())
            yield f"{indent}{name}({', '.join([*map(repr, self.arguments), *options])})"


def build(stack: Stack, device: str = "meta") -> nn.Sequential:
    """The stack as torch's own modules, with first weights as torch draws them.

    On the device "meta" they have shapes and no numbers, so that even VGG-16 costs no memory; "cpu" fills them.
    """
    with torch.device(device):
        module = _sequential(stack).make()
    assert isinstance(module, nn.Sequential)
    return module


def program(stack: Stack) -> str:
    """A program that makes the stack, and prints the shape behind every layer, parameters and multiply-adds.

    It leaves them as `shapes`, `num_parameters` and `multiply_adds`.
    """
    net = _sequential(stack)
    lines = list(net.lines())
    used = [text for name, text in CLASSES.items() if any(line.strip() == f"{name}(" for line in lines)]
    made = "\n".join(lines)
    size = ", ".join(map(str, stack.input))
    return PROGRAM.format(classes="".join(f"{text}\n\n" for text in used), net=_indented(f"net = {made}"), size=size)


PROGRAM = """\
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


{classes}with torch.device("meta"):  # shapes without numbers: leave this out to compute
{net}
    x = torch.empty(1, {size})

net.eval()
shapes = []
with FlopCounterMode(display=False) as flops:
    for module in net:
        x = module(x)
        shapes.append(tuple(x.shape[1:]))
        print(type(module).__name__, shapes[-1])

num_parameters = sum(parameter.numel() for parameter in net.parameters())
multiply_adds = flops.get_total_flops() // 2  # FLOPs are two for each
print(f"{{num_parameters:,}} parameters, {{multiply_adds:,}} multiply-adds")
"""


def _indented(text: str) -> str:
    return "\n".join(INDENT + line for line in text.splitlines())


def _sequential(stack: Stack) -> Call:
    rows = trace(stack)
    return Call("Sequential", tuple(_calls(stack.layers, rows, iter(rows[1:]))))


def _calls(layers: tuple[Layer, ...], rows: list[Row], following: Iterator[Row]) -> Iterator[Call]:
    """A call for each layer; `following` gives the layers' rows, in the order of a trace."""
    for layer in layers:
        if isinstance(layer, Branches):
            branches = tuple(_branch(branch, rows, following) for branch in layer.branches)
            next(following)
            yield Call("Add" if layer.kind == "add" else "Cat", branches)
        else:
            row = next(following)
            yield _call(layer, row, rows[row.sources[0]].shape)


def _branch(layers: tuple[Layer, ...], rows: list[Row], following: Iterator[Row]) -> Call:
    if layers:
        return Call("Sequential", tuple(_calls(layers, rows, following)))
    next(following)
    return Call("Identity")


def _call(layer: Layer, row: Row, shape: tuple[int, ...]) -> Call:
    """The call of one layer over an input of this shape."""
    match layer:
        case Convolution():
            return _convolution(layer, row)
        case Pooling():
            options = _changed(stride=(layer.stride, layer.kernel), padding=(layer.padding, (0, 0)))
            return Call("MaxPool2d" if layer.kind == "maxpool" else "AvgPool2d", (_short(layer.kernel),), options)
        case Linear():
            return Call("Linear", (shape[0], layer.units), _changed(bias=(layer.bias, True)))
        case Plain("bn"):
            return Call("BatchNorm2d" if len(shape) == 3 else "BatchNorm1d", (shape[0],))
        case Plain(kind):
            return PLAIN[kind]
        case _:
            raise AssertionError


PLAIN = {
    "relu": Call("ReLU"),
    "tanh": Call("Tanh"),
    "sigmoid": Call("Sigmoid"),
    "gelu": Call("GELU"),
    "softmax": Call("Softmax", (), {"dim": 1}),
    "lrn": Call("LocalResponseNorm", (5,), {"k": 2}),  # as AlexNet has it
    "dropout": Call("Dropout"),
    "gap": Call("AdaptiveAvgPool2d", (1,)),
    "flatten": Call("Flatten"),
}


def _convolution(layer: Convolution, row: Row) -> Call:
    assert row.conv is not None
    (top, bottom), (left, right) = row.conv.pads
    even = top == bottom and left == right
    options = _changed(
        stride=(layer.stride, (1, 1)),
        padding=((top, left) if even else (0, 0), (0, 0)),
        dilation=(layer.dilation, (1, 1)),
        groups=(layer.groups, 1),
        bias=(layer.bias, True),
    )
    options = {"kernel_size": _short(layer.kernel), **options}
    conv = Call("Conv2d", (row.conv.in_channels, layer.channels), options)
    return conv if even else Call("Sequential", (Call("ZeroPad2d", ((left, right, top, bottom),)), conv))


def _changed(**settings: tuple[Any, Any]) -> dict[str, Any]:
    """The settings (present, default) that are not torch's default."""
    return {name: _short(present) for name, (present, default) in settings.items() if present != default}


def _short(value: Any) -> Any:
    """A pair of equal numbers as one of them."""
    return value[0] if isinstance(value, tuple) and value[0] == value[1] else value
