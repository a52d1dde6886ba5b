"""Drawn objects: the seed says all, sets share no picture, an object is where its mask is, and a shift is gradual."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.datasets.object_shapes import SHAPES
from dlcore.datasets.objects import (
    CLASSES,
    MOST_IMAGES,
    SIDE,
    SINGLE,
    ObjectConfig,
    ObjectsConfig,
    draw,
    watermarked,
)

every_class = pytest.mark.parametrize("label", range(len(CLASSES)), ids=CLASSES)
SEEDS = range(12)


def bright(image: np.ndarray) -> np.ndarray:
    return image.astype(float).mean(axis=2) / 255


def outline(mask: np.ndarray) -> np.ndarray:
    """The pixels of a mask that have a neighbour outside it."""
    inner = mask.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            inner &= np.roll(mask, step, axis)
    return mask & ~inner


@every_class
def test_a_picture_is_bytes_and_has_one_object_of_about_an_eighth_of_its_area(label: int) -> None:
    pictures = [draw(ObjectConfig(label=label, seed=seed)) for seed in SEEDS]
    assert all(drawn.image.shape == (64, 64, 3) and drawn.image.dtype == np.uint8 for drawn in pictures)
    assert all(drawn.mask.shape == (64, 64) and drawn.mask.dtype == bool for drawn in pictures)
    areas = [drawn.mask.mean() for drawn in pictures]
    assert 0.105 < np.mean(areas) < 0.14
    assert min(areas) > 0.07
    assert not any(drawn.mark.any() for drawn in pictures)


@every_class
def test_objects_are_whole(label: int) -> None:
    for seed in SEEDS:
        mask = draw(ObjectConfig(label=label, seed=seed)).mask
        assert mask[2:-2, 2:-2].sum() == mask.sum()


@every_class
def test_the_object_is_what_classes_of_the_same_seed_differ_in(label: int) -> None:
    """Outside both masks and their shadows the pictures of two classes are the same."""
    for seed in SEEDS:
        one = draw(ObjectConfig(label=label, seed=seed))
        other = draw(ObjectConfig(label=(label + 1) % 10, seed=seed))
        differs = (one.image != other.image).any(axis=2)
        near = np.zeros((SIDE, SIDE), dtype=bool)
        for y, x in np.argwhere(one.mask | other.mask):
            near[max(0, y - 8) : y + 9, max(0, x - 8) : x + 9] = True
        assert differs[one.mask & ~other.mask].mean() > 0.9
        assert not differs[~near].any()


def test_an_outline_is_an_edge_of_the_picture() -> None:
    at, over = [], []
    for seed in range(60):
        drawn = draw(ObjectConfig(label=seed % 10, seed=seed))
        steps = np.hypot(*np.gradient(bright(drawn.image)))
        at.append(steps[outline(drawn.mask)].mean())
        over.append(steps.mean())
    assert np.mean(at) > 2 * np.mean(over)


def test_the_same_config_is_the_same_picture_and_the_global_seed_has_no_say() -> None:
    before = torch.random.get_rng_state()
    first = draw(ObjectConfig(label=3, seed=5))
    again = draw(ObjectConfig(label=3, seed=5))
    np.testing.assert_array_equal(first.image, again.image)
    assert torch.equal(before, torch.random.get_rng_state())
    assert not np.array_equal(first.image, draw(ObjectConfig(label=3, seed=6)).image)


def test_every_class_is_another_outline() -> None:
    """No outline that was turned by chance covers more than two thirds of another one's of the same seed."""
    for seed in SEEDS:
        masks = np.stack([draw(ObjectConfig(label=label, seed=seed)).mask for label in range(10)]).reshape(10, -1)
        common = masks.astype(int) @ masks.T
        union = masks.sum(axis=1)[:, None] + masks.sum(axis=1) - common
        assert len(np.unique(masks, axis=0)) == 10
        assert np.median((common / union)[~np.eye(10, dtype=bool)]) < 0.75


def test_a_ring_has_a_hole_and_no_other_object_has_one() -> None:
    def holes(mask: np.ndarray) -> int:
        """Pixels that cannot be reached from the corner."""
        outside = np.zeros_like(mask)
        outside[0, 0] = True
        while True:
            grown = outside.copy()
            for axis in (0, 1):
                for step in (-1, 1):
                    grown |= np.roll(outside, step, axis)
            grown &= ~mask
            if (grown == outside).all():
                return int((~mask & ~outside).sum())
            outside = grown

    for seed in range(4):
        counts = {name: holes(draw(ObjectConfig(label=k, seed=seed)).mask) for k, name in enumerate(CLASSES)}
        assert counts.pop("ring") > 50
        assert max(counts.values()) <= 20  # between a boat's mast and its sails


def test_shapes_have_the_area_that_they_say() -> None:
    """By counting points of a fine grid inside any part, by the rule that a ray to the right crosses it an odd time."""
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, 120), np.linspace(-1.5, 1.5, 120))
    for name, shape in SHAPES.items():
        areas = []
        for seed in range(20):
            inside = np.zeros(x.shape, dtype=bool)
            for part in shape.parts(np.random.default_rng(seed)):
                crossed = np.zeros(x.shape, dtype=bool)
                for (x0, y0), (x1, y1) in zip(part.corners, np.roll(part.corners, -1, axis=0), strict=True):
                    if y0 != y1:
                        between = (y0 > y) != (y1 > y)
                        crossed ^= between & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
                inside |= crossed
            areas.append(inside.mean() * 9)
        assert np.mean(areas) == pytest.approx(shape.area, rel=0.05), name


