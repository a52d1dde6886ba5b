"""Bars of classes on their way to the player, and what does not fit together."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.classbars import ClassBars
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Stage, pack
from tests.figures.test_stage import read

LABELS = ("star", "ring", "house", "tree")
CHANCES = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]])


def sent(**more: Any) -> dict[str, Any]:
    given = {"key": "bars", "title": "Classes", "labels": LABELS, "values": CHANCES, "chosen": 3, **more}
    return read(pack(Stage(views=[ClassBars(**given)], num_frames=2)))["views"][0]


def test_bars_travel_with_their_numbers_and_the_roles_of_classes():
    view = sent(logits=10 * CHANCES, against=0, truth=3)
    assert (view["type"], view["area"], view["title"]) == ("classbars", "side", "Classes")
    assert (view["labels"], view["chosen"], view["against"], view["truth"]) == (list(LABELS), 3, 0, 3)
    assert np.array_equal(view["values"], CHANCES.astype(np.float32))
    assert np.array_equal(view["logits"], (10 * CHANCES).astype(np.float32))


def test_what_is_not_given_is_null():
    view = sent()
    assert (view["logits"], view["against"], view["truth"]) == (None, None, None)


def test_bars_may_explain_nothing_and_have_another_truth_in_each_frame():
    view = sent(chosen=None, truths=np.array([2, -1]), before=CHANCES, before_as="blind", most=2, strongest=2)
    assert (view["chosen"], view["truth"], view["truths"]) == (None, None, [2, -1])
    assert (view["most"], view["strongest"], view["before_as"]) == (2, 2, "blind")


def test_chances_may_still_be_to_come():
    live = Pending(name="chances", shape=(2, 4), dtype="float32")
    assert sent(values=live)["values"] == {"dtype": "float32", "shape": [2, 4], "pending": "chances"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"values": CHANCES[:, :3]}, r"values is \(2, 3\): \(frames, 4\) is wanted"),
        ({"values": CHANCES[0]}, r"values is \(4,\)"),
        ({"logits": CHANCES[:, :2]}, r"logits is \(2, 2\)"),
        ({"chosen": 4}, "chosen is 4: it must be one of the 4 classes"),
        ({"against": -1}, "against is -1"),
        ({"truth": 9}, "truth is 9"),
        ({"truths": CHANCES}, r"truths is \(2, 4\): \(frames,\) is wanted"),
        ({"strongest": 0}, "strongest is 0"),
    ],
)
def test_what_does_not_fit_is_named(more: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        sent(**more)
