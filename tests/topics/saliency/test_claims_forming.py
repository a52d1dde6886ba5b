"""What the scenes on forming maps say: SmoothGrad copy by copy and by noise, integrated gradients on their way."""

from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.topics.images.gradients import gradient, magnitude
from dlcore.topics.images.measures import distance, inside, rank_correlation
from dlcore.topics.saliency.case import Case
from dlcore.topics.saliency.completeness import RULES, ErrorsConfig, Path, PathConfig, points, profile
from dlcore.topics.saliency.forming import MANY, NOISES, NoiseConfig, SamplesConfig
from dlcore.topics.saliency.gradients import disturbances, moments
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.claims import (
    SETS,
    answer,
    asked,
    claim,
    config,
    deletion,
    found,
    gains,
    mean,
    near,
    on_object,
    pictures,
    says,
    shown,
)

SETTINGS = MethodSettings()
FEW = 3  # pictures of a set, where each is asked about hundreds of times


@cache
def smoothed(number: int, count: int, **settings: float) -> Tensor:
    """SmoothGrad's values on the first pictures of a set, (pictures, channels, height, width)."""
    of = asked(number)
    return moments(of.net, of.images[:count], of.asked[:count], replace(SETTINGS, **settings)).mean


def on_objects(values: Tensor, number: int) -> float:
    """The share of the maps on the objects, the mean over the pictures."""
    return float(inside(magnitude(values).float(), pictures(number).masks[: len(values)]).mean())


# The mean over copies


@claim("smooth")
def test_here_the_share_on_the_object_rises() -> None:
    says("smooth", "from 0.36 to 0.52", "mean over 50 noisy copies")
    assert answer("smooth") == "It rises"
    assert config("smooth") == SamplesConfig()
    share = shown("smooth", "inside")
    assert config("smooth").counts[-1] == 50
    assert near(share[0], 0.36)
    assert near(share[-1], 0.52)


@claim("smooth")
@pytest.mark.parametrize("number", SETS)
def test_it_rises_on_nearly_every_picture_of_a_set(number: int) -> None:
    gained = on_object("smoothgrad", number) - on_object("gradient", number)
    assert gained.mean() > 0.07
    assert (gained > 0).float().mean() > 0.9
    assert deletion("smoothgrad", number).mean() < deletion("gradient", number).mean()


@claim("smooth")
def test_over_all_pictures_from_45_to_55_hundredths() -> None:
    says("smooth", "from 0.45 to 0.55")
    assert near(mean(on_object, "gradient"), 0.45, within=0.03)
    assert near(mean(on_object, "smoothgrad"), 0.55, within=0.03)
    assert near(float(gains(on_object, "smoothgrad").mean()), 0.55 - 0.45, within=0.015)


@claim("smooth")
def test_what_jumps_from_copy_to_copy_is_larger_than_what_stays() -> None:
    says("smooth", "gradient jumps from copy to copy; what jumps cancels")
    distances = shown("smooth", "distance")
    assert distances[1] > 1.3  # one copy's gradient, relative to the mean of many
    assert distances[-1] < 0.35


@claim("enough")
def test_here_50_copies_are_near_the_map_of_200_others() -> None:
    says("enough", "200 other copies is 0.76 after 5 copies, 0.89 after 50, 0.94 after 200", "Two hundred copies")
    assert answer("enough") == "About 50"
    assert MANY == 200
    counts, rank = config("enough").counts, shown("enough", "rank")
    for count, told in ((5, 0.76), (50, 0.89), (200, 0.94)):
        assert near(np.interp(count, counts, rank), told)
    change = shown("enough", "change")
    assert np.interp(5, counts, change) > 0.2
    assert np.interp(50, counts, change) < 0.06


