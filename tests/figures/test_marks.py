"""Marks on the scrubber and words for numbers on their way to the player, and what does not fit."""

from typing import Any

import numpy as np
import pytest

from dlcore.figures.classbars import ClassBars
from dlcore.figures.marks import Mark
from dlcore.figures.pending import Pending
from dlcore.figures.stage import Readout, Stage, pack
from dlcore.figures.tiles import Tile, Tiles
from tests.figures.test_stage import read

FRAMES = 3
PICTURE = np.zeros((1, 2, 2, 3), np.uint8)
ANSWERS = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], np.float32)


def sent(**more: Any) -> dict[str, Any]:
    tile = Tile(key="picture", title="The picture", values=PICTURE, kind="picture", **more.pop("tile", {}))
    view = Tiles(key="tiles", title="Pictures", tiles=[tile])
    return read(pack(Stage(views=[view], num_frames=FRAMES, **more)))


def test_a_mark_travels_with_its_words() -> None:
    (mark,) = sent(marks=[Mark(at=np.array([1.5]), text="fooled from ε")])["marks"]
    assert (mark["at"], mark["text"]) == ([1.5], "fooled from ε")


def test_a_mark_may_be_to_come_or_never_come() -> None:
    live = Pending(name="least", shape=(FRAMES,), dtype="float32")
    awaited, never = sent(marks=[Mark(at=live, text="later"), Mark(at=np.array([np.nan]), text="never")])["marks"]
    assert awaited["at"] == {"dtype": "float32", "shape": [FRAMES], "pending": "least"}
    assert never["at"] == [None]


def test_a_mark_that_says_more_than_one_number_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match=r"least: at is \(3, 2\): \(frames,\) is wanted"):
        sent(marks=[Mark(at=np.zeros((FRAMES, 2)), text="least")])


def test_a_readout_travels_with_its_words() -> None:
    readout = Readout(label="outcome", colour="", values=np.array([0, 1, 1]), words=("holds", "fooled"))
    (told,) = sent(readouts=[readout])["readouts"]
    assert (told["values"], told["words"]) == ([0, 1, 1], ["holds", "fooled"])


def test_a_tile_travels_with_the_answers_to_it() -> None:
    (tile,) = sent(tile={"answers": ANSWERS, "words": ("ring", "star")})["views"][0]["tiles"]
    np.testing.assert_array_equal(np.array(tile["answers"], np.float32), ANSWERS)
    assert tile["words"] == ["ring", "star"]


@pytest.mark.parametrize(
    ("tile", "said"),
    [
        ({"answers": ANSWERS, "words": ("ring",)}, r"picture: answers is \(3, 2\), and there are 1 words"),
        ({"answers": ANSWERS[0], "words": ("ring", "star")}, r"answers is \(2,\) float32: \(frames, words\) is wanted"),
    ],
)
def test_answers_that_do_not_fit_their_words_are_refused(tile: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sent(tile=tile)


def test_bars_travel_with_what_they_were_before_and_what_is_asked_of_them() -> None:
    bars = ClassBars(key="bars", title="Classes", labels=("ring", "star"), values=ANSWERS, chosen=0, before=ANSWERS[:1])
    view = read(pack(Stage(views=[bars], num_frames=FRAMES)))["views"][0]
    np.testing.assert_array_equal(np.array(view["before"], np.float32), ANSWERS[:1])
    assert (view["chosen_as"], view["ask"]) == ("explained", "Explain")


def test_bars_of_other_classes_are_nothing_to_compare_with() -> None:
    with pytest.raises(ValueError, match=r"before is \(3, 3\): \(frames, 2\) is wanted"):
        pack(
            Stage(
                views=[
                    ClassBars(
                        key="bars", title="", labels=("a", "b"), values=ANSWERS, chosen=0, before=np.zeros((FRAMES, 3))
                    )
                ]
            )
        )
