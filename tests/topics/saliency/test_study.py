"""The study over many pictures: which ones they are, and that its means are those of the pictures one by one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.datasets.objects import ObjectsConfig
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.images.measures import inside, pointing, precision
from dlcore.topics.images.targets import Target
from dlcore.topics.intervals import of_means, of_shares
from dlcore.topics.saliency import study
from dlcore.topics.saliency.deletion import area, curves, places, shares
from dlcore.topics.saliency.methods import attribute
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.study import HELD, MEASURES, StudyConfig, frames, held, measured, to_simple
from dlcore.training.recipes import MARKED

SETTINGS = MethodSettings(num_samples=3, num_steps=3)
CONFIG = StudyConfig(settings=SETTINGS, methods=("gradient", "gradcam"), num_images=20)
NET = fresh("plain", generator(0)).eval().requires_grad_(False)


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "network", lambda _: NET)
    monkeypatch.setattr(study, "NUM_SHARES", 2)


def test_the_pictures_are_of_sets_that_no_training_has() -> None:
    images = held(CONFIG).images
    assert torch.equal(images, ObjectsConfig(num=20, seed=HELD).make().images)
    others = held(replace(CONFIG, seed=1)).images
    assert not any(torch.equal(a, b) for a in images for b in others)


def test_marked_pictures_have_the_watermark_and_another_class() -> None:
    config = replace(CONFIG, marked=True)
    pictures = held(config)
    assert len(pictures.images) == len(pictures.labels) == 20
    assert MARKED not in pictures.labels
    assert pictures.marks.flatten(1).any(dim=1).all()
    clean = ObjectsConfig(num=30, seed=HELD).make()
    changed = (pictures.images - clean.images[clean.labels != MARKED][:20]).abs().amax(dim=1) > 0
    assert (changed & ~pictures.marks).float().mean() < 0.01  # but for its soft edge
    assert changed[pictures.marks].float().mean() > 0.95


@pytest.mark.usefixtures("untrained")
def test_the_last_frame_is_the_mean_over_the_pictures_one_by_one() -> None:
    pictures = held(CONFIG)
    labels = NET(pictures.images).argmax(dim=1)
    rows = {"pointing": [], "inside": [], "precision": []}
    for image, label, mask in zip(pictures.images, labels.tolist(), pictures.masks, strict=True):
        strengths = attribute("gradcam", NET, image, Target(label), SETTINGS).magnitude
        rows["pointing"].append(float(pointing(strengths, mask)))
        rows["inside"].append(float(inside(strengths, mask)))
        rows["precision"].append(float(precision(strengths, mask)))
    last = list(frames(CONFIG))[-1].arrays
    for measure, values in rows.items():
        expected = (of_shares if measure == "pointing" else of_means)(np.array(values))
        assert last[f"{measure}.gradcam.mean"] == pytest.approx(float(expected.mean), abs=1e-5)
        edges = [float(expected.low), float(expected.high)]
        assert last[f"{measure}.gradcam.interval"] == pytest.approx(edges, abs=1e-5)


@pytest.mark.usefixtures("untrained")
def test_deletion_and_insertion_are_areas_under_the_curves_of_the_answer() -> None:
    pictures = held(replace(CONFIG, num_images=10))
    found = measured(NET, pictures, CONFIG, generator(0))
    labels = NET(pictures.images).argmax(dim=1)
    maps = torch.stack(
        [
            attribute("gradient", NET, image, Target(label), SETTINGS).magnitude
            for image, label in zip(pictures.images, labels.tolist(), strict=True)
        ]
    )
    grey, at = torch.full_like(pictures.images, 0.5), shares(2)
    lost, gained = curves(NET, pictures.images, grey, places(maps, generator(1)), labels, at)
    assert found["deleted"][:, 0] == pytest.approx(area(lost, at).numpy(), abs=1e-4)
    assert found["inserted"][:, 0] == pytest.approx(area(gained, at).numpy(), abs=1e-4)


@pytest.mark.usefixtures("untrained")
def test_frames_add_pictures_and_intervals_shrink() -> None:
    config = replace(CONFIG, num_images=25)
    found = list(frames(config))
    assert [frame.arrays["count"] for frame in found] == list(config.counts) == [0, 10, 20, 25]
    assert len(found) == config.num_frames
    assert np.isnan(found[0].arrays["inside.gradient.mean"])
    widths = [np.diff(frame.arrays["inside.gradient.interval"])[0] for frame in found[1:]]
    assert widths[-1] < widths[0] / 1.2
    part = list(frames(replace(config, num_images=10)))[-1].arrays
    for name, values in part.items():
        assert np.array_equal(values, found[1].arrays[name], equal_nan=True)


@pytest.mark.usefixtures("untrained")
def test_the_difference_to_the_gradient_is_taken_picture_by_picture() -> None:
    last = list(frames(CONFIG))[-1].arrays
    assert last["difference.inside.gradient.mean"] == 0
    gap = float(last["inside.gradcam.mean"]) - float(last["inside.gradient.mean"])
    assert last["difference.inside.gradcam.mean"] == pytest.approx(gap, abs=1e-6)
    values = np.random.default_rng(0).random((30, 1)) + np.array([[0.0, 0.1]])
    paired = of_means(to_simple(values, ("gradient", "other")))
    assert (paired.low[1], paired.high[1]) == (pytest.approx(0.1), pytest.approx(0.1))
    assert np.isnan(to_simple(values, ("guided", "other"))).all()


@pytest.mark.usefixtures("untrained")
def test_the_watermark_is_measured_where_there_is_one() -> None:
    assert set(CONFIG.measures) == MEASURES.keys() - {"marked"}
    *_, last = frames(replace(CONFIG, marked=True, num_images=10))
    area_of = float(held(replace(CONFIG, marked=True)).marks.float().mean())
    assert last.arrays["marked.random.mean"] == pytest.approx(2 * area_of, rel=0.35)  # with its margin


@pytest.mark.parametrize(
    ("field", "value"),
    [("model", "digits"), ("methods", ("magic",)), ("num_images", 5), ("seed", -1), ("shift", 2), ("filling", "pink")],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(CONFIG, **{field: value})
