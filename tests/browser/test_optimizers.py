"""The lesson on optimizers in a real browser: scenes, links, the surface under the pointer, its own formula."""

import csv
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, expect

from benchmarks._browser import Screen
from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.ui import server
from dlcore.ui.descent_rail import SURFACE_TITLES

LINK = "optimizers?optimizers.num_steps=60"
CONTOUR = "player.views.get('contour').element"
FORMAT = "async ([module, values]) => { const { format } = await import(module); return values.map((v) => format(v)); }"
BY_KEY = {scene.key: scene for scene in SCENES}


@pytest.fixture
def lesson(screen: Screen) -> Screen:
    return screen.lesson(LINK)


def scene_button(screen: Screen, key: str) -> Locator:
    return screen.page.locator(f".st-key-optimizers-scenes .st-key-optimizers-scene-{key} button")


def enter(screen: Screen, key: str) -> Screen:
    before = screen.draws
    scene_button(screen, key).click()
    return screen.drawn(before)


def link(**values: str | list[str]) -> str:
    """An address of the lesson; what is chosen from a menu goes by the name that the menu shows."""
    return "optimizers?" + urlencode({f"optimizers.{name}": value for name, value in values.items()}, doseq=True)


def toasts(screen: Screen) -> Locator:
    return screen.page.get_by_test_id("stToast")


# True numbers


def test_the_legend_shows_the_losses_that_torch_computed(screen: Screen):
    screen.lesson(f"{LINK}&optimizers.lr=0.08&optimizers.step=37")
    loss = race(RaceConfig(lr=0.08, num_steps=60)).loss
    for step, button in ((37, ""), (60, "end"), (0, "reset"), (1, "forward")):
        if button:
            screen.do(button)
        assert screen.step == step
        module = f"/descent/{server.version()}/player/numbers.js"
        wanted = screen.page.evaluate(FORMAT, [module, loss[step].tolist()])
        assert screen.page.locator(".dp-legend b").evaluate_all("(all) => all.map((b) => b.innerHTML)") == wanted


def test_the_equations_follow_the_step_with_their_numbers(screen: Screen):
    screen.lesson(link(optimizers="Adam", num_steps="10"))
    screen.tab("Equations")
    table = screen.page.locator(".dp-equations")
    expect(table).to_contain_text("(−8, 30)")  # g at the start of x² / 2 + 10 y²
    expect(table).to_contain_text("(0.05, −0.05)")  # Adam's first step is η in each coordinate
    expect(table).to_contain_text("(−7.95, 1.45)")
    first = table.inner_text()
    screen.do("forward").do("forward").do("forward")
    expect(table).not_to_contain_text("(−8, 30)")
    screen.do("reset")
    assert table.inner_text() == first


# Scenes


def test_a_scene_sets_the_controls_asks_and_answers(lesson: Screen):
    scene = BY_KEY["saddle"]
    enter(lesson, "saddle").idle()
    lesson.page.wait_for_url(re.compile(r"optimizers\.surface="))
    assert re.search(r"optimizers\.x0=-3(\.0)?&optimizers\.y0=0\.001", lesson.page.url)
    assert "num_steps" not in lesson.page.url
    expect(lesson.control("surface").get_by_role("combobox")).to_have_value(SURFACE_TITLES["saddle"])
    question = lesson.control("question")
    expect(question).to_contain_text(scene.question)
    expect(question).not_to_contain_text(scene.why)
    lesson.page.get_by_label("Speed").select_option("8")  # an answer plays the scene first
    question.get_by_role("radio", name=scene.choices[scene.answer]).click()
    expect(question).to_contain_text(scene.why)
    expect(question).to_contain_text("Right.")
    question.get_by_role("radio", name=scene.choices[0]).click()
    expect(question).to_contain_text(scene.choices[scene.answer])
    expect(question).not_to_contain_text("Right.")


def test_a_scene_starts_at_its_first_frame_and_the_opening_one_empties_the_address(lesson: Screen):
    lesson.do("end").committed()
    enter(lesson, "ravine")
    assert lesson.step == 0
    enter(lesson, "opening")
    assert lesson.step == 0
    lesson.page.wait_for_url(re.compile(r"/optimizers\??$"))


