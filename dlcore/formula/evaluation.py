"""What a formula's names mean, and how its tree is computed by torch; knows nothing of how a formula is read."""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

CONSTANTS = {"pi": math.pi, "e": math.e}


def absolute(u: Tensor) -> Tensor:
    """|u|, with slope 0 at 0 as torch.abs has; the second derivative of torch.abs would load torch's compiler (1 s)."""
    return torch.maximum(u, -u)


#: What may be called, by the name that is typed. `min` and `max` take two arguments, the others one.
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "asin": torch.asin,
    "acos": torch.acos,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "log": torch.log,
    "ln": torch.log,
    "sqrt": torch.sqrt,
    "abs": absolute,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "min": torch.minimum,
    "max": torch.maximum,
}

_OPERATORS: dict[type[ast.operator], Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_SIGNS: dict[type[ast.unaryop], Callable] = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def arity(name: str) -> int:
    """How many arguments a function takes."""
    return 2 if name in ("min", "max") else 1


def value(node: ast.expr, values: Mapping[str, Tensor]) -> Tensor | float:
    """The value of a tree that the whitelist has passed: a float where it has no variables, otherwise a tensor."""
    match node:
        case ast.Constant(value=float(number)):
            return number
        case ast.Name(id=name):
            return CONSTANTS[name] if name in CONSTANTS else values[name]
        case ast.UnaryOp(op=sign, operand=operand):
            return _SIGNS[type(sign)](value(operand, values))
        case ast.BinOp(left=left, op=symbol, right=right):
            return _OPERATORS[type(symbol)](value(left, values), value(right, values))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return call(name, [value(argument, values) for argument in arguments])
    raise AssertionError(f"{ast.dump(node)} has not passed the whitelist")


def call(name: str, arguments: Sequence[Tensor | float]) -> Tensor | float:
    """A function's value at tensors and numbers; where all are numbers, a number."""
    tensors = [argument for argument in arguments if isinstance(argument, Tensor)]
    numbers = [argument for argument in arguments if not isinstance(argument, Tensor)]
    if not tensors:
        return FUNCTIONS[name](*(torch.tensor(number, dtype=torch.float64) for number in numbers)).item()
    if numbers:  # torch.minimum takes no numbers: min(x, 1) holds x below a maximum
        return tensors[0].clamp(max=numbers[0]) if name == "min" else tensors[0].clamp(min=numbers[0])
    return FUNCTIONS[name](*tensors)
