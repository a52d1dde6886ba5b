"""Networks trained on ImageNet's photographs, where this machine has torchvision and a file of their weights.

Knows where to look and what to trust; loads nothing from outside. A file is one of torchvision's own, whose name ends
in the beginning of its SHA-256, or a safetensors file: reading either runs no code of the file.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn

from dlcore import checkpoints, manifest, require
from dlcore.photo_nets import PhotoResNet, PhotoTransformer

#: The environment variable that names a folder with weights; torch's own cache is looked through as well.
VARIABLE = "DESCENT_WEIGHTS"
SHAPE = (3, 224, 224)  # of an image: channels, height, width
NUM_CLASSES = 1000
MOST_BYTES = 500 * 2**20
NO_TORCHVISION = "torchvision is not installed."
NO_FIT = "The installed torchvision does not fit this PyTorch: both must be of one release and one build."


@dataclass(frozen=True, kw_only=True)
class Photographic:
    """A network of the menu."""

    title: str
    file: str  # torchvision's own: <name>-<the beginning of its SHA-256>.pth
    rebuilt: Callable[[Any], nn.Module]  # from torchvision's network one that is open to lessons


NETWORKS: dict[str, Photographic] = {
    "resnet18": Photographic(title="ResNet-18", file="resnet18-f37072fd.pth", rebuilt=PhotoResNet),
    "vit_b_16": Photographic(title="Vision transformer B/16", file="vit_b_16-c867db91.pth", rebuilt=PhotoTransformer),
}


def choices() -> dict[str, str]:
    """The networks by key, and for each what is missing, one sentence: "" for those that can be chosen."""
    return {key: _missing(key) for key in NETWORKS}


def classes(key: str) -> tuple[str, ...]:
    """The thousand classes, as torchvision names them.

    Raises: ValueError, one sentence, for an unknown key or where torchvision is missing.
    """
    require.one_of("model", key, NETWORKS)
    if fault := _torchvision_fault():
        raise ValueError(fault)
    from torchvision.models import get_model_weights

    return tuple(next(iter(get_model_weights(key))).meta["categories"])


@cache
def network(key: str) -> nn.Module:
    """The trained network: one for all sessions, to be asked, and never to be hooked or changed.

    Raises: ValueError, one sentence, for an unknown key, what is missing, and a file that cannot be trusted.
    """
    require.one_of("model", key, NETWORKS)
    if missing := _missing(key):
        raise ValueError(missing)
    from torchvision.models import get_model

    path = weight_file(key)
    assert path is not None  # nothing is missing
    with torch.device("meta"):  # neither draws nor keeps weights that would be replaced at once
        net = get_model(key)
    checkpoints.fill(net, read(path), path.name)
    return NETWORKS[key].rebuilt(net).eval()


def weight_file(key: str) -> Path | None:
    """The file of a network's weights on this machine: in the folder named by DESCENT_WEIGHTS, or in torch's cache."""
    folders = [Path(torch.hub.get_dir()) / "checkpoints"]
    if named := os.environ.get(VARIABLE, "").strip():
        folders.insert(0, Path(named))
    names = (NETWORKS[key].file, f"{key}.safetensors")
    return next((path for folder in folders for name in names if (path := folder / name).is_file()), None)


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file.

    Raises: ValueError, one sentence, for a file that is damaged or not what its name says.
    """
    if path.suffix == ".safetensors":
        return checkpoints.read(path, MOST_BYTES)[1]
    wanted = path.stem.rpartition("-")[2]
    if not manifest.checksum(path).startswith(wanted):
        raise ValueError(f"{path.name} is damaged: its SHA-256 must begin with {wanted}.")
    try:  # the checksum has said whose file it is, and even so nothing but tensors and containers is unpickled
        tensors = torch.load(path, map_location="cpu", weights_only=True)  # noqa: TID251
    except (UnpicklingError, RuntimeError, EOFError) as fault:
        raise ValueError(f"{path.name} is no file of weights.") from fault
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise ValueError(f"{path.name} has more than weights: it must be a dictionary of tensors.")
    return tensors


def _missing(key: str) -> str:
    if weight_file(key) is None:
        file = NETWORKS[key].file
        return f"There are no weights for {NETWORKS[key].title}: put {file} into a folder that {VARIABLE} names."
    return _torchvision_fault()


@cache
def _torchvision_fault() -> str:
    """Why torchvision cannot be used, "" if it can."""
    if find_spec("torchvision") is None:
        return NO_TORCHVISION
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError):  # the latter from its operators, in a build for another PyTorch
        return NO_FIT
    return ""
