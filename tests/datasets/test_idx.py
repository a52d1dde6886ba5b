"""The idx format: what is written comes back, and what is damaged, cut off or hostile is refused in one sentence."""

import contextlib
import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.idx import read_idx
from tests.datasets.written import idx

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("write", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_pictures_and_labels_come_back(tmp_path: Path, write: Callable[[bytes], bytes]) -> None:
    (tmp_path / "pictures").write_bytes(write(idx(PICTURES)))
    (tmp_path / "labels").write_bytes(write(idx(np.arange(5, dtype=np.uint8))))
    read = read_idx(tmp_path / "pictures", 3)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, PICTURES)
    np.testing.assert_array_equal(read_idx(tmp_path / "labels", 1), np.arange(5))


def test_the_head_is_as_the_format_says(tmp_path: Path) -> None:
    """Two pictures of 1 × 3, byte by byte."""
    head = b"\x00\x00\x08\x03" + b"\x00\x00\x00\x02" + b"\x00\x00\x00\x01" + b"\x00\x00\x00\x03"
    (tmp_path / "file").write_bytes(head + b"abcdef")
    assert read_idx(tmp_path / "file", 3).tolist() == [[[97, 98, 99]], [[100, 101, 102]]]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is no idx file"),
        (b"<html>Not found</html>", "is no idx file"),
        (b"\0\0\x0d\x03" + bytes(12), "type 13"),
        (idx(np.zeros(3, np.uint8)), "has 1 axes"),
        (b"\0\0\x08\x03\0\0", "cut off within its head"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "it must be from 1 to"),
        (b"\0\0\x08\x03" + bytes(12), "says it holds 0 bytes"),
        (idx(PICTURES)[:-1], "says it holds 3920 bytes and holds 3919"),
        (idx(PICTURES) + b"x", "holds more"),
        (gzip.compress(idx(PICTURES))[:-9], "damaged or cut off"),
        (gzip.compress(idx(PICTURES))[:200] + b"\0" * 900, "damaged or cut off"),
        (b"\x1f\x8bnonsense", "damaged or cut off"),
        (gzip.compress(idx(PICTURES)[:16] + bytes(10**7)), "holds more"),
    ],
)
def test_what_is_no_such_file_is_refused_by_its_name(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "some-file").write_bytes(data)
    with pytest.raises(ValueError, match=sentence) as refusal:
        read_idx(tmp_path / "some-file", 3)
    assert "some-file" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="absent cannot be read: No such file"):
        read_idx(tmp_path / "absent", 3)
    with pytest.raises(ValueError, match="cannot be read"):
        read_idx(tmp_path, 3)


@given(position=st.integers(0, 300), value=st.integers(0, 255), compress=st.booleans())
def test_a_changed_byte_gives_an_array_or_a_value_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, compress: bool
) -> None:
    data = bytearray(gzip.compress(idx(PICTURES[:1, :10, :20])) if compress else idx(PICTURES[:1, :10, :20]))
    data[position % len(data)] = value
    path = tmp_path_factory.mktemp("changed") / "file"
    path.write_bytes(data)
    with contextlib.suppress(ValueError):
        assert read_idx(path, 3).dtype == np.uint8
