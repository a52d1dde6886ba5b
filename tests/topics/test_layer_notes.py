"""The notes on layers say the table's numbers, and the sums in them are right."""

import ast
import operator
import re

import pytest
from hypothesis import given, settings

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_notes import bytes_text, explain_layer
from dlcore.topics.layer_stack import Row, Stack, trace
from dlcore.topics.layer_text import read_layers
from tests.topics.random_stacks import stacks

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv}
SUM = re.compile(r"([\d(][\d+\-*/() ]*) = (\d+)")
SPELLING = str.maketrans({"·": "*", "×": "*", "−": "-", "⌊": "(", "⌋": ")"})


def notes(text: str, *size: int) -> tuple[list[Row], list[str]]:
    channels, height, width = size or (3, 32, 32)
    rows = trace(Stack(input=(channels, height, width), layers=read_layers(text)))
    return rows, explain_layer(rows, rows[-1])


def value(node: ast.expr) -> int:
    match node:
        case ast.BinOp(left, operation, right):
            return OPERATORS[type(operation)](value(left), value(right))
        case ast.Constant(int(number)):
            return number
    raise AssertionError(ast.dump(node))


def sums_in(sentence: str) -> list[tuple[str, int]]:
    """Every "a + b·c = d" of a sentence, as Python writes it, and d."""
    sentence = re.sub(r"/(?=\d)", "//", sentence)
    plain = re.sub(r"<.*?>|(?<=\d),(?=\d{3})", "", sentence).translate(SPELLING)
    return [(left, int(right)) for left, right in SUM.findall(plain)]


@given(stacks())
@settings(max_examples=60)
def test_every_sum_is_right(stack: Stack) -> None:
    rows = trace(stack)
    for row in rows:
        for sentence in explain_layer(rows, row):
            for left, right in sums_in(sentence):
                assert value(ast.parse(left.strip(), mode="eval").body) == right, sentence


def test_sums_are_found() -> None:
    _, lines = notes("conv 7x7 64 s2 p3; maxpool 3x3 s2 p1; conv 5x5 8 p2 g2", 3, 64, 64)
    assert [sum_ for line in lines for sum_ in sums_in(line)] == [
        ("((16 + 2*2 - 1*(5 - 1) - 1)//1) + 1", 16),
        ("5*5*32*8 + 8", 6408),
        ("11 + (5 - 1)*4", 27),
        ("4*1", 4),
    ]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_notes_say_the_costs_of_their_layer(name: str) -> None:
    known = ARCHITECTURES[name]
    rows = trace(Stack(input=known.input, layers=known.layers))
    for row in rows:
        text = " ".join(explain_layer(rows, row))
        for cost in (row.num_parameters, row.multiply_adds):
            assert not cost or f"{cost:,}" in text
        assert f"{row.fields[0].size}" in text or row.index == 0


def test_axes_that_differ_are_told_apart() -> None:
    _, lines = notes("conv 1x5 8", 3, 20, 30)
    text = " ".join(lines)
    assert "Height: ⌊(20 + 2·0 − 1·(1 − 1) − 1)/1⌋ + 1 = 20" in text
    assert "Width: sees 1 + (5 − 1)·1 = <b>5</b> pixels" in text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (256, "256 bytes"), (602_112, "602 kB"), (115_206_048, "115 MB"), (4e9, "4 GB")]
)
def test_bytes_are_written_with_a_unit(count: int, text: str) -> None:
    assert bytes_text(count) == text
