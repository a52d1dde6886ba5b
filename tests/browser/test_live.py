"""A training that is watched while it is computed: frames arrive, it can be stopped, changed, left, and shared."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.request import urlopen

import pytest

from benchmarks._browser import Screen
from benchmarks._session import visit as visit_session

LESSON = "overfitting"
LONG = f"{LESSON}?{LESSON}.num_steps=5000&{LESSON}.group=training"  # longer than any of these tests looks at it
SHORT = f"{LESSON}.num_steps=100&{LESSON}.seed={{}}"
READERS = 10


def running(url: str) -> int:
    """How many runs the server's workers have."""
    with urlopen(f"{url}/descent/runs", timeout=5) as answer:
        return json.load(answer)["running"]


def none_is_left(url: str, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while running(url) and time.monotonic() < end:
        time.sleep(0.05)
    return not running(url)


def ready(screen: Screen) -> int:
    """How many frames have come."""
    return screen.player("player.feed.ready")


def under_way(screen: Screen, count: int = 5) -> Screen:
    return screen.until(f"player.feed.ready >= {count} && !player.feed.ended")


@pytest.fixture(scope="module", autouse=True)
def warm(app: str) -> None:
    """A server that has just begun imports torch in three processes: its first run is waited for without a browser."""
    with visit_session(app, LESSON, f"{LESSON}.num_steps=50&{LESSON}.group=training") as reader:
        reader.rerun()
        assert last_chunk(f"{app}/{reader.settings['stream']}")["ended"] == "done"


@pytest.fixture
def reader(screen: Screen) -> Screen:
    """A reader whose training has begun."""
    return under_way(screen.lesson(LONG))


def test_frames_arrive_and_are_drawn_while_the_run_goes_on(reader: Screen) -> None:
    reader.until("player.k >= 3 && !player.feed.ended")
    before = ready(reader)
    under_way(reader, before + 3)


def test_stop_ends_it_and_what_was_computed_can_be_scrubbed(reader: Screen, app: str) -> None:
    reader.do("stop").until("player.feed.ended === 'stopped'")
    kept = ready(reader)
    assert 0 < kept < reader.player("player.header.frames")
    assert none_is_left(app)
    reader.do("end").committed()
    assert reader.step == kept - 1
    last = reader.legend
    reader.do("reset").committed()
    assert reader.step == 0
    assert reader.legend != last
    reader.do("end").committed()
    assert (reader.legend, ready(reader)) == (last, kept)


def test_a_stopped_run_goes_on_from_there_with_the_same_numbers(reader: Screen) -> None:
    reader.do("stop").until("player.feed.ended === 'stopped'").do("end").committed()
    kept, last = ready(reader), reader.legend
    reader.do("again").until(f"player.feed.ready > {kept} && !player.feed.ended")
    reader.player(f"player.transport.seek({kept - 1})")
    reader.committed()
    assert reader.legend == last


def test_another_learning_rate_while_it_runs_begins_another_run(reader: Screen, app: str) -> None:
    stream = reader.player("player.feed.stream")
    reader.control("lr", LESSON).get_by_role("slider").focus()
    reader.page.keyboard.press("ArrowRight")
    reader.until(f"player.feed.stream !== {json.dumps(stream)}")
    under_way(reader)
    assert reader.step < 100  # it starts over
    deadline = time.monotonic() + 5
    while running(app) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(app) == 1  # the old one has been let go of


def test_a_look_at_another_part_of_the_page_leaves_the_run_alone(reader: Screen) -> None:
    stream, before = reader.player("player.feed.stream"), ready(reader)
    reader.page.get_by_role("radio", name="The maths").or_(reader.page.get_by_role("button", name="The maths")).click()
    reader.idle()
    assert reader.player("player.feed.stream") == stream
    under_way(reader, before + 3)


def test_a_reader_who_leaves_frees_the_worker(visit: Callable[..., Screen], app: str) -> None:
    screen = under_way(visit().lesson(LONG))
    assert running(app) >= 1
    screen.page.goto("about:blank")  # as closing the tab, for the server
    assert none_is_left(app)


def test_ten_readers_train_at_once_and_none_fails(app: str) -> None:
    """Sessions without a browser: ten of those, drawing in software, would measure the machine."""
    with ExitStack() as stack:
        readers = [stack.enter_context(visit_session(app, LESSON, SHORT.format(seed))) for seed in range(READERS)]
        for reader in readers:
            reader.rerun()
        streams = [reader.settings["stream"] for reader in readers]
        assert len(set(streams)) == READERS
        with ThreadPoolExecutor(READERS) as pool:
            ends = list(pool.map(lambda stream: last_chunk(f"{app}/{stream}"), streams))
    assert [end["ended"] for end in ends] == ["done"] * READERS
    assert len({end["start"] for end in ends}) == 1  # as many frames for each
    assert none_is_left(app)


def last_chunk(address: str) -> dict[str, Any]:
    """Reads a run to its end; the header of its last message."""
    with urlopen(address, timeout=120) as answer:
        data = answer.read()
    at = 0
    while (after := at + 4 + int.from_bytes(data[at : at + 4], "little")) < len(data):
        at = after
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    return json.loads(data[at + 8 : at + 8 + size])
