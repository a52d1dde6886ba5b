"""The lesson on convolution: a new stage on the server, a slider's key press to its picture, a frame, the GIF.

All for a 7 × 7 kernel on 16 × 16 cells. stage_ms and payload_kb: from the settings to the bytes for the browser.
slider_to_picture_ms: from the key press that makes the kernel 7 × 7 to the new picture, by the page's own clock; each
reader has other numbers in the input, so that no cache helps. scrub_ms: one frame. gif_ms: the same as an animation.
"""

import json
import statistics

import torch
from playwright.sync_api import Browser

from benchmarks._browser import WINDOW, Screen, launch, serve
from benchmarks.backprop import best
from benchmarks.page import NOTE_KEYS, WAIT_FOR_DRAW
from benchmarks.player import SCRUB
from dlcore.figures.animation import gif
from dlcore.figures.convolution import window_lattice, window_stage
from dlcore.figures.stage import Stage, deflated
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.window import lines, slid

SIZE, KERNEL = 16, 7
LAYER = Conv(size=(SIZE, SIZE), kernel=(KERNEL, KERNEL), padding="half")
SLUG = "convolution"
SMALLER = f"{SLUG}.image=digits&{SLUG}.size={SIZE}&{SLUG}.kernel={KERNEL - 1}"
MOVES = 12
RESULTS = "window.__descent.player.header.frames - 1"


def stage(config: WindowConfig) -> Stage:
    """From the settings to what the player shows."""
    return window_stage(config, slid(config), "flat", lines(config))


def server() -> dict[str, float]:
    """Milliseconds and kilobytes of the stage, and milliseconds of the animation."""
    config = WindowConfig(layer=LAYER, image="digits")
    lattice = window_lattice(config, slid(config), "flat")
    return {
        "stage_ms": 1000 * best(lambda: deflated(stage(config))),
        "payload_kb": len(deflated(stage(config))) / 1000,
        "gif_ms": 1000 * best(lambda: gif(lattice)),
    }


def move(browser: Browser, url: str, seed: int) -> tuple[float, float]:
    """Milliseconds from the key press on the slider to the picture, and of a frame of that picture.

    Raises: RuntimeError where the key press did not make the kernel that is meant.
    """
    with browser.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(f"{SLUG}?{SMALLER}&{SLUG}.seed={seed}")
        screen.page.evaluate(NOTE_KEYS)
        screen.control("kernel", SLUG).get_by_role("slider").focus()
        before, cells = screen.draws, screen.page.evaluate(RESULTS)
        screen.page.keyboard.press("ArrowRight")
        drawn = screen.page.evaluate(WAIT_FOR_DRAW, before)
        wait = drawn - screen.page.evaluate("window.pressed")
        screen.idle()
        if (cells, screen.page.evaluate(RESULTS)) != ((SIZE + 1) ** 2, SIZE**2):  # half padding of an even kernel
            raise RuntimeError(f"The output went from {cells} cells to another number than {SIZE**2}.")
        return wait, statistics.median(screen.page.evaluate(SCRUB))


def main(_: list[str]) -> None:
    """Measure the Window view."""
    torch.set_num_threads(1)
    results = server()
    with serve() as url, launch() as browser:
        moves = [move(browser, url, seed) for seed in range(MOVES + 1)][1:]  # the first one warms the server
    waits, frames = ([times[part] for times in moves] for part in range(2))
    print(f"slider_to_picture_ms: {min(waits):.0f} to {max(waits):.0f}, {len(waits)} times")
    results |= {"slider_to_picture_ms": statistics.median(waits), "scrub_ms": statistics.median(frames)}
    print(json.dumps({name: round(value, 1) for name, value in results.items()}))
