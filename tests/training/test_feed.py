"""What a run sees: every sample once an epoch, masks and noise of the strength asked for, from sources of their own."""

import dataclasses

import pytest
import torch
from torch import Tensor

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig
from dlcore.training.feed import Batch, Feed, minibatches

CONFIG = TrainConfig(data=PlaneConfig(num_train=50), hidden=(40, 30), batch_size=8, dropout=0.4, input_noise=0.2)


def batches(configs: list[TrainConfig], count: int) -> list[Batch]:
    feed = Feed(configs, [config.data.make().train for config in configs], torch.float32)
    return [feed.next() for _ in range(count)]


def test_an_epoch_shows_every_sample_at_most_once_in_batches_of_one_size() -> None:
    orders = minibatches(50, 8, torch.Generator().manual_seed(0))
    epochs = [[next(orders) for _ in range(6)] for _ in range(3)]
    for epoch in epochs:
        assert {len(batch) for batch in epoch} == {8}
        assert len(torch.cat(epoch).unique()) == 48
    assert len(torch.stack([torch.cat(epoch) for epoch in epochs]).unique(dim=0)) == 3


def test_a_batch_holds_samples_with_their_own_labels() -> None:
    config = dataclasses.replace(CONFIG, input_noise=0.0)
    train = config.data.make().train
    labels = {tuple(point): label for point, label in zip(train.inputs.tolist(), train.labels.tolist(), strict=True)}
    for batch in batches([config], 40):
        for point, target in zip(batch.inputs[0].T.tolist(), batch.targets[0, 0].tolist(), strict=True):
            assert labels[tuple(point)] == target


def test_runs_of_one_seed_see_the_same_batches_whatever_else_differs() -> None:
    configs = [dataclasses.replace(CONFIG, dropout=p, input_noise=0.0, lr=lr) for p, lr in ((0.0, 1.0), (0.5, 0.1))]
    for batch in batches(configs, 20):
        assert torch.equal(batch.inputs[0], batch.inputs[1])
        assert torch.equal(batch.targets[0], batch.targets[1])


def test_a_larger_p_drops_the_same_units_and_more() -> None:
    configs = [dataclasses.replace(CONFIG, dropout=p) for p in (0.2, 0.6)]
    for mask in batches(configs, 1)[0].masks:
        assert ((mask[1] == 0) | (mask[0] > 0)).all()


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_a_mask_drops_a_share_p_and_scales_what_it_keeps(p: float) -> None:
    masks = [mask for batch in batches([dataclasses.replace(CONFIG, dropout=p)], 60) for mask in batch.masks]
    numbers = torch.cat([mask.flatten() for mask in masks])
    assert {mask.shape for mask in masks} == {(1, 40, 8), (1, 30, 8)}
    assert (numbers == 0).float().mean().item() == pytest.approx(p, abs=0.01)
    torch.testing.assert_close(numbers[numbers > 0].unique(), torch.tensor([1 / (1 - p)]))


def test_a_run_without_dropout_beside_one_with_it_keeps_all() -> None:
    configs = [CONFIG, dataclasses.replace(CONFIG, dropout=0.0)]
    for mask in batches(configs, 1)[0].masks:
        assert (mask[1] == 1).all()
        assert not (mask[0] == 1).any()


def test_masks_and_noise_are_new_in_every_step() -> None:
    first, second = batches([dataclasses.replace(CONFIG, batch_size=0)], 2)
    assert not torch.equal(first.masks[0], second.masks[0])
    assert not torch.equal(first.inputs, second.inputs)


def test_input_noise_has_the_deviation_asked_for() -> None:
    quiet, noisy = ([b.inputs for b in batches([dataclasses.replace(CONFIG, input_noise=s)], 200)] for s in (0, 0.3))
    noise = torch.stack(noisy) - torch.stack(quiet)
    assert noise.std().item() == pytest.approx(0.3, rel=0.05)
    assert abs(noise.mean().item()) < 0.02


def test_smoothing_spreads_a_share_over_all_classes() -> None:
    def targets(**data) -> Tensor:
        config = dataclasses.replace(CONFIG, data=PlaneConfig(num_train=50, **data), label_smoothing=0.2)
        return batches([config], 1)[0].targets

    assert targets(name="moons").unique().tolist() == pytest.approx([0.1, 0.9])
    four = targets(name="blobs", num_classes=4)
    assert four.unique().tolist() == pytest.approx([0.05, 0.85])
    torch.testing.assert_close(four.sum(dim=1), torch.ones(1, 8))