def test_space_plays_the_scene_that_was_just_chosen(lesson: Screen):
    enter(lesson, "two-forms")
    lesson.page.keyboard.press(" ")
    lesson.until("player.transport.playing && player.k > 1")
    lesson.page.keyboard.press(" ")
    lesson.committed()
    assert lesson.label.endswith("/ 60")
    assert len(lesson.legend) == 2


def test_every_scene_can_be_shown_and_is_marked_as_the_present_one(lesson: Screen):
    for key in BY_KEY:
        if key != "opening":
            enter(lesson, key)
        else:
            scene_button(lesson, key).click()
        expect(scene_button(lesson, key)).to_have_attribute("data-testid", "stBaseButton-primary")
        expect(lesson.page.locator(".st-key-optimizers-scenes [data-testid=stBaseButton-primary]")).to_have_count(1)
        expect(lesson.page.locator(".dp-note")).not_to_contain_text("could not be drawn")


def test_a_race_that_diverges_says_who_and_when_and_keeps_the_picture(screen: Screen):
    screen.lesson(link(optimizers="SGD", lr="0.11", num_steps="400"))
    screen.do("end").committed()
    when = re.search(r"diverged at step \d+", screen.legend[0])
    assert when is not None
    expect(screen.page.locator(".dp-note")).to_have_text(re.compile(rf"SGD {when[0]}: its .+ first"))
    expect(screen.page.locator(".dp-main .scatterlayer")).to_be_visible()


# Views


def test_every_other_view_is_drawn(screen: Screen):
    screen.lesson(link(num_steps="60", view="Basins"))
    for view in ("Basins", "Learning rates", "Stability"):
        button = screen.control("view").get_by_role("radio", name=view)
        if view != "Basins":  # the link has opened that one
            before = screen.draws
            button.click()
            screen.drawn(before)
        expect(button).to_be_checked()
        expect(screen.page.locator(".dp-main .js-plotly-plot")).to_be_visible()
        expect(screen.page.locator(".dp-note")).not_to_contain_text("could not be drawn")
        screen.until("player.transport.bar.querySelector('.dp-stop').hidden")
        if view == "Basins":
            screen.do("end").committed()


def test_every_tab_is_drawn(lesson: Screen):
    for title in lesson.page.locator(".dp-tabs").get_by_role("tab").all_inner_texts():
        lesson.tab(title)
        expect(lesson.page.locator(".dp-panes > .dp-view:visible > *").first).to_be_visible()


# tests/pages/test_optimizers.py opens the others; the scenes above draw most of them.
@pytest.mark.parametrize("surface", ["cliff", "logistic"])
def test_a_surface_opens_from_its_link(screen: Screen, surface: str):
    screen.lesson(link(num_steps="60", surface=SURFACE_TITLES[surface]))
    expect(screen.control("surface").get_by_role("combobox")).to_have_value(SURFACE_TITLES[surface])
    assert screen.player(f"{CONTOUR}.data[0].z.some((row) => row.some(Number.isFinite))")


# The pointer


def point_at(screen: Screen, across: float, up: float) -> tuple[float, float]:
    """Moves to a place of the contour; returns it in the surface's units."""
    box = screen.page.locator(".dp-main .nsewdrag").first.bounding_box()
    assert box is not None
    x, y = across * box["width"], (1 - up) * box["height"]
    screen.page.mouse.move(box["x"] + x, box["y"] + y)
    return tuple(screen.player(f"[{CONTOUR}._fullLayout.xaxis.p2d({x}), {CONTOUR}._fullLayout.yaxis.p2d({y})]"))


def test_a_click_on_the_surface_sets_the_start(lesson: Screen):
    before = lesson.draws
    wanted = point_at(lesson, 0.3, 0.7)
    lesson.page.mouse.click(*middle_of_pointer(lesson))
    lesson.drawn(before)
    lesson.page.wait_for_url(re.compile(r"optimizers\.x0=.*optimizers\.y0="))
    start = [float(re.search(rf"optimizers\.{name}=([-\d.]+)", lesson.page.url)[1]) for name in ("x0", "y0")]  # pyright: ignore[reportOptionalSubscript]
    assert start == pytest.approx(wanted, abs=0.05)
    assert lesson.player(f"[{CONTOUR}.data[1].x[0], {CONTOUR}.data[1].y[0]]") == pytest.approx(start, rel=1e-5)
    for name, value in zip(("x0", "y0"), start, strict=True):
        assert float(lesson.control(name).locator("input").input_value()) == pytest.approx(value, rel=1e-3)
    lesson.committed()
    assert lesson.step == 60  # the new race was played


