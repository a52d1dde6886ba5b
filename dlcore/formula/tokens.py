"""A formula's text cut into tokens, and refused in a student's words where names or order make no sense.

Python's parser would refuse the order too, but in a programmer's words.
"""

import difflib
import keyword
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from dlcore.formula.evaluation import CONSTANTS, FUNCTIONS

MAX_LENGTH = 200  # characters
MAX_DEPTH = 64  # levels of nesting

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>\*\*|[-+*/^−·×])"
    r"|(?P<open>\()|(?P<close>\))|(?P<comma>,)"
)
_SPELLINGS = {"^": "**", "−": "-", "·": "*", "×": "*"}  # how else an operator may be typed
_HINTS = {
    "=": "write only what stands to the right of the equals sign",
    "[": "use round brackets",
    "{": "use round brackets",
    "²": "write **2",
    "³": "write **3",
    "π": "write pi",
    "√": "write sqrt(...)",
    "|": "write abs(...)",
    "÷": "write /",
}


class FormulaError(ValueError):
    """Why a text is no formula, in one sentence; `position` is the column (from 0) it points at, or None."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        place = "" if position is None else f" (character {position + 1})"
        super().__init__(f"{reason}{place}.")
        self.position = position


class Token(NamedTuple):
    """A piece of a formula, as Python writes it."""

    kind: str  # number, name, operator, open, close, comma
    text: str
    position: int  # column in the text as typed


def cut(text: str) -> list[Token]:
    """The text's tokens, spaces left out.

    Raises: FormulaError where the text is empty or too long, or has a character that no formula has.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"The formula has {len(text)} characters: at most {MAX_LENGTH} are read", MAX_LENGTH)
    tokens, position = [], 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaError(_foreign(text[position]), position)
        tokens.append(Token(match.lastgroup or "", _SPELLINGS.get(match[0], match[0]), position))
        position = match.end()
    if not tokens:
        raise FormulaError("The formula is empty")
    return tokens


def check_names(tokens: list[Token], names: Collection[str] | None) -> None:
    """Refuse a name that is neither a variable, nor a constant, nor a function that is called.

    names: the variables allowed; None for any.

    Raises: FormulaError, with the nearest name that is known.
    """
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.kind != "name":
            continue
        name, position = token.text, token.position
        called = following is not None and following.kind == "open"
        if keyword.iskeyword(name):
            raise FormulaError(f"'{name}' is a word of the Python language and has no place in a formula", position)
        if called and (name in CONSTANTS or name in (names or ())):
            raise FormulaError(f"'{name}' is not a function: a product is written {name}*(...)", position)
        if called and name not in FUNCTIONS:
            raise _unknown(token, FUNCTIONS, "functions are sin, exp, sqrt and others")
        if name in FUNCTIONS and not called:
            raise FormulaError(f"'{name}' is a function: write {name}(...)", position)
        if called or name in CONSTANTS:
            continue
        if names is None and (name.startswith("_") or "__" in name):
            raise FormulaError(f"'{name}' cannot be a variable: begin it with a letter, and leave out '__'", position)
        if names is not None and name not in names:
            known = [*sorted(names), *CONSTANTS]
            raise _unknown(token, [*known, *FUNCTIONS], f"known are {', '.join(known)} and functions such as sin(...)")


def check_order(tokens: list[Token]) -> None:
    """Refuse two operands with nothing between them, and operators, commas and brackets that lack an operand.

    Raises: FormulaError.
    """
    complete = False  # whether the formula could end before this token
    for before, token in _pairs(tokens):
        opens = token.kind in ("number", "name", "open")
        calls = token.kind == "open" and before is not None and before.kind == "name"
        if opens and complete and not calls:
            raise FormulaError(f"An operator is missing before '{token.text}': a product is written *", token.position)
        if not opens and not complete and token.text not in ("+", "-"):
            raise FormulaError(f"A number or a variable is missing before '{token.text}'", token.position)
        complete = token.kind in ("number", "name", "close")
    if not complete:
        raise FormulaError(f"A number or a variable is missing after '{tokens[-1].text}'", tokens[-1].position)


def check_brackets(tokens: list[Token]) -> None:
    """Refuse brackets that do not match or are nested too deeply, and commas outside a function's brackets.

    Raises: FormulaError.
    """
    brackets: list[tuple[int, bool]] = []  # of those open: the position, and whether it holds a function's arguments
    for before, token in _pairs(tokens):
        if token.kind == "open":
            brackets.append((token.position, before is not None and before.kind == "name"))
            if len(brackets) > MAX_DEPTH:
                raise FormulaError(f"The formula is nested more than {MAX_DEPTH} levels deep", token.position)
        elif token.kind == "close":
            if not brackets:
                raise FormulaError("This ')' closes nothing", token.position)
            brackets.pop()
        elif token.kind == "comma" and not (brackets and brackets[-1][1]):
            raise FormulaError("A comma belongs between a function's arguments: decimals have a point", token.position)
    if brackets:
        raise FormulaError("This '(' is never closed", brackets[-1][0])


def _pairs(tokens: list[Token]) -> Iterator[tuple[Token | None, Token]]:
    """Every token with the one before it."""
    return zip([None, *tokens[:-1]], tokens, strict=True)


def _foreign(character: str) -> str:
    """Why a character has no place in a formula, and what to write instead where that is known."""
    name = repr(character) if character.isprintable() else f"A character with the code {ord(character)}"
    hint = f": {_HINTS[character]}" if character in _HINTS else ""
    return f"{name} has no place in a formula{hint}"


def _unknown(token: Token, known: Collection[str], otherwise: str) -> FormulaError:
    """The error for a name that is not among those known: it names the nearest of them, or says something else."""
    near = difflib.get_close_matches(token.text.lower(), known, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else otherwise
    return FormulaError(f"'{token.text}' is not known: {advice}", token.position)
