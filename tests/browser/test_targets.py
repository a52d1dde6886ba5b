"""Pictures of parts: what is shown for a while, words on the live layer, selecting, turning for a narrow screen."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ViewportSize

from benchmarks._browser import WINDOW
from dlcore.figures.stage import Plot, Stage, Track
from dlcore.figures.theme import PALETTE, template
from tests.browser.solo import NODES, Solo, walk_stage

# The words of the main picture and their boxes, on the live layer or as Plotly itself has them.
WORDS = """(layer) => [...document.querySelectorAll(`.dp-main ${layer} text`)].map((text) => {
  const { x, y, width, height } = text.getBoundingClientRect();
  return [text.textContent.replaceAll("\\u200b", ""), [x, y, width, height], getComputedStyle(text).fill];
}).filter(([word]) => word)"""
# Where the lines of a trace begin on the live layer: one place for every item.
STARTS = """() => [...document.querySelectorAll(".dp-main .dp-live path:not([transform])")]
  .map((path) => (path.getAttribute("d").match(/M/g) ?? []).length)"""
POSITIONS = [f"{v} {h}" for v in ("top", "middle", "bottom") for h in ("left", "center", "right")]
PHONE: ViewportSize = {"width": 390, "height": 844}


CONTEXT = {"has_touch": True}  # of the browser that `solo` opens


@pytest.fixture
def graph(solo: Solo) -> Solo:
    return solo.give(walk_stage())


def one_plot(traces: list[dict[str, Any]], tracks: list[Track], num_frames: int) -> Stage:
    layout = {"template": template(), "xaxis": {"range": [-1, 10]}, "yaxis": {"range": [-1, 10]}}
    plot = Plot(
        key="graph", title="Graph", figure={"data": traces, "layout": layout}, tracks=tracks, alt="A picture.", keep="k"
    )
    return Stage(views=[plot], num_frames=num_frames)


# What lasts a while


@pytest.mark.parametrize("count", [2, 40])  # short arrays travel another way
def test_an_item_is_shown_from_its_start_until_before_its_end(solo: Solo, count: int):
    draw = np.random.default_rng(count)
    start = draw.integers(0, 8, count)
    end = start + draw.integers(1, 6, count)
    words = [f"item {i}" for i in range(count)]
    traces = [{"type": "scatter", "mode": mode} for mode in ("text", "lines")]
    spots = draw.uniform(0, 9, (4, count, 3))
    spots[2:, ::2, 2] = np.nan  # every other line has two points
    data = {"x": spots[0, :, 0], "y": spots[1, :, 0], "start": start, "end": end}
    lines = {**data, "x": spots[2], "y": spots[3]}
    tracks = [Track(trace=0, kind="while", data={**data, "text": words}), Track(trace=1, kind="while", data=lines)]
    solo.give(one_plot(traces, tracks, 14))
    for k in (*range(13, -1, -1), 5):
        wanted = [word for word, a, b in zip(words, start, end, strict=True) if a <= k < b]
        solo.go(k)
        assert [word for word, *_ in solo.page.evaluate(WORDS, ".dp-live")] == wanted, k
        assert solo.page.evaluate(STARTS) == [len(wanted)]
        solo.rest()
        assert [word for word, *_ in solo.page.evaluate(WORDS, ".scatterlayer")] == wanted, k
        there = spots[2][(start <= k) & (k < end)]
        drawn = solo.player("[...player.views.get('graph').element.data[1].x].filter((x) => x !== null)")
        assert drawn == pytest.approx(there[~np.isnan(there)].tolist()), k


@pytest.mark.parametrize("markers", ["", "markers+"])
def test_words_stand_where_plotly_puts_them(solo: Solo, markers: str):
    words = ["w<sub>12</sub> = −0.5", "<b>2.1</b>·10<sup>−3</sup>", "plain", "x < y", "<i>a</i> & b", "?", "−0.25"]
    traces, tracks = [], []
    for i, position in enumerate(POSITIONS):
        font = {"size": 9 + i, "color": PALETTE["gradient"][0]}
        marker = {"symbol": "square", "size": 12 + 3 * i, "line": {"width": 1, "color": PALETTE["ink"][0]}}
        look = {"mode": f"{markers}text", "textposition": position, "textfont": font, "marker": marker}
        traces.append({"type": "scatter", **look})
        columns = {"x": np.arange(7.0), "y": np.full(7, float(i)), "start": np.zeros(7, int), "end": np.full(7, 9)}
        tracks.append(Track(trace=i, kind="while", data={**columns, "text": words}))
    solo.give(one_plot(traces, tracks, 9))
    rest = solo.page.evaluate(WORDS, ".scatterlayer")
    live = solo.go(1).page.evaluate(WORDS, ".dp-live")
    assert len(live) == len(rest) == len(words) * len(POSITIONS)
    for (word, box, fill), (wanted, there, colour) in zip(live, rest, strict=True):
        assert (word, fill) == (wanted, colour)
        assert box == pytest.approx(there, abs=0.5), word


def test_words_have_the_colours_of_the_dark_theme(solo: Solo):
    solo.page.add_style_tag(content=":root { --st-background-color: #12161c; }")
    light, dark = PALETTE["gradient"]
    traces = [{"type": "scatter", "mode": "text", "textfont": {"color": light}}]
    data = {"x": np.zeros(1), "y": np.zeros(1), "start": np.zeros(1, int), "end": np.full(1, 9), "text": ["1"]}
    solo.give(one_plot(traces, [Track(trace=0, kind="while", data=data)], 9)).go(1)
    (_, _, fill), *_ = solo.page.evaluate(WORDS, ".dp-live")
    assert fill == f"rgb({', '.join(str(int(dark[i : i + 2], 16)) for i in (1, 3, 5))})"


# Selecting


def test_a_click_selects_the_node_or_the_wire_under_it_and_a_click_beside_them_nothing(graph: Solo):
    clicks = [((1.0, 1.0), "z"), ((1.5, 1.02), "z→E"), ((0.05, 1.95), "w"), ((0.5, 0.5), "x→z"), ((1.8, 0.0), "")]
    for at, key in clicks:
        graph.page.mouse.click(*graph.place(*at))
        assert graph.player("player.reader.selected") == key
    assert graph.said("select") == [{"key": key} for _, key in clicks]


def test_the_ring_is_on_what_is_selected_while_it_moves_and_at_rest(graph: Solo):
    rings = "player.views.get('graph').element.data.slice(2).map((trace) => [[...trace.x], [...trace.y]])"
    nowhere = [[None], [None]]
    for key, node, wire in [
        ("z", [[1], [1]], nowhere),
        ("z→E", nowhere, [[1, 2], [1, 1]]),
        ("", nowhere, nowhere),
    ]:
        graph.player(f"player.choose('{key}')")
        assert graph.page.locator(".dp-main .dp-moving, .dp-main.dp-moving, .dp-view.dp-moving").count() == 1
        graph.rest()
        assert graph.player(rings) == [node, wire]


def test_escape_unselects(graph: Solo):
    graph.page.mouse.click(*graph.place(*NODES["w"]))
    graph.page.keyboard.press("Escape")
    assert graph.player("player.reader.selected") == ""
    assert graph.said("select") == [{"key": "w"}, {"key": ""}]


def test_a_drag_selects_nothing(graph: Solo):
    x, y = graph.place(*NODES["z"])
    graph.page.mouse.move(x, y)
    graph.page.mouse.down()
    graph.page.mouse.move(x + 12, y, steps=4)
    graph.page.mouse.up()
    assert graph.said("select") == []


def test_a_selection_that_comes_back_from_the_page_draws_no_stage(graph: Solo):
    graph.player("player.choose('w')")
    graph.give(walk_stage(), selected="w")
    assert (graph.draws, graph.player("player.reader.selected")) == (1, "w")


def test_a_late_echo_of_an_earlier_selection_does_not_take_the_present_one_away(graph: Solo):
    graph.player("player.choose('w')")
    graph.player("player.choose('z')")
    graph.give(walk_stage(), selected="w")
    assert graph.player("player.reader.selected") == "z"
    graph.give(walk_stage(), selected="z")
    graph.give(walk_stage(), selected="E")  # this one is the page's own
    assert graph.player("player.reader.selected") == "E"
    assert graph.draws == 1


def test_a_stage_with_other_numbers_keeps_selection_step_and_zoom(graph: Solo):
    graph.go(3).player("player.choose('w')")
    graph.rest()
    across = "player.views.get('graph').element.layout.xaxis.range"
    before = graph.player(across)
    x, y = graph.place(1, 1)
    graph.page.mouse.move(x + 40, y + 40)
    graph.page.mouse.down()
    graph.page.mouse.move(x + 100, y + 40, steps=6)
    graph.page.mouse.up()
    graph.until(f"{across}[0] !== {before[0]!r}")
    zoom = graph.player(across)
    graph.give(walk_stage(w=0.7), selected="w")
    assert (graph.draws, graph.step, graph.player("player.reader.selected")) == (2, 3, "w")
    assert graph.player(across) == pytest.approx(zoom)


# A narrow screen


@pytest.fixture
def phone(solo: Solo) -> Solo:
    return solo.clear(PHONE).give(walk_stage())


def test_on_a_phone_what_ran_from_left_to_right_runs_from_top_to_bottom(phone: Solo):
    # Turned, a node's column is its y: x and w (column 0) above z, z above E; x, the upper one, is on the left.
    place = {key: phone.place(y, x) for key, (x, y) in NODES.items()}
    assert place["x"][1] == place["w"][1] < place["z"][1] < place["E"][1]
    assert place["x"][0] < place["z"][0] == place["E"][0] < place["w"][0]
    assert place["E"][1] - place["z"][1] >= 62
    words = {word: box for word, box, _ in phone.page.evaluate(WORDS, ".scatterlayer")}
    left, top, width, height = words["2"]  # the value of x
    assert (left + width / 2, top + height / 2) == pytest.approx(place["x"], abs=3)
    phone.page.touchscreen.tap(*place["z"])
    assert phone.said("select") == [{"key": "z"}]


def test_the_picture_turns_back_when_there_is_room(phone: Solo):
    height = "player.views.get('graph').element.style.height"
    assert phone.player(height)
    phone.page.set_viewport_size(WINDOW)
    phone.until(f"{height} === ''")
    assert phone.place(*NODES["x"])[0] < phone.place(*NODES["E"])[0]


def test_the_program_stands_above_the_tabs_wherever_there_is_room(phone: Solo):
    for size in (PHONE, WINDOW):
        phone.page.set_viewport_size(size)
        head, tabs = (phone.page.locator(f".dp-{name}").bounding_box() for name in ("head", "tabs"))
        assert head is not None
        assert tabs is not None
        assert head["y"] + head["height"] <= tabs["y"]
        assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
