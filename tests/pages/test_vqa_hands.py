"""What a reader does on the page on questions about pictures: asks, drags, removes, adds, negates, explains."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.datasets.aerial import FINE, THINGS, Thing
from dlcore.datasets.aerial_questions import ANSWERS, answer, parse, queries
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.sight import Sight
from dlcore.topics.vqa.vocabulary import shared
from dlcore.ui import vqa_rail as rail
from tests.pages.stages import Hand, OpenPage, healthy, lit, prose, stage_bytes, stage_on, toasts, view_on
from tests.pages.vqa_page import (
    SLUG,
    STAGES,
    chances_on,
    change,
    changed,
    config_on,
    control,
    controls_say,
    log_on,
    opened,
    picture_on,
    press,
    scene,
    states_on,
    unseen,
)

CHANGE = STAGES["change"]
HERE = Sight(seed=rail.DEFAULTS["seed"])
#: Something that can be dragged, and how many of its kind there are.
THING: Thing = next(thing for thing in scene().things if thing.kind in THINGS)
MANY = scene().count(THING.kind)
COUNT = next(query.text for query in queries() if query.text.startswith(f"how many {THING.kind}"))


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def truth(question: str, changes: str = "") -> str | None:
    """What is true, counted in the scene."""
    query = parse(question)
    return answer(query, scene(changes)) if query else None


# Questions


def test_a_typed_question_is_answered(open_page: OpenPage) -> None:
    page = healthy(change(open_page(SLUG), "asked", "  Is there a LAKE? "))
    config = config_on(page)
    assert stage_on(page)[1]["frames"] == 5
    np.testing.assert_allclose(chances_on(page)[-1], Asked(sight=HERE, question="is there a lake").chances(), atol=1e-5)
    bars = view_on(page, "answers")
    assert ANSWERS[bars["truth"]] == truth("is there a lake") == config.asked.truth
    assert toasts(page) == []


def test_words_that_nobody_taught_it_are_named_with_known_ones_to_put_there(open_page: OpenPage) -> None:
    page = healthy(change(open_page(SLUG), "asked", "how many housses zqxj there, my housses"))
    said = prose(page)
    assert "“housses” was in no training question. Did you mean" in said
    assert "“zqxj” was in no training question." in said
    assert said.count("“housses” was") == 1
    flow = view_on(page, "flow")["words"]
    assert [word["text"] for word in flow if not word["known"]] == ["housses", "zqxj", "my", "housses"]
    assert view_on(page, "answers")["truth"] is None
    offered = [str(button.key) for button in page.button if str(button.key).startswith(f"{SLUG}.instead-")]
    assert {key.split("-")[1] for key in offered} <= {"housses", "my"}
    assert {key.split("-")[2] for key in offered} <= set(shared().words)
    healthy(press(page, "instead-housses-houses"))
    assert controls_say(page)["asked"] == "how many houses zqxj there my houses"
    assert "housses" not in prose(page)
    healthy(change(change(page, "asked", "how many cottages are there"), "view", "score"))
    assert "training question" not in prose(page)


def test_a_known_word_put_in_place_makes_a_question_that_is_understood(open_page: OpenPage) -> None:
    page = healthy(press(opened(open_page, asked="How many hoses are there?"), "instead-hoses-houses"))
    assert view_on(page, "answers")["truth"] is not None
    assert "was in no training question" not in prose(page)


def test_the_list_of_questions_asks_and_is_empty_again(open_page: OpenPage) -> None:
    page = opened(open_page, step=2)
    menu = control(page, "example")
    assert menu.options == [query.text for query in queries()]
    healthy(menu.set_value(menu.options[-1]).run())
    assert controls_say(page)["asked"] == menu.options[-1]
    assert config_on(page).asked.question == menu.options[-1]
    assert control(page, "example").value is None
    healthy(change(page, "asked", COUNT))
    healthy(control(page, "example").set_value(menu.options[-1]).run())
    assert config_on(page).asked.question == menu.options[-1]


# Hands


def test_a_thing_that_is_dragged_comes_into_the_log_and_the_network_is_asked_again(
    open_page: OpenPage, hand: Hand
) -> None:
    page = opened(open_page, **CHANGE, asked=COUNT)
    before = picture_on(page)
    healthy(hand.say(page, "drag", THING.name, 120.0, 156.0, 0))
    text = f"move {THING.name} 40 52"
    assert changed(page).get("changes") == text
    assert page.query_params[f"{SLUG}.changes"] == text
    assert stage_on(page)[1]["frames"] == 2
    assert [row["truth"] for row in log_on(page)] == [str(MANY)] * 2
    assert (picture_on(page) == before).all()
    sight = replace(HERE, edits=text)
    assert (picture_on(page, 1) == sight.fine()).all()
    np.testing.assert_allclose(chances_on(page)[1], Asked(sight=sight, question=COUNT).chances(), atol=1e-5)
    ring = next(one for one in view_on(page, "sight")["tiles"][0]["handles"] if one["key"] == THING.name)
    assert np.asarray(ring["places"]) == pytest.approx(
        np.array([[FINE * THING.x, FINE * THING.y], [FINE * 40, FINE * 52]]), abs=1e-3
    )


def test_what_is_taken_out_and_added_is_counted(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **CHANGE, asked=COUNT, add=THING.kind)
    for k in range(2):
        healthy(hand.say(page, "place", 30.0 + 120 * k, 240.0, k))
    healthy(hand.say(page, "remove", THING.name, 2))
    rows = log_on(page)
    assert [row["truth"] for row in rows] == [str(min(MANY + k, 10)) for k in (0, 1, 2, 1)]
    kept = [row["answer"] for row in rows]
    assert [row["flipped"] for row in rows] == [False, *(a != b for a, b in pairwise(kept))]
    assert [row["chance"] for row in rows] == pytest.approx(chances_on(page).max(axis=1), rel=1e-5)
    rings = {
        one["key"]: np.isfinite(np.asarray(one["places"])[:, 0])
        for one in view_on(page, "sight")["tiles"][0]["handles"]
    }
    assert rings[THING.name].tolist() == [True, True, True, False]
    new = [there.tolist() for there in rings.values() if not there[0]]
    assert sorted(new) == [[False, False, True, True], [False, True, True, True]]


def test_a_change_at_an_earlier_frame_undoes_what_came_after_it(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **CHANGE, asked=COUNT, changes=f"grey; colour; remove {THING.name}")
    healthy(hand.say(page, "place", 30.0, 60.0, 1))
    assert states_on(page).changes == "grey; add house 10 20"
    assert stage_on(page)[1]["frames"] == 3


def test_what_cannot_be_moved_is_told_and_the_picture_stays(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **CHANGE)
    before = stage_bytes(page)
    hand.say(page, "drag", "house 99", 30.0, 60.0, 0)
    assert len(page.error) + len(toasts(page)) == 1
    assert not page.exception
    assert stage_bytes(page) == before


def test_every_view_of_the_picture_shows_what_was_changed_and_can_take_it_back(open_page: OpenPage, hand: Hand) -> None:
    page = hand.say(opened(open_page, **CHANGE, asked=COUNT), "remove", THING.name, 0)
    edited = states_on(page)
    for part in rail.SUBVIEWS["ask"]:
        healthy(change(change(page, "view", "ask"), "ask", part))
        asked = config_on(page).asked
        assert asked.sight.edits == edited.changes
        assert asked.truth == str(MANY - 1)
        assert (picture_on(page) == asked.sight.fine()).all()
        assert "the-undoing" not in unseen(page)
    healthy(press(page, "undo-all-here"))
    assert config_on(page).asked.truth == str(MANY)
    assert "the-undoing" in unseen(page)


# Buttons


def test_negate_asks_the_opposite_and_undo_takes_it_back(open_page: OpenPage) -> None:
    question = "are there any boats"
    page = healthy(opened(open_page, **CHANGE, asked=question))
    healthy(press(page, "button-negate"))
    assert states_on(page).changes == "ask are there no boats"
    assert [row["truth"] for row in log_on(page)] == [truth(question), truth("are there no boats")]
    assert {row["truth"] for row in log_on(page)} == {"yes", "no"}
    healthy(press(page, "button-negate"))
    assert log_on(page)[2]["truth"] == truth(question)
    healthy(press(page, "undo"))
    assert states_on(page).changes == "ask are there no boats"
    healthy(press(page, "undo-all"))
    assert states_on(page).changes == ""


def test_what_has_no_opposite_is_not_negated(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **CHANGE, asked=COUNT))
    assert page.button(key=f"{SLUG}.button-negate").disabled
    assert page.button(key=f"{SLUG}.undo").disabled
    healthy(change(page, "asked", "is there a lake"))
    assert not page.button(key=f"{SLUG}.button-negate").disabled


def test_of_a_grey_picture_the_truth_stays_and_the_answer_is_one_without_looking(open_page: OpenPage) -> None:
    page = healthy(press(opened(open_page, **CHANGE, asked=COUNT), "button-grey-picture"))
    assert states_on(page).changes == "grey"
    assert (picture_on(page, 1) == 128).all()
    assert [row["truth"] for row in log_on(page)] == [str(MANY)] * 2
    healthy(press(page, "button-picture-back"))
    assert states_on(page).changes == "grey; colour"
    assert (picture_on(page, 2) == picture_on(page)).all()
    np.testing.assert_allclose(chances_on(page)[2], chances_on(page)[0], atol=1e-6)


def test_a_word_is_changed_for_another_one_that_can_stand_there(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **CHANGE, asked=COUNT))
    menu = control(page, "swapped")
    word, other = menu.options[0].split(" → ")
    healthy(menu.set_value(menu.options[0]).run())
    asked = COUNT.replace(word, other, 1)
    assert parse(asked) is not None
    assert states_on(page).changes == f"ask {asked}"
    assert log_on(page)[1]["truth"] == truth(asked)
    assert control(page, "swapped").value is None
    assert f"{other} → {word}" in control(page, "swapped").options


def test_every_thing_can_be_taken_out_without_a_mouse(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **CHANGE, asked=COUNT))
    menu = control(page, "removed")
    assert sorted(menu.options) == sorted(thing.name for thing in scene().things)
    healthy(menu.set_value(THING.name).run())
    assert states_on(page).changes == f"remove {THING.name}"
    assert THING.name not in control(page, "removed").options
    assert log_on(page)[1]["truth"] == str(MANY - 1)


# Explaining


def test_a_click_on_an_answer_explains_it_and_another_takes_that_back(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **STAGES["parts"])
    first = config_on(page).place
    other = next(place for place in range(len(ANSWERS)) if place != first)
    assert view_on(page, "answers")["chosen"] == first
    scenes = lit(page)
    healthy(hand.say(page, "select", f"class{other}"))
    assert config_on(page).answer == ANSWERS[other]
    assert view_on(page, "answers")["chosen"] == other
    assert page.query_params[f"{SLUG}.explain"] == ANSWERS[other]
    assert lit(page) == scenes
    healthy(hand.say(page, "select", f"class{other}"))
    assert config_on(page).answer == ""
    assert view_on(page, "answers")["chosen"] == first


def test_a_word_is_selected_and_nothing_is_computed(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, **CHANGE)
    before = stage_bytes(page)
    healthy(hand.say(page, "select", THING.name))
    assert changed(page) == {**CHANGE, "selected": THING.name}
    assert stage_bytes(page) == before


def test_readers_do_not_meet(open_page: OpenPage, hand: Hand) -> None:
    def seen(page: AppTest) -> tuple[str, bytes, str]:
        return states_on(page).changes, stage_bytes(page), prose(page)

    first, second = (opened(open_page, **CHANGE, asked=COUNT) for _ in range(2))
    alone = seen(first)
    healthy(hand.say(second, "remove", THING.name, 0))
    healthy(change(second, "asked", "is there a lake"))
    assert seen(first.run()) == alone
    assert states_on(second).changes == f"remove {THING.name}"
