"""The player in a real browser: it plays, steps and scrubs without the server, and keeps what the reader did."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen, wait

LAST = 60  # the steps of the lesson that Screen.lesson opens

# Runs in the page: plays to the end and returns, for every animation frame, the frame shown and the messages so far.
WATCH_A_PLAY = """() => new Promise((done) => {
  const player = window.__descent.player;
  const seen = [];
  player.transport.act("toggle");
  const look = () => {
    if (!player.transport.playing) return done(seen);
    seen.push([player.k, player.messages ?? 0]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""

# Frames a second while playing at the present speed, by the clock of the animation frames.
MEASURE_SPEED = """() => new Promise((done) => {
  const player = window.__descent.player;
  player.transport.play(0);
  let first = null;
  const look = (now) => {
    first ??= [now, player.k];
    if (player.k < first[1] + 12) return requestAnimationFrame(look);
    player.transport.pause(false);
    done((1000 * (player.k - first[1])) / (now - first[0]));
  };
  requestAnimationFrame(look);
})"""

# Where the contour's lines end and its points lie on the screen, as the live layer or Plotly itself draws them.
ENDS = """(layer) => {
  const home = document.querySelector(".dp-main .scatterlayer").parentNode;
  const endOf = (path) => {
    const end = path.getPointAtLength(path.getTotalLength()).matrixTransform(path.getScreenCTM());
    return [end.x, end.y];
  };
  const middleOf = (path) => {
    const box = path.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const all = (selector) => [...home.querySelectorAll(selector)];
  const live = layer === "live";
  const lines = all(live ? ".dp-live path:not([transform])" : ".scatterlayer .js-line");
  const points = all(live ? ".dp-live path[transform]" : ".scatterlayer .point");
  return { lines: lines.filter((path) => path.getTotalLength()).map(endOf), points: points.map(middleOf) };
}"""
# In one turn of the page's loop, so that no frame comes between: what is drawn, and at which step play pauses.
PAUSE = (
    "() => { const { player } = window.__descent; player.transport.act('toggle'); return [ENDS('live'), player.k]; }"
)

# How many points every moving path has, for each view that is seen.
LENGTHS = """() => [...document.querySelectorAll(".dp-view:not([hidden])")].map((view) =>
  view.data.filter((trace) => trace.mode?.startsWith("lines") && trace.x.length > 2).map((trace) => trace.x.length))"""

EYE = "player.views.get('surface').element._fullLayout.scene._scene.getCamera().eye"
KEPT = "player.views.get('surface').element._fullLayout.scene.camera.eye"
# The camera follows a hand over several frames, which in software take long, and is kept once it has arrived.
STILL = f"""() => new Promise((done) => {{
  const {{ player }} = window.__descent;
  let [before, times] = ["", 0];
  const look = () => {{
    const [now, kept] = [{EYE}, {KEPT}].map(({{ x, y, z }}) => [x, y, z].join());
    [before, times] = [now, now === before && now === kept ? times + 1 : 0];
    if (times < 20) requestAnimationFrame(look);
    else done();
  }};
  look();
}})"""


@pytest.fixture
def lesson(screen: Screen) -> Screen:
    return screen.lesson()


# Playing


def test_a_play_sends_nothing_until_it_ends_and_then_the_address_has_the_step(lesson: Screen):
    sent = len(lesson.sent)
    lesson.page.locator(".dp-bar select").select_option("4")
    seen = lesson.page.evaluate(WATCH_A_PLAY)
    steps = [step for step, _ in seen]
    assert steps == sorted(steps)
    assert len(set(steps)) > 5
    assert {messages for _, messages in seen} == {0}
    lesson.committed()
    assert lesson.label == f"step {LAST} / {LAST}"
    assert lesson.player("player.messages") == 1
    assert len(lesson.sent) == sent + 1
    lesson.page.wait_for_url(re.compile(rf"optimizers\.step={LAST}\b"))


def test_the_play_button_plays_pauses_and_starts_over_at_the_end(lesson: Screen):
    button = lesson.page.locator(".dp-bar [data-do=toggle]")
    expect(button).to_have_attribute("aria-label", "Play")
    button.click()
    expect(button).to_have_attribute("aria-label", "Pause")
    lesson.until("player.k > 2")
    button.click()
    assert 2 < lesson.committed().step < LAST
    lesson.do("end").committed()
    button.click()
    lesson.until("player.transport.playing && player.k < 30")


def test_a_higher_speed_shows_more_frames_a_second(lesson: Screen):
    rates = {}
    for speed in ("1", "4"):
        lesson.page.locator(".dp-bar select").select_option(speed)
        rates[speed] = lesson.page.evaluate(MEASURE_SPEED)
    assert 2.5 < rates["4"] / rates["1"] < 6, rates


# Stepping


def test_the_buttons_step(lesson: Screen):
    for name, step in [
        ("forward", 1),
        ("forward", 2),
        ("back", 1),
        ("end", LAST),
        ("back", LAST - 1),
        ("reset", 0),
        ("back", 0),
    ]:
        assert lesson.do(name).step == step, name
        assert lesson.label == f"step {step} / {LAST}"


def test_the_keys_and_a_presenters_clicker_step(lesson: Screen):
    keys = [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("PageDown", 2),
        ("PageUp", 1),
        ("End", LAST),
        ("Home", 0),
    ]
    for key, step in keys:
        lesson.page.keyboard.press(key)
        assert lesson.step == step, key
    lesson.page.keyboard.press(" ")
    lesson.until("player.transport.playing && player.k > 1")
    lesson.page.keyboard.press(" ")
    assert not lesson.player("player.transport.playing")
    lesson.committed()


def test_many_steps_are_one_message(lesson: Screen):
    for _ in range(5):
        lesson.page.keyboard.press("ArrowRight")
    lesson.committed()
    assert (lesson.step, lesson.player("player.messages")) == (5, 1)
    lesson.page.wait_for_url(re.compile(r"optimizers\.step=5\b"))


def test_keys_belong_to_the_field_in_which_one_types(lesson: Screen):
    lesson.control("x0").locator("input").focus()
    for key in ("ArrowLeft", "ArrowRight", "Home", "End", " "):
        lesson.page.keyboard.press(key)
    lesson.control("lr").get_by_role("slider").focus()
    assert lesson.step == 0
    before = lesson.draws
    lesson.page.keyboard.press("ArrowRight")
    lesson.drawn(before)
    assert lesson.step == 0


def test_a_scrub_moves_the_picture_at_once_and_speaks_once(lesson: Screen):
    sent, before = len(lesson.sent), lesson.legend
    box = lesson.page.locator(".dp-bar input[type=range]").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    lesson.page.mouse.move(box["x"] + 0.2 * box["width"], middle)
    lesson.page.mouse.down()
    steps = []
    for share in (0.3, 0.4, 0.5, 0.6):
        lesson.page.mouse.move(box["x"] + share * box["width"], middle)
        lesson.until(f"Math.abs(player.k - {share * LAST}) < 3")
        steps.append(lesson.step)
    assert len(lesson.sent) == sent
    assert lesson.legend != before
    lesson.page.mouse.up()
    lesson.committed()
    assert len(lesson.sent) == sent + 1
    lesson.page.wait_for_url(re.compile(rf"optimizers\.step={steps[-1]}\b"))
    assert {length for view in lesson.page.evaluate(LENGTHS) for length in view} == {steps[-1] + 1}


# The two ways to draw


def test_the_live_layer_draws_where_plotly_does(lesson: Screen):
    lesson.do("toggle").until("player.k > 10")
    live, step = lesson.page.evaluate(PAUSE.replace("ENDS", f"({ENDS})"))
    lesson.committed()
    wait(lesson.page, "!document.querySelector('.dp-main .dp-moving')")
    assert lesson.step == step
    rest = lesson.page.evaluate(ENDS, "rest")
    assert len(live["lines"]) == len(rest["lines"]) >= 4
    assert len(live["points"]) == len(rest["points"]) > 4 * 10
    for kind in ("lines", "points"):
        for drawn, wanted in zip(live[kind], rest[kind], strict=True):
            assert drawn == pytest.approx(wanted, abs=1), kind


def test_views_that_are_not_seen_are_not_drawn(lesson: Screen):
    tabs = lesson.page.locator(".dp-tabs").get_by_role("tab")
    assert tabs.count() >= 4
    assert lesson.player("[...player.views.values()].filter((view) => !view.pendingSpec).length") == 2
    lesson.tab("3-D")
    assert lesson.player("[...player.views.values()].filter((view) => !view.pendingSpec).length") == 3


def test_all_views_show_the_same_frame(lesson: Screen):
    lesson.do("end").committed()
    lesson.do("back").committed()
    lengths = lesson.page.evaluate(LENGTHS)
    assert len(lengths) == 2
    assert {length for view in lengths for length in view} == {LAST}


# A rerun


def test_a_moved_control_keeps_step_zoom_and_camera(lesson: Screen):
    page = lesson.page
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    lesson.committed()
    ranges = "player.views.get('contour').element.layout.xaxis.range"
    home = lesson.player(ranges)
    plot = page.locator(".dp-main .nsewdrag").first.bounding_box()
    assert plot is not None
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2)
    page.mouse.wheel(0, -300)
    lesson.until(f"{ranges}[0] > {home[0]} + 0.5")
    lesson.tab("3-D")
    before = lesson.player(EYE)
    drag(lesson, ".dp-side .dp-view:not([hidden])", 0.4, 0.7)
    lesson.until(f"Math.abs({EYE}.x - {before['x']}) > 0.2")
    page.evaluate(STILL)
    zoom, camera = lesson.player(ranges), lesson.player(EYE)
    lesson.nudge("lr")
    assert lesson.step == 20
    assert lesson.player(ranges) == pytest.approx(zoom)
    after = lesson.player(EYE)
    assert [after[axis] for axis in "xyz"] == pytest.approx([camera[axis] for axis in "xyz"])
    assert lesson.player("player.tab") == "surface"


def drag(screen: Screen, selector: str, start: float, end: float) -> None:
    box = screen.page.locator(selector).first.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    screen.page.mouse.move(box["x"] + start * box["width"], middle)
    screen.page.mouse.down()
    screen.page.mouse.move(box["x"] + end * box["width"], middle, steps=5)
    screen.page.mouse.up()
