"""How SmoothGrad's map forms: equal to the method at every count, and on functions whose map is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.topics.saliency.forming import MANY, NOISES, NoiseConfig, SamplesConfig, noises, samples, spread
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.given import SIDE, Given, bent, drawn, linear, quarter, values

SETTINGS = MethodSettings(num_samples=24, noise=0.2)


def test_the_mean_so_far_is_the_methods_map_of_so_many_samples() -> None:
    subject = Given(function=bent(), where=quarter())
    frames = list(samples(SamplesConfig(subject=subject, settings=SETTINGS)))
    for count in (1, 7, 24):
        settings = replace(SETTINGS, num_samples=count)
        found = attribute("smoothgrad", subject.network(), subject.image(), subject.target(), settings)
        assert frames[count].arrays["mean.signed"] == pytest.approx(found.signed.numpy(), abs=1e-6)
        assert frames[count].arrays["mean.magnitude"] == pytest.approx(found.magnitude.numpy(), abs=1e-6)


def test_before_the_first_sample_there_are_the_picture_and_its_gradient() -> None:
    function, weights = linear(channels=3)
    subject = Given(function=function, given=drawn(channels=3))
    first = next(samples(SamplesConfig(subject=subject, settings=SETTINGS))).arrays
    assert np.array_equal(first["picture"], (255 * drawn(channels=3)).round().byte().permute(1, 2, 0))
    for name in ("mean", "sample"):
        assert first[f"{name}.signed"] == pytest.approx(weights.sum(dim=0).numpy(), abs=1e-5)
        assert first[f"{name}.magnitude"] == pytest.approx(weights.abs().sum(dim=0).numpy(), abs=1e-5)
    assert np.isnan(first["change"])


def test_change_is_how_far_the_newest_sample_moved_the_mean() -> None:
    subject = Given(function=bent())
    frames = list(samples(SamplesConfig(subject=subject, settings=SETTINGS)))
    means = values(frames, "mean.signed")[1:].reshape(24, -1)  # one channel: the map is all there is
    moved = np.linalg.norm(np.diff(means, axis=0), axis=1) / np.linalg.norm(means[1:], axis=1)
    assert values(frames, "change")[2:] == pytest.approx(moved, rel=1e-3)
    assert np.isnan(values(frames, "change")[:2]).all()


def test_of_a_quadratic_function_the_distance_is_that_of_the_noises_mean() -> None:
    """F = ½ |x|²: the gradient at x + e is x + e, so the map of n samples is off by the mean of their e."""
    subject = Given(function=lambda images: images.square().sum(dim=(1, 2, 3)) / 2, given=1 + drawn())
    frames = list(samples(SamplesConfig(subject=subject, settings=replace(SETTINGS, num_samples=400))))
    counts = np.array([4, 16, 64, 256])
    found = values(frames, "distance")[counts]
    size = float(subject.given.norm()) / SIDE  # root mean square of the map
    expected = SETTINGS.noise / size * np.sqrt(1 / counts + 1 / MANY)
    assert found == pytest.approx(expected, rel=0.25)


def test_of_a_linear_function_nothing_changes() -> None:
    function, weights = linear()
    frames = list(samples(SamplesConfig(subject=Given(function=function), settings=SETTINGS)))
    assert values(frames, "distance") == pytest.approx(np.zeros(25), abs=1e-6)
    assert values(frames, "rank") == pytest.approx(np.ones(25), abs=1e-3)
    sweep = list(noises(NoiseConfig(subject=Given(function=function), settings=SETTINGS)))
    for frame in sweep:
        assert frame.arrays["signed"] == pytest.approx(weights[0].numpy(), abs=1e-5)


def test_mass_and_precision_are_nan_without_a_mask_and_known_with_one() -> None:
    """The function asks the upper left quarter alone, which is the mask."""
    mask = torch.from_numpy(quarter())
    function = lambda images: (images * mask).square().sum(dim=(1, 2, 3))  # noqa: E731
    seen = list(noises(NoiseConfig(subject=Given(function=function, where=quarter()), settings=SETTINGS)))
    assert values(seen, "inside").tolist() == values(seen, "precision").tolist() == [1.0] * len(NOISES)
    blind = list(noises(NoiseConfig(subject=Given(function=function), settings=SETTINGS)))
    assert np.isnan([values(blind, "inside"), values(blind, "precision")]).all()


def test_without_noise_every_answer_stays_and_the_map_is_the_gradient() -> None:
    subject = Given(function=bent())
    first = next(noises(NoiseConfig(subject=subject, settings=SETTINGS))).arrays
    found = attribute("gradient", subject.network(), subject.image(), subject.target())
    assert first["signed"] == pytest.approx(found.signed.numpy(), abs=1e-6)
    assert (first["sigma"], first["right"], first["rank"]) == (0, 1, pytest.approx(1))


def test_the_share_of_answers_that_stay_is_that_of_the_normal_distribution() -> None:
    """The answer is class 0 where the first pixel is above ½: it stays as often as noise on 0.6 stays above it."""
    from scipy.stats import norm

    image = torch.full((1, SIDE, SIDE), 0.6)
    subject = Given(function=lambda images: images[:, 0, 0, 0] - 0.5, given=image)
    settings = replace(SETTINGS, num_samples=500)
    found = values(list(noises(NoiseConfig(subject=subject, settings=settings))), "right")
    expected = norm.cdf(0.1 / np.maximum(NOISES, 1e-9))
    assert found == pytest.approx(expected, abs=0.06)


def test_noise_of_the_settings_counts_for_nothing_in_the_sweep() -> None:
    subject = Given(function=bent())
    one, other = (
        list(noises(NoiseConfig(subject=subject, settings=replace(SETTINGS, noise=noise)))) for noise in (0.1, 0.9)
    )
    assert np.array_equal(values(one, "signed"), values(other, "signed"))


@pytest.mark.parametrize(("last", "side"), [(1, 8), (50, 64), (500, 64), (50, 224), (7, 224)])
def test_counts_begin_with_1_grow_and_end_with_the_last(last: int, side: int) -> None:
    counts = spread(last, (3, side, side))
    assert (counts[0], counts[-1]) == (1, last)
    assert all(np.diff(counts) > 0)
    assert len(counts) * side**2 <= max(250_000, 12 * 224**2)


def test_frames_are_those_that_the_config_counts() -> None:
    config = SamplesConfig(subject=Given(function=bent()), settings=replace(SETTINGS, num_samples=30))
    assert len(list(samples(config))) == config.num_frames == 31
    assert len(list(noises(NoiseConfig(subject=config.subject, settings=SETTINGS)))) == NoiseConfig.num_frames


def test_the_seed_decides_and_nothing_else_is_drawn_from() -> None:
    subject = Given(function=bent())
    before = torch.get_rng_state()
    runs = [list(samples(SamplesConfig(subject=subject, settings=replace(SETTINGS, seed=s)))) for s in (3, 3, 4)]
    assert torch.equal(torch.get_rng_state(), before)
    one, same, other = (values(run, "sample.signed")[1:] for run in runs)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
