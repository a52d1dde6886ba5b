"""Every line makes the layer that is meant, and every program that is shown is run and leaves the page's numbers."""

import ast
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from dlcore.topics.convolution import MODES, Conv, apply, pad
from dlcore.topics.convolution_programs import line, lines, literal, pool_line, pool_program, program
from dlcore.topics.pooling import Pool, slide_pool
from dlcore.topics.sliding import DIRECTIONS, slide
from tests.topics.random_convs import convs

# Torch's word "same" pads even kernels by a copy of the input, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def flat(**settings: Any) -> Conv:
    """A layer along one axis."""
    one: dict[str, Any] = {"size": (9,), "kernel": (3,), "stride": (1,), "dilation": (1,), "output_padding": (0,)}
    return Conv(**one | settings)


LINES = [
    ("nn.Conv2d(1, 1, kernel_size=3, bias=False)", Conv()),
    ("nn.Conv2d(1, 1, kernel_size=3)", Conv(bias=True)),
    ("nn.Conv2d(1, 1, kernel_size=3, stride=2, padding=1, bias=False)", Conv(stride=(2, 2), padding=1)),
    ("nn.Conv2d(1, 1, kernel_size=(3, 2), stride=(1, 2), bias=False)", Conv(kernel=(3, 2), stride=(1, 2))),
    ("nn.Conv2d(1, 1, kernel_size=3, padding=(0, 1), dilation=2, bias=False)", Conv(dilation=(2, 2), padding=(0, 1))),
    ('nn.Conv2d(1, 1, kernel_size=2, padding="same", bias=False)', Conv(kernel=(2, 2), padding="same")),
    ("nn.Conv2d(1, 1, kernel_size=3, stride=2, padding=1, bias=False)", Conv(stride=(2, 2), padding="same")),
    ("nn.Conv2d(1, 1, kernel_size=2, padding=1, bias=False)", Conv(kernel=(2, 2), padding="half")),
    ("nn.Conv2d(1, 1, kernel_size=3, padding=2, bias=False)", Conv(padding="full")),
    ("nn.Conv2d(4, 6, kernel_size=3, groups=2, bias=False)", Conv(in_channels=4, out_channels=6, groups=2)),
    ('nn.Conv2d(1, 1, kernel_size=3, padding=1, padding_mode="reflect", bias=False)', Conv(padding=1, mode="reflect")),
    (
        "nn.Sequential(nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(1, 1, kernel_size=2, stride=2, bias=False))",
        Conv(kernel=(2, 2), stride=(2, 2), padding="same"),
    ),
    ("nn.Conv1d(1, 1, kernel_size=3, dilation=2, bias=False)", flat(dilation=(2,))),
    (
        "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, padding=1, output_padding=1, bias=False)",
        Conv(stride=(2, 2), padding=1, output_padding=(1, 1), transposed=True),
    ),
    (
        "nn.Sequential(nn.ConvTranspose1d(1, 1, kernel_size=3, bias=False), nn.ZeroPad1d((0, -2)))",
        flat(padding=((0, 2),), transposed=True),
    ),
]
POOL_LINES = {
    "nn.MaxPool2d(kernel_size=2, stride=2)": Pool(size=(6, 6), kernel=(2, 2), stride=(2, 2), kind="max"),
    "nn.AvgPool2d(kernel_size=(2, 3), stride=1)": Pool(size=(6, 6), kernel=(2, 3), stride=(1, 1), kind="average"),
    "nn.MaxPool1d(kernel_size=3, stride=2, padding=1)": Pool(
        size=(6,), kernel=(3,), stride=(2,), padding=(1,), kind="max"
    ),
}


def made(text: str) -> nn.Module:
    """The module that a line makes."""
    return run(f"from torch import nn\nmodule = {text}")["module"]


