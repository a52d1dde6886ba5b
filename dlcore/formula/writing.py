"""A formula's tree written out: as Python for a program, as LaTeX for the page."""

import ast
import re

from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS, call, value

# How tightly a piece of LaTeX holds together: a looser one gets brackets inside a tighter one.
_SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(5)

_TORCH_NAMES = {"ln": "log", "min": "minimum", "max": "maximum"}  # where torch's name is another
_LATEX_NAMES = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "log": r"\ln",
    "sigmoid": r"\sigma",
    "relu": r"\operatorname{ReLU}",
}
_GREEK = re.compile("alpha|beta|gamma|delta|epsilon|eta|theta|kappa|mu|nu|rho|sigma|tau|phi|chi|psi|omega")


def python(tree: ast.expr, prefix: str) -> str:
    """The tree as Python source over tensors, functions and constants behind `prefix`."""
    return ast.unparse(_translate(tree, prefix)).replace(" ** ", "**")


def _translate(node: ast.expr, prefix: str) -> ast.expr:
    """The tree with torch's names, whole numbers as such, and calls of numbers only replaced by their value."""
    match node:
        case ast.Constant(value=float(number)):
            return ast.Constant(int(number) if number.is_integer() else number)
        case ast.Name(id=name):
            return ast.Name(prefix + name if name in CONSTANTS else name)
        case ast.UnaryOp(op=sign, operand=operand):
            return ast.UnaryOp(sign, _translate(operand, prefix))
        case ast.BinOp(left=left, op=symbol, right=right):
            return ast.BinOp(_translate(left, prefix), symbol, _translate(right, prefix))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _translate_call(name, arguments, prefix)
    raise AssertionError(f"{ast.dump(node)} has not passed the whitelist")


def _translate_call(name: str, arguments: list[ast.expr], prefix: str) -> ast.expr:
    """A call as torch takes it: torch's functions take tensors, and only clamp takes a number beside one."""
    numbers = [argument for argument in arguments if _is_number(argument)]
    others = [_translate(argument, prefix) for argument in arguments if not _is_number(argument)]
    if not others:
        number = float(call(name, [value(argument, {}) for argument in arguments]))
        folded = ast.Constant(abs(number))
        return ast.UnaryOp(ast.USub(), folded) if number < 0 else folded
    if numbers:
        limit = ast.keyword({"min": "max", "max": "min"}[name], _translate(numbers[0], prefix))
        return ast.Call(ast.Name(prefix + "clamp"), others, [limit])
    return ast.Call(ast.Name(prefix + _TORCH_NAMES.get(name, name)), others, [])


def _is_number(node: ast.expr) -> bool:
    """Whether a tree has no variables."""
    known = CONSTANTS.keys() | FUNCTIONS.keys()
    return all(part.id in known for part in ast.walk(node) if isinstance(part, ast.Name))


def latex(tree: ast.expr) -> str:
    """The tree as LaTeX that needs no packages."""
    return _typeset(tree)[0]


def _typeset(node: ast.expr) -> tuple[str, int]:
    """LaTeX, and how tightly it holds together."""
    match node:
        case ast.Constant(value=float(number)):
            return _typeset_number(number)
        case ast.Name(id=name):
            return {"pi": r"\pi"}.get(name) or _typeset_variable(name), _ATOM
        case ast.UnaryOp(op=sign, operand=operand):
            return ("-" if isinstance(sign, ast.USub) else "+") + _inside(operand, _PRODUCT), _SIGN
        case ast.BinOp(left=left, op=symbol, right=right):
            return _typeset_operation(left, symbol, right)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _typeset_call(name, [_typeset(argument)[0] for argument in arguments])
    raise AssertionError(f"{ast.dump(node)} has not passed the whitelist")


def _inside(node: ast.expr, tightness: int) -> str:
    """LaTeX with brackets around it where it is looser than its surroundings ask for."""
    text, own = _typeset(node)
    return text if own >= tightness else rf"\left({text}\right)"


def _typeset_operation(left: ast.expr, symbol: ast.operator, right: ast.expr) -> tuple[str, int]:
    """Two operands and what joins them: a fraction for a quotient, a thin space or a dot for a product."""
    match symbol:
        case ast.Add():
            return f"{_inside(left, _SUM)} + {_inside(right, _PRODUCT)}", _SUM
        case ast.Sub():
            return f"{_inside(left, _SUM)} - {_inside(right, _PRODUCT)}", _SUM
        case ast.Div():
            return rf"\frac{{{_typeset(left)[0]}}}{{{_typeset(right)[0]}}}", _PRODUCT
        case ast.Pow():
            return f"{_inside(left, _ATOM)}^{{{_typeset(right)[0]}}}", _POWER
    factors = _inside(left, _SIGN), _inside(right, _POWER)
    dot = r" \cdot " if factors[1][0].isdigit() else r" \, "
    return dot.join(factors), _PRODUCT


def _typeset_call(name: str, arguments: list[str]) -> tuple[str, int]:
    """A function of its arguments, in its usual notation."""
    if name == "sqrt":
        return rf"\sqrt{{{arguments[0]}}}", _ATOM
    if name == "abs":
        return rf"\left|{arguments[0]}\right|", _ATOM
    if name == "exp":
        return f"e^{{{arguments[0]}}}", _POWER
    symbol = _LATEX_NAMES.get(name, "\\" + name)
    return rf"{symbol}\left({', '.join(arguments)}\right)", _ATOM


def _typeset_number(number: float) -> tuple[str, int]:
    """A number in decimals, or as digits times a power of ten where Python would write 1e-05."""
    digits, _, exponent = repr(int(number) if number.is_integer() else number).partition("e")
    if exponent:
        return rf"{digits} \cdot 10^{{{int(exponent)}}}", _PRODUCT
    return digits, _ATOM


def _typeset_variable(name: str) -> str:
    """A variable: its trailing number as an index, Greek names as letters, longer names upright."""
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    stem = stem.rstrip("_")
    if _GREEK.fullmatch(stem):
        stem = "\\" + stem
    elif len(stem) > 1:
        stem = r"\mathrm{" + stem.replace("_", r"\_") + "}"
    return f"{stem}_{{{index}}}" if index else stem
