"""Two networks learn in lockstep: what they share, where they part, and what comes of it."""

from collections.abc import Generator
from itertools import islice
from typing import Any

import numpy as np
import pytest

from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.adversarial.hardening import TITLES, HardeningConfig, frames
from dlcore.training import Snapshot, images
from dlcore.training.images import fit, score
from dlcore.training.recipes import DIGITS, digits, held_out

SMALL = HardeningConfig(num_epochs=3, num_train=320, num_test=50, test_epsilons=(0, 10, 30.6, 64), seed=2)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(SMALL))


def of(frame: Snapshot, name: str) -> np.ndarray:
    return np.asarray(frame.arrays[name], float)


def test_there_is_a_frame_at_every_step_that_is_announced(run: list[Snapshot]) -> None:
    assert [int(frame.arrays["step"]) for frame in run] == list(SMALL.steps)
    assert SMALL.num_frames == len(run)
    assert (SMALL.steps[0], SMALL.steps[-1]) == (0, 15)
    assert not any(frame.said for frame in run)


def test_they_begin_as_the_same_network(run: list[Snapshot]) -> None:
    first = run[0].arrays
    for name in ("accuracy.{}.clean", "accuracy.{}.fgsm", "accuracy.{}.pgd", "curve.{}"):
        assert np.array_equal(first[name.format("plain")], first[name.format("robust")])
    assert of(run[0], "loss.robust") > of(run[0], "loss.plain")  # the same network, asked about attacked pictures


def test_the_plain_one_learns_as_if_it_were_alone(run: list[Snapshot]) -> None:
    data = digits(DIGITS, "train")
    net = fresh("digits", generator(2))
    few = type(data)(data.images[:320], data.labels[:320])
    *_, last = fit(net, few, SMALL.fit)
    assert float(of(run[-1], "loss.plain")) == pytest.approx(last.loss, rel=1e-5)
    wanted = 100 * score(net, held_out(DIGITS, 0, 50)).accuracy
    assert float(of(run[-1], "accuracy.plain.clean")) == pytest.approx(wanted)


def test_the_curve_has_what_is_told_beside_it(run: list[Snapshot]) -> None:
    for frame in run:
        for name in TITLES:
            clean, _, pgd, _ = of(frame, f"curve.{name}")
            assert (clean, pgd) == (of(frame, f"accuracy.{name}.clean"), of(frame, f"accuracy.{name}.pgd"))
            assert 0 <= of(frame, f"curve.{name}").min() <= of(frame, f"curve.{name}").max() <= 100
            assert pgd <= clean


@pytest.mark.parametrize("nothing", [{"epsilon": 0.0}, {"share": 0.0}])
def test_without_an_attack_they_stay_the_same_network(nothing: dict[str, Any]) -> None:
    config = HardeningConfig(**{"num_epochs": 1, "num_train": 192, "num_test": 20, "test_epsilons": (0, 20), **nothing})
    *_, last = frames(config)
    assert np.array_equal(last.arrays["curve.plain"], last.arrays["curve.robust"])
    assert last.arrays["loss.plain"] == last.arrays["loss.robust"]


def test_the_same_settings_give_the_same_run_and_it_can_be_stopped(run: list[Snapshot]) -> None:
    going = frames(SMALL)
    assert isinstance(going, Generator)
    for again, frame in zip(islice(going, 3), run, strict=False):
        assert all(np.array_equal(value, frame.arrays[name]) for name, value in again.arrays.items())
    going.close()
    assert list(going) == []


def test_a_run_that_leaves_the_finite_numbers_says_which_network_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "LARGEST", 30.0)
    *before, last = frames(HardeningConfig(num_epochs=3, num_train=320, num_test=20, test_epsilons=(0,), lr=10))
    assert len(before) < SMALL.num_frames
    assert not any(frame.said for frame in before)
    assert "network: the weights grew beyond 10⁸ at step " in last.said
    assert all(np.isfinite(value).all() for value in last.arrays.values())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epsilon": -1.0}, "epsilon is -1.0"),
        ({"num_steps": 0}, "num_steps is 0"),
        ({"share": 2.0}, "share is 2.0"),
        ({"num_epochs": 61}, "num_epochs is 61"),
        ({"num_train": 63}, "num_train is 63"),
        ({"num_test": 701}, "num_test is 701"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"test_epsilons": ()}, "The number of test_epsilons is 0"),
        ({"test_epsilons": (0, 256.0)}, "test_epsilons is 256.0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        HardeningConfig(**wrong)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_was_attacked_in_training_withstands_and_gives_up_little(seed: int) -> None:
    """At the ε of training at least 40 points more, and at most 6 points fewer where nothing is attacked."""
    last = None
    for frame in frames(HardeningConfig(seed=seed)):
        last = frame
    assert last is not None
    assert of(last, "accuracy.robust.pgd") >= of(last, "accuracy.plain.pgd") + 40
    assert of(last, "accuracy.robust.clean") >= of(last, "accuracy.plain.clean") - 6
    assert of(last, "curve.robust")[-1] <= 10  # twice the ε of training: nothing was promised