def run(text: str) -> dict[str, Any]:
    """What a program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(text, "program", "exec"), scope)
    return scope


def set_weights(module: nn.Module, weight: Tensor, bias: Tensor | None) -> nn.Module:
    """The same layer in float64 with these numbers."""
    layer = next(part for part in module.double().modules() if hasattr(part, "weight"))
    layer.weight.data = weight
    assert (layer.bias is None) == (bias is None)
    if bias is not None:
        layer.bias.data = bias
    return module


def keeping_size(conv: Conv) -> Conv:
    """A layer like this one with the padding that torch knows by a word."""
    return replace(conv, stride=(1,) * len(conv.size), padding="same", mode="zeros")


LAYERS = convs() | convs(transposed=False).map(keeping_size)


def operands(conv: Conv, seed: int) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
    """x, weight, bias and ∂E/∂y: some short numbers, some with all their digits."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(*shape: int) -> Tensor:
        numbers = torch.randn(shape, generator=generator, dtype=torch.float64)
        return numbers if seed % 2 else (4 * numbers).round() / 4

    bias = drawn(conv.out_channels) if conv.bias else None
    x, weight = drawn(conv.in_channels, *conv.size), drawn(*conv.weight_shape)
    return x, weight, bias, drawn(conv.out_channels, *conv.output_size)


def turned(conv: Conv, weight: Tensor, flip: bool) -> Tensor:
    return weight.flip(tuple(range(-len(conv.size), 0))) if flip else weight


@pytest.mark.parametrize(("text", "conv"), LINES)
def test_the_line_names_only_what_differs_from_torchs_defaults(text: str, conv: Conv) -> None:
    assert line(conv) == text


@pytest.mark.parametrize("text", POOL_LINES)
def test_the_line_of_a_pooling(text: str) -> None:
    assert pool_line(POOL_LINES[text]) == text


@given(conv=LAYERS, seed=st.integers(0, 99))
@settings(max_examples=150)
def test_the_line_makes_the_layer(conv: Conv, seed: int) -> None:
    x, weight, bias, _ = operands(conv, seed)
    module = set_weights(made(line(conv)), weight, bias)
    torch.testing.assert_close(module(x), apply(conv, x, weight, bias))


@given(conv=LAYERS, seed=st.integers(0, 99), direction=st.sampled_from(DIRECTIONS), flip=st.booleans())
@settings(max_examples=150)
def test_the_program_leaves_the_pages_numbers(conv: Conv, seed: int, direction: str, flip: bool) -> None:
    x, weight, bias, grad = operands(conv, seed)
    scope = run(program(conv, x, weight, bias, direction, grad, flip))
    for name, given_one in (("x", x), ("w", weight)):
        assert torch.equal(scope[name], given_one), name
    x.requires_grad_()
    weight.requires_grad_()
    y = apply(conv, x, turned(conv, weight, flip), bias)
    torch.testing.assert_close(scope["y"], y)
    y.backward(grad)
    if direction == "input":
        torch.testing.assert_close(scope["x"].grad, x.grad)
    if direction == "weight":
        torch.testing.assert_close(scope["grad_w"], weight.grad)


@given(conv=LAYERS, seed=st.integers(0, 99), direction=st.sampled_from(DIRECTIONS), flip=st.booleans())
@settings(max_examples=100)
def test_the_program_leaves_what_is_drawn(conv: Conv, seed: int, direction: str, flip: bool) -> None:
    x, weight, bias, grad = operands(conv, seed)
    scope = run(program(conv, x, weight, bias, direction, grad, flip))
    found = scope[{"forward": "y", "input": "grad_x", "weight": "grad_w"}[direction]]
    drawn = slide(conv, x, weight, bias, direction, grad, flip).result
    np.testing.assert_allclose(found.detach().numpy().ravel(), drawn.ravel(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "zeros"])
def test_copies_in_the_border_give_their_gradient_to_the_cells_they_copy(mode: str) -> None:
    conv = Conv(mode=mode, padding=((0, 1), (1, 0)))
    x, weight, bias, grad = operands(conv, 1)
    scope = run(program(conv, x, weight, bias, "input", grad))
    inner = x.clone().requires_grad_()
    pad(conv, inner).backward(scope["padded"].grad)
    torch.testing.assert_close(scope["x"].grad, inner.grad)


