"""Shifted digits: whole pixels move the picture, parts of one mix neighbours, each sample and step has its own."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.datasets.splits import Samples
from dlcore.training import TrainConfig, train
from dlcore.training.feed import Feed, streams
from dlcore.training.shifts import shifted
from tests.training import torch_loop

CONFIG = TrainConfig(data=DigitsConfig(num_train=60), hidden=(12,), batch_size=16, num_steps=20, augment=1.5)


@pytest.mark.parametrize("by", [(0.0, 0.0), (1.0, 0.0), (0.0, -2.0), (0.25, 0.5), (-1.7, 3.2)])
def test_a_picture_is_shifted_as_scipy_shifts_it(by: tuple[float, float]) -> None:
    from scipy import ndimage

    pixels = torch.rand(2, 3, 64, generator=torch.Generator().manual_seed(0))
    found = shifted(pixels, torch.tensor(by).expand(2, 3, 2)).view(6, 8, 8)
    for picture, original in zip(found.numpy(), pixels.view(6, 8, 8).numpy(), strict=True):
        wide = np.pad(original, 8)  # SciPy does not mix a picture's edge with what is beyond it
        np.testing.assert_allclose(picture, ndimage.shift(wide, by, order=1)[8:16, 8:16], atol=1e-5)


def test_every_picture_has_its_own_shift() -> None:
    pixels = torch.rand(1, 2, 64, generator=torch.Generator().manual_seed(0))
    by = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    first, second = shifted(pixels, by)[0].view(2, 8, 8)
    torch.testing.assert_close(first[1:], pixels[0, 0].view(8, 8)[:-1])
    torch.testing.assert_close(second[:, 1:], pixels[0, 1].view(8, 8)[:, :-1])


def test_shifts_are_new_for_every_sample_and_step_and_spread_evenly_as_far_as_was_asked() -> None:
    """A single dot's centre of mass moves by just the shift."""
    dots = torch.zeros(16, 64)
    dots[:, 8 * 4 + 4] = 1.0
    feed = Feed(
        [dataclasses.replace(CONFIG, data=DigitsConfig(num_train=16))],
        [Samples(dots, torch.arange(16) % 10)],
        torch.float32,
    )
    seen = torch.stack([feed.next().inputs[0].T.view(16, 8, 8) for _ in range(200)])
    places = torch.arange(8.0)
    shifts = torch.stack([(seen.sum(3) * places).sum(2), (seen.sum(2) * places).sum(2)], dim=2) - 4
    assert len(shifts.view(-1, 2).unique(dim=0)) > 3000
    assert shifts.abs().max().item() == pytest.approx(1.5, abs=0.01)
    assert shifts.abs().max() <= 1.5 + 1e-5
    assert shifts.mean(dim=(0, 1)).abs().max() < 0.05
    assert shifts.std().item() == pytest.approx(3 / 12**0.5, rel=0.03)


def test_a_generator_of_their_own_leaves_batches_masks_and_noise_as_they_are() -> None:
    """Empty pictures stay empty, so that the inputs are the noise."""
    config = dataclasses.replace(CONFIG, dropout=0.4, input_noise=0.2)
    empty = Samples(torch.zeros(60, 64), config.data.make().train.labels)
    still, moved = (
        Feed([dataclasses.replace(config, augment=augment)], [empty], torch.float32) for augment in (0.0, 1.5)
    )
    for one, other in ((still.next(), moved.next()) for _ in range(5)):
        assert torch.equal(one.inputs, other.inputs)
        assert torch.equal(one.targets, other.targets)
        assert torch.equal(one.masks[0], other.masks[0])
    assert len({stream.initial_seed() for stream in streams(0)}) == 5


def test_a_run_among_others_is_the_run_alone_and_torchs_even_when_one_leaves() -> None:
    still = dataclasses.replace(CONFIG, augment=0.0, seed=2)
    wild = dataclasses.replace(CONFIG, lr=1000.0, l2=10.0, augment=0.5)
    configs = [dataclasses.replace(config, optimizer="sgd") for config in (wild, still, CONFIG)]
    *_, together = train(configs, dtype=torch.float64)
    assert set(together.diverged) == {0}
    for row, config in enumerate(configs[1:], start=1):
        path, _ = torch_loop.train(config)
        np.testing.assert_allclose(together.params[row], path[-1].numpy(), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"augment": -1.0}, "augment is -1.0: it must be a number from 0 to 4"),
        ({"data": PlaneConfig()}, "augment is 1.5: only digits can be shifted"),
    ],
)
def test_what_cannot_be_is_refused(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(CONFIG, **settings)
