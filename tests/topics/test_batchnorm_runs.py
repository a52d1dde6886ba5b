"""The live runs of the lesson on batch norm: what their frames hold, when, and how they are refused."""

import pickle
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from dlcore.topics.batchnorm_runs import (
    BINS,
    FAR,
    LRS,
    SIZES,
    SWEEP_SEEDS,
    DeepConfig,
    NetConfig,
    RatesConfig,
    SizesConfig,
    banded,
    deep_frames,
    deviation,
    frame_steps,
    histogram,
    rates_frames,
    sizes_frames,
    trained_norms,
)

SHORT: dict[type[NetConfig], Any] = {DeepConfig: deep_frames, RatesConfig: rates_frames, SizesConfig: sizes_frames}


Kind = TypeVar("Kind", bound=NetConfig)


def short(kind: type[Kind], **settings: Any) -> Kind:
    return kind(**{"num_steps": 4, "depth": 2, "weights": "he", **settings})


@pytest.mark.parametrize("kind", SHORT)
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_all_frames_hold_the_same_names_and_shapes_of_float32(kind: type[NetConfig], norm: str) -> None:
    config = short(kind, norm=norm)
    frames = list(SHORT[kind](config))
    assert len(frames) == len(frame_steps(config)) == 5
    shapes = [{name: (array.shape, array.dtype.name) for name, array in frame.arrays.items()} for frame in frames]
    assert all(shape == shapes[0] for shape in shapes)
    assert {dtype for _, dtype in shapes[0].values()} == {"float32"}
    assert {frame.said for frame in frames} == {""}
    assert pickle.dumps((config, frames[-1]))  # both cross to another process and back


@pytest.mark.parametrize("kind", SHORT)
def test_the_same_settings_give_the_same_numbers(kind: type[NetConfig]) -> None:
    first, second = (list(SHORT[kind](short(kind)))[-1].arrays for _ in range(2))
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name], err_msg=name)


def test_frames_are_spread_over_the_updates_and_begin_before_the_first() -> None:
    for kind in SHORT:
        steps = frame_steps(short(kind, num_steps=600))
        assert (steps[0], steps[-1]) == (0, 600)
        assert (np.diff(steps) > 0).all()
    assert frame_steps(short(DeepConfig, num_steps=3)).tolist() == [0, 1, 2, 3]


def test_a_and_b_begin_alike_and_b_is_normalised_from_the_start() -> None:
    first = next(deep_frames(DeepConfig(depth=3)))
    assert np.isnan(first.arrays["a.loss.mean"])  # no batch was seen yet
    assert np.isnan(first.arrays["a.gradient"]).all()
    np.testing.assert_allclose(np.asarray(first.arrays["b.spread"], float), 1, atol=0.15)
    assert np.asarray(first.arrays["a.spread"], float).max() < 0.2


def test_accuracies_of_a_sweep_are_those_of_its_runs() -> None:
    config = short(RatesConfig)
    *_, last = rates_frames(config)
    for number in (0, len(LRS) - 1):
        course = config.course("batch", SWEEP_SEEDS, [LRS[number]])
        course.advance(4)
        alone = 100 * course.accuracy(course.answers()[-1])
        assert np.asarray(last.arrays["b.mean"])[number] == pytest.approx(float(alone.mean()), abs=0.3)
        assert np.asarray(last.arrays["b.low"])[number] == pytest.approx(float(alone.min()), abs=0.6)


def test_a_sweep_over_sizes_measures_each_kind_at_each_size() -> None:
    *_, last = sizes_frames(short(SizesConfig, norm="group"))
    assert {name.partition(".")[0] for name in last.arrays} == {"none", "batch", "group", "own"}
    assert all(array.shape == (len(SIZES),) for array in last.arrays.values())
    course = short(NetConfig, batch_size=SIZES[2]).course("batch", SWEEP_SEEDS)
    course.advance(4)
    own = 100 * course.accuracy(course.answers("batch", SIZES[2])[-1])
    assert np.asarray(last.arrays["own.mean"])[2] == pytest.approx(float(own.mean()), abs=0.3)


def test_what_is_trained_side_by_side() -> None:
    assert trained_norms(DeepConfig()) == ["none", "batch"]
    assert trained_norms(RatesConfig(norm="layer")) == ["none", "layer"]
    assert trained_norms(SizesConfig()) == ["none", "batch"]
    assert trained_norms(SizesConfig(norm="group")) == ["none", "batch", "group"]


def test_a_histogram_counts_every_number_in_its_bin_and_what_is_beyond_in_the_outermost() -> None:
    width = 2 * FAR / BINS
    z = torch.tensor([-100.0, -FAR + width / 2, 0.5 * width, 0.5 * width, 3.2, 1e9, torch.nan, torch.inf])
    expected = np.zeros(BINS)
    expected[[0, BINS // 2, int((3.2 + FAR) / width), BINS - 1]] = 2 / 3, 2 / 3, 1 / 3, 1
    np.testing.assert_allclose(histogram(z), expected, rtol=1e-6)


def test_a_deviation_is_torchs_and_a_band_goes_from_the_lowest_to_the_highest() -> None:
    values = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(deviation(values), values.std(dim=1, correction=0))
    band = banded("a", torch.tensor([1.0, 2.0, 6.0]))
    assert {name: float(value) for name, value in band.items()} == {"a.mean": 3, "a.low": 1, "a.high": 6}


def test_a_run_that_diverges_says_so_and_keeps_its_numbers_finite() -> None:
    *_, last = deep_frames(short(DeepConfig, activation="linear", lr=100, num_steps=30))
    assert last.said.startswith("Without, ")
    assert "that diverged: the " in last.said
    assert np.isfinite(last.arrays["a.accuracy.mean"])
    assert float(last.arrays["a.loss.mean"]) <= 10


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"activation": "elu"}, "activation is 'elu'"),
        ({"depth": 9}, "depth is 9: it must be a whole number from 1 to 8"),
        ({"weights": "small"}, "weights is 'small'"),
        ({"norm": "none"}, "norm is 'none'"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"batch_size": 1}, "batch_size is 1"),
        ({"num_steps": 0}, "num_steps is 0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refused:
        DeepConfig(**settings)
    assert rule in str(refused.value)
