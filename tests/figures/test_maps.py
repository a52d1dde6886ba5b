"""Maps of a picture: none lies on another, all of a block are alike, and cells are as large as they can be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.figures.maps import FLAT, SPACE, Block, Place, Point, arrange

blocks = st.lists(
    st.builds(Block, st.integers(1, 6), st.integers(1, 20), st.integers(1, 20), st.just(0), st.just(False)),
    min_size=1,
    max_size=3,
)


def box(place: Place, block: Block, origin: Point) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a map."""
    corners = [
        (origin[0] + c * place.right[0] + r * place.down[0], origin[1] + c * place.right[1] + r * place.down[1])
        for r in (0, block.rows)
        for c in (0, block.cols)
    ]
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def apart(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@given(blocks, st.sampled_from([FLAT, SPACE]))
@settings(max_examples=100)
def test_no_map_lies_on_another_and_all_have_room_for_a_caption(
    several: list[Block], look: tuple[Point, Point]
) -> None:
    for narrow in (False, True):
        boxes = [
            box(place, block, place.narrow if narrow else place.origin)
            for block, places in zip(several, arrange(several, look), strict=True)
            for place in places
        ]
        assert len(boxes) == sum(block.count for block in several)
        assert all(top >= 0.9 - 1e-9 and left >= -1e-9 for left, top, _, _ in boxes)
        assert all(apart(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_one_map_each_lie_side_by_side_on_one_line() -> None:
    (x,), (w,), (y,) = arrange([Block(1, 9, 9), Block(1, 3, 3), Block(1, 7, 7)])
    assert x.origin[0] + 9 < w.origin[0] < w.origin[0] + 3 < y.origin[0]
    middles = {round(place.origin[1] + n / 2, 6) for place, n in ((x, 9), (w, 3), (y, 7))}
    assert len(middles) == 1


def test_on_a_phone_the_ground_is_above_and_kernel_and_result_share_a_line_where_they_fit() -> None:
    (x,), (w,), (y,) = arrange([Block(1, 12, 12), Block(1, 3, 3), Block(1, 5, 5)])
    assert x.narrow[1] + 12 < min(w.narrow[1], y.narrow[1])
    assert w.narrow[0] + 3 < y.narrow[0]


@pytest.mark.parametrize("count", [4, 6])
def test_several_maps_are_wrapped_so_that_cells_stay_large(count: int) -> None:
    places = arrange([Block(count, 8, 8), Block(1, 3, 3), Block(1, 6, 6)])[0]
    assert len({place.origin[0] for place in places}) > 1


def test_a_wide_matrix_lies_below_and_a_tall_one_beside() -> None:
    for rows, cols in ((4, 36), (36, 4)):
        (x,), (matrix,) = arrange([Block(1, 6, 6), Block(1, rows, cols, below=True)])
        assert (matrix.origin[1] >= x.origin[1] + 6) == (cols > rows)
        assert (matrix.origin[0] >= x.origin[0] + 6) == (rows > cols)
