"""Readers without a browser: Streamlit's own messages over a websocket. Measures and asserts nothing itself."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect


class Session:
    """A reader of one lesson, at the settings that the query says."""

    def __init__(self, socket: ClientConnection, slug: str, query: str = "") -> None:
        self.socket = socket
        self.slug = slug
        self.query = query
        self.sliders: dict[str, Slider] = {}
        self.pictures: set[bytes] = set()
        self.settings: dict[str, Any] = {}  # what the page tells its player beside the picture
        self.complaints: list[str] = []  # errors that the page shows

    def rerun(self, moved: WidgetState | None = None) -> float:
        """Runs the script, with this slider moved if one is given; milliseconds until it has finished.

        Raises: RuntimeError where the run brought no new picture.
        """
        message = BackMsg()
        message.rerun_script.page_name = self.slug
        message.rerun_script.query_string = self.query
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
        if element.WhichOneof("type") == "exception" or element.alert.format == Alert.ERROR:
            self.complaints.append(element.exception.message or element.alert.body)
        if element.WhichOneof("type") == "slider":
            self.sliders[element.slider.id] = element.slider
        if element.WhichOneof("type") != "bidi_component" or not element.bidi_component.id.endswith(".player"):
            return False
        data = element.bidi_component.bytes
        self.settings = json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])
        known = len(self.pictures)
        self.pictures.add(element.SerializeToString(deterministic=True))
        return len(self.pictures) > known


@contextmanager
def visit(url: str, slug: str, query: str = "") -> Iterator[Session]:
    """A reader who opens a lesson, and closes the tab at the end."""
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], max_size=None) as socket:  # pyright: ignore[reportArgumentType]
        yield Session(socket, slug, query)
