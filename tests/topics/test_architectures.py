"""The known networks have the numbers that their papers and the lectures give, and those that torch counts."""

from functools import cache

import pytest

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_stack import Row, Stack, Totals, totals, trace
from dlcore.topics.stack_checks import compare


@cache
def stack(name: str) -> Stack:
    return Stack(input=ARCHITECTURES[name].input, layers=ARCHITECTURES[name].layers)


def rows(name: str) -> list[Row]:
    return trace(stack(name))


def sums(name: str) -> Totals:
    return totals(rows(name))


def convolutions(name: str) -> list[Row]:
    return [row for row in rows(name) if row.text.startswith("conv")]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_torch_agrees_with_every_row(name: str) -> None:
    assert compare(stack(name)).good


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("lenet", 61_706),
        ("alexnet", 60_965_224),
        ("alexnet-whole", 62_378_344),
        ("vgg16", 138_357_544),
        ("resnet18", 11_689_512),
        ("bottleneck", 70_400),
    ],
)
def test_parameters(name: str, parameters: int) -> None:
    assert sums(name).num_parameters == parameters


@pytest.mark.parametrize(
    ("name", "multiply_adds"),
    [("alexnet", 724_406_816), ("vgg16", 15_470_264_320), ("resnet18", 1_814_073_344)],
)
def test_multiply_adds(name: str, multiply_adds: int) -> None:
    assert sums(name).multiply_adds == multiply_adds


def test_the_original_lenet_has_60_000_by_its_own_table() -> None:
    # C1, S2, C3 with its missing connections, S4, C5, F6: section II.B of LeCun et al., 1998.
    assert 156 + 12 + 1516 + 32 + 48_120 + 10_164 == 60_000
    assert [row.num_parameters for row in convolutions("lenet")] == [156, 2416, 48_120]
    assert "60,000" in ARCHITECTURES["lenet"].note


def test_conv5_of_alexnet_is_the_lectures_without_groups_and_half_of_it_with_two() -> None:
    (*_, whole), (*_, grouped) = convolutions("alexnet-whole"), convolutions("alexnet")
    for row in (whole, grouped):
        assert row.shape == (256, 13, 13)
    assert 256 * 13 * 13 == 43_264
    assert whole.num_parameters - 256 == 884_736
    assert grouped.num_parameters - 256 == 442_368
    assert whole.multiply_adds == 149_520_384
    assert grouped.multiply_adds == 74_760_192


@pytest.mark.parametrize(
    ("name", "operations", "field"), [("one-7x7", 98, 7), ("three-3x3", 54, 7), ("two-3x3", 36, 5), ("one-5x5", 50, 5)]
)
def test_operations_an_output_value_as_the_lecture_should_count_them(name: str, operations: int, field: int) -> None:
    last = rows(name)[-1]
    assert last.shape == (1, 32, 32)
    assert 2 * sums(name).multiply_adds == operations * 32 * 32
    assert last.fields[0].size == last.fields[1].size == field


@pytest.mark.parametrize(
    ("name", "layer", "field", "jump"),
    [
        ("lenet", "conv 5x5 120", 32, 4),
        ("alexnet", "maxpool 3x3 s2", 195, 32),
        ("vgg16", "maxpool 2x2", 212, 32),
        ("resnet18", "add of 2 branches", 435, 32),
    ],
)
def test_receptive_fields_of_the_last_map(name: str, layer: str, field: int, jump: int) -> None:
    last = [row for row in rows(name) if row.text == layer][-1]
    assert [(axis.size, axis.jump) for axis in last.fields] == [(field, jump)] * 2


def test_vggs_first_connected_layer_has_most_parameters_and_hardly_any_multiply_adds() -> None:
    (first, *_) = [row for row in rows("vgg16") if row.text == "fc 4096"]
    assert first.num_parameters == pytest.approx(103e6, rel=3e-3)
    assert first.multiply_adds < sums("vgg16").multiply_adds / 100


def test_inception_3a_is_the_papers() -> None:
    block = rows("inception")
    weights = sum(row.num_parameters - row.shape[0] for row in convolutions("inception"))
    assert block[-1].shape == (256, 28, 28)
    assert weights // 1024 == 159  # "159K"
    assert sums("inception").multiply_adds == pytest.approx(128e6, rel=1e-3)  # "128M"


def test_blocks_of_resnet_keep_their_inputs_shape() -> None:
    for name in ("basic-block", "bottleneck"):
        assert rows(name)[-1].shape == ARCHITECTURES[name].input


def test_a_bottleneck_of_256_channels_costs_as_much_as_a_basic_block_of_64() -> None:
    bottleneck, basic = sums("bottleneck"), sums("basic-block")
    assert bottleneck.num_parameters == pytest.approx(basic.num_parameters, rel=0.06)
    assert bottleneck.multiply_adds == pytest.approx(basic.multiply_adds, rel=0.06)