@claim("enough")
@pytest.mark.parametrize("number", SETS)
def test_on_most_pictures_50_are_nearer_still_and_the_error_falls_with_the_root_of_the_copies(number: int) -> None:
    says("enough", "near 0.95 after 50", "1/√n: four times the copies only halve it")
    many = smoothed(number, FEW, num_samples=MANY, seed=1)
    ranks, errors = {}, {}
    for count in (3, 12, 48):
        values = smoothed(number, FEW, num_samples=count)
        ranks[count] = float(rank_correlation(magnitude(values), magnitude(many)).mean())
        # The mean of many has an error of its own, which is known: both errors' squares add up.
        errors[count] = float(distance(values, many).mean()) / (1 + count / MANY) ** 0.5
    assert near(ranks[48], 0.95, within=0.015)
    assert ranks[3] < 0.85
    for count in (3, 12):
        assert errors[count] / errors[4 * count] == pytest.approx(2, rel=0.15)


# The strength of the noise


@claim("level")
def test_here_a_tenth_is_best_and_at_30_per_cent_hardly_a_copy_keeps_its_answer() -> None:
    says("level", "0.36 without noise, 0.45 at 2 %, 0.52 at 10 %, and 0.42 at 30 %", "hardly a copy keeps its answer")
    assert answer("level") == "10 %"
    assert config("level") == NoiseConfig()
    share, right = (dict(zip(NOISES, shown("level", name), strict=True)) for name in ("inside", "right"))
    for sigma, told in ((0.0, 0.36), (0.02, 0.45), (0.1, 0.52), (0.3, 0.42)):
        assert near(share[sigma], told)
    assert share[0.1] == max(share.values())
    assert right[0.3] < 0.1
    assert right[0.1] == 1


@claim("level")
@pytest.mark.parametrize("number", SETS)
def test_on_other_pictures_too_a_tenth_is_near_the_best_of_a_flat_top(number: int) -> None:
    says("level", "10 % is near the best", "flat top from 5 to 15 %")
    count = 4
    share = {sigma: on_objects(smoothed(number, count, noise=sigma), number) for sigma in (0.02, 0.05, 0.15, 0.3)}
    share[0.1] = float(on_object("smoothgrad", number)[:count].mean())
    none = float(on_object("gradient", number)[:count].mean())
    best = max(share.values())
    assert min(share[0.05], share[0.1], share[0.15]) > best - 0.03
    assert share[0.1] > best - 0.01
    assert none < share[0.02] < share[0.1] - 0.015
    assert share[0.3] < share[0.1] - 0.05
    assert share[0.3] < none + 0.02


@claim("level")
@pytest.mark.parametrize("number", SETS)
def test_with_30_per_cent_most_copies_lose_their_answer_and_with_10_hardly_any(number: int) -> None:
    kept = {sigma: share_kept(number, sigma) for sigma in (0.1, 0.3)}
    assert kept[0.1] > 0.85
    assert kept[0.3] < 0.35


def share_kept(number: int, sigma: float) -> float:
    """Of ten noisy copies of each picture, how many get the picture's answer."""
    of = asked(number)
    noise = torch.stack([*islice(disturbances(of.images.shape[1:], replace(SETTINGS, noise=sigma)), 10)])
    answers = of.net((of.images[:, None] + noise).flatten(0, 1)).argmax(dim=1).view(-1, 10)
    return float((answers == of.asked[:, :1]).float().mean())


@claim("level")
def test_the_network_was_trained_with_noise() -> None:
    says("level", "trained with noise up to 12 %")
    assert checkpoints.metadata(checkpoints.FOLDER / checkpoints.MODELS["plain"].file)["noise"] == 0.12


# Integrated gradients


@claim("sum")
def test_here_the_sum_ends_at_the_scores_rise() -> None:
    assert answer("sum") == "At the score's rise from grey"
    assert config("sum") == PathConfig()
    total, rise, output = (shown("sum", name) for name in ("total", "difference", "output"))
    assert total[-1] == pytest.approx(rise[0], rel=0.01)
    assert output[-1] == pytest.approx(rise[0], rel=0.01)
    assert abs(rise[0]) > 5


@claim("sum")
def test_with_50_points_the_sum_misses_the_rise_by_less_than_one_per_cent_on_most_pictures() -> None:
    says("sum", "less than 1 % on most pictures, rarely by more than 3 %")
    totals = {number: torch.tensor([one.total for one in found("integrated", number)]) for number in SETS}
    errors = torch.cat([misses(totals[number], number) for number in SETS])
    assert (errors < 0.01).float().mean() > 0.8
    assert (errors > 0.03).float().mean() < 0.05
    assert errors.max() < 0.05


