"""What stands beside a picture: notes on its parts, numbers to change and to predict, and the program that runs."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.solo import KNOWN, LAST, PROGRAM, TURN, Solo, walk_stage


@pytest.fixture
def walk(solo: Solo) -> Solo:
    return solo.give(walk_stage())


def title(walk: Solo) -> str:
    return walk.page.locator(".dp-notes h4").inner_text()


def lines(walk: Solo) -> list[str]:
    return walk.page.locator(".dp-lines > div").all_inner_texts()


def field(walk: Solo, label: str) -> Locator:
    """The input of the form whose label begins so."""
    return walk.page.locator(".dp-notes form", has_text=label).locator("input")


def choose(walk: Solo, key: str) -> None:
    walk.page.get_by_label("Show").select_option(key)


def write(walk: Solo, place: Locator, text: str) -> None:
    """Types as a hand does, over what was there."""
    place.press("Control+a")
    walk.page.keyboard.type(text)


# Notes


def test_the_note_follows_the_walk_and_stays_on_what_is_selected(walk: Solo):
    assert title(walk) == ""
    assert lines(walk) == ["Select a part of the picture, or go on to a step that works on one."]
    walk.go(3)
    assert (title(walk), lines(walk)) == ("z→E", ["this is z→E"])
    choose(walk, "x")
    assert title(walk) == "x"
    walk.go(2)
    assert title(walk) == "x"
    assert walk.said("select") == [{"key": "x"}]
    walk.page.get_by_role("button", name="Follow the walk again").click()
    assert title(walk) == "E"
    assert walk.said("select") == [{"key": "x"}, {"key": ""}]
    assert walk.page.get_by_role("button", name="Follow the walk again").count() == 0


def test_lines_come_and_go_with_the_step_and_new_ones_are_marked(walk: Solo):
    choose(walk, "w")
    walk.go(KNOWN - 1)
    assert lines(walk) == ["∂E/∂w = ?"]
    walk.go(KNOWN)
    assert lines(walk) == ["∂E/∂w = z · x = 2"]  # z = 0.5 · 2
    expect(walk.page.locator(".dp-lines .dp-new")).to_have_count(1)
    walk.go(KNOWN + 1)
    expect(walk.page.locator(".dp-lines .dp-new")).to_have_count(0)


def test_every_part_is_in_the_list_for_the_keyboard(walk: Solo):
    options = walk.page.get_by_label("Show").locator("option").all_inner_texts()
    assert options == ["the present one", "x", "w₁", "z", "E", "x→z", "w→z", "z→E"]


def test_selecting_in_the_picture_opens_the_notes(walk: Solo):
    walk.page.get_by_role("tab", name="Training").click()
    expect(walk.page.locator(".dp-notes")).to_be_hidden()
    walk.page.mouse.click(*walk.place(0, 2))
    expect(walk.page.locator(".dp-notes")).to_be_visible()
    assert walk.said("tab") == ["training", "rule"]


# Changing a number


@pytest.mark.parametrize(("text", "value"), [("0.75", 0.75), ("−2", -2), ("-.5", -0.5), ("1,5", 1.5), ("3e-2", 0.03)])
def test_a_number_that_is_typed_is_said_once_with_its_step(walk: Solo, text: str, value: float):
    choose(walk, "w")
    walk.go(2)
    place = field(walk, "w =")
    expect(place).to_have_value("0.5")
    write(walk, place, text)
    walk.page.keyboard.press("Enter")
    walk.page.keyboard.press("Tab")
    assert walk.said("edit") == [{"name": "w", "value": value, "step": 2}]


def test_leaving_the_field_says_the_number_and_an_unchanged_one_is_not_said(walk: Solo):
    choose(walk, "w")
    place = field(walk, "w =")
    place.press("Enter")
    assert walk.said("edit") == []
    write(walk, place, "0.6")
    walk.page.keyboard.press("Tab")
    assert [edit["value"] for edit in walk.said("edit")] == [0.6]


@pytest.mark.parametrize("text", ["", "abc", "1/2", "--1", "1e", "NaN", "Infinity"])
def test_what_is_no_number_is_told_and_not_said(walk: Solo, text: str):
    choose(walk, "w")
    place = field(walk, "w =")
    write(walk, place, text or " ")
    walk.page.keyboard.press("Enter")
    expect(walk.page.get_by_role("alert").first).to_have_text("Give a number, such as −0.5.")
    expect(place).to_have_attribute("aria-invalid", "true")
    walk.page.keyboard.press("Escape")
    expect(place).to_have_value("0.5")
    expect(walk.page.get_by_role("alert").first).to_have_text("")
    assert walk.said("edit") == []
    assert walk.player("player.reader.selected") == "w"


def test_a_new_stage_shows_its_number_but_takes_none_that_is_being_typed(walk: Solo):
    choose(walk, "w")
    place = field(walk, "w =")
    walk.give(walk_stage(w=0.625), selected="w")
    expect(place).to_have_value("0.625")
    write(walk, place, "0.12")
    walk.give(walk_stage(w=0.875), selected="w")
    expect(place).to_be_focused()
    walk.page.keyboard.type("5")
    expect(place).to_have_value("0.125")
    walk.page.keyboard.press("Enter")
    assert [edit["value"] for edit in walk.said("edit")] == [0.125]


def test_the_note_stays_while_someone_types_in_it(walk: Solo):
    walk.go(5)  # where the walk is at w
    field(walk, "w =").focus()
    walk.go(1)
    assert title(walk) == "w1"
    walk.page.keyboard.press("Tab")
    walk.page.locator(".dp-bar [data-do=forward]").focus()
    assert title(walk) == "z"


def test_the_keys_of_the_player_belong_to_the_field_while_one_types(walk: Solo):
    choose(walk, "w")
    walk.go(5)
    place = field(walk, "w =")
    place.focus()
    for key in ("Home", "End", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", " "):
        walk.page.keyboard.press(key)
    assert (walk.step, walk.player("player.transport.playing")) == (5, False)


# Predicting one


def test_a_guess_is_said_and_its_answer_goes_to_the_step_that_reveals_it(walk: Solo):
    choose(walk, "w")
    for k, asked in ((0, False), (1, True), (KNOWN - 1, True), (KNOWN, False)):
        walk.go(k)
        expect(field(walk, "Predict ∂E/∂w:")).to_be_visible(visible=asked)
    walk.go(2)
    write(walk, field(walk, "Predict"), "1.9")
    walk.page.get_by_role("button", name="Check").click()
    assert walk.said("guess") == [{"name": "w", "value": 1.9, "step": 2, "reveal": KNOWN}]
    assert (walk.step, walk.page.locator(".dp-verdict").inner_text()) == (2, "")
    verdict = {"name": "w", "reveal": KNOWN, "html": "No: it is <b>2</b>."}
    walk.give(walk_stage(), verdict=verdict)
    assert (walk.step, walk.draws) == (KNOWN, 1)
    assert walk.page.locator(".dp-verdict").inner_text() == "No: it is 2."
    walk.go(0)
    assert walk.page.locator(".dp-verdict").inner_text() == ""  # before it is asked
    walk.give(walk_stage(), verdict=verdict)
    assert walk.step == 0  # an old answer does not move the reader


def test_a_question_that_is_over_lets_the_walk_go_on(walk: Solo):
    walk.go(KNOWN + 1)  # where the walk is at w, whose gradient of the next turn is asked for
    place = field(walk, "Predict")
    write(walk, place, "1")
    walk.go(KNOWN + 2)
    assert title(walk) == "w1"
    walk.go(KNOWN + TURN)
    expect(place).to_be_hidden()
    assert (title(walk), lines(walk)) == ("w→z", ["this is w→z"])
    walk.page.keyboard.press("ArrowLeft")
    assert walk.step == KNOWN + TURN - 1


def test_an_answer_that_was_there_when_the_page_opened_does_not_move_the_reader(solo: Solo):
    solo.give(walk_stage(), step=2, verdict={"name": "w", "reveal": KNOWN, "html": "No."})
    assert solo.step == 2


def test_the_same_guess_again_goes_to_its_answer_at_once(walk: Solo):
    choose(walk, "w")
    for _ in range(2):
        walk.go(2)
        write(walk, field(walk, "Predict"), "2")
        walk.page.keyboard.press("Enter")
        walk.give(walk_stage(), selected="w", verdict={"name": "w", "reveal": KNOWN, "html": "Yes."})
        assert walk.step == KNOWN
    assert len(walk.said("guess")) == 2


# The program


def test_the_line_that_runs_is_marked(walk: Solo):
    rows = walk.page.locator(".dp-program button")
    for k, line in ((0, 0), (1, 1), (2, 1), (4, 2), (5, 3), (TURN, 0)):
        walk.go(k)
        expect(walk.page.locator(".dp-program [aria-current=step]")).to_have_count(1)
        expect(rows.nth(line)).to_have_attribute("aria-current", "step")
    assert [text.replace("✗", "") for text in rows.all_text_contents()] == list(PROGRAM)


def test_a_click_on_a_line_goes_to_the_next_step_that_runs_it(walk: Solo):
    row = walk.page.locator(".dp-program button").nth(1)  # runs at 1, 2, 7 and 8
    for k in (1, 2, TURN + 1, TURN + 2, 1):
        row.click()
        assert walk.step == k


def test_a_wrong_line_is_told_in_words_and_signs(walk: Solo):
    assert walk.page.get_by_role("img", name="wrong:").count() == 1
    expect(walk.page.locator(".dp-program button").nth(3)).to_contain_text("✗")


def test_the_lines_are_walked_with_the_keyboard(walk: Solo):
    walk.page.locator(".dp-program [aria-current]").focus()
    for key, line in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", 3)):
        walk.page.keyboard.press(key)
        expect(walk.page.locator(".dp-program button").nth(line)).to_be_focused()
    walk.page.keyboard.press("Enter")
    assert walk.step == TURN - 1
    walk.page.keyboard.press("ArrowRight")
    assert walk.step == TURN


def test_a_walk_plays_at_its_own_rate(walk: Solo):
    seconds = walk.page.evaluate("""() => new Promise((done) => {
      const { player } = window.__descent;
      const begin = performance.now();
      player.transport.play(0);
      const look = () => {
        if (player.transport.playing) return requestAnimationFrame(look);
        done((performance.now() - begin) / 1000);
      };
      look();
    })""")
    assert seconds == pytest.approx(LAST / walk_stage().rate, rel=0.25)
