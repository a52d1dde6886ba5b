"""What the controls of the lesson on saliency say is a picture, a question and a run; what cannot be is refused."""

from typing import Any

import numpy as np
import pytest

from dlcore import checkpoints, imagenet
from dlcore.datasets.objects import CLASSES
from dlcore.topics.images.pictures import Picture, digit_label
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.deletion import DeletionConfig
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.retraining import RetrainingConfig
from dlcore.topics.saliency.study import StudyConfig
from dlcore.ui import image_rail
from dlcore.ui import saliency_rail as rail
from dlcore.ui.saliency_settings import (
    config_of,
    explained_by,
    explained_of,
    settings_of,
    subject_of,
    unknown_classes,
)


def controls(**values: Any) -> dict[str, Any]:
    return {**rail.DEFAULTS, "upload": None, **values}


def picture(**values: Any) -> Picture:
    return subject_of(controls(**values)).picture


@pytest.mark.parametrize(
    ("view", "config"), [("maps", MapsConfig()), ("training", RetrainingConfig())], ids=["maps", "training"]
)
def test_the_defaults_are_the_opening_scene(view: str, config: Any) -> None:
    assert config_of(controls(view=view)) == config


def test_what_another_kind_of_picture_would_need_does_not_matter() -> None:
    assert picture(kind="digit", shape="star", shift=0.5, mark=True, photo="flower") == picture(kind="digit")
    assert picture(kind="photo", seed=9, shape="star") == picture(kind="photo")
    assert picture(kind="grey", seed=9) == Picture(kind="grey")
    assert picture(photo="flower") == picture()


def test_where_there_is_no_upload_an_object_is_drawn() -> None:
    assert picture(kind="own", shape="star") == picture(shape="star")
    given = np.zeros((20, 20, 3), np.uint8)
    assert picture(kind="own", upload=given, strokes="red 3: 1,2").strokes == "red 3: 1,2"
    assert picture(upload=given) == picture()  # the menu decides


def test_seeds_beyond_the_single_pictures_begin_anew() -> None:
    assert picture(seed=2**31 - 1).seed == (2**31 - 1) % 1_000_000
    study = config_of(controls(view="truth", truth="study", seed=2**31 - 1))
    assert isinstance(study, StudyConfig)
    assert study.seed == (2**31 - 1) % 100_000


def test_classes_are_asked_for_by_their_names() -> None:
    subject = subject_of(controls(label="star", against="fish"))
    assert (subject.label, subject.against) == (CLASSES.index("star"), CLASSES.index("fish"))
    assert subject_of(controls(label="7")).label is None
    assert unknown_classes(controls(label="7", against="fish")) == [
        "“7” is no class of this network: it is not asked about."
    ]
    assert subject_of(controls(model="digits", label="7")).label == 7


def test_a_window_is_no_larger_than_the_picture_and_grows_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = settings_of(controls(window=20, stride=2), Subject(model="digits"))
    assert (digits.window, digits.stride) == (8, 2)
    drawn = settings_of(controls(window=20, stride=2), Subject())
    assert (drawn.window, drawn.stride) == (20, 2)

    monkeypatch.setattr(Subject, "shape", imagenet.SHAPE)
    photo = settings_of(controls(window=20, stride=2), Subject())
    assert (photo.window, photo.stride) == (70, 7)


def test_methods_are_compared_in_the_order_of_the_lesson_and_only_where_they_can_explain_the_network() -> None:
    chosen = ("guided", "gradient", "occlusion")
    config = config_of(controls(view="truth", methods=tuple(name for name in METHODS if name in chosen)))
    assert isinstance(config, DeletionConfig)
    assert config.methods == ("gradient", "guided", "occlusion")
    with pytest.raises(ValueError, match="choose at least one"):
        config_of(controls(view="sanity", methods=()))


def test_many_pictures_are_only_drawn_objects() -> None:
    with pytest.raises(ValueError, match="choose a network for them"):
        config_of(controls(view="truth", truth="study", model="digits"))


def test_the_study_does_not_depend_on_the_picture_on_screen() -> None:
    study = controls(view="truth", truth="study")
    same = {"shape": "star", "strokes": "red 3: 9,9", "label": "boat", "kind": "photo"}
    assert config_of({**study, **same}) == config_of(study)
    assert explained_by(config_of(study)) == Subject()


@pytest.mark.parametrize(
    ("values", "truth"),
    [
        ({"shape": "boat"}, CLASSES.index("boat")),
        ({"shape": "boat", "model": "digits"}, None),
        ({"kind": "digit", "model": "digits", "seed": 4}, digit_label(4)),
        ({"kind": "digit", "seed": 4}, None),
        ({"kind": "photo"}, None),
        ({"kind": "own", "upload": np.zeros((9, 9, 3), np.uint8)}, None),
    ],
)
def test_the_truth_is_known_of_what_was_drawn_where_the_network_has_a_class_for_it(
    values: dict[str, Any], truth: int | None
) -> None:
    assert subject_of(controls(**values)).truth == truth


def test_what_is_shown_of_the_answer_is_the_networks() -> None:
    subject = subject_of(controls(seed=3, against="fish"))
    shown = explained_of(subject)
    logits = np.asarray(subject.network()(subject.image()[None])[0])
    assert shown.logits == pytest.approx(logits)
    assert shown.chances == pytest.approx(np.exp(logits) / np.exp(logits).sum(), rel=1e-5)
    assert (shown.label, shown.against) == (int(logits.argmax()), CLASSES.index("fish"))


# The rail


@pytest.mark.parametrize(
    ("values", "brush"),
    [
        ({}, None),
        ({"brush": "red", "radius": 2.5}, ("#d62f2f", 5.0)),
        ({"brush": "red", "view": "training"}, None),
    ],
)
def test_one_paints_on_the_sheet_of_maps_with_a_brush(values: dict[str, Any], brush: Any) -> None:
    assert rail.brush_of(controls(**values)) == brush


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, ("gradient", "smoothgrad")),
        ({"selected": "lime"}, ("lime",)),
        ({"selected": "picture"}, ("gradient", "smoothgrad")),
        ({"view": "forming"}, ("smoothgrad",)),
        ({"view": "forming", "forming": "errors"}, ("integrated",)),
        ({"view": "sanity", "selected": "guided"}, ("guided",)),
    ],
)
def test_the_code_is_that_of_what_one_reads(values: dict[str, Any], names: tuple[str, ...]) -> None:
    assert rail.methods_to_read(controls(**values)) == names


def test_networks_that_are_not_there_cannot_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagenet, "choices", lambda: {"resnet18": "", "vit_b_16": "There are no weights."})
    assert list(image_rail.models()) == [*checkpoints.MODELS, "resnet18"]
