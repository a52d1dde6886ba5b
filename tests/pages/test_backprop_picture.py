"""What a hand does in the picture on backpropagation's page: select, change a number, predict one, go back."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.ui import backprop_rail
from tests.pages.backprop_page import (
    config_on,
    control,
    controls_say,
    frames_of,
    number_at,
    opened,
    press,
    training_on,
)
from tests.pages.stages import Hand, OpenPage, healthy, lit, message_on, stage_bytes, stage_on, view_on


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def verdict_on(page: AppTest) -> dict[str, Any] | None:
    return stage_on(page)[0].get("verdict")


def question_on(page: AppTest, key: str) -> tuple[int, int]:
    """The frame at which a gradient may first be predicted, and the one that reveals it."""
    start, _, reveal, *_ = view_on(page, "chain-rule")["items"][key]["ask"][0]
    return start, reveal


# A number changed


def test_a_number_is_changed_in_the_picture(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("backprop")
    loss = frames_of(BackpropConfig(), "loss")[0]
    healthy(hand.say(page, "edit", "w1", 0.5, 3))
    assert control(page, "edits").value == "w1=0.5"
    assert config_on(page) == BackpropConfig(edits="w1=0.5")
    assert number_at(page, 0, "w1") == 0.5
    assert number_at(page, loss, "z") == pytest.approx(0.5 * 1 + 0.2 * -2 + 0.1)
    assert lit(page) == []
    healthy(hand.say(page, "edit", "w1", -0.25, loss))  # in place of the first
    healthy(hand.say(page, "edit", "y", 0.0, loss))
    assert config_on(page).edits == "w1=-0.25, y=0"
    assert (number_at(page, 0, "w1"), number_at(page, 0, "y")) == (-0.25, 0)


def test_after_the_step_a_change_is_one_of_the_next_turn(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("backprop")
    step, second = frames_of(BackpropConfig(), "step")[0], frames_of(BackpropConfig(), "data")[1]
    after = number_at(page, second, "w2")
    healthy(hand.say(page, "edit", "w1", 2.0, step))
    assert (config_on(page).edits, config_on(page).updates) == ("w1=2@1", 1)
    # The walk goes to where the change is seen: before that turn, whose other weights are as the step left them.
    assert number_at(page, 0, "w1") == 2
    assert number_at(page, 0, "w2") == after


def test_what_cannot_be_changed_is_told_of_and_the_picture_stays(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, edits="w1=0.5")
    before = message_on(page)
    hand.say(page, "edit", "y9", 3.0, 4)
    (error,) = page.error
    assert error.value == "“y9” cannot be changed: this network has x1, x2, w1, w2, b, y."
    assert message_on(page) == before
    control(page, "edits").set_value("").run()
    assert config_on(healthy(page)) == BackpropConfig()


def test_at_the_level_of_modules_there_is_no_single_number_to_change(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, level="modules")
    healthy(hand.say(page, "edit", "w1", 0.5, 3))
    assert config_on(page) == BackpropConfig()
    healthy(control(page, "network").set_value("formula").run())  # which has no modules
    healthy(hand.say(page, "edit", "w", 0.5, 3))
    assert config_on(page).edits == "w=0.5"


# A number predicted


def test_a_prediction_gets_its_verdict_where_the_number_is_revealed(open_page: OpenPage, hand: Hand) -> None:
    page = open_page("backprop")
    asked, reveal = question_on(page, "w2")
    assert verdict_on(page) is None
    for value, mark, words in ((1.3, "✓", "Yes."), (-1.3, "✕", "the sign is not"), (-2, "✕", "local derivative alone")):
        healthy(hand.say(page, "guess", "w2", value, asked, reveal))
        verdict = verdict_on(page)
        assert verdict is not None
        assert (verdict["name"], verdict["reveal"]) == ("w2", reveal)
        assert verdict["html"].startswith(mark)
        assert words in verdict["html"]
    page.run()
    assert verdict_on(page) == verdict  # it stays while nothing changes
    hand.say(page, "step", reveal)
    hand.say(page, "select", "w2")
    assert verdict_on(page) == verdict


LEAVING = {
    "another rate": ("lr", 0.2, 0.1),
    "another number": ("edits", "w1=0.5", ""),
    "another network": ("network", "textbook", "neuron"),
    "a later walk": ("updates", 5, 0),
    "modules": ("level", "modules", "scalars"),
    "depth": ("view", "depth", "walk"),
}


@pytest.mark.parametrize(("name", "there", "back"), LEAVING.values(), ids=LEAVING)
def test_a_verdict_on_other_numbers_is_gone_for_good(
    open_page: OpenPage, hand: Hand, name: str, there: Any, back: Any
) -> None:
    """The player goes to where a new verdict is revealed: one that came back would pull the reader along."""
    page = open_page("backprop")
    hand.say(page, "guess", "w1", 0.1, *question_on(page, "w1"))
    assert verdict_on(page) is not None
    healthy(control(page, name).set_value(there).run())
    assert verdict_on(page) is None
    healthy(control(page, name).set_value(back).run())
    assert config_on(page) == BackpropConfig()
    assert verdict_on(page) is None


@pytest.mark.parametrize(("name", "reveal"), [("x9", 16), ("y", 16), ("w1", -1), ("w1", 10**6)])
def test_what_is_no_question_has_no_verdict(open_page: OpenPage, hand: Hand, name: str, reveal: int) -> None:
    page = open_page("backprop")
    healthy(hand.say(page, "guess", name, 0.5, 10, reveal))
    assert verdict_on(page) is None


# Looking around


def test_what_is_selected_is_in_the_address_until_a_scene_lets_go_of_it(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, selected="w1→m1")
    assert stage_on(page)[0]["selected"] == "w1→m1"
    picture = stage_bytes(page)
    healthy(hand.say(page, "select", "z"))
    assert (control(page, "selected").value, stage_on(page)[0]["selected"]) == ("z", "z")
    assert stage_bytes(page) == picture
    healthy(press(page, "scene-textbook"))
    assert (control(page, "selected").value, stage_on(page)[0]["selected"]) == ("", "")


@pytest.mark.parametrize("view", backprop_rail.VIEWS)
def test_every_tab_that_the_player_opens_can_be_in_the_address(open_page: OpenPage, hand: Hand, view: str) -> None:
    page = opened(open_page, network="mlp", view=view)
    tabs = [part["key"] for part in stage_on(page)[1]["views"] if part["area"] == "side"]
    assert len(tabs) == 3
    for tab in tabs:
        healthy(hand.say(page, "tab", tab))
        assert backprop_rail.TABS[control(page, "tab").value] in control(page, "tab").options
        assert control(page, "tab").value == tab


def test_a_click_in_the_curve_goes_back_and_what_was_trained_stays(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, updates=15, trained=15, step=12)
    for x, update in ((7.4, 7), (0.0, 0), (-3.0, 0), (11.6, 12), (1e9, 15)):
        healthy(hand.say(page, "pick", x, 0.3))
        assert training_on(page) == (update, 17)
        assert (controls_say(page)["updates"], controls_say(page)["trained"]) == (update, 15)
        assert controls_say(page)["step"] == 0


def test_updates_that_were_walked_to_were_trained_too(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, updates=40)
    healthy(hand.say(page, "pick", 10.0, 0.3))
    assert training_on(page) == (10, 42)
    healthy(hand.say(page, "pick", 40.0, 0.3))
    assert training_on(page) == (40, 42)
