"""What an image network sees in a step: every picture once an epoch, mirrored and moved as the seed says."""

import numpy as np
import pytest
import torch

from dlcore.device import generator
from dlcore.training.image_batches import Batches, Labelled

NUM = 30


@pytest.fixture
def data() -> Labelled:
    """Pictures that can be told apart, each of a class of its own."""
    return Labelled(torch.rand(NUM, 2, 6, 5, generator=generator(0)), torch.arange(NUM))


def labels(batches: Batches, steps: range) -> list[int]:
    return torch.cat([batches.at(step)[1] for step in steps]).tolist()


def test_an_epoch_shows_every_picture_once_and_each_in_another_order(data: Labelled):
    batches = Batches(data, 10, 0, flip=False, shift=0)
    epochs = [labels(batches, range(3 * epoch, 3 * epoch + 3)) for epoch in range(3)]
    assert all(sorted(seen) == list(range(NUM)) for seen in epochs)
    assert len({tuple(seen) for seen in epochs}) == 3


def test_what_does_not_fill_a_batch_waits(data: Labelled):
    batches = Batches(data, 8, 0, flip=False, shift=0)
    assert batches.per_epoch == 3
    assert {len(batches.at(step)[1]) for step in range(9)} == {8}


def test_fewer_pictures_than_a_batch_are_one_batch(data: Labelled):
    batches = Batches(data, 1000, 0, flip=False, shift=0)
    assert batches.per_epoch == 1
    assert sorted(batches.at(0)[1].tolist()) == list(range(NUM))


def test_pictures_keep_their_classes_and_are_as_they_were(data: Labelled):
    images, kinds = Batches(data, 7, 0, flip=False, shift=0).at(5)
    assert torch.equal(images, data.images[kinds])


def test_a_step_is_the_same_whatever_was_asked_before(data: Labelled):
    forward = Batches(data, 10, 4, flip=True, shift=1)
    steps = [forward.at(step) for step in range(7)]
    backward = Batches(data, 10, 4, flip=True, shift=1)
    for step in reversed(range(7)):
        assert all(map(torch.equal, backward.at(step), steps[step]))


def test_equal_seeds_give_equal_batches_and_others_do_not(data: Labelled):
    first = [labels(Batches(data, 10, seed, flip=True, shift=0), range(3)) for seed in (1, 1, 2)]
    assert first[0] == first[1] != first[2]


def test_about_half_of_the_pictures_are_mirrored(data: Labelled):
    batches = Batches(data, 10, 0, flip=True, shift=0)
    mirrored = 0
    for step in range(30):
        for image, label in zip(*batches.at(step), strict=True):
            same = torch.equal(image, data.images[label])
            assert same or np.array_equal(image, data.images[label].numpy()[:, :, ::-1])
            mirrored += not same
    assert 0.4 < mirrored / 300 < 0.6


def test_pictures_move_by_whole_pixels_and_black_comes_in(data: Labelled):
    from scipy import ndimage

    batches = Batches(data, 10, 0, flip=False, shift=2)
    ways = set()
    for step in range(30):
        for image, label in zip(*batches.at(step), strict=True):
            moves = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]
            wanted = [ndimage.shift(data.images[label].numpy(), (0, *move), order=0, cval=0) for move in moves]
            (found,) = [move for move, there in zip(moves, wanted, strict=True) if np.array_equal(image, there)]
            ways.add(found)
    assert len(ways) == 25


# Noise


@pytest.fixture
def grey() -> Labelled:
    """Pictures large enough to measure the noise on each."""
    return Labelled(torch.full((400, 1, 40, 40), 0.5), torch.arange(400))


def test_each_picture_has_noise_of_a_level_of_its_own(grey: Labelled):
    images, _ = Batches(grey, 400, 0, flip=False, shift=0, noise=0.12).at(0)
    found = images.std(dim=(1, 2, 3))
    assert found.max() < 0.12 * 1.1
    thirds = torch.histc(found, 3, 0, 0.12) / 400
    assert thirds.tolist() == pytest.approx([1 / 3] * 3, abs=0.09)
    assert images.mean().item() == pytest.approx(0.5, abs=1e-3)


def test_no_two_pictures_and_no_two_cells_share_their_noise(grey: Labelled):
    images, _ = Batches(grey, 400, 0, flip=False, shift=0, noise=0.12).at(0)
    noise = (images - 0.5).flatten(1)[:50]
    assert (torch.corrcoef(noise) - torch.eye(50)).abs().max() < 0.15
    assert torch.corrcoef(torch.stack([noise[:, :-1].flatten(), noise[:, 1:].flatten()]))[0, 1].abs() < 0.02


def test_a_step_s_noise_is_its_own_and_stays_the_same(grey: Labelled):
    batches, again = (Batches(grey, 100, 0, flip=False, shift=0, noise=0.1) for _ in range(2))
    steps = [batches.at(step)[0] for step in range(8)]  # two epochs
    for step in reversed(range(8)):
        assert torch.equal(again.at(step)[0], steps[step])
    noise = torch.stack([images[0].flatten() - 0.5 for images in steps])
    assert (torch.corrcoef(noise) - torch.eye(8)).abs().max() < 0.15


def test_noise_leaves_order_mirrors_and_moves_as_they_were(data: Labelled):
    quiet = Batches(data, 10, 4, flip=True, shift=1)
    noisy = Batches(data, 10, 4, flip=True, shift=1, noise=1e-4)
    for step in range(6):
        images, kinds = quiet.at(step)
        disturbed, same = noisy.at(step)
        assert torch.equal(kinds, same)
        assert (disturbed - images).abs().max() < 1e-3
        assert not torch.equal(disturbed, images)
