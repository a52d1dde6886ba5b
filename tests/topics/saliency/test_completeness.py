"""Integrated gradients step by step: against captum, against integrals solved by hand, and the rules' orders."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.topics.saliency.completeness import RULES, STEPS, ErrorsConfig, PathConfig, errors, path, points, profile
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.settings import RULES as NAMES
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.given import SIDE, Given, bent, drawn, values

SETTINGS = MethodSettings(num_steps=12, baseline="black")


def test_the_rules_are_those_of_the_settings() -> None:
    assert sorted(RULES) == sorted(NAMES)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("num_steps", [2, 7, 50])
def test_points_and_weights_are_captums(rule: str, num_steps: int) -> None:
    from captum.attr._utils.approximation_methods import approximation_parameters

    weigh, place = approximation_parameters(rule)
    weights = np.array(weigh(num_steps))
    found = points(rule, num_steps)
    assert found.alphas.tolist() == pytest.approx(place(num_steps), abs=1e-6)
    assert found.weights.tolist() == pytest.approx(weights / weights.sum(), abs=1e-9)
    assert float(found.weights.sum()) == pytest.approx(1)


def integral(rule: str, num_steps: int, power: int) -> float:
    """∫₀¹ (power + 1) α^power dα, which is 1, by a rule."""
    alphas, weights = points(rule, num_steps)
    return float((weights * (power + 1) * alphas**power).sum())


@pytest.mark.parametrize("num_steps", [2, 3, 5])
def test_gauss_legendre_is_exact_for_polynomials_up_to_its_degree_and_no_further(num_steps: int) -> None:
    exact = 2 * num_steps - 1
    assert [integral("gausslegendre", num_steps, power) for power in range(exact + 1)] == pytest.approx(
        [1] * 2 * num_steps
    )
    assert abs(integral("gausslegendre", num_steps, exact + 1) - 1) > 1e-7


@pytest.mark.parametrize(
    ("rule", "order"),
    [("riemann_left", 1), ("riemann_right", 1), ("riemann_middle", 2), ("riemann_trapezoid", 2)],
)
def test_twice_the_points_halve_the_error_or_quarter_it(rule: str, order: int) -> None:
    rough, fine = (abs(integral(rule, num_steps, 3) - 1) for num_steps in (101, 201))
    assert rough / fine == pytest.approx(2**order, rel=0.03)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("baseline", ["black", "grey", "blurred", "noise"])
def test_the_last_map_is_the_methods(rule: str, baseline: str) -> None:
    subject, settings = Given(function=bent()), replace(SETTINGS, rule=rule, baseline=baseline)
    *_, last = path(PathConfig(subject=subject, settings=settings))
    found = attribute("integrated", subject.network(), subject.image(), subject.target(), settings)
    assert last.arrays["sum.signed"] == pytest.approx(found.signed.numpy(), abs=1e-5)
    assert last.arrays["total"] == pytest.approx(found.total, abs=1e-4)


def test_a_saturated_function_has_no_gradient_and_yet_a_share() -> None:
    """F = 1 − relu(1 − 2 p) of the first pixel p = 1: flat from p = ½ on. The paper's own example, section 2.1."""
    subject = Given(function=lambda images: 1 - (1 - 2 * images[:, 0, 0, 0]).relu(), given=torch.ones(1, SIDE, SIDE))
    frames = list(path(PathConfig(subject=subject, settings=replace(SETTINGS, num_steps=50, rule="riemann_middle"))))
    last = frames[-1].arrays
    assert (last["gradient.signed"] == 0).all()
    shares = values(frames, "sum.signed")[-1]
    assert shares[0, 0] == pytest.approx(1.0)
    assert np.count_nonzero(shares) == 1
    slopes, alphas = values(frames, "slope"), values(frames, "alpha")
    assert slopes.tolist() == [2.0 if alpha < 0.5 else 0.0 for alpha in alphas]


def test_the_path_goes_from_the_baseline_to_the_picture() -> None:
    frames = list(path(PathConfig(subject=Given(function=bent()), settings=replace(SETTINGS, rule="riemann_right"))))
    first, last = frames[0].arrays, frames[-1].arrays
    assert (first["picture"] == 0).all()
    assert np.array_equal(values(frames, "picture")[-1, ..., 0], (255 * drawn()[0]).round().byte())
    assert [first[name] for name in ("alpha", "reached", "total", "output")] == [0, 0, 0, 0]
    assert (last["alpha"], last["reached"]) == (1, pytest.approx(1))
    assert last["output"] == pytest.approx(last["difference"], abs=1e-6)


def test_the_sum_so_far_is_what_the_function_rose_so_far() -> None:
    """F = Σ x³ from black: at α it has risen by α³ F(x)."""
    subject = Given(function=lambda images: images.pow(3).sum(dim=(1, 2, 3)))
    settings = replace(SETTINGS, rule="riemann_middle", num_steps=60)
    frames = list(path(PathConfig(subject=subject, settings=settings)))
    rise = float(subject.image().pow(3).sum())
    assert values(frames, "total") == pytest.approx(rise * values(frames, "reached") ** 3, abs=1e-3 * rise)
    assert values(frames, "output") == pytest.approx(rise * values(frames, "alpha") ** 3, abs=1e-5 * rise)
    assert values(frames, "difference") == pytest.approx(np.full(61, rise))
    assert frames[-1].arrays["error"] == pytest.approx(abs(float(frames[-1].arrays["total"]) / rise - 1), abs=1e-6)


def test_errors_are_those_of_the_sums() -> None:
    """F = Σ x⁴ from black: dF/dα = 4 α³ F(x), so a rule's relative error is that of its integral of 4 α³."""
    subject = Given(function=lambda images: images.pow(4).sum(dim=(1, 2, 3)))
    frames = list(errors(ErrorsConfig(subject=subject, settings=SETTINGS)))
    assert values(frames, "steps").tolist() == list(STEPS)
    assert len(frames) == ErrorsConfig.num_frames
    for rule in RULES:
        expected = [abs(integral(rule, num_steps, 3) - 1) for num_steps in STEPS]
        assert values(frames, f"error.{rule}") == pytest.approx(expected, rel=1e-3, abs=3e-6)


@pytest.mark.parametrize(("num_steps", "side"), [(2, 8), (50, 64), (500, 64), (50, 224)])
def test_frames_are_those_that_the_config_counts(num_steps: int, side: int) -> None:
    subject = Given(function=lambda images: images.sum(dim=(1, 2, 3)), given=torch.ones(1, side, side))
    config = PathConfig(subject=subject, settings=replace(SETTINGS, num_steps=num_steps))
    assert (config.counts[0], config.counts[-1]) == (0, num_steps)
    assert all(np.diff(config.counts) > 0)
    assert len(list(path(config))) == config.num_frames


def test_the_profile_is_the_function_on_the_way() -> None:
    """F = Σ x² from black: α² F(x)."""
    subject = Given(function=lambda images: images.square().sum(dim=(1, 2, 3)))
    found = profile(PathConfig(subject=subject, settings=SETTINGS), 11)
    rise = float(subject.image().square().sum())
    assert found[:, 0] == pytest.approx(np.linspace(0, 1, 11))
    assert found[:, 1] == pytest.approx(rise * np.linspace(0, 1, 11) ** 2, abs=1e-4)
