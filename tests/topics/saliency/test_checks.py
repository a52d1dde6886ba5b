"""The lesson's self-checks are small where all is right, and large where something is not."""

from typing import Any

import pytest
import torch

from dlcore.topics.images.pictures import Picture
from dlcore.topics.saliency import checks
from dlcore.topics.saliency.checks import PIXELS, Completeness, against_differences, completeness
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import Explained
from dlcore.topics.saliency.methods import Attribution
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.ui.saliency_text import CLOSE, COMPLETE

DIGIT = Subject(picture=Picture(kind="digit", seed=1), model="digits")
SUBJECTS = [
    Subject(),
    Subject(label=1, against=4),
    Subject(picture=Picture(kind="photo")),
    Subject(model="residual"),
    DIGIT,
]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: f"{one.model} {one.picture.kind} {one.picture.seed}")
def test_the_gradient_agrees_with_differences(subject: Subject) -> None:
    error, smooth = against_differences(subject)
    assert error < CLOSE
    assert smooth == PIXELS


@pytest.mark.parametrize(
    ("picture", "fewest", "most"),
    [(Picture(seed=7, strokes="red 20: 20,20"), 1, PIXELS - 1), (Picture(kind="grey"), 0, 0)],
    ids=["painted", "grey"],
)
def test_where_pixels_are_equal_there_are_kinks_which_are_told_apart(picture: Picture, fewest: int, most: int) -> None:
    error, smooth = against_differences(Subject(picture=picture))
    assert fewest <= smooth <= most
    assert error < CLOSE


def test_a_gradient_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = checks.explained

    def wrong(*asked: Any) -> Explained:
        found, seconds = right(*asked)
        return Explained(Attribution(method=found.method, values=1.01 * found.values), seconds)

    monkeypatch.setattr(checks, "explained", wrong)
    assert against_differences(DIGIT).error > 10 * CLOSE


def test_the_shared_network_is_left_as_it_was() -> None:
    against_differences(DIGIT)
    assert {parameter.dtype for parameter in DIGIT.network().parameters()} == {torch.float32}


@pytest.mark.parametrize("baseline", ["black", "grey", "blurred"])
def test_integrated_gradients_add_up_to_the_rise(baseline: str) -> None:
    found = completeness(DIGIT, MethodSettings(num_steps=200, baseline=baseline))
    grounds = {"black": torch.zeros(1, 8, 8), "grey": torch.full((1, 8, 8), 0.5)}
    if baseline in grounds:
        start = DIGIT.network()(grounds[baseline][None])[0, DIGIT.target().label]
        assert found.rise == pytest.approx(float(DIGIT.score() - start), rel=1e-4)
    assert found.total == pytest.approx(found.rise, rel=COMPLETE)
    assert found.error < COMPLETE


def test_the_error_is_relative_to_the_rise() -> None:
    assert Completeness(total=9, rise=10).error == pytest.approx(0.1)
    assert Completeness(total=-11, rise=-10).error == pytest.approx(0.1)
    assert Completeness(total=0, rise=0).error == 0
