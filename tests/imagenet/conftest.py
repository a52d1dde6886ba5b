"""A machine with torchvision and a folder for weights; and networks of torchvision's to make them from."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from dlcore import imagenet
from tests.imagenet.weights import stirred

if TYPE_CHECKING:
    from torchvision.models import VisionTransformer


@pytest.fixture(scope="session", autouse=True)
def operators() -> None:
    """PyPI's torchvision brings its operators compiled for CUDA; beside a CPU build of PyTorch they must be named."""
    if torch.version.cuda is None:
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float threshold) -> Tensor")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine without weights: the folder that DESCENT_WEIGHTS names is empty, and so is torch's cache."""
    monkeypatch.setenv(imagenet.VARIABLE, str(tmp_path / "weights"))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    (tmp_path / "weights").mkdir()
    forget()
    yield tmp_path / "weights"
    forget()


def forget() -> None:
    imagenet.network.cache_clear()
    imagenet._torchvision_fault.cache_clear()


@pytest.fixture(scope="session")
def resnet(operators: None) -> nn.Module:
    """Torchvision's own, with weights and statistics of our making."""
    from torchvision.models import resnet18

    return stirred(resnet18()).eval()


@pytest.fixture
def transformer(monkeypatch: pytest.MonkeyPatch) -> "VisionTransformer":
    """Torchvision's own, but small; and such are all that torchvision makes from here on."""
    import torchvision.models
    from torchvision.models import VisionTransformer

    def small(_: str) -> VisionTransformer:
        return VisionTransformer(32, 8, num_layers=3, num_heads=2, hidden_dim=16, mlp_dim=24)

    monkeypatch.setattr(torchvision.models, "get_model", small)
    return stirred(small("")).eval()
