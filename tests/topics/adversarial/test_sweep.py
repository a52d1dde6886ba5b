"""A sweep over ε: each frame is an attack of its own, noise has as much, and the mark is where the first success is."""

import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.topics.adversarial.attacks import ATTACKS, perturb
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.sweep import SweepConfig, frames
from dlcore.topics.images.pictures import Picture
from dlcore.training import Snapshot

VICTIM = Victim(picture=Picture(kind="digit", seed=3), model="digits", settings=AttackSettings(num_steps=5))
CONFIG = SweepConfig(victim=VICTIM, most=64, num=16)
GAP = 96 / 16 / 64  # between success and failure, where bisection ends


def values(found: Sequence[Snapshot], name: str) -> np.ndarray:
    return np.array([frame.arrays[name] for frame in found])


@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", ATTACKS)
def test_a_frame_is_the_attack_with_its_epsilon(name: str, norm: str) -> None:
    victim = replace(VICTIM, settings=replace(VICTIM.settings, norm=norm))
    config = SweepConfig(victim=victim, attack=name, most=64.0 if norm == "linf" else 300.0, num=6)
    found = list(frames(config))
    label, goal, image = torch.tensor([victim.label]), torch.tensor([victim.goal]), victim.image()[None]
    for k in (0, 3, 6):
        for attack, before in ((name, ""), ("noise", "noise.")):
            alone = perturb(attack, victim.network(), image, label, config.epsilons[k], victim.settings, goal)
            with torch.no_grad():
                logits = victim.network()(alone)[0].numpy()
            assert found[k].arrays[f"{before}logits"] == pytest.approx(logits, abs=1e-3)
            picture = (255 * alone[0]).round().permute(1, 2, 0).expand(-1, -1, 3).numpy()
            assert np.abs(found[k].arrays[f"{before}picture"] - picture).max() <= 1


def test_frames_go_from_nothing_to_the_most_and_are_as_many_as_announced() -> None:
    found = list(frames(CONFIG))
    assert len(found) == CONFIG.num_frames == 17
    assert values(found, "epsilon").tolist() == list(CONFIG.epsilons) == [4 * k for k in range(17)]
    assert values(found, "linf") == pytest.approx(values(found, "epsilon"), rel=1e-4)
    assert (values(found, "l2") <= 8 * values(found, "epsilon") + 1e-3).all()
    first = found[0].arrays
    assert (first["picture"] == first["noise.picture"]).all()
    assert first["changed"] == first["noise.changed"] == 0
    assert first["chances"] == pytest.approx(VICTIM.logits().softmax(0).numpy(), abs=1e-6)


def test_noise_changes_as_many_pixels_by_as_much() -> None:
    found = list(frames(CONFIG))
    assert values(found, "noise.linf")[1:] == pytest.approx(values(found, "epsilon")[1:], rel=1e-4)


@pytest.mark.parametrize("name", ["fgsm", "pgd", "pgd_targeted"])
def test_the_mark_is_between_the_first_success_and_the_frame_before(name: str) -> None:
    config = replace(CONFIG, attack=name, most=96.0)
    found = list(frames(config))
    marks, outcomes = values(found, "least"), values(found, "outcome")
    assert (marks == marks[0]).all()
    first = int((outcomes == 2).argmax())
    assert outcomes[first] == 2
    assert config.epsilons[first - 1] < marks[0] <= config.epsilons[first]
    victim = config.victim
    label, goal, image = torch.tensor([victim.label]), torch.tensor([victim.goal]), victim.image()[None]

    def answer(epsilon: float) -> int:
        moved = perturb(name, victim.network(), image, label, epsilon, victim.settings, goal)
        return int(victim.network()(moved).argmax())

    reached = [(answer(float(marks[0]) - less) == victim.goal, less) for less in (0, GAP)]
    if name == "pgd_targeted":
        assert reached == [(True, 0), (False, GAP)]
    else:
        assert answer(float(marks[0])) != victim.label == answer(float(marks[0]) - GAP)


def test_there_is_no_mark_where_nothing_succeeds() -> None:
    found = list(frames(replace(CONFIG, most=2.0, num=4)))
    assert np.isnan(values(found, "least")).all()
    assert (values(found, "outcome") == 0).all()


def test_the_mark_of_a_picture_that_is_wrong_already_is_at_0() -> None:
    wrong = next(
        victim
        for victim in (replace(VICTIM, picture=Picture(kind="digit", seed=seed)) for seed in range(700))
        if victim.answer != victim.truth
    )
    found = list(frames(replace(CONFIG, victim=wrong, attack="fgsm", num=4)))
    assert (values(found, "outcome") == 3).all()
    assert (values(found, "least") == 0).all()


def test_a_picture_in_colours_has_all_arrays_in_their_shapes() -> None:
    found = list(frames(SweepConfig(victim=Victim(), attack="fgsm", most=8, num=2)))
    for before in ("", "noise."):
        arrays = found[2].arrays
        for name in ("picture", "delta.true", "delta.magnified"):
            assert arrays[f"{before}{name}"].shape == (64, 64, 3)
            assert arrays[f"{before}{name}"].dtype == np.uint8
        for name in ("delta.sign", "delta.size"):
            assert arrays[f"{before}{name}"].shape == (64, 64)
            assert arrays[f"{before}{name}"].dtype == np.float32


def test_a_config_travels_to_a_worker_and_back() -> None:
    assert pickle.loads(pickle.dumps(CONFIG)) == CONFIG  # noqa: S301


@pytest.mark.parametrize(
    ("change", "says"),
    [({"attack": "magic"}, "'magic'"), ({"most": 0}, "most is 0"), ({"most": 256}, "most is 256"), ({"num": 0}, "num")],
)
def test_bad_settings_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replace(CONFIG, **change)
