"""The page on overfitting: it opens on two networks, its controls change them, its hands do, too."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from dlcore.datasets.points_given import read_points_text
from dlcore.topics.overfitting import shown_steps
from dlcore.topics.overfitting_config import DATA, OverfittingConfig
from dlcore.topics.overfitting_scenes import SCENES
from dlcore.topics.overfitting_switches import SWITCHES, switches_for
from dlcore.ui import overfitting_rail as rail
from tests.pages.overfitting_page import (
    change,
    config_on,
    control,
    controls_say,
    opened,
    panels_on,
    press,
    unseen,
)
from tests.pages.stages import Hand, OpenPage, healthy, lit, prose, stage_bytes, stage_on, toasts, view_on

OPENING = rail.config_of({**rail.DEFAULTS, "given": None})
FOUR = "0,0,0; 1,1,1; 1,0,0; 0,1,1"


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    return Hand(monkeypatch)


def test_it_opens_on_its_first_scene_with_two_networks_that_train(open_page: OpenPage) -> None:
    page = healthy(open_page("overfitting"))
    settings, stage, _ = stage_on(page)
    assert config_on(page) == OPENING
    assert lit(page) == ["overfitting.scene-opening"]
    assert settings["autoplay"]
    assert settings["stream"].startswith("descent/run/")
    assert stage["frames"] == len(shown_steps(OPENING))
    assert [panel["key"] for panel in panels_on(page)] == ["a", "b"]
    assert {view["key"] for view in stage["views"][1:]} == set(rail.TABS)


def test_every_title_that_a_link_may_name_is_a_choice_of_its_control(open_page: OpenPage) -> None:
    page = healthy(open_page("overfitting"))
    assert list(control(page, "data").options) == list(DATA.values())
    assert list(control(page, "switch").options) == [SWITCHES[key].title for key in switches_for("moons")]


@pytest.mark.parametrize("group", rail.GROUPS)
def test_one_group_of_settings_is_seen_at_a_time(open_page: OpenPage, group: str) -> None:
    parts = {f"the-{name}" for name in rail.GROUPS}
    assert parts - unseen(opened(open_page, group=group)) == {f"the-{group}"}


def test_only_the_strength_of_the_chosen_difference_is_seen(open_page: OpenPage) -> None:
    page = opened(open_page, switch="l2", l2_strength="0.01")
    own = {f"of-b-{key}" for key, switch in SWITCHES.items() if switch.has_strength}
    assert own - unseen(page) == {"of-b-l2"}


# Hands


@pytest.mark.parametrize(
    ("name", "hidden"), [("layer+", (8, 4, 4)), ("layer-", (8,)), ("units+1", (12, 4)), ("units-2", (8, 3))]
)
def test_buttons_of_the_picture_change_the_network(
    open_page: OpenPage, hand: Hand, name: str, hidden: tuple[int, ...]
) -> None:
    page = opened(open_page, hidden="8, 4", edits="aw1.0.0=1")
    healthy(hand.say(page, "act", name))
    assert config_on(page).hidden == hidden
    assert config_on(page).edits == ""  # which were of another network
    assert control(page, "hidden").value == ", ".join(map(str, hidden))


def test_a_weight_that_is_typed_over_holds_from_the_shown_step_on_and_can_be_undone(
    open_page: OpenPage, hand: Hand
) -> None:
    page = opened(open_page, hidden="4")
    step = int(shown_steps(config_on(page))[10])
    healthy(hand.say(page, "edit", "aw1.0.1", 2.5, 10))
    assert config_on(page).edits == f"aw1.0.1=2.5@{step}"
    assert [edit.step for edit in config_on(page).a()[0].edits] == [step]
    assert config_on(page).b()[0].edits == ()
    healthy(press(page, "undo"))
    assert config_on(page) == rail.config_of({**rail.DEFAULTS, "hidden": "4", "given": None})
    assert "overfitting.undo" not in [button.key for button in page.button]


def test_points_are_painted_until_they_can_be_learned_and_beyond(open_page: OpenPage, hand: Hand) -> None:
    page = opened(open_page, data="points")
    for x, y, label in ((-1, 0, 0), (1, 0, 1), (-1, 1, 0)):
        assert view_on(page, "canvas")["pick"] == "stay"
        change(page, "paint", str(label))
        healthy(hand.say(page, "pick", float(x), float(y)))
    healthy(hand.say(page, "pick", 0.25, 1.0))
    assert [tuple(point) for point in config_on(page).points] == [(-1, 0, 0), (1, 0, 1), (-1, 1, 0), (0.25, 1, 0)]
    assert all(panel["paints"] for panel in panels_on(page))
    healthy(press(page, "clear"))
    assert read_points_text(control(page, "points").value) == ()
    assert view_on(page, "canvas")


def test_the_reader_who_chooses_own_points_begins_with_a_few(open_page: OpenPage) -> None:
    page = healthy(change(open_page("overfitting"), "data", "points"))
    assert len(config_on(page).points) == 8


# The map


def test_a_cell_of_the_map_opens_its_networks_and_trains_them(open_page: OpenPage, hand: Hand) -> None:
    page = healthy(opened(open_page, view="capacity", depth="1", l2="0.1", label_noise="0.2"))
    mapped = config_on(page)
    healthy(hand.say(page, "pick", 3.2, 4.9))
    assert control(page, "view").value == ""
    shown = replace(config_on(page), num_seeds=mapped.num_seeds, strength=None)
    assert shown == mapped.cell(mapped.widths[5], mapped.sizes[3])


@pytest.mark.parametrize("section", ["The maths", "The code", "Check", "Take it away", "Reading", "Why it happens"])
def test_every_section_of_the_map_is_there(open_page: OpenPage, section: str) -> None:
    page = healthy(opened(open_page, view="capacity", below=section))
    assert len(prose(page)) > 300 or page.code or page.get("download_button")


# Other data


def test_other_data_take_back_what_they_do_not_know(open_page: OpenPage) -> None:
    page = opened(open_page, data="digits", switch="augment", num_train="400", label_noise="0.2")
    healthy(change(page, "data", "moons"))
    assert config_on(page).switch == "dropout"
    page = opened(open_page, data="blobs", num_classes="5", num_train="2000")
    healthy(change(page, "data", "spirals"))
    assert config_on(page).num_classes == 3
    healthy(change(page, "data", "digits"))
    assert config_on(page).num_train == 790


# Links and scenes


@pytest.mark.parametrize("scene", rail.scenes_of(SCENES), ids=[scene.key for scene in SCENES])
def test_a_scenes_values_are_controls_and_describe_what_is_shown(scene: Any) -> None:
    values = dict(scene.values)
    assert len(values) == len(scene.values)
    for name, value in values.items():
        assert type(value) is type(rail.DEFAULTS[name]) or isinstance(value, int), name
    assert rail.config_of({**rail.DEFAULTS, **values, "given": None})
    assert set(scene.tries) <= set(rail.DEFAULTS)


def test_every_scene_can_be_entered_by_one_click_and_is_the_one_that_is_lit(open_page: OpenPage) -> None:
    page = open_page("overfitting")
    for scene in SCENES:
        healthy(press(page, f"scene-{scene.key}"))
        assert lit(page) == [f"overfitting.scene-{scene.key}"]
        wanted = {**rail.DEFAULTS, **dict(rail.scene_of(scene).values), "given": None}
        shown = rail.config_of if wanted["view"] == "" else rail.capacity_config_of
        assert config_on(page) == shown(wanted)


def test_a_link_holds_every_setting_and_gives_the_same_picture(open_page: OpenPage) -> None:
    values = {
        "switch": "l1",
        "l1_strength": "0.002",
        "data": "blobs",
        "noise": "0.4",
        "label_noise": "0.05",
        "num_classes": "4",
        "num_train": "120",
        "features": ("x", "y", "xy"),
        "hidden": "12, 6",
        "activation": "relu",
        "optimizer": "momentum",
        "lr": "0.02",
        "batch_size": "16",
        "num_steps": "150",
        "dropout": "0.1",
        "input_noise": "0.05",
        "l2": "0.001",
        "edits": "aw1.0.2=0.5@20; blr=0.01@50",
        "seed": "11",
        "tab": "gap",
    }
    titled = {**values, "batch_size": 16}
    page = healthy(opened(open_page, **titled))
    again = healthy(opened(open_page, **titled))
    config = config_on(page)
    assert toasts(page) == []
    assert (config.num_classes, config.amount, config.features) == (4, 0.002, ("x", "y", "xy"))
    assert config.edits == values["edits"]
    assert stage_bytes(page) == stage_bytes(again)
    assert controls_say(page) == controls_say(again)
    assert panels_on(page)[0]["inputs"] == ["x", "y", "x·y"]


# Below the fold


@pytest.mark.parametrize("section", ["The maths", "The code", "Check", "Take it away", "Reading", "Why it happens"])
def test_every_section_is_there(open_page: OpenPage, section: str) -> None:
    page = healthy(opened(open_page, below=section, num_steps="30"))
    assert len(prose(page)) > 300 or page.code or page.get("download_button")


def test_the_check_compares_both_networks_with_plain_torch(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, below="Check", num_steps="30"))
    (badge,) = [part.value for part in page.markdown if "plain torch loop" in part.value]
    assert badge.startswith(":material/check_circle:")
    assert "A's" in badge
    assert "B's" in badge


def test_the_curves_as_csv_are_the_runs_numbers() -> None:
    from dlcore.topics.overfitting import frames
    from dlcore.ui.overfitting_text import curves_csv, points_csv

    config = OverfittingConfig(num_steps=4, num_seeds=2, hidden=(3,), label_noise=0.25)
    snapshots = list(frames(config))
    rows = list(csv.DictReader(io.StringIO(curves_csv(config, snapshots))))
    assert [int(row["step"]) for row in rows] == list(shown_steps(config))
    for row, snapshot in zip(rows, snapshots, strict=True):
        for name in ("a.loss.test.mean", "b.accuracy.train.low"):
            assert float(row[name]) == pytest.approx(float(snapshot.arrays[name]), rel=1e-6)
    points = list(csv.DictReader(io.StringIO(points_csv(config))))
    assert sum(int(row["wrong"]) for row in points) == 20
    assert {row["split"] for row in points} == {"train", "validation", "test"}
