"""A snapshot that has travelled says what it said, alone and stacked with others."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dlcore.training import Snapshot, stacked

DTYPES = ("float32", "float64", "uint8", "int16", "int64", "bool")
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
LAYOUTS = st.dictionaries(st.text(max_size=5), st.tuples(st.sampled_from(DTYPES), SHAPES), min_size=1, max_size=6)


def drawn(layout: dict[str, tuple[str, tuple[int, ...]]], seed: int) -> Snapshot:
    """Values of every kind, NaN and infinity among them."""
    rng = np.random.default_rng(seed)
    arrays = {name: np.asarray(100 * rng.normal(size=shape)).astype(kind) for name, (kind, shape) in layout.items()}
    for array in arrays.values():
        if array.dtype.kind == "f" and array.size > 1:
            array.flat[:2] = np.nan, -np.inf
    return Snapshot(arrays, f"said {seed}")


def travelled(snapshot: Snapshot) -> Snapshot:
    return pickle.loads(pickle.dumps(snapshot, pickle.HIGHEST_PROTOCOL))  # noqa: S301 - its own


@settings(max_examples=100)
@given(LAYOUTS)
def test_it_arrives_as_it_was_sent(layout: dict[str, tuple[str, tuple[int, ...]]]):
    sent = drawn(layout, 0)
    come = travelled(sent)
    assert come.said == "said 0"
    assert list(come.arrays) == list(sent.arrays)
    for name, value in sent.arrays.items():
        assert (come.arrays[name].dtype, come.arrays[name].shape) == (value.dtype, value.shape)
        np.testing.assert_array_equal(come.arrays[name], value)


@settings(max_examples=100)
@given(LAYOUTS, st.integers(1, 5))
def test_rows_of_many_are_those_that_numpy_stacks(layout: dict[str, tuple[str, tuple[int, ...]]], count: int):
    sent = [drawn(layout, seed) for seed in range(count)]
    for name, rows in stacked([travelled(one) for one in sent]).items():
        wanted = np.stack([one.arrays[name] for one in sent])
        assert rows.dtype == wanted.dtype
        np.testing.assert_array_equal(rows, wanted)


def test_frames_may_tell_their_numbers_in_any_order():
    one = Snapshot({"loss": np.float32(1), "norm": np.float32(2)})
    other = Snapshot({"norm": np.float32(4), "loss": np.float32(3)})
    rows = stacked([travelled(one), travelled(other)])
    assert {name: values.tolist() for name, values in rows.items()} == {"loss": [1, 3], "norm": [2, 4]}


def test_a_number_stays_one_and_what_came_may_be_written_to_without_harm():
    come = travelled(Snapshot({"loss": np.float32(0.5), "map": np.zeros((2, 3))}))
    assert type(come.arrays["loss"]) is np.float32
    copy = np.asarray(come.arrays["map"])
    copy[:] = 7
    assert not np.any(come.arrays["map"])


@pytest.mark.parametrize("scene", ["view", "transposed"])
def test_what_does_not_lie_in_one_piece_travels_too(scene: str):
    whole = np.arange(24, dtype=np.float32).reshape(4, 6)
    part = whole[::2, 1::2] if scene == "view" else whole.T
    np.testing.assert_array_equal(travelled(Snapshot({"a": part})).arrays["a"], part)
