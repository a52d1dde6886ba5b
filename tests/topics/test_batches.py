"""Runs with different batch sizes stand side by side where each has used the same number of samples."""

import dataclasses

import numpy as np
import pytest

from dlcore.topics.batches import MOST_FRAMES, SIZES, batch_race
from dlcore.topics.descent import RaceConfig, race

LINE = RaceConfig(surface="least-squares", x0=-1.5, y0=1.5, optimizers=("momentum", "sgd"), lr=0.02, seed=4)
TUMOURS = dataclasses.replace(LINE, surface="logistic", x0=-2, y0=4)


@pytest.mark.parametrize(("config", "total"), [(LINE, 442), (TUMOURS, 569)])
def test_the_budget_is_two_passes_and_at_most_a_thousand_samples(config: RaceConfig, total: int) -> None:
    result = batch_race(config)
    budget = min(2 * total, 1000)
    assert result.samples[0] == 0
    assert result.samples[-1] == budget
    assert (np.diff(result.samples) > 0).all()
    assert len(result.samples) <= MOST_FRAMES
    assert result.sizes == SIZES == (1, 32, 0)


@pytest.mark.parametrize("config", [LINE, TUMOURS])
def test_every_frame_is_the_run_where_it_has_used_no_more_than_these_samples(config: RaceConfig) -> None:
    result = batch_race(config)
    total = config.make_surface().num_samples
    for b, size in enumerate(result.sizes):
        steps = result.samples[-1] // (size or total)
        alone = race(dataclasses.replace(config, optimizers=("momentum",), batch_size=size, num_steps=int(steps)))
        # Counted by hand: the most updates whose samples together are within the frame's number.
        used = [sum(1 for seen in alone.samples[1:] if seen <= samples) for samples in result.samples]
        assert result.updates[:, b].tolist() == used
        np.testing.assert_array_equal(result.w[:, b], alone.w[used, 0])
        np.testing.assert_array_equal(result.loss[:, b], alone.loss[used, 0])
        np.testing.assert_array_equal(result.distance[:, b], alone.distance[used, 0])


def test_a_whole_pass_costs_the_same_in_every_batch_size() -> None:
    result = batch_race(LINE, sizes=(1, 13, 34, 221, 442, 0))  # all divide 442
    assert result.updates[-1].tolist() == [884, 68, 26, 4, 2, 2]
    np.testing.assert_array_equal(result.w[:, 4], result.w[:, 5])  # a batch of all is all


def test_the_last_batch_of_a_pass_is_smaller_and_costs_less() -> None:
    result = batch_race(LINE, sizes=(32,))
    alone = race(dataclasses.replace(LINE, optimizers=("momentum",), batch_size=32, num_steps=27))
    assert np.diff(alone.samples).tolist() == [*[32] * 13, 26, *[32] * 13]
    assert result.updates[-1, 0] == 27


def test_all_runs_start_at_the_same_point_and_only_the_first_optimizer_runs() -> None:
    result = batch_race(LINE)
    assert result.w[0].tolist() == [[-1.5, 1.5]] * 3
    again = batch_race(dataclasses.replace(LINE, optimizers=("momentum",)))
    np.testing.assert_array_equal(result.w, again.w)


def test_the_seed_changes_the_sampled_runs_and_not_the_full_one() -> None:
    first, second = (batch_race(dataclasses.replace(LINE, seed=seed)) for seed in (4, 5))
    np.testing.assert_array_equal(first.w, batch_race(LINE).w)
    assert (first.w[-1, :2] != second.w[-1, :2]).all()
    np.testing.assert_array_equal(first.w[:, 2], second.w[:, 2])


def test_the_batch_size_and_steps_of_the_config_do_not_matter() -> None:
    other = batch_race(dataclasses.replace(LINE, batch_size=8, num_steps=17))
    np.testing.assert_array_equal(other.w, batch_race(LINE).w)


@pytest.mark.parametrize("surface", ["quadratic", "formula", "cliff"])
def test_without_data_there_are_no_batches(surface: str) -> None:
    with pytest.raises(ValueError, match=f"surface is '{surface}': .* real data"):
        batch_race(RaceConfig(surface=surface))
