"""Files of weights as torchvision's, small and made here."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from torch import nn

from dlcore import manifest
from dlcore.device import generator
from dlcore.imagenet import NETWORKS
from dlcore.nets import redraw

Net = TypeVar("Net", bound=nn.Module)


def stirred(net: Net) -> Net:
    """With numbers unlike those that a network begins with, so that none can be left out unnoticed."""
    chances = generator(0)
    redraw(net, chances)
    for name, value in net.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2, generator=chances)
        elif value.is_floating_point():
            value.add_(torch.randn(value.shape, generator=chances), alpha=0.05)
    return net


def keep(weights: object, folder: Path, monkeypatch: pytest.MonkeyPatch, key: str = "resnet18") -> Path:
    """A file as torchvision's: its name ends in the beginning of its checksum."""
    path = folder / "new.pth"
    torch.save(weights, path)
    return named(path, monkeypatch, key)


def named(path: Path, monkeypatch: pytest.MonkeyPatch, key: str = "resnet18") -> Path:
    path = path.rename(path.with_name(f"{key}-{manifest.checksum(path)[:8]}.pth"))
    monkeypatch.setitem(NETWORKS, key, replace(NETWORKS[key], file=path.name))
    return path
