"""The digits: whose they are, and how they are dealt."""

import numpy as np
import pytest
import torch

from dlcore.datasets.digits import DigitsConfig


def test_they_are_scikit_learns_from_zero_to_one() -> None:
    from sklearn.datasets import load_digits

    splits = DigitsConfig(num_train=1000, num_validation=97, num_test=700).make()
    pixels = torch.cat([part.inputs for part in splits[:3]])
    labels = torch.cat([part.labels for part in splits[:3]])
    table, digits = map(np.asarray, load_digits(return_X_y=True))
    ours = sorted((*row, label) for row, label in zip((16 * pixels).int().tolist(), labels.tolist(), strict=True))
    assert ours == sorted((*map(int, row), int(label)) for row, label in zip(table, digits, strict=True))
    assert (pixels.min(), pixels.max(), pixels.dtype) == (0, 1, torch.float32)


def test_more_training_digits_are_the_same_and_more_and_the_test_stays() -> None:
    few, many = DigitsConfig(num_train=100).make(), DigitsConfig(num_train=700).make()
    assert torch.equal(many.train.inputs[:100], few.train.inputs)
    assert torch.equal(many.test.inputs, few.test.inputs)
    assert torch.equal(many.validation.inputs, few.validation.inputs)


def test_label_noise_is_a_share_of_the_training_labels() -> None:
    clean, noisy = DigitsConfig(num_train=200).make(), DigitsConfig(num_train=200, label_noise=0.2).make()
    wrong = clean.train.labels != noisy.train.labels
    assert wrong.sum() == 40
    assert torch.equal(wrong, noisy.flipped)
    assert torch.equal(clean.test.labels, noisy.test.labels)


def test_another_seed_deals_anew() -> None:
    assert not torch.equal(DigitsConfig(seed=0).make().test.labels, DigitsConfig(seed=1).make().test.labels)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"num_train": 5}, "num_train is 5: it must be a whole number from 10 to 1797"),
        ({"num_train": 1000}, "are 2000 digits: there are 1797 of them in all"),
        ({"label_noise": 2.0}, "label_noise is 2.0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        DigitsConfig(**settings)
