"""One layer under masks, frame by frame: sums and running means of both ways, as NumPy computes them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.topics.dropout_config import ScalingConfig
from dlcore.topics.dropout_scaling import LARGEST_OUTPUT, draw_layer, expectation_error, trace

configs = st.builds(
    ScalingConfig,
    p=st.floats(0, 0.9),
    units=st.integers(2, 8),
    num_masks=st.integers(1, 60),
    seed=st.integers(0, 1000),
)


@given(configs)
@settings(deadline=None, max_examples=40)
def test_frame_0_has_the_readers_mask_and_means_are_over_those_that_were_drawn(config: ScalingConfig) -> None:
    found = trace(config)
    assert found.masks.shape == (config.num_masks + 1, config.units)
    assert found.masks[0].tolist() == [1.0] * config.units
    for way in found.ways.values():
        assert np.isnan(way.mean[0]).all()
        for k in (1, config.num_masks):
            assert way.mean[k] == pytest.approx(way.training[1 : k + 1].mean(axis=0))
            assert way.mean_z[k] == pytest.approx(way.z[1 : k + 1].mean())


@given(configs)
@settings(deadline=None, max_examples=40)
def test_sums_are_weighted_sums_of_what_passes(config: ScalingConfig) -> None:
    found = trace(config)
    a, w = found.layer.a.numpy(), found.layer.w.numpy()
    keep = 1 - config.p
    torch_way, lecture = found.ways["inverted"], found.ways["lecture"]
    assert torch_way.z == pytest.approx((found.masks * a) @ w / keep)
    assert lecture.z == pytest.approx((found.masks * a) @ w)
    assert torch_way.test_z == pytest.approx(a @ w)
    assert lecture.test_z == pytest.approx(keep * (a @ w))
    assert found.expected == pytest.approx(a @ w)
    assert expectation_error(config) < 1e-12


@pytest.mark.parametrize("seed", range(30))
def test_a_layer_has_short_numbers_none_of_which_is_0(seed: int) -> None:
    layer = draw_layer(ScalingConfig(seed=seed, units=8))
    for numbers, most in ((layer.a, LARGEST_OUTPUT), (layer.w.abs(), 1.5)):
        assert float(numbers.min()) + 1e-9 >= 0.1
        assert float(numbers.max()) <= most + 1e-9
        assert (10 * numbers).tolist() == pytest.approx((10 * numbers).round().tolist())


def test_the_mask_of_the_address_is_the_first_frames() -> None:
    found = trace(ScalingConfig(mask="101100"))
    assert found.masks[0].tolist() == [1, 0, 1, 1, 0, 0]
    assert found.ways["lecture"].training[0][1] == 0


@pytest.mark.parametrize("mask", ["10110", "1011000", "10210a", "all in"])
def test_a_mask_that_does_not_fit_the_layer_is_refused(mask: str) -> None:
    with pytest.raises(ValueError, match=f"mask is '{mask}': it must be 6 digits"):
        ScalingConfig(mask=mask)
