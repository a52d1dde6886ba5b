"""The check compares what it says, and finds what is wrong."""

import dataclasses

import pytest
from hypothesis import given, settings

from dlcore.topics import layer_stack, stack_checks
from dlcore.topics.layer_stack import Row, Stack, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.stack_checks import compare, seen_by
from tests.topics.random_stacks import stacks

STACK = Stack(
    input=(3, 32, 32), layers=read_layers("conv 3x3 8 s2 p1; relu; add(conv 3x3 8 p1 | ); gap; flatten; fc 10")
)


@given(stacks())
@settings(max_examples=60)
def test_whatever_fits_agrees_with_torch(stack: Stack) -> None:
    assert compare(stack).good


def test_the_middle_unit_is_seen_to_look_where_fingers_count() -> None:
    rows = trace(Stack(input=(1, 9, 7), layers=read_layers("conv 3x3 1; conv 3x1 1")))
    assert seen_by(rows) == [((4, 5), (3, 4)), ((3, 6), (2, 5)), ((2, 7), (2, 5))]


def wrong(rows: list[Row], index: int, **changed: object) -> list[Row]:
    return [dataclasses.replace(row, **changed) if row.index == index else row for row in rows]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"num_parameters": 7}, "num_parameters"),
        ({"multiply_adds": 7}, "multiply_adds"),
        ({"shape": (8, 16, 17)}, "shapes"),
        ({"fields": (layer_stack.Field(4, 2, -1, 16), layer_stack.Field(3, 2, -1, 16))}, "fields"),
        ({"fields": (layer_stack.Field(3, 2, 0, 16), layer_stack.Field(3, 2, -1, 16))}, "fields"),
    ],
)
def test_a_wrong_number_is_found(changed: dict, found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_checks, "trace", lambda stack: wrong(trace(stack), 1, **changed))
    result = compare(STACK)
    assert not result.good
    assert [name for name, difference in result._asdict().items() if difference] == [found]
