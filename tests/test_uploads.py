"""A stranger's file becomes the picture that its maker saw, or one clear sentence."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from dlcore.uploads import ACCEPTED, LONGEST, MOST_BYTES, read_image

ORIENTATION = 0x0112  # of the EXIF tags
RNG = np.random.default_rng(0)
PHOTO = Image.fromarray(RNG.integers(0, 256, (12, 20, 3), np.uint8)).resize((60, 36), Image.Resampling.BICUBIC)
FORMATS = ("PNG", "JPEG", "WEBP")


def file(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png(width: int, height: int, rows: bytes, depth: int = 8, colours: int = 0) -> bytes:
    """A PNG written by hand, for what Pillow does not write."""
    head = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    parts = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def refusal(data: bytes) -> str:
    """What is said to a reader who gives this file."""
    with pytest.raises(ValueError, match=r"\.$") as told:
        read_image(data)
    wrong, accepted = str(told.value).split(". ", 1)
    assert accepted == ACCEPTED
    return wrong


@pytest.mark.parametrize("lossless", [("PNG", {}), ("WEBP", {"lossless": True})], ids=lambda pair: pair[0])
def test_a_small_picture_without_loss_stays_pixel_for_pixel(lossless: tuple[str, dict]) -> None:
    kind, options = lossless
    pixels = read_image(file(PHOTO, kind, **options))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, np.asarray(PHOTO))


def test_a_jpeg_is_nearly_the_picture() -> None:
    pixels = read_image(file(PHOTO, "JPEG", quality=95, subsampling=0))
    assert np.abs(pixels.astype(int) - np.asarray(PHOTO)).mean() < 4


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("size", "small"), [((800, 400), (256, 128)), ((300, 900), (85, 256)), ((256, 256), (256, 256))]
)
def test_a_large_picture_is_made_smaller_in_proportion(
    kind: str, size: tuple[int, int], small: tuple[int, int]
) -> None:
    pixels = read_image(file(PHOTO.resize(size), kind))
    assert pixels.shape == (small[1], small[0], 3)


def test_a_line_of_pixels_keeps_one() -> None:
    assert read_image(file(PHOTO.resize((3000, 1)))).shape == (1, LONGEST, 3)


def test_what_is_transparent_lies_on_white() -> None:
    clear = Image.new("RGBA", (4, 1), (200, 0, 0, 0))
    clear.putpixel((1, 0), (200, 0, 0, 255))
    clear.putpixel((2, 0), (200, 0, 0, 128))
    pixels = read_image(file(clear))
    np.testing.assert_array_equal(pixels[0, [0, 1, 3]], [[255] * 3, [200, 0, 0], [255] * 3])
    np.testing.assert_allclose(pixels[0, 2], [227, 127, 127], atol=1)


def test_the_colour_of_what_is_transparent_does_not_leak_when_it_is_made_smaller() -> None:
    clear = Image.new("RGBA", (1024, 1024), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 512, 1024))
    pixels = read_image(file(clear)).astype(int)
    assert (pixels[..., 0] <= pixels[..., 1] + 1).all()  # never redder than white


@pytest.mark.parametrize("index", [0, (0, 128, 255)], ids=["one colour", "several"])
def test_transparent_colours_of_a_palette_are_white(index: Any) -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    image.putdata([0, 1, 2])
    pixels = read_image(file(image, transparency=index if index == 0 else bytes(index)))[0]
    np.testing.assert_array_equal(pixels[0], [255] * 3)
    np.testing.assert_array_equal(pixels[2], [70, 80, 90])


def test_the_transparent_colour_of_a_picture_without_alpha_is_white() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    np.testing.assert_array_equal(read_image(file(image, transparency=(1, 2, 3)))[0], [[255] * 3, [4, 5, 6]])


@pytest.mark.parametrize("mode", ["L", "LA", "1"])
def test_grey_is_three_times_the_same(mode: str) -> None:
    pixels = read_image(file(PHOTO.convert(mode)))
    expected = np.asarray(PHOTO.convert(mode).convert("L"))
    np.testing.assert_array_equal(pixels, np.repeat(expected[:, :, None], 3, axis=2))


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 200).astype(np.uint16)[None]
    pixels = read_image(file(Image.fromarray(ramp)))
    np.testing.assert_allclose(pixels[0, :, 0], ramp[0] / 257, atol=1)
    assert (pixels[0, 0, 0], pixels[0, -1, 0]) == (0, 255)


@pytest.mark.parametrize(
    ("colours", "samples"), [(0, 1), (2, 3), (4, 2), (6, 4)], ids=["grey", "RGB", "grey+A", "RGBA"]
)
def test_sixteen_bits_of_every_kind_of_png_are_read(colours: int, samples: int) -> None:
    values = [0x8000] * samples if colours in (0, 2) else [0x8000] * (samples - 1) + [0xFFFF]
    row = b"\0" + struct.pack(f">{2 * samples}H", *values, *values)
    pixels = read_image(png(2, 1, row, depth=16, colours=colours))
    np.testing.assert_allclose(pixels, 128, atol=1)


def test_cmyk_becomes_rgb() -> None:
    red = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    np.testing.assert_allclose(read_image(file(red, "JPEG"))[8, 8], [255, 0, 0], atol=6)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("tag", "turn"), [(1, None), (3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_270)])
@pytest.mark.parametrize("size", [(40, 20), (1200, 600)])
def test_a_picture_stands_upright_as_the_camera_was_held(kind: str, tag: int, turn: Any, size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "black")
    image.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    exif = Image.Exif()
    exif[ORIENTATION] = tag
    pixels = read_image(file(image, kind, exif=exif))
    upright = image.transpose(turn) if turn is not None else image
    upright.thumbnail((LONGEST, LONGEST))
    assert pixels.shape[:2] == upright.size[::-1]
    np.testing.assert_allclose(pixels.mean(axis=(0, 1)), np.asarray(upright).mean(axis=(0, 1)), atol=3)
    corner = {1: (2, 2), 3: (-3, -3), 6: (2, -3)}[tag]
    np.testing.assert_allclose(pixels[corner], [255, 0, 0], atol=12)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), hue) for hue in ("blue", "red", "lime")]
    data = file(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_array_equal(read_image(data), np.asarray(frames[0]))


def test_the_array_may_be_written_to() -> None:
    assert read_image(file(PHOTO)).flags.writeable


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "The file is empty"


def test_a_file_that_is_too_large_is_refused_before_it_is_opened() -> None:
    assert refusal(file(PHOTO) + bytes(MOST_BYTES)) == "The file has 5.0 MB, which is too large"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PDF", "PPM"])
def test_other_kinds_of_pictures_are_refused(kind: str) -> None:
    assert refusal(file(PHOTO, kind)).startswith("The file is no picture that can be read here")


@pytest.mark.parametrize("data", [b"\0", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x03\x04" * 99])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refusal(data).startswith("The file is no picture that can be read here")


def test_a_bomb_is_refused_before_it_unfolds() -> None:
    small = png(6000, 5000, b"")  # it says that it has 30 megapixels, and has none
    assert refusal(small) == "The picture has 6000 × 5000 pixels, which are too many"
    for side in (10_000, 20_000, 100_000):  # Pillow has limits of its own
        assert "too many" in refusal(png(side, side, b""))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_was_cut_off_is_refused(kind: str) -> None:
    data = file(PHOTO, kind)
    assert "damaged" in refusal(data[: len(data) // 2])


@given(data=st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes_are_a_picture_or_are_refused(data: bytes) -> None:
    for start in (b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x30\0\0\0WEBPVP8 "):
        _is_read_or_refused(start + data)


@given(kind=st.sampled_from(FORMATS), where=st.floats(0, 1), cut=st.booleans(), byte=st.integers(0, 255))
@example(kind="PNG", where=1.0, cut=True, byte=0)
@settings(max_examples=300)
def test_a_damaged_file_is_a_picture_or_is_refused(kind: str, where: float, cut: bool, byte: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = bytearray(file(PHOTO, kind, exif=exif))
    place = int(where * (len(data) - 1))
    if cut:
        del data[place:]
    else:
        data[place] = byte
    _is_read_or_refused(bytes(data))


def _is_read_or_refused(data: bytes) -> None:
    outcome = _outcome(data)
    if isinstance(outcome, str):
        assert outcome.endswith(ACCEPTED)
    else:
        assert outcome.dtype == np.uint8
        assert outcome.ndim == 3
        assert max(outcome.shape) <= LONGEST


def _outcome(data: bytes) -> np.ndarray | str:
    try:
        return read_image(data)
    except ValueError as refused:
        return str(refused)
