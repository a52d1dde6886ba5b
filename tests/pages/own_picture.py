"""A reader's own picture, as the tests of every lesson that takes one give it to its page."""

from io import BytesIO

from PIL import Image
from streamlit.testing.v1 import AppTest


def file(image: Image.Image, kind: str = "PNG") -> bytes:
    """The picture as a file of this kind."""
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def give(page: AppTest, data: bytes, name: str = "own.png", kind: str = "image/png") -> AppTest:
    """The reader chooses a file in the one place that there is for it."""
    (place,) = page.get("file_uploader")
    return place.set_value((name, data, kind)).run()  # pyright: ignore[reportAttributeAccessIssue]
