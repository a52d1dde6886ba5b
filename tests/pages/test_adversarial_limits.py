"""Limits of the page on adversarial examples: what cannot be is told in one sentence, and what was on screen stays."""

from typing import Any

import pytest

from dlcore.topics.adversarial.sweep import SweepConfig
from tests.pages.adversarial_page import DIGIT, SLUG, STAGES, change, config_on, controls_say, opened
from tests.pages.stages import OpenPage, healthy, stage_bytes, toasts


@pytest.mark.parametrize(
    ("before", "name", "value", "words"),
    [
        (STAGES["curves"], "attacks", [], "attacks is empty: choose at least one"),
        (STAGES["twins"], "model", "residual", "This network has no twin"),
        ({**DIGIT, "model": "digits_second"}, "view", "defence", "This network has no twin"),
    ],
    ids=["attacks", "network", "view"],
)
def test_what_cannot_be_is_told_in_one_sentence_and_what_was_on_screen_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, before: dict[str, Any], name: str, value: Any, words: str
) -> None:
    page = opened(open_page, seed=3, **before)
    stage, was = stage_bytes(page), controls_say(page)[name]
    change(page, name, value)
    (error,) = page.error
    assert words in error.value
    assert (list(page.info), list(page.exception)) == ([], [])
    if name != "view":  # of which nothing was on screen: its opening is
        assert stage_bytes(page) == stage
    healthy(change(page, name, list(was) if isinstance(was, tuple) else was))
    assert stage_bytes(page) == stage


def test_photographs_are_not_counted_and_one_of_them_can_be_attacked(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network for photographs, which need not be on this machine, is played by one that is."""
    from dlcore import checkpoints, imagenet

    monkeypatch.setattr(imagenet, "choices", lambda: {"resnet18": "", "vit_b_16": "There are no weights."})
    monkeypatch.setattr(imagenet, "classes", lambda _: checkpoints.MODELS["plain"].classes)
    monkeypatch.setattr(imagenet, "network", lambda _: checkpoints.network("plain"))
    monkeypatch.setattr(imagenet, "SHAPE", (3, 64, 64))
    page = healthy(opened(open_page, kind="photo"))
    healthy(change(page, "model", "resnet18"))
    assert config_on(page).victim.model == "resnet18"
    healthy(change(page, "view", "fooling"))
    assert config_on(page).model == "resnet18"
    change(page, "view", "many")
    (error,) = page.error
    assert error.value.startswith("Many pictures are at hand of drawn objects and of digits")
    assert not page.exception
    healthy(change(page, "model", "noiseless"))


@pytest.mark.parametrize("stage", ["sweep", "path", "fooling"])
def test_a_class_that_the_network_does_not_know_is_told_once(open_page: OpenPage, stage: str) -> None:
    page = healthy(opened(open_page, **STAGES[stage], aim="zebra"))
    assert toasts(page) == ["“zebra” is no class of this network: nothing is aimed at."]
    assert config_on(page) == config_on(opened(open_page, **STAGES[stage]))
    assert toasts(page.run()) == []


def test_networks_that_are_not_on_this_machine_are_told_of(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dlcore import imagenet

    why = {"resnet18": "torchvision is not installed.", "vit_b_16": "There are no weights."}
    monkeypatch.setattr(imagenet, "choices", lambda: why)
    page = healthy(open_page(SLUG, {"model": "ResNet-18"}))
    (told,) = toasts(page)
    assert told.startswith("The link's model = “ResNet-18” is not possible here")
    assert config_on(page) == SweepConfig()
