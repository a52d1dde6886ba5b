"""The check on the page agrees where the numbers are right, costs little, and finds a number that is wrong."""

import dataclasses
import time

import numpy as np
import pytest

from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.depth import DepthConfig, measure
from dlcore.topics.depth_checks import differences


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("gain", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("bias", [-1.0, 0.0, 0.5])
def test_both_ways_agree_with_the_page(activation: str, gain: float, bias: float) -> None:
    config = DepthConfig(activation=activation, gain=gain, bias=bias, depth=30, seed=4)
    found = differences(config, measure(config))
    assert found.module == pytest.approx(0, abs=1e-10)
    # Where a tanh is all but 1 its slope has few digits: how few depends on the processor.
    few = activation == "tanh" and gain == 4
    assert found.by_hand == pytest.approx(0, abs=1e-7 if few else 1e-10)


@pytest.mark.parametrize("bias", [-2.0, 0.0])
@pytest.mark.parametrize("seed", [5, 21, 23])
def test_where_tanh_is_all_but_1_its_slope_has_few_digits_but_enough_for_the_page(bias: float, seed: int) -> None:
    config = DepthConfig(activation="tanh", gain=4, bias=bias, width=1, depth=5, seed=seed)
    found = differences(config, measure(config))
    assert found.module < 1e-10
    assert found.by_hand < 1e-7


def test_gradients_that_are_0_agree() -> None:
    config = DepthConfig(activation="relu", bias=-1)
    trace = measure(config)
    assert not trace.grad_z[ACTIVATIONS.index("relu"), 0].any()
    assert differences(config, trace) == (0, 0)


@pytest.mark.parametrize("key", ["grad_z", "grad_w"])
@pytest.mark.parametrize("layer", [0, 19])
def test_one_wrong_number_is_found_however_small_it_is(key: str, layer: int) -> None:
    config = DepthConfig(activation="sigmoid")
    trace = measure(config)
    wrong = getattr(trace, key).copy()
    wrong[ACTIVATIONS.index("sigmoid"), 0, layer] *= 1.001
    found = differences(config, dataclasses.replace(trace, **{key: wrong}))
    assert found == pytest.approx((1e-3, 1e-3), rel=1e-6)


def test_a_gradient_where_there_is_none_is_found() -> None:
    config = DepthConfig(activation="relu", bias=-1)
    trace = measure(config)
    wrong = np.where(trace.grad_z == 0, 1e-30, trace.grad_z)
    assert differences(config, dataclasses.replace(trace, grad_z=wrong)) == (np.inf, np.inf)


def test_the_largest_network_is_checked_in_a_tenth_of_a_second() -> None:
    config = DepthConfig(depth=30, width=64)
    trace = measure(config)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        differences(config, trace)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.1
