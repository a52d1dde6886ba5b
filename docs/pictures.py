"""Makes the README's screenshot, the lessons' thumbnails and the icon: `python -m docs.pictures [LESSON ...]`."""

import io
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PIL import Image, ImageDraw

from benchmarks._browser import launch, serve, wait
from dlcore import manifest
from dlcore.figures.theme import colour
from dlcore.lessons import ROOT, discover, lessons

SCREENSHOT = ROOT / "docs" / "screenshot.png"
ICON = ROOT / "assets" / "shell" / "icon.png"
THUMBNAILS = ROOT / "assets" / "thumbnails"
COMMAND = "python -m docs.pictures"
THUMBNAIL_SIZE = (480, 330)
#: The scene that stands for a lesson, where it is not the opening one, and its step, where that is not the last.
SHOWN = {
    "optimizers": "?optimizers.surface=Saddle&optimizers.x0=-3&optimizers.y0=0.001",
    "backprop": "?backprop.network=Multi-layer+perceptron+on+real+flowers&backprop.lr=0.5",
    "convolution": "?convolution.size=8&convolution.filter=Emboss&convolution.step=37",
}


def main(slugs: Sequence[str]) -> None:
    """Takes these lessons' pictures, or all; writes where they come from into assets/MANIFEST.json."""
    with serve() as address, launch() as browser:
        for lesson in lessons(discover()):
            if slugs and lesson.slug not in slugs:
                continue
            scene = SHOWN.get(lesson.slug, "")
            with _page(browser, f"{address}/{lesson.slug}{scene}") as page:
                if ".step=" not in scene:
                    page.keyboard.press("End")
                page.wait_for_timeout(1500)
                if lesson.slug == "optimizers":
                    SCREENSHOT.write_bytes(_encoded(Image.open(io.BytesIO(page.screenshot())).convert("RGB")))
                main_view = page.locator(".dp-main").screenshot()
                axes = page.locator(".dp-main .xtitle").count() > 0
                (THUMBNAILS / f"{lesson.slug}.png").write_bytes(_small(main_view, axes))
    ICON.write_bytes(_icon())
    manifest.record({path: {"command": COMMAND} for path in manifest.ASSETS.rglob("*.png")})


def _icon() -> bytes:
    """The browser tab's icon: a ball that comes to rest."""
    picture = Image.new("RGBA", (256, 256), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((8, 8, 248, 248), 48, fill=colour("accent"))
    path = [
        (40 + i, 70 + (1 - math.cos(i / 56)) * 55 + 26 * math.sin(i / 11) * math.exp(-i / 60)) for i in range(0, 177, 2)
    ]
    draw.line(path, fill="white", width=14, joint="curve")
    draw.ellipse((196, 160, 236, 200), fill="#ffab5c")
    out = io.BytesIO()
    picture.resize((64, 64), Image.Resampling.LANCZOS).save(out, format="PNG", optimize=True)
    return out.getvalue()


@contextmanager
def _page(browser, url: str) -> Iterator:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(url)
    wait(page, "window.__descent?.draws > 0")
    yield page
    context.close()


def _small(png: bytes, axes: bool) -> bytes:
    """A thumbnail; the labels of axes would be too small to be read."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    width, height = picture.size
    if axes:
        picture = picture.crop((54, 2, width - 2, height - 46))
    return _encoded(picture.resize(THUMBNAIL_SIZE, Image.Resampling.LANCZOS))


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, format="PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
