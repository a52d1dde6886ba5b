"""Knows how each network of the lesson on backpropagation is written in torch, with its present numbers.

Does not know the training loop around it; `backprop_programs.py` does.
"""

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from dlcore.datasets.points import iris
from dlcore.formula import Formula, parse
from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS, value
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.scalar_net import Module, Net
from dlcore.topics.timeline import State, Values

WIDEST = 110  # characters of a line with numbers in it
IMPORTS = "from functools import partial\n\nimport torch\n"
TENSOR = "tensor = partial(torch.tensor, dtype=torch.float64)"

SHARED_BIAS = '''\
class SharedBias(nn.Linear):
    """z = W x + b with the same b for every unit."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x @ self.weight.T + self.bias
'''

HALF_SQUARE = """\
def loss_fn(p, y):
    return ((p - y) ** 2).sum() / 2
"""

#: Modules without parameters or sizes.
PLAIN = {"tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "relu": "nn.ReLU()"}


class Source(NamedTuple):
    """A network as source, up to the optimizer."""

    imports: str
    setup: str  # data, network, first values
    forward: tuple[str, ...]  # the lines that compute the loss
    setters: Mapping[str, str]  # leaf -> the line that sets it to {value}, in sample {sample} if it is data
    definitions: tuple[str, ...] = ()
    biases: Mapping[str, str] = {}  # leaf -> its tensor, where the whole tensor is biases
    named: str = "variables.items()"  # names and tensors of all parameters
    learned: str = "variables.values()"  # what the optimizer gets
    loss: str = "loss"
    body: int = 0  # how many members of `net` lie before what the fault "detach" cuts off; 0: it cuts nothing
    head_learns: bool = True  # whether there are parameters behind them


def formula_source(config: BackpropConfig, net: Net, state: State) -> Source:
    """A typed formula as a function of variables."""
    read = parse(config.formula)
    exact = Formula(read.text, read.names, _TensorLimits().visit(read.tree))
    start = [f'    "{name}": tensor({w!r}, requires_grad=True),\n' for name, w in state.parameters.items()]
    return Source(
        imports=IMPORTS,
        definitions=(f"def formula({', '.join(read.names)}):\n    return {exact.python()}\n",),
        setup="".join(["variables = {\n", *start, "}\n"]),
        forward=("f = formula(**variables)",),
        setters={name: f'variables["{name}"].data.fill_({{value}})' for name in net.start},
        biases={name: f'variables["{name}"]' for name in net.start},
        loss="f",
    )


class _TensorLimits(ast.NodeTransformer):
    """max(x, 0.5) with a tensor for the number: torch.clamp would have another slope where both are equal."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if len(node.args) == 2:
            constant = [_is_number(side) for side in node.args]
            if any(constant) and not all(constant):
                at = constant.index(True)
                node.args[at] = ast.Name(f"tensor({value(node.args[at], {})!r})")
        return node


def _is_number(node: ast.expr) -> bool:
    known = CONSTANTS.keys() | FUNCTIONS.keys()
    return all(part.id in known for part in ast.walk(node) if isinstance(part, ast.Name))


def softmax_source(_: BackpropConfig, net: Net, state: State) -> Source:
    """Logits that are learned themselves."""
    targets = net.modules[-1].targets
    return Source(
        imports=IMPORTS + "import torch.nn.functional as F\n",
        setup=numbers("z = tensor(", tuple(net.start), (len(net.start),), state.parameters, ", requires_grad=True)")
        + numbers("y = tensor(", targets, (len(targets),), state.data[0])
        + 'variables = {"z": z}\n',
        forward=("loss = F.cross_entropy(z, y)  # of softmax(z) and y",),
        setters={name: f"z.data[{i}] = {{value}}" for i, name in enumerate(net.start)}
        | {name: f"y[{i}] = {{value}}" for i, name in enumerate(targets)},
    )


def layers_source(_: BackpropConfig, net: Net, state: State) -> Source:
    """A network of layers as nn.Sequential, and one sample x, y or the flowers."""
    layers = _layers(net)
    flowers = len(net.data) > 1
    imports, data = _flowers() if flowers else _sample(net, state)
    half_square = net.modules[-1].kind == "half-square"
    shared = any(text.startswith("SharedBias") for text, _ in layers)
    parts = [data, "\n", _network(layers), _first_values(layers, state)]
    parts += [] if half_square else ["loss_fn = nn.BCELoss()\n"]
    cut = {net.graph.nodes[index].name for index in net.detached}
    body = next(at for at, (_, module) in enumerate(layers, 1) if module and cut <= {*module.outputs})
    return Source(
        imports=imports,
        definitions=(SHARED_BIAS,) * shared + (HALF_SQUARE,) * half_square,
        setup="".join(parts),
        forward=("p = net(x)", "loss = loss_fn(p, y)"),
        setters=_parameter_setters(layers) | _data_setters(net, flowers),
        biases={name: f"net[{at}].bias" for at, (_, module) in enumerate(layers) if module for name in module.biases},
        named="net.named_parameters()",
        learned="net.parameters()",
        body=body,
        head_learns=any(module.weights for _, module in layers[body:] if module),
    )


#: The members of nn.Sequential: constructors, and the modules of the lesson that they make; Flatten is none of them.
Layers = list[tuple[str, Module | None]]


def _layers(net: Net) -> Layers:
    """The members in order."""
    layers: Layers = []
    shape: tuple[int, ...] = ()
    for module in net.modules[:-1]:
        if module.kind == "linear" and len(shape) > 1:
            layers.append(("nn.Flatten(0)", None))
        layers.append((_constructor(module), module))
        shape = module.output_shape
    return layers


def _constructor(module: Module) -> str:
    match module.kind:
        case "linear":
            outputs, inputs = module.weight_shape
            return f"{'SharedBias' if _shares(module) else 'nn.Linear'}({inputs}, {outputs})"
        case "conv":
            outputs, inputs, height, width = module.weight_shape
            return f"nn.Conv2d({inputs}, {outputs}, ({height}, {width}))"
        case "max-pool":
            return f"nn.MaxPool2d({module.input_shape[-1] // module.output_shape[-1]})"
    return PLAIN[module.kind]


def _shares(module: Module) -> bool:
    """Whether all its units have one bias."""
    return len(set(module.biases)) < len(module.biases)


def _network(layers: Layers) -> str:
    """The line that makes the network; a line for each layer with its activation where that is too long."""
    names = [text for text, _ in layers]
    line = f"net = nn.Sequential({', '.join(names)}).double()\n"
    if len(line) <= WIDEST:
        return line
    pairs = [f"    {', '.join(names[i : i + 2])},\n" for i in range(0, len(names), 2)]
    return "".join(["net = nn.Sequential(\n", *pairs, ").double()\n"])


def _first_values(layers: Layers, state: State) -> str:
    """The lines that set all parameters."""
    lines = ["net.load_state_dict({\n"]
    for at, (_, module) in enumerate(layers):
        if module and module.weights:
            biases = tuple(dict.fromkeys(module.biases))
            lines.append(
                numbers(f'    "{at}.weight": tensor(', module.weights, module.weight_shape, state.parameters, "),")
            )
            lines.append(numbers(f'    "{at}.bias": tensor(', biases, (len(biases),), state.parameters, "),"))
    return "".join([*lines, "})\n"])


def _parameter_setters(layers: Layers) -> dict[str, str]:
    setters = {}
    for at, (_, module) in enumerate(layers):
        if module:
            for number, name in enumerate(module.weights):
                place = ", ".join(str(i) for i in np.unravel_index(number, module.weight_shape))
                setters[name] = f"net[{at}].weight.data[{place}] = {{value}}"
            for number, name in enumerate(dict.fromkeys(module.biases)):
                setters[name] = f"net[{at}].bias.data[{number}] = {{value}}"
    return setters


def _sample(net: Net, state: State) -> tuple[str, str]:
    """Imports, and the lines that make x and y."""
    first, last, sample = net.modules[0], net.modules[-1], state.data[0]
    x = numbers("x = tensor(", first.inputs, first.input_shape, sample)
    y = numbers("y = tensor(", last.targets, last.input_shape, sample)
    return IMPORTS + "from torch import nn\n", x + y


def _flowers() -> tuple[str, str]:
    """Imports, and the lines that load the inputs and targets of all samples."""
    imports, lines = iris().setup.split("\n\n")
    shaped = "targets = targets.unsqueeze(1)  # (samples, 1), as the network answers\n"
    return f"from functools import partial\n\n{imports}\nfrom torch import nn\n", lines + shaped


def _data_setters(net: Net, several: bool) -> dict[str, str]:
    first, last = net.modules[0], net.modules[-1]
    inputs, targets = ("inputs[{sample}, ", "targets[{sample}, ") if several else ("x[", "y[")
    setters = {}
    for number, name in enumerate(first.inputs):
        place = ", ".join(str(i) for i in np.unravel_index(number, first.input_shape))
        setters[name] = f"{inputs}{place}] = {{value}}"
    return setters | {name: f"{targets}{number}] = {{value}}" for number, name in enumerate(last.targets)}


def numbers(before: str, names: Sequence[str], shape: tuple[int, ...], values: Values, after: str = ")") -> str:
    """A line such as "x = tensor([1.0, 2.0])  # x1 x2"; a line for every row where that would be too long."""
    text = str(np.array([values[name] for name in names]).reshape(shape).tolist())
    known = "" if (*names,) == (before.split()[0],) else f"  # {' '.join(names)}"
    line = f"{before}{text}{after}{known}\n"
    if len(line) <= WIDEST:
        return line
    rows = text.split("], [")
    opened = before + "[" * (len(shape) - 1)  # up to the first row's bracket
    starts, ends = [opened, *[" " * len(opened) + "["] * (len(rows) - 1)], [*["],"] * (len(rows) - 1), after]
    rows[0] = rows[0].removeprefix("[" * (len(shape) - 1))
    named = [" ".join(row) for row in np.array(names).reshape(len(rows), -1)]
    return "".join(f"{a}{row}{b}  # {name}\n" for a, row, b, name in zip(starts, rows, ends, named, strict=True))
