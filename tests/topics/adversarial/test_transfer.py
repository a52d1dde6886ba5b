"""Attacks made on one network and shown to another: each cell against the attack and the two networks, asked here."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import perturb
from dlcore.topics.adversarial.held import batches, held
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.transfer import CHOICES, NOISE, TransferConfig, frames
from dlcore.topics.intervals import of_shares
from dlcore.training import Snapshot
from tests.topics.adversarial.shown import shown

SETTINGS = AttackSettings(num_steps=6, seed=5)
CONFIG = TransferConfig(data="digits", attack="pgd", epsilon=26, num_images=50, settings=SETTINGS, seed=1)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def right(key: str, images: Tensor) -> Tensor:
    return checkpoints.network(key)(images).argmax(dim=1) == held("digits", 50, seed=1).labels


def test_rows_come_one_by_one(run: list[Snapshot]) -> None:
    size = (len(CONFIG.rows), len(CONFIG.columns))
    assert CONFIG.rows == (*CONFIG.columns, NOISE)
    assert len(run) == CONFIG.num_frames == 1 + size[0]
    for done, frame in enumerate(run):
        for name in frame.arrays:
            values = shown(frame, name)
            assert (values.shape, values.dtype) == (size, np.float32)
            assert np.isfinite(values[:done]).all()
            assert np.isnan(values[done:]).all()


def test_a_cell_is_the_share_of_the_asked_networks_right_answers_that_are_lost(run: list[Snapshot]) -> None:
    pictures = held("digits", 50, seed=1)
    for row, made_on in enumerate(CONFIG.columns):
        net = checkpoints.network(made_on)
        images = torch.cat(
            [perturb("pgd", net, *part[:2], 26, settings) for _, part, settings in batches(pictures, 20, SETTINGS)]
        )
        for column, asked in enumerate(CONFIG.columns):
            before, after = right(asked, pictures.images), right(asked, images)
            lost = of_shares((~after[before]).numpy())
            assert shown(run[-1], "accuracy")[row, column] == pytest.approx(100 * float(after.float().mean()))
            for name, value in zip(("fooled", "low", "high"), lost, strict=True):
                assert shown(run[-1], name)[row, column] == pytest.approx(100 * float(value), abs=1e-4)


def test_an_attack_does_most_to_its_own_network_and_noise_least(run: list[Snapshot]) -> None:
    fooled = shown(run[-1], "fooled")
    own = CONFIG.columns.index("digits")
    assert fooled[own, own] > 60
    assert fooled[own, own] > fooled[-1, own] + 40
    assert fooled[own, own] >= np.delete(fooled[own], own).max()


def test_without_change_nothing_is_lost() -> None:
    last = list(frames(replace(CONFIG, epsilon=0)))[-1]
    assert (shown(last, "fooled") == 0).all()
    assert shown(last, "low") == pytest.approx(0, abs=1e-6)
    assert (shown(last, "high") > 0).all()


@pytest.mark.parametrize("attack", CHOICES)
def test_every_attack_can_be_chosen(attack: str) -> None:
    last = list(frames(replace(CONFIG, attack=attack, num_images=20)))[-1]
    assert np.diag(shown(last, "fooled")).max() > 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("data", "photos"), ("attack", "noise"), ("epsilon", -1), ("epsilon", 256), ("num_images", 0), ("seed", -1)],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