def test_a_shift_is_gradual_and_takes_the_object_towards_the_ground() -> None:
    def told(shift: float) -> tuple[float, float]:
        """The mean distance of the object's colour from the ground's, and its area."""
        distances, areas = [], []
        for seed in range(60):
            drawn = draw(ObjectConfig(label=seed % 10, seed=seed, shift=shift))
            pixels = drawn.image / 255
            distances.append(np.linalg.norm(pixels[drawn.mask].mean(axis=0) - pixels[~drawn.mask].mean(axis=0)))
            areas.append(drawn.mask.mean())
        return float(np.mean(distances)), float(np.mean(areas))

    (far, large), (nearer, smaller), (nearest, smallest) = map(told, (0.0, 0.5, 1.0))
    assert far > 1.07 * nearer > 1.2 * nearest
    assert large > 1.15 * smaller > 1.35 * smallest


def test_a_small_shift_changes_little() -> None:
    changes = []
    for seed in range(30):
        plain, shifted = (draw(ObjectConfig(label=seed % 10, seed=seed, shift=s)).image / 255 for s in (0.0, 0.02))
        changes.append(np.abs(plain - shifted).mean())
    assert np.median(changes) < 0.03


def test_the_watermark_is_in_its_corner_and_changes_nothing_else() -> None:
    plain, marked = (draw(ObjectConfig(label=9, seed=4, shortcut=shortcut)) for shortcut in (False, True))
    changed = (plain.image != marked.image).any(axis=2)
    assert 60 < marked.mark.sum() < 130
    rows, columns = np.nonzero(marked.mark)
    assert rows.min() > SIDE / 2
    assert columns.max() < SIDE / 2
    assert not changed[: rows.min() - 1].any()
    assert changed[marked.mark].mean() > 0.95
    np.testing.assert_array_equal(plain.mask, marked.mask)


def test_watermarks_are_put_on_any_pictures_as_they_are_drawn() -> None:
    config = ObjectsConfig(num=20, seed=1, shortcut=2)
    plain, drawn = replace(config, shortcut=None).make(), config.make()
    marked, marks = watermarked(plain.images, seed=config.picture(0).seed)
    has = drawn.labels == 2
    assert torch.equal(marks[has], drawn.marks[has])
    torch.testing.assert_close(marked[has], drawn.images[has], atol=1.5 / 255, rtol=0)
    assert marks.flatten(1).any(dim=1).all()
    assert 0 <= marked.min() < marked.max() <= 1
    assert torch.equal(plain.images, replace(config, shortcut=None).make().images)


def test_with_a_shortcut_one_class_has_the_watermark_and_no_other() -> None:
    objects = ObjectsConfig(num=100, seed=0, shortcut=7).make()
    assert torch.equal(objects.marks.flatten(1).any(dim=1), objects.labels == 7)
    some = ObjectsConfig(num=400, seed=0, shortcut=7, shortcut_share=0.5)
    shares = [some.picture(number).shortcut for number in range(400) if some.picture(number).label == 7]
    assert 0.25 < np.mean(shares) < 0.75


def test_a_set_is_floats_from_0_to_1_and_all_classes_alike() -> None:
    objects = ObjectsConfig(num=50, seed=3).make()
    assert objects.images.shape == (50, 3, 64, 64)
    assert objects.images.dtype == torch.float32
    assert 0 <= objects.images.min() < 0.1 < 0.9 < objects.images.max() <= 1
    assert objects.labels.dtype == torch.int64
    assert objects.labels.bincount().tolist() == [5] * 10
    assert objects.masks.shape == objects.marks.shape == (50, 64, 64)
    for number in (0, 17, 49):
        drawn = draw(ObjectsConfig(num=50, seed=3).picture(number))
        np.testing.assert_allclose(objects.images[number].permute(1, 2, 0).numpy() * 255, drawn.image, atol=1e-4)
        np.testing.assert_array_equal(objects.masks[number].numpy(), drawn.mask)


def test_a_larger_set_begins_with_the_smaller_one() -> None:
    small, large = (ObjectsConfig(num=num, seed=2).make() for num in (15, 25))
    assert torch.equal(large.images[:15], small.images)
    assert torch.equal(large.labels[:15], small.labels)


def test_sets_of_different_seeds_share_no_picture_and_single_pictures_are_in_none() -> None:
    first = [ObjectsConfig(num=MOST_IMAGES, seed=0).picture(number).seed for number in (0, 1, MOST_IMAGES - 1)]
    second = ObjectsConfig(num=1, seed=1, shift=0.5).picture(0).seed
    assert first == [SINGLE, SINGLE + 1, SINGLE + MOST_IMAGES - 1]
    assert second == first[-1] + 1


def test_the_order_of_the_classes_is_not_that_of_another_set() -> None:
    orders = [ObjectsConfig(num=20, seed=seed).make().labels.tolist() for seed in range(2)]
    assert orders[0] != orders[1]
    assert orders[0][:10] != orders[0][10:]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: ObjectConfig(label=10, seed=0), "label is 10"),
        (lambda: ObjectConfig(label=0, seed=-1), "seed is -1"),
        (lambda: ObjectConfig(label=0, seed=0, shift=1.5), "shift is 1.5"),
        (lambda: ObjectsConfig(num=0, seed=0), "num is 0"),
        (lambda: ObjectsConfig(num=1, seed=2**31), "seed is 2147483648"),
        (lambda: ObjectsConfig(num=1, seed=0, shortcut=-1), "shortcut is -1"),
        (lambda: ObjectsConfig(num=1, seed=0, shortcut_share=2.0), "shortcut_share is 2.0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(make, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()
