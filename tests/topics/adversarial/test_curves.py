"""Accuracy against ε over many pictures: what is counted, and that every number is that of the pictures one by one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import ATTACKS, perturb
from dlcore.topics.adversarial.curves import EPSILONS, CurvesConfig, frames
from dlcore.topics.adversarial.held import batches, held
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.training import Snapshot
from tests.topics.adversarial.shown import shown

SETTINGS = AttackSettings(num_steps=6, seed=5)
CONFIG = CurvesConfig(
    model="digits", attacks=tuple(ATTACKS), epsilons=(0, 26, 64), epsilon=26, num_images=50, settings=SETTINGS, seed=1
)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def test_frames_add_pictures_from_none(run: list[Snapshot]) -> None:
    assert [shown(frame, "count") for frame in run] == list(CONFIG.counts) == [0, 20, 40, 50]
    assert len(run) == CONFIG.num_frames
    assert np.isnan(shown(run[0], "accuracy.pgd")).all()
    assert shown(run[0], "flow.pgd").sum() == 0
    shapes = [{name: (np.shape(value), value.dtype) for name, value in frame.arrays.items()} for frame in run]
    assert all(shape == shapes[0] for shape in shapes)


@pytest.mark.parametrize("name", ["noise", "fgsm", "pgd"])
def test_the_last_frame_counts_what_the_attack_leaves_right(run: list[Snapshot], name: str) -> None:
    net, pictures = checkpoints.network("digits"), held("digits", 50, seed=1)
    for column, epsilon in enumerate(CONFIG.epsilons):
        images = torch.cat(
            [perturb(name, net, *part[:2], epsilon, settings) for _, part, settings in batches(pictures, 20, SETTINGS)]
        )
        right = (net(images).argmax(dim=1) == pictures.labels).float().mean()
        assert shown(run[-1], f"accuracy.{name}")[column] == pytest.approx(100 * float(right))


def test_without_change_all_attacks_leave_the_clean_accuracy(run: list[Snapshot]) -> None:
    pictures = held("digits", 50, seed=1)
    clean = (checkpoints.network("digits")(pictures.images).argmax(dim=1) == pictures.labels).float().mean()
    for name in ATTACKS:
        assert shown(run[-1], f"accuracy.{name}")[0] == pytest.approx(100 * float(clean))


@pytest.mark.parametrize("name", ATTACKS)
def test_the_flow_holds_every_picture_and_its_diagonal_the_right_ones(run: list[Snapshot], name: str) -> None:
    for frame in run[1:]:
        flow, count = shown(frame, f"flow.{name}"), float(shown(frame, "count"))
        assert flow.sum() == count
        assert 100 * np.trace(flow) / count == pytest.approx(float(shown(frame, f"accuracy.{name}")[1]))
    truths = held("digits", 50, seed=1).labels.bincount(minlength=10)
    assert np.array_equal(shown(run[-1], f"flow.{name}").sum(axis=1), truths)


def test_intervals_hold_the_mean_and_shrink(run: list[Snapshot]) -> None:
    widths = []
    for frame in run[1:]:
        low, mean, high = (shown(frame, f"{part}.fgsm") for part in ("low", "accuracy", "high"))
        assert ((low <= mean) & (mean <= high)).all()
        widths.append((high - low).mean())
    assert widths[-1] < widths[0]


def test_attacks_do_more_than_as_much_noise(run: list[Snapshot]) -> None:
    noise, fgsm, pgd = (shown(run[-1], f"accuracy.{name}")[1] for name in ("noise", "fgsm", "pgd"))
    assert noise > 90
    assert fgsm < noise - 20
    assert pgd <= fgsm


def test_the_first_pictures_of_more_are_the_same(run: list[Snapshot]) -> None:
    config = replace(CONFIG, num_images=20, seed=0)
    few, more = list(frames(config))[-1].arrays, list(frames(replace(config, num_images=40)))[1].arrays
    for name, values in few.items():
        assert np.array_equal(values, more[name]), name


def test_a_shift_makes_clean_drawings_harder() -> None:
    config = CurvesConfig(attacks=("noise",), epsilons=(0,), epsilon=0, num_images=60)
    clean, shifted = (shown(list(frames(c))[-1], "accuracy.noise")[0] for c in (config, replace(config, shift=1.0)))
    assert clean > 95
    assert shifted < clean - 5


def test_the_grids_begin_without_change() -> None:
    assert set(EPSILONS) == {model.data for model in checkpoints.MODELS.values()}
    assert all(grid[0] == 0 and list(grid) == sorted(grid) for grid in EPSILONS.values())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model", "resnet18"),
        ("attacks", ()),
        ("attacks", ("magic",)),
        ("epsilons", ()),
        ("epsilons", (0, -1, 26)),
        ("epsilon", 3),
        ("num_images", 0),
        ("num_images", 701),
        ("shift", 2),
        ("seed", -1),
    ],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
