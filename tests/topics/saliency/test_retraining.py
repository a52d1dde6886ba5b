"""A network learns anew, by the recipe of the shipped one, and explains the picture on its way."""

from collections.abc import Generator
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.images.pictures import Picture
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency import retraining
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.retraining import METHODS, RetrainingConfig, frames
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot, images
from dlcore.training.images import Fitting
from dlcore.training.recipes import RECIPES, pictures

DIGIT = Subject(picture=Picture(kind="digit", seed=1), model="digits")
CONFIG = RetrainingConfig(subject=DIGIT, settings=MethodSettings(num_samples=5), num_epochs=6, seed=3)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def numbers(frame: Snapshot, name: str) -> np.ndarray:
    return np.asarray(frame.arrays[name], float)


def test_there_is_a_frame_at_every_step_that_is_announced(run: list[Snapshot]) -> None:
    assert [int(frame.arrays["step"]) for frame in run] == list(CONFIG.steps)
    assert CONFIG.num_frames == len(run)
    assert not any(frame.said for frame in run)


@given(st.integers(64, 8000), st.integers(1, 20))
def test_steps_begin_before_the_first_update_end_with_the_last_and_are_denser_at_first(
    num_train: int, num_epochs: int
) -> None:
    config = RetrainingConfig(num_train=num_train, num_epochs=num_epochs)
    steps = np.array(config.steps)
    assert (steps[0], steps[-1]) == (0, num_epochs * (num_train // 64))
    assert (np.diff(steps) > 0).all()
    assert np.diff(steps)[0] <= np.diff(steps)[-1]
    assert len(steps) <= 41


def test_it_is_trained_as_the_shipped_network_was(run: list[Snapshot]) -> None:
    """The recipe's own loop, with fewer epochs, gives the same network at every step that is shown."""
    recipe = RECIPES["digits"]
    fit = replace(recipe.fit, num_epochs=6, seed=3, lr=CONFIG.lr, batch_size=64)
    net, shown = fresh("digits", generator(3)), dict(zip(CONFIG.steps, run, strict=True))
    for frame in Fitting(net, pictures(recipe.data), fit).frames():
        if frame.step in shown:
            moment = shown[frame.step]
            with torch.no_grad():
                logits = net(DIGIT.image()[None])[0]
            assert numbers(moment, "logits") == pytest.approx(logits.numpy(), rel=1e-4, abs=1e-4)
            assert float(numbers(moment, "loss")) == pytest.approx(frame.loss, rel=1e-4)
            assert float(numbers(moment, "accuracy.train")) == pytest.approx(100 * frame.accuracy)


def test_it_learns(run: list[Snapshot]) -> None:
    accuracy = [float(frame.arrays["accuracy.test"]) for frame in run]
    assert accuracy[0] < 30
    assert accuracy[-1] > 85
    assert all(frame.arrays["chances"].sum() == pytest.approx(1, abs=1e-5) for frame in run)


def test_maps_are_those_of_the_network_of_the_moment(run: list[Snapshot]) -> None:
    """Before any update that is the network as it is drawn; what is explained stays what the shipped one answers."""
    untrained = fresh("digits", generator(3)).eval().requires_grad_(False)
    chosen = DIGIT.target()
    assert chosen == Target(int(DIGIT.logits().argmax()))
    for name in METHODS:
        wanted = attribute(name, untrained, DIGIT.image(), chosen, CONFIG.settings)
        assert numbers(run[0], f"signed.{name}") == pytest.approx(wanted.signed.numpy(), rel=1e-3, abs=1e-6)
        first, last = (numbers(frame, f"magnitude.{name}") for frame in (run[0], run[-1]))
        assert np.corrcoef(first.ravel(), last.ravel())[0, 1] < 0.99
        assert all(0 <= float(frame.arrays[f"inside.{name}"]) <= 1 for frame in run)


def test_the_same_settings_give_the_same_run_and_another_seed_another(run: list[Snapshot]) -> None:
    for again, frame in zip(islice(frames(CONFIG), 3), run, strict=False):
        assert np.array_equal(again.arrays["logits"], frame.arrays["logits"])
    other = next(frames(replace(CONFIG, seed=4)))
    assert not np.array_equal(other.arrays["logits"], run[0].arrays["logits"])


def test_it_can_be_stopped() -> None:
    going = frames(CONFIG)
    assert isinstance(going, Generator)
    next(going)
    going.close()
    assert list(going) == []


def test_a_run_that_leaves_the_finite_numbers_says_so_and_ends_with_its_last_finite_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "LARGEST", 30.0)  # weights do not reach 10⁸ in so few steps
    *before, last = frames(replace(CONFIG, lr=10))
    assert len(before) < CONFIG.num_frames
    assert not any(frame.said for frame in before)
    assert last.said.startswith("The network: the weights grew beyond 10⁸ at step ")
    assert int(last.arrays["step"]) == int(last.said.rstrip(".").rsplit(" ", 1)[1]) - 1
    assert all(np.isfinite(value).all() for value in last.arrays.values())


def test_objects_are_learnt_from_the_first_pictures_of_the_shipped_network_and_tested_on_others() -> None:
    config = RetrainingConfig(num_train=70)
    learnt, held = retraining.learnt_from(config), retraining.tested_on(config)
    shipped = RECIPES["plain"].data
    assert torch.equal(learnt.images, replace(shipped, num=70).make().images)  # pyright: ignore[reportAttributeAccessIssue]
    assert len(held.images) == retraining.NUM_TEST
    flat = {tuple(image.flatten()[:200].tolist()) for image in learnt.images}
    assert flat.isdisjoint(tuple(image.flatten()[:200].tolist()) for image in held.images)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"num_train": 63}, "num_train is 63"),
        ({"num_epochs": 21}, "num_epochs is 21"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RetrainingConfig(**values)  # type: ignore[arg-type]


def test_a_large_network_is_not_trained_while_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retraining, "RECIPES", {"digits": RECIPES["digits"]})
    with pytest.raises(ValueError, match="too large to be trained here"):
        RetrainingConfig()


@pytest.mark.parametrize("model", [key for key, recipe in RECIPES.items() if recipe.against])
def test_a_network_that_learnt_from_attacked_pictures_is_trained_in_another_lesson(model: str) -> None:
    with pytest.raises(ValueError, match="as the lesson on adversarial examples shows"):
        RetrainingConfig(subject=Subject(model=model))
