"""What the controls of the lesson on adversarial examples say is a victim, an attack, a run; or it is refused."""

from typing import Any

import numpy as np
import pytest

from dlcore import checkpoints, imagenet
from dlcore.datasets.objects import CLASSES
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.curves import EPSILONS, CurvesConfig
from dlcore.topics.adversarial.fooling import FoolingConfig
from dlcore.topics.adversarial.path import PathConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.adversarial.transfer import TransferConfig
from dlcore.topics.adversarial.twins import TwinsConfig
from dlcore.topics.adversarial.universal import UniversalConfig
from dlcore.topics.images.pictures import Picture
from dlcore.ui import adversarial_rail as rail
from dlcore.ui.adversarial_settings import (
    CURVE_L2,
    SECOND,
    classes_of,
    config_of,
    data_of,
    epsilon_of,
    settings_of,
    victim_of,
    what_is_ignored,
)
from tests.pages.adversarial_page import DIGIT, STAGES

BOAT = CLASSES.index("boat")
PHOTO = "resnet18"  # a network for photographs, which need not be on this machine
SET = (2**31 - 1) % 100_000


def controls(stage: str = "sweep", **values: Any) -> dict[str, Any]:
    return {**rail.DEFAULTS, "upload": None, **STAGES[stage], **values}


def config(stage: str = "sweep", **values: Any) -> Any:
    return config_of(controls(stage, **values))


# The victim


def test_the_defaults_are_the_opening_scene() -> None:
    assert config() == SweepConfig()
    assert victim_of(controls()) == Victim()
    assert settings_of(controls()) == AttackSettings()


def test_how_an_attack_works_is_as_the_rail_says() -> None:
    wanted = AttackSettings(norm="l2", num_steps=7, step_share=0.4, random_start=False, seed=9)
    values = {"norm": "l2", "num_steps": 7, "step_share": 0.4, "random_start": False, "noise_seed": 9}
    assert settings_of(controls(**values)) == wanted
    assert config(**values).victim.settings == wanted
    assert config("curves", **values).settings == wanted
    assert config("transfer", **values).settings == wanted


def test_a_class_is_aimed_at_by_its_name() -> None:
    assert victim_of(controls(aim="boat")).target == BOAT
    assert victim_of(controls(aim="7", **DIGIT)).target == 7
    assert victim_of(controls(aim="7")).target is None


def test_what_is_to_be_lost_is_no_aim() -> None:
    assert victim_of(controls(aim="heart")) == Victim()
    assert victim_of(controls(aim="boat", shape="boat")).target is None


@pytest.mark.parametrize(
    ("values", "attack"),
    [
        ({}, "pgd"),
        ({"method": "fgsm"}, "fgsm"),
        ({"aim": "boat"}, "pgd_targeted"),
        ({"aim": "boat", "method": "fgsm"}, "fgsm_targeted"),
        ({"aim": "heart"}, "pgd"),
        ({"aim": "zebra", "method": "fgsm"}, "fgsm"),
    ],
)
def test_an_attack_is_targeted_where_a_class_is_aimed_at(values: dict[str, Any], attack: str) -> None:
    assert config(**values).attack == attack


def test_step_by_step_is_always_pgd() -> None:
    assert config("path", method="fgsm", aim="boat").attack == "pgd_targeted"


@pytest.mark.parametrize("name", ["boundary", "twins"])
def test_an_aim_does_not_matter_where_there_is_none(name: str) -> None:
    assert config(name, aim="boat") == config(name)


