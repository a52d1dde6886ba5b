"""Fields of windows over windows, against what can be counted on one's fingers."""

import pytest

from dlcore.topics.convolution import receptive_field
from dlcore.topics.receptive_fields import Field, joined, pixels


def through(field: Field, *windows: tuple[int, int, int, int]) -> Field:
    for extent, stride, before, units in windows:
        field = field.under_windows(extent, stride, before, units)
    return field


def test_a_pixel_sees_itself() -> None:
    assert pixels(9) == Field(1, 1, 0, 9)
    assert pixels(9).centre == 0.5
    assert pixels(9).middle == (4, 5)


def test_three_windows_of_3_see_7_and_two_see_5() -> None:
    layer = (3, 1, 1, 32)
    assert through(pixels(32), layer, layer) == Field(5, 1, -2, 32)
    assert through(pixels(32), layer, layer, layer) == Field(7, 1, -3, 32)


def test_a_stride_counts_from_the_next_layer_on() -> None:
    # 3 with stride 2, then 3: units 2 apart, each 3 wide, three of them: 3 + 2·2.
    assert through(pixels(11), (3, 2, 0, 5), (3, 1, 0, 3)) == Field(7, 2, 0, 3)
    assert through(pixels(11), (3, 2, 0, 5), (3, 1, 0, 3)).middle == (2, 9)


@pytest.mark.parametrize(
    "layers", [[(3, 2), (3, 1)], [(7, 2), (3, 2), (3, 1)], [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]]
)
def test_the_field_is_that_of_the_window_view(layers: list[tuple[int, int]]) -> None:
    assert through(pixels(64), *((extent, stride, 0, 1) for extent, stride in layers)).size == receptive_field(layers)


def test_what_sees_all_sees_from_the_first_to_the_last() -> None:
    below = Field(3, 2, -1, 5)  # [−1, 2), [1, 4), ... [7, 10)
    assert below.under_all() == Field(11, 2, -1, 1)


def test_branches_see_what_any_of_them_sees() -> None:
    assert joined([Field(3, 1, -1, 8), Field(7, 1, -3, 8), Field(1, 1, 0, 8)]) == Field(7, 1, -3, 8)
    assert joined([Field(2, 1, 0, 8), Field(2, 1, -1, 8)]) == Field(3, 1, -1, 8)


def test_branches_that_step_differently_are_refused_unless_they_end_in_one_unit() -> None:
    with pytest.raises(ValueError, match="step over the input by 1 and by 2 pixels"):
        joined([Field(3, 1, 0, 2), Field(2, 2, 0, 2)])
    assert joined([Field(3, 1, 0, 1), Field(2, 2, 0, 1)]) == Field(3, 2, 0, 1)