@given(
    size=st.lists(st.integers(3, 6), min_size=1, max_size=2),
    kernel=st.integers(1, 3),
    stride=st.integers(1, 3),
    padding=st.integers(0, 1),
    kind=st.sampled_from(["max", "average"]),
    direction=st.sampled_from(["forward", "input"]),
    seed=st.integers(0, 99),
)
@settings(max_examples=100)
def test_a_poolings_program_leaves_what_is_drawn(size, kernel, stride, padding, kind, direction, seed) -> None:
    axes = len(size)
    assume(padding <= kernel // 2)
    numbers = {"kernel": (kernel,) * axes, "stride": (stride,) * axes, "padding": (padding,) * axes}
    pool = Pool(size=tuple(size), kind=kind, **numbers)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(-3, 4, (2, *size), generator=generator).double()
    grad = torch.randint(-3, 4, (2, *pool.output_size), generator=generator).double()
    scope = run(pool_program(pool, x, direction, grad))
    found = scope["y" if direction == "forward" else "grad_x"]
    np.testing.assert_allclose(found.numpy(force=True).ravel(), slide_pool(pool, x, direction, grad).result.ravel())


@given(conv=LAYERS, seed=st.integers(0, 99), direction=st.sampled_from(DIRECTIONS), flip=st.booleans())
@settings(max_examples=100)
def test_the_program_is_short_and_fits_the_panel(conv: Conv, seed: int, direction: str, flip: bool) -> None:
    x, weight, bias, grad = operands(conv, seed)
    written = program(conv, x, weight, bias, direction, grad, flip).splitlines()
    assert max(map(len, written)) <= 120
    assert not any(text != text.rstrip() for text in written)
    code = [text for text in written if not re.match(r"[ \d.,\[\]\-e)]*$", text)]
    assert len(code) <= 22


def test_the_program_prints_what_it_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    conv = Conv(size=(3, 3))
    x, weight = torch.arange(9.0).reshape(1, 3, 3), torch.ones(1, 1, 3, 3)
    run(program(conv, x, weight, None, "weight", torch.full((1, 1, 1), 2.0)))
    printed = capsys.readouterr().out
    assert "36." in printed  # 0 + 1 + ... + 8
    assert [float(number) for number in re.findall(r"-?\d+\.(?=[,\]])", printed)] == [36, *range(0, 18, 2)]


def test_true_convolution_is_told_from_torchs() -> None:
    conv = Conv(size=(3, 3))
    x, weight = torch.eye(3)[None], torch.arange(9.0).reshape(1, 1, 3, 3)
    assert "flip" not in program(conv, x, weight)
    assert ".flip(-2, -1)  # true convolution" in program(conv, x, weight, flip=True)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40))
def test_literals_are_exact(values: list[float]) -> None:
    text = literal(values)
    assert ast.literal_eval(text) == values
    assert max(map(len, text.splitlines())) <= 120


def test_literals_are_short_and_stand_in_columns() -> None:
    assert literal([[1.0, -0.5], [10.0, 0.0]]) == "[[   1, -0.5],\n [  10,    0]]"
    assert literal([[0.1 + 0.2, 1.0]]) == "[[0.30000000000000004, 1]]"


def test_maps_stand_below_one_another_without_gaps() -> None:
    assert "\n\n" not in literal(np.zeros((2, 2, 2, 2)))


@given(conv=LAYERS, seed=st.integers(0, 99), direction=st.sampled_from(DIRECTIONS), flip=st.booleans())
@settings(max_examples=50)
def test_the_few_lines_are_the_programs(conv: Conv, seed: int, direction: str, flip: bool) -> None:
    x, weight, bias, grad = operands(conv, seed)
    text = " ".join(program(conv, x, weight, bias, direction, grad, flip).split())
    few = lines(conv, direction, flip)
    assert all(" ".join(each.split()) in text for each in few)
    assert len(few) <= 6
    assert few[-1].startswith({"forward": "y = ", "input": "grad_x = ", "weight": "grad_w = "}[direction])


def test_the_few_lines_of_a_pooling() -> None:
    pool = Pool(size=(6, 6), kernel=(2, 2), stride=(2, 2), kind="max")
    assert lines(pool) == ["layer = nn.MaxPool2d(kernel_size=2, stride=2)", "y = layer(x)"]
    assert lines(pool, "input")[-1] == "grad_x = x.grad"
