"""The page on convolution: what it opens on, its scenes, its three views, and the controls that take others along."""

from typing import Any

import numpy as np
import pytest

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.layer_stack import Stack, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.pooling import Pool
from dlcore.ui import convolution_rail as rail
from tests.pages.convolution_page import (
    SOBEL,
    cells,
    change,
    config_on,
    control,
    controls_say,
    correlated,
    grid,
    opened,
    press,
    unseen,
)
from tests.pages.stages import OpenPage, healthy, lit, message_on, prose, stage_bytes, stage_on, toasts

#: What stands in the Stack view's tabs, and those of the others, behind the main picture.
WINDOW = ["window", "code", "sum", "layer"]
PICTURE = ["picture", "response"]
STACK = ["field", "layer", "sizes", "parameters", "multiply-adds", "memory"]


def views_on(page: Any) -> list[str]:
    return [view["key"] for view in stage_on(page)[1]["views"]]


# What it opens on


def test_it_opens_on_sobels_kernel_over_a_padded_disc(open_page: OpenPage) -> None:
    page = healthy(open_page("convolution"))
    assert page.title[0].value == "Convolution"
    assert config_on(page) == WindowConfig()
    assert lit(page) == ["convolution.scene-half"]
    settings, stage, _ = stage_on(page)
    assert (settings["step"], settings["autoplay"], settings["selected"]) == (0, True, "")
    assert views_on(page) == WINDOW
    assert stage["frames"] == 49 + 1
    ground = cells(page, "ground0")
    assert ground.shape == (9, 9)
    np.testing.assert_array_equal(cells(page, "window0"), SOBEL)
    np.testing.assert_array_equal(cells(page, "result0"), correlated(ground[1:-1, 1:-1], SOBEL))
    known = np.array(grid(page, "result0")["known"])
    assert known.tolist() == list(range(1, 50))  # row by row, one a frame


@pytest.mark.parametrize("view", rail.VIEWS)
def test_every_view_opens_from_its_link(open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, view: str) -> None:
    page = healthy(opened(open_page, view=view))
    assert toasts(page) == []
    kind, views = {
        "window": (WindowConfig, WINDOW),
        "picture": (FilterConfig, PICTURE),
        "stack": (Stack, STACK),
    }[view]
    assert isinstance(config_on(page), kind)
    assert views_on(page) == views


# Scenes, and the way back


def test_one_click_sets_each_scene_and_asks_its_question(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = opened(open_page, seed=77, tab="layer", below="Check", selected="ground0.1.1", step=9, edits="x0.1.1=5")
    for times, scene in enumerate(SCENES, 1):
        kept = {name: page.session_state[f"convolution.{name}"] for name in ("seed", "below", "tab")}
        healthy(press(page, f"scene-{scene.key}"))
        assert controls_say(page) == {**rail.DEFAULTS, **kept, **dict(scene.values)}, scene.key
        assert lit(page) == [f"convolution.scene-{scene.key}"]
        assert scene.question in prose(page)
        settings, stage, _ = stage_on(page)
        assert (settings["restart"], settings["selected"], settings["autoplay"]) == (times, "", False)
        assert stage["frames"] == frames_of(config_on(page)), scene.key


def frames_of(config: Any) -> int:
    """A frame for every cell of the result and one before; for every filter; for every layer and one for the input."""
    match config:
        case WindowConfig(layer=Pool(), direction="forward"):
            return 1 + int(np.prod(config.layer.output_size))
        case WindowConfig(layer=Conv() as conv, direction="forward"):
            return 1 + conv.out_channels * int(np.prod(conv.output_size))
        case WindowConfig(direction="input"):
            return 1 + int(np.prod(config.layer.size))
        case WindowConfig(layer=Conv() as conv):
            return 1 + int(np.prod(conv.weight_shape))
        case FilterConfig():
            return len(config.filters().titles)
        case Stack():
            return len(trace(config))
    raise AssertionError(config)


def test_the_answer_comes_after_the_guess_and_the_walk(open_page: OpenPage) -> None:
    page = open_page("convolution")
    scene = SCENES[0]
    change(page, f"guess-{scene.key}", scene.choices[scene.answer])
    assert "Watch what happens." in prose(page)
    assert f"Right.** {scene.why}" not in prose(page)
    assert stage_on(page)[0]["play"] == 1
    change(page, "step", 49)
    assert f"Right.** {scene.why} **Look:** {scene.look}" in prose(page)


def test_looking_around_does_not_leave_a_scene_but_a_change_does(open_page: OpenPage) -> None:
    page = open_page("convolution")
    for name, value in {"group": "maps", "tab": "layer", "step": 3, "seed": 5, "below": "The maths"}.items():
        change(page, name, value)
        assert lit(page) == ["convolution.scene-half"], name
    healthy(change(page, "size", 8))
    assert lit(page) == []
    assert "Free play" in prose(page)


ELSEWHERE: dict[str, Any] = {
    "operation": "transposed",
    "layout": "space",
    "group": "maps",
    "size": 4,
    "stride": 2,
    "kernel": 4,
    "padding": "number",
    "pad": 1,
    "output_padding": 1,
    "in_channels": 2,
    "out_channels": 4,
    "groups": 2,
    "image": "digits",
    "filter": "random",
    "bias": 1.5,
    "turn": "convolution",
    "edits": "x0.1.1=5, w0.0.1.1=-1",
    "selected": "ground0.1.1",
    "step": 4,
    "tab": "layer",
    "seed": 42,
}


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **ELSEWHERE))
    healthy(press(page, "reset"))
    assert controls_say(page) == {**rail.DEFAULTS, "seed": 42}
    assert stage_on(page)[0]["selected"] == ""
    assert lit(page) == ["convolution.scene-half"]


