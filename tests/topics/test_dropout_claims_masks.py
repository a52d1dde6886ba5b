"""What the scenes with masks say happens: on one layer exactly, on trained networks over eight seeds."""

import numpy as np
import pytest
import torch
from torch import nn

from dlcore.topics.dropout_config import NUM_SEEDS, MasksConfig
from dlcore.topics.dropout_scaling import expectation_error, trace
from dlcore.topics.subnetworks import DISTANCES, KEPT
from tests.topics.dropout_claims import answer, asked, claim, layer_of, near, says

SEEDS = range(12)


@claim("keep")
def test_torchs_p_drops_and_what_stays_is_divided_by_what_is_kept() -> None:
    says("keep", "divided by 1 − p = 0.3", "keeps 0.3 of the units")
    assert answer("keep") == "nn.Dropout(0.7)"
    assert layer_of("keep").p == 0.7
    passed = nn.Dropout(0.7)(torch.ones(200_000))
    assert passed.unique().tolist() == pytest.approx([0, 1 / 0.3])
    assert float((passed > 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert torch.equal(nn.Dropout(0.7).eval()(torch.ones(9)), torch.ones(9))


@claim("keep")
@pytest.mark.parametrize("seed", SEEDS)
def test_each_ways_mean_goes_to_its_own_test(seed: int) -> None:
    config = layer_of("keep", seed=seed)
    found = trace(config)
    for way, scale in (("inverted", 1.0), ("lecture", 0.3)):
        off = abs(found.ways[way].mean_z[-1] - found.ways[way].test_z)
        assert off < 4 * scale * found.spread / config.num_masks**0.5
    assert found.ways["lecture"].test == pytest.approx(0.3 * found.layer.a.numpy())


@claim("scaled")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_mean_over_all_64_masks_is_the_tests_and_m_of_them_are_off_by_sigma_over_root_m(seed: int) -> None:
    says("scaled", "over all 64 masks", "off by about σ/√m", "divided by ½ are torch's")
    assert answer("scaled") == "To the test's z"
    config = layer_of("scaled", seed=seed)
    found = trace(config)
    assert len(found.sums) == 64
    assert found.expected == pytest.approx(found.ways["inverted"].test_z)
    assert expectation_error(config) < 1e-12
    assert found.ways["lecture"].z / 0.5 == pytest.approx(found.ways["inverted"].z)
    m = np.arange(1, config.num_masks + 1)
    off = np.abs(found.ways["inverted"].mean_z[1:] - found.expected) * np.sqrt(m) / found.spread
    assert off.max() < 4
    assert 0.05 < off.mean() < 2.5


@claim("bent")
@pytest.mark.parametrize("seed", SEEDS)
def test_the_mean_of_relu_is_larger_than_relu_of_the_mean(seed: int) -> None:
    assert answer("bent") == "No, it is larger"
    found = trace(layer_of("bent", seed=seed))
    assert found.sums.min() < 0 < found.sums.max()
    assert found.chances @ np.maximum(found.sums, 0) > max(found.expected, 0) + 1e-9


# Trained networks


@claim("ensemble")
def test_the_average_of_150_thinned_networks_is_no_better_than_the_scaled_one() -> None:
    says("ensemble", "Both end at 89 %", "no seed gains over 1 point", "differ by 4 points")
    assert answer("ensemble") == "No better"
    assert MasksConfig().num_masks == 150
    found, frames = asked("ensemble")
    average = found.accuracy(found.averages["test"].mean > 0.5)
    scaled = found.accuracy(found.scaled["test"] > 0)
    assert len(average) == NUM_SEEDS
    assert near(average.mean(), 89)
    assert near(scaled.mean(), 89)
    assert average.mean() - scaled.mean() < 0.5
    assert (average - scaled).max() <= 1
    assert near(float(frames[-1]["apart.average.mean"]), 4, within=0.8)


@claim("ensemble")
def test_more_masks_do_not_close_the_gap_and_the_mean_of_logits_comes_nearer() -> None:
    says("ensemble", "more masks do not close that gap", "the mean of logits comes nearer")
    _, frames = asked("ensemble")
    single, third, last = (frames[k]["apart.average.mean"] for k in (0, 49, -1))
    assert last < 0.6 * single
    assert last > 0.75 * third
    assert frames[-1]["apart.logits.mean"] < 0.85 * last


@claim("forgotten")
def test_without_eval_a_fifth_of_the_answers_change_and_accuracy_falls() -> None:
    says("forgotten", "21 % of the answers", "79 % are right instead of 86 %")
    assert answer("forgotten") == "About 1 in 5"
    _, frames = asked("forgotten")
    flips, right, scaled = (
        float(np.mean([frame[name] for frame in frames]))
        for name in ("flips.mean", "accuracy.forgotten.mean", "accuracy.scaled.mean")
    )
    assert near(flips, 21)
    assert near(right, 79)
    assert near(scaled, 86)
    assert min(frame["flips.low"] for frame in frames) > 5  # in every call of every seed


@claim("far")
def test_away_from_the_data_doubt_falls_and_the_spread_grows_a_little() -> None:
    says("far", "Doubt falls from 0.3 to below 0.1", "from 0.12 to 0.17, of ½")
    assert answer("far") == "It grows a little"
    _, frames = asked("far")
    doubt, spread = frames[-1]["doubt.mean"], frames[-1]["spread.mean"]
    assert len(doubt) == len(DISTANCES)
    assert near(doubt[0], 0.3, within=0.05)
    assert doubt[-1] < 0.1
    assert (np.diff(doubt) < 0).all()
    assert near(spread[0], 0.12, within=0.015)
    assert near(spread[-1], 0.17, within=0.02)
    assert 1.2 < spread[-1] / spread[0] < 1.8


@claim("far")
def test_in_some_directions_far_from_the_data_nothing_warns() -> None:
    says("far", "not in every direction")
    found, _ = asked("far")
    far = found.rings[:, -3:].sum(dim=1) > 0
    spread = found.averages["far"].spread
    silent = [float((row[place] < 0.05).float().mean()) for row, place in zip(spread, far, strict=True)]
    assert np.mean(silent) > 0.1
    sure = (2 * found.scaled["far"].sigmoid() - 1).abs() > 0.98
    assert min(float(row[place].float().mean()) for row, place in zip(sure, far, strict=True)) > 0.5


@claim("refuse")
def test_refusing_the_widest_spread_lowers_accuracy_and_refusing_the_nearest_to_half_raises_it() -> None:
    says("refuse", "From 86 to 78 %", "gives 96 %")
    assert answer("refuse") == "It falls"
    _, frames = asked("refuse")
    half = KEPT.index(0.5)
    by_spread, by_chance = frames[-1]["refused.spread"], frames[-1]["refused.scaled"]
    assert near(by_spread[0], 86)
    assert near(by_spread[half], 78, within=2.5)
    assert near(by_chance[half], 96)


@claim("refuse")
def test_the_masks_disagree_most_where_the_network_is_surest() -> None:
    says("refuse", "spread 0.17; 0.11 where P is nearest ½")
    found, _ = asked("refuse")
    order = found.scaled["test"].abs().argsort(dim=1)
    spread = found.averages["test"].spread.gather(1, order)
    tenth = spread.shape[1] // 10
    nearest, surest = spread[:, :tenth].mean(dim=1), spread[:, -tenth:].mean(dim=1)
    assert near(float(nearest.mean()), 0.11, within=0.02)
    assert near(float(surest.mean()), 0.17, within=0.02)
    assert (nearest < surest).all()
