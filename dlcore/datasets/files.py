"""The official image sets, where the host has them: which there are, what is missing, and how one is loaded.

Knows the folder that the environment variable DESCENT_DATA names, and nothing of what is made of the pictures. A
lesson never fetches anything: `python -m dlcore.datasets` does, when the host runs it.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.cifar import BATCHES, read_cifar
from dlcore.datasets.cifar import FOLDER as CIFAR_FOLDER
from dlcore.datasets.download import Download
from dlcore.datasets.idx import read_idx

VARIABLE = "DESCENT_DATA"
SPLITS = ("train", "test")
MOST_IMAGES = 60_000
FASHION = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
Arrays = tuple[np.ndarray, np.ndarray]  # images (images, channels, height, width) and labels (images,)


class Images(NamedTuple):
    """A split of an image set."""

    images: Tensor  # (images, channels, height, width), float32, 0 to 1
    labels: Tensor  # (images,), int64, places in classes
    classes: tuple[str, ...]


class ImageFiles(NamedTuple):
    """An image set: its title and classes, how one picture is shaped, and how the host's folder gives a split."""

    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]  # channels, height, width
    read: Callable[[Path, str], Arrays]  # of the host's folder, and a split
    missing: Callable[[Path], str]  # the first file that the folder does not have, or ""
    folder: str  # within the host's: where its downloads lie
    downloads: tuple[Download, ...]


def folder() -> Path | None:
    """The host's folder for data: what DESCENT_DATA names, if it is set."""
    named = os.environ.get(VARIABLE, "").strip()
    return Path(named).expanduser() if named else None


def available() -> dict[str, str]:
    """For each image set why it cannot be loaded, or "": whether its files are there, not whether they are sound."""
    return {name: _reason(name) for name in IMAGE_FILES}


def _reason(name: str) -> str:
    place = folder()
    if place is None:
        return f"{VARIABLE} is not set: the host names with it the folder that has the pictures."
    missing = IMAGE_FILES[name].missing(place)
    return f"{place} has no {missing}: `python -m dlcore.datasets {name}` fetches it." if missing else ""


def load(name: str, split: str, num: int = MOST_IMAGES) -> Images:
    """The first `num` pictures of a split, "train" or "test"; read anew each time.

    Raises: ValueError: one sentence on what is unknown, missing or damaged.
    """
    require.one_of("name", name, IMAGE_FILES)
    require.one_of("split", split, SPLITS)
    require.whole("num", num, 1, MOST_IMAGES)
    place, reason = folder(), _reason(name)
    if place is None or reason:
        raise ValueError(reason)
    files = IMAGE_FILES[name]
    images, labels = files.read(place, split)
    pixels = torch.from_numpy(images[:num].astype(np.float32) / 255)
    return Images(pixels, torch.from_numpy(labels[:num].astype(np.int64)), files.classes)


#: How the files of a split begin.
BEGINNINGS = {"train": "train", "test": "t10k"}
#: Where the files may lie, as they are published, and as torchvision keeps them.
FOLDERS = {"mnist": ("mnist", "MNIST/raw"), "fashion-mnist": ("fashion-mnist", "FashionMNIST/raw")}
CIFAR_PLACES = ("cifar-10/cifar-10-python.tar.gz", f"cifar-10/{CIFAR_FOLDER}", "cifar-10-python.tar.gz", CIFAR_FOLDER)


def _idx_file(place: Path, name: str, split: str, ending: str) -> Path | None:
    """A file such as train-images-idx3-ubyte, compressed or not; some unpackers write a dot for its second dash."""
    stem = f"{BEGINNINGS[split]}-{ending}"
    variants = (f"{stem}.gz", stem, stem.replace("-idx", ".idx"))
    candidates = (place / within / variant for within in FOLDERS[name] for variant in variants)
    return next((path for path in candidates if path.is_file()), None)


