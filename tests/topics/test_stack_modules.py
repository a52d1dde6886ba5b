"""The modules are those that the text means, and the program that is shown makes them and prints the page's numbers."""

import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_stack import Stack, totals, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.stack_modules import build, program
from tests.topics.random_stacks import stacks


def stack_of(text: str, *size: int) -> Stack:
    channels, height, width = size or (4, 12, 12)
    return Stack(input=(channels, height, width), layers=read_layers(text))


def known(name: str) -> Stack:
    return Stack(input=ARCHITECTURES[name].input, layers=ARCHITECTURES[name].layers)


def run(stack: Stack) -> dict[str, Any]:
    """What the program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(program(stack), "program", "exec"), scope)
    return scope


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("conv 3x3 8", nn.Conv2d(4, 8, 3)),
        ("conv 1x3 8 s2 p0x1 d2 g4 nobias", nn.Conv2d(4, 8, (1, 3), 2, (0, 1), 2, 4, bias=False)),
        ("conv 3x3 8 p=half", nn.Conv2d(4, 8, 3, padding=1)),
        ("conv 3x3 8 p=full d2", nn.Conv2d(4, 8, 3, padding=4, dilation=2)),
        ("maxpool 3x3 s2 p1", nn.MaxPool2d(3, 2, 1)),
        ("avgpool 2x2", nn.AvgPool2d(2)),
        ("relu", nn.ReLU()),
        ("bn", nn.BatchNorm2d(4)),
        ("lrn", nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2)),
        ("gap", nn.AdaptiveAvgPool2d(1)),
        ("dropout", nn.Dropout(0.5)),
    ],
)
def test_a_layer_is_torchs(text: str, module: nn.Module) -> None:
    (made,) = build(stack_of(text), "cpu")
    assert repr(made) == repr(module)
    made.load_state_dict(module.state_dict())
    x = torch.linspace(-1, 1, 576).reshape(1, 4, 12, 12)
    assert torch.equal(made.eval()(x), module.eval()(x))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding_of_an_even_kernel_is_torchs_too() -> None:
    (made,) = build(stack_of("conv 4x2 8 p=same"), "cpu")
    conv = made.get_submodule("1")
    assert isinstance(conv, nn.Conv2d)
    x = torch.linspace(-1, 1, 576).reshape(1, 4, 12, 12)
    expected = nn.functional.conv2d(x, conv.weight, conv.bias, padding="same")
    torch.testing.assert_close(made(x), expected)


def test_branches_are_added_or_put_side_by_side() -> None:
    x = torch.linspace(-1, 1, 576).reshape(1, 4, 12, 12)
    added = build(stack_of("add(relu | | tanh)"), "cpu")(x)
    torch.testing.assert_close(added, x.relu() + x + x.tanh())
    side_by_side = build(stack_of("cat(relu | avgpool 1x1 | )"), "cpu")(x)
    assert torch.equal(side_by_side, torch.cat([x.relu(), x, x], dim=1))


def test_on_meta_nothing_is_stored() -> None:
    net = build(known("vgg16"))
    assert all(parameter.is_meta for parameter in net.parameters())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_program_leaves_and_prints_the_pages_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    stack = known(name)
    rows, scope = trace(stack), run(stack)
    sums = totals(rows)
    assert scope["shapes"] == [row.shape for row in rows[1:] if row.depth == 0]
    assert (scope["num_parameters"], scope["multiply_adds"]) == sums[:2]
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(scope["shapes"]) + 1
    assert printed[-1] == f"{sums.num_parameters:,} parameters, {sums.multiply_adds:,} multiply-adds"


@given(stacks())
@settings(max_examples=30)
def test_any_program_leaves_the_pages_numbers(stack: Stack) -> None:
    scope = run(stack)
    assert (scope["num_parameters"], scope["multiply_adds"]) == totals(trace(stack))[:2]
    assert [repr(module) for module in scope["net"].children()] == [repr(module) for module in build(stack).children()]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_program_is_readable(name: str) -> None:
    text = program(known(name))
    assert max(map(len, text.splitlines())) <= 100
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert ("class Add" in text) == ("Add(\n" in text)
    assert ("class Cat" in text) == ("Cat(\n" in text)


def test_the_program_writes_no_more_than_is_needed() -> None:
    text = program(known("resnet18"))
    assert "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)," in text
    assert "dilation" not in text
    assert "nn.MaxPool2d(3, stride=2, padding=1)," in text
