"""ImageNet's networks, rebuilt so that lessons can look inside, answer as torchvision's own."""

import copy
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from dlcore import imagenet
from dlcore.device import generator
from dlcore.nets import redraw
from dlcore.photo_nets import MEAN, STD, PhotoResNet, PhotoTransformer
from tests.imagenet.weights import keep

if TYPE_CHECKING:
    from torchvision.models import VisionTransformer


def photographs(num: int = 2, side: int = 64) -> Tensor:
    return torch.rand(num, 3, side, side, generator=generator(1))


def assert_same_answers(ours: nn.Module, torchvisions: nn.Module, images: Tensor) -> None:
    """On pixels, of which torchvision's are normalised before; in float64, in which rounding is no matter."""
    mean, std = (torch.tensor(numbers).double()[:, None, None] for numbers in (MEAN, STD))
    ours, torchvisions, images = copy.deepcopy(ours).double(), copy.deepcopy(torchvisions).double(), images.double()
    with torch.no_grad():
        torch.testing.assert_close(ours(images), torchvisions((images - mean) / std), rtol=1e-5, atol=1e-5)


def maps_of(part: nn.Module) -> list[Tensor]:
    """A list to which the part's outputs will be added."""
    seen: list[Tensor] = []

    def keep(_: nn.Module, __: Any, output: Tensor) -> None:
        seen.append(output)

    part.register_forward_hook(keep)
    return seen


# The residual network


def test_it_answers_as_torchvision_s_own(resnet: nn.Module, folder: Path, monkeypatch: pytest.MonkeyPatch):
    keep(resnet.state_dict(), folder, monkeypatch)
    net = imagenet.network("resnet18")
    assert imagenet.network("resnet18") is net
    assert_same_answers(net, resnet, photographs())
    assert not any(part.training for part in net.modules())
    assert not any(weight.requires_grad for weight in net.parameters())


def test_it_can_be_looked_into(resnet: nn.Module, folder: Path, monkeypatch: pytest.MonkeyPatch):
    keep(resnet.state_dict(), folder, monkeypatch)
    net = cast(PhotoResNet, copy.deepcopy(imagenet.network("resnet18")))
    relus = [part for part in net.modules() if isinstance(part, nn.ReLU)]
    calls: Counter[int] = Counter()
    for part in relus:
        part.register_forward_hook(lambda part, _, __: calls.update([id(part)]))
    seen = maps_of(net.last_conv)
    net(photographs(side=224))
    assert not any(part.inplace for part in relus)
    assert calls == {id(part): 1 for part in relus}
    assert len(relus) == 17
    assert seen[0].shape == (2, 512, 7, 7)
    held = Counter(id(weight) for _, part in net.layers() for weight in part.parameters())
    assert held == Counter(map(id, net.parameters()))
    assert [words for words, _ in net.layers()][:2] == ["classifier", "residual block 8"]


def test_a_file_without_counters_of_batches_will_do(resnet: nn.Module, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """Older files have none, and they matter to training only."""
    older = {name: value for name, value in resnet.state_dict().items() if "num_batches" not in name}
    keep(older, folder, monkeypatch)
    net = imagenet.network("resnet18")
    assert not any(value.is_meta for value in net.state_dict().values())
    assert_same_answers(net, resnet, photographs())


def test_a_safetensors_file_will_do_also_in_half_precision(resnet: nn.Module, folder: Path):
    halved = copy.deepcopy(resnet).half()
    save_file(halved.state_dict(), folder / "resnet18.safetensors")
    net = imagenet.network("resnet18")
    assert next(net.parameters()).dtype == torch.float32
    assert_same_answers(net, halved, photographs())


# The transformer


def old_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """As torchvision's file has them."""
    return {name.replace("mlp.0", "mlp.linear_1").replace("mlp.3", "mlp.linear_2"): w for name, w in weights.items()}


def test_the_transformer_answers_as_torchvision_s_own(
    transformer: "VisionTransformer", folder: Path, monkeypatch: pytest.MonkeyPatch
):
    keep(old_names(transformer.state_dict()), folder, monkeypatch, "vit_b_16")
    net = imagenet.network("vit_b_16")
    assert_same_answers(net, transformer, photographs(3, 32))
    assert not net.training


def test_grad_cam_finds_maps_in_the_transformer(transformer: "VisionTransformer"):
    net = PhotoTransformer(transformer).eval()
    seen = maps_of(net.last_conv)
    (slope,) = torch.autograd.grad(net(photographs(2, 32))[:, 0].sum(), seen)
    assert slope.shape == (2, 16, 4, 4)
    assert slope.abs().amax(dim=1).min() > 0  # every patch has a say


def test_a_patch_s_features_lie_where_it_does(transformer: "VisionTransformer"):
    """Without attention the features of a patch change with its own pixels only."""
    net = PhotoTransformer(transformer).eval()
    for block in net.blocks:
        nn.init.zeros_(cast(Any, block).self_attention.out_proj.weight)
    seen = maps_of(net.last_conv)
    images = photographs(1, 32).repeat(2, 1, 1, 1)
    images[1, :, 8:16, 24:32] = 0  # the patch in row 1, column 3
    with torch.no_grad():
        net(images)
    changed = (seen[0][0] != seen[0][1]).any(dim=0)
    assert changed.nonzero().tolist() == [[1, 3]]


def test_the_transformer_s_layers_can_be_redrawn_one_by_one(transformer: "VisionTransformer"):
    net = PhotoTransformer(transformer)
    words = [name for name, _ in net.layers()]
    assert words == ["classifier", "attention block 3", "attention block 2", "attention block 1", "patches"]
    for _, part in net.layers():
        before = {name: value.clone() for name, value in net.state_dict().items()}
        own = {id(weight) for weight in part.parameters()}
        redraw(part, generator(3))
        changed = {name for name, value in net.named_parameters() if not torch.equal(value, before[name])}
        assert changed
        assert {id(net.get_parameter(name)) for name in changed} <= own