def _idx_missing(name: str, place: Path) -> str:
    endings = ((split, ending) for split in SPLITS for ending in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    absent = (
        f"{name}/{BEGINNINGS[split]}-{ending}.gz"
        for split, ending in endings
        if not _idx_file(place, name, split, ending)
    )
    return next(absent, "")


def _read_idx(name: str, place: Path, split: str) -> Arrays:
    images, labels = (read_idx(path, axes) for path, axes in zip(_idx_pair(place, name, split), (3, 1), strict=True))
    if images.shape[1:] != (28, 28):
        raise ValueError(f"The pictures of {name} are {images.shape[1]} × {images.shape[2]}: they must be 28 × 28.")
    if len(images) != len(labels):
        raise ValueError(f"{name} has {len(images)} pictures and {len(labels)} labels: it must have as many of both.")
    if labels.max() > 9:
        raise ValueError(f"{name} has the label {labels.max()}: labels must be from 0 to 9.")
    return images[:, None], labels


def _idx_pair(place: Path, name: str, split: str) -> Iterator[Path]:
    for ending in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        path = _idx_file(place, name, split, ending)
        if path is None:  # it was there a moment ago
            raise ValueError(f"{place} has no {BEGINNINGS[split]}-{ending} of {name}.")
        yield path


def _cifar_place(place: Path) -> Path | None:
    """The archive, or a folder with all batches."""
    batches = [batch for split in SPLITS for batch in BATCHES[split]]
    for candidate in (place / within for within in CIFAR_PLACES):
        if candidate.is_file() or all((candidate / batch).is_file() for batch in batches):
            return candidate
    return None


def _cifar_missing(place: Path) -> str:
    return "" if _cifar_place(place) else CIFAR_PLACES[0]


def _read_cifar(place: Path, split: str) -> Arrays:
    path = _cifar_place(place)
    if path is None:  # it was there a moment ago
        raise ValueError(f"{place} has no {CIFAR_PLACES[0]}.")
    return read_cifar(path, split)


def _downloads(mirrors: tuple[str, ...], files: dict[str, tuple[int, str]]) -> tuple[Download, ...]:
    """Files that lie side by side at each of some addresses: name -> size and checksum."""
    return tuple(
        Download(name, size, sha256, tuple(f"{mirror}/{name}" for mirror in mirrors))
        for name, (size, sha256) in files.items()
    )


MNIST_DOWNLOADS = _downloads(
    ("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"),
    {
        "train-images-idx3-ubyte.gz": (9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        "train-labels-idx1-ubyte.gz": (28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        "t10k-images-idx3-ubyte.gz": (1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        "t10k-labels-idx1-ubyte.gz": (4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    },
)
FASHION_DOWNLOADS = _downloads(
    (
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    ),
    {
        "train-images-idx3-ubyte.gz": (26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        "train-labels-idx1-ubyte.gz": (29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        "t10k-images-idx3-ubyte.gz": (4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        "t10k-labels-idx1-ubyte.gz": (5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    },
)
CIFAR_DOWNLOADS = _downloads(
    ("https://www.cs.toronto.edu/~kriz",),
    {"cifar-10-python.tar.gz": (170498071, "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce")},
)


def _idx_files(name: str, title: str, classes: tuple[str, ...], downloads: tuple[Download, ...]) -> ImageFiles:
    missing, read = partial(_idx_missing, name), partial(_read_idx, name)
    return ImageFiles(title, classes, (1, 28, 28), read, missing, FOLDERS[name][0], downloads)


IMAGE_FILES: dict[str, ImageFiles] = {
    "mnist": _idx_files("mnist", "MNIST", tuple("0123456789"), MNIST_DOWNLOADS),
    "fashion-mnist": _idx_files("fashion-mnist", "Fashion-MNIST", FASHION, FASHION_DOWNLOADS),
    "cifar-10": ImageFiles("CIFAR-10", CIFAR, (3, 32, 32), _read_cifar, _cifar_missing, "cifar-10", CIFAR_DOWNLOADS),
}
