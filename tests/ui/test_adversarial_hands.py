"""What a hand does in the pictures of the lesson on adversarial examples becomes controls."""

from typing import Any, cast

import pytest

from dlcore.datasets.objects import CLASSES
from dlcore.ui import adversarial_hands
from dlcore.ui.adversarial_rail import DEFAULTS
from dlcore.ui.controls import Controls

DIGITS = tuple("0123456789")


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 5, **values}

    def set(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= values

    def restart(self, **values: Any) -> None:
        self.set(**values, step=0)

    def present(self, name: str) -> Any:
        return self.values[name]

    def say(self, word: str, *said: Any, classes: tuple[str, ...] = CLASSES) -> dict[str, Any]:
        """What is not as in the opening scene once the player has said this."""
        adversarial_hands.listeners(cast("Controls", self), classes)[f"on_{word}"](*said)
        return {name: value for name, value in self.values.items() if value != DEFAULTS[name]}


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ({}, "class3", {"aim": "boat"}),
        ({"aim": "boat"}, "class3", {}),
        ({"aim": "boat"}, "class1", {"aim": "star"}),
        ({"seed": 3}, "pick.boat.7", {"shape": "boat", "seed": 7}),
        ({"kind": "photo", "aim": "star", "selected": "delta"}, "pick.tree.0", {"shape": "tree"}),
    ],
)
def test_a_click_begins_anew(before: dict[str, Any], key: str, after: dict[str, Any]) -> None:
    boat = CLASSES.index("boat")
    assert Rail(**before).say("select", key.replace("class3", f"class{boat}")) == after


def test_classes_are_those_of_the_network_on_screen() -> None:
    assert Rail().say("select", "class7", classes=DIGITS) == {"aim": "7"}


@pytest.mark.parametrize(("key", "classes"), [("class10", CLASSES), ("class999", CLASSES), ("class0", ())])
def test_a_class_that_there_is_not_is_not_aimed_at(key: str, classes: tuple[str, ...]) -> None:
    assert Rail(aim="star").say("select", key, classes=classes) == {"aim": "star", "step": 5}


@pytest.mark.parametrize("key", ["delta", "noise.attacked", "picture", "classic", "batch3"])
def test_a_click_on_a_picture_selects_it_and_computes_nothing(key: str) -> None:
    assert Rail().say("select", key) == {"selected": key, "step": 5}


def test_selecting_nothing_lets_go() -> None:
    assert Rail(selected="delta").say("select", "") == {"step": 5}


@pytest.mark.parametrize(
    ("point", "kept"),
    [((20.04, 99.96), (20.0, 100.0)), ((-3.0, 300.0), (0.0, 255.0)), ((1e9, -1e9), (255.0, 0.0))],
)
def test_a_point_of_the_plane_stays_in_it(point: tuple[float, float], kept: tuple[float, float]) -> None:
    assert Rail().say("pick", *point) == dict(zip("xy", kept, strict=True))