def middle_of_pointer(screen: Screen) -> tuple[float, float]:
    box = screen.page.locator(".dp-main .nsewdrag").first.bounding_box()
    assert box is not None
    return box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"]


def test_a_drag_moves_the_map_and_not_the_start(lesson: Screen):
    ranges = f"{CONTOUR}.layout.xaxis.range"
    home = lesson.player(ranges)
    point_at(lesson, 0.5, 0.5)
    lesson.page.mouse.down()
    for share in (0.52, 0.54, 0.56, 0.58, 0.6):  # a hand moves in many small steps
        point_at(lesson, share, share)
    lesson.page.wait_for_selector(".dragcover", state="attached")  # Plotly has taken hold
    lesson.page.mouse.up()
    lesson.until(f"{ranges}[0] !== {home[0]}")
    lesson.idle()
    assert "x0" not in lesson.page.url
    assert lesson.draws == 1


# Links and what cannot be


# Which values these are: tests/pages/test_optimizers_links.py.
@pytest.mark.parametrize("setting", ["lr=abc", "optimizers=SGD&optimizers.optimizers=Lion", "nonsense=1"])
def test_what_a_link_cannot_say_falls_back_and_is_told_once(screen: Screen, setting: str):
    name = setting.partition("=")[0]
    screen.lesson(f"optimizers?optimizers.{setting}")
    expect(toasts(screen)).to_have_count(1)
    expect(toasts(screen)).to_contain_text(name)
    assert screen.page.locator(".dp-legend b").first.inner_text()
    screen.nudge("lr")
    expect(toasts(screen)).to_have_count(1)


def test_a_good_link_is_not_complained_of(screen: Screen):
    screen.lesson(link(lr="0.08", num_steps="60", optimizers="Adam", x0="-8", seed="0"))
    assert screen.legend[0].startswith("Adam")
    expect(toasts(screen)).to_have_count(0)


def test_a_link_that_names_what_is_there_anyway_is_not_complained_of(screen: Screen):
    screen.lesson(link(surface=SURFACE_TITLES["quadratic"], view="Race", rates="same η", lr="0.05", step="0"))
    expect(toasts(screen)).to_have_count(0)


def test_a_formula_is_drawn_and_a_bad_one_gets_a_sentence_and_loses_nothing(screen: Screen):
    screen.lesson(link(num_steps="60", surface=SURFACE_TITLES["formula"], formula="x**2+y**2"))
    field = screen.control("formula").get_by_role("textbox")
    expect(field).to_have_value("x**2+y**2")
    before = screen.legend
    field.fill("x**2 + foo(y)")
    field.press("Enter")
    alert = screen.page.get_by_test_id("stAlert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("foo")
    assert screen.legend == before
    expect(screen.page.locator(".dp-main .scatterlayer")).to_be_visible()
    draws = screen.draws
    field.fill("x**2 + 3*y**2")
    field.press("Enter")
    screen.drawn(draws)
    expect(alert).to_have_count(0)
    assert screen.legend != before


def test_reset_keeps_the_seed(lesson: Screen):
    lesson.control("new-seed").get_by_role("button").click()
    lesson.page.wait_for_url(re.compile(r"optimizers\.seed=\d+"))
    seed = re.search(r"optimizers\.seed=\d+", lesson.page.url)
    assert seed is not None
    before = lesson.idle().draws
    lesson.control("reset").get_by_role("button").click()
    lesson.drawn(before)
    lesson.page.wait_for_url(re.compile(rf"optimizers\?{re.escape(seed[0])}$"))


def test_the_race_is_downloaded_as_a_table(lesson: Screen, tmp_path: Path):
    lesson.control("more").get_by_text("Take it away").click()
    with lesson.page.expect_download() as event:
        lesson.page.get_by_role("button", name="Download CSV").click()
    event.value.save_as(tmp_path / event.value.suggested_filename)
    with (tmp_path / "optimizers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4 * 61
    assert rows[0]["optimizer"] == "sgd"
    trace = race(RaceConfig(num_steps=60))
    assert float(rows[60]["loss"]) == trace.loss[60, 0]
