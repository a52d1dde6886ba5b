"""Knows how an operation and its local derivatives are written, with symbols or with numbers in the same places.

An operand with a sign comes in brackets, such as "(−1)"; where it cannot be taken for an operator they are left out.
"""

import re
from collections.abc import Callable, Sequence

from dlcore.topics.backprop import Node

#: op -> how its value is written from its inputs.
VALUES: dict[str, Callable[..., str]] = {
    "add": lambda *u: " + ".join([_bare(u[0]), *u[1:]]),
    "subtract": lambda a, b: f"{_bare(a)} − {b}",
    "multiply": lambda a, b: f"{_bare(a)} · {b}",
    "divide": lambda a, b: f"{_bare(a)} / {_closed(b)}",
    "negate": lambda a: f"−{a}",
    "power": lambda a, b: f"{_closed(a)}<sup>{_bare(b)}</sup>",
    "exp": lambda a: f"e<sup>{_bare(a)}</sup>",
    "log": lambda a: _of("ln", a),
    "sqrt": lambda a: f"√{_closed(a)}",
    "abs": lambda a: f"|{_bare(a)}|",
    "sigmoid": lambda a: f"σ({_bare(a)})",
    "relu": lambda a: f"max(0, {_bare(a)})",
    "minimum": lambda a, b: f"min({_bare(a)}, {_bare(b)})",
    "maximum": lambda a, b: f"max({_bare(a)}, {_bare(b)})",
    "max": lambda *u: f"max({', '.join(map(_bare, u))})",
    "affine": lambda *u: _affine(u),
    "half-square": lambda a, y: f"½ ({_bare(a)} − {y})²",
    "cross-entropy": lambda p, y: f"−{y} ln {p} − (1 − {y}) ln(1 − {p})",
    **{
        name: lambda a, name=name: _of(name, a)
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    },
}
#: op -> how each local derivative is written, from the output y and the inputs. All of these are symbols.
SLOPES: dict[str, Callable[..., Sequence[str]]] = {
    "add": lambda y, *u: ("1",) * len(u),
    "subtract": lambda y, a, b: ("1", "−1"),
    "multiply": lambda y, a, b: (_bare(b), _bare(a)),
    "divide": lambda y, a, b: (f"1 / {b}", f"−{y} / {b}"),
    "negate": lambda y, a: ("−1",),
    "power": lambda y, a, b: (_power_slope(a, b), f"{y} · {_of('ln', a)}"),
    "exp": lambda y, a: (y,),
    "log": lambda y, a: (f"1 / {a}",),
    "sqrt": lambda y, a: (f"1 / (2 · {y})",),
    "abs": lambda y, a: (f"sign({a})",),
    "sin": lambda y, a: (f"cos {a}",),
    "cos": lambda y, a: (f"−sin {a}",),
    "tan": lambda y, a: (f"1 + {y}²",),
    "asin": lambda y, a: (f"1 / √(1 − {a}²)",),
    "acos": lambda y, a: (f"−1 / √(1 − {a}²)",),
    "atan": lambda y, a: (f"1 / (1 + {a}²)",),
    "sinh": lambda y, a: (f"cosh {a}",),
    "cosh": lambda y, a: (f"sinh {a}",),
    "tanh": lambda y, a: (f"1 − {y}²",),
    "sigmoid": lambda y, a: (f"{y} · (1 − {y})",),
    "relu": lambda y, a: (f"1 if {_bare(a)} &gt; 0, else 0",),
    "minimum": lambda y, *u: [f"1 if {_bare(a)} is the smaller, else 0" for a in u],
    "maximum": lambda y, *u: [f"1 if {_bare(a)} is the larger, else 0" for a in u],
    "max": lambda y, *u: [f"1 if {_bare(a)} is the largest, else 0" for a in u],
    "affine": lambda y, *u: (*u[len(u) // 2 : -1], *u[: len(u) // 2], "1"),
    "half-square": lambda _, a, y: (f"{a} − {y}", f"{y} − {a}"),
    "cross-entropy": lambda _, p, y: (f"({p} − {y}) / ({p} · (1 − {p}))", f"ln((1 − {p}) / {p})"),
}
#: op -> its sign, to stand beside a node's name. Others have their own name.
SIGNS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "negate": "−",
    "power": "^",
    "log": "ln",
    "sigmoid": "σ",
    "relu": "ReLU",
    "minimum": "min",
    "maximum": "max",
    "half-square": "½( )²",
}


def written_sign(node: Node) -> str:
    """What a node does, in a word or a sign; nothing for a leaf."""
    return SIGNS.get(node.op, node.op)


def written_value(node: Node, inputs: Sequence[str]) -> str:
    """An op of these inputs, such as "w · x + b"."""
    return VALUES[node.op](*inputs)


def written_slope(node: Node, slot: int, output: str, inputs: Sequence[str]) -> str:
    """An op's local derivative with respect to one input, such as "1 − a²"."""
    return SLOPES[node.op](output, *inputs)[slot]


def as_operand(text: str) -> str:
    """A symbol or a number as an operation takes it: in brackets if it has a sign."""
    return f"({text})" if text.startswith("−") else text


def as_factor(text: str) -> str:
    """In brackets where it could not stand behind "·": with a sign, a sum, a quotient or words."""
    outside = _outside(re.sub(r"<sup>.*?</sup>", "", text))
    return f"({text})" if outside.startswith("−") or re.search(r" [+−/] | if ", outside) else text


def _outside(text: str) -> str:
    """What is not in brackets."""
    shorter = re.sub(r"\([^()]*\)", "", text)
    return text if shorter == text else _outside(shorter)


def _bare(text: str) -> str:
    """An operand at the beginning, or between brackets: nothing stands before its sign."""
    return text[1:-1] if text.startswith("(−") else text


def _closed(text: str) -> str:
    """In brackets also where it is a product with a power of ten."""
    return f"({text})" if "·" in text and not text.startswith("(") else text


def _of(function: str, text: str) -> str:
    """A function of an operand: ln x, ln(−1)."""
    operand = _closed(text)
    return f"{function}{operand}" if operand.startswith("(") else f"{function} {operand}"


def _affine(operands: Sequence[str]) -> str:
    """w1 x1 + w2 x2 + ... + b, from x1, x2, ..., w1, w2, ..., b."""
    half = len(operands) // 2
    pairs = zip(operands[half:-1], operands[:half], strict=True)
    products = [f"{w} · {x}" for w, x in pairs]
    return " + ".join([VALUES["multiply"](operands[half], operands[0]), *products[1:], operands[-1]])


def _power_slope(a: str, b: str) -> str:
    """The derivative of aᵇ with respect to a: 2 · x for a square."""
    if not re.fullmatch(r"\(?−?\d+\)?", b):
        return f"{_bare(b)} · {a}<sup>{_bare(b)} − 1</sup>"
    exponent = int(_bare(b).replace("−", "-"))
    if exponent in (1, 2):
        return "1" if exponent == 1 else f"2 · {a}"
    return f"{_bare(b)} · {a}<sup>{exponent - 1}</sup>".replace("-", "−")
