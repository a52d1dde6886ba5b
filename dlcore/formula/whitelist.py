"""Which syntax trees are formulas: Python's `ast` reads the tokens, and every node must be on a list."""

import ast
import math

from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS, arity, value
from dlcore.formula.tokens import MAX_DEPTH, FormulaError, Token

MAX_NUMBER = 1e6  # of a number, and of what numbers make among themselves: no 9**9**9


def read_tree(tokens: list[Token]) -> ast.expr:
    """The tokens as Python's `ast` reads them, with each node's `col_offset` in the text as typed.

    Raises: FormulaError for a number that is too large.
    """
    source, positions = "", {}
    for token in tokens:
        if token.kind == "number" and float(token.text) > MAX_NUMBER:
            raise _not_real(token.position)
        positions[len(source)] = token.position
        source += (repr(float(token.text)) if token.kind == "number" else token.text) + " "  # Python refuses 007
    tree = ast.parse(source.rstrip(), mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            node.col_offset = positions[node.col_offset]
    return tree


def validate(node: ast.expr, depth: int = 1) -> bool:
    """Refuse every node that is not on this list. Returns whether the node is free of variables.

    Parts without variables are computed here, from the smallest up, so that none can fail or grow later.

    Raises: FormulaError.
    """
    if depth > MAX_DEPTH:
        raise FormulaError(f"The formula is nested more than {MAX_DEPTH} levels deep", node.col_offset)
    match node:
        case ast.Constant(value=float()):
            operands = []
        case ast.Name(id=name):
            return name in CONSTANTS
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            operands = [operand]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=right):
            operands = [left, right]
        case ast.Call(func=ast.Name(id=name), args=operands, keywords=[]) if name in FUNCTIONS:
            if len(operands) != arity(name):
                wanted = {1: "one argument", 2: "two arguments"}[arity(name)]
                raise FormulaError(f"'{name}' takes {wanted}, and here it has {len(operands)}", node.col_offset)
        case _:
            raise FormulaError(f"{type(node).__name__} has no place in a formula", node.col_offset)
    variable = [operand for operand in operands if not validate(operand, depth + 1)]
    if not variable:
        _check_constant(node)
    return not variable


def _check_constant(node: ast.expr) -> None:
    """Refuse a part without variables whose value is not real, or too large: 1/0, log(0), (-8)**0.5, 9**9**9."""
    try:
        number = value(node, {})
    except (ZeroDivisionError, OverflowError):
        number = math.inf
    if isinstance(number, complex) or not abs(number) <= MAX_NUMBER:
        raise _not_real(node.col_offset)


def _not_real(position: int) -> FormulaError:
    """The error for what is too large, or no number at all."""
    return FormulaError(f"What begins here is not a real number between ±{MAX_NUMBER:,.0f}", position)