@claim("sum")
@pytest.mark.parametrize("number", SETS)
def test_the_gradient_at_the_picture_alone_does_not_add_up(number: int) -> None:
    says("sum", "the gradient at the picture alone cannot promise that")
    of = asked(number)
    gradients = torch.stack([one.values for one in found("gradient", number)])
    totals = (gradients * (of.images - of.baselines)).sum(dim=(1, 2, 3))
    assert misses(totals, number).median() > 0.2


def misses(totals: Tensor, number: int) -> Tensor:
    """|total − rise| / |rise| on each picture of a set, (pictures,)."""
    rise = asked(number).rise[: len(totals)]
    return (totals - rise).abs() / rise.abs()


@claim("saturated")
def test_at_the_heart_the_slope_is_two_per_cent_of_the_steepest_and_the_score_has_risen() -> None:
    says("saturated", "three quarters of the way", "97 % of its rise", "2 % of the steepest")
    assert answer("saturated") == "Next to nothing"
    chosen = config("saturated")
    assert chosen.settings.baseline == "black"
    slope = shown("saturated", "slope")
    assert near(slope[-1] / slope.max(), 0.02)
    alphas, rises = profile(chosen, count=41).T
    assert near(np.interp(0.75, alphas, rises) / rises[-1], 0.97, within=0.01)
    assert shown("saturated", "error")[-1] < 0.01


@claim("rules")
def test_over_pictures_midpoints_do_as_well_as_gauss_legendre_and_ends_worse() -> None:
    says("rules", "miss about 1 % with 20 points, the ends of the steps about 2 %")
    assert answer("rules") == "No, midpoints do as well"
    errors = {
        rule: 100 * float(torch.cat([errors_of(rule, 20, number, 6) for number in SETS]).mean()) for rule in RULES
    }
    inner = [errors[rule] for rule in ("gausslegendre", "riemann_middle", "riemann_trapezoid")]
    ends = [errors[rule] for rule in ("riemann_left", "riemann_right")]
    assert all(near(error, 1, within=0.4) for error in inner)
    assert all(near(error, 2, within=0.9) for error in ends)
    assert min(ends) > max(inner)
    assert errors["riemann_middle"] < errors["gausslegendre"] + 0.3


@claim("rules")
def test_with_50_points_all_rules_stay_below_one_per_cent() -> None:
    says("rules", "With 50 all stay below 1 %")
    for rule in RULES:
        if rule != SETTINGS.rule:  # whose sums the scene before this one is about
            errors = torch.cat([errors_of(rule, 50, number, 2) for number in SETS])
            assert errors.mean() < 0.01
            assert errors.max() < 0.03


@claim("rules")
def test_here_too_gauss_legendre_is_not_the_best_with_20_points() -> None:
    chosen = config("rules")
    assert isinstance(chosen, ErrorsConfig)
    line, with_20 = Path(Case(chosen.subject), chosen.settings), {}
    for rule in RULES:
        alphas, weights = points(rule, 20)
        with_20[rule] = float(line.error((weights * line.slopes(alphas)).sum()))
    assert with_20["riemann_middle"] < with_20["gausslegendre"]
    assert max(with_20, key=lambda rule: with_20[rule]) in ("riemann_left", "riemann_right")


def errors_of(rule: str, num_steps: int, number: int, count: int) -> Tensor:
    """By how much a rule's sum misses the rise, on the first pictures of a set, (pictures,)."""
    of = asked(number)
    alphas, weights = points(rule, num_steps)
    totals = []
    for image, start, pair in zip(of.images[:count], of.baselines, of.asked, strict=False):
        on_the_way = start + alphas.float()[:, None, None, None] * (image - start)
        slopes = gradient(of.net, on_the_way, pair.expand(num_steps, -1)) * (image - start)
        totals.append(float(slopes.double().sum(dim=(1, 2, 3)) @ weights))
    return misses(torch.tensor(totals), number)
