"""Formulas as readers type them: read by a whitelist, computed by torch, written as Python and as LaTeX.

Knows numbers, variables, + − * / **, and the functions in FUNCTIONS. Nothing else is ever evaluated, and no text is
run as code: it is cut into tokens, Python's `ast` parses them, and the tree is walked against a list.
"""

import ast
from collections.abc import Collection
from dataclasses import dataclass, field

import torch
from torch import Tensor

from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS, value
from dlcore.formula.tokens import FormulaError, check_brackets, check_names, check_order, cut
from dlcore.formula.whitelist import read_tree, validate
from dlcore.formula.writing import latex, python

__all__ = ["CONSTANTS", "FUNCTIONS", "Formula", "FormulaError", "parse"]


@dataclass(frozen=True)
class Formula:
    """A formula that has passed `parse`: its text, its variables, and the checked tree."""

    text: str
    names: tuple[str, ...]  # the variables used, sorted
    tree: ast.expr = field(compare=False, repr=False)

    def __call__(self, **values: Tensor) -> Tensor:
        """The formula's value where its variables have these; shapes broadcast, and the dtype is the variables'.

        Where it is undefined, as log(x) is for x < 0, the value is NaN or infinite. Values of variables that the
        formula does not use are ignored. A formula without variables gives a tensor without dimensions.

        Raises: ValueError where a variable has no value.
        """
        missing = [name for name in self.names if name not in values]
        if missing:
            raise ValueError(f"The formula {self.text} needs a value for {', '.join(missing)}.")
        result = value(self.tree, values)
        return result if isinstance(result, Tensor) else torch.tensor(result, dtype=torch.float64)

    def python(self, prefix: str = "torch.") -> str:
        """The formula as Python over tensors, such as "torch.sin(x) + y**2", with the same value as the formula's."""
        return python(self.tree, prefix)

    def latex(self) -> str:
        r"""The formula in LaTeX, such as "\sin\left(x\right) + y^{2}"."""
        return latex(self.tree)


def parse(text: str, names: Collection[str] | None = None) -> Formula:
    """Read a formula.

    names: the variables it may use; None allows any name that begins with a letter and is not otherwise known.

    A power is written ** or ^ and binds as Python's ** does: -x^2 is -(x^2), and x^y^z is x^(y^z).

    Raises: FormulaError, one sentence that points at the place, for whatever is not a formula.
    """
    tokens = cut(text)
    check_names(tokens, names)
    check_order(tokens)
    check_brackets(tokens)
    tree = read_tree(tokens)
    validate(tree)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return Formula(text, tuple(sorted(used - FUNCTIONS.keys() - CONSTANTS.keys())), tree)
