"""Knows how a stranger's picture becomes an array, and how it is refused; does not know where it came from."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
LONGEST = 256  # pixels of the longer side; smaller pictures stay as they are
MEGABYTE = 2**20
MOST_BYTES = 5 * MEGABYTE
MOST_PIXELS = 24_000_000  # a file of a few bytes may unfold to any number of them
ACCEPTED = "Choose a PNG, JPEG or WebP picture of at most 5 MB and 24 megapixels."


def read_image(data: bytes) -> np.ndarray:
    """A picture file as bytes (height, width, 3), red, green and blue, upright, at most 256 pixels on its longer side.

    What is transparent becomes white; of an animation the first frame is taken.

    Raises: ValueError, and nothing else: one sentence on what is wrong, and one on what is accepted.
    """
    if not data:
        raise ValueError(f"The file is empty. {ACCEPTED}")
    if len(data) > MOST_BYTES:
        raise ValueError(f"The file has {len(data) / MEGABYTE:.1f} MB, which is too large. {ACCEPTED}")
    image = _open(data)
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise ValueError(f"The picture has {width} × {height} pixels, which are too many. {ACCEPTED}")
    try:
        return np.array(_upright(image))
    except Exception as fault:  # on damaged files a decoder may trip over anything
        raise ValueError(f"The picture cannot be read to its end: it is damaged or cut off. {ACCEPTED}") from fault


def _open(data: bytes) -> Image.Image:
    """The picture's head; its pixels are not decoded yet."""
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise ValueError(f"The picture has too many pixels. {ACCEPTED}") from fault
    except Exception as fault:
        raise ValueError(f"The file is no picture that can be read here, or it is damaged. {ACCEPTED}") from fault


def _upright(image: Image.Image) -> Image.Image:
    """The picture small, opaque, and turned as the camera was held."""
    image.draft(None, (2 * LONGEST, 2 * LONGEST))  # a large JPEG is decoded small at once
    small = _in_colours(image)
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    ImageOps.exif_transpose(small, in_place=True)
    return small.convert("RGB")


def _in_colours(image: Image.Image) -> Image.Image:
    """Eight bits a colour: RGB, or RGBA where some of it is transparent."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip instead of scaling
        grey = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        grey.info = image.info
        return grey.convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")
