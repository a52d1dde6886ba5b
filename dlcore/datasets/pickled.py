"""Knows what a pickle describes, and does none of it: nothing is imported, called or built; knows no data set.

A pickle is a program, and to load a stranger's is to run it. Here its instructions are only read, by the standard
library's `pickletools`: names stay words, and what would be called becomes a `Made` that says by what and of what.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 200_000  # a batch of CIFAR-10 takes 40 thousand
NOT_READ = "it is no pickle of plain values that can be read here, or it is damaged"


@dataclass(frozen=True)
class Name:
    """What would be imported: module and name."""

    module: str
    name: str


@dataclass
class Made:
    """What would come of a call, and the state that it would be given."""

    by: Name
    of: tuple
    state: Any = None


def describe(data: bytes) -> Any:
    """What a pickle describes: dicts, lists, tuples, words, bytes and whole numbers, and `Made` for everything else.

    Python 2's strings are bytes, and only bytes and words name what is in a dict.

    Raises: ValueError, and nothing else.
    """
    reader = _Reader()
    try:
        for step, (code, value, _) in enumerate(pickletools.genops(data)):
            if step >= MOST_STEPS:
                raise ValueError("too many instructions")
            reader.follow(code.name, value)
        (described,) = reader.stack
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as fault:  # the stack may lack what is asked
        raise ValueError(NOT_READ) from fault
    return described


class _Reader:
    """The stack and the memory of a pickle's program."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks below each mark
        self.memory: dict[int, Any] = {}

    def follow(self, code: str, value: Any) -> None:
        """One instruction."""
        if code in PUSHED:
            self.stack.append(PUSHED[code](value))
        elif code in CHANGES:
            CHANGES[code](self, value)
        else:
            raise ValueError(f"its instruction {code} is not read here")

    def marked(self) -> list[Any]:
        """What lies above the last mark."""
        above, self.stack = self.stack, self.below.pop()
        return above

    def mark(self, _: Any) -> None:
        self.below.append(self.stack)
        self.stack = []

    def tuple_of_marked(self, _: Any) -> None:
        values = tuple(self.marked())
        self.stack.append(values)

    def tuple_of(self, size: int) -> None:
        if len(self.stack) < size:
            raise IndexError("what would be a tuple is not there")
        self.stack[-size:] = [tuple(self.stack[-size:])]

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise TypeError("what would be extended is no list")
        target.extend(values)

    def fill(self, values: list[Any]) -> None:
        target, keys = self.stack[-1], values[::2]
        if not isinstance(target, dict) or not all(isinstance(key, str | bytes) for key in keys):
            raise TypeError("what would be filled is no dict of words")
        target.update(zip(keys, values[1::2], strict=True))

    def name(self, _: Any) -> None:
        self.stack[-2:] = [Name(*self.stack[-2:])]

    def call(self, _: Any) -> None:
        by, of = self.stack[-2:]
        if not isinstance(by, Name) or not isinstance(of, tuple):
            raise TypeError("what would be called is no name")
        self.stack[-2:] = [_plain(by, of)]

    def build(self, _: Any) -> None:
        state = self.stack.pop()
        if not isinstance(self.stack[-1], Made):
            raise TypeError("what would be given a state was not made by a call")
        self.stack[-1].state = state

    def keep(self, place: int | None) -> None:
        self.memory[len(self.memory) if place is None else place] = self.stack[-1]


def _plain(by: Name, of: tuple) -> Made | bytes:
    """What would come of a call; bytes, which Python 3 writes for Python 2 as a word that would be encoded."""
    match by, of:
        case Name("_codecs", "encode"), (str(text), "latin1"):
            return text.encode("latin-1")
    return Made(by, of)


#: Instructions that put a value onto the stack; the value of the instruction itself is given.
PUSHED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE"), lambda value: value),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES"), lambda value: value),
    **dict.fromkeys(("BINSTRING", "SHORT_BINSTRING"), lambda value: value.encode("latin-1")),
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_LIST": lambda _: [],
    "EMPTY_DICT": lambda _: {},
    "EMPTY_TUPLE": lambda _: (),
    "GLOBAL": lambda value: Name(*value.split(" ", 1)),
}
#: Instructions that change what is on the stack.
CHANGES: dict[str, Callable[[_Reader, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda reader, _: None),
    "MARK": _Reader.mark,
    "TUPLE": _Reader.tuple_of_marked,
    "TUPLE1": lambda reader, _: reader.tuple_of(1),
    "TUPLE2": lambda reader, _: reader.tuple_of(2),
    "TUPLE3": lambda reader, _: reader.tuple_of(3),
    "APPEND": lambda reader, _: reader.extend([reader.stack.pop()]),
    "APPENDS": lambda reader, _: reader.extend(reader.marked()),
    "SETITEM": lambda reader, _: reader.fill([reader.stack.pop(-2), reader.stack.pop()]),
    "SETITEMS": lambda reader, _: reader.fill(reader.marked()),
    "STACK_GLOBAL": _Reader.name,
    "REDUCE": _Reader.call,
    "BUILD": _Reader.build,
    "BINPUT": _Reader.keep,
    "LONG_BINPUT": _Reader.keep,
    "MEMOIZE": _Reader.keep,
    "BINGET": lambda reader, place: reader.stack.append(reader.memory[place]),
    "LONG_BINGET": lambda reader, place: reader.stack.append(reader.memory[place]),
}
