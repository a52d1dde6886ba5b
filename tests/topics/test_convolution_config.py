"""Scenes of a sliding window: changes by hand are read and written alike, and what cannot be drawn is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import (
    LARGEST,
    MOST_EDITS,
    MOST_SIZE,
    Edit,
    WindowConfig,
    name_of,
    read_edits,
    read_name,
    with_edit,
)
from dlcore.topics.pooling import Pool

edits = st.builds(
    Edit,
    st.sampled_from("xwg"),
    st.lists(st.integers(0, 40), min_size=1, max_size=4).map(tuple),
    st.floats(-LARGEST, LARGEST, allow_subnormal=False).map(lambda value: float(f"{value:.8g}")),
)


@given(edits)
def test_a_change_is_read_as_it_was_written(edit: Edit) -> None:
    assert read_edits(str(edit)) == (edit,)
    assert read_name(name_of(edit.letter, edit.place)) == (edit.letter, edit.place)


@given(st.lists(edits, max_size=8))
def test_a_cell_has_the_value_it_was_given_last(several: list[Edit]) -> None:
    text = ""
    for edit in several:
        text = with_edit(text, edit)
    assert {edit[:2]: edit.value for edit in read_edits(text)} == {edit[:2]: edit.value for edit in several}
    assert len(read_edits(text)) == len({edit[:2] for edit in several})


@pytest.mark.parametrize("text", ["x0.0=−1.5", " X0.0 = -1.5 ;", ",x0.0=-15e-1,"])
def test_signs_spaces_and_commas_do_not_matter(text: str) -> None:
    assert read_edits(text) == (Edit("x", (0, 0), -1.5),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("y0=1", "“y0=1” is not understood"),
        ("x0", "“x0” is not understood"),
        ("x0=one", "“x0=one” is not understood"),
        ("x0=1e9", "“x0=1e9” is too large"),
        ("x0=nan", "“x0=nan” is not understood"),
        (", ".join(f"x{i}=1" for i in range(MOST_EDITS + 1)), f"{MOST_EDITS + 1} changes by hand are too many"),
    ],
)
def test_what_is_no_change_is_said_so(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        WindowConfig(edits=text)


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (Conv(size=(MOST_SIZE + 1, 5), kernel=(3, 3)), "the input's size is 25"),
        (Conv(size=(24, 24), kernel=(1, 1), out_channels=6), "The output has 3,456 cells"),
        (Conv(size=(24, 24), kernel=(9, 9), padding="half", in_channels=2), "multiplications"),
        (Conv(size=(5, 5), kernel=(3, 3), in_channels=7), "the number of input maps is 7"),
    ],
)
def test_what_is_too_large_to_be_read_is_refused(layer: Conv, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        WindowConfig(layer=layer)


def test_a_gradient_that_is_too_large_to_be_watched_is_refused() -> None:
    layer = Conv(size=(24, 24), kernel=(2, 2), stride=(2, 2), in_channels=3)
    assert WindowConfig(layer=layer).layer == layer
    with pytest.raises(ValueError, match="The result has 1,728 cells"):
        WindowConfig(layer=layer, direction="input")


def test_pooling_has_no_weights_to_be_differentiated() -> None:
    with pytest.raises(ValueError, match="Pooling has no weights"):
        WindowConfig(layer=Pool(), direction="weight")
