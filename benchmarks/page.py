"""A lesson in a real browser: opening to the first picture, a slider's key press to the new one, the server's part.

Usage: page [SLUG [CONTROL]], by default optimizers and its slider lr; CONTROL is any slider of the lesson.

open_to_picture_s: from the navigation's start to the first picture drawn in the player, by the page's own clock. Each
reader is new: nothing is in the browser's cache. What the server has computed before is in its cache.
slider_to_picture_ms: from the key press that moves the slider to the new picture, by the page's own clock. Every move
is to a value that no reader had before.
rerun_server_ms: from sending the server such a move to its word that the script has finished, over a websocket session
of this program's own, with no browser at work.
"""

import json
import statistics
import time
from urllib.parse import urlsplit

from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from benchmarks._browser import WINDOW, Screen, launch, serve

OPENINGS = 5
MOVES = 20

# Polled at every animation frame, so that the time is that of the frame in which the picture is there.
WAIT_FOR_DRAW = """(before) => new Promise((done) => {
  const look = () => ((window.__descent?.draws ?? 0) > before ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""
NOTE_KEYS = "addEventListener('keydown', (event) => (window.pressed = event.timeStamp), true)"


def openings(browser: Browser, url: str, slug: str) -> list[float]:
    """Seconds to the first picture, one new reader after another."""
    seconds = []
    for _ in range(OPENINGS + 1):
        with browser.new_context(viewport=WINDOW) as context:
            screen = Screen(context.new_page(), url)
            screen.page.goto(f"{url}/{slug}")
            seconds.append(screen.page.evaluate(WAIT_FOR_DRAW, 0) / 1000)
    return seconds[1:]  # the first reader waits for the server's caches, too


def moves(browser: Browser, url: str, slug: str, control: str) -> list[float]:
    """Milliseconds from each key press on the slider to its picture."""
    with browser.new_context(viewport=WINDOW) as context:
        screen = Screen(context.new_page(), url).lesson(f"{slug}?lecture=0&{slug}.step=1")
        screen.page.evaluate(NOTE_KEYS)
        screen.control(control, slug).get_by_role("slider").focus()
        waits = []
        for _ in range(MOVES):
            before = screen.draws
            screen.page.keyboard.press("ArrowRight")
            waits.append(screen.page.evaluate(WAIT_FOR_DRAW, before) - screen.page.evaluate("window.pressed"))
            screen.idle()
    return waits


class Session:
    """A reader without a browser: Streamlit's own messages over a websocket."""

    def __init__(self, socket: ClientConnection, slug: str) -> None:
        self.socket = socket
        self.slug = slug
        self.sliders: dict[str, Slider] = {}
        self.pictures: set[bytes] = set()

    def rerun(self, moved: WidgetState | None = None) -> float:
        """Runs the script, with this slider moved if one is given; milliseconds until it has finished.

        Raises: RuntimeError where the run brought no new picture.
        """
        message = BackMsg()
        message.rerun_script.page_name = self.slug
        if moved is not None:
            message.rerun_script.widget_states.widgets.append(moved)
        begin = time.perf_counter()
        self.socket.send(message.SerializeToString())
        answers = []
        while not answers or answers[-1].WhichOneof("type") != "script_finished":
            answer = self.socket.recv(timeout=60)
            assert isinstance(answer, bytes)
            answers.append(ForwardMsg.FromString(answer))
        milliseconds = 1000 * (time.perf_counter() - begin)
        if not sum(self._is_new_picture(answer) for answer in answers):
            raise RuntimeError("This run of the script brought no new picture.")
        return milliseconds

    def move(self, control: str, by: int) -> WidgetState:
        """A slider `by` steps from where it stood at first, as the browser says it."""
        (slider,) = [each for name, each in self.sliders.items() if name.endswith(f"{self.slug}.{control}")]
        moved = WidgetState(id=slider.id)
        place = slider.default[0] + by * slider.step
        if slider.options:
            moved.string_array_value.data.append(slider.options[int(place)])
        else:
            moved.double_array_value.data.append(place)
        return moved

    def _is_new_picture(self, answer: ForwardMsg) -> bool:
        element = answer.delta.new_element
        if element.WhichOneof("type") == "slider":
            self.sliders[element.slider.id] = element.slider
        if element.WhichOneof("type") != "bidi_component" or not element.bidi_component.id.endswith(".player"):
            return False
        known = len(self.pictures)
        self.pictures.add(element.SerializeToString(deterministic=True))
        return len(self.pictures) > known


def reruns(url: str, slug: str, control: str) -> list[float]:
    """Milliseconds of the server for each move of the slider."""
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # pyright: ignore[reportArgumentType]
        session = Session(socket, slug)
        session.rerun()
        return [session.rerun(session.move(control, -k)) for k in range(1, MOVES + 1)]


def main(argv: list[str]) -> None:
    """Measure one lesson."""
    slug = argv[0] if argv else "optimizers"
    control = argv[1] if len(argv) > 1 else "lr"
    with serve() as url, launch() as browser:
        results = {
            "open_to_picture_s": openings(browser, url, slug),
            "slider_to_picture_ms": moves(browser, url, slug, control),
            "rerun_server_ms": reruns(url, slug, control),
        }
    for name, values in results.items():
        low, high = min(values), max(values)
        print(f"{slug}, {name}: {statistics.median(values):.3g} ({low:.3g} to {high:.3g}, {len(values)} times)")
    print(json.dumps({name: round(statistics.median(values), 3) for name, values in results.items()}))
