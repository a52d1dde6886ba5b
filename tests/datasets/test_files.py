"""The registry of official image sets: what is there, what is missing, and pictures from small files of each format."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcore.datasets.cifar import FOLDER
from dlcore.datasets.files import CIFAR, IMAGE_FILES, VARIABLE, available, load
from tests.datasets.written import archive, by_python_2, folder, idx, pixels

SHADES = np.random.default_rng(1).integers(0, 256, (6, 28, 28), dtype=np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], dtype=np.uint8)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


def write_digits(place: Path, name: str = "mnist", ending: str = ".gz") -> None:
    (place / name).mkdir(parents=True)
    for beginning, take in (("train", slice(0, 4)), ("t10k", slice(4, 6))):
        for middle, values in (("images-idx3-ubyte", SHADES), ("labels-idx1-ubyte", LABELS)):
            data = idx(values[take])
            file = place / name / f"{beginning}-{middle}{ending}"
            file.write_bytes(gzip.compress(data) if ending else data)


def test_without_a_folder_nothing_is_available_and_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert set(available()) == set(IMAGE_FILES)
    assert all("DESCENT_DATA is not set" in reason for reason in available().values())
    with pytest.raises(ValueError, match="DESCENT_DATA is not set"):
        load("mnist", "train")


def test_what_is_missing_is_named_with_the_command_that_fetches_it(place: Path) -> None:
    reasons = available()
    assert "mnist/train-images-idx3-ubyte.gz: `python -m dlcore.datasets mnist`" in reasons["mnist"]
    assert "cifar-10/cifar-10-python.tar.gz: `python -m dlcore.datasets cifar-10`" in reasons["cifar-10"]
    write_digits(place)
    (place / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert "has no mnist/t10k-labels-idx1-ubyte.gz" in available()["mnist"]
    with pytest.raises(ValueError, match=r"has no mnist/t10k-labels-idx1-ubyte\.gz"):
        load("mnist", "train")


@pytest.mark.parametrize(
    ("name", "within"),
    [
        ("mnist", "mnist"),
        ("fashion-mnist", "fashion-mnist"),
        ("mnist", "MNIST/raw"),
        ("fashion-mnist", "FashionMNIST/raw"),
    ],
)
@pytest.mark.parametrize("ending", [".gz", ""])
def test_idx_files_become_pictures_from_0_to_1(place: Path, name: str, within: str, ending: str) -> None:
    write_digits(place, within, ending)
    assert available() == available() | {name: ""}
    train, test = load(name, "train"), load(name, "test")
    assert train.images.shape == (4, 1, 28, 28)
    assert (train.images.dtype, train.labels.dtype) == (torch.float32, torch.int64)
    torch.testing.assert_close(train.images[:, 0] * 255, torch.from_numpy(SHADES[:4].astype(np.float32)))
    assert train.labels.tolist() == [3, 1, 4, 1]
    assert test.labels.tolist() == [5, 9]
    assert len(train.classes) == 10


def test_files_that_were_unpacked_with_a_dot_in_their_names_are_found(place: Path) -> None:
    write_digits(place, ending="")
    for path in (place / "mnist").iterdir():
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert load("mnist", "test").labels.tolist() == [5, 9]


@pytest.mark.parametrize("where", ["cifar-10", "."])
@pytest.mark.parametrize("packed", [True, False])
def test_cifar_is_found_packed_and_unpacked(place: Path, where: str, packed: bool) -> None:
    (place / where).mkdir(exist_ok=True)
    unpacked = folder(place / where)
    if packed:
        archive(place / where, {f"{FOLDER}/{path.name}": path.read_bytes() for path in unpacked.iterdir()})
        (unpacked / "test_batch").unlink()
    assert available()["cifar-10"] == ""
    test = load("cifar-10", "test")
    torch.testing.assert_close(test.images.flatten(1) * 255, torch.from_numpy(pixels(5).astype(np.float32)))
    assert test.classes == CIFAR
    assert len(load("cifar-10", "train").labels) == 20
    assert len(load("cifar-10", "train", num=7).labels) == 7


def test_half_a_folder_of_cifar_is_not_there(place: Path) -> None:
    (place / FOLDER).mkdir()
    (place / FOLDER / "test_batch").write_bytes(by_python_2(pixels(0), [1, 2, 3, 4]))
    assert available()["cifar-10"]


@pytest.mark.parametrize(
    ("shades", "labels", "sentence"),
    [
        (SHADES[:, :, :20], LABELS, "28 × 20: they must be 28 × 28"),
        (SHADES, LABELS[:5], "4 pictures and 3 labels"),
        (SHADES, LABELS + 10, "labels must be from 0 to 9"),
    ],
)
def test_files_that_are_not_what_their_names_say_are_refused(
    place: Path, shades: np.ndarray, labels: np.ndarray, sentence: str
) -> None:
    write_digits(place)
    (place / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(idx(shades[:4]))
    (place / "mnist" / "train-labels-idx1-ubyte.gz").write_bytes(idx(labels[: len(labels) - 2]))
    with pytest.raises(ValueError, match=sentence):
        load("mnist", "train")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("emnist", "train"), "name is 'emnist'"),
        (("mnist", "validation"), "split is"),
        (("mnist", "test", 0), "num is 0"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments: tuple, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        load(*arguments)


def test_every_download_has_an_address_a_size_and_a_checksum() -> None:
    for files in IMAGE_FILES.values():
        assert files.downloads
        for download in files.downloads:
            assert all(url.endswith(f"/{download.name}") for url in download.urls)
            assert len(bytes.fromhex(download.sha256)) == 32
            assert download.size > 1000
