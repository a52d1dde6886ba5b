"""The reader's hand in the picture of the lesson on overfitting: widths, layers, weights, points."""

import pytest

from dlcore.datasets.points_given import MOST_IN_TEXT, REACH, read_points_text
from dlcore.topics.overfitting_config import MOST_LAYERS, MOST_UNITS, OverfittingConfig
from dlcore.ui.overfitting_hands import WIDTHS, next_width, reshaped, with_change
from dlcore.ui.overfitting_points import few, with_point


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("layer+", (8, 4, 4)),
        ("layer-", (8,)),
        ("units+1", (12, 4)),
        ("units-2", (8, 3)),
        ("units+3", (8, 4)),
        ("units+", (8, 4)),
        ("units+0", (8, 4)),
        ("nonsense", (8, 4)),
    ],
)
def test_a_button_changes_one_layer_or_their_number(name: str, after: tuple[int, ...]) -> None:
    assert reshaped((8, 4), name) == after


def test_layers_end_at_none_and_at_the_most() -> None:
    assert reshaped((), "layer-") == ()
    assert len(reshaped((), "layer+")) == 1
    full = (3,) * MOST_LAYERS
    assert reshaped(full, "layer+") == full


@pytest.mark.parametrize("width", [1, 2, 7, 50, 100, 200, MOST_UNITS])
def test_wider_and_narrower_lead_to_the_next_width_within_the_limits(width: int) -> None:
    wider, narrower = next_width(width, up=True), next_width(width, up=False)
    assert wider > width or width == MOST_UNITS
    assert narrower < width or width == 1
    assert not [other for other in WIDTHS if narrower < other < width or width < other < wider]


def test_a_weight_changed_again_at_the_same_step_has_its_last_value_only() -> None:
    text = with_change("", "aw1.0.1", 0.5, 120)
    text = with_change(text, "bw1.0.1", 0.25, 120)
    text = with_change(text, "aw1.0.1", -1.5, 120)
    text = with_change(text, "aw1.0.1", 2, 200)
    config = OverfittingConfig(hidden=(4,), edits=text)
    assert [tuple(edit) for edit in config.a()[0].edits] == [(120, "w1.0.1", -1.5), (200, "w1.0.1", 2)]
    assert [tuple(edit) for edit in config.b()[0].edits] == [(120, "w1.0.1", 0.25)]


def test_a_rate_changed_by_hand_stays_beside_a_weight() -> None:
    text = with_change("alr=0.03@200", "ab2.0", 0.125, 0)
    config = OverfittingConfig(edits=text)
    assert {edit.name: edit.value for edit in config.a()[0].edits} == {"lr": 0.03, "b2.0": 0.125}


def test_a_painted_point_is_in_the_text_that_a_link_holds() -> None:
    text = with_point("0.5,-1,0", 1.23456, 2, 3)
    assert [tuple(point) for point in read_points_text(text)] == [(0.5, -1, 0), (1.235, 2, 3)]


def test_what_cannot_be_painted_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="beside the picture"):
        with_point("", REACH + 0.1, 0, 0)
    full = "; ".join(["1,1,0"] * MOST_IN_TEXT)
    with pytest.raises(ValueError, match="no room for more"):
        with_point(full, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "is_few"),
    [
        ("", True),
        ("0,0,0; 1,1,1; 2,2,1", True),
        ("0,0,0; 1,1,0; 2,2,0; 1,2,0", True),
        ("0,0,0; 1,1,0; 2,2,1; 1,2,0", False),
        ("nonsense", False),
    ],
)
def test_painting_goes_on_until_there_are_enough_points_of_two_classes(text: str, is_few: bool) -> None:
    assert few(text) == is_few
