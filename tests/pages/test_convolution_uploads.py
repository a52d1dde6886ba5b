"""A reader's own picture on the page on convolution: good ones are filtered, bad ones are told of."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from dlcore.datasets.pictures import PICTURES
from dlcore.topics.filter_config import FilterConfig
from dlcore.ui import convolution_rail as rail
from dlcore.uploads import MOST_BYTES
from tests.pages.convolution_page import (
    SOBEL,
    answers,
    brightness,
    cells,
    change,
    config_on,
    control,
    correlated,
    opened,
    press,
    unseen,
)
from tests.pages.stages import Hand, OpenPage, healthy, stage_bytes, toasts


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


RNG = np.random.default_rng(0)
PHOTO = Image.fromarray(RNG.integers(0, 256, (40, 60, 3), np.uint8))
GOOD = {
    "own.png": (file(PHOTO), 0),
    "own.webp": (file(PHOTO, "WEBP", lossless=True), 0),
    "own.jpg": (file(PHOTO, "JPEG", quality=100, subsampling=0), 0.03),
    "own.jpeg": (file(PHOTO.convert("CMYK"), "JPEG", quality=100), 0.03),
}
BAD = {
    "empty.png": (b"", "empty"),
    "garbage.png": (b"no picture at all" * 50, "PNG, JPEG or WebP"),
    "cut.png": (file(PHOTO)[:-2000], "PNG, JPEG or WebP"),
    "gif.png": (file(PHOTO, "GIF"), "PNG, JPEG or WebP"),
    "large.png": (file(PHOTO) + b"\0" * MOST_BYTES, "MB"),
}


def give(page: AppTest, name: str, data: bytes) -> AppTest:
    """The reader chooses a file."""
    return page.get_by_key("convolution.upload").set_value((name, data, "image/png")).run()  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_of_ones_own_is_filtered(open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str) -> None:
    data, loss = GOOD[name]
    page = healthy(opened(open_page, view="picture", picture=rail.OWN))
    assert "the-upload" not in unseen(page)
    healthy(give(page, name, data))
    assert config_on(page) == FilterConfig()
    found = answers(page)
    assert found.shape == (40, 60)
    wanted = correlated(brightness(np.asarray(PHOTO)), SOBEL)
    assert np.abs(found - wanted).mean() <= loss * np.abs(SOBEL).sum() / 2 + 1e-5


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_told_of_and_the_picture_stays(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str
) -> None:
    data, words = BAD[name]
    page = healthy(opened(open_page, view="picture", picture=rail.OWN))
    before = stage_bytes(page)
    give(page, name, data)
    assert not page.exception
    (error,) = page.error
    assert words in error.value
    assert stage_bytes(page) == before
    healthy(give(page, "own.png", GOOD["own.png"][0]))
    assert stage_bytes(page) != before


def test_the_menu_decides_whose_picture_is_seen(open_page: OpenPage, hand: Hand) -> None:
    page = healthy(opened(open_page, view="picture", picture=rail.OWN))
    default = stage_bytes(page)
    assert stage_bytes(opened(open_page, view="picture")) == default  # while there is none
    own = stage_bytes(give(page, "own.png", GOOD["own.png"][0]))
    assert own != default
    for name in PICTURES:
        assert stage_bytes(healthy(change(page, "picture", name))) != own
        assert "the-upload" in unseen(page)
    assert stage_bytes(healthy(change(page, "picture", rail.OWN))) == own
    healthy(hand.say(page, "pick", 30.0, 20.0))
    np.testing.assert_allclose(
        cells(page, "ground0")[1:-1, 1:-1], brightness(np.asarray(PHOTO))[12:28, 22:38], atol=0.005 + 1e-9
    )
    healthy(press(page, "scene-gabor"))  # which is about the rings
    assert control(page, "picture").value == "rings"


@pytest.mark.parametrize("size", [(1, 1), (256, 1), (1, 256), (3, 2)], ids=str)
@pytest.mark.parametrize("bank", ["one", "gabor"])
def test_a_picture_of_any_size_is_looked_at_in_every_view(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, size: tuple[int, int], bank: str
) -> None:
    page = opened(open_page, view="picture", picture=rail.OWN, bank=bank, kernel=9)
    healthy(give(page, "own.png", file(PHOTO.resize(size))))
    for name in ("The code", "Check", "Take it away"):
        healthy(change(page, "below", name))
    healthy(change(page, "view", "stack"))
    healthy(change(page, "view", "window"))
    healthy(change(page, "image", "patch"))
    assert toasts(page) == []
