"""ImageNet's networks: found where they are, and trusted only if they are what they say."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from dlcore import imagenet
from dlcore.imagenet import NETWORKS, NO_FIT, NO_TORCHVISION
from dlcore.lessons import ROOT
from dlcore.photo_nets import MEAN, STD
from tests.imagenet.weights import keep, named

# What is there


def test_without_weights_each_says_what_to_do():
    found = imagenet.choices()
    assert found.keys() == {"resnet18", "vit_b_16"}
    assert "resnet18-f37072fd.pth" in found["resnet18"]
    assert "vit_b_16-c867db91.pth" in found["vit_b_16"]
    assert all("DESCENT_WEIGHTS" in said and said.count(". ") == 0 for said in found.values())


def test_the_files_are_those_that_torchvision_offers():
    from torchvision.models import ResNet18_Weights, ViT_B_16_Weights

    offered = {"resnet18": ResNet18_Weights.IMAGENET1K_V1, "vit_b_16": ViT_B_16_Weights.IMAGENET1K_V1}
    for key, weights in offered.items():
        assert weights.url.rpartition("/")[2] == NETWORKS[key].file
        transform = weights.transforms()
        assert (tuple(transform.mean), tuple(transform.std)) == (MEAN, STD)
        assert (3, *transform.crop_size * 2) == imagenet.SHAPE
        assert imagenet.classes(key) == tuple(weights.meta["categories"])
        assert len(imagenet.classes(key)) == 1000


def test_a_file_in_the_folder_makes_a_choice(folder: Path):
    (folder / NETWORKS["resnet18"].file).touch()
    assert imagenet.choices()["resnet18"] == ""
    assert imagenet.choices()["vit_b_16"] != ""


def test_torch_s_own_cache_counts_too(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(imagenet.VARIABLE)
    cache = folder.parent / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / NETWORKS["resnet18"].file).touch()
    assert imagenet.choices()["resnet18"] == ""


@pytest.mark.parametrize("named", ["", "  ", "/nowhere/at all"])
def test_a_folder_that_is_none_is_no_error(monkeypatch: pytest.MonkeyPatch, named: str):
    monkeypatch.setenv(imagenet.VARIABLE, named)
    assert all(imagenet.choices().values())


def test_weights_without_torchvision(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / NETWORKS["resnet18"].file).touch()
    monkeypatch.setattr(imagenet, "find_spec", lambda _: None)
    assert imagenet.choices()["resnet18"] == NO_TORCHVISION
    for ask in (imagenet.network, imagenet.classes):
        with pytest.raises(ValueError, match=r"torchvision is not installed\."):
            ask("resnet18")


def test_a_torchvision_of_another_build(folder: Path, tmp_path: Path):
    """As without the operators above; in a process of its own, since torchvision is imported once."""
    broken = tmp_path / "torchvision"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')\n")
    (folder / NETWORKS["resnet18"].file).touch()
    program = "from dlcore import imagenet; print(imagenet.choices()['resnet18'])"
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, imagenet.VARIABLE: str(folder)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == NO_FIT, done.stderr


@pytest.mark.parametrize("ask", [imagenet.network, imagenet.classes])
def test_an_unknown_network_is_refused(ask):
    with pytest.raises(ValueError, match="model is 'vgg': it must be one of resnet18, vit_b_16"):
        ask("vgg")


def test_a_network_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="There are no weights for ResNet-18"):
        imagenet.network("resnet18")


# Files that cannot be trusted


class Bomb:
    """What a hostile file does when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return (os.mkdir, (str(self.place),))


def test_code_in_a_file_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = keep({"weights": Bomb(tmp_path / "harm")}, folder, monkeypatch)
    with pytest.raises(ValueError, match=f"{path.name} is no file of weights"):
        imagenet.network("resnet18")
    assert not (tmp_path / "harm").exists()


def test_a_plain_pickle_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = folder / "new.pth"
    path.write_bytes(pickle.dumps(Bomb(tmp_path / "harm"), protocol=2))
    named(path, monkeypatch)
    with pytest.raises(ValueError, match="is no file of weights"):
        imagenet.network("resnet18")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("content", [b"", b"weights", b"PK\x03\x04" + bytes(99)])
def test_a_file_of_something_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes):
    path = folder / "new.pth"
    path.write_bytes(content)
    named(path, monkeypatch)
    with pytest.raises(ValueError, match="is no file of weights"):
        imagenet.network("resnet18")


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, {"net": {"fc.weight": 1}}])
def test_more_than_weights_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, content: object):
    keep(content, folder, monkeypatch)
    with pytest.raises(ValueError, match="it must be a dictionary of tensors"):
        imagenet.network("resnet18")


def test_one_changed_byte_is_noticed(resnet: nn.Module, folder: Path, monkeypatch: pytest.MonkeyPatch):
    path = keep(resnet.state_dict(), folder, monkeypatch)
    with path.open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(1_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ValueError, match=f"{path.name} is damaged: its SHA-256 must begin with"):
        imagenet.network("resnet18")


def test_weights_of_another_network_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    keep({"fc.weight": torch.ones(2, 2)}, folder, monkeypatch)
    with pytest.raises(ValueError, match=r"resnet18-\w+\.pth does not fit its network: Missing key"):
        imagenet.network("resnet18")
