"""CIFAR-10's batches: as Python 2 and Python 3 write them, and no file, however hostile, is ever run."""

import contextlib
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.cifar import BATCHES, FOLDER, read_cifar
from dlcore.datasets.pickled import Made, Name, describe
from tests.datasets.written import ROWS, Write, archive, by_python_2, folder, pixels


def by_python_3(protocol: int) -> Write:
    def write(data: np.ndarray, labels: list[int]) -> bytes:
        return pickle.dumps({b"batch_label": b"one", b"labels": labels, b"data": data}, protocol=protocol)

    return write


WRITERS = {"python 2": by_python_2} | {f"protocol {number}": by_python_3(number) for number in (2, 3, 4)}


CHANNELS = np.repeat(np.arange(3, dtype=np.uint8), 1024)


@pytest.mark.filterwarnings("ignore:numpy.core")
def test_pythons_own_reader_finds_the_same_in_a_file_written_as_the_official_ones() -> None:
    ours = by_python_2(pixels(0), [6, 9, 9, 4])
    batch = pickle.loads(ours, encoding="bytes")  # noqa: S301  -- written in the line above
    np.testing.assert_array_equal(batch[b"data"], pixels(0))
    assert batch[b"labels"] == [6, 9, 9, 4]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_batches_come_back_in_their_order(tmp_path: Path, write: Write) -> None:
    place = folder(tmp_path, write)
    images, labels = read_cifar(place, "train")
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, np.concatenate([pixels(k) for k in range(5)]).reshape(20, 3, 32, 32))
    assert labels.tolist() == [(k + row) % 10 for k in range(5) for row in range(ROWS)]
    images, labels = read_cifar(place, "test")
    np.testing.assert_array_equal(images.reshape(ROWS, -1), pixels(5))
    assert labels.tolist() == [5, 6, 7, 8]


def test_a_row_is_red_then_green_then_blue_each_line_by_line(tmp_path: Path) -> None:
    """As the set's page says."""
    place = folder(tmp_path, lambda data, labels: by_python_2(0 * data + CHANNELS, labels))
    images, _ = read_cifar(place, "test")
    assert [(images[0, channel] == channel).all() for channel in range(3)] == [True] * 3


def test_an_array_in_columns_comes_back_too(tmp_path: Path) -> None:
    place = folder(tmp_path, lambda data, labels: by_python_3(2)(np.asfortranarray(data), labels))
    np.testing.assert_array_equal(read_cifar(place, "test")[0].reshape(ROWS, -1), pixels(5))


