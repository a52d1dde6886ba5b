"""A network's drawing on its way to the player: its parts in order, its colours, and what does not fit together."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.figures.flow import Box, Flow, Lane, Strip, Word, strips
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Stage, pack
from dlcore.figures.theme import PALETTE, dark_partners
from tests.figures.test_stage import read

FRAMES, SIZE = 3, 16
RANDOM = np.random.default_rng(0)


def vectors(size: int = SIZE) -> np.ndarray:
    return RANDOM.normal(size=(FRAMES, size)).astype(np.float32)


def strip(key: str, size: int = SIZE, **more: Any) -> Strip:
    return Strip(key=key, title=key, told=f"the vector {key}", values=vectors(size), **more)


def flow(**more: Any) -> Flow:
    given: dict[str, Any] = {
        "words": [Word(text="how"), Word(text="manny", known=False, nearest=["many"])],
        "read": np.arange(FRAMES),
        "question": Lane(rows=[[Box(title="GRU"), strip("h")]], out=strip("q")),
        "sight": Lane(rows=[[Box(title="CNN", note="frozen")]], out=strip("v")),
        "joint": Box(title="∘"),
        "joined": strip("z"),
        "scores": strip("scores", 2, names=["yes", "no"], groups=[("y/n", 2)]),
        "chances": vectors(2),
        "best": 2,
        **more,
    }
    return Flow(key="flow", title="Network", **given)


def sent(**more: Any) -> dict[str, Any]:
    return read(pack(Stage(views=[flow(**more)], num_frames=FRAMES)))["views"][0]


def test_a_drawing_travels_with_its_words_boxes_and_numbers():
    given: Any = flow()
    view = read(pack(Stage(views=[given], num_frames=FRAMES)))["views"][0]
    assert (view["type"], view["area"]) == ("flow", "main")
    assert view["words"][1] == {"text": "manny", "known": False, "nearest": ["many"]}
    gru, state = view["question"]["rows"][0]
    assert gru == {"title": "GRU", "note": ""}
    assert np.array_equal(view["sight"]["out"]["values"], given.sight.out.values)
    assert (state["count"], view["scores"]["count"]) == (SIZE, 2)
    assert view["scores"]["names"] == ["yes", "no"]


def test_strips_come_from_top_to_bottom():
    assert [each.key for each in strips(flow())] == ["h", "q", "v", "z", "scores"]


def test_what_a_network_lacks_is_null():
    view = sent(sight=None, joint=None, joined=None)
    assert (view["sight"], view["joint"], view["joined"]) == (None, None, None)


def test_ninety_nine_of_a_hundred_numbers_have_no_more_than_the_full_colour():
    values = np.append(np.full(299, 0.25), 40.0).astype(np.float32).reshape(3, 100)
    view = sent(joined=replace(strip("z"), values=values))
    assert np.mean(np.abs(values) <= view["joined"]["limit"]) >= 0.99
    assert view["joined"]["limit"] < 40
    assert sent(joined=replace(strip("z"), values=values, limit=2.0))["joined"]["limit"] == 2.0


def test_a_strip_of_nothing_but_zeros_has_a_colour_scale():
    assert sent(joined=replace(strip("z"), values=np.zeros((FRAMES, 4), np.float32)))["joined"]["limit"] > 0


def test_the_words_shades_have_one_scale_in_all_frames():
    shades = np.array([[0, 0], [0.5, -0.25], [-1.5, 1]], np.float32)
    assert sent(shades=shades)["shadeLimit"] == 1.5


def test_numbers_may_come_later_if_their_limit_is_known():
    live = Pending(name="z", shape=(FRAMES, SIZE), dtype="float32")
    assert sent(joined=replace(strip("z"), values=live, limit=1.0))["joined"]["values"]["pending"] == "z"
    with pytest.raises(ValueError, match="limit is None"):
        sent(joined=replace(strip("z"), values=live))


def test_the_colours_are_the_palettes_and_have_dark_partners():
    view = sent()
    used = {*view["colours"].values(), *(hue for _, hue in view["scale"])}
    assert used <= set(dark_partners())
    assert PALETTE["weight-positive"][0] in used


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"joined": replace(strip("z"), values=vectors()[0])}, r"z: values is \(16,\): \(frames, n\) is wanted"),
        ({"joined": strip("q")}, "strips are h, q, v, q, scores"),
        ({"scores": strip("s", 3, names=["yes", "no"])}, "s: there are 2 names for 3 numbers"),
        ({"scores": strip("s", 3, groups=[("a", 2)]), "chances": None, "best": 0}, "groups hold 2 of 3"),
        ({"shades": vectors(5)}, r"shades is \(3, 5\): \(frames, 2\) is wanted"),
        ({"read": vectors(2)}, "read is"),
        ({"chances": vectors(4)}, r"chances is \(3, 4\): \(frames, 2\) is wanted"),
        ({"best": 3}, "best is 3"),
        ({"words": [Word(text="so")] * 41}, "words is 41"),
    ],
)
def test_what_does_not_fit_is_named(more: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        sent(**more)