@pytest.mark.parametrize(
    ("stage", "values", "words"),
    [
        ("sweep", {}, None),
        ("sweep", {"aim": "boat"}, None),
        ("sweep", {"aim": "zebra"}, "“zebra” is no class of this network"),
        ("sweep", {"aim": "zebra" * 100}, "“" + ("zebra" * 100)[:30] + "” is no class"),
        ("fooling", {"aim": "7"}, "“7” is no class of this network"),
        ("fooling", {"aim": "heart"}, None),
        ("sweep", {"aim": "heart"}, "heart is what the attack is to lose"),
        ("path", {"aim": "star", "shape": "star"}, "star is what the attack is to lose"),
        ("boundary", {"aim": "star"}, "DeepFool goes to the nearest border"),
    ],
)
def test_an_aim_that_cannot_be_is_told(stage: str, values: dict[str, Any], words: str | None) -> None:
    told = what_is_ignored(controls(stage, **values))
    assert len(told) == (words is not None)
    assert all(words in sentence for sentence in told if words)


def test_of_a_photograph_the_networks_own_answer_is_to_be_lost() -> None:
    victim = victim_of(controls(kind="photo", photo="flower"))
    assert victim.picture == Picture(kind="photo", photo="flower")
    assert victim.truth is None
    assert victim.label == int(victim.logits().argmax())
    assert victim_of(controls(kind="photo", photo="flower", aim=victim.classes[victim.label])).target is None


def test_where_there_is_no_upload_an_object_is_drawn() -> None:
    assert victim_of(controls(kind="own", shape="star")).picture == Picture(label=CLASSES.index("star"))
    given = np.zeros((20, 20, 3), np.uint8)
    assert victim_of(controls(kind="own", upload=given)).picture.kind == "own"


# How far


def test_each_norm_has_its_own_radii() -> None:
    assert config(most=8.0).most == 8.0
    assert config(norm="l2", most=8.0, most_l2=255.0).most == 255.0
    assert config("path", epsilon=6.0).epsilon == 6.0
    assert config("path", norm="l2", epsilon_l2=64.0).epsilon == 64.0
    assert epsilon_of(controls(norm="l2", epsilon_l2=32.0)) == 32.0


@pytest.mark.parametrize("stage", ["universal", "linear"])
def test_what_is_always_bounded_by_pixel_does_not_ask_which_norm(stage: str) -> None:
    assert config(stage, norm="l2", epsilon=6.0, epsilon_l2=64.0) == config(stage, epsilon=6.0)


@pytest.mark.parametrize("values", [{}, DIGIT], ids=["objects", "digits"])
def test_the_curves_count_confusions_at_one_of_their_own_radii_the_nearest(values: dict[str, Any]) -> None:
    for epsilon in rail.EPSILONS:
        found = config("curves", **{**values, "epsilon": epsilon})
        nearest = min(abs(radius - epsilon) for radius in found.epsilons)
        assert found.epsilons == EPSILONS[data_of(found.model)]
        assert abs(found.epsilon - epsilon) == nearest
    assert config("curves", norm="l2", **values).epsilons == CURVE_L2


def test_both_twins_are_attacked_by_pixel_as_one_of_them_has_learnt_from() -> None:
    twins = config("twins", norm="l2", num_steps=3)
    assert isinstance(twins, TwinsConfig)
    assert twins.victim.settings == AttackSettings(num_steps=3)


# Many pictures


@pytest.mark.parametrize("stage", ["curves", "transfer", "universal", "fooling", "hardening", "linear", "directions"])
def test_what_is_counted_does_not_depend_on_the_picture_on_screen(stage: str) -> None:
    other = {"kind": "photo", "photo": "flower", "shape": "star", "shift": 0.5, "mark": True, "most": 8.0}
    assert config(stage, **other) == config(stage)


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in (*rail.PICTURED, "illusion")])
def test_any_seed_is_that_of_a_set(stage: str) -> None:
    assert config(stage, seed=2**31 - 1).seed == SET
    assert config(stage, seed=3) != config(stage)


def test_pictures_are_of_what_the_network_looks_at() -> None:
    assert config("curves", num_images=40) == CurvesConfig(model="noiseless", num_images=40)
    assert config("transfer", num_images=100, epsilon=8.0) == TransferConfig()
    digits = TransferConfig(data="digits", num_images=40, epsilon=26, attack="fgsm")
    assert config("transfer", **DIGIT, num_images=40, method="fgsm") == digits


