"""The pictures have their size, are the same each time, and hold what filters look for."""

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.pictures import PICTURES, SOURCES, WAVELENGTHS, picture

PHOTOS = ("china", "flower")
GREY = ("stripes", "rings", "chessboard")
every_picture = pytest.mark.parametrize("name", PICTURES)


def bright(name: str) -> np.ndarray:
    return picture(name)[..., 0] / 255


@every_picture
def test_a_picture_is_bytes_of_three_colours_256_wide(name: str) -> None:
    pixels = picture(name)
    assert pixels.dtype == np.uint8
    assert pixels.shape == ((171 if name in PHOTOS else 192), 256, 3)
    assert np.ptp(pixels) > 150  # from dark to bright


@every_picture
def test_a_picture_is_the_same_each_time_and_the_readers_own(name: str) -> None:
    first, again = picture(name, 3), picture(name, 3)
    np.testing.assert_array_equal(first, again)
    first[:] = 0
    np.testing.assert_array_equal(picture(name, 3), again)


def test_the_seed_turns_the_shapes_and_nothing_else() -> None:
    changed = {name for name in PICTURES if not np.array_equal(picture(name, 0), picture(name, 1))}
    assert changed == {"shapes"}


@pytest.mark.parametrize("name", PHOTOS)
def test_photographs_are_scikit_learns_made_smaller(name: str) -> None:
    from sklearn.datasets import load_sample_image

    whole = Image.fromarray(load_sample_image(f"{name}.jpg"))
    assert whole.size == (640, 427)
    np.testing.assert_allclose(picture(name).mean(axis=(0, 1)), np.asarray(whole).mean(axis=(0, 1)), atol=1)
    assert np.abs(picture(name).astype(int) - np.asarray(whole.resize((256, 171)))).mean() < 3


@pytest.mark.parametrize("name", GREY)
def test_patterns_are_grey(name: str) -> None:
    assert (np.ptp(picture(name), axis=2) == 0).all()


def test_what_is_drawn_has_smooth_edges() -> None:
    for name in ("shapes", "text"):
        assert len(np.unique(picture(name).reshape(-1, 3), axis=0)) > 100


def test_shapes_have_edges_in_all_directions() -> None:
    down, across = np.gradient(picture("shapes").mean(axis=2))
    strong = np.hypot(down, across) > 20
    counts, _ = np.histogram(np.arctan2(down, across)[strong] % np.pi, bins=8, range=(0, np.pi))
    assert counts.min() > 150


def test_discs_of_stripes_have_the_direction_and_the_wavelength_they_say() -> None:
    waves = bright("stripes") - 0.5
    window = np.outer(np.hanning(32), np.hanning(32))
    for row, wavelength in enumerate(WAVELENGTHS):
        for column in range(8):
            disc = waves[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
            spectrum = np.abs(np.fft.rfft2(disc * window, (256, 256)))
            down, across = np.unravel_index(spectrum.argmax(), spectrum.shape)
            frequency = np.array([across, (down + 128) % 256 - 128]) / 256
            assert np.hypot(*frequency) == pytest.approx(1 / wavelength, abs=0.012)
            angle = np.degrees(np.arctan2(frequency[1], frequency[0])) - 22.5 * column
            assert abs((angle + 90) % 180 - 90) < 5


def test_rings_are_the_shorter_the_farther_out_and_4_pixels_at_the_edge() -> None:
    row = bright("rings")[96, 128:]
    crests = np.flatnonzero((row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:])) + 1
    gaps = np.diff(crests)
    assert gaps[0] > 2 * gaps[-1]
    assert gaps[-3:].mean() == pytest.approx(4, abs=0.5)
    rings = bright("rings")
    np.testing.assert_allclose(rings, rings[::-1, ::-1])


def test_the_chessboard_has_eight_fields_a_row() -> None:
    board = bright("chessboard")[16::32, 16::32]
    assert board.shape == (6, 8)
    assert (board[:, 1:] != board[:, :-1]).all()
    assert (board[1:] != board[:-1]).all()


def test_the_menu_has_every_source() -> None:
    assert {name: source.title for name, source in SOURCES.items()} == PICTURES


@pytest.mark.parametrize(("name", "seed", "words"), [("lena", 0, "the picture is 'lena'"), ("china", -1, "seed is -1")])
def test_what_cannot_be_is_refused(name: str, seed: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        picture(name, seed)
