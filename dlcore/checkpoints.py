"""The trained networks that come with the app, and the files that hold them.

Knows what a file must have to be trusted, safetensors only, so that reading one runs no code; does not know training.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from json import JSONDecodeError
from pathlib import Path
from textwrap import shorten
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialised
from torch import Tensor, nn

from dlcore import manifest, require
from dlcore.datasets.objects import CLASSES
from dlcore.lessons import ROOT
from dlcore.nets import NETS, ConvNet

FOLDER = ROOT / "assets" / "checkpoints"
MOST_BYTES = 50 * 2**20
FACTS = "facts"  # the entry of a file's head that holds them, as JSON
DIGITS = tuple("0123456789")
Facts = dict[str, Any]  # beside the weights


@dataclass(frozen=True, kw_only=True)
class Model:
    """A trained network of the menu."""

    title: str
    data: str  # "objects" or "digits": what it looks at
    classes: tuple[str, ...]
    shape: tuple[int, int, int]  # of an image: channels, height, width
    file: str  # in assets/checkpoints


def _objects(title: str, file: str) -> Model:
    return Model(title=title, data="objects", classes=CLASSES, shape=(3, 64, 64), file=file)


def _digits(title: str, file: str) -> Model:
    return Model(title=title, data="digits", classes=DIGITS, shape=(1, 8, 8), file=file)


MODELS: dict[str, Model] = {
    "plain": _objects("Plain CNN", "plain.safetensors"),
    "noiseless": _objects("Plain CNN, trained without noise", "noiseless.safetensors"),
    "residual": _objects("Residual CNN", "residual.safetensors"),
    "shortcut": _objects("CNN with a shortcut", "shortcut.safetensors"),
    "robust": _objects("Robust CNN", "robust.safetensors"),
    "digits": _digits("Digits CNN", "digits.safetensors"),
    "digits_second": _digits("Digits CNN, trained again", "digits_second.safetensors"),
    "digits_robust": _digits("Robust digits CNN", "digits_robust.safetensors"),
}


@cache
def network(key: str) -> ConvNet:
    """The trained network of this key of MODELS: one for all sessions, to be asked, and never to be hooked or changed.

    Raises: ValueError for an unknown key, and for a file that is missing, damaged, or not the one that was shipped.
    """
    require.one_of("model", key, MODELS)
    path = FOLDER / MODELS[key].file
    if path.is_file():  # what else is wrong with it, `load` says
        manifest.check(path)
    return load(path)


def metadata(path: Path) -> Facts:
    """What was written into a checkpoint beside its weights: network, accuracy, seed, ...

    Raises: ValueError, one sentence, for what is no checkpoint of this project.
    """
    return _read_network(path)[0]


def load(path: Path) -> ConvNet:
    """The network of a file: evaluation mode, float32, no gradients by its weights.

    Raises: ValueError, one sentence, for what is no checkpoint of this project.
    """
    facts, tensors = _read_network(path)
    with torch.device("meta"):  # neither draws nor keeps weights that would be replaced at once
        net = NETS[facts["network"]]()
    fill(net, tensors, path.name)
    return net


def save(path: Path, net: nn.Module, *, network: str, **facts: object) -> None:
    """Writes the network of this key of NETS in half precision, with facts about it; whole or not at all.

    Raises: ValueError for a network that is not in NETS, and for weights that half precision cannot hold.
    """
    require.one_of("network", network, NETS)
    tensors = {name: _halved(name, value) for name, value in net.state_dict().items()}
    write(path, tensors, {"network": network, **facts})


def write(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Writes a safetensors file beside its place, then moves it there: a reader never sees half of one.

    facts: what JSON can hold. All are one entry of the file's head, which has its entries in any order.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Not by save_file, whose files only their owner may read.
        part.write_bytes(serialised(dict(tensors), metadata={FACTS: json.dumps(facts)}))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _halved(name: str, value: Tensor) -> Tensor:
    if not value.is_floating_point():
        return value.contiguous()
    half = value.detach().half().contiguous()
    if not half.isfinite().all():
        raise ValueError(f"{name} has a weight that half precision cannot hold: it must be finite and below 65,504.")
    return half


def read(path: Path, most_bytes: int = MOST_BYTES) -> tuple[Facts, dict[str, Tensor]]:
    """What a safetensors file says of itself, and its tensors by name.

    Raises: ValueError, one sentence, for a file that is missing, too large, or damaged.
    """
    if not path.is_file():
        raise ValueError(f"There is no checkpoint {path.name} in {path.parent}.")
    if path.stat().st_size > most_bytes:
        raise ValueError(f"{path.name} is larger than {most_bytes / 2**20:.0f} MB, which is too large.")
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(FACTS, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  it is no dict
    except (SafetensorError, OSError, JSONDecodeError) as fault:
        raise ValueError(f"{path.name} is no safetensors file, or it is damaged: {fault}.") from fault
    return facts if isinstance(facts, dict) else {}, tensors


def _read_network(path: Path) -> tuple[Facts, dict[str, Tensor]]:
    """As `read`, of a file that names a network."""
    facts, tensors = read(path)
    if str(facts.get("network")) not in NETS:
        raise ValueError(
            f"{path.name} holds the network {facts.get('network')!r}: it must be one of {', '.join(NETS)}."
        )
    return facts, tensors


def fill(net: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Gives a network the tensors of a file as float32, and makes it ready to be asked, which is all it is for.

    Evaluation mode, no gradients by weights, and channels last, in which convolutions take half the time.

    Raises: ValueError, one sentence that names the source, where they are not this network's or not finite.
    """
    for name, value in tensors.items():
        if not value.isfinite().all():
            raise ValueError(f"{source} is damaged: {name} has numbers that are not finite.")
    whole = {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}
    try:
        net.load_state_dict(whole, assign=True)
    except RuntimeError as fault:
        _, *faults = str(fault).splitlines()
        raise ValueError(f"{source} does not fit its network: {shorten(' '.join(faults), 160)}") from fault
    net.eval().requires_grad_(False)
    net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]  torch's types leave it out