def test_new_seed_changes_the_seed_alone_and_the_walk_starts_over(open_page: OpenPage) -> None:
    page = opened(open_page, **ELSEWHERE)
    before, picture = controls_say(page), stage_bytes(page)
    healthy(press(page, "new-seed"))
    assert controls_say(page) == {**before, "seed": 42 + 7919, "step": 0}
    assert stage_bytes(page) != picture


# Views


def test_a_look_at_another_view_changes_nothing_of_this_one(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **ELSEWHERE))
    before, window = controls_say(page), stage_bytes(page)
    for view, views in (("picture", PICTURE), ("stack", STACK)):
        healthy(change(page, "view", view))
        assert views_on(page) == views
    healthy(change(page, "view", "window"))
    assert controls_say(page) == {**before, "step": 0, "selected": ""}
    assert stage_bytes(page) == window


def test_the_rail_shows_what_matters(open_page: OpenPage) -> None:
    page = open_page("convolution")
    window = {"the-way", "the-layout", "the-group", "the-operation", "the-input-size", "the-padding"}
    shown = {
        "picture": {"the-picture", "the-kernel-size", "the-stride", "the-dilation", "the-filter", "the-turn"},
        "stack": {"the-stack"},
        "window": {*window, "the-kernel-size", "the-stride", "the-dilation"},
    }
    parts = set().union(*shown.values(), {"the-upload", "the-gabor", "the-number", "the-sides", "the-maps"})
    for view, seen in shown.items():
        change(page, "view", view)
        assert parts - unseen(page) == seen, view
    for name, value, part in (
        ("padding", "number", "the-number"),
        ("padding", "sides", "the-sides"),
        ("operation", "transposed", "the-output-padding"),
    ):
        assert part in unseen(page)
        assert part not in unseen(healthy(change(page, name, value)))
    change(page, "group", "numbers")
    assert "the-gabor" in unseen(page)
    assert "the-gabor" not in unseen(healthy(change(page, "filter", "gabor")))
    change(page, "view", "picture")
    assert "the-upload" in unseen(page)
    assert "the-upload" not in unseen(healthy(change(page, "picture", rail.OWN)))
    assert {"the-kernel-size", "the-gabor", "the-orientation"}.isdisjoint(unseen(page))
    assert {"the-filter", "the-gabor"} <= unseen(healthy(change(page, "bank", "edges")))
    assert "the-kernel-size" not in unseen(page)
    assert {"the-kernel-size", "the-orientation"} <= unseen(healthy(change(page, "bank", "gabor")))
    assert "the-gabor" not in unseen(page)


# Controls that take others along


def test_pooling_starts_from_windows_side_by_side_and_has_no_gradient_to_weights(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, direction="weight"))
    healthy(change(page, "operation", "max"))
    assert config_on(page) == WindowConfig(
        layer=Pool(size=(7, 7), kernel=(2, 2), stride=(2, 2)), kernel="sobel-x", direction="forward"
    )
    healthy(change(page, "operation", "average"))
    assert config_on(page).layer.kind == "average"
    healthy(change(page, "operation", "convolution"))
    assert isinstance(config_on(page).layer, Conv)


def test_what_only_one_operation_knows_is_left_with_it(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, mode="reflect"))
    healthy(change(page, "operation", "transposed"))
    assert config_on(page).layer.mode == "zeros"
    change(page, "stride", 2)
    healthy(change(page, "output_padding", 1))
    healthy(change(page, "operation", "convolution"))
    assert control(page, "output_padding").value == 0


FORGET = {
    "another kernel": ("filter", "blur", "x0.1.1=5, g0.0.0=2"),
    "another input": ("image", "ones", "w0.0.1.1=-1, g0.0.0=2"),
    "another upstream": ("upstream", "ones", "x0.1.1=5, w0.0.1.1=-1"),
    "other axes": ("axes", "1", ""),
}


@pytest.mark.parametrize(("name", "value", "kept"), FORGET.values(), ids=FORGET)
def test_other_numbers_have_none_of_the_changes_made_to_those_before(
    open_page: OpenPage, name: str, value: str, kept: str
) -> None:
    page = healthy(opened(open_page, edits="x0.1.1=5; W0.0.1.1=-1, g0.0.0=2", group="numbers"))
    healthy(change(page, name, value))
    assert control(page, "edits").value.replace("W", "w") == kept


def test_a_known_network_comes_with_its_input(open_page: OpenPage) -> None:
    page = opened(open_page, view="stack")
    for name, known in ARCHITECTURES.items():
        healthy(change(page, "architecture", name))
        assert config_on(page) == Stack(input=known.input, layers=read_layers(known.text))
        assert stage_on(page)[1]["frames"] == frames_of(config_on(page))


# Who else is here


def test_readers_do_not_meet(open_page: OpenPage) -> None:
    first = opened(open_page, edits="x0.3.3=5")
    alone = message_on(first)
    second = opened(open_page, edits="x0.3.3=-5")
    assert message_on(second) != alone
    change(second, "edits", "w0.0.0.0=3")
    press(second, "scene-conv5")
    first.run()
    assert message_on(first) == alone
    assert config_on(first) == WindowConfig(edits="x0.3.3=5")
    assert toasts(first) == []
