"""Two squares of one grey, as the pixels say, each unlike what is around it; and the light that makes them so."""

import numpy as np
import pytest

from dlcore.topics.adversarial import checkerboard
from dlcore.topics.adversarial.illusion import (
    COVER,
    GREY,
    KINDS,
    IllusionConfig,
    illusion,
    lettered,
    measured,
    profile,
    squares,
)

EVERY = pytest.mark.parametrize("kind", KINDS)


def config(kind: str, size: int = 240) -> IllusionConfig:
    return IllusionConfig(kind=kind, size=size)


@EVERY
@pytest.mark.parametrize("size", [120, 240, 480])
def test_both_squares_are_of_one_grey_in_every_pixel(kind: str, size: int) -> None:
    a, b = measured(config(kind, size)).values()
    assert abs(a.mean - b.mean) < 1
    assert a.darkest == a.lightest == b.darkest == b.lightest == GREY


def test_each_is_lighter_or_darker_than_what_is_around_it_and_the_other_is_the_other_way() -> None:
    for kind, (first, second) in {"shadow": (-40, 15), "contrast": (60, -60)}.items():
        a, b = (of.mean - of.around for of in measured(config(kind)).values())
        assert np.sign(a) == np.sign(first) == -np.sign(b)
        assert abs(a) > abs(first)
        assert abs(b) > abs(second)


@EVERY
def test_what_is_covered_is_all_but_the_squares(kind: str) -> None:
    plain, covered = (illusion(config(kind), covered=share)[..., 0] for share in (0, 1))
    assert (covered == COVER).mean() > 0.85
    for square in squares(config(kind)):
        x, y = square.mean(axis=0).astype(int)
        assert plain[y - 4 : y + 5, x - 4 : x + 5].tolist() == covered[y - 4 : y + 5, x - 4 : x + 5].tolist()
        assert covered[y, x] == GREY


@EVERY
def test_the_bar_that_joins_them_is_of_their_grey_all_the_way(kind: str) -> None:
    shown = illusion(config(kind), joined=1)
    assert (profile(config(kind), shown) == GREY).all()
    plain = profile(config(kind), illusion(config(kind)))
    assert plain[0] == plain[-1] == GREY
    assert np.ptp(plain) > 60  # what lies between them is not


@EVERY
def test_the_picture_is_grey_where_the_squares_are_named_and_never_changed(kind: str) -> None:
    named, again = (lettered(config(kind), illusion(config(kind))) for _ in range(2))
    np.testing.assert_array_equal(named, again)
    assert (named.dtype, named.shape) == (np.uint8, (240, 240, 3))
    for square in squares(config(kind)):
        left, top = square.min(axis=0).astype(int)
        right, bottom = square.max(axis=0).astype(int)
        assert named[top:bottom, left:right].min() < GREY / 2  # a letter


def test_tiles_share_their_corners_and_those_in_front_are_larger() -> None:
    size = 300
    for column in range(4):
        here, right = (checkerboard.corners(at, 1, size) for at in (column, column + 1))
        np.testing.assert_allclose(here[[1, 2]], right[[0, 3]])
    heights = [np.ptp(checkerboard.corners(2, row, size)[:, 1]) for row in range(5)]
    assert heights == sorted(heights, reverse=True)


def test_where_rays_meet_the_board_is_where_its_tiles_are_drawn() -> None:
    """Two ways to the same place: a ray from the eye through a pixel, and a corner thrown onto the picture."""
    size, dark = 400, 0.2
    light = checkerboard.seen(size, dark)
    for column, row in ((0, 0), (1, 0), (2, 0), (0, 1), (1, 4), (4, 0)):  # in the light, and not behind the post
        x, y = checkerboard.corners(column, row, size).mean(axis=0).astype(int)
        expected = dark if (column + row) % 2 else dark / checkerboard.SHADED
        np.testing.assert_allclose(light[y, x], expected, rtol=1e-6)


def test_in_the_middle_of_the_shadow_a_light_tile_sends_what_a_dark_one_sends_in_the_sun() -> None:
    size, dark = 400, 0.2
    light = checkerboard.seen(size, dark)
    x, y = checkerboard.corners(2, 2, size).mean(axis=0).astype(int)
    np.testing.assert_allclose(light[y, x], dark, rtol=1e-6)
    x, y = checkerboard.corners(1, 2, size).mean(axis=0).astype(int)  # a dark one beside it
    np.testing.assert_allclose(light[y, x], dark * checkerboard.SHADED, rtol=1e-6)


@pytest.mark.parametrize(("wrong", "said"), [({"kind": "moon"}, "kind is 'moon'"), ({"size": 10}, "size is 10")])
def test_what_cannot_be_is_refused_in_a_sentence(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        IllusionConfig(**wrong)
