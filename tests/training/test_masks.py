"""The masks that are shown are those that training used."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig, mask_rows, masks_seen, train
from dlcore.training.feed import Feed

CONFIG = TrainConfig(
    data=PlaneConfig(num_train=40), hidden=(12, 9), activation="sigmoid", dropout=0.4, batch_size=8, num_steps=30
)


def test_a_dropped_unit_learns_nothing_in_its_step() -> None:
    """With one sample a step and plain gradient descent the weights that leave a dropped unit stay as they are."""
    config = dataclasses.replace(CONFIG, batch_size=1, optimizer="sgd", lr=0.5, seed=3)
    frames = list(train([config]))
    first, second = mask_rows(config, range(config.num_steps))
    _, to_second, to_output = config.architecture.weight_spans()
    for before, after, kept_first, kept_second in zip(frames, frames[1:], first, second, strict=False):
        moved = before.params[0] != after.params[0]
        np.testing.assert_array_equal(moved[to_output], kept_second)
        np.testing.assert_array_equal(moved[to_second].reshape(9, 12), np.outer(kept_second, kept_first))


@pytest.mark.parametrize("batch_size", [0, 8])
def test_they_are_what_the_first_sample_of_each_batch_saw_among_other_runs(batch_size: int) -> None:
    config = dataclasses.replace(CONFIG, batch_size=batch_size)
    configs = [dataclasses.replace(config, seed=1, dropout=0.0), config, dataclasses.replace(config, seed=2)]
    feed = Feed(configs, [one.data.make().train for one in configs], torch.float32)
    for seen in itertools.islice(masks_seen(config), 10):
        for mask, kept in zip(feed.next().masks, seen, strict=True):
            np.testing.assert_array_equal(mask[1, :, 0].numpy() > 0, kept)


def test_steps_may_be_asked_for_in_any_order() -> None:
    every = mask_rows(CONFIG, range(30))
    some = mask_rows(CONFIG, [7, 0, 29, 7])
    for layer, chosen in zip(every, some, strict=True):
        np.testing.assert_array_equal(layer[[7, 0, 29, 7]], chosen)
    assert [layer.shape for layer in some] == [(4, 12), (4, 9)]


def test_without_dropout_all_are_kept() -> None:
    assert all(layer.all() for layer in mask_rows(dataclasses.replace(CONFIG, dropout=0.0), [0, 5]))
    assert mask_rows(dataclasses.replace(CONFIG, hidden=()), [0, 5]) == ()


@pytest.mark.parametrize("step", [-1, 30])
def test_a_step_that_there_is_not_is_refused(step: int) -> None:
    with pytest.raises(ValueError, match=f"steps is {step}: it must be a whole number from 0 to 29"):
        mask_rows(CONFIG, [0, step])