def test_the_archive_gives_what_the_folder_gives(tmp_path: Path) -> None:
    place = folder(tmp_path)
    members = {f"{FOLDER}/{path.name}": path.read_bytes() for path in sorted(place.iterdir(), reverse=True)}
    path = archive(tmp_path, {f"{FOLDER}/readme.html": b"hello"} | members)
    for split in BATCHES:
        for ours, theirs in zip(read_cifar(path, split), read_cifar(place, split), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert sorted(file.name for file in tmp_path.iterdir()) == [FOLDER, path.name]  # nothing is unpacked


class Harm:
    """What runs a command when it is loaded."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple:
        import os

        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_that_would_run_a_command_runs_nothing(tmp_path: Path, protocol: int) -> None:
    witness = tmp_path / "witness"
    data = pickle.dumps({b"labels": [1], b"data": Harm(f"touch {witness}")}, protocol=protocol)
    place = folder(tmp_path)
    (place / "test_batch").write_bytes(data)
    with pytest.raises(ValueError, match="test_batch is no batch of CIFAR-10"):
        read_cifar(place, "test")
    assert not witness.exists()
    pickle.loads(data)  # noqa: S301  -- which shows that it would
    assert witness.exists()


def test_calls_are_described_not_made() -> None:
    described = describe(pickle.dumps([Harm("exit 1"), 3, (b"a", None, True)], protocol=2))
    call, *rest = described
    assert isinstance(call, Made)
    assert (call.by.name, call.of) == ("system", ("exit 1",))
    assert rest == [3, (b"a", None, True)]
    assert describe(pickle.dumps({"a": [1, 2, -3], "b": 2**40}, protocol=4)) == {"a": [1, 2, -3], "b": 2**40}
    assert Name("os", "system") == Name(module="os", name="system")


LABELS = list(range(ROWS))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no pickle"),
        (b"<html>", "no pickle"),
        (by_python_2(pixels(0), LABELS)[:-100], "no pickle"),
        (pickle.dumps([1, 2], protocol=2), "it holds no dict"),
        (pickle.dumps({b"labels": LABELS}, protocol=2), "it has no 'data'"),
        (by_python_3(2)(pixels(0), [*LABELS[:3], 10]), "whole numbers from 0 to 9"),
        (by_python_3(2)(pixels(0), [*LABELS, 1]), "4 pictures and 5 labels"),
        (by_python_3(2)(pixels(0)[:, :3000], LABELS), "3072 columns"),
        (by_python_3(2)(pixels(0).astype(np.float32), LABELS), "no array of bytes"),
        (by_python_3(2)(np.array([[None] * 3072]), [1]), "no array of bytes"),
        (pickle.dumps({b"labels": LABELS, b"data": b"x" * 3072}, protocol=3), "no array of bytes"),
        (by_python_2(pixels(0), LABELS).replace(b"K\x01M\x04\x00", b"K\x01M\x05\x00"), "where 5 pictures"),
        (b"\x80\x02" + b"]" * 200_001 + b".", "no pickle"),
        (b"\x80\x02}r\xff\xff\xff\x7f.", "it has no 'data'"),  # memory for two thousand million places
        (b"\x80\x02U\x01aR.", "no pickle"),
        (b"\x80\x02R.", "no pickle"),
        (b"\x80\x02K\x01(e.", "no pickle"),
        (b"\x80\x02}(]K\x01u.", "no pickle"),
        (b"\x80\x02}K\x01K\x02s.", "no pickle"),
        (b"\x80\x02h\x05.", "no pickle"),
    ],
)
def test_what_is_no_batch_is_refused_by_its_name(tmp_path: Path, data: bytes, sentence: str) -> None:
    place = folder(tmp_path)
    (place / "test_batch").write_bytes(data)
    with pytest.raises(ValueError, match=sentence) as refusal:
        read_cifar(place, "test")
    assert "test_batch" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@given(position=st.integers(0, 400), value=st.integers(0, 255))
def test_a_changed_byte_gives_pictures_or_a_value_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    data = bytearray(by_python_2(pixels(0)[:1], [3]))
    data[position if position < 250 else position - 400] = value  # its head or its tail
    place = tmp_path_factory.mktemp("changed")
    (place / "test_batch").write_bytes(data)
    with contextlib.suppress(ValueError):
        assert read_cifar(place, "test")[0].shape == (1, 3, 32, 32)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: data[: len(data) // 2], "damaged or cut off"),
        (lambda data: b"no archive", "damaged or cut off"),
        (lambda data: b"", "damaged or cut off"),
    ],
)
def test_a_damaged_archive_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes], sentence: str) -> None:
    place = folder(tmp_path)
    path = archive(tmp_path, {f"{FOLDER}/{name}": (place / name).read_bytes() for name in BATCHES["train"]})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=sentence):
        read_cifar(path, "train")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no cifar-10-batches-py/test_batch: it must be the official archive"):
        read_cifar(archive(tmp_path, {"../../etc/passwd": b"x", "readme": b"y"}), "test")
    with pytest.raises(ValueError, match="more than 20 members"):
        read_cifar(archive(tmp_path, {f"file{k}": b"" for k in range(30)}), "test")
    with pytest.raises(ValueError, match=r"huge has 41 MB: a batch has at most 40"):
        read_cifar(archive(tmp_path, {"huge": bytes(41 * 2**20)}), "test")


def test_a_member_that_is_no_file_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "links.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        link = tarfile.TarInfo(f"{FOLDER}/test_batch")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    with pytest.raises(ValueError, match="has no cifar-10-batches-py/test_batch"):
        read_cifar(path, "test")


def test_a_folder_without_its_batches_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        read_cifar(tmp_path, "test")