def test_one_for_all_is_shown_to_a_second_network_of_the_same_data() -> None:
    assert set(SECOND) == set(checkpoints.MODELS)
    for first, second in SECOND.items():
        assert second != first
        assert checkpoints.MODELS[second].data == checkpoints.MODELS[first].data
    found = config("universal", **DIGIT, num_images=60)
    assert found == UniversalConfig(model="digits", other="digits_second", num_images=60, epsilon=26)


def test_from_noise_a_network_is_made_to_see_the_class_that_is_asked_for() -> None:
    wanted = FoolingConfig(model="noiseless", target=BOAT, start="grey", smoothing=1.5)
    assert config("fooling", aim="boat", start="grey", smoothing=1.5) == wanted
    assert config("fooling", aim="star").target == CLASSES.index("star")


@pytest.mark.parametrize("aim", ["", "zebra"])
def test_without_one_it_is_the_boat_of_the_scene_or_the_first_class(aim: str) -> None:
    assert config("fooling", aim=aim).target == BOAT
    assert config("fooling", aim=aim, **DIGIT).target == 0


@pytest.mark.parametrize("stage", ["curves", "transfer", "universal", "twins"])
def test_of_photographs_there_are_not_many(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    monkeypatch.setattr(imagenet, "choices", lambda: {PHOTO: ""})
    monkeypatch.setattr(imagenet, "classes", lambda _: CLASSES)
    with pytest.raises(
        ValueError, match=r"^Many pictures are at hand of drawn objects and of digits: choose a network"
    ):
        config(stage, model=PHOTO)


@pytest.mark.parametrize("model", ["residual", "shortcut", "digits_second"])
def test_a_network_without_a_twin_is_not_compared_with_one(model: str) -> None:
    with pytest.raises(ValueError, match="no twin"):
        config("twins", model=model)


def test_without_an_attack_there_are_no_curves() -> None:
    with pytest.raises(ValueError, match="choose at least one"):
        config("curves", attacks=())


# In the rail


def test_classes_are_those_of_the_network_in_the_picture() -> None:
    assert classes_of(config()) == CLASSES
    assert classes_of(config("path", **DIGIT)) == tuple("0123456789")
    assert classes_of(config("fooling")) == CLASSES
    assert {classes_of(config(name)) for name in ("curves", "universal", "linear", "plane", "illusion")} == {()}


@pytest.mark.parametrize("digits", [False, True])
def test_radii_that_fit_are_among_those_that_can_be_chosen(digits: bool) -> None:
    assert rail.FITTING[digits]["epsilon"] in rail.EPSILONS
    assert rail.FITTING[digits]["most"] in rail.RANGES
    assert rail.FITTING_L2["epsilon_l2"] in rail.EPSILONS_L2
    assert rail.FITTING_L2["most_l2"] in rail.RANGES_L2


def test_the_stage_that_is_looked_at_is_the_views_part_or_the_view() -> None:
    assert [rail.shown(controls(name)) for name in STAGES] == list(STAGES)
    assert set(STAGES) == set(rail.FREE) == set(rail.FIRST_TABS)


@pytest.mark.parametrize("stage", STAGES)
def test_every_view_has_settings_that_it_can_fall_back_to(stage: str) -> None:
    wild = {"model": PHOTO, "attacks": (), "aim": "zebra"}
    values = {**rail.opening(controls(stage, **wild)), "upload": None}
    assert rail.shown(values) == stage
    assert isinstance(config_of(values), type(config(stage)))


def test_a_path_is_one_of_as_many_steps_as_are_asked_for() -> None:
    found = config("path", num_steps=3, epsilon=6.0)
    assert isinstance(found, PathConfig)
    assert found.num_frames == 4
