"""Whatever a picture is made of, a network gets it at its own size; what was painted on it can be read back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.objects import CLASSES, ObjectConfig, draw
from dlcore.topics.images.pictures import (
    COLOURS,
    MOST_STROKES,
    Picture,
    Stroke,
    digit_label,
    own,
    read_strokes,
    thinned,
    with_stroke,
)

OBJECTS, DIGITS, PHOTO = (3, 64, 64), (1, 8, 8), (3, 224, 224)
KINDS = [
    Picture(),
    Picture(kind="digit", seed=3),
    Picture(kind="photo", photo="flower"),
    Picture(kind="grey"),
    own(np.full((50, 80, 3), 200, np.uint8)),
]


@pytest.mark.parametrize("picture", KINDS, ids=lambda picture: picture.kind)
@pytest.mark.parametrize("shape", [OBJECTS, DIGITS, PHOTO], ids=str)
def test_every_kind_of_picture_fits_every_network(picture: Picture, shape: tuple[int, int, int]) -> None:
    channels, height, width = shape
    pixels = picture.bytes(shape)
    assert pixels.shape == (height, width, channels)
    assert pixels.dtype == np.uint8
    mask = picture.mask(height, width)
    assert (mask is None) == (picture.kind not in ("drawn", "digit"))
    if mask is not None:
        assert mask.shape == (height, width)
        assert 0 < mask.mean() < 0.8


def test_a_drawn_object_comes_with_its_own_mask() -> None:
    star = Picture(label=CLASSES.index("star"), seed=5)
    drawn = draw(ObjectConfig(label=CLASSES.index("star"), seed=5))
    assert (star.bytes(OBJECTS) == drawn.image).all()
    assert (star.mask(64, 64) == drawn.mask).all()


def test_the_watermark_changes_the_picture_only_where_it_lies() -> None:
    plain, marked = (Picture(seed=4, mark=mark).bytes(OBJECTS) for mark in (False, True))
    changed = (plain != marked).any(axis=2)
    assert 0.005 < changed.mean() < 0.06
    assert not changed[:30].any()  # it lies in the lower left
    assert not changed[:, 40:].any()


def test_a_digit_is_the_ink_that_its_label_says() -> None:
    labels = {digit_label(seed) for seed in range(60)}
    assert labels == set(range(10))
    picture = Picture(kind="digit", seed=2)
    mask = picture.mask(8, 8)
    assert mask is not None
    pixels = picture.bytes(DIGITS)[..., 0]
    assert pixels[mask].min() > pixels[~mask].max() - 2


def test_the_middle_square_of_an_upload_is_taken() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 255
    assert (own(wide).bytes(OBJECTS) == 255).all()


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stroke_covers_what_is_within_its_radius_and_no_more(colour: str) -> None:
    before = Picture(seed=1).bytes(OBJECTS)
    after = Picture(seed=1, strokes=f"{colour} 4: 20,30 40,30").bytes(OBJECTS)
    rows, cols = np.mgrid[:64, :64] + 0.5
    away = np.hypot(np.clip(20 - cols, 0, None) + np.clip(cols - 40, 0, None), rows - 30)
    red = int(COLOURS[colour][1:3], 16)
    assert (np.abs(after[away < 3, 0].astype(int) - red) <= 1).all()
    assert (after[away > 5.5] == before[away > 5.5]).all()


numbers = st.floats(-9, 99).map(lambda value: round(value, 1))
strokes = st.builds(
    Stroke,
    st.sampled_from(list(COLOURS)),
    st.floats(0.5, 64).map(lambda value: round(value, 1)),
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5).map(tuple),
)


@given(st.lists(strokes, max_size=4))
def test_strokes_are_read_as_they_were_written(drawn: list[Stroke]) -> None:
    text = ""
    for stroke in drawn:
        text = with_stroke(text, stroke)
    assert read_strokes(text) == tuple(drawn)


@pytest.mark.parametrize(
    "text",
    ["pink 3: 1,2", "red: 1,2", "red 3:", "red 3: 1", "red 0: 1,2", "red 3: 1,2 x", "red 3: 99999,1", "red 3: 1,nan"],
)
def test_what_is_no_stroke_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="stroke"):
        Picture(strokes=text)


def test_there_is_an_end_to_painting() -> None:
    text = "; ".join(["red 3: 1,2"] * MOST_STROKES)
    with pytest.raises(ValueError, match=f"at most {MOST_STROKES}"):
        with_stroke(text, Stroke("red", 3, ((1, 2),)))


def test_a_stroke_is_thinned_to_points_that_matter() -> None:
    points = [(x / 10, 5.0) for x in range(300)]
    stroke = thinned("red", 4, points)
    assert len(stroke.points) == 15
    dense = Picture(strokes=str(Stroke("red", 4, tuple(points)))).bytes(OBJECTS).astype(int)
    sparse = Picture(strokes=str(stroke)).bytes(OBJECTS).astype(int)
    assert (np.abs(dense - sparse) > 40).mean() < 0.01


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("kind", {"kind": "film"}),
        ("label", {"label": 10}),
        ("seed", {"seed": 1_000_000}),
        ("shift", {"shift": 1.5}),
        ("photo", {"photo": "moon"}),
        ("upload", {"kind": "own"}),
        ("pixels", {"pixels": b"12345", "height": 1, "width": 2}),
    ],
)
def test_what_cannot_be_is_refused(field: str, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=field):
        Picture(**values)  # type: ignore[arg-type]
